/* Streams as data sets: parts, weights, scaling, and all that evaluates a data set. */
#include "stream_support.h"

static source from, same;                /* the second is of the stream */
static talus_dataset *matrices, *stream; /* of values */
static talus_network *network;
static talus_workspace *workspace;

static void begin(void)
{
    begin_counted();
    from = source_of(TALUS_DTYPE_F64, TALUS_DTYPE_F32, 1, N);
    same = from;
    matrices = matrices_of(&from);
    stream = stream_of(&same, false);
    network = network_for(TALUS_DTYPE_F32, TALUS_DTYPE_F32);
    workspace = workspace_of(network, 10);
}

static void end(void)
{
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(stream);
    talus_dataset_destroy(matrices);
    end_counted();
    free_numbers();
}

/* Both give the same cost, bit by bit, from the same rows; they are destroyed. */
static void same_costs(talus_dataset *a, talus_dataset *b)
{
    talus_metrics of_a, of_b;
    same.samples = 0;
    ck_assert_int_eq(talus_dataset_samples(a), talus_dataset_samples(b));
    expect_ok(context, talus_evaluate(network, workspace, a, &of_a));
    expect_ok(context, talus_evaluate(network, workspace, b, &of_b));
    ck_assert_double_eq(of_a.cost, of_b.cost);
    ck_assert_int_eq(same.samples, talus_dataset_samples(b));
    for (int64_t i = 0; i < talus_dataset_samples(b); i++)
        ck_assert_int_ge(talus_dataset_row(b, i), 0);
    talus_dataset_destroy(a);
    talus_dataset_destroy(b);
}

START_TEST(it_is_described_by_what_it_streams)
{
    talus_matrix x, y;
    ck_assert_int_eq(talus_dataset_samples(stream), N);
    ck_assert_int_eq(talus_dataset_inputs(stream), INPUTS);
    ck_assert_int_eq(talus_dataset_targets(stream), OUTPUTS);
    ck_assert_int_eq(talus_dataset_row(stream, 7), 7);
    expect_ok(context, talus_dataset_matrices(stream, &x, &y));
    ck_assert(x.data == NULL && x.dtype == TALUS_DTYPE_F64 && x.rows == N && x.cols == INPUTS);
    ck_assert(y.data == NULL && y.dtype == TALUS_DTYPE_F32 && y.rows == N && y.cols == OUTPUTS);
    talus_dataset *resident = stream_of(&same, true);
    expect_ok(context, talus_dataset_matrices(resident, &x, &y));
    ck_assert(x.data == NULL && y.data == from.y.data && y.stride == OUTPUTS);
    talus_dataset_destroy(resident);
    talus_stream without = stream_from(&same); /* which has no targets any more */
    expect_ok(context, talus_dataset_from_stream(context, &without, &resident));
    ck_assert_int_eq(talus_dataset_targets(resident), 0);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(network, resident, NULL, NULL, NULL));
    expect_message(context, "must have targets");
    talus_dataset_destroy(resident);
    ck_assert_int_eq(same.calls, 0);
}
END_TEST

START_TEST(rows_come_in_order)
{
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(network, workspace, stream, &metrics));
    ck_assert_int_eq(same.calls, (N + 9) / 10);
    ck_assert_int_eq(same.most, 10);
    for (int64_t i = 0; i < N % 10; i++)
        ck_assert_int_eq(same.rows[i], N / 10 * 10 + i);
}
END_TEST

START_TEST(parts_hold_the_same_samples)
{
    static const int64_t rows[] = {3, 56, 0, 3, 19};
    talus_dataset *a[2], *b[2];
    same_costs(slice_of(matrices, 5, 31), slice_of(stream, 5, 31));
    same_costs(rows_of(matrices, rows, 5), rows_of(stream, rows, 5));
    expect_ok(context, talus_dataset_shuffle(matrices, 3, &a[0]));
    expect_ok(context, talus_dataset_shuffle(stream, 3, &b[0]));
    same_costs(slice_of(a[0], 7, 20), slice_of(b[0], 7, 20));
    same_costs(a[0], b[0]);
    expect_ok(context, talus_dataset_split(matrices, 0.3, 0, 2, &a[0], &a[1]));
    expect_ok(context, talus_dataset_split(stream, 0.3, 0, 2, &b[0], &b[1]));
    same_costs(a[0], b[0]), same_costs(a[1], b[1]);
    expect_ok(context, talus_dataset_fold(matrices, 4, 1, 0, 2, &a[0], &a[1]));
    expect_ok(context, talus_dataset_fold(stream, 4, 1, 0, 2, &b[0], &b[1]));
    same_costs(a[0], b[0]), same_costs(a[1], b[1]);
    static const double thirds[] = {0.3, 0.3, 0.4};
    talus_dataset *of_a[3], *of_b[3];
    expect_ok(context, talus_dataset_divide(matrices, thirds, 3, 0, 2, of_a));
    expect_ok(context, talus_dataset_divide(stream, thirds, 3, 0, 2, of_b));
    for (int k = 0; k < 3; k++)
        same_costs(of_a[k], of_b[k]);
    int64_t groups[N];
    for (int64_t i = 0; i < N; i++)
        groups[i] = i % 9;
    expect_ok(context, talus_dataset_group_fold(matrices, groups, 3, 2, 2, &a[0], &a[1]));
    expect_ok(context, talus_dataset_group_fold(stream, groups, 3, 2, 2, &b[0], &b[1]));
    same_costs(a[0], b[0]), same_costs(a[1], b[1]);
}
END_TEST

