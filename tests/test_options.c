/* Option structs and their tables: defaults, bounds, and what does not apply. */
#include <float.h>
#include <limits.h>
#include <stdio.h>

#include "base/text.h"
#include "optimize/gauss_newton.h"
#include "option_support.h"

START_TEST(tables_describe_every_field)
{
    static const size_t sizes[STRUCTURES] = {sizeof(talus_context_options),
                                             sizeof(talus_network_spec),
                                             sizeof(talus_layer),
                                             sizeof(talus_optimizer_spec),
                                             sizeof(talus_fit_options),
                                             sizeof(talus_schedule),
                                             sizeof(talus_minimize_options),
                                             sizeof(talus_report_options),
                                             sizeof(talus_output_range),
                                             sizeof(talus_table_options),
                                             sizeof(talus_least_squares_options),
                                             sizeof(talus_solve_options),
                                             sizeof(talus_levenberg_marquardt_options)};
    int64_t end = 0;
    int count = talus_option_count(_i);
    ck_assert_int_gt(count, 3);
    ck_assert_uint_eq(talus_structure_size(_i), sizes[_i]);
    for (int index = 0; index < count; index++) {
        talus_option info = info_of(_i, index);
        bool wide = info.type == TALUS_OPTION_TYPE_INT64 || info.type == TALUS_OPTION_TYPE_DOUBLE ||
                    info.type == TALUS_OPTION_TYPE_POINTER ||
                    (info.type == TALUS_OPTION_TYPE_NAME && info.size == 8);
        ck_assert_int_eq(info.size, wide ? 8 : 4);
        ck_assert_int_eq(info.offset,
                         (end + info.size - 1) / info.size * info.size); /* no field is left out */
        ck_assert_int_eq(info.sentence[strlen(info.sentence) - 1], '.');
        ck_assert_ptr_nonnull(info.unit);
        ck_assert_int_eq(info.type == TALUS_OPTION_TYPE_NAME, info.enumeration >= 0);
        ck_assert(info.least <= info.most);
        ck_assert(info.type != TALUS_OPTION_TYPE_INT || (info.least >= INT_MIN && info.most <= INT_MAX));
        end = info.offset + info.size;
    }
    ck_assert_int_eq(end, (int64_t)sizes[_i]); /* no padding at the end, which a later field could hide in */
}
END_TEST

START_TEST(defaults_are_those_of_the_tables)
{
    any_struct options;
    defaults(_i, &options);
    for (int index = 0; index < talus_option_count(_i); index++) {
        talus_option info = info_of(_i, index);
        ck_assert_msg(stored(&options, &info) == info.standard, "%s", info.name);
    }
    ck_assert_int_eq(options.bytes[talus_structure_size(_i)], 0x5A);
}
END_TEST

