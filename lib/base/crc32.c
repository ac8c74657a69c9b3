#include "base/crc32.h"

/* The remainders of all bytes, each followed by eight zero bits. */
static void fill(uint32_t remainders[256])
{
    for (uint32_t i = 0; i < 256; i++) {
        remainders[i] = i;
        for (int bit = 0; bit < 8; bit++)
            remainders[i] = remainders[i] >> 1 ^ (remainders[i] & 1 ? UINT32_C(0xEDB88320) : 0);
    }
}

uint32_t tl_crc32(uint32_t crc, const void *bytes, int64_t count)
{
    const unsigned char *from = bytes;
    uint32_t remainders[256];
    fill(remainders);
    crc = ~crc;
    for (int64_t i = 0; i < count; i++)
        crc = crc >> 8 ^ remainders[(crc ^ from[i]) & 255];
    return ~crc;
}