START_TEST(weights_stand_in_memory)
{
    talus_matrix weights = numbers_of(TALUS_DTYPE_F32, 8, N, 1);
    expect_ok(context, talus_dataset_set_weights(matrices, &weights));
    expect_ok(context, talus_dataset_set_weights(stream, &weights));
    same_costs(slice_of(matrices, 2, 50), slice_of(stream, 2, 50));
    talus_dataset *part = slice_of(stream, 2, 50);
    talus_matrix of_part = talus_matrix_view(weights.data, TALUS_DTYPE_F32, 50, 1);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_set_weights(part, &of_part));
    talus_dataset_destroy(part);
}
END_TEST

/* Of labels that stand in memory: what needs all of them at once. */
START_TEST(resident_labels_can_be_counted)
{
    source labelled = source_of(TALUS_DTYPE_U8, TALUS_DTYPE_I32, 5, N);
    talus_network *classes = network_for(TALUS_DTYPE_F32, TALUS_DTYPE_I32);
    talus_workspace *of_classes = workspace_of(classes, 10);
    talus_dataset *of[] = {matrices_of(&labelled), stream_of(&labelled, true)}, *parts[2][2];
    talus_report reports[2];
    talus_estimate estimates[2];
    double confusions[2][OUTPUTS * OUTPUTS];
    for (int k = 0; k < 2; k++) {
        talus_report_options options;
        talus_matrix confusion = talus_matrix_view(confusions[k], TALUS_DTYPE_F64, OUTPUTS, OUTPUTS);
        expect_ok(context, talus_dataset_weight_classes(of[k], NULL, 0));
        expect_ok(context, talus_dataset_split(of[k], 0.5, 1, 2, &parts[k][0], &parts[k][1]));
        talus_report_options_defaults(&options);
        options.confusion = &confusion;
        memset(&reports[k], 0, sizeof reports[k]);
        expect_ok(context, talus_evaluate_report(classes, of_classes, parts[k][0], &options, &reports[k]));
        expect_ok(context, talus_evaluate_metric(classes, of_classes, parts[k][1], TALUS_METRIC_LOG_LOSS,
                                                 NULL, &estimates[k]));
    }
    same_bytes(confusions[0], confusions[1], sizeof confusions[0]);
    ck_assert_double_eq(reports[0].cost.value, reports[1].cost.value);
    ck_assert_double_eq(reports[0].cost.error, reports[1].cost.error);
    ck_assert_double_eq(reports[0].accuracy.value, reports[1].accuracy.value);
    ck_assert_double_eq(estimates[0].value, estimates[1].value);
    for (int k = 0; k < 2; k++) {
        talus_dataset_destroy(parts[k][0]), talus_dataset_destroy(parts[k][1]);
        talus_dataset_destroy(of[k]);
    }
    talus_workspace_destroy(of_classes);
    talus_network_destroy(classes);
}
END_TEST

START_TEST(evaluations_have_the_same_bits)
{
    double costs[2];
    talus_estimate estimates[2];
    talus_noise_scale noises[2];
    const talus_dataset *of[] = {matrices, stream};
    for (int k = 0; k < 2; k++) {
        expect_ok(context, talus_evaluate_ranges(network, workspace, of[k], &costs[k], 1));
        expect_ok(context,
                  talus_evaluate_metric(network, workspace, of[k], TALUS_METRIC_COST, NULL, &estimates[k]));
        expect_ok(context, talus_noise_scale_over(network, workspace, of[k], 10, 2, 0, 3, &noises[k]));
    }
    ck_assert_double_eq(costs[0], costs[1]);
    ck_assert_double_eq(estimates[0].value, estimates[1].value);
    ck_assert_double_eq(estimates[0].error, estimates[1].error);
    ck_assert_double_eq(noises[0].scale, noises[1].scale);
    ck_assert_double_eq(noises[0].error, noises[1].error);
    ck_assert_int_eq(same.samples, N + N + N / 10 * 10);
}
END_TEST

