/* Solving last layers as a call: costs as evaluated, batches, streams, threads, memory, refusals. */
#include <float.h>
#include <talus/stream.h>

#include "solve_support.h"

enum { N = 9000, INPUTS = 6, OUTPUTS = 2, BATCHES = 9 /* of at most 1024 */ };

static double *x, *y, *weights;
static talus_matrix in, to;
static talus_dataset *data;

static void begin(void)
{
    begin_counted();
    x = random_array(1, N * INPUTS), y = random_array(2, N * OUTPUTS), weights = random_array(3, N);
    for (int64_t i = 0; i < N; i++) {
        weights[i] = floor(4 * fabs(weights[i])) / 2;
        y[i * OUTPUTS] += x[i * INPUTS] + 1;
    }
    in = f64_view(x, N, INPUTS), to = f64_view(y, N, OUTPUTS);
    data = dataset_of(&in, &to);
}

static void end(void)
{
    talus_dataset_destroy(data);
    free(x), free(y), free(weights);
    end_counted();
}

static void set_weights(talus_dataset *of)
{
    talus_matrix w = f64_view(weights, N, 1);
    expect_ok(context, talus_dataset_set_weights(of, &w));
}

static talus_network *usual(int precision, int64_t hidden)
{
    readout_case of = {precision, INPUTS, hidden, OUTPUTS, 0, 0};
    return network_of(context, &of);
}

static double cost_of(const talus_network *network, const talus_dataset *of)
{
    talus_metrics metrics;
    talus_workspace *workspace = workspace_of(network, 100);
    expect_ok(context, talus_evaluate(network, workspace, of, &metrics));
    talus_workspace_destroy(workspace);
    return metrics.cost;
}

START_TEST(costs_are_those_of_evaluate)
{
    const int precision = _i % 2;
    const double epsilon = precision == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON;
    talus_network *network = usual(precision, _i / 2 % 2 * 20);
    talus_report report;
    if (_i / 4 == 1)
        set_weights(data);
    expect_ok(context, talus_network_fit_input_scaling(network, data, TALUS_SCALING_STANDARD));
    expect_ok(context, talus_network_fit_target_scaling(network, data, TALUS_SCALING_RANGE));
    const double before = cost_of(network, data);
    talus_solve_result result = solve(network, data, 0, _i / 8);
    const double after = cost_of(network, data);
    ck_assert_double_eq_tol(result.cost_before / before, 1, 1000 * epsilon);
    ck_assert_double_eq_tol(result.cost / after, 1, 1000 * epsilon);
    ck_assert_double_lt(after, before);
    talus_workspace *workspace = workspace_of(network, 100);
    expect_ok(context, talus_evaluate_report(network, workspace, data, NULL, &report));
    ck_assert_double_eq_tol(result.r2, report.r2.value, 1000 * epsilon);
    ck_assert_double_ge(result.seconds, 0);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* A sample of weight 2 is two samples, and one of weight 0 is none. */
START_TEST(weights_are_repeated_samples)
{
    int64_t *rows = calloc(2 * N, sizeof *rows), count = 0;
    for (int64_t i = 0; i < N; i++) {
        weights[i] = (double)(i % 3);
        for (int64_t k = 0; k < i % 3; k++)
            rows[count++] = i;
    }
    talus_dataset *repeated = rows_of(data, rows, count);
    set_weights(data);
    talus_network *a = usual(TALUS_DTYPE_F64, 9), *b = usual(TALUS_DTYPE_F64, 9);
    talus_solve_result of_a = solve(a, data, 0.01, _i), of_b = solve(b, repeated, 0.01, _i);
    for (int64_t o = 0; o < OUTPUTS; o++) {
        for (int64_t j = 0; j < 9; j++)
            ck_assert_double_eq_tol(weight_at(a, o, j), weight_at(b, o, j),
                                    100 * DBL_EPSILON * of_a.condition);
        ck_assert_double_eq_tol(bias_at(a, o), bias_at(b, o), 100 * DBL_EPSILON * of_a.condition);
    }
    ck_assert_double_eq_tol(of_a.squares, of_b.squares, (double)N * DBL_EPSILON * of_b.squares);
    talus_network_destroy(a);
    talus_network_destroy(b);
    talus_dataset_destroy(repeated);
    free(rows);
}
END_TEST

/* Outputs do not know of each other. */
START_TEST(outputs_are_solved_each_for_itself)
{
    static const double output_weights[] = {0.5, 3};
    talus_layer layer = {.width = OUTPUTS};
    talus_network_spec spec = {.inputs = INPUTS,
                               .layers = &layer,
                               .layer_count = 1,
                               .precision = TALUS_DTYPE_F64,
                               .output_weights = output_weights,
                               .output_weight_count = 2};
    talus_network *weighted, *plain = usual(TALUS_DTYPE_F64, 0);
    expect_ok(context, talus_network_create(context, &spec, &weighted));
    talus_solve_result result = solve(weighted, data, 0, 0);
    (void)solve(plain, data, 0, 0);
    same_parameters(weighted, plain);
    ck_assert_double_eq_tol(result.cost / cost_of(weighted, data), 1, 1e-12);
    talus_solve_options options;
    talus_solve_options_defaults(&options);
    options.ridge = 1;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_solve_readout(weighted, data, &options, NULL));
    expect_message(context, "solve: ridge and l2 of the last layer must be 0 with weights of outputs");
    talus_network_destroy(weighted);
    talus_network_destroy(plain);
}
END_TEST

