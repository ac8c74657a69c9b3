/* Ranges of outputs that make no sense, targets that do not fit them, and ranges that cannot learn are refused. */
#include "ranges_support.h"

static void refuse(const talus_network_spec *spec, talus_status status, const char *piece)
{
    talus_network *network = NULL;
    expect_status(context, status, talus_network_create(context, spec, &network));
    expect_message(context, piece);
    ck_assert_ptr_null(network);
}

static void refuse_range(talus_output_range range, talus_status status, const char *piece)
{
    talus_output_range both[] = {{.outputs = OUTPUTS - range.outputs}, range};
    talus_network_spec spec = several();
    spec.ranges = both, spec.range_count = 2;
    refuse(&spec, status, piece);
}

START_TEST(ranges_that_make_no_sense_are_refused)
{
    talus_network_spec good = several(), spec = good;
    spec.ranges = NULL;
    refuse(&spec, TALUS_ERROR_ARGUMENT,
           "network: ranges, range_count and range_size must be set together, got NULL, 6 and 40");
    spec = good, spec.range_count = 0;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "got an array, 0 and 40");
    spec = good, spec.range_size = 8;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "range 0");
    spec = good, spec.range_count = 5;
    refuse(&spec, TALUS_ERROR_SHAPE,
           "network: the ranges must have the 12 outputs of the last layer between them, got 10");
    spec = good, spec.loss = TALUS_HUBER;
    refuse(&spec, TALUS_ERROR_ARGUMENT,
           "network: with ranges, the last activation, loss and loss_parameter must be identity, "
           "squared_error and "
           "0, got identity, huber and 0");
    spec = good, spec.loss_parameter = 2;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "squared_error and 2");
    layers[1].activation = TALUS_TANH;
    refuse(&good, TALUS_ERROR_ARGUMENT, "got tanh, squared_error and 0");
    layers[1].activation = TALUS_IDENTITY;
    refuse_range((talus_output_range){.outputs = 0}, TALUS_ERROR_SHAPE, "range 1: outputs must be");
    refuse_range((talus_output_range){.outputs = 2, .loss = 99}, TALUS_ERROR_ARGUMENT,
                 "range 1: loss must be");
    refuse_range((talus_output_range){.outputs = 2, .activation = 99}, TALUS_ERROR_ARGUMENT,
                 "range 1: activation must be");
    refuse_range((talus_output_range){.outputs = 2, .weight = -1}, TALUS_ERROR_ARGUMENT,
                 "range 1: weight must be");
    refuse_range((talus_output_range){.outputs = 2, .alpha = 1}, TALUS_ERROR_ARGUMENT,
                 "range 1: identity has no alpha, which must be 0, got 1");
    refuse_range((talus_output_range){.outputs = 2, .loss_parameter = 1}, TALUS_ERROR_ARGUMENT,
                 "range 1: squared_error has no loss_parameter, which must be 0, got 1");
    refuse_range((talus_output_range){.outputs = 2, .loss = TALUS_CROSS_ENTROPY}, TALUS_ERROR_ARGUMENT,
                 "range 1: the last activation must be softmax for cross_entropy, got identity");
    refuse_range((talus_output_range){.outputs = 3, .loss = TALUS_GAUSSIAN_NLL}, TALUS_ERROR_SHAPE,
                 "range 1: the last width must be a multiple of 2 for gaussian_nll, got 3");
    talus_output_range plain[] = {{.outputs = OUTPUTS - 1}, {.outputs = 1, .weight = 2}};
    spec = good, spec.ranges = plain, spec.range_count = 2, spec.label_smoothing = 0.1;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "network: label_smoothing must be 0 with such ranges, got 0.1");
    for (int n = 1; n <= 4; n++) {
        refuse_from_now(&book, n);
        refuse(&good, TALUS_ERROR_MEMORY, "no memory");
    }
    book.fail_at = 0;
}
END_TEST