START_TEST(rate_ranges_have_the_same_bits)
{
    enum { STEPS = 12 };
    double curves[2][2 * STEPS];
    const talus_dataset *of[] = {matrices, stream};
    for (int k = 0; k < 2; k++) {
        talus_rate_range range;
        talus_trainer *trainer = NULL;
        talus_matrix curve = talus_matrix_view(curves[k], TALUS_DTYPE_F64, STEPS, 2);
        memset(curves[k], 0, sizeof curves[k]);
        expect_ok(context, talus_trainer_create(network, NULL, 10, &trainer));
        expect_ok(context, talus_trainer_rate_range(trainer, of[k], 10, 1e-4, 1e-2, STEPS, &curve, &range));
        talus_trainer_destroy(trainer);
    }
    same_bytes(curves[0], curves[1], sizeof curves[0]);
    ck_assert_int_eq(same.samples, 10 * STEPS);
}
END_TEST

static void same_scaling(const talus_network *a, const talus_network *b,
                         talus_status get(const talus_network *, int64_t *, const double **, const double **))
{
    const double *shifts[2], *scales[2];
    int64_t counts[2];
    expect_ok(context, get(a, &counts[0], &shifts[0], &scales[0]));
    expect_ok(context, get(b, &counts[1], &shifts[1], &scales[1]));
    ck_assert_int_eq(counts[0], counts[1]);
    same_bytes(shifts[0], shifts[1], (size_t)counts[0] * sizeof(double));
    same_bytes(scales[0], scales[1], (size_t)counts[0] * sizeof(double));
}

START_TEST(scalings_are_the_same)
{
    const int kind = _i;
    static const int64_t sweeps_of[TALUS_SCALING_COUNT] = {
        [TALUS_SCALING_STANDARD] = 2, [TALUS_SCALING_RANGE] = 1, [TALUS_SCALING_ROBUST] = 9};
    const int64_t sweeps = sweeps_of[kind];
    talus_network *other = network_for(TALUS_DTYPE_F32, TALUS_DTYPE_F32);
    talus_dataset *a = slice_of(matrices, 3, 50), *b = slice_of(stream, 3, 50);
    expect_ok(context, talus_network_fit_input_scaling(network, a, kind));
    expect_ok(context, talus_network_fit_input_scaling(other, b, kind));
    same_scaling(network, other, talus_network_input_scaling);
    ck_assert_int_eq(same.samples, sweeps * 50);
    expect_ok(context, talus_network_fit_target_scaling(network, a, kind));
    expect_ok(context, talus_network_fit_target_scaling(other, b, kind));
    same_scaling(network, other, talus_network_target_scaling);
    ck_assert_int_eq(same.samples, 2 * sweeps * 50);
    talus_dataset_destroy(b);
    talus_dataset *resident = stream_of(&same, true); /* whose inputs are not asked for */
    b = slice_of(resident, 3, 50);
    expect_ok(context, talus_network_fit_target_scaling(other, b, kind));
    same_scaling(network, other, talus_network_target_scaling);
    ck_assert_int_eq(same.samples, 2 * sweeps * 50);
    talus_dataset_destroy(b), talus_dataset_destroy(resident);
    talus_dataset_destroy(a);
    talus_network_destroy(other);
}
END_TEST

/* More samples and columns than are read at once. */
START_TEST(large_data_is_scaled_in_pieces)
{
    enum { ROWS = 600, COLS = 300 };
    source wide = {.x = numbers_of(TALUS_DTYPE_F32, 4, ROWS, COLS)};
    talus_dataset *of[] = {matrices_of(&wide), stream_of(&wide, false)};
    talus_network *networks[2];
    for (int k = 0; k < 2; k++) {
        networks[k] = two_layers(TALUS_DTYPE_F64, COLS, 2, 1, TALUS_IDENTITY);
        expect_ok(context, talus_network_fit_input_scaling(networks[k], of[k], TALUS_SCALING_STANDARD));
    }
    same_scaling(networks[0], networks[1], talus_network_input_scaling);
    ck_assert_int_eq(wide.most, 256);
    ck_assert_int_eq(wide.calls, 2 * 3);
    double sum = 0, squares = 0; /* of the last column, by the definition */
    const float *x = wide.x.data;
    for (int64_t i = 0; i < ROWS; i++)
        sum += (double)x[i * COLS + COLS - 1];
    for (int64_t i = 0; i < ROWS; i++)
        squares += pow((double)x[i * COLS + COLS - 1] - sum / ROWS, 2);
    const double *shift, *scale;
    int64_t count;
    expect_ok(context, talus_network_input_scaling(networks[1], &count, &shift, &scale));
    ck_assert_double_eq_tol(shift[COLS - 1], sum / ROWS, 1e-13);
    ck_assert_double_eq_tol(scale[COLS - 1] * sqrt(squares / ROWS), 1, 1e-12);
    for (int k = 0; k < 2; k++)
        talus_network_destroy(networks[k]), talus_dataset_destroy(of[k]);
}
END_TEST

