/* Option structs: their tables, their growth, options by name; enumerations by name. */
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <stddef.h>
#include <stdio.h>

#include "base/options.h"
#include "base/text.h"
#include "support.h"

/* The structs of version 0.1. Lines are only added: a program that was compiled with these offsets must run on. */
#define AT(structure, field, at) _Static_assert(offsetof(structure, field) == (at), #structure "." #field)
#define SIZE(structure, size)    _Static_assert(sizeof(structure) == (size), #structure)
#if UINTPTR_MAX == UINT64_MAX
AT(talus_matrix, data, 0);
AT(talus_matrix, dtype, 8);
AT(talus_matrix, rows, 16);
AT(talus_matrix, cols, 24);
AT(talus_matrix, stride, 32);
SIZE(talus_matrix, 40);
AT(talus_context_options, threads, 0);
AT(talus_context_options, instruction_set, 4);
AT(talus_context_options, keep_blas_threads, 8);
AT(talus_context_options, allocate, 16);
AT(talus_context_options, release, 24);
AT(talus_context_options, allocator_user, 32);
AT(talus_context_options, log, 40);
AT(talus_context_options, log_user, 48);
SIZE(talus_context_options, 56);
AT(talus_layer, width, 0);
AT(talus_layer, activation, 8);
AT(talus_layer, initializer, 12);
AT(talus_layer, alpha, 16);
SIZE(talus_layer, 24);
AT(talus_network_spec, inputs, 0);
AT(talus_network_spec, layers, 8);
AT(talus_network_spec, layer_count, 16);
AT(talus_network_spec, loss, 20);
AT(talus_network_spec, precision, 24);
AT(talus_network_spec, seed, 32);
AT(talus_network_spec, loss_parameter, 40);
SIZE(talus_network_spec, 48);
AT(talus_optimizer_spec, method, 0);
AT(talus_optimizer_spec, nesterov, 4);
AT(talus_optimizer_spec, rate, 8);
AT(talus_optimizer_spec, momentum, 16);
AT(talus_optimizer_spec, beta1, 24);
AT(talus_optimizer_spec, beta2, 32);
AT(talus_optimizer_spec, epsilon, 40);
SIZE(talus_optimizer_spec, 48);
AT(talus_fit_options, optimizer, 0);
AT(talus_fit_options, batch, 8);
AT(talus_fit_options, epochs, 16);
AT(talus_fit_options, shuffle, 24);
AT(talus_fit_options, seed, 32);
AT(talus_fit_options, on_epoch, 40);
AT(talus_fit_options, on_progress, 48);
AT(talus_fit_options, user, 56);
SIZE(talus_fit_options, 64);
AT(talus_fit_result, outcome, 0);
AT(talus_fit_result, epochs, 8);
AT(talus_fit_result, steps, 16);
AT(talus_fit_result, seconds, 24);
AT(talus_fit_result, cost, 32);
AT(talus_fit_result, validation_cost, 40);
AT(talus_fit_result, validation_accuracy, 48);
SIZE(talus_fit_result, 56);
AT(talus_batch, inputs, 0);
AT(talus_batch, targets, 40);
AT(talus_batch, weights, 80);
SIZE(talus_batch, 120);
AT(talus_metrics, samples, 0);
AT(talus_metrics, cost, 8);
AT(talus_metrics, accuracy, 16);
SIZE(talus_metrics, 24);
AT(talus_epoch, epoch, 0);
AT(talus_epoch, cost, 8);
AT(talus_epoch, validation_cost, 16);
AT(talus_epoch, validation_accuracy, 24);
AT(talus_epoch, seconds, 32);
AT(talus_epoch, samples_per_second, 40);
SIZE(talus_epoch, 48);
AT(talus_progress, epoch, 0);
AT(talus_progress, epochs, 8);
AT(talus_progress, sample, 16);
AT(talus_progress, samples, 24);
AT(talus_progress, cost, 32);
AT(talus_progress, seconds, 40);
SIZE(talus_progress, 48);
AT(talus_option, name, 0);
AT(talus_option, sentence, 8);
AT(talus_option, unit, 16);
AT(talus_option, type, 24);
AT(talus_option, enumeration, 28);
AT(talus_option, offset, 32);
AT(talus_option, size, 40);
AT(talus_option, standard, 48);
AT(talus_option, least, 56);
AT(talus_option, most, 64);
AT(talus_option, least_open, 72);
AT(talus_option, most_open, 76);
SIZE(talus_option, 80);
#endif

