/* Decimal numbers become the nearest double: against the C library's strtod, which rounds exactly, in its own locale. */
#include <float.h>
#include <locale.h>
#include <stdio.h>

#include "data/decimal.h"
#include "support.h"

static bool read_number(const char *text, double *value)
{
    char copy[2048];
    const size_t length = strlen(text);
    memcpy(copy, text, length);
    copy[length] = '7'; /* what follows is no part of it */
    bool is_number = tl_decimal_read(copy, copy + length, value);
    ck_assert_int_eq(copy[length], '7');
    return is_number;
}

/* The same bits, so that zeros have their signs. */
static void agrees(const char *text)
{
    double value, expected = strtod(text, NULL);
    ck_assert_msg(read_number(text, &value), "%s", text);
    ck_assert_msg(memcmp(&value, &expected, sizeof value) == 0, "%s is %.17g, not %.17g", text, value,
                  expected);
}

START_TEST(numbers_with_known_troubles_are_the_nearest)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "0e50",
                                        "-0.000000000000000000000000000000e-400",
                                        "1",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "9007199254740993.0",
                                        "9007199254740995",
                                        "9007199254740993.000000000000000000000001",
                                        "1e22",
                                        "1e23",
                                        "9007199254740991e22",
                                        "1e-22",
                                        "1e-23",
                                        "123456789012345678e-27",
                                        "1844674407370955161e27",
                                        "9999999999999999999e27",
                                        "9999999999999999999e-27",
                                        "9999999999999999999e28",
                                        "1e-28",
                                        "1e308",
                                        "1.7976931348623157e308",
                                        "1.7976931348623158e308",
                                        "1.7976931348623159e308",
                                        "1e309",
                                        "4.9406564584124654e-324",
                                        "2.4703282292062327e-324",
                                        "2.4703282292062328e-324",
                                        "2.2250738585072011e-308",
                                        "2.2250738585072014e-308",
                                        "1e-400",
                                        "0.1",
                                        "0.3",
                                        "00000000000000000000000000000.1",
                                        "0.00000000000000000000000000000000000001234567890123456789",
                                        "1e99999999999999999999",
                                        "1e-99999999999999999999",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "0.5000000000000000000000001",
                                        "1.00000000000000011102230246251565404236316680908203125",
                                        "1.00000000000000011102230246251565404236316680908203124",
                                        "1.00000000000000033306690738754696",
                                        "8.5e-1",
                                        "6.0221407600e+23",
                                        "5e-324",
                                        "+3",
                                        ".5",
                                        "5.",
                                        "5.e1",
                                        "1E5",
                                        "-1e+05"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        agrees(texts[i]);
}
END_TEST

/* Halfway cases of the quotient and of the product: m + ½ units in the last place, written out exactly. */
START_TEST(halves_go_to_even)
{
    for (int e = 0; e < 10; e++)
        for (uint64_t m = (UINT64_C(1) << 53) - 3; m < (UINT64_C(1) << 53) + 5; m++) {
            char text[64];
            snprintf(text, sizeof text, "%llu.5", (unsigned long long)m);
            agrees(text);
            snprintf(text, sizeof text, "%llu", (unsigned long long)((2 * m + 1) << e));
            agrees(text);
        }
}
END_TEST

START_TEST(random_numbers_are_the_nearest)
{
    number_stream numbers = numbers_from(7);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t bits = (uint64_t)(fabs(next_number(&numbers)) * 0x1p32) << 32 |
                        (uint64_t)(fabs(next_number(&numbers)) * 0x1p32);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) {
            snprintf(text, sizeof text, "%.*g", 15 + i % 5, value);
            agrees(text);
        }
        snprintf(text, sizeof text, "%.*f", i % 19, 1000 * next_number(&numbers));
        agrees(text);
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)(bits >> i % 40), i % 61 - 30);
        agrees(text);
    }
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
    static const char *const none[] = {"",     ".",    "+",   "-",   "e1",   "1e",   "1e+",
                                       "1e-",  "1.e",  "0x1", "1 ",  " 1",   "1,5",  "1..2",
                                       "1.2.", "--1",  "+-1", "nan", "infi", "1f",   "info",
                                       "1e5x", "1e5.", "1_0", "in",  "-.e1", "-nan", "１"};
    double value;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(!read_number(none[i], &value), "%s", none[i]);
    static const char *const infinite[] = {"inf", "-INF", "Infinity", "+inf", "-infinity"};
    for (size_t i = 0; i < sizeof infinite / sizeof *infinite; i++) {
        ck_assert_msg(read_number(infinite[i], &value), "%s", infinite[i]);
        ck_assert(isinf(value) && (value < 0) == (infinite[i][0] == '-'));
    }
}
END_TEST

START_TEST(a_locale_with_a_comma_changes_nothing)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && found == NULL; i++)
        found = setlocale(LC_ALL, names[i]);
    double value; /* in the C locale if there is no other on this machine */
    ck_assert(read_number("0.5", &value) && value == 0.5);
    ck_assert(read_number("0.500000000000000000000000", &value) && value == 0.5);
    ck_assert(read_number("12345678.5e-40", &value) && value == 12345678.5e-40);
    ck_assert(!read_number("0,5", &value));
    setlocale(LC_ALL, "C");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decimal");
    add_case(suite, "all", numbers_with_known_troubles_are_the_nearest, halves_go_to_even,
             random_numbers_are_the_nearest, what_is_no_number_is_refused,
             a_locale_with_a_comma_changes_nothing);
    return run_suite(suite);
}