/* Layers that are normalised over the batch have the running statistics, as in what is predicted. */
START_TEST(normalised_layers_are_as_in_predictions)
{
    talus_layer layers[] = {
        {.width = 8, .activation = TALUS_TANH, .normalization = TALUS_NORMALIZATION_BATCH},
        {.width = 8, .activation = TALUS_RELU, .dropout = 0.5},
        {.width = OUTPUTS}};
    talus_network_spec spec = {
        .inputs = INPUTS, .layers = layers, .layer_count = 3, .precision = TALUS_DTYPE_F64, .input_noise = 1};
    talus_network *network;
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 1;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_fit(network, data, NULL, &options, NULL)); /* statistics are no longer 0 and 1 */
    talus_solve_result result = solve(network, data, 0, 0);
    const double best = cost_of(network, data);
    ck_assert_double_eq_tol(result.cost / best, 1, 1e-12);
    talus_matrix w = last_weights(network);
    for (int64_t j = 0; j < w.rows * w.cols; j++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double *at = (double *)w.data + j, kept = *at;
            *at += sign * 1e-3;
            ck_assert_double_ge(cost_of(network, data), best);
            *at = kept;
        }
    talus_network_destroy(network);
}
END_TEST

/* Bits, streams and memory ----------------------------------------------------------------------------------- */

START_TEST(bits_do_not_depend_on_threads)
{
    const int64_t hidden = _i % 2 == 0 ? 37 : 700; /* one panel of rows, and two */
    readout_case of = {_i / 2 % 2, INPUTS, hidden, OUTPUTS, 0, 0};
    talus_network *first = NULL;
    talus_dataset *part = slice_of(data, 0, hidden > 512 ? 1500 : N);
    for (int threads = 1; threads <= 4; threads++) {
        talus_context *other = context_with(threads, NULL);
        talus_network *network = network_of(other, &of);
        talus_solve_options options;
        talus_solve_options_defaults(&options);
        options.orthogonal = _i / 4;
        expect_ok(other, talus_solve_readout(network, part, &options, NULL));
        if (first == NULL) {
            first = network_of(context, &of);
            talus_matrix from, into;
            expect_ok(context, talus_network_parameters(network, &from));
            expect_ok(context, talus_network_parameters(first, &into));
            memcpy(into.data, from.data, (size_t)from.cols * (of.precision == TALUS_DTYPE_F32 ? 4 : 8));
        }
        same_parameters(first, network);
        talus_network_destroy(network);
        talus_context_destroy(other);
    }
    talus_network_destroy(first);
    talus_dataset_destroy(part);
}
END_TEST

