/* Parts of data sets: which samples they hold, and that training on a part is training on a copy of its rows. */
#include "data/dataset.h"
#include "support.h"

enum { N = 37, INPUTS = 5, OUTPUTS = 3 };

static counting_allocator book;
static talus_context *context;
static int64_t live_at_start;

static void begin(void)
{
    book = (counting_allocator){0};
    context = context_with(2, &book);
    live_at_start = book.alive;
}

static void end(void)
{
    ck_assert_int_eq(book.alive, live_at_start);
    talus_context_destroy(context);
    ck_assert_int_eq(book.alive, 0);
}

static talus_dataset *make(const talus_matrix *inputs, const talus_matrix *targets)
{
    talus_dataset *dataset = NULL;
    expect_ok(context, talus_dataset_from_matrices(context, inputs, targets, &dataset));
    return dataset;
}

static talus_dataset *rows_of(const talus_dataset *whole, const int64_t *rows, int64_t count)
{
    talus_dataset *part = NULL;
    expect_ok(context, talus_dataset_rows(whole, rows, count, &part));
    return part;
}

static talus_dataset *slice_of(const talus_dataset *whole, int64_t first, int64_t count)
{
    talus_dataset *part = NULL;
    expect_ok(context, talus_dataset_slice(whole, first, count, &part));
    return part;
}

/* A data set of n samples with one input; sample i holds the number i. */
static float counted[1000];
static talus_dataset *numbered(int64_t n, const talus_matrix *targets)
{
    ck_assert_int_le(n, 1000);
    for (int i = 0; i < 1000; i++)
        counted[i] = (float)i;
    talus_matrix inputs = talus_matrix_view(counted, TALUS_DTYPE_F32, n, 1);
    return make(&inputs, targets);
}

/* The number that a sample of a part of a numbered data set holds. */
static int64_t number_at(const talus_dataset *part, int64_t sample)
{
    talus_matrix x;
    expect_ok(context, talus_dataset_matrices(part, &x, NULL));
    int64_t row = talus_dataset_row(part, sample);
    ck_assert(row >= 0 && row < x.rows);
    return (int64_t)((const float *)x.data)[row * x.stride];
}

static void holds(const talus_dataset *part, int64_t count, const int64_t *numbers)
{
    ck_assert_int_eq(talus_dataset_samples(part), count);
    for (int64_t i = 0; i < count; i++)
        ck_assert_int_eq(number_at(part, i), numbers[i]);
}

START_TEST(lists_hold_the_listed_samples)
{
    int64_t list[] = {4, 0, 4, 11, 7}, long_list[40];
    const int64_t copy[] = {4, 0, 4, 11, 7};
    talus_dataset *whole = numbered(12, NULL), *part = rows_of(whole, list, 5);
    memset(list, 0, sizeof list);
    holds(part, 5, copy);
    ck_assert_int_eq(talus_dataset_inputs(part), 1);
    ck_assert_int_eq(talus_dataset_row(part, 0), 4);
    ck_assert_int_eq(talus_dataset_row(part, 5), -1);
    ck_assert_int_eq(talus_dataset_row(part, -1), -1);
    ck_assert_int_eq(talus_dataset_row(whole, 11), 11);
    ck_assert_int_eq(talus_dataset_row(whole, 12), -1);
    ck_assert_int_eq(talus_dataset_row(NULL, 0), -1);
    talus_dataset_destroy(part);
    for (int i = 0; i < 40; i++)
        long_list[i] = i * 5 % 12;
    part = rows_of(whole, long_list, 40);
    holds(part, 40, long_list);
    talus_dataset_destroy(part);
    talus_dataset_destroy(whole);
}
END_TEST

START_TEST(arrays_of_a_list_are_those_of_the_whole)
{
    double x[12 * 5] = {0};
    int32_t y[12 * 2] = {0};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, 12, 3), seen;
    talus_matrix labels = talus_matrix_view(y, TALUS_DTYPE_I32, 12, 1), seen_labels;
    inputs.stride = 5, labels.stride = 2;
    talus_dataset *whole = make(&inputs, &labels), *slice = slice_of(whole, 3, 8);
    talus_dataset *part = rows_of(slice, (int64_t[]){7, 1}, 2);
    expect_ok(context, talus_dataset_matrices(part, &seen, &seen_labels));
    ck_assert(seen.data == x + 3 * 5 && seen.rows == 8 && seen.cols == 3 && seen.stride == 5);
    ck_assert(seen_labels.data == y + 3 * 2 && seen_labels.rows == 8 && seen_labels.stride == 2);
    ck_assert_int_eq(talus_dataset_row(part, 0), 7);
    ck_assert_int_eq(talus_dataset_row(part, 1), 1);
    ck_assert_int_eq(talus_dataset_row(slice, 0), 0);
    talus_dataset_destroy(part);
    talus_dataset_destroy(slice);
    talus_dataset_destroy(whole);
}
END_TEST

