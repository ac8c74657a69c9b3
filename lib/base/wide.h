/* Integers of 128 bits, in which products with powers of ten, w·10^e = w·5^e·2^e, are exact; TL_HAVE_WIDE where the compiler has
 * them. */
#ifndef TL_BASE_WIDE_H
#define TL_BASE_WIDE_H

#include <stdint.h>

#ifdef __SIZEOF_INT128__
#define TL_HAVE_WIDE
__extension__ typedef unsigned __int128 tl_wide;
#endif

#define TL_MOST_FIVE 27 /* the last power of 5 in 64 bits */

extern const uint64_t tl_fives[TL_MOST_FIVE + 1]; /* 5 to the 0, 1, … */

#endif
