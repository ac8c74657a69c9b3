/* JSON, read and put together: what the format allows, and what it does not. */
#include <stdio.h>

#include "base/json.h"
#include "base/json_text.h"
#include "fixture.h"

static tl_json json_of(const char *text)
{
    return tl_json_of(context, "the text", text, (int64_t)strlen(text));
}

/* The whole text is one value. */
static talus_status check(const char *text, size_t length)
{
    tl_json json = tl_json_of(context, "the text", text, (int64_t)length);
    talus_status status = tl_json_skip(&json);
    return status == TALUS_OK ? tl_json_end(&json) : status;
}

START_TEST(what_the_format_allows_is_taken)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1.5e-3",
                                        "1E+2",
                                        "-12.0e05",
                                        "true",
                                        "false",
                                        "null",
                                        "\"\"",
                                        "[]",
                                        "{}",
                                        " [ 1 , [ ] , { } ] ",
                                        "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"d\":0}",
                                        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                        "\"\\u0041\\ud83d\\ude00\"",
                                        "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"",
                                        "\n\t\r 1",
                                        "[[[[[[[[[[1],2],3]]]]]]]]",
                                        "\"\x7F\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(check(texts[i], strlen(texts[i])) == TALUS_OK, "%s: %s", texts[i],
                      talus_error_message(context));
}
END_TEST

START_TEST(what_it_does_not_allow_is_refused)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "01",
                                        "-",
                                        "+1",
                                        ".5",
                                        "1.",
                                        "1e",
                                        "1e+",
                                        "0x10",
                                        "NaN",
                                        "Infinity",
                                        "tru",
                                        "True",
                                        "nul",
                                        "\"",
                                        "\"\\",
                                        "\"\\q\"",
                                        "\"\\u12\"",
                                        "\"\\u123g\"",
                                        "\"\\ud800\"",
                                        "\"\\ud800\\u0041\"",
                                        "\"\\udc00\"",
                                        "\"\\u0000\"",
                                        "\"a\nb\"",
                                        "\"\x1F\"",
                                        "\"\xC0\x80\"",
                                        "\"\xE0\x80\x80\"",
                                        "\"\xED\xA0\x80\"",
                                        "\"\xF4\x90\x80\x80\"",
                                        "\"\xFF\"",
                                        "\"\xC3\"",
                                        "\"\x80\"",
                                        "'a'",
                                        "[",
                                        "[1",
                                        "[1,",
                                        "[1,]",
                                        "[,1]",
                                        "[1 2]",
                                        "[1}",
                                        "]",
                                        "{",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "{\"a\":1",
                                        "{\"a\":1,}",
                                        "{\"a\" 1}",
                                        "{a:1}",
                                        "{1:1}",
                                        "{\"a\":1]",
                                        "{\"a\":1 \"b\":2}",
                                        "1 2",
                                        "[] []",
                                        "/* */ 1",
                                        "\357\273\2771",
                                        "{\"a\":1,,\"b\":2}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_msg(check(texts[i], strlen(texts[i])) == TALUS_ERROR_FORMAT, "%s", texts[i]);
        expect_message(context, "the text: byte ");
    }
    ck_assert_int_eq(check("1\0", 2), TALUS_ERROR_FORMAT);
    ck_assert_int_eq(check("\"\0\"", 3), TALUS_ERROR_FORMAT);
}
END_TEST

START_TEST(every_end_that_comes_too_early_is_noticed)
{
    static const char text[] = "{\"a\":[1.5e+3,true,null],\"b\":{\"\\u00e9\":\"\xC3\xA9\"}}";
    for (size_t length = 0; length < sizeof text - 1; length++)
        ck_assert_int_eq(check(text, length), TALUS_ERROR_FORMAT);
    ck_assert_int_eq(check(text, sizeof text - 1), TALUS_OK);
}
END_TEST

START_TEST(depth_is_bounded)
{
    char text[2 * TL_JSON_DEPTH + 2];
    memset(text, '[', TL_JSON_DEPTH);
    memset(text + TL_JSON_DEPTH, ']', TL_JSON_DEPTH);
    ck_assert_int_eq(check(text, (size_t)2 * TL_JSON_DEPTH), TALUS_OK);
    memset(text, '[', sizeof text);
    ck_assert_int_eq(check(text, sizeof text), TALUS_ERROR_FORMAT);
    expect_message(context, "byte 65: objects and arrays must nest at most 64 deep");
}
END_TEST

