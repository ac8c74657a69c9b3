#include "data/decimal.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/wide.h"

/* w·10^e, of which the sign is left out */
typedef struct decimal {
    uint64_t w;
    int64_t e;
    int digits; /* of w without zeros in front; with more than MOST_DIGITS w is wrong */
} decimal;

#define MOST_DIGITS   19 /* that always fit into 64 bits */
#define SURE_DIGITS   15 /* that always fit into a double */
#define MOST_EXPONENT 99999

static bool is_digit(char byte)
{
    return (unsigned char)(byte - '0') < 10;
}

static const char *read_digits(const char *at, const char *end, uint64_t *w)
{
    uint64_t number = *w;
    for (; at < end && is_digit(*at); at++)
        number = 10 * number + (uint64_t)(*at - '0');
    *w = number;
    return at;
}

/* The digits of a text whose digits w has lost. */
static int count_digits(const char *at, const char *end)
{
    int digits = 0;
    for (; at < end && (is_digit(*at) || *at == '.') && digits <= MOST_DIGITS; at++)
        digits += *at != '.' && (digits > 0 || *at != '0');
    return digits;
}

/* The exponent after an e; NULL if there is none. */
static const char *read_exponent(const char *at, const char *end, int64_t *exponent)
{
    uint64_t number = 0;
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    const char *first = at;
    for (; at < end && is_digit(*at); at++)
        number = number > MOST_EXPONENT ? number : 10 * number + (uint64_t)(*at - '0');
    *exponent = negative ? -(int64_t)number : (int64_t)number;
    return at > first ? at : NULL;
}

/* Reads a number without its sign, whose digits before `at` are read already; false if it is none. */
static bool scan(const char *text, const char *at, const char *end, decimal *number)
{
    const char *point = at;
    ptrdiff_t digits = at - text;
    if (at < end && *at == '.') {
        at = read_digits(at + 1, end, &number->w);
        number->e = point + 1 - at;
        digits = at - text - 1;
    }
    if (digits == 0)
        return false;
    number->digits = digits <= MOST_DIGITS ? (int)digits : count_digits(text, end);
    if (at < end && (*at | 0x20) == 'e') {
        int64_t exponent;
        at = read_exponent(at + 1, end, &exponent);
        number->e += at == NULL ? 0 : exponent;
    }
    return at == end;
}

/* Both factors are exact, so the result is the nearest:  Clinger, How to read floating point numbers accurately, 1990. */
static bool read_short(const decimal *number, double *value)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (number->w == 0) {
        *value = 0;
        return true;
    }
    if (number->w > UINT64_C(1) << 53 || number->e < -22 || number->e > 22)
        return false;
    *value = number->e < 0 ? (double)number->w / tens[-number->e] : (double)number->w * tens[number->e];
    return true;
}

#ifdef TL_HAVE_WIDE
/* q·2^e, rounded to the nearest, halves to even; q has more than 53 bits */
static double round_wide(tl_wide q, int e)
{
    uint64_t high = (uint64_t)(q >> 64);
    int bits = high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)q);
    int shift = bits - 53;
    uint64_t m = (uint64_t)(q >> shift);
    tl_wide rest = q - ((tl_wide)m << shift), half = (tl_wide)1 << (shift - 1);
    m += rest > half || (rest == half && (m & 1) != 0);
    return ldexp((double)m, shift + e);
}

/* w·10^e = w·5^e·2^e: the product is exact in 128 bits, and of the quotient those bits are known that rounding asks for, and
 * whether others follow. w is not 0. */
static bool read_wide(const decimal *number, double *value)
{
    if (number->e < -TL_MOST_FIVE || number->e > TL_MOST_FIVE)
        return false;
    int e = (int)number->e, zeros = __builtin_clzll(number->w);
    tl_wide w = number->w << zeros, power = tl_fives[abs(e)];
    if (e >= 0) {
        *value = round_wide(w * power, e - zeros);
        return true;
    }
    tl_wide quotient = (w << 64) / power;
    *value = round_wide(quotient | (quotient * power != w << 64), e - zeros - 64);
    return true;
}
#else
static bool read_wide(const decimal *number, double *value)
{
    (void)number, (void)value;
    return false;
}
#endif

static bool is_word(const char *text, const char *end, const char *word)
{
    for (; text < end && *word != '\0'; text++, word++)
        if ((*text | 0x20) != *word)
            return false;
    return text == end && *word == '\0';
}

static double read_long(const char *text, char *end)
{
    double value = NAN;
    const char kept = *end;
    *end = '\0';
    (void)tl_text_to_double(text, &value);
    *end = kept;
    return value;
}

/* A number without its sign that is no short whole one; the digits before `at` are w. */
static bool read_any(const char *text, const char *at, char *end, uint64_t w, double *size)
{
    decimal number = {.w = w};
    if (scan(text, at, end, &number)) {
        if (number.digits > MOST_DIGITS || !(read_short(&number, size) || read_wide(&number, size)))
            *size = read_long(text, end);
        return true;
    }
    if (!is_word(text, end, "inf") && !is_word(text, end, "infinity"))
        return false;
    *size = INFINITY;
    return true;
}

bool tl_decimal_read(const char *text, char *end, double *value)
{
    uint64_t w = 0;
    const bool negative = text < end && *text == '-';
    text += text < end && (*text == '-' || *text == '+');
    const char *at = read_digits(text, end, &w);
    if (at == end && at > text && at - text <= SURE_DIGITS)
        *value = (double)(int64_t)w;
    else if (!read_any(text, at, end, w, value))
        return false;
    *value = negative ? -*value : *value;
    return true;
}
