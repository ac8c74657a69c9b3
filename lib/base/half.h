/* Numbers of 16 bits: a sign, 5 bits of exponent, 10 of fraction.   IEEE 754-2008, binary16 */
#ifndef TL_BASE_HALF_H
#define TL_BASE_HALF_H

#include <stdint.h>

/* The number that these bits are, which a float and a double hold exactly. */
double tl_half_number(uint16_t bits);

#endif