/* x² */
static int bowl(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
{
    double at = *(const double *)x->data;
    (void)user;
    *value = at * at;
    *(double *)gradient->data = 2 * at;
    return 0;
}

/* The calls that take the structs; what they need beside the option `name` is given. */

static void offer_context(any_struct *taken, const char *name)
{
    talus_context_options small = small_context();
    talus_context *other = NULL;
    (void)name;
    taken->context.allocate = small.allocate, taken->context.release = small.release;
    taken->context.log = small.log;
    (void)talus_context_create(&taken->context, &other);
    talus_context_destroy(other);
}

static void create_and_destroy(const talus_network_spec *spec)
{
    talus_network *made = NULL;
    (void)talus_network_create(context, spec, &made);
    talus_network_destroy(made);
}

static void offer_network(any_struct *taken, const char *name)
{
    talus_layer classes = talus_dense(1, TALUS_SOFTMAX);
    taken->network.layers = &small_layer;
    if (strcmp(name, "inputs") != 0)
        taken->network.inputs = 1;
    if (strcmp(name, "layer_count") != 0)
        taken->network.layer_count = 1;
    if (strcmp(name, "label_smoothing") == 0)
        taken->network.layers = &classes, taken->network.loss = TALUS_CROSS_ENTROPY;
    create_and_destroy(&taken->network);
}

static void offer_layer(any_struct *taken, const char *name)
{
    if (strcmp(name, "width") != 0)
        taken->layer.width = 1;
    talus_layer hidden_and_last[] = {taken->layer, small_layer};
    talus_network_spec spec = {.inputs = 1, .layers = hidden_and_last, .layer_count = 2};
    create_and_destroy(&spec);
}

static void offer_optimizer(any_struct *taken, const char *name)
{
    talus_optimizer *optimizer = NULL;
    (void)name;
    (void)talus_optimizer_create(context, &taken->optimizer, TALUS_DTYPE_F64, 1, &optimizer);
    talus_optimizer_destroy(optimizer);
}

static void offer_fit(any_struct *taken, const char *name)
{
    (void)name;
    (void)talus_fit(network, data, NULL, &taken->fit, NULL);
}

static void offer_schedule(any_struct *taken, const char *name)
{
    double factor;
    (void)name;
    (void)talus_schedule_factor(context, &taken->schedule, 0, 1, 1, NULL, &factor);
}

static void offer_minimize(any_struct *taken, const char *name)
{
    double at = 1;
    talus_matrix start = talus_matrix_view(&at, TALUS_DTYPE_F64, 1, 1);
    (void)name;
    (void)talus_minimize(context, bowl, NULL, &start, &taken->minimize, NULL);
}

static void offer_least_squares(any_struct *taken, const char *name)
{
    tl_squares_options checked;
    (void)name;
    (void)tl_squares_take(context, "least_squares", 1, &taken->least_squares, sizeof taken->least_squares,
                          &checked);
}

static void offer_solve(any_struct *taken, const char *name)
{
    (void)name;
    (void)talus_solve_readout(network, data, &taken->solve, NULL);
}

static void offer_levenberg_marquardt(any_struct *taken, const char *name)
{
    (void)name;
    (void)talus_levenberg_marquardt(network, data, NULL, &taken->levenberg_marquardt, NULL);
}

static void offer_report(any_struct *taken, const char *name)
{
    static const double numbers[] = {1, 2};
    talus_matrix view = talus_matrix_view(numbers, TALUS_DTYPE_F64, 2, 1);
    talus_report report;
    (void)name;
    (void)talus_report_of(context, &view, &view, NULL, &taken->report, &report);
}

static void offer_range(any_struct *taken, const char *name)
{
    talus_output_range rest = {.outputs = 1};
    if (strcmp(name, "outputs") != 0)
        taken->range.outputs = 1;
    talus_output_range both[] = {taken->range, rest};
    talus_layer two = talus_dense(2, TALUS_IDENTITY);
    talus_network_spec spec = {.inputs = 1,
                               .layers = &two,
                               .layer_count = 1,
                               .ranges = both,
                               .range_count = 2,
                               .range_size = sizeof *both};
    create_and_destroy(&spec);
}

static void offer_table(any_struct *taken, const char *name)
{
    static const char json[] = "{\"header\":false,\"task\":\"auto\",\"reason\":\"\",\"columns\":["
                               "{\"name\":\"\",\"role\":\"input\",\"kind\":\"number\",\"mean\":0}]}";
    talus_dataset *none = NULL;
    talus_columns *columns = NULL;
    ck_assert_int_eq(talus_columns_from_json(context, json, sizeof json - 1, &columns), TALUS_OK);
    if (strcmp(name, "optional_targets") == 0 || strcmp(name, "unknown_categories") == 0)
        (void)talus_dataset_read_table_as(context, "/dev/null", columns, &taken->table, &none);
    else
        (void)talus_dataset_read_table(context, "/dev/null", &taken->table, &none, NULL);
    talus_columns_destroy(columns);
}

/* False if the call that takes a struct says that the option `name` is out of its range. */
static bool accepts(int structure, const any_struct *options, const char *name)
{
    static void (*const offers[])(any_struct * taken, const char *name) = {
        [TALUS_STRUCTURE_CONTEXT] = offer_context,
        [TALUS_STRUCTURE_NETWORK] = offer_network,
        [TALUS_STRUCTURE_LAYER] = offer_layer,
        [TALUS_STRUCTURE_OPTIMIZER] = offer_optimizer,
        [TALUS_STRUCTURE_FIT] = offer_fit,
        [TALUS_STRUCTURE_SCHEDULE] = offer_schedule,
        [TALUS_STRUCTURE_MINIMIZE] = offer_minimize,
        [TALUS_STRUCTURE_REPORT] = offer_report,
        [TALUS_STRUCTURE_RANGE] = offer_range,
        [TALUS_STRUCTURE_TABLE] = offer_table,
        [TALUS_STRUCTURE_LEAST_SQUARES] = offer_least_squares,
        [TALUS_STRUCTURE_SOLVE] = offer_solve,
        [TALUS_STRUCTURE_LEVENBERG_MARQUARDT] = offer_levenberg_marquardt,
    };
    any_struct taken = *options;
    char complaint[100];
    last_line[0] = '\0';
    offers[structure](&taken, name);
    (void)snprintf(complaint, sizeof complaint, ": %s must be", name);
    return strstr(last_line, complaint) == NULL;
}

/* A value is taken, or refused by a message that names the option and the value. */
static void try_value(int structure, const talus_option *info, double value, bool good)
{
    any_struct options;
    defaults(structure, &options);
    store(&options, info, value);
    if (strcmp(info->name, "momentum") == 0 || strcmp(info->name, "nesterov") == 0)
        options.optimizer.method = TALUS_MOMENTUM;
    ck_assert_msg(accepts(structure, &options, info->name) == good, "%s = %.17g: %s", info->name, value,
                  last_line);
    char got[TL_NUMBER_BYTES], piece[50];
    tl_text_of_double(value, got);
    (void)snprintf(piece, sizeof piece, " got %s", got);
    ck_assert_msg(good || strstr(last_line, piece) != NULL, "%s: %s", piece, last_line);
}

START_TEST(bounds_are_those_of_the_tables)
{
    for (int index = 0; index < talus_option_count(_i); index++) {
        talus_option info = info_of(_i, index);
        bool is_double = info.type == TALUS_OPTION_TYPE_DOUBLE;
        if (info.type == TALUS_OPTION_TYPE_POINTER)
            continue;
        double under = is_double ? nextafter(info.least, -INFINITY) : info.least - 1;
        double over = is_double ? nextafter(info.most, INFINITY) : info.most + 1;
        if (isfinite(info.least)) {
            try_value(_i, &info, info.least, !info.least_open);
            try_value(_i, &info, under, false);
            if (info.least_open) /* the least above 0 of which a product with √(1−beta2) does not vanish */
                try_value(_i, &info, info.least == 0 ? 100 * DBL_MIN : nextafter(info.least, INFINITY), true);
        }
        if (isfinite(info.most) && strstr(info.name, "_count") == NULL) { /* an array needs them all */
            try_value(_i, &info, info.most, !info.most_open);
            try_value(_i, &info, over, false);
            if (info.most_open)
                try_value(_i, &info, nextafter(info.most, -INFINITY), true);
        }
        if (is_double) {
            try_value(_i, &info, NAN, false);
            try_value(_i, &info, INFINITY, false);
            try_value(_i, &info, -INFINITY, false);
        }
    }
}
END_TEST

static void refuse_optimizer(const talus_optimizer_spec *spec, int precision, const char *message)
{
    talus_optimizer *optimizer = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, spec, precision, 1, &optimizer));
    ck_assert_str_eq(talus_error_message(context), message);
}

