/* Reports of networks on data sets, and what is refused. */
#include <float.h>

#include "data/dataset.h"
#include "fixture.h"

enum { N = 101, INPUTS = 3, OUTPUTS = 4 };

static double x[N * INPUTS], y[N * OUTPUTS];
static int32_t labels[N];

static void begin(void)
{
    number_stream stream = numbers_from(11);
    begin_counted();
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&stream);
    for (int i = 0; i < N * OUTPUTS; i++)
        y[i] = 100 + 10 * next_number(&stream);
    for (int i = 0; i < N; i++)
        labels[i] = i % OUTPUTS;
}

static talus_matrix x_view(void)
{
    return talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS);
}

static talus_matrix y_view(void)
{
    return talus_matrix_view(y, TALUS_DTYPE_F64, N, OUTPUTS);
}

static talus_matrix label_view(void)
{
    return talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
}

static talus_dataset *data_of(talus_matrix targets)
{
    talus_matrix inputs = x_view();
    return dataset_of(&inputs, &targets);
}

/* All is the same, NaN included. */
static void same_reports(const talus_report *a, const talus_report *b)
{
    for (int metric = TALUS_METRIC_COST + 1; metric < TALUS_METRIC_COUNT; metric++) {
        talus_estimate p, q;
        ck_assert_int_eq(talus_report_estimate(a, metric, &p), TALUS_OK);
        ck_assert_int_eq(talus_report_estimate(b, metric, &q), TALUS_OK);
        ck_assert_msg(p.value == q.value || (isnan(p.value) && isnan(q.value)), "%s: %.17g, not %.17g",
                      talus_metric_name(metric), p.value, q.value);
        ck_assert_msg(p.error == q.error || (isnan(p.error) && isnan(q.error)),
                      "error of %s: %.17g, not %.17g", talus_metric_name(metric), p.error, q.error);
    }
    ck_assert_int_eq(a->samples, b->samples);
    ck_assert_double_eq(a->weight, b->weight);
}

/* By the definition, from the losses of single samples, whose rounding alone may make a difference. */
static void expect_cost_error(const talus_network *network, const talus_dataset *data, double error)
{
    talus_workspace *workspace = workspace_of(network, 1);
    double losses[N], weights[N], weight = 0, mean = 0, squares = 0, counted = 0, most = 0;
    double eps = talus_network_precision(network) == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON;
    for (int i = 0; i < N; i++) {
        talus_dataset *one = NULL;
        talus_metrics metrics;
        weights[i] = data->weights.data == NULL ? 1 : ((double *)data->weights.data)[i];
        if (weights[i] == 0)
            continue;
        expect_ok(context, talus_dataset_slice(data, i, 1, &one));
        expect_ok(context, talus_evaluate(network, workspace, one, &metrics));
        talus_dataset_destroy(one);
        losses[i] = metrics.cost;
        most = fmax(most, losses[i]);
        mean += weights[i] * losses[i];
        weight += weights[i];
        counted++;
    }
    mean /= weight;
    for (int i = 0; i < N; i++)
        if (weights[i] > 0)
            squares += pow(weights[i] * (losses[i] - mean), 2);
    double expected = sqrt(counted / (counted - 1) * squares) / weight;
    ck_assert_double_gt(expected, 0);
    ck_assert_double_eq_tol(error, expected, 8 * eps * most);
    talus_workspace_destroy(workspace);
}

/* The report is that of what the network predicts; its cost and accuracy are those of talus_evaluate; and each metric alone
 * is the one of the report. */
