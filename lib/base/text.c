#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shortest.h"

/* The calling thread's locale is "C" between these two. */
typedef struct plain_locale {
    locale_t own, before;
} plain_locale;

static plain_locale enter_plain(void)
{
    locale_t own = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return (plain_locale){own, uselocale(own)};
}

static void leave_plain(plain_locale locale)
{
    uselocale(locale.before);
    if (locale.own != (locale_t)0)
        freelocale(locale.own);
}

/* "1e-08" is "1e-8", and "2e+05" is "2e5". */
static void trim_exponent(char *text)
{
    char *to = strchr(text, 'e');
    if (to == NULL)
        return;
    const char *from = ++to;
    if (*from == '-')
        to++;
    from += strspn(from, "+-0");
    memmove(to, from, strlen(from) + 1);
}

/* The significant digits of a number that is written with so many of them and
 * an exponent, without zeros at their end. */
static int count_digits(double value, int digits)
{
    char text[TL_NUMBER_BYTES];
    (void)snprintf(text, sizeof text, "%.*e", digits - 1, value);
    const char *at = strchr(text, 'e') - 1;
    for (; digits > 1 && *at == '0'; at--)
        digits--;
    return digits;
}

/* What numbers of a precision need: decimals of up to `sure` digits are kept by
 * its normal numbers, and it needs at most `most` to be kept itself. A float
 * must also be kept by whoever reads a double first. */
typedef struct precision {
    int sure, most;
    double normal;
    bool single;
} precision;

static const precision doubles = {DBL_DIG, DBL_DECIMAL_DIG, DBL_MIN, false},
                       floats = {FLT_DIG, FLT_DECIMAL_DIG, (double)FLT_MIN, true};

static bool reads_back(const char *text, double value, const precision *as)
{
    double number = strtod(text, NULL);
    return as->single ? (double)(float)number == value && (double)strtof(text, NULL) == value
                      : number == value;
}

/* If a text of fewer than `sure` digits reads back, those of %.*e with `sure`
 * are its digits and zeros. */
static void write_shortest(double value, const precision *as, char text[TL_NUMBER_BYTES])
{
    int digits = fabs(value) >= as->normal && isfinite(value) ? count_digits(value, as->sure) : 1;
    for (; digits <= as->most;
         digits = digits < as->sure && fabs(value) >= as->normal ? as->sure + 1 : digits + 1) {
        (void)snprintf(text, TL_NUMBER_BYTES, "%.*g", digits, value);
        if (reads_back(text, value, as))
            return;
    }
}

/* Any number: by trying how many digits it takes. */
static void write_by_trials(double value, const precision *as, char text[TL_NUMBER_BYTES])
{
    plain_locale locale = enter_plain();
    write_shortest(value, as, text);
    leave_plain(locale);
    if (isfinite(value))
        trim_exponent(text);
}

static char *put_digits(char *to, const char *digits, int count)
{
    memcpy(to, digits, (size_t)count);
    return to + count;
}

static char *put_zeros(char *to, int count)
{
    memset(to, '0', (size_t)count);
    return to + count;
}

static char *put_point(char *to)
{
    *to = '.';
    return to + 1;
}

/* Of one digit or two. */
static char *put_exponent(char *to, int exponent)
{
    const int size = abs(exponent);
    *to++ = 'e';
    if (exponent < 0)
        *to++ = '-';
    if (size > 9)
        *to++ = (char)('0' + size / 10);
    *to++ = (char)('0' + size % 10);
    return to;
}

/* d.dde-8 */
static char *put_scientific(char *to, const char *digits, int count, int exponent)
{
    to = put_digits(to, digits, 1);
    if (count > 1)
        to = put_digits(put_point(to), digits + 1, count - 1);
    return put_exponent(to, exponent);
}

/* As %.*g has it, with as many digits as there are; but whole numbers below 10^6 have no exponent. */
static size_t lay_out(const tl_shortest *number, bool negative, char text[TL_NUMBER_BYTES])
{
    char digits[20], *const first = text;
    const int count = number->count, exponent = number->exponent;
    uint64_t left = number->digits;
    for (int i = count; i-- > 0; left /= 10)
        digits[i] = (char)('0' + left % 10);
    *text = '-';
    text += negative;
    if (exponent < -4 || (exponent >= count && exponent >= 6))
        text = put_scientific(text, digits, count, exponent);
    else if (exponent < 0)
        text = put_digits(put_zeros(put_point(put_zeros(text, 1)), -1 - exponent), digits, count);
    else if (exponent >= count - 1)
        text = put_zeros(put_digits(text, digits, count), exponent + 1 - count);
    else
        text = put_digits(put_point(put_digits(text, digits, exponent + 1)), digits + exponent + 1,
                          count - 1 - exponent);
    *text = '\0';
    return (size_t)(text - first);
}

static tl_shortest whole_number(uint32_t number)
{
    int count = 1;
    for (uint32_t left = number; left > 9; left /= 10)
        count++;
    return (tl_shortest){number, count, count - 1};
}

static size_t write_number(double value, const precision *as, char text[TL_NUMBER_BYTES])
{
    const double size = fabs(value);
    tl_shortest number;
    if (size < 1e6 && size == trunc(size))
        number = whole_number((uint32_t)size);
    else if (!tl_shortest_digits(size, as->single, &number)) {
        write_by_trials(value, as, text);
        return strlen(text);
    }
    return lay_out(&number, signbit(value), text);
}

size_t tl_text_of_double(double value, char text[TL_NUMBER_BYTES])
{
    return write_number(value, &doubles, text);
}

size_t tl_text_of_float(float value, char text[TL_NUMBER_BYTES])
{
    return write_number((double)value, &floats, text);
}

bool tl_text_to_double(const char *text, double *value)
{
    char *end;
    plain_locale locale = enter_plain();
    double read = strtod(text, &end);
    leave_plain(locale);
    if (end == text || *end != '\0' || isspace((unsigned char)*text))
        return false;
    *value = read;
    return true;
}

bool tl_text_to_integer(const char *text, int64_t *value)
{
    char *end;
    int before = errno;
    errno = 0;
    long long read = strtoll(text, &end, 10);
    bool fits = errno == 0 && read >= INT64_MIN && read <= INT64_MAX;
    errno = before;
    if (end == text || *end != '\0' || isspace((unsigned char)*text) || !fits)
        return false;
    *value = read;
    return true;
}