/* Where columns are nearly the same, the solution is far from the layer as it was. */
START_TEST(costs_before_are_right_where_the_condition_is_bad)
{
    enum { ROWS = 60, COLS = 3 };
    static double columns[ROWS * COLS], values[ROWS];
    double *drawn = random_array(11, ROWS * (COLS + 1));
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLS; j++)
            columns[i * COLS + j] = drawn[i * COLS] + 1e-10 * j * drawn[i * COLS + j];
        values[i] = drawn[ROWS * COLS + i];
    }
    talus_matrix inputs = f64_view(columns, ROWS, COLS), targets = f64_view(values, ROWS, 1);
    talus_dataset *close = dataset_of(&inputs, &targets);
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(COLS, &layer, 1, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    const double before = cost_of(network, close);
    talus_solve_result result = solve(network, close, 0, 0);
    ck_assert_int_eq(result.orthogonal, 1);
    ck_assert_double_gt(result.condition, 1e9);
    ck_assert_double_eq_tol(result.cost_before / before, 1, 1e-13);
    talus_network_destroy(network);
    talus_dataset_destroy(close);
    free(drawn);
}
END_TEST

static int read_rows(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    int64_t *left = user;
    if ((*left)-- == 0)
        return 7;
    for (int64_t i = 0; i < count; i++) {
        memcpy((double *)inputs + i * INPUTS, x + rows[i] * INPUTS, INPUTS * sizeof *x);
        memcpy((double *)targets + i * OUTPUTS, y + rows[i] * OUTPUTS, OUTPUTS * sizeof *y);
    }
    return 0;
}

START_TEST(streams_give_the_same_bits)
{
    int64_t left = -1;
    talus_stream stream = {.samples = N,
                           .inputs = INPUTS,
                           .input_dtype = TALUS_DTYPE_F64,
                           .target_dtype = TALUS_DTYPE_F64,
                           .targets = OUTPUTS,
                           .read = read_rows,
                           .user = &left};
    talus_dataset *streamed;
    talus_network *a = usual(TALUS_DTYPE_F64, 9), *b = usual(TALUS_DTYPE_F64, 9),
                  *before = usual(TALUS_DTYPE_F64, 9);
    talus_solve_options options;
    talus_solve_options_defaults(&options);
    options.orthogonal = _i;
    expect_ok(context, talus_dataset_from_stream(context, &stream, &streamed));
    const int64_t reads = BATCHES * (_i ? 4 : 2); /* passes */
    for (int64_t fails = 0; fails < reads; fails++) {
        left = fails;
        expect_status(context, TALUS_ERROR_DATA, talus_solve_readout(b, streamed, &options, NULL));
        expect_message(context, "stream: read must return 0, got 7");
        same_parameters(b, before);
    }
    left = reads;
    (void)solve(a, data, 0, _i);
    (void)solve(b, streamed, 0, _i);
    ck_assert_int_eq(left, 0);
    same_parameters(a, b);
    talus_dataset_destroy(streamed);
    talus_network_destroy(a);
    talus_network_destroy(b);
    talus_network_destroy(before);
}
END_TEST