START_TEST(columns_of_targets_are_counted)
{
    float values[6] = {0};
    int32_t labels[2] = {0};
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F32, 2, 1),
                 y = talus_matrix_view(values, TALUS_DTYPE_F32, 2, 3);
    talus_matrix label_view = talus_matrix_view(labels, TALUS_DTYPE_I32, 2, 1);
    const talus_matrix *const targets[] = {NULL, &y, &label_view};
    static const int64_t cols[] = {0, 3, 1};
    for (int i = 0; i < 3; i++) {
        talus_dataset *whole = make(&x, targets[i]), *part = rows_of(whole, (int64_t[]){1, 1, 0}, 3);
        ck_assert_int_eq(talus_dataset_targets(whole), cols[i]);
        ck_assert_int_eq(talus_dataset_targets(part), cols[i]);
        talus_dataset_destroy(part);
        talus_dataset_destroy(whole);
    }
    ck_assert_int_eq(talus_dataset_targets(NULL), 0);
}
END_TEST

/* Chains of parts, at each link a slice or a list of the one before. */
START_TEST(parts_of_parts_compose)
{
    enum { CHAINS = 64, LINKS = 6 };
    number_stream stream = numbers_from(3);
    for (int chain = 0; chain < CHAINS; chain++) {
        talus_dataset *links[LINKS + 1] = {numbered(N, NULL)};
        int64_t held[N], count = N;
        for (int i = 0; i < N; i++)
            held[i] = i;
        for (int link = 1; link <= LINKS; link++) {
            int64_t list[N], less = count - 1 - link % 2;
            for (int64_t i = 0; i < less; i++)
                list[i] = (int64_t)((next_number(&stream) + 1) / 2 * (double)count);
            if (chain >> (link - 1) & 1) {
                links[link] = rows_of(links[link - 1], list, less);
            } else {
                links[link] = slice_of(links[link - 1], 1, less);
                for (int64_t i = 0; i < less; i++)
                    list[i] = 1 + i;
            }
            for (int64_t i = 0; i < less; i++)
                list[i] = held[list[i]];
            memcpy(held, list, sizeof held);
            count = less;
            holds(links[link], count, held);
        }
        for (int link = LINKS; link >= 0; link--)
            talus_dataset_destroy(links[link]);
    }
}
END_TEST

START_TEST(siblings_may_be_destroyed_in_any_order)
{
    static const int64_t numbers[] = {5, 1, 0};
    for (int order = 0; order < 6; order++) {
        talus_dataset *whole = numbered(6, NULL);
        talus_dataset *parts[] = {rows_of(whole, (int64_t[]){5, 2}, 2), slice_of(whole, 1, 2),
                                  rows_of(whole, (int64_t[]){0}, 1)};
        int first = order / 2, second = (first + 1 + order % 2) % 3, last = 3 - first - second;
        talus_dataset_destroy(parts[first]);
        talus_dataset_destroy(parts[second]);
        ck_assert_int_eq(number_at(parts[last], 0), numbers[last]);
        talus_dataset_destroy(parts[last]);
        talus_dataset_destroy(whole);
    }
}
END_TEST

