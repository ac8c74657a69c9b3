/* Training and evaluation on a part of a data set are those on a copy of its rows. */
#include "data/dataset.h"
#include "fixture.h"

enum { N = 37, INPUTS = 5, OUTPUTS = 3 };

/* Arrays of every dtype: small whole numbers, which all of them can hold. */
static void *typed(int dtype, int64_t rows, int64_t cols, int most, uint64_t seed)
{
    static const size_t size[] = {
        [TALUS_DTYPE_F32] = 4, [TALUS_DTYPE_F64] = 8, [TALUS_DTYPE_U8] = 1, [TALUS_DTYPE_I32] = 4};
    number_stream stream = numbers_from(seed);
    void *array = malloc((size_t)(rows * cols) * size[dtype]);
    ck_assert_ptr_nonnull(array);
    for (int64_t i = 0; i < rows * cols; i++) {
        int value = (int)((next_number(&stream) + 1) / 2 * (most + 1));
        switch (dtype) {
        case TALUS_DTYPE_F32:
            ((float *)array)[i] = (float)value;
            break;
        case TALUS_DTYPE_F64:
            ((double *)array)[i] = value;
            break;
        case TALUS_DTYPE_U8:
            ((uint8_t *)array)[i] = (uint8_t)value;
            break;
        default:
            ((int32_t *)array)[i] = value;
        }
    }
    return array;
}

/* The listed rows of a view, copied; free its data. */
static talus_matrix copied(const talus_matrix *view, const int64_t *rows, int64_t count)
{
    size_t size = tl_dtype_size(view->dtype), bytes = (size_t)view->cols * size;
    char *copy = malloc((size_t)count * bytes);
    ck_assert_ptr_nonnull(copy);
    for (int64_t i = 0; i < count; i++)
        memcpy(copy + (size_t)i * bytes, (char *)view->data + (size_t)(rows[i] * view->stride) * size, bytes);
    return talus_matrix_view(copy, view->dtype, count, view->cols);
}

/* An example to train on: a whole, a part of it by a list, and a data set of the same samples, copied. */
typedef struct example {
    talus_matrix x, y, listed_x, listed_y;
    talus_dataset *whole, *part, *copy;
} example;

static example make_example(int inputs, int targets, const int64_t *rows, int64_t count)
{
    example e;
    int64_t cols = targets == TALUS_DTYPE_I32 ? 1 : OUTPUTS;
    e.x = talus_matrix_view(typed(inputs, N, INPUTS, 9, 1), inputs, N, INPUTS);
    e.y = talus_matrix_view(typed(targets, N, cols, targets == TALUS_DTYPE_I32 ? OUTPUTS - 1 : 1, 2), targets,
                            N, cols);
    e.listed_x = copied(&e.x, rows, count), e.listed_y = copied(&e.y, rows, count);
    e.whole = dataset_of(&e.x, &e.y);
    e.part = rows_of(e.whole, rows, count);
    e.copy = dataset_of(&e.listed_x, &e.listed_y);
    return e;
}

static void free_example(example *e)
{
    talus_dataset_destroy(e->copy);
    talus_dataset_destroy(e->part);
    talus_dataset_destroy(e->whole);
    free(e->x.data), free(e->y.data), free(e->listed_x.data), free(e->listed_y.data);
}

static talus_network *make_network(int precision)
{
    double shift[INPUTS] = {1, 2, 3, 4, 5}, scale[INPUTS] = {0.25, 0.5, 0.1, 0.2, 0.3};
    talus_network *network = two_layers(precision, INPUTS, 9, OUTPUTS, TALUS_SOFTMAX);
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
    return network;
}

/* Fits two networks of the same weights to two data sets: all numbers must be the same bits. */
static void fits_are_equal(const talus_dataset *a, const talus_dataset *b, int precision, int shuffle)
{
    talus_network *of_a = make_network(precision), *of_b = make_network(precision);
    talus_trainer *trainer_a, *trainer_b;
    expect_ok(context, talus_trainer_create(of_a, NULL, 8, &trainer_a));
    expect_ok(context, talus_trainer_create(of_b, NULL, 8, &trainer_b));
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 3, options.batch = 8, options.shuffle = shuffle, options.seed = 11;
    expect_ok(context, talus_trainer_fit(trainer_a, a, b, &options, NULL));
    expect_ok(context, talus_trainer_fit(trainer_b, b, a, &options, NULL));
    same_parameters(of_a, of_b);
    ck_assert_int_eq(talus_trainer_epochs(trainer_a), 3);
    for (int number = 1; number <= 3; number++) {
        talus_epoch epoch_a, epoch_b;
        expect_ok(context, talus_trainer_epoch(trainer_a, number, &epoch_a));
        expect_ok(context, talus_trainer_epoch(trainer_b, number, &epoch_b));
        ck_assert(epoch_a.cost == epoch_b.cost);
        ck_assert(epoch_a.validation_cost == epoch_b.validation_cost);
        ck_assert(epoch_a.validation_accuracy == epoch_b.validation_accuracy);
    }
    talus_trainer_destroy(trainer_a);
    talus_trainer_destroy(trainer_b);
    talus_network_destroy(of_a);
    talus_network_destroy(of_b);
}