/* Any of the structs with options, and what its pointers may point to. */
typedef union any_struct {
    talus_context_options context;
    talus_network_spec network;
    talus_layer layer;
    talus_optimizer_spec optimizer;
    talus_fit_options fit;
    char bytes[128];
} any_struct;

enum { STRUCTURES = TALUS_STRUCTURE_FIT + 1, MOST_MEMORY = 1 << 26 };

static char last_line[1024];
static talus_context *context;
static talus_network *network;
static talus_dataset *data;
static const talus_layer small_layer = {.width = 3};

static void *allocate_little(size_t bytes, void *user)
{
    (void)user;
    return bytes > MOST_MEMORY ? NULL : malloc(bytes);
}

static void release(void *memory, void *user)
{
    (void)user;
    free(memory);
}

static void keep_line(const char *line, void *user)
{
    (void)user;
    (void)snprintf(last_line, sizeof last_line, "%s", line);
}

static talus_context_options small_context(void)
{
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.threads = 1;
    options.allocate = allocate_little;
    options.release = release;
    options.log = keep_line;
    return options;
}

static void setup(void)
{
    static const double x[2] = {1, 2}, y[6] = {0};
    talus_context_options options = small_context();
    talus_network_spec spec = {.inputs = 1, .layers = &small_layer, .layer_count = 1};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, 2, 1);
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_F64, 2, 3);
    expect_ok(NULL, talus_context_create(&options, &context));
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_dataset_from_matrices(context, &inputs, &targets, &data));
    last_line[0] = '\0';
}

static void teardown(void)
{
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    talus_context_destroy(context);
}

static void defaults(int structure, any_struct *options)
{
    memset(options, 0x5A, sizeof *options);
    switch (structure) {
    case TALUS_STRUCTURE_CONTEXT:
        talus_context_options_defaults(&options->context);
        break;
    case TALUS_STRUCTURE_NETWORK:
        talus_network_defaults(&options->network);
        break;
    case TALUS_STRUCTURE_LAYER:
        talus_layer_defaults(&options->layer);
        break;
    case TALUS_STRUCTURE_OPTIMIZER:
        talus_optimizer_defaults(&options->optimizer, TALUS_ADAM);
        break;
    default:
        talus_fit_options_defaults(&options->fit);
    }
}

static talus_option info_of(int structure, int index)
{
    talus_option info;
    ck_assert_int_eq(talus_option_info(structure, index, &info), TALUS_OK);
    return info;
}

/* Options are stored and read through the pointers that their offsets give. */
static double stored(const any_struct *options, const talus_option *info)
{
    const char *at = options->bytes + info->offset;
    if (info->type == TALUS_OPTION_TYPE_DOUBLE)
        return *(const double *)(const void *)at;
    if (info->type == TALUS_OPTION_TYPE_POINTER)
        return *(void *const *)(const void *)at != NULL;
    return info->size == 8 ? (double)*(const int64_t *)(const void *)at : *(const int *)(const void *)at;
}

static void store(any_struct *options, const talus_option *info, double value)
{
    char *at = options->bytes + info->offset;
    if (info->type == TALUS_OPTION_TYPE_DOUBLE)
        *(double *)(void *)at = value;
    else if (info->size == 8)
        *(int64_t *)(void *)at = (int64_t)value;
    else
        *(int *)(void *)at = (int)value;
}