START_TEST(lists_that_cannot_be)
{
    talus_dataset *whole = numbered(4, NULL), *part = whole, *wide = rows_of(whole, (int64_t[6]){3}, 6);
    static const struct {
        int64_t rows[3];
        const char *text;
    } outside[] = {{{4, 0, 0}, "rows: rows[0] must be 0 … 3, got 4"},
                   {{0, -1, 9}, "rows: rows[1] must be 0 … 3, got -1"},
                   {{3, 0, INT64_MAX}, "rows: rows[2] must be 0 … 3, got 9223372036854775807"},
                   {{INT64_MIN, 0, 0}, "rows: rows[0] must be 0 … 3, got -9223372036854775808"}};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_rows(whole, outside[i].rows, 3, &part));
        expect_message(context, outside[i].text);
    }
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_rows(wide, (int64_t[]){6}, 1, &part));
    expect_message(context, "rows: rows[0] must be 0 … 5, got 6");
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_rows(whole, (int64_t[]){0}, 0, &part));
    expect_message(context, "rows: count must be at least 1, got 0");
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_rows(whole, (int64_t[]){0}, INT64_MIN, &part));
    expect_message(context, "rows: count must be at least 1, got -9223372036854775808");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_rows(whole, NULL, 2, &part));
    expect_message(context, "rows: rows must be a list of rows, got NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_rows(whole, (int64_t[]){0}, 1, NULL));
    expect_message(context, "rows: part must be a place for the result, got NULL");
    ck_assert_int_eq(talus_dataset_rows(NULL, (int64_t[]){0}, 1, &part), TALUS_ERROR_ARGUMENT);
    ck_assert_ptr_eq(part, whole);
    talus_dataset_destroy(wide);
    talus_dataset_destroy(whole);
}
END_TEST

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
    e.whole = make(&e.x, &e.y);
    e.part = rows_of(e.whole, rows, count);
    e.copy = make(&e.listed_x, &e.listed_y);
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
    talus_layer layers[] = {{.width = 9, .activation = TALUS_TANH},
                            {.width = OUTPUTS, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {.inputs = INPUTS,
                               .layers = layers,
                               .layer_count = 2,
                               .loss = TALUS_CROSS_ENTROPY,
                               .precision = precision,
                               .seed = 4};
    talus_network *network = NULL;
    double shift[INPUTS] = {1, 2, 3, 4, 5}, scale[INPUTS] = {0.25, 0.5, 0.1, 0.2, 0.3};
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
    return network;
}

static void same_parameters(talus_network *a, talus_network *b, int precision)
{
    talus_matrix of_a, of_b;
    expect_ok(context, talus_network_parameters(a, &of_a));
    expect_ok(context, talus_network_parameters(b, &of_b));
    size_t bytes = (size_t)of_a.cols * tl_dtype_size(precision);
    ck_assert_int_eq(memcmp(of_a.data, of_b.data, bytes), 0);
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
    same_parameters(of_a, of_b, precision);
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
    talus_workspace *workspace;
    talus_metrics metrics;
    expect_ok(context, talus_workspace_create(context, network, batch, &workspace));
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
        talus_workspace *workspace;
        talus_metrics metrics;
        talus_fit_options_defaults(&options);
        options.batch = batch;
        expect_status(context, TALUS_ERROR_DATA, talus_fit(network, e.part, NULL, &options, NULL));
        expect_message(context, "row 19");
        expect_ok(context, talus_workspace_create(context, network, batch, &workspace));
        expect_status(context, TALUS_ERROR_DATA, talus_evaluate(network, workspace, e.part, &metrics));
        expect_message(context, "row 19");
        talus_workspace_destroy(workspace);
    }
    talus_network_destroy(network);
    free_example(&e);
}
END_TEST

/* What is made of a whole, and given back; the status of the first call that failed. */
static talus_status make_parts(const talus_dataset *whole, talus_dataset *parts[2])
{
    talus_status status = talus_dataset_rows(whole, (int64_t[]){3, 1, 3}, 3, &parts[0]);
    if (status == TALUS_OK)
        status = talus_dataset_slice(parts[0], 1, 2, &parts[1]);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    talus_dataset *whole = numbered(5, NULL);
    int64_t alive = book.alive;
    int fail_at = 1;
    for (bool failed = true; failed; fail_at++) {
        talus_dataset *parts[2] = {NULL, NULL};
        refuse_from_now(&book, fail_at);
        talus_status status = make_parts(whole, parts);
        failed = book.calls >= book.fail_at;
        ck_assert_int_eq(status, failed ? TALUS_ERROR_MEMORY : TALUS_OK);
        if (failed)
            expect_message(context, "there is no memory for");
        ck_assert(!failed || parts[1] == NULL);
        talus_dataset_destroy(parts[1]);
        talus_dataset_destroy(parts[0]);
        ck_assert_int_eq(book.alive, alive);
    }
    ck_assert_int_eq(fail_at, 2 + 1 + 2); /* list, part; part; and the time when nothing failed */
    talus_dataset_destroy(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parts");
    const TTest *const tests[] = {
        lists_hold_the_listed_samples,
        arrays_of_a_list_are_those_of_the_whole,
        columns_of_targets_are_counted,
        parts_of_parts_compose,
        siblings_may_be_destroyed_in_any_order,
        lists_that_cannot_be,
        training_on_a_list_is_training_on_a_copy,
        training_on_all_rows_is_training_on_the_whole,
        metrics_of_a_list_are_those_of_a_copy,
        metrics_of_parts_add_up,
        steps_over_a_list_allocate_nothing,
        samples_are_named_by_their_number,
        bad_labels_are_named_by_their_sample,
        every_allocation_may_fail,
    };
    TCase *all = tcase_create("parts");
    tcase_add_checked_fixture(all, begin, end);
    tcase_set_timeout(all, 0);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