START_TEST(targets_may_be_missing)
{
    float *y = from.y.data;
    for (int64_t i = 0; i < N; i += 4)
        y[i * OUTPUTS + i % OUTPUTS] = NAN;
    talus_layer layer = {.width = OUTPUTS};
    talus_network_spec spec = {.inputs = INPUTS, .layers = &layer, .layer_count = 1, .missing_targets = 1};
    talus_network *takes = NULL;
    expect_ok(context, talus_network_create(context, &spec, &takes));
    talus_workspace *of_it = workspace_of(takes, 10);
    talus_dataset *of[3];
    talus_stream streamed = stream_from(&same);
    streamed.missing_targets = 1;
    expect_ok(context, talus_dataset_with_missing_targets(context, &from.x, &from.y, &of[0]));
    expect_ok(context, talus_dataset_from_stream(context, &streamed, &of[1]));
    same.y.data = NULL;
    streamed = stream_from(&same);
    streamed.missing_targets = 1;
    streamed.resident = &from.y;
    expect_ok(context, talus_dataset_from_stream(context, &streamed, &of[2]));
    talus_metrics metrics[3];
    for (int k = 0; k < 3; k++) {
        same.y.data = k == 2 ? NULL : from.y.data;
        expect_ok(context, talus_evaluate(takes, of_it, of[k], &metrics[k]));
    }
    ck_assert(isfinite(metrics[0].cost));
    ck_assert_double_eq(metrics[1].cost, metrics[0].cost);
    ck_assert_double_eq(metrics[2].cost, metrics[0].cost);
    same.y.data = from.y.data;
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate(network, workspace, of[1], &metrics[0]));
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate(takes, of_it, stream, &metrics[0]));
    expect_message(context, "targets: row 0, column 0 (counted from 0) must be a finite number, got nan");
    y[5 * OUTPUTS] = INFINITY;
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate(takes, of_it, of[1], &metrics[0]));
    expect_message(context, "targets: row 5, column 0");
    for (int k = 0; k < 3; k++)
        talus_dataset_destroy(of[k]);
    talus_workspace_destroy(of_it);
    talus_network_destroy(takes);
}
END_TEST

/* Streamed labels are split as they come, and those that stand in memory by class, as without a stream. */
START_TEST(a_validation_split_takes_streamed_labels_at_random)
{
    source labelled = source_of(TALUS_DTYPE_F32, TALUS_DTYPE_I32, 5, N);
    talus_network *networks[2];
    talus_dataset *whole = stream_of(&labelled, false), *parts[2];
    expect_ok(context, talus_dataset_split(whole, 0.25, 0, 6, &parts[0], &parts[1]));
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 2, options.seed = 6;
    for (int k = 0; k < 2; k++) {
        networks[k] = network_for(TALUS_DTYPE_F32, TALUS_DTYPE_I32);
        options.validation_split = k == 0 ? 0.25 : 0;
        expect_ok(context, talus_fit(networks[k], k == 0 ? whole : parts[1], k == 0 ? NULL : parts[0],
                                     &options, NULL));
    }
    same_parameters(networks[0], networks[1]);
    for (int k = 0; k < 2; k++)
        talus_network_destroy(networks[k]), talus_dataset_destroy(parts[k]);
    talus_dataset_destroy(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream data");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_test(tests, it_is_described_by_what_it_streams);
    tcase_add_test(tests, rows_come_in_order);
    tcase_add_test(tests, parts_hold_the_same_samples);
    tcase_add_test(tests, weights_stand_in_memory);
    tcase_add_test(tests, resident_labels_can_be_counted);
    tcase_add_test(tests, evaluations_have_the_same_bits);
    tcase_add_test(tests, rate_ranges_have_the_same_bits);
    tcase_add_loop_test(tests, scalings_are_the_same, 0, TALUS_SCALING_COUNT);
    tcase_add_test(tests, large_data_is_scaled_in_pieces);
    tcase_add_test(tests, targets_may_be_missing);
    tcase_add_test(tests, a_validation_split_takes_streamed_labels_at_random);
    return run_suite(suite);
}
