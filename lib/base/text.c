#include "base/text.h"

#include <ctype.h>
#include <errno.h>
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

void tl_text_of_double(double value, char text[TL_NUMBER_BYTES])
{
    plain_locale locale = enter_plain();
    if (fabs(value) < 1e6 && value == trunc(value))
        (void)snprintf(text, TL_NUMBER_BYTES, "%.0f", value);
    else
        for (int digits = 1; digits <= 17; digits++) {
            (void)snprintf(text, TL_NUMBER_BYTES, "%.*g", digits, value);
            if (strtod(text, NULL) == value)
                break;
        }
    leave_plain(locale);
    if (isfinite(value))
        trim_exponent(text);
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