START_TEST(tables_describe_every_field)
{
    static const size_t sizes[STRUCTURES] = {sizeof(talus_context_options), sizeof(talus_network_spec),
                                             sizeof(talus_layer), sizeof(talus_optimizer_spec),
                                             sizeof(talus_fit_options)};
    int64_t end = 0;
    int count = talus_option_count(_i);
    ck_assert_int_gt(count, 3);
    ck_assert_uint_eq(talus_structure_size(_i), sizes[_i]);
    for (int index = 0; index < count; index++) {
        talus_option info = info_of(_i, index);
        bool wide = info.type == TALUS_OPTION_TYPE_INT64 || info.type == TALUS_OPTION_TYPE_DOUBLE ||
                    info.type == TALUS_OPTION_TYPE_POINTER;
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

/* The call that takes a struct; what it needs beside one option is given. False if it says that the option `name` is
 * out of its range. */
static bool accepts(int structure, const any_struct *options, const char *name)
{
    any_struct taken = *options;
    talus_context *other = NULL;
    talus_network *made = NULL;
    talus_optimizer *optimizer = NULL;
    char complaint[100];
    last_line[0] = '\0';
    switch (structure) {
    case TALUS_STRUCTURE_CONTEXT:
        taken.context.allocate = allocate_little, taken.context.release = release;
        taken.context.log = keep_line;
        (void)talus_context_create(&taken.context, &other);
        break;
    case TALUS_STRUCTURE_NETWORK:
        taken.network.layers = &small_layer;
        if (strcmp(name, "inputs") != 0)
            taken.network.inputs = 1;
        if (strcmp(name, "layer_count") != 0)
            taken.network.layer_count = 1;
        (void)talus_network_create(context, &taken.network, &made);
        break;
    case TALUS_STRUCTURE_LAYER:
        if (strcmp(name, "width") != 0)
            taken.layer.width = 1;
        talus_network_spec spec = {.inputs = 1, .layers = &taken.layer, .layer_count = 1};
        (void)talus_network_create(context, &spec, &made);
        break;
    case TALUS_STRUCTURE_OPTIMIZER:
        (void)talus_optimizer_create(context, &taken.optimizer, TALUS_DTYPE_F64, 1, &optimizer);
        break;
    default:
        (void)talus_fit(network, data, NULL, &taken.fit, NULL);
    }
    talus_context_destroy(other);
    talus_network_destroy(made);
    talus_optimizer_destroy(optimizer);
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
        if (isfinite(info.most) && strcmp(info.name, "layer_count") != 0) {
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
    refuse_text(optimizer, "rate", "fast", "optimizer: rate must be a number; got \"fast\"");
    refuse_text(optimizer, "rate", "", "optimizer: rate must be a number; got \"\"");
    refuse_text(optimizer, "rate", "0.1x", "optimizer: rate must be a number; got \"0.1x\"");
    refuse_text(optimizer, "rate", "-1", "optimizer: rate must be a finite number above 0; got \"-1\"");
    refuse_text(optimizer, "rate", "0", "optimizer: rate must be a finite number above 0; got \"0\"");
    refuse_text(optimizer, "rate", "1e999", "optimizer: rate must be a finite number above 0; got \"1e999\"");
    refuse_text(optimizer, "beta1", "1", "optimizer: beta1 must be at least 0 and below 1; got \"1\"");
    refuse_text(optimizer, "nesterov", "2", "optimizer: nesterov must be true or false; got \"2\"");
    refuse_text(optimizer, "method", "sgd",
                "optimizer: method must be one of gradient_descent, momentum, adam; got \"sgd\"");
    refuse_text(fit, "batch", "1.5", "fit: batch must be an integer; got \"1.5\"");
    refuse_text(fit, "batch", "0", "fit: batch must be at least 1; got \"0\"");
    refuse_text(fit, "batch", "99999999999999999999",
                "fit: batch must be an integer; got \"99999999999999999999\"");
    refuse_text(fit, "on_epoch", "0", "fit: on_epoch is a pointer, which has no text");
    refuse_text(TALUS_STRUCTURE_NETWORK, "layer_count", "4294967297",
                "network: layer_count must be 1 … 2147483647; got \"4294967297\"");
    refuse_text(TALUS_STRUCTURE_NETWORK, "precision", "u8",
                "network: precision must be one of f32, f64; got \"u8\"");
    refuse_text(fit, NULL, "0", "fit: the name of the option is NULL");
    refuse_text(fit, "batch", NULL, "fit: the text of batch is NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_option_set(context, fit, NULL, "batch", "1"));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_option_set(context, 9, "", "batch", "1"));
    expect_message(context, "structure must be one of context, network, layer, optimizer, fit; got 9");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_option_set(NULL, fit, NULL, "batch", "1"));
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_option_set_sized(context, fit, &options, 12, "batch", "1"));
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

/* A longer struct: what the library does not know must be 0. A shorter one: what it lacks has its default. */
START_TEST(structs_may_be_longer_or_shorter)
{
    struct {
        talus_fit_options known;
        double further;
    } fit;
    memset(&fit, 0x5A, sizeof fit);
    talus_fit_options_defaults_sized(&fit.known, sizeof fit);
    ck_assert_double_eq(fit.further, 0);
    fit.known.epochs = 1;
    struct {
        talus_fit_result known;
        double further, beyond;
    } result;
    memset(&result, 0x5A, sizeof result);
    double canary = result.beyond;
    size_t size = sizeof result - sizeof result.beyond, spec = sizeof(talus_optimizer_spec);
    expect_ok(context,
              talus_fit_sized(network, data, NULL, &fit.known, sizeof fit, spec, &result.known, size));
    ck_assert_int_eq(result.known.epochs, 1);
    ck_assert(isnan(result.known.validation_cost) && isfinite(result.known.cost));
    ck_assert_double_eq(result.further, 0);
    ck_assert_double_eq(result.beyond, canary);
    fit.further = 1;
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_fit_sized(network, data, NULL, &fit.known, sizeof fit, spec, NULL, 0));
    ck_assert_str_eq(
        talus_error_message(context),
        "fit: this version of Talus, 0.1.0, knows the first 64 bytes of its struct; the other 8 must be 0, "
        "and are not");
    for (size_t little = 0; little < offsetof(talus_fit_options, user); little += 8) {
        expect_status(context, TALUS_ERROR_ARGUMENT,
                      talus_fit_sized(network, data, NULL, &fit.known, little, spec, NULL, 0));
        expect_message(context, "fit: the size of its struct must be 64 … 65536 bytes, got");
    }
    size = sizeof(talus_fit_options);
    expect_ok(context, talus_fit_sized(network, data, NULL, &fit.known, size, spec, &result.known, 32));
    ck_assert_int_eq(result.known.epochs, 1);
    result.known.epochs = 42;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_fit_sized(network, data, NULL, &fit.known, size, spec, &result.known, 31));
    ck_assert_int_eq(result.known.epochs, 42);
}
END_TEST

START_TEST(other_structs_have_tails_too)
{
    struct {
        talus_layer known;
        int64_t further;
    } layers[2] = {{talus_dense(4, TALUS_RELU), 0}, {talus_dense(2, TALUS_TANH), 0}};
    talus_network_spec spec = talus_dense_network(3, &layers[0].known, 2, TALUS_SQUARED_ERROR);
    talus_network *made = NULL;
    expect_ok(context, talus_network_create_sized(context, &spec, sizeof spec, sizeof layers[0], &made));
    ck_assert_int_eq(talus_network_width(made, 2), 2);
    ck_assert_int_eq(talus_network_activation(made, 2), TALUS_TANH);
    talus_network_destroy(made);
    layers[1].further = 7;
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_network_create_sized(context, &spec, sizeof spec, sizeof layers[0], &made));
    expect_message(context, "layer 2: this version");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_network_create_sized(context, &spec, sizeof spec, 0, &made));
    expect_message(context, "layer 1: the size");
    layers[1].further = 0;
    spec.loss_parameter = 3; /* is beyond the caller's struct, and is not read */
    size_t size = offsetof(talus_network_spec, loss_parameter);
    expect_ok(context, talus_network_create_sized(context, &spec, size, sizeof layers[0], &made));
    talus_network_destroy(made);

    struct {
        talus_optimizer_spec known;
        double further;
    } adam;
    talus_optimizer *optimizer = NULL;
    talus_optimizer_defaults_sized(&adam.known, sizeof adam, TALUS_ADAM);
    expect_ok(context, talus_optimizer_create_sized(context, &adam.known, sizeof adam, TALUS_DTYPE_F32, 1,
                                                    &optimizer));
    talus_optimizer_destroy(optimizer);
    adam.further = -1;
    talus_trainer *trainer = NULL;
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_trainer_create_sized(network, &adam.known, sizeof adam, 1, &trainer));
    adam.known.epsilon = -1; /* is beyond */
    size = offsetof(talus_optimizer_spec, epsilon);
    expect_ok(context, talus_trainer_create_sized(network, &adam.known, size, 1, &trainer));
    talus_trainer_destroy(trainer);

    struct {
        talus_context_options known;
        void *further;
    } options = {small_context(), &options};
    talus_context *other = NULL;
    last_line[0] = '\0';
    expect_status(NULL, TALUS_ERROR_UNSUPPORTED,
                  talus_context_create_sized(&options.known, sizeof options, &other));
    ck_assert_ptr_nonnull(strstr(last_line, "context: this version"));
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_context_create_sized(&options.known, 8, &other));
    size = offsetof(talus_context_options, log), options.known.log = NULL;
    expect_ok(NULL, talus_context_create_sized(&options.known, size, &other));
    talus_context_destroy(other);

    talus_workspace *workspace;
    talus_metrics metrics = {.accuracy = 42};
    expect_ok(context, talus_workspace_create(context, network, 2, &workspace));
    expect_ok(context, talus_evaluate_sized(network, workspace, data, &metrics, 16));
    ck_assert_int_eq(metrics.samples, 2);
    ck_assert_double_eq(metrics.accuracy, 42);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_sized(network, workspace, data, &metrics, 15));
    talus_workspace_destroy(workspace);
}
END_TEST