/* What is allocated for n samples is what is allocated for half of them. */
START_TEST(memory_does_not_grow_with_samples)
{
    size_t most[2];
    for (int half = 0; half < 2; half++) {
        talus_dataset *part = slice_of(data, 0, half ? N / 2 : N);
        talus_network *network = usual(TALUS_DTYPE_F64, 9);
        int64_t calls = book.calls;
        book.largest = 0;
        (void)solve(network, part, 0, _i);
        most[half] = book.largest;
        ck_assert_int_le(book.calls - calls, 8);
        talus_network_destroy(network);
        talus_dataset_destroy(part);
    }
    ck_assert_uint_gt(most[0], 0);
    ck_assert_uint_eq(most[0], most[1]);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    talus_network *network = usual(TALUS_DTYPE_F32, 9), *before = usual(TALUS_DTYPE_F32, 9);
    int failed = 0;
    for (talus_status status = TALUS_ERROR_MEMORY; status != TALUS_OK; failed++) {
        refuse_from_now(&book, failed + 1);
        status = talus_solve_readout(network, data, NULL, NULL);
        book.fail_at = 0;
        if (status == TALUS_OK)
            break;
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        expect_message(context, "solve: the allocator returned no memory");
        same_parameters(network, before);
    }
    ck_assert_int_ge(failed, 4);
    talus_network_destroy(network);
    talus_network_destroy(before);
}
END_TEST

/* Refusals --------------------------------------------------------------------------------------------------- */

static void refuse_spec(const talus_network_spec *spec, const char *message)
{
    talus_network *network;
    expect_ok(context, talus_network_create(context, spec, &network));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_solve_readout(network, data, NULL, NULL));
    expect_message(context, message);
    talus_network_destroy(network);
}

START_TEST(networks_that_cannot_be_solved_are_refused)
{
    talus_layer last = {.width = OUTPUTS};
    talus_network_spec spec = {.inputs = INPUTS, .layers = &last, .layer_count = 1};
    last.activation = TALUS_TANH;
    refuse_spec(&spec, "solve: the last activation must be the identity, got tanh");
    last.activation = TALUS_IDENTITY, spec.loss = TALUS_HUBER;
    refuse_spec(&spec, "solve: the loss must be a squared error, got huber");
    spec.loss = TALUS_SQUARED_ERROR, spec.missing_targets = 1;
    refuse_spec(&spec, "solve: the network must be one whose targets are never missing");
    spec.missing_targets = 0, last.l1 = 0.1;
    refuse_spec(&spec, "solve: l1 of the last layer must be 0");
    last.l1 = 0, last.spectral_penalty = 1;
    refuse_spec(&spec, "solve: spectral_penalty of the last layer must be 0");
    last.spectral_penalty = 0, last.max_norm = 1;
    refuse_spec(&spec, "solve: max_norm of the last layer must be 0");
    last.max_norm = 0, last.spectral_norm = 1;
    refuse_spec(&spec, "solve: spectral_norm of the last layer must be 0");
    last.spectral_norm = 0, last.normalization = TALUS_NORMALIZATION_LAYER;
    refuse_spec(&spec, "solve: the last layer must not be normalised");
    last.normalization = TALUS_NORMALIZATION_NONE;
    talus_output_range ranges[] = {{.outputs = 1}, {.outputs = 1}};
    spec.ranges = ranges, spec.range_count = 2, spec.range_size = sizeof *ranges;
    refuse_spec(&spec, "solve: the network must have one loss, got 2 ranges of outputs");
}
END_TEST

START_TEST(arguments_are_checked)
{
    talus_network *network = usual(TALUS_DTYPE_F64, 0), *before = usual(TALUS_DTYPE_F64, 0);
    talus_solve_options options;
    talus_solve_result result = {.rank = 42};
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_solve_readout(NULL, data, NULL, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_solve_readout(network, NULL, NULL, NULL));
    expect_message(context, "training must not be NULL");
    talus_matrix narrow = f64_view(x, N, INPUTS - 1);
    talus_dataset *other = dataset_of(&narrow, &to), *bare = NULL;
    expect_status(context, TALUS_ERROR_SHAPE, talus_solve_readout(network, other, NULL, NULL));
    talus_dataset_destroy(other);
    expect_ok(context, talus_dataset_from_matrices(context, &in, NULL, &bare));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_solve_readout(network, bare, NULL, NULL));
    expect_message(context, "training must have targets");
    talus_dataset_destroy(bare);
    talus_solve_options_defaults(&options);
    options.ridge = -1;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_solve_readout(network, data, &options, NULL));
    expect_message(context, "solve: ridge must be a finite number at least 0, got -1");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_solve_readout_sized(network, data, NULL, 0, &result, sizeof result - 1));
    ck_assert_int_eq(result.rank, 42);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_solve_readout_sized(network, data, &options, 8, NULL, 0));
    same_parameters(network, before);
    talus_network_destroy(network);
    talus_network_destroy(before);
}
END_TEST

