#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The significant digits of a double that is i·10^−k, rounded, for a whole i
 * below 10^15 and a small k; 0 for others. The quotient of numbers that are
 * exact is what reading i·10^−k gives. */
static int count_short(double value)
{
    static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    for (size_t k = 0; k < sizeof tens / sizeof *tens; k++) {
        const double i = rint(value * tens[k]);
        if (fabs(i) < 1e15 && i / tens[k] == value) {
            int digits = 0;
            int64_t left = (int64_t)fabs(i);
            while (left > 9 && left % 10 == 0)
                left /= 10;
            for (; left > 0; left /= 10)
                digits++;
            return digits;
        }
    }
    return 0;
}

/* If a text of fewer than `sure` digits reads back, those of %.*e with `sure`
 * are its digits and zeros. */
static void write_shortest(double value, const precision *as, char text[TL_NUMBER_BYTES])
{
    const int known = as->single ? 0 : count_short(value);
    if (known > 0) {
        (void)snprintf(text, TL_NUMBER_BYTES, "%.*g", known, value);
        return;
    }
    int digits = fabs(value) >= as->normal && isfinite(value) ? count_digits(value, as->sure) : 1;
    for (; digits <= as->most;
         digits = digits < as->sure && fabs(value) >= as->normal ? as->sure + 1 : digits + 1) {
        (void)snprintf(text, TL_NUMBER_BYTES, "%.*g", digits, value);
        if (reads_back(text, value, as))
            return;
    }
}

static void write_number(double value, const precision *as, char text[TL_NUMBER_BYTES])
{
    plain_locale locale = enter_plain();
    if (fabs(value) < 1e6 && value == trunc(value))
        (void)snprintf(text, TL_NUMBER_BYTES, "%.0f", value);
    else
        write_shortest(value, as, text);
    leave_plain(locale);
    if (isfinite(value))
        trim_exponent(text);
}

void tl_text_of_double(double value, char text[TL_NUMBER_BYTES])
{
    write_number(value, &doubles, text);
}

void tl_text_of_float(float value, char text[TL_NUMBER_BYTES])
{
    write_number((double)value, &floats, text);
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
