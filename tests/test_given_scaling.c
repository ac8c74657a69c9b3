/* Scalings that are given, kept and refused, and the words for values that cannot be used. */
#include "scaling_support.h"

START_TEST(scaling_is_copied_and_removed)
{
    double shift[INPUTS] = {1, 2, 3}, scale[INPUTS] = {-4, 5, 6};
    const double zeros[INPUTS] = {0}, ones[INPUTS] = {1, 1, 1}, *own_shift, *own_scale;
    talus_network *network = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    input_scaling_is(network, 0, NULL, NULL);
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
    memset(shift, 0, sizeof shift), memset(scale, 0, sizeof scale);
    input_scaling_is(network, INPUTS, (double[]){1, 2, 3}, (double[]){-4, 5, 6});
    expect_ok(context, talus_network_input_scaling(network, NULL, &own_shift, &own_scale));
    expect_ok(context, talus_network_scale_inputs(network, own_shift, own_scale, INPUTS));
    input_scaling_is(network, INPUTS, (double[]){1, 2, 3}, (double[]){-4, 5, 6});
    expect_ok(context, talus_network_scale_inputs(network, NULL, (double[]){0.5}, 1));
    input_scaling_is(network, 1, zeros, (double[]){0.5});
    expect_ok(context, talus_network_scale_inputs(network, ones, NULL, INPUTS));
    input_scaling_is(network, INPUTS, ones, ones);
    expect_ok(context, talus_network_initialize(network, 9)); /* draws weights, and no more */
    input_scaling_is(network, INPUTS, ones, ones);
    expect_ok(context, talus_network_scale_inputs(network, NULL, NULL, 0));
    input_scaling_is(network, 0, NULL, NULL);
    expect_ok(context, talus_network_input_scaling(network, NULL, NULL, NULL));
    talus_network_destroy(network);
}
END_TEST

START_TEST(scalings_that_cannot_be)
{
    static const int64_t counts[] = {-1, 0, 2, 4, INT64_MAX};
    static const double bad_scales[] = {0, 1e-310, 1e308, (double)INFINITY, (double)NAN};
    const double shift[INPUTS] = {1, 2, 3}, scale[INPUTS] = {4, 5, 6}, bad[] = {1, 2, (double)NAN};
    talus_network *network = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
    for (int i = 0; i < 5; i++) {
        expect_status(context, TALUS_ERROR_SHAPE,
                      talus_network_scale_inputs(network, scale, shift, counts[i]));
        expect_message(context, "scale_inputs: count must be 1 or 3, got ");
        expect_status(context, TALUS_ERROR_DATA,
                      talus_network_scale_inputs(network, NULL, &bad_scales[i], 1));
        expect_message(context,
                       "scale_inputs: scale[0] must be a finite number other than 0 (2^-1022 … 2^1022 "
                       "in size), got ");
    }
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_scale_targets(network, shift, scale, 3));
    expect_message(context, "scale_targets: count must be 1 or 2, got 3");
    expect_status(context, TALUS_ERROR_DATA, talus_network_scale_inputs(network, bad, shift, INPUTS));
    expect_message(context, "scale_inputs: shift[2] must be a finite number, got nan");
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_network_scale_inputs(network, scale, shift, INPUTS));
    expect_message(context, "scale_inputs: there is no memory for the scaling of 3 columns");
    input_scaling_is(network, INPUTS, shift, scale);
    talus_network_destroy(network);

    ck_assert_int_eq(talus_network_scale_inputs(NULL, shift, scale, 1), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_scale_targets(NULL, shift, scale, 1), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_input_scaling(NULL, NULL, NULL, NULL), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_target_scaling(NULL, NULL, NULL, NULL), TALUS_ERROR_ARGUMENT);
}
END_TEST

/* A network whose targets cannot be scaled refuses both calls with these words. */
static void refuses_targets(int loss, int activation, const char *words)
{
    double number = 2, values[4] = {0, 1, 1, 0};
    talus_layer layer = {.width = 2, .activation = activation};
    talus_network_spec spec = {.inputs = 2, .layers = &layer, .layer_count = 1, .loss = loss};
    talus_network *network;
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F64, 2, 2);
    talus_dataset *dataset = dataset_of(&x, &x);
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_scale_targets(network, NULL, &number, 1));
    expect_message(context, "scale_targets: ");
    expect_message(context, words);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_target_scaling(network, dataset, 0));
    expect_message(context, "fit_target_scaling: ");
    expect_message(context, words);
    int64_t count = 7;
    expect_ok(context, talus_network_target_scaling(network, &count, NULL, NULL));
    ck_assert_int_eq(count, 0);
    talus_network_destroy(network);
    talus_dataset_destroy(dataset);
}

START_TEST(targets_that_cannot_be_scaled)
{
    refuses_targets(
        TALUS_CROSS_ENTROPY, TALUS_SOFTMAX,
        "the loss must be one whose targets may be any number, got cross_entropy, whose target is a "
        "finite number of at least 0");
    refuses_targets(TALUS_BINARY_CROSS_ENTROPY, TALUS_SIGMOID,
                    "got binary_cross_entropy, whose target is a "
                    "number in 0 … 1");
    refuses_targets(
        TALUS_SQUARED_ERROR, TALUS_SOFTMAX,
        "the last layer must have an activation whose outputs do not depend on each other, got softmax");
}
END_TEST

