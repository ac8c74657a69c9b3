/* Options by name and as text. */
#include <float.h>
#include <limits.h>
#include <locale.h>

#include "base/text.h"
#include "option_support.h"

/* Set as text, got as text, and set again: the same value, for numbers of every kind. */
static void go_round(int structure, const talus_option *info, double value)
{
    any_struct options, again;
    char text[64];
    size_t length;
    defaults(structure, &options);
    defaults(structure, &again);
    store(&options, info, value);
    expect_ok(context,
              talus_option_get(context, structure, &options, info->name, text, sizeof text, &length));
    ck_assert_uint_eq(length, strlen(text));
    expect_ok(context, talus_option_set(context, structure, &again, info->name, text));
    ck_assert_msg(memcmp(&options, &again, sizeof options) == 0, "%s = %s", info->name, text);
}

static void go_round_all(int structure)
{
    static const double numbers[] = {0.1,           1.0 / 3, 1e-8, 0.5,   DBL_MIN,    DBL_MAX,    5e-324,
                                     123456789.125, 1e22,    1,    65536, 0.99999999, 2147483647, -7,
                                     1e15,          -4e18};
    for (int index = 0; index < talus_option_count(structure); index++) {
        talus_option info = info_of(structure, index);
        bool is_double = info.type == TALUS_OPTION_TYPE_DOUBLE;
        if (info.type == TALUS_OPTION_TYPE_POINTER)
            continue;
        if (isfinite(info.most) && !is_double && info.most < 100)
            for (double value = info.least; value <= info.most; value++)
                go_round(structure, &info, value);
        double top = info.size == 8 ? 9e18 : INT_MAX;
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            double x = numbers[i];
            bool low = info.least_open ? x <= info.least : x < info.least;
            bool high = info.most_open ? x >= info.most : x > info.most;
            if (!low && !high && (is_double || (x == trunc(x) && fabs(x) <= top)))
                go_round(structure, &info, x);
        }
    }
}

START_TEST(values_go_round_as_text)
{
    go_round_all(_i);
}
END_TEST

START_TEST(a_locale_with_a_comma_changes_nothing)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && found == NULL; i++)
        found = setlocale(LC_ALL, names[i]);
    if (found == NULL)
        return; /* there is none on this machine */
    ck_assert_str_eq(localeconv()->decimal_point, ",");
    for (int structure = 0; structure < STRUCTURES; structure++)
        go_round_all(structure);
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_ADAM);
    expect_ok(context, talus_option_set(context, TALUS_STRUCTURE_OPTIMIZER, &spec, "beta1", "0.75"));
    ck_assert_double_eq(spec.beta1, 0.75);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_option_set(context, TALUS_STRUCTURE_OPTIMIZER, &spec, "beta1", "0,5"));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_option_set(context, TALUS_STRUCTURE_OPTIMIZER, &spec, "beta1", "1.5"));
    expect_message(context, "got \"1.5\"");
    ck_assert_str_eq(localeconv()->decimal_point, ","); /* the caller's own still stands */
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(texts_have_few_digits)
{
    static const struct {
        double number;
        const char *text;
    } pairs[] = {{0, "0"},
                 {0.1, "0.1"},
                 {1e-8, "1e-8"},
                 {128, "128"},
                 {100000, "100000"},
                 {1e22, "1e22"},
                 {-2.5, "-2.5"},
                 {0.001, "0.001"},
                 {1e300, "1e300"},
                 {1.0 / 3, "0.3333333333333333"},
                 {5e-324, "5e-324"},
                 {1e10, "1e10"},
                 {123456.75, "123456.75"}};
    char text[TL_NUMBER_BYTES];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        tl_text_of_double(pairs[i].number, text);
        ck_assert_str_eq(text, pairs[i].text);
    }
}
END_TEST

static void refuse_text(int structure, const char *name, const char *text, const char *message)
{
    any_struct options, before;
    defaults(structure, &options);
    before = options;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_option_set(context, structure, &options, name, text));
    ck_assert_str_eq(talus_error_message(context), message);
    ck_assert_int_eq(memcmp(&options, &before, sizeof options), 0);
}