START_TEST(numbers_that_are_not_finite_are_refused)
{
    talus_network *network = usual(TALUS_DTYPE_F64, 9);
    talus_matrix flat;
    expect_ok(context, talus_network_parameters(network, &flat));
    double *parameters = flat.data, kept = parameters[0];
    parameters[0] = NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_solve_readout(network, data, NULL, NULL));
    expect_message(context,
                   "solve: the inputs of the last layer and the targets must have finite sums of squares");
    parameters[0] = kept;
    x[7000 * INPUTS + 3] = INFINITY;
    expect_status(context, TALUS_ERROR_DATA, talus_solve_readout(network, data, NULL, NULL));
    expect_message(context, "inputs, row 7000, column 3");
    x[7000 * INPUTS + 3] = 0, y[5000 * OUTPUTS + 1] = NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_solve_readout(network, data, NULL, NULL));
    expect_message(context, "targets, row 5000, column 1");
    y[5000 * OUTPUTS + 1] = 0;
    talus_matrix last = last_weights(network);
    ((double *)last.data)[0] = NAN; /* which is not asked for: it is solved */
    ck_assert_double_nan(solve(network, data, 0, 0).cost_before);
    ck_assert(isfinite(cost_of(network, data)));
    talus_network_destroy(network);
}
END_TEST

START_TEST(a_solution_beyond_the_precision_is_refused)
{
    enum { ROWS = 40 };
    double *small = calloc(ROWS, sizeof *small), *large = calloc(ROWS, sizeof *large);
    for (int i = 0; i < ROWS; i++)
        small[i] = 1e-20 * i, large[i] = 1e30 * i;
    talus_matrix from = f64_view(small, ROWS, 1), into = f64_view(large, ROWS, 1);
    talus_dataset *wild = dataset_of(&from, &into);
    readout_case of = {TALUS_DTYPE_F32, 1, 0, 1, 0, 0};
    talus_network *network = network_of(context, &of), *before = network_of(context, &of);
    expect_status(context, TALUS_ERROR_DATA, talus_solve_readout(network, wild, NULL, NULL));
    expect_message(context, "solve: the solution exceeds the range of f32");
    same_parameters(network, before);
    of.precision = TALUS_DTYPE_F64;
    talus_network *wide = network_of(context, &of);
    (void)solve(wide, wild, 0, 0);
    ck_assert_double_eq_tol(weight_at(wide, 0, 0) / 1e50, 1, 1e-14);
    talus_network_destroy(wide);
    talus_network_destroy(network);
    talus_network_destroy(before);
    talus_dataset_destroy(wild);
    free(small), free(large);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("solve_calls");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_loop_test(tests, costs_are_those_of_evaluate, 0, 16);
    tcase_add_loop_test(tests, weights_are_repeated_samples, 0, 2);
    tcase_add_test(tests, costs_before_are_right_where_the_condition_is_bad);
    tcase_add_test(tests, outputs_are_solved_each_for_itself);
    tcase_add_test(tests, normalised_layers_are_as_in_predictions);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads, 0, 8);
    tcase_add_loop_test(tests, streams_give_the_same_bits, 0, 2);
    tcase_add_loop_test(tests, memory_does_not_grow_with_samples, 0, 2);
    tcase_add_test(tests, every_allocation_may_fail);
    tcase_add_test(tests, networks_that_cannot_be_solved_are_refused);
    tcase_add_test(tests, arguments_are_checked);
    tcase_add_test(tests, numbers_that_are_not_finite_are_refused);
    tcase_add_test(tests, a_solution_beyond_the_precision_is_refused);
    return run_suite(suite);
}