START_TEST(fits_that_cannot_be)
{
    double values[6] = {1, 2, 3, 4, 5, 7};
    int32_t labels[2] = {0, 1};
    talus_matrix three = talus_matrix_view(values, TALUS_DTYPE_F64, 2, 3),
                 two = talus_matrix_view(values, TALUS_DTYPE_F64, 2, 2);
    talus_matrix y = talus_matrix_view(labels, TALUS_DTYPE_I32, 2, 1);
    talus_network *network = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    talus_dataset *narrow = dataset_of(&two, NULL), *wide = dataset_of(&three, &three),
                  *labelled = dataset_of(&three, &y);
    scale_inputs(network);
    ck_assert_int_eq(talus_network_fit_input_scaling(NULL, wide, 0), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_fit_target_scaling(NULL, wide, 0), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_input_scaling(network, NULL, 0));
    expect_message(context, "fit_input_scaling: dataset must not be NULL");
    for (int kind = -1; kind <= TALUS_SCALING_COUNT; kind += TALUS_SCALING_COUNT + 1) {
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_input_scaling(network, wide, kind));
        expect_message(context, "fit_input_scaling: kind must be one of standard, range, robust; got ");
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_target_scaling(network, wide, kind));
    }
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_fit_input_scaling(network, narrow, 0));
    expect_message(context, "dataset must have 3 columns of inputs, as the network has, got 2");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_target_scaling(network, narrow, 0));
    expect_message(context, "fit_target_scaling: dataset must have targets, got a data set without");
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_fit_target_scaling(network, wide, 0));
    expect_message(context, "targets must have 2 columns");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_target_scaling(network, labelled, 0));
    expect_message(context, "got labels (i32)");
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY, talus_network_fit_input_scaling(network, wide, 0));
        expect_message(context, "there is no memory for");
    }
    input_scaling_is(network, INPUTS, in_shift, in_scale);
    fit_inputs(network, wide, TALUS_SCALING_RANGE);
    talus_dataset_destroy(narrow), talus_dataset_destroy(wide), talus_dataset_destroy(labelled);
    talus_network_destroy(network);
}
END_TEST

/* A value that cannot be used is named as the caller gave it. */
START_TEST(bad_values_are_named_as_they_were_given)
{
    double x[4 * INPUTS] = {0}, out[4 * OUTPUTS] = {0}, cost, scale[INPUTS] = {1, 1e30, 1};
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, 4, INPUTS);
    talus_matrix y = talus_matrix_view(out, TALUS_DTYPE_F64, 4, OUTPUTS);
    talus_network *network = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network, N);
    x[2 * INPUTS + 1] = 1e20;
    expect_ok(context, talus_predict(network, workspace, &in, &y));
    expect_ok(context, talus_network_scale_inputs(network, NULL, scale, INPUTS));
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &in, &y));
    expect_message(context,
                   "inputs, row 2, column 1 (counted from 0): the value must be within the range of f32 "
                   "when it is scaled, got 1e+20, which becomes 1e+50");
    x[2 * INPUTS + 1] = (double)NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &in, &y));
    expect_message(context,
                   "inputs, row 2, column 1 (counted from 0): the value must be a finite number, got nan");
    x[2 * INPUTS + 1] = 0, x[0] = 1e300;
    expect_ok(context, talus_network_scale_inputs(network, NULL, NULL, 0));
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &in, &y));
    expect_message(context,
                   "inputs, row 0, column 0 (counted from 0): the value must be within the range of f32, "
                   "got 1e+300");
    x[0] = 0;
    expect_ok(context, talus_network_scale_targets(network, NULL, (double[]){1e25}, 1));
    memset(out, 0, sizeof out);
    out[5] = -1e15;
    expect_status(context, TALUS_ERROR_DATA, talus_gradient(network, workspace, BATCH(in, y), &cost, NULL));
    expect_message(context,
                   "targets, row 2, column 1 (counted from 0): the value must be within the range of f32 "
                   "when it is scaled, got -1e+15, which becomes -1e+40");
    expect_ok(context, talus_network_scale_targets(network, NULL, (double[]){1e-25}, 1));
    expect_ok(context, talus_forward(network, workspace, &in, NULL));
    expect_status(context, TALUS_ERROR_DATA, talus_backward(network, workspace, &y, NULL, NULL));
    expect_message(context,
                   "output_gradient, row 2, column 1 (counted from 0): the value must be within the range "
                   "of f32 when it is scaled, got -1e+15, which becomes -1e+40");
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("given scaling");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, scaling_is_copied_and_removed);
    tcase_add_test(tests, scalings_that_cannot_be);
    tcase_add_test(tests, targets_that_cannot_be_scaled);
    tcase_add_test(tests, fits_that_cannot_be);
    tcase_add_test(tests, bad_values_are_named_as_they_were_given);
    return run_suite(suite);
}