START_TEST(what_a_method_does_not_have_is_refused)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_ADAM);
    spec.momentum = 0.5;
    refuse_optimizer(&spec, TALUS_DTYPE_F32,
                     "optimizer: adam has no momentum, which must be left at 0.9, got 0.5");
    talus_optimizer_defaults(&spec, TALUS_ADAM);
    spec.nesterov = 1;
    refuse_optimizer(&spec, TALUS_DTYPE_F32,
                     "optimizer: adam has no nesterov, which must be left at 0, got 1");
    talus_optimizer_defaults(&spec, TALUS_MOMENTUM);
    spec.epsilon = 1e-6;
    refuse_optimizer(&spec, TALUS_DTYPE_F64,
                     "optimizer: momentum has no epsilon, which must be left at 1e-8, got 1e-6");
    talus_optimizer_defaults(&spec, TALUS_GRADIENT_DESCENT);
    spec.beta2 = 0;
    refuse_optimizer(&spec, TALUS_DTYPE_F64,
                     "optimizer: gradient_descent has no beta2, which must be left at 0.999, got 0");
    talus_network_spec network_spec = talus_dense_network(1, &small_layer, 1, TALUS_SQUARED_ERROR);
    talus_network *none = NULL;
    network_spec.loss_parameter = 2;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &network_spec, &none));
    expect_message(context, "network: squared_error has no loss_parameter, which must be 0, got 2");
}
END_TEST