/* The order 0, 10, 20, … modulo N, with three more samples that are there twice. */
static int64_t mixed[N + 3];
static void fill_mixed(void)
{
    for (int i = 0; i < N + 3; i++)
        mixed[i] = i * 10 % N;
}

START_TEST(training_on_a_list_is_training_on_a_copy)
{
    static const int inputs[] = {TALUS_DTYPE_F32, TALUS_DTYPE_F64, TALUS_DTYPE_U8};
    static const int targets[] = {TALUS_DTYPE_F32, TALUS_DTYPE_F64, TALUS_DTYPE_U8, TALUS_DTYPE_I32};
    fill_mixed();
    for (int i = 0; i < 3; i++)
        for (int t = 0; t < 4; t++) {
            example e = make_example(inputs[i], targets[t], mixed, N + 3);
            for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
                for (int shuffle = 0; shuffle <= 1; shuffle++)
                    fits_are_equal(e.part, e.copy, precision, shuffle);
            free_example(&e);
        }
}
END_TEST

/* A list in the natural order is the data set itself, shuffled or not. */
START_TEST(training_on_all_rows_is_training_on_the_whole)
{
    int64_t all[N];
    for (int i = 0; i < N; i++)
        all[i] = i;
    example e = make_example(TALUS_DTYPE_U8, TALUS_DTYPE_I32, all, N);
    fits_are_equal(e.part, e.whole, TALUS_DTYPE_F32, 0);
    fits_are_equal(e.part, e.whole, TALUS_DTYPE_F32, 1);
    free_example(&e);
}
END_TEST

static talus_metrics metrics_of(talus_network *network, const talus_dataset *dataset, int64_t batch)
{
    talus_workspace *workspace = workspace_of(network, batch);
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(network, workspace, dataset, &metrics));
    talus_workspace_destroy(workspace);
    return metrics;
}

START_TEST(metrics_of_a_list_are_those_of_a_copy)
{
    fill_mixed();
    example e = make_example(TALUS_DTYPE_F32, TALUS_DTYPE_I32, mixed, N + 3);
    talus_network *network = make_network(TALUS_DTYPE_F32);
    for (int64_t batch = 1; batch < 50; batch += 8) {
        talus_metrics listed = metrics_of(network, e.part, batch), copy = metrics_of(network, e.copy, batch);
        ck_assert_int_eq(listed.samples, N + 3);
        ck_assert(listed.cost == copy.cost && listed.accuracy == copy.accuracy);
    }
    talus_network_destroy(network);
    free_example(&e);
}
END_TEST

/* The parts of a split have the losses and the decisions of the whole between them. */
START_TEST(metrics_of_parts_add_up)
{
    fill_mixed();
    example e = make_example(TALUS_DTYPE_F64, TALUS_DTYPE_I32, mixed, N);
    talus_network *network = make_network(TALUS_DTYPE_F64);
    for (int stratified = 0; stratified <= 1; stratified++)
        for (int64_t batch = 1; batch < 50; batch += 12) {
            talus_dataset *parts[2];
            expect_ok(context, talus_dataset_split(e.part, 0.3, stratified, 8, &parts[0], &parts[1]));
            talus_metrics whole = metrics_of(network, e.part, batch);
            double loss = 0, right = 0;
            for (int k = 0; k < 2; k++) {
                talus_metrics part = metrics_of(network, parts[k], batch);
                ck_assert_int_eq(part.samples, talus_dataset_samples(parts[k]));
                loss += part.cost * (double)part.samples;
                right += round(part.accuracy * (double)part.samples);
                talus_dataset_destroy(parts[k]);
            }
            ck_assert_double_le(fabs(loss - whole.cost * N), 16 * 0x1p-52 * N * whole.cost * N);
            ck_assert(right == round(whole.accuracy * N));
        }
    talus_network_destroy(network);
    free_example(&e);
}
END_TEST

