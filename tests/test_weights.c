/* Data sets whose samples have weights: the caller's, or those of their classes. */
#include "fixture.h"

enum { N = 24, INPUTS = 3, CLASSES = 4, BATCH_ROWS = 8 };

static double x[N * INPUTS], w[N];
static int32_t labels[N];
static talus_dataset *whole;

static talus_matrix f64(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

static talus_dataset *labelled(void)
{
    talus_matrix inputs = f64(x, N, INPUTS), targets = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    return dataset_of(&inputs, &targets);
}

static void weigh(talus_dataset *dataset, const double *weights)
{
    talus_matrix view = f64(weights, talus_dataset_samples(dataset), 1);
    expect_ok(context, talus_dataset_set_weights(dataset, &view));
}

static void begin(void)
{
    begin_counted();
    number_stream numbers = numbers_from(4);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&numbers);
    for (int i = 0; i < N; i++) {
        labels[i] = i * 7 % 11 % CLASSES;
        w[i] = i % 3; /* 0, 1 and 2 */
    }
    whole = labelled();
}

static void end(void)
{
    talus_dataset_destroy(whole);
    end_counted();
}

/* Each sample as often as its weight says. */
static talus_dataset *repeated(const talus_dataset *dataset)
{
    int64_t rows[2 * N], count = 0;
    for (int64_t i = 0; i < N; i++)
        for (int copies = 0; copies < (int)w[i]; copies++)
            rows[count++] = i;
    return rows_of(dataset, rows, count);
}

/* What is learned ---------------------------------------------------------------------------------------- */

static talus_metrics judged(const talus_network *network, const talus_dataset *dataset)
{
    talus_workspace *workspace = workspace_of(network, 5); /* some batches have the weights 0 */
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(network, workspace, dataset, &metrics));
    talus_workspace_destroy(workspace);
    return metrics;
}

