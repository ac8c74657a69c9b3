#include "base/shortest.h"

#include <float.h>
#include <string.h>

#include "base/wide.h"

#ifdef TL_HAVE_WIDE

/* A number m·2^e, m having 53 bits, times 10^p: whole + rest/2^shift. In units of 2^−shift, the spacing of doubles is `ulp`. */
typedef struct scaled {
    uint64_t m, whole;
    tl_wide rest, ulp;
    int shift;
} scaled;

/* m·5^p has less than 117 bits. */
static scaled scale(uint64_t m, int e, int p)
{
    const int left = e + p > 0 ? e + p : 0, shift = left - e - p;
    const tl_wide ulp = (tl_wide)tl_fives[p] << left, product = m * ulp;
    const uint64_t whole = (uint64_t)(product >> shift);
    return (scaled){m, whole, product - ((tl_wide)whole << shift), ulp, shift};
}

/* Whether a decimal that is so far above or below the number is read as the number. Readers round to the nearest, halves to even;
 * below a power of two numbers are twice as close. A float that is read as a double first is another only if this double is halfway
 * between two floats: so the decimal of an odd one, to which halves are not rounded, must be nearer by half a spacing of doubles. */
static bool reads_back(const scaled *number, bool single, tl_wide distance, bool above)
{
    const int bits = single ? DBL_MANT_DIG - FLT_MANT_DIG : 0;
    const bool even = (number->m >> bits & 1) == 0, close = !above && number->m == UINT64_C(1) << 52;
    const tl_wide allowed = (number->ulp << bits) * (close ? 1 : 2); /* in quarters */
    if (even)
        return 4 * distance <= allowed;
    return 4 * distance + (single ? 2 * number->ulp : 0) < allowed;
}

/* The number in whole units, rounded to the nearest, halves to even. False if they are read as another number. */
static bool round_to(const scaled *number, bool single, uint64_t unit, uint64_t *units)
{
    const tl_wide one = (tl_wide)unit << number->shift,
                  rest = ((tl_wide)(number->whole % unit) << number->shift) + number->rest;
    *units = number->whole / unit;
    const bool above = 2 * rest > one || (2 * rest == one && *units % 2 == 1);
    *units += above;
    return reads_back(number, single, above ? one - rest : rest, above);
}

static uint64_t ten_to(int power)
{
    return tl_fives[power] << power;
}

/* The digits of a whole number of `count` digits, or one more, without the zeros at its end. */
static tl_shortest without_zeros(uint64_t digits, int count, int exponent)
{
    if (digits == ten_to(count))
        return (tl_shortest){1, 1, exponent + 1};
    for (int zeros = 8; zeros > 0; zeros /= 2)
        if (digits % ten_to(zeros) == 0) {
            digits /= ten_to(zeros);
            count -= zeros;
        }
    return (tl_shortest){digits, count, exponent};
}

/* If fewer than `sure` digits are enough, those are `sure` digits with zeros at their end. */
bool tl_shortest_digits(double value, bool single, tl_shortest *shortest)
{
    const int sure = single ? FLT_DIG : DBL_DIG, most = single ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    uint64_t bits, digits = 0;
    if (!(value >= 1e-19 && value < 1e17))
        return false;
    memcpy(&bits, &value, sizeof bits);
    const int e = (int)(bits >> 52) - 1075,
              least = (e + 52) * 1233 >> 12; /* ⌊(e + 52)·lg 2⌋, the exponent of 10 or one less */
    const int p = 16 - least < TL_MOST_FIVE ? 16 - least : TL_MOST_FIVE;
    const uint64_t first = UINT64_C(1) << 52, m = (bits & (first - 1)) | first;
    const scaled number = scale(m, e, p);
    const int exponent = least + (number.whole >= ten_to(least + p + 1)), all = exponent + p + 1;
    if (all < most)
        return false;
    int count = sure;
    while (!round_to(&number, single, ten_to(all - count), &digits) && count < most)
        count++;
    *shortest = without_zeros(digits, count, exponent);
    return true;
}

#else

bool tl_shortest_digits(double value, bool single, tl_shortest *shortest)
{
    (void)value, (void)single, (void)shortest;
    return false;
}

#endif