static void compare(talus_network *network, talus_matrix targets, const talus_report_options *options)
{
    talus_dataset *data = data_of(targets);
    talus_workspace *workspace = workspace_of(network, 16);
    double of_f64[N * OUTPUTS];
    float of_f32[N * OUTPUTS];
    int precision = talus_network_precision(network);
    void *memory = precision == TALUS_DTYPE_F32 ? (void *)of_f32 : of_f64;
    talus_matrix inputs = x_view(),
                 outputs = talus_matrix_view(memory, precision, N, talus_network_width(network, 2));
    talus_report report, of_outputs;
    talus_metrics metrics;
    expect_ok(context, talus_evaluate_report(network, workspace, data, options, &report));
    expect_ok(context, talus_predict(network, workspace, &inputs, &outputs));
    expect_ok(context, talus_report_of(context, &outputs, &targets, NULL, options, &of_outputs));
    same_reports(&report, &of_outputs);
    expect_ok(context, talus_evaluate(network, workspace, data, &metrics));
    ck_assert_double_eq(report.cost.value, metrics.cost);
    expect_cost_error(network, data, report.cost.error);
    ck_assert(isnan(metrics.accuracy) ? isnan(report.accuracy.value)
                                      : fabs(report.accuracy.value - metrics.accuracy) <= 4 * DBL_EPSILON);
    int task = isnan(metrics.accuracy)                                ? TALUS_TASK_VALUES
               : targets.dtype == TALUS_DTYPE_I32 && outputs.cols > 1 ? TALUS_TASK_CLASSES
                                                                      : TALUS_TASK_SIDES;
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        talus_estimate alone, of_all;
        bool applies = talus_metric_applies(metric, task) == 1;
        expect_status(context, applies ? TALUS_OK : TALUS_ERROR_ARGUMENT,
                      talus_evaluate_metric(network, workspace, data, metric, options, &alone));
        ck_assert_int_eq(talus_report_estimate(&report, metric, &of_all), TALUS_OK);
        ck_assert(!applies || alone.value == of_all.value);
        ck_assert(applies || isnan(of_all.value));
    }
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}

/* Of weighted samples, those without weight do not count; of one sample, there is none. */
START_TEST(the_cost_has_its_error)
{
    double w[N];
    talus_matrix weights = talus_matrix_view(w, TALUS_DTYPE_F64, N, 1);
    talus_network *network = two_layers(_i, INPUTS, 5, OUTPUTS, TALUS_SOFTMAX);
    talus_dataset *data = data_of(label_view());
    talus_workspace *workspace = workspace_of(network, 16);
    talus_estimate cost, alone;
    talus_report report;
    for (int i = 0; i < N; i++)
        w[i] = i % 4;
    expect_ok(context, talus_dataset_set_weights(data, &weights));
    expect_ok(context, talus_evaluate_metric(network, workspace, data, TALUS_METRIC_COST, NULL, &alone));
    expect_cost_error(network, data, alone.error);
    expect_ok(context, talus_evaluate_report(network, workspace, data, NULL, &report));
    ck_assert(report.cost.value == alone.value && report.cost.error == alone.error);
    for (int i = 0; i < N; i++)
        w[i] = i == 7;
    expect_ok(context, talus_dataset_set_weights(data, &weights));
    expect_ok(context, talus_evaluate_metric(network, workspace, data, TALUS_METRIC_COST, NULL, &cost));
    ck_assert(isfinite(cost.value) && isnan(cost.error));
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY,
                  talus_evaluate_metric(network, workspace, data, TALUS_METRIC_COST, NULL, &cost));
    expect_message(context, "report: the allocator returned no memory for the losses of 101 samples");
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

static talus_network *sides(int64_t outputs)
{
    talus_layer layers[] = {talus_dense(5, TALUS_TANH), talus_dense(outputs, TALUS_SIGMOID)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_BINARY_CROSS_ENTROPY);
    talus_network *network = NULL;
    spec.precision = TALUS_DTYPE_F64;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

START_TEST(a_network_is_judged_by_what_it_predicts)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        compare(two_layers(precision, INPUTS, 5, OUTPUTS, TALUS_SOFTMAX), label_view(), NULL);
        compare(two_layers(precision, INPUTS, 5, OUTPUTS, TALUS_IDENTITY), y_view(), NULL);
    }
    for (int i = 0; i < N; i++)
        labels[i] &= 1;
    compare(sides(1), label_view(), NULL);
    double chances[N * OUTPUTS];
    for (int i = 0; i < N * OUTPUTS; i++)
        chances[i] = (y[i] - 90) / 20;
    talus_report_options options;
    talus_report_options_defaults(&options);
    options.task = TALUS_TASK_SIDES, options.threshold = 0.5;
    compare(sides(OUTPUTS), talus_matrix_view(chances, TALUS_DTYPE_F64, N, OUTPUTS), &options);
}
END_TEST