static double fitted(talus_network *network, const talus_dataset *dataset, int method, int64_t batch,
                     int epochs, int shuffle)
{
    talus_optimizer_spec optimizer;
    talus_fit_options options;
    talus_fit_result result;
    talus_optimizer_defaults(&optimizer, method);
    talus_fit_options_defaults(&options);
    options.optimizer = &optimizer;
    options.batch = batch, options.epochs = epochs, options.shuffle = shuffle;
    expect_ok(context, talus_fit(network, dataset, NULL, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
    return result.cost;
}

static double distance(talus_network *a, talus_network *b)
{
    talus_matrix p, q;
    expect_ok(context, talus_network_parameters(a, &p));
    expect_ok(context, talus_network_parameters(b, &q));
    return largest_difference(p.data, q.data, p.cols);
}

START_TEST(a_weight_is_a_number_of_samples_in_a_full_batch)
{
    talus_dataset *copies = repeated(whole);
    weigh(whole, w);
    for (int method = 0; method < 2; method++) {
        talus_network *a = two_layers(TALUS_DTYPE_F64, INPUTS, 6, CLASSES, TALUS_SOFTMAX),
                      *b = two_layers(TALUS_DTYPE_F64, INPUTS, 6, CLASSES, TALUS_SOFTMAX);
        talus_metrics weighted = judged(a, whole), plain = judged(b, copies);
        ck_assert_double_eq_tol(weighted.cost, plain.cost, 1e-15 * N);
        ck_assert_double_eq_tol(weighted.accuracy, plain.accuracy, 1e-15 * N);
        double cost = fitted(a, whole, method, N, 5, 0), same = fitted(b, copies, method, 2 * N, 5, 0);
        ck_assert_double_eq_tol(cost, same, 1e-15 * N);
        ck_assert_double_le(distance(a, b), 1e-14);
        talus_network_destroy(a);
        talus_network_destroy(b);
    }
    talus_dataset_destroy(copies);
}
END_TEST

/* With all weights 2, each batch is divided by twice its samples: the same bits as without weights. */
START_TEST(equal_weights_change_nothing)
{
    double twos[N];
    for (int i = 0; i < N; i++)
        twos[i] = 2;
    talus_network *a = two_layers(TALUS_DTYPE_F32, INPUTS, 6, CLASSES, TALUS_SOFTMAX),
                  *b = two_layers(TALUS_DTYPE_F32, INPUTS, 6, CLASSES, TALUS_SOFTMAX);
    double plain = fitted(a, whole, TALUS_ADAM, 7, 3, 1);
    weigh(whole, twos);
    ck_assert_double_eq_tol(fitted(b, whole, TALUS_ADAM, 7, 3, 1), plain, 1e-15);
    same_parameters(a, b);
    talus_network_destroy(a);
    talus_network_destroy(b);
}
END_TEST

/* Of three batches, the weights are 0, then 3, then 0: mean 1. The only step is one of three times the rate. */
START_TEST(batches_keep_the_weight_of_their_samples)
{
    double weights[N] = {0};
    for (int i = BATCH_ROWS; i < 2 * BATCH_ROWS; i++)
        weights[i] = 3;
    talus_dataset *middle = slice_of(whole, BATCH_ROWS, BATCH_ROWS);
    talus_network *a = two_layers(TALUS_DTYPE_F64, INPUTS, 6, CLASSES, TALUS_SOFTMAX),
                  *b = two_layers(TALUS_DTYPE_F64, INPUTS, 6, CLASSES, TALUS_SOFTMAX);
    talus_optimizer_spec optimizer;
    talus_fit_options options;
    talus_optimizer_defaults(&optimizer, TALUS_GRADIENT_DESCENT);
    talus_fit_options_defaults(&options);
    optimizer.rate *= 3;
    options.optimizer = &optimizer, options.epochs = 1, options.batch = BATCH_ROWS;
    talus_fit_result result;
    expect_ok(context, talus_fit(b, middle, NULL, &options, &result));
    weigh(whole, weights);
    double cost = fitted(a, whole, TALUS_GRADIENT_DESCENT, BATCH_ROWS, 1, 0);
    ck_assert_double_eq_tol(cost, result.cost, 1e-14);
    ck_assert_double_le(distance(a, b), 1e-14);
    talus_network_destroy(a);
    talus_network_destroy(b);
    talus_dataset_destroy(middle);
}
END_TEST

START_TEST(weights_have_the_same_bits_on_all_threads)
{
    weigh(whole, w);
    talus_network *first = NULL;
    talus_context *contexts[3];
    talus_network *networks[3];
    for (int i = 0; i < 3; i++) {
        contexts[i] = context_with(1 << i, NULL);
        talus_layer layers[] = {talus_dense(300, TALUS_TANH), talus_dense(CLASSES, TALUS_SOFTMAX)};
        talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_CROSS_ENTROPY);
        talus_fit_options options;
        talus_fit_options_defaults(&options);
        options.epochs = 2, options.batch = 19;
        expect_ok(contexts[i], talus_network_create(contexts[i], &spec, &networks[i]));
        expect_ok(contexts[i], talus_fit(networks[i], whole, NULL, &options, NULL));
        first = i == 0 ? networks[0] : first;
        same_parameters(first, networks[i]);
    }
    for (int i = 0; i < 3; i++) {
        talus_network_destroy(networks[i]);
        talus_context_destroy(contexts[i]);
    }
}
END_TEST

/* Where weights stand ------------------------------------------------------------------------------------- */

static void expect_weights(const talus_dataset *dataset, const int64_t *samples, int64_t count)
{
    talus_matrix view;
    expect_ok(context, talus_dataset_weights(dataset, &view));
    ck_assert_int_eq(talus_dataset_samples(dataset), count);
    for (int64_t i = 0; i < count; i++)
        ck_assert_double_eq(((double *)view.data)[talus_dataset_row(dataset, i) * view.stride],
                            w[samples[i]]);
}

static void expect_numbers(const talus_dataset *part)
{
    int64_t samples[N], count = talus_dataset_samples(part);
    for (int64_t i = 0; i < count; i++)
        samples[i] = number_at(part, i);
    expect_weights(part, samples, count);
}

START_TEST(parts_keep_the_weights_of_their_samples)
{
    static const int64_t list[] = {23, 2, 2, 0, 7};
    talus_dataset *all = numbered(N, NULL), *parts[5], *before = slice_of(all, 3, 9);
    weigh(all, w);
    parts[0] = slice_of(all, 5, 9);
    parts[1] = rows_of(all, list, 5);
    expect_ok(context, talus_dataset_shuffle(all, 3, &parts[2]));
    expect_ok(context, talus_dataset_split(all, 0.4, 0, 1, &parts[3], &parts[4]));
    for (int i = 0; i < 5; i++)
        expect_numbers(parts[i]);
    talus_dataset *inner = slice_of(parts[2], 4, 11);
    expect_numbers(inner);
    talus_matrix view;
    expect_ok(context, talus_dataset_weights(before, &view));
    ck_assert_ptr_null(view.data);
    talus_dataset_destroy(inner);
    for (int i = 0; i < 5; i++)
        talus_dataset_destroy(parts[i]);
    talus_dataset_destroy(before);
    talus_dataset_destroy(all);
}
END_TEST

/* A part is judged by the weights of its own samples. */
START_TEST(parts_are_weighted)
{
    static const int64_t odd[] = {1, 3, 5, 7, 9, 11};
    static const int64_t copies[] = {1, 5, 5, 7, 11, 11}; /* the weights are 1, 0, 2, 1, 0, 2 */
    weigh(whole, w);
    talus_network *network = two_layers(TALUS_DTYPE_F64, INPUTS, 6, CLASSES, TALUS_SOFTMAX);
    talus_dataset *part = rows_of(whole, odd, 6), *plain = labelled(), *repeats = rows_of(plain, copies, 6);
    ck_assert_double_eq_tol(judged(network, part).cost, judged(network, repeats).cost, 1e-15 * 6);
    talus_dataset_destroy(repeats);
    talus_dataset_destroy(plain);
    talus_dataset_destroy(part);
    talus_network_destroy(network);
}
END_TEST

START_TEST(weights_can_be_taken_away)
{
    talus_matrix view, singles;
    float single[N];
    for (int i = 0; i < N; i++)
        single[i] = (float)w[i];
    talus_network *network = two_layers(TALUS_DTYPE_F64, INPUTS, 6, CLASSES, TALUS_SOFTMAX);
    double plain = judged(network, whole).cost;
    weigh(whole, w);
    double weighted = judged(network, whole).cost;
    singles = talus_matrix_view(single, TALUS_DTYPE_F32, N, 1);
    expect_ok(context, talus_dataset_set_weights(whole, &singles));
    ck_assert_double_eq(judged(network, whole).cost, weighted);
    expect_ok(context, talus_dataset_set_weights(whole, NULL));
    ck_assert_double_eq(judged(network, whole).cost, plain);
    expect_ok(context, talus_dataset_weights(whole, &view));
    ck_assert_ptr_null(view.data);
    talus_network_destroy(network);
}
END_TEST

/* Classes ------------------------------------------------------------------------------------------------- */

static void expect_weight(const talus_dataset *dataset, int64_t sample, double expected)
{
    talus_matrix view;
    expect_ok(context, talus_dataset_weights(dataset, &view));
    ck_assert_double_eq_tol(((double *)view.data)[talus_dataset_row(dataset, sample) * view.stride], expected,
                            4e-16 * expected);
}

/* Six samples of the classes 2, 0, 2, 2, 9, 0: 6/(3·2), 6/(3·3) and 6/(3·1). */
START_TEST(balanced_classes_weigh_the_same)
{
    static const int32_t of[] = {2, 0, 2, 2, 2000000000, 0};
    static const double balanced[] = {6.0 / 9, 1, 6.0 / 9, 6.0 / 9, 2, 1}, given[] = {0.5, 7, 4};
    talus_matrix inputs = f64(x, 6, INPUTS), targets = talus_matrix_view(of, TALUS_DTYPE_I32, 6, 1);
    talus_dataset *dataset = dataset_of(&inputs, &targets), *part = slice_of(dataset, 0, 4);
    expect_ok(context, talus_dataset_weight_classes(dataset, NULL, 0));
    for (int i = 0; i < 6; i++)
        expect_weight(dataset, i, balanced[i]);
    expect_ok(context, talus_dataset_weight_classes(part, given, 3)); /* a part can have weights of its own */
    for (int i = 0; i < 4; i++)
        expect_weight(part, i, given[of[i]]);
    expect_ok(context, talus_dataset_weight_classes(part, NULL, 0)); /* 4/(2·3) and 4/(2·1) */
    for (int i = 0; i < 4; i++)
        expect_weight(part, i, of[i] == 2 ? 4.0 / 6 : 2);
    expect_status(context, TALUS_ERROR_DATA, talus_dataset_weight_classes(dataset, given, 3));
    expect_message(
        context, "class weights: sample 4 (counted from 0) is of class 2000000000, but there are 3 weights");
    for (int i = 0; i < 6; i++)
        expect_weight(dataset, i, balanced[i]); /* an error changes nothing */
    talus_dataset_destroy(part);
    talus_dataset_destroy(dataset);
}
END_TEST

/* Parts hold the weights that the whole had, also a part of a part. */
START_TEST(parts_keep_weights_that_are_replaced)
{
    static const int32_t of[] = {0, 1, 0, 1, 0, 1};
    static const double first[] = {2, 3}, second[] = {5, 7};
    talus_matrix inputs = f64(x, 6, INPUTS), targets = talus_matrix_view(of, TALUS_DTYPE_I32, 6, 1);
    talus_dataset *dataset = dataset_of(&inputs, &targets);
    expect_ok(context, talus_dataset_weight_classes(dataset, first, 2));
    talus_dataset *part = slice_of(dataset, 1, 4), *inner = slice_of(part, 1, 2), *list = NULL;
    expect_ok(context, talus_dataset_weight_classes(dataset, second, 2));
    expect_ok(context, talus_dataset_shuffle(part, 1, &list));
    expect_ok(context, talus_dataset_set_weights(dataset, NULL));
    expect_ok(context, talus_dataset_set_weights(part, NULL));
    for (int i = 0; i < 2; i++)
        expect_weight(inner, i, first[of[2 + i]]);
    for (int i = 0; i < 4; i++)
        expect_weight(list, i, first[of[1 + talus_dataset_row(list, i)]]);
    talus_dataset_destroy(list), talus_dataset_destroy(inner);
    talus_dataset_destroy(part), talus_dataset_destroy(dataset);
}
END_TEST

START_TEST(values_have_classes_too)
{
    static const float one_hot[] = {0, 1, 0, 0.5f, 0.5f, 0, 0, 0, 1};
    static const double sides[] = {0.5, 1, 0.75}, given[] = {3, 5, 9};
    static const uint8_t bytes[] = {0, 1, 1};
    static const int64_t rows[] = {2, 0, 2};
    talus_matrix inputs = f64(x, 3, INPUTS), hot = talus_matrix_view(one_hot, TALUS_DTYPE_F32, 3, 3),
                 side = f64(sides, 3, 1), byte = talus_matrix_view(bytes, TALUS_DTYPE_U8, 3, 1);
    talus_dataset *datasets[] = {dataset_of(&inputs, &hot), dataset_of(&inputs, &side),
                                 dataset_of(&inputs, &byte)};
    static const double expected[][3] = {{5, 3, 9}, {3, 5, 5}, {3, 5, 5}};
    for (int d = 0; d < 3; d++) {
        expect_ok(context, talus_dataset_weight_classes(datasets[d], given, 3));
        for (int i = 0; i < 3; i++)
            expect_weight(datasets[d], i, expected[d][i]);
    }
    talus_dataset *list = rows_of(datasets[0], rows, 3); /* of classes 2, 1, 2 */
    expect_ok(context, talus_dataset_weight_classes(list, NULL, 0));
    expect_weight(list, 0, 0.75);
    expect_weight(list, 1, 1.5);
    talus_dataset_destroy(list);
    for (int d = 0; d < 3; d++)
        talus_dataset_destroy(datasets[d]);
}
END_TEST

/* Refusals ------------------------------------------------------------------------------------------------ */

START_TEST(bad_weights_are_refused)
{
    double bad[N];
    memcpy(bad, w, sizeof bad);
    talus_matrix view = f64(bad, N, 1);
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_dataset_set_weights(NULL, &view));
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_dataset_weights(NULL, &view));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_weights(whole, NULL));
    view.rows = N - 1;
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_set_weights(whole, &view));
    expect_message(context, "weights must be 24 x 1, one for each sample, got 23 x 1");
    view.rows = N / 2, view.cols = view.stride = 2;
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_set_weights(whole, &view));
    view = f64(bad, N, 1), view.dtype = TALUS_DTYPE_U8;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_set_weights(whole, &view));
    view.dtype = TALUS_DTYPE_F64;
    for (int i = 0; i < 3; i++) {
        bad[7] = (const double[]){-1, INFINITY, NAN}[i];
        expect_status(context, TALUS_ERROR_DATA, talus_dataset_set_weights(whole, &view));
        expect_message(context, "weights, row 7 (counted from 0): the weight must be");
    }
    talus_dataset *part = rows_of(whole, (const int64_t[]){1}, 1);
    view = f64(bad, 1, 1);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_set_weights(part, &view));
    expect_message(context, "weights must be set for the whole before a part is made that is a list of rows");
    expect_ok(context, talus_dataset_set_weights(part, NULL));
    talus_dataset_destroy(part);
}
END_TEST