START_TEST(what_vanishes_in_a_precision_is_refused)
{
    talus_optimizer_spec adam, descent;
    talus_optimizer *optimizer = NULL;
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    adam.epsilon = 1e-38;
    refuse_optimizer(
        &adam, TALUS_DTYPE_F32,
        "optimizer: epsilon must be at least 1.1754944e-38, the smallest normal number of f32, got 1e-38");
    adam.epsilon = 1e-37; /* is normal, but not what the first step adds to √v */
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, &adam, TALUS_DTYPE_F32, 1, &optimizer));
    expect_message(context,
                   "epsilon·√(1−beta2) must be at least 1.1754944e-38, the smallest normal number of f32, "
                   "got 3.16");
    expect_ok(context, talus_optimizer_create(context, &adam, TALUS_DTYPE_F64, 1, &optimizer));
    talus_optimizer_destroy(optimizer);
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = 1e39;
    refuse_optimizer(
        &descent, TALUS_DTYPE_F32,
        "optimizer: rate must be at most 3.4028235e38, the largest normal number of f32, got 1e39");
    descent.rate = (double)FLT_MIN;
    expect_ok(context, talus_optimizer_create(context, &descent, TALUS_DTYPE_F32, 1, &optimizer));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_rate(optimizer, 1e-39));
    expect_message(context, "rate must be at least 1.1754944e-38");
    expect_ok(context, talus_optimizer_set_rate(optimizer, (double)FLT_MAX));
    talus_optimizer_destroy(optimizer);
    talus_trainer *trainer;
    expect_ok(context, talus_trainer_create(network, NULL, 1, &trainer));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_set_rate(trainer, 1e39));
    expect_message(context, "largest normal number of f32");
    talus_trainer_destroy(trainer);
    descent.rate = 1e-310;
    refuse_optimizer(
        &descent, TALUS_DTYPE_F64,
        "optimizer: rate must be at least 2.2250738585072014e-308, the smallest normal number of f64, got "
        "1e-310");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_loop_test(tests, tables_describe_every_field, 0, STRUCTURES);
    tcase_add_loop_test(tests, defaults_are_those_of_the_tables, 0, STRUCTURES);
    tcase_add_loop_test(tests, bounds_are_those_of_the_tables, 0, STRUCTURES);
    tcase_add_test(tests, what_a_method_does_not_have_is_refused);
    tcase_add_test(tests, what_vanishes_in_a_precision_is_refused);
    return run_suite(suite);
}