START_TEST(enumerations_have_names)
{
    for (int enumeration = 0; enumeration <= TALUS_ENUMERATION_OPTION_TYPE; enumeration++) {
        int count = talus_enumeration_count(enumeration);
        ck_assert_int_gt(count, 1);
        for (int index = 0; index < count; index++) {
            int value = talus_enumeration_value_at(enumeration, index);
            const char *name = talus_enumeration_name(enumeration, value);
            ck_assert_int_eq(value, index); /* so far, none has been retired */
            ck_assert_str_ne(name, "unknown");
            ck_assert_int_eq(talus_enumeration_value(enumeration, name), value);
        }
        ck_assert_int_eq(talus_enumeration_value_at(enumeration, count), -1);
        ck_assert_int_eq(talus_enumeration_value_at(enumeration, -1), -1);
        ck_assert_str_eq(talus_enumeration_name(enumeration, -1), "unknown");
        ck_assert_str_eq(talus_enumeration_name(enumeration, count), "unknown");
        ck_assert_int_eq(talus_enumeration_value(enumeration, "unknown"), -1);
        ck_assert_int_eq(talus_enumeration_value(enumeration, NULL), -1);
    }
    ck_assert_int_eq(talus_enumeration_count(-1), 0);
    ck_assert_int_eq(talus_enumeration_count(99), 0);
    ck_assert_str_eq(talus_enumeration_name(99, 0), "unknown");
    ck_assert_str_eq(talus_activation_name(TALUS_LEAKY_RELU), "leaky_relu");
    ck_assert_int_eq(talus_loss_value("cross_entropy"), TALUS_CROSS_ENTROPY);
    ck_assert_int_eq(talus_initializer_value("glorot_normal"), TALUS_INIT_GLOROT_NORMAL);
    ck_assert_str_eq(talus_method_name(TALUS_GRADIENT_DESCENT), "gradient_descent");
    ck_assert_int_eq(talus_dtype_value("i32"), TALUS_DTYPE_I32);
    ck_assert_str_eq(talus_instruction_set_name(TALUS_INSTRUCTION_SET_AVX512), "avx512");
    ck_assert_int_eq(talus_outcome_value("diverged"), TALUS_OUTCOME_DIVERGED);
    ck_assert_str_eq(talus_part_name(TALUS_PART_BIASES), "biases");
    ck_assert_str_eq(talus_enumeration_name(TALUS_ENUMERATION_STATUS, TALUS_ERROR_SHAPE),
                     "TALUS_ERROR_SHAPE");
}
END_TEST