START_TEST(values_are_read_in_turn)
{
    tl_json json = json_of(
        " { \"name\" : \"\\ud83d\\ude00\\n\" , \"list\" : [ 1, -2.5, 9007199254740993 ], \"yes\":true, "
        "\"none\":null, \"rest\":[{},[[]]] } ");
    char text[8];
    size_t length;
    double numbers[2];
    int64_t integer;
    bool flag;
    talus_status status = tl_json_open(&json, '{');
    ck_assert(tl_json_more(&json, &status));
    expect_ok(context, tl_json_key(&json, text, sizeof text));
    ck_assert_str_eq(text, "name");
    expect_ok(context, tl_json_string(&json, text, sizeof text, &length));
    ck_assert_str_eq(text, "\xF0\x9F\x98\x80\n");
    ck_assert_uint_eq(length, 5);
    ck_assert(tl_json_more(&json, &status));
    expect_ok(context, tl_json_key(&json, text, sizeof text));
    expect_ok(context, tl_json_open(&json, '['));
    for (int i = 0; i < 2; i++) {
        ck_assert(tl_json_more(&json, &status));
        expect_ok(context, tl_json_number(&json, &numbers[i]));
    }
    ck_assert(numbers[0] == 1 && numbers[1] == -2.5);
    ck_assert(tl_json_more(&json, &status));
    expect_ok(context, tl_json_integer(&json, &integer));
    ck_assert_int_eq(integer, 9007199254740993);
    ck_assert(!tl_json_more(&json, &status));
    ck_assert(tl_json_more(&json, &status));
    expect_ok(context, tl_json_key(&json, text, sizeof text));
    expect_ok(context, tl_json_flag(&json, &flag));
    ck_assert(flag);
    ck_assert(tl_json_more(&json, &status));
    expect_ok(context, tl_json_key(&json, text, sizeof text));
    ck_assert_int_eq(tl_json_peek(&json), 'n');
    expect_ok(context, tl_json_null(&json));
    ck_assert(tl_json_more(&json, &status));
    expect_ok(context, tl_json_key(&json, text, sizeof text));
    expect_ok(context, tl_json_skip(&json));
    ck_assert(!tl_json_more(&json, &status));
    expect_ok(context, status);
    expect_ok(context, tl_json_end(&json));
}
END_TEST

START_TEST(values_of_another_kind_are_refused)
{
    char text[4];
    double number;
    int64_t integer;
    bool flag;
    tl_json json = json_of("[\"long\"]");
    expect_status(context, TALUS_ERROR_FORMAT, tl_json_open(&json, '{'));
    expect_message(context, "the text: byte 0: '{' must come here, got '['");
    expect_status(context, TALUS_ERROR_FORMAT, tl_json_number(&json, &number));
    expect_ok(context, tl_json_open(&json, '['));
    expect_status(context, TALUS_ERROR_FORMAT, tl_json_flag(&json, &flag));
    expect_message(context, "true or false must come here, got '\"'");
    expect_status(context, TALUS_ERROR_FORMAT, tl_json_null(&json));
    expect_status(context, TALUS_ERROR_FORMAT, tl_json_string(&json, text, sizeof text, NULL));
    expect_message(context, "a string must have at most 3 bytes here");
    static const char *const no_integers[] = {"1.0", "1e3", "9223372036854775808", "x"};
    for (size_t i = 0; i < sizeof no_integers / sizeof *no_integers; i++) {
        json = json_of(no_integers[i]);
        expect_status(context, TALUS_ERROR_FORMAT, tl_json_integer(&json, &integer));
    }
    json = json_of("1");
    expect_status(context, TALUS_ERROR_FORMAT, tl_json_string(&json, text, sizeof text, NULL));
    expect_message(context, "a string must come here, got '1'");
}
END_TEST

START_TEST(numbers_may_be_long_but_not_endless)
{
    char text[1200];
    memset(text, '1', sizeof text);
    double number;
    tl_json json = tl_json_of(context, "the text", text, 400);
    expect_ok(context, tl_json_number(&json, &number));
    ck_assert(isinf(number));
    json = tl_json_of(context, "the text", text, sizeof text);
    expect_status(context, TALUS_ERROR_FORMAT, tl_json_number(&json, &number));
}
END_TEST