/* The MAE of what a network predicts, by the definition. */
static double expect_mae(const talus_network *network, const talus_dataset *data, double tolerance)
{
    int64_t width = talus_network_width(network, talus_network_layer_count(network));
    bool logarithms = talus_network_loss(network) == TALUS_POISSON;
    talus_workspace *workspace = workspace_of(network, 16);
    double outputs[N * 2 * OUTPUTS], sum = 0;
    talus_matrix inputs = x_view(), to = talus_matrix_view(outputs, TALUS_DTYPE_F64, N, width);
    talus_report report;
    expect_ok(context, talus_predict(network, workspace, &inputs, &to));
    expect_ok(context, talus_evaluate_report(network, workspace, data, NULL, &report));
    for (int j = 0; j < N * OUTPUTS; j++) {
        double a = outputs[j / OUTPUTS * width + j % OUTPUTS];
        sum += fabs((logarithms ? exp(a) : a) - y[j]);
    }
    ck_assert_double_eq_tol(report.mae.value, sum / (N * OUTPUTS), tolerance * report.mae.value);
    talus_workspace_destroy(workspace);
    return report.mae.value;
}

/* Means are judged where outputs are means and variances, and rates where they are logarithms of rates. */
START_TEST(outputs_that_are_no_values_are_brought_to_them)
{
    static const int losses[] = {TALUS_GAUSSIAN_NLL, TALUS_POISSON};
    for (int i = 0; i < 4; i++) {
        int loss = losses[i / 2];
        talus_layer layer = talus_dense(loss == TALUS_POISSON ? OUTPUTS : 2 * OUTPUTS, TALUS_IDENTITY);
        talus_network_spec spec = talus_dense_network(INPUTS, &layer, 1, loss);
        spec.precision = i % 2 == 0 ? TALUS_DTYPE_F32 : TALUS_DTYPE_F64;
        talus_network *network = NULL;
        expect_ok(context, talus_network_create(context, &spec, &network));
        talus_dataset *data = data_of(y_view());
        (void)expect_mae(network, data, 4e-7);
        talus_dataset_destroy(data);
        talus_network_destroy(network);
    }
}
END_TEST

/* Errors are in the caller's units, whatever the scaling. */
START_TEST(values_are_in_the_callers_units)
{
    talus_network *network = two_layers(TALUS_DTYPE_F64, INPUTS, 5, OUTPUTS, TALUS_IDENTITY);
    talus_dataset *data = data_of(y_view());
    expect_ok(context, talus_network_fit_target_scaling(network, data, TALUS_SCALING_STANDARD));
    ck_assert_double_gt(expect_mae(network, data, N * DBL_EPSILON), 2);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* The metrics of a part are those of a data set of its samples alone. */
START_TEST(parts_are_judged_by_their_samples)
{
    static const int64_t rows[] = {5, 99, 5, 0, 17, 42, 42, 3};
    double few[8 * INPUTS];
    int32_t of_few[8];
    for (int i = 0; i < 8; i++) {
        memcpy(&few[i * INPUTS], &x[rows[i] * INPUTS], INPUTS * sizeof *x);
        of_few[i] = labels[rows[i]];
    }
    talus_matrix inputs = talus_matrix_view(few, TALUS_DTYPE_F64, 8, INPUTS);
    talus_matrix targets = talus_matrix_view(of_few, TALUS_DTYPE_I32, 8, 1);
    talus_dataset *whole = data_of(label_view()), *part = rows_of(whole, rows, 8),
                  *alone = dataset_of(&inputs, &targets);
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 5, OUTPUTS, TALUS_SOFTMAX);
    talus_workspace *workspace = workspace_of(network, 3);
    talus_report a, b;
    expect_ok(context, talus_evaluate_report(network, workspace, part, NULL, &a));
    expect_ok(context, talus_evaluate_report(network, workspace, alone, NULL, &b));
    same_reports(&a, &b);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(part);
    talus_dataset_destroy(alone);
    talus_dataset_destroy(whole);
}
END_TEST