START_TEST(bad_texts_are_refused)
{
    int optimizer = TALUS_STRUCTURE_OPTIMIZER, fit = TALUS_STRUCTURE_FIT;
    refuse_text(optimizer, "bta1", "0.5", "optimizer has no option \"bta1\"; did you mean \"beta1\"?");
    refuse_text(fit, "epoch", "5", "fit has no option \"epoch\"; did you mean \"epochs\"?");
    refuse_text(TALUS_STRUCTURE_LAYER, "activaton", "relu",
                "layer has no option \"activaton\"; did you mean \"activation\"?");
    refuse_text(optimizer, "rate", "fast", "optimizer: rate must be a number, got \"fast\"");
    refuse_text(optimizer, "rate", "", "optimizer: rate must be a number, got \"\"");
    refuse_text(optimizer, "rate", "0.1x", "optimizer: rate must be a number, got \"0.1x\"");
    refuse_text(optimizer, "rate", "-1", "optimizer: rate must be a finite number above 0, got \"-1\"");
    refuse_text(optimizer, "rate", "0", "optimizer: rate must be a finite number above 0, got \"0\"");
    refuse_text(optimizer, "rate", "1e999", "optimizer: rate must be a finite number above 0, got \"1e999\"");
    refuse_text(optimizer, "beta1", "1", "optimizer: beta1 must be at least 0 and below 1, got \"1\"");
    refuse_text(optimizer, "nesterov", "2", "optimizer: nesterov must be true or false, got \"2\"");
    refuse_text(optimizer, "method", "sgd",
                "optimizer: method must be one of gradient_descent, momentum, adam, adagrad, adadelta, "
                "rmsprop, amsgrad, adamw, "
                "adamax, nadam, radam, lion, adopt, schedule_free, irprop_minus, irprop_plus, lbfgs, "
                "conjugate_gradient, muon, soap, kfac; got \"sgd\"");
    refuse_text(fit, "batch", "1.5", "fit: batch must be an integer, got \"1.5\"");
    refuse_text(fit, "batch", "-1", "fit: batch must be at least 0, got \"-1\"");
    refuse_text(fit, "batch", "99999999999999999999",
                "fit: batch must be an integer, got \"99999999999999999999\"");
    refuse_text(fit, "on_epoch", "0", "fit: on_epoch is a pointer, which has no text");
    refuse_text(TALUS_STRUCTURE_NETWORK, "layer_count", "4294967297",
                "network: layer_count must be 1 … 2147483647, got \"4294967297\"");
    refuse_text(TALUS_STRUCTURE_NETWORK, "precision", "u8",
                "network: precision must be one of f32, f64; got \"u8\"");
    refuse_text(fit, NULL, "0", "fit: name must not be NULL");
    refuse_text(fit, "batch", NULL, "fit: the text of batch must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_option_set(context, fit, NULL, "batch", "1"));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_option_set(context, 13, "", "batch", "1"));
    expect_message(context, "structure must be one of context, network, layer, optimizer, fit, schedule, "
                            "minimize, report, range, table, least_squares, solve, "
                            "levenberg_marquardt; got 13");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_option_set(NULL, fit, NULL, "batch", "1"));
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_option_set_sized(context, fit, &options, 12, "batch", "1"));
    options.batch = 128;
    char text[3];
    size_t length;
    expect_ok(context, talus_option_get(context, fit, &options, "batch", text, sizeof text, &length));
    ck_assert_str_eq(text, "12"); /* of 128 */
    ck_assert_uint_eq(length, 3);
    expect_ok(context, talus_option_get(context, fit, &options, "batch", NULL, 0, &length));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_option_get(context, fit, &options, "batch", NULL, 1, &length));
    ck_assert_int_eq(talus_option_info(fit, 99, &(talus_option){0}), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_option_info(99, 0, &(talus_option){0}), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_option_info(fit, 0, NULL), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_option_count(-1), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options as text");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_loop_test(tests, values_go_round_as_text, 0, STRUCTURES);
    tcase_add_test(tests, a_locale_with_a_comma_changes_nothing);
    tcase_add_test(tests, texts_have_few_digits);
    tcase_add_test(tests, bad_texts_are_refused);
    return run_suite(suite);
}