/* What is put together reads back as it was. */
START_TEST(what_is_put_together_reads_back)
{
    static const double numbers[] = {0.1, -0.0, 1e300, 5e-324, 1.0 / 3, INFINITY, -INFINITY, 12345678};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    tl_buffer text = {.context = context};
    tl_json_put_open(&text, '{');
    tl_json_put_key(&text, "a \"b\"\\\n");
    tl_json_put_open(&text, '[');
    for (int i = 0; i < COUNT; i++)
        tl_json_put_number(&text, numbers[i]);
    tl_json_put_number(&text, NAN);
    tl_json_put_close(&text, ']');
    tl_json_put_key(&text, "i");
    tl_json_put_integer(&text, INT64_MIN);
    tl_json_put_key(&text, "s");
    tl_json_put_string(&text, "\xC3\xA9\xFF");
    tl_json_put_key(&text, "f");
    tl_json_put_flag(&text, false);
    tl_json_put_key(&text, "n");
    tl_json_put_null(&text);
    tl_json_put_close(&text, '}');
    expect_ok(context, tl_buffer_check(&text, "the text"));
    tl_buffer_add(&text, "", 1);
    ck_assert_str_eq(
        text.bytes,
        "{\"a \\\"b\\\"\\\\\\u000a\":[0.1,-0,1e300,5e-324,0.3333333333333333,1e999,-1e999,12345678,null],"
        "\"i\":-9223372036854775808,\"s\":\"\xC3\xA9\xEF\xBF\xBD\",\"f\":false,\"n\":null}");
    tl_json json = tl_json_of(context, "the text", text.bytes, (int64_t)text.length - 1);
    char key[16];
    talus_status status = tl_json_open(&json, '{');
    ck_assert(tl_json_more(&json, &status));
    expect_ok(context, tl_json_key(&json, key, sizeof key));
    ck_assert_str_eq(key, "a \"b\"\\\n");
    expect_ok(context, tl_json_open(&json, '['));
    for (int i = 0; i < COUNT; i++) {
        double number;
        ck_assert(tl_json_more(&json, &status));
        expect_ok(context, tl_json_number(&json, &number));
        ck_assert(memcmp(&number, &numbers[i], sizeof number) == 0);
    }
    tl_buffer_release(&text);
}
END_TEST

START_TEST(lack_of_memory_is_noticed_at_the_end)
{
    tl_buffer text = {.context = context};
    refuse_from_now(&book, 1);
    tl_json_put_string(&text, "a");
    book.fail_at = 0;
    tl_json_put_string(&text, "b");
    expect_status(context, TALUS_ERROR_MEMORY, tl_buffer_check(&text, "the text"));
    expect_message(context, "there is no memory for the text");
    tl_buffer_release(&text);
}
END_TEST

/* Collects "name=value;" and ends before a name. */
typedef struct collection {
    char text[128];
    const char *last;
} collection;

static int collect(const char *name, const char *value, void *user)
{
    collection *to = user;
    if (to->last != NULL && strcmp(name, to->last) == 0)
        return 1;
    size_t length = strlen(to->text);
    snprintf(to->text + length, sizeof to->text - length, "%s=%s;", name, value);
    return 0;
}

START_TEST(members_of_an_object_are_given_in_turn)
{
    static const char text[] =
        " {\"a\": \"x\\ny\", \"b\" : -1.50, \"c\":[1, {}], \"d\":null, \"\":{\"e\":1}} ";
    collection all = {"", NULL}, some = {"", "c"};
    expect_ok(context, talus_json_each(context, text, collect, &all));
    ck_assert_str_eq(all.text, "a=x\ny;b=-1.50;c=[1, {}];d=null;={\"e\":1};");
    expect_ok(context, talus_json_each(context, text, collect, &some));
    ck_assert_str_eq(some.text, "a=x\ny;b=-1.50;");
    expect_status(context, TALUS_ERROR_FORMAT, talus_json_each(context, "[1]", collect, &all));
    expect_status(context, TALUS_ERROR_FORMAT, talus_json_each(context, "{} x", collect, &all));
    expect_status(context, TALUS_ERROR_FORMAT, talus_json_each(context, "{\"a\":tru}", collect, &all));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_json_each(context, NULL, collect, &all));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_json_each(context, text, NULL, &all));
    ck_assert_int_eq(talus_json_each(NULL, text, collect, &all), TALUS_ERROR_ARGUMENT);
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_json_each(context, text, collect, &all));
    book.fail_at = 0;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *all = case_with(suite, begin_counted, end_counted);
    tcase_add_test(all, what_the_format_allows_is_taken);
    tcase_add_test(all, what_it_does_not_allow_is_refused);
    tcase_add_test(all, every_end_that_comes_too_early_is_noticed);
    tcase_add_test(all, depth_is_bounded);
    tcase_add_test(all, values_are_read_in_turn);
    tcase_add_test(all, values_of_another_kind_are_refused);
    tcase_add_test(all, numbers_may_be_long_but_not_endless);
    tcase_add_test(all, what_is_put_together_reads_back);
    tcase_add_test(all, lack_of_memory_is_noticed_at_the_end);
    tcase_add_test(all, members_of_an_object_are_given_in_turn);
    return run_suite(suite);
}