typedef struct steps {
    int64_t first, last;
} steps;

static int note_allocations(const talus_progress *progress, void *user)
{
    steps *seen = user;
    if (progress->epoch == 1 && progress->sample == 8)
        seen->first = book.calls;
    seen->last = book.calls;
    return 0;
}

START_TEST(steps_over_a_list_allocate_nothing)
{
    fill_mixed();
    example e = make_example(TALUS_DTYPE_F32, TALUS_DTYPE_I32, mixed, N);
    talus_network *network = make_network(TALUS_DTYPE_F32);
    steps seen = {0};
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 3, options.batch = 8;
    options.on_progress = note_allocations, options.user = &seen;
    expect_ok(context, talus_fit(network, e.part, e.part, &options, NULL));
    ck_assert_int_gt(seen.first, 0);
    ck_assert_int_eq(seen.first, seen.last);
    talus_network_destroy(network);
    free_example(&e);
}
END_TEST

/* Data must not change during a fit; where it does, the message still names the sample. */
static int spoil(const talus_progress *progress, void *user)
{
    if (progress->epoch == 2 && progress->sample == 8)
        *(float *)user = NAN;
    return 0;
}

static void spoils(const talus_dataset *dataset, float *value, int shuffle, const char *piece)
{
    float before = *value;
    talus_network *network = make_network(TALUS_DTYPE_F32);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = 8, options.shuffle = shuffle, options.on_progress = spoil, options.user = value;
    expect_status(context, TALUS_ERROR_DATA, talus_fit(network, dataset, NULL, &options, NULL));
    expect_message(context, piece);
    *value = before;
    talus_network_destroy(network);
}

START_TEST(samples_are_named_by_their_number)
{
    fill_mixed();
    example e = make_example(TALUS_DTYPE_F32, TALUS_DTYPE_I32, mixed, N);
    talus_dataset *slice = slice_of(e.whole, 2, 30), *part_slice = slice_of(e.part, 7, 25);
    for (int shuffle = 0; shuffle <= 1; shuffle++) {
        spoils(e.whole, (float *)e.x.data + 30 * INPUTS + 3, shuffle, "row 30, column 3");
        spoils(slice, (float *)e.x.data + 30 * INPUTS + 3, shuffle, "row 28, column 3");
        spoils(e.part, (float *)e.x.data + mixed[19] * INPUTS + 3, shuffle, "row 19, column 3");
        spoils(part_slice, (float *)e.x.data + mixed[19] * INPUTS + 3, shuffle, "row 12, column 3");
    }
    talus_dataset_destroy(part_slice);
    talus_dataset_destroy(slice);
    free_example(&e);
}
END_TEST

/* Bad data is found before the first step, and in evaluate. */
START_TEST(bad_labels_are_named_by_their_sample)
{
    fill_mixed();
    example e = make_example(TALUS_DTYPE_F32, TALUS_DTYPE_I32, mixed, N);
    ((int32_t *)e.y.data)[mixed[19]] = OUTPUTS;
    talus_network *network = make_network(TALUS_DTYPE_F32);
    for (int64_t batch = 1; batch < 50; batch += 12) {
        talus_fit_options options;
        talus_workspace *workspace = workspace_of(network, batch);
        talus_metrics metrics;
        talus_fit_options_defaults(&options);
        options.batch = batch;
        expect_status(context, TALUS_ERROR_DATA, talus_fit(network, e.part, NULL, &options, NULL));
        expect_message(context, "row 19");
        expect_status(context, TALUS_ERROR_DATA, talus_evaluate(network, workspace, e.part, &metrics));
        expect_message(context, "row 19");
        talus_workspace_destroy(workspace);
    }
    talus_network_destroy(network);
    free_example(&e);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("training on parts");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, training_on_a_list_is_training_on_a_copy);
    tcase_add_test(tests, training_on_all_rows_is_training_on_the_whole);
    tcase_add_test(tests, metrics_of_a_list_are_those_of_a_copy);
    tcase_add_test(tests, metrics_of_parts_add_up);
    tcase_add_test(tests, steps_over_a_list_allocate_nothing);
    tcase_add_test(tests, samples_are_named_by_their_number);
    tcase_add_test(tests, bad_labels_are_named_by_their_sample);
    return run_suite(suite);
}
