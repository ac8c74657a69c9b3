/* The fewest digits that read back to the same number. */
#ifndef TL_BASE_SHORTEST_H
#define TL_BASE_SHORTEST_H

#include <stdbool.h>
#include <stdint.h>

/* digits·10^k, the last of the digits not 0, with 10^exponent the place of the first of them. */
typedef struct tl_shortest {
    uint64_t digits;
    int count, exponent;
} tl_shortest;

/* The digits of a positive number: rounded to so few digits as still are read as the same double; or, of a float, as the same float,
 * read as one or as a double that is rounded. Exact where numbers have 1e-11 to 1e17, of floats 1e-19 to 1e17; false for others, and
 * where the compiler has no integers of 128 bits.
 * Compare: G. L. Steele and J. L. White, How to print floating-point numbers accurately, 1990. */
bool tl_shortest_digits(double value, bool single, tl_shortest *shortest);

#endif