START_TEST(samples_have_their_weights)
{
    double weights[N], outputs[N * OUTPUTS];
    for (int i = 0; i < N; i++)
        weights[i] = i % 5;
    talus_matrix w = talus_matrix_view(weights, TALUS_DTYPE_F64, N, 1), inputs = x_view(),
                 to = talus_matrix_view(outputs, TALUS_DTYPE_F64, N, OUTPUTS), targets = y_view();
    talus_dataset *data = data_of(targets);
    expect_ok(context, talus_dataset_set_weights(data, &w));
    talus_network *network = two_layers(TALUS_DTYPE_F64, INPUTS, 5, OUTPUTS, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network, 16);
    talus_report report, of_outputs;
    talus_metrics metrics;
    expect_ok(context, talus_evaluate_report(network, workspace, data, NULL, &report));
    expect_ok(context, talus_predict(network, workspace, &inputs, &to));
    expect_ok(context, talus_report_of(context, &to, &targets, &w, NULL, &of_outputs));
    same_reports(&report, &of_outputs);
    expect_ok(context, talus_evaluate(network, workspace, data, &metrics));
    ck_assert_double_eq(report.cost.value, metrics.cost);
    /* squared error: half of the sum of squares over the outputs */
    ck_assert_double_eq_tol(metrics.cost, OUTPUTS * report.rmse.value * report.rmse.value / 2,
                            N * DBL_EPSILON * metrics.cost);
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

START_TEST(missing_targets_are_refused)
{
    talus_layer layer = talus_dense(OUTPUTS, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(INPUTS, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    talus_dataset *data = NULL;
    talus_report report;
    spec.missing_targets = 1;
    y[17 * OUTPUTS + 2] = NAN;
    talus_matrix inputs = x_view(), targets = y_view();
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &targets, &data));
    talus_workspace *workspace = workspace_of(network, 16);
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate_report(network, workspace, data, NULL, &report));
    expect_message(context, "targets: row 17, column 2 (counted from 0) must be a finite number, got nan");
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

START_TEST(threads_change_no_bit)
{
    talus_report reports[3];
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 37, OUTPUTS, TALUS_SOFTMAX);
    talus_dataset *data = data_of(label_view());
    for (int threads = 1; threads <= 3; threads++) {
        talus_context *other = context_with(threads, NULL);
        talus_workspace *workspace = NULL;
        expect_ok(other, talus_workspace_create(other, network, 50, &workspace));
        expect_ok(other, talus_evaluate_report(network, workspace, data, NULL, &reports[threads - 1]));
        talus_workspace_destroy(workspace);
        talus_context_destroy(other);
        same_bytes(&reports[0], &reports[threads - 1], sizeof *reports);
    }
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

START_TEST(a_network_that_has_diverged_has_no_metrics)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 5, OUTPUTS, TALUS_SOFTMAX);
    talus_dataset *data = data_of(label_view());
    talus_workspace *workspace = workspace_of(network, N);
    talus_matrix parameters;
    talus_report report;
    expect_ok(context, talus_network_parameters(network, &parameters));
    ((float *)parameters.data)[0] = NAN;
    expect_ok(context, talus_evaluate_report(network, workspace, data, NULL, &report));
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        talus_estimate estimate;
        ck_assert_int_eq(talus_report_estimate(&report, metric, &estimate), TALUS_OK);
        ck_assert(isnan(estimate.value));
    }
    ck_assert_int_eq(report.samples, N);
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* Refusals ---------------------------------------------------------------------------------------------------- */