START_TEST(targets_of_each_range_are_checked)
{
    talus_network_spec spec = several();
    talus_network *network = made(&spec);
    talus_workspace *workspace = workspace_of(network, N);
    double costs[RANGES];
    int32_t labels[N] = {0};
    talus_matrix inputs = f64(x, N, INPUTS), targets = f64(y, N, TARGETS),
                 label = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1), few = f64(y, N, OUTPUTS - 2);
    few.stride = TARGETS;
    y[4 * TARGETS + 3] = -7; /* of squared error */
    expect_ok(context, talus_gradient(network, workspace, BATCH(inputs, targets), NULL, NULL));
    y[4 * TARGETS + 5] = 1.5;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_gradient(network, workspace, BATCH(inputs, targets), NULL, NULL));
    expect_message(context,
                   "targets, row 4, column 5 (counted from 0): the value must be a number in 0 … 1, got 1.5");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient(network, workspace, BATCH(inputs, label), NULL, NULL));
    expect_message(context,
                   "targets must be values (f32, f64 or u8) for several losses of 12 outputs, got labels");
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_gradient(network, workspace, BATCH(inputs, few), NULL, NULL));
    expect_message(context, "targets must have 11 columns");
    const double scale = 2;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_scale_targets(network, NULL, &scale, 1));
    talus_dataset *dataset = dataset_of(&inputs, &targets);
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_evaluate_ranges(network, NULL, dataset, costs, RANGES));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_ranges(NULL, workspace, dataset, costs, RANGES));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_ranges(network, workspace, dataset, NULL, RANGES));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_ranges(network, workspace, NULL, costs, RANGES));
    expect_status(context, TALUS_ERROR_DATA,
                  talus_evaluate_ranges(network, workspace, dataset, costs, RANGES));
    expect_status(context, TALUS_ERROR_SHAPE, talus_evaluate_ranges(network, workspace, dataset, costs, 1));
    expect_message(context, "count must be 6, the number of ranges, got 1");
    talus_report report;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_report(network, workspace, dataset, NULL, &report));
    expect_message(context, "report: the network must have one loss, got 6 ranges of outputs");
    talus_dataset_destroy(dataset);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* A step has outputs, but nothing learns through it. */
START_TEST(a_range_that_cannot_learn_is_refused)
{
    talus_output_range two[] = {{.outputs = OUTPUTS - 1}, {.outputs = 1, .activation = TALUS_STEP}};
    talus_network_spec spec = several();
    spec.ranges = two, spec.range_count = 2;
    talus_network *network = made(&spec);
    talus_workspace *workspace = workspace_of(network, N);
    double out[N * OUTPUTS], gradient[MOST];
    talus_matrix inputs = f64(x, N, INPUTS), targets = f64(out, N, OUTPUTS), outputs = targets,
                 flat = f64(gradient, 1, talus_network_parameter_count(network));
    expect_ok(context, talus_predict(network, workspace, &inputs, &outputs));
    for (int i = 0; i < N; i++)
        ck_assert(out[i * OUTPUTS + OUTPUTS - 1] == 0 || out[i * OUTPUTS + OUTPUTS - 1] == 1);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient(network, workspace, BATCH(inputs, targets), NULL, &flat));
    expect_message(context, "range 1 must have an activation through which it can learn, got step");
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_output_range whole = {.outputs = OUTPUTS, .activation = TALUS_STEP};
    talus_trainer *trainer = NULL;
    spec.ranges = &whole, spec.range_count = 1;
    network = made(&spec);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_create(network, NULL, N, &trainer));
    expect_message(context, "range 0 must have an activation through which it can learn, got step");
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranges_refused");
    TCase *all = case_with(suite, begin_ranges, end_counted);
    tcase_add_test(all, ranges_that_make_no_sense_are_refused);
    tcase_add_test(all, targets_of_each_range_are_checked);
    tcase_add_test(all, a_range_that_cannot_learn_is_refused);
    return run_suite(suite);
}