START_TEST(weights_of_sum_0_are_refused)
{
    const double none[N] = {0};
    talus_fit_options options;
    talus_metrics metrics;
    talus_fit_options_defaults(&options);
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 6, CLASSES, TALUS_SOFTMAX);
    talus_workspace *workspace = workspace_of(network, N);
    weigh(whole, none);
    expect_status(context, TALUS_ERROR_DATA, talus_fit(network, whole, NULL, &options, NULL));
    expect_message(context,
                   "training: the weights of its samples must have a finite sum above 0, got the mean 0");
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate(network, workspace, whole, &metrics));
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

START_TEST(bad_class_weights_are_refused)
{
    double given[] = {1, 2, NAN};
    talus_dataset *bare = numbered(3, NULL);
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_dataset_weight_classes(NULL, NULL, 0));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_weight_classes(bare, NULL, 0));
    expect_message(context, "class weights: the data set must have targets, got one without");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_weight_classes(whole, NULL, 2));
    expect_message(context, "class weights: count must be 0 for balanced classes, got 2");
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_weight_classes(whole, given, 0));
    expect_message(context, "class weights: count must be at least 1, got 0");
    expect_status(context, TALUS_ERROR_DATA, talus_dataset_weight_classes(whole, given, 3));
    expect_message(context, "class weights: that of class 2 must be a finite number of at least 0, got nan");
    given[2] = -1;
    expect_status(context, TALUS_ERROR_DATA, talus_dataset_weight_classes(whole, given, 3));
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY, talus_dataset_weight_classes(whole, NULL, 0));
    }
    book.fail_at = 0;
    talus_dataset_destroy(bare);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("weights");
    const TTest *const tests[] = {
        a_weight_is_a_number_of_samples_in_a_full_batch,
        equal_weights_change_nothing,
        batches_keep_the_weight_of_their_samples,
        weights_have_the_same_bits_on_all_threads,
        parts_keep_the_weights_of_their_samples,
        parts_are_weighted,
        weights_can_be_taken_away,
        balanced_classes_weigh_the_same,
        parts_keep_weights_that_are_replaced,
        values_have_classes_too,
        bad_weights_are_refused,
        weights_of_sum_0_are_refused,
        bad_class_weights_are_refused,
    };
    TCase *all = case_with(suite, begin, end);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    return run_suite(suite);
}