START_TEST(a_network_can_be_made_again_from_what_it_says)
{
    talus_layer layers[] = {talus_dense(4, TALUS_LEAKY_RELU), talus_dense(1, TALUS_SIGMOID)}, again[2];
    layers[0].alpha = 0.25, layers[0].initializer = TALUS_INIT_LECUN_NORMAL;
    talus_network_spec spec = talus_dense_network(3, layers, 2, TALUS_BINARY_CROSS_ENTROPY);
    spec.precision = TALUS_DTYPE_F64, spec.seed = INT64_MIN;
    talus_network *first, *second;
    expect_ok(context, talus_network_create(context, &spec, &first));
    ck_assert_int_eq(talus_network_seed(first), INT64_MIN);
    ck_assert_double_eq(talus_network_alpha(first, 1), 0.25);
    ck_assert_int_eq(talus_network_initializer(first, 2), TALUS_INIT_GLOROT_UNIFORM); /* never AUTO */
    expect_ok(context, talus_network_initialize(first, -3));
    talus_network_defaults(&spec);
    spec.inputs = talus_network_width(first, 0), spec.layers = again;
    spec.layer_count = talus_network_layer_count(first), spec.loss = talus_network_loss(first);
    spec.loss_parameter = talus_network_loss_parameter(first), spec.seed = talus_network_seed(first);
    spec.precision = talus_network_precision(first);
    for (int l = 1; l <= 2; l++) {
        again[l - 1] = talus_dense(talus_network_width(first, l), talus_network_activation(first, l));
        again[l - 1].alpha = talus_network_alpha(first, l);
        again[l - 1].initializer = talus_network_initializer(first, l);
    }
    expect_ok(context, talus_network_create(context, &spec, &second));
    talus_matrix p, q;
    expect_ok(context, talus_network_parameters(first, &p));
    expect_ok(context, talus_network_parameters(second, &q));
    ck_assert_int_eq(p.cols, q.cols);
    ck_assert_int_eq(memcmp(p.data, q.data, (size_t)p.cols * sizeof(double)), 0);
    talus_network_destroy(first);
    talus_network_destroy(second);
}
END_TEST

