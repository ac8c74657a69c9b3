/* Levenberg and Marquardt's method on what data and networks may be: several ranges of outputs, scaled targets, streams. */
#include "levenberg_marquardt_support.h"

enum { HIDDEN = 2 };

/* Two ranges of outputs of the squared error, with activations of their own. */
static talus_network *network_of_ranges(int first, int second, int precision)
{
    const talus_layer layers[] = {{.width = HIDDEN, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    talus_output_range ranges[2];
    talus_network_spec spec;
    talus_network *network;
    talus_network_defaults(&spec);
    for (int r = 0; r < 2; r++) {
        talus_output_range_defaults(&ranges[r]);
        ranges[r].outputs = 1, ranges[r].activation = r == 0 ? first : second;
        ranges[r].loss = TALUS_SQUARED_ERROR;
    }
    spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 2, spec.precision = precision;
    spec.seed = 5, spec.ranges = ranges, spec.range_count = 2, spec.range_size = (int)sizeof *ranges;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static const int ways[] = {TALUS_STEP_FACTORED, TALUS_STEP_CONJUGATE_GRADIENTS};

/* Ranges of one activation are one range, but for the order of sums. */
START_TEST(equal_ranges_are_one)
{
    const talus_layer layers[] = {{.width = HIDDEN, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    const double shift[OUTPUTS] = {1, -3}, scale[OUTPUTS] = {0.5, 4};
    method.steps = ways[_i], method.iterations = 3;
    talus_network *one = network_with(layers, 2, INPUTS, TALUS_DTYPE_F64),
                  *two = network_of_ranges(TALUS_IDENTITY, TALUS_IDENTITY, TALUS_DTYPE_F64);
    int64_t count;
    expect_ok(context, talus_network_scale_targets(one, shift, scale, OUTPUTS));
    expect_ok(context, talus_network_scale_targets(two, shift, scale, OUTPUTS));
    fit(one, NULL);
    const double cost = result.cost;
    fit(two, NULL);
    ck_assert_double_eq_tol(result.cost, cost, 1e-11 * cost);
    const double *a = parameters_of(one, &count), *b = parameters_of(two, &count);
    ck_assert_double_le(largest_difference(a, b, count), 1e-9);
    talus_network_destroy(one), talus_network_destroy(two);
}
END_TEST

/* A sigmoid beside an identity, with the scaled targets of one range in the sigmoid's reach: the end is a minimum of talus_gradient's
 * cost, and what is predicted is near the targets in their own units. */
START_TEST(ranges_with_scaled_targets_end_at_a_minimum)
{
    const double shift[OUTPUTS] = {-8, 0.25}, scale[OUTPUTS] = {0.0625, 2}; /* (y + 8)/16 is within 0 … 1 */
    static double predicted[N * OUTPUTS];
    const talus_matrix in = view(x, N, INPUTS), to = view(y, N, OUTPUTS), out = view(predicted, N, OUTPUTS);
    const talus_batch batch = talus_batch_of(in, to);
    talus_network *network = network_of_ranges(TALUS_SIGMOID, TALUS_IDENTITY, TALUS_DTYPE_F64);
    expect_ok(context, talus_network_scale_targets(network, shift, scale, OUTPUTS));
    method.steps = ways[_i], method.iterations = 400;
    method.gradient_tolerance = 1e-7, method.cost_tolerance = 0, method.step_tolerance = 0;
    fit(network, data);
    ck_assert_int_eq(result.residuals, N * OUTPUTS);
    ck_assert_double_eq_tol(result.validation_cost, result.cost, 1e-12 * result.cost);
    is_minimum(network, &batch);
    /* C = Σ_i ½·Σ_k (σ_k·(out_ik − y_ik))²/n */
    talus_workspace *workspace = workspace_of(network, N);
    expect_ok(context, talus_predict(network, workspace, &in, &out));
    double cost = 0;
    for (int i = 0; i < N * OUTPUTS; i++)
        cost += pow(scale[i % OUTPUTS] * (predicted[i] - y[i]), 2) / 2 / N;
    ck_assert_double_eq_tol(cost, result.cost, 1e-12 * (1 + cost));
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

typedef struct rows_read {
    int64_t calls, fails_at;
} rows_read;

static int read_rows(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    rows_read *read = user;
    for (int64_t i = 0; i < count; i++) {
        memcpy((double *)inputs + i * INPUTS, x + rows[i] * INPUTS, INPUTS * sizeof *x);
        memcpy((double *)targets + i * OUTPUTS, y + rows[i] * OUTPUTS, OUTPUTS * sizeof *y);
    }
    return ++read->calls == read->fails_at;
}

static talus_dataset *streamed(rows_read *read)
{
    const talus_stream stream = {.samples = N,
                                 .inputs = INPUTS,
                                 .input_dtype = TALUS_DTYPE_F64,
                                 .targets = OUTPUTS,
                                 .target_dtype = TALUS_DTYPE_F64,
                                 .read = read_rows,
                                 .user = read};
    talus_dataset *made;
    expect_ok(context, talus_dataset_from_stream(context, &stream, &made));
    return made;
}

/* Samples of a stream are those of a matrix, to be trained with and to be validated on; weights, too. */
START_TEST(streams_are_matrices)
{
    const talus_matrix weights = view(w, N, 1);
    rows_read read = {0};
    for (int precision = 0; precision < 2; precision++) {
        talus_dataset *stream = streamed(&read), *resident = data;
        double cost, validation;
        int64_t count;
        method.steps = ways[_i], method.iterations = 6, options.patience = 0;
        if (precision == 1) {
            expect_ok(context, talus_dataset_set_weights(stream, &weights));
            expect_ok(context, talus_dataset_set_weights(resident, &weights));
            options.patience = 4;
        }
        talus_network *a = tanh_network(precision), *b = tanh_network(precision);
        expect_ok(context, talus_levenberg_marquardt(a, resident, resident, &options, &result));
        cost = result.cost, validation = result.validation_cost;
        const int64_t before = read.calls;
        expect_ok(context, talus_levenberg_marquardt(b, stream, stream, &options, &result));
        ck_assert_int_gt(read.calls, before + 10);
        ck_assert_double_eq(result.cost, cost);
        ck_assert_double_eq(result.validation_cost, validation);
        const void *p = parameters_of(a, &count), *q = parameters_of(b, &count);
        same_bytes(p, q, (size_t)count * (precision == TALUS_DTYPE_F64 ? sizeof(double) : sizeof(float)));
        talus_network_destroy(a), talus_network_destroy(b);
        talus_dataset_destroy(stream);
    }
}
END_TEST

/* Wherever a stream fails, the call does, and the network is as it was. */
START_TEST(streams_that_fail)
{
    rows_read read = {0};
    talus_dataset *stream = streamed(&read), *resident = data;
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    method.steps = ways[_i], method.iterations = 2;
    talus_network *copy = tanh_network(TALUS_DTYPE_F64);
    expect_ok(context, talus_levenberg_marquardt(copy, stream, NULL, &options, NULL));
    const int64_t calls = read.calls;
    data = stream;
    for (int64_t at = 1; at <= calls; at = at < 8 ? at + 1 : at * 2) {
        read.calls = 0, read.fails_at = at;
        refused(network, TALUS_ERROR_DATA, "stream");
    }
    data = resident;
    talus_network_destroy(copy), talus_network_destroy(network);
    talus_dataset_destroy(stream);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data of levenberg_marquardt");
    TCase *all = case_with(suite, begin, end);
    tcase_add_loop_test(all, equal_ranges_are_one, 0, 2);
    tcase_add_loop_test(all, ranges_with_scaled_targets_end_at_a_minimum, 0, 2);
    tcase_add_loop_test(all, streams_are_matrices, 0, 2);
    tcase_add_loop_test(all, streams_that_fail, 0, 2);
    return run_suite(suite);
}
