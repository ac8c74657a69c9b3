/* The CRC-32 of gzip and zip: the remainder of division by x³² + x²⁶ + x²³ + x²² + x¹⁶ + x¹² + x¹¹ + x¹⁰ + x⁸ + x⁷ + x⁵ +
 * x⁴ + x² + x + 1, bits reversed.   ISO 3309; RFC 1952, section 8 */
#ifndef TL_BASE_CRC32_H
#define TL_BASE_CRC32_H

#include <stdint.h>

/* The CRC of what had the CRC `crc` (0: nothing) and of further bytes. */
uint32_t tl_crc32(uint32_t crc, const void *bytes, int64_t count);

#endif