START_TEST(evaluations_are_checked)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 5, OUTPUTS, TALUS_SOFTMAX);
    talus_dataset *data = data_of(label_view()), *others = numbered(4, NULL);
    talus_workspace *workspace = workspace_of(network, N);
    talus_report report;
    talus_estimate estimate;
    talus_report_options options;
    talus_report_options_defaults(&options);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_evaluate_report(network, NULL, data, NULL, &report));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_evaluate_report(NULL, workspace, data, NULL, &report));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_report(network, workspace, NULL, NULL, &report));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_report(network, workspace, others, NULL, &report));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_evaluate_report(network, workspace, data, NULL, NULL));
    options.threshold = 0.1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_report(network, workspace, data, &options, &report));
    expect_message(context, "a task of classes has no threshold");
    options.threshold = NAN;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_metric(network, workspace, data, TALUS_METRIC_F1, &options, &estimate));
    expect_message(context, "report: threshold must be a finite number, got nan");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_metric(network, NULL, data, TALUS_METRIC_F1, NULL, &estimate));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_metric(network, workspace, data, TALUS_METRIC_F1, NULL, NULL));
    expect_message(context, "estimate must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_metric(network, workspace, data, 77, NULL, &estimate));
    expect_message(context, "metric must be a talus_metric, got 77");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_metric(network, workspace, data, TALUS_METRIC_R2, NULL, &estimate));
    expect_message(context, "metric must be defined for a task of classes; got r2");
    talus_matrix to = x_view();
    talus_report_options_defaults(&options);
    options.confusion = &to;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_metric(network, workspace, data, TALUS_METRIC_F1, &options, &estimate));
    expect_message(context, "confusion and classes must be NULL for one metric");
    talus_dataset_destroy(data);
    labels[70] = OUTPUTS;
    data = data_of(label_view());
    expect_status(context, TALUS_ERROR_DATA,
                  talus_evaluate_metric(network, workspace, data, TALUS_METRIC_F1, NULL, &estimate));
    expect_message(context, "targets: row 70, column 0");
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(others);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* Data that has changed since the data set was made. */
START_TEST(data_is_checked_again)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 5, OUTPUTS, TALUS_SOFTMAX);
    talus_dataset *data = data_of(label_view());
    talus_workspace *workspace = workspace_of(network, 16);
    talus_report report = {.samples = 42};
    talus_estimate cost;
    x[50 * INPUTS + 1] = INFINITY;
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate_report(network, workspace, data, NULL, &report));
    expect_message(context, "inputs, row 50, column 1");
    expect_status(context, TALUS_ERROR_DATA,
                  talus_evaluate_metric(network, workspace, data, TALUS_METRIC_COST, NULL, &cost));
    expect_message(context, "inputs, row 50, column 1");
    ck_assert_int_eq(report.samples, 42);
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 5, OUTPUTS, TALUS_SOFTMAX);
    talus_dataset *data = data_of(label_view());
    talus_workspace *workspace = workspace_of(network, N);
    int64_t alive = book.alive;
    for (int fail = 1; fail <= 6; fail++) {
        talus_report report = {.samples = 42};
        refuse_from_now(&book, fail);
        expect_status(context, fail < 6 ? TALUS_ERROR_MEMORY : TALUS_OK,
                      talus_evaluate_report(network, workspace, data, NULL, &report));
        if (fail < 6)
            expect_message(context, "no memory");
        ck_assert_int_eq(report.samples, fail < 6 ? 42 : N);
        ck_assert_int_eq(book.alive, alive);
    }
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = case_with(suite, begin, end_counted);
    tcase_add_loop_test(tests, the_cost_has_its_error, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_test(tests, a_network_is_judged_by_what_it_predicts);
    tcase_add_test(tests, outputs_that_are_no_values_are_brought_to_them);
    tcase_add_test(tests, values_are_in_the_callers_units);
    tcase_add_test(tests, parts_are_judged_by_their_samples);
    tcase_add_test(tests, samples_have_their_weights);
    tcase_add_test(tests, missing_targets_are_refused);
    tcase_add_test(tests, threads_change_no_bit);
    tcase_add_test(tests, a_network_that_has_diverged_has_no_metrics);
    tcase_add_test(tests, evaluations_are_checked);
    tcase_add_test(tests, data_is_checked_again);
    tcase_add_test(tests, every_allocation_may_fail);
    return run_suite(suite);
}