START_TEST(getters_say_that_there_is_nothing)
{
    ck_assert_int_eq(talus_network_activation(NULL, 1), -1);
    ck_assert_int_eq(talus_network_activation(network, 0), -1);
    ck_assert_int_eq(talus_network_activation(network, 2), -1);
    ck_assert_int_eq(talus_network_initializer(NULL, 1), -1);
    ck_assert_int_eq(talus_network_initializer(network, 9), -1);
    ck_assert_int_eq(talus_network_loss(NULL), -1);
    ck_assert_int_eq(talus_network_precision(NULL), -1);
    ck_assert_int_eq(talus_context_instruction_set(NULL), -1);
    ck_assert_int_ge(talus_context_instruction_set(context), TALUS_INSTRUCTION_SET_BASELINE);
    ck_assert_double_eq(talus_network_alpha(NULL, 1), 0);
    ck_assert_double_eq(talus_network_loss_parameter(NULL), 0);
    ck_assert_int_eq(talus_network_seed(NULL), 0);
    talus_context_options_defaults(NULL);
    talus_network_defaults(NULL);
    talus_layer_defaults(NULL);
    talus_fit_options_defaults(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *all = tcase_create("options");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_set_timeout(all, 0);
    tcase_add_loop_test(all, tables_describe_every_field, 0, STRUCTURES);
    tcase_add_loop_test(all, defaults_are_those_of_the_tables, 0, STRUCTURES);
    tcase_add_loop_test(all, bounds_are_those_of_the_tables, 0, STRUCTURES);
    tcase_add_loop_test(all, values_go_round_as_text, 0, STRUCTURES);
    const TTest *const tests[] = {a_locale_with_a_comma_changes_nothing,
                                  texts_have_few_digits,
                                  bad_texts_are_refused,
                                  what_a_method_does_not_have_is_refused,
                                  what_vanishes_in_a_precision_is_refused,
                                  structs_may_be_longer_or_shorter,
                                  other_structs_have_tails_too,
                                  enumerations_have_names,
                                  a_network_can_be_made_again_from_what_it_says,
                                  getters_say_that_there_is_nothing};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
