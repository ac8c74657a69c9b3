/* Bad input of the evaluating and training calls: a status, a sentence, and nothing changed. */
#include "network/kinds.h"
#include "support.h"

enum { N = 6, INPUTS = 3, OUTPUTS = 2, PARAMETERS = 4 * 3 + 4 + 2 * 4 + 2 };

static talus_context *context;
static talus_network *network;
static talus_workspace *workspace;
static talus_trainer *trainer;
static float x[N * INPUTS], y[N * OUTPUTS], out[N * OUTPUTS], gradient[PARAMETERS], before[PARAMETERS];
static int32_t labels[N];
static talus_matrix in, targets, label_view, outputs, flat;

static void make(int loss, int activation)
{
    talus_layer layers[] = {{.width = 4, .activation = TALUS_RELU},
                            {.width = OUTPUTS, .activation = activation}};
    talus_network_spec spec = {.inputs = INPUTS, .layers = layers, .layer_count = 2, .loss = loss};
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_workspace_create(context, network, N, &workspace));
    expect_ok(context, talus_trainer_create(network, NULL, N, &trainer));
    talus_matrix parameters;
    expect_ok(context, talus_network_parameters(network, &parameters));
    memcpy(before, parameters.data, sizeof before);
    targets.cols = tl_loss_kind_of(loss)->outputs == 1 ? OUTPUTS : 1;
}

static void setup(void)
{
    context = context_with(2, NULL);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = (float)i / 10;
    for (int i = 0; i < N * OUTPUTS; i++)
        y[i] = (float)(i % 2);
    for (int i = 0; i < N; i++)
        labels[i] = i % OUTPUTS;
    in = talus_matrix_view(x, TALUS_DTYPE_F32, N, INPUTS);
    targets = talus_matrix_view(y, TALUS_DTYPE_F32, N, OUTPUTS);
    label_view = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    outputs = talus_matrix_view(out, TALUS_DTYPE_F32, N, OUTPUTS);
    flat = talus_matrix_view(gradient, TALUS_DTYPE_F32, 1, PARAMETERS);
    make(TALUS_CROSS_ENTROPY, TALUS_SOFTMAX);
}

static void discard(void)
{
    talus_matrix parameters;
    expect_ok(context, talus_network_parameters(network, &parameters));
    ck_assert_int_eq(memcmp(before, parameters.data, sizeof before),
                     0); /* nothing changed in any of these tests */
    talus_trainer_destroy(trainer);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}

static void teardown(void)
{
    discard();
    talus_context_destroy(context);
}

/* Both calls that take a batch refuse it in the same way. */
static void refuse_batch(const talus_matrix *inputs, const talus_matrix *wanted, talus_status status,
                         const char *piece)
{
    double cost = 42;
    expect_status(context, status, talus_gradient(network, workspace, BATCH(*inputs, *wanted), &cost, &flat));
    expect_message(context, piece);
    expect_status(context, status, talus_trainer_step(trainer, BATCH(*inputs, *wanted), &cost));
    expect_message(context, piece);
    ck_assert_double_eq(cost, 42);
}

START_TEST(views_that_make_no_sense)
{
    talus_matrix none = {.data = NULL};
    talus_matrix bad = in;
    refuse_batch(&none, &targets, TALUS_ERROR_ARGUMENT, "inputs: data must not be NULL");
    refuse_batch(&in, &none, TALUS_ERROR_ARGUMENT, "targets: data must not be NULL");
    bad.data = NULL, refuse_batch(&bad, &targets, TALUS_ERROR_ARGUMENT, "data must not be NULL");
    bad = in, bad.dtype = 12,
    refuse_batch(&bad, &targets, TALUS_ERROR_ARGUMENT, "inputs: dtype must be one of f32, f64, u8; got 12");
    bad = in, bad.dtype = TALUS_DTYPE_I32,
    refuse_batch(&bad, &targets, TALUS_ERROR_ARGUMENT, "inputs: dtype must be one of f32, f64, u8; got i32");
    bad = in, bad.rows = 0,
    refuse_batch(&bad, &targets, TALUS_ERROR_SHAPE, "rows and cols must be at least 1, got 0 and 3");
    bad = in, bad.cols = -3, refuse_batch(&bad, &targets, TALUS_ERROR_SHAPE, "got 6 and -3");
    bad = in, bad.stride = 2,
    refuse_batch(&bad, &targets, TALUS_ERROR_SHAPE,
                 "inputs: stride must be 0 or at least 3, the columns, got 2");
    bad = in, bad.rows = INT64_MAX / 2, refuse_batch(&bad, &targets, TALUS_ERROR_SHAPE, "exceed");
}
END_TEST

START_TEST(sizes_that_do_not_fit)
{
    talus_matrix bad = in;
    bad.cols = 2, refuse_batch(&bad, &targets, TALUS_ERROR_SHAPE,
                               "inputs must have 3 columns, one an input of the network, got 2");
    bad = in, bad.rows = N + 1,
    refuse_batch(&bad, &targets, TALUS_ERROR_SHAPE,
                 "inputs must have at most 6 rows, the batch of the workspace, got 7");
    bad = targets, bad.rows = N - 1,
    refuse_batch(&in, &bad, TALUS_ERROR_SHAPE, "targets must have 6 rows, one a sample of the batch, got 5");
    bad = targets, bad.cols = 1,
    refuse_batch(&in, &bad, TALUS_ERROR_SHAPE,
                 "targets must have 2 columns, as the network has targets, got 1");
    bad = label_view, bad.cols = 2, bad.stride = 2, bad.rows = 3;
    refuse_batch(&in, &bad, TALUS_ERROR_SHAPE, "targets must have 1 column of labels, got 2");
    bad = flat, bad.cols--;
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_gradient(network, workspace, BATCH(in, targets), NULL, &bad));
    expect_message(context, "gradient must be 1 × 26, a number for each parameter, got 1 × 25");
    bad = flat, bad.dtype = TALUS_DTYPE_F64;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient(network, workspace, BATCH(in, targets), NULL, &bad));
    bad = outputs, bad.cols = 1;
    expect_status(context, TALUS_ERROR_SHAPE, talus_predict(network, workspace, &in, &bad));
    expect_message(context, "outputs must have 2 columns, got 1");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_predict(network, workspace, &in, NULL));
    bad = outputs, bad.dtype = TALUS_DTYPE_U8;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_forward(network, workspace, &in, &bad));
}
END_TEST

START_TEST(values_that_cannot_be_used_are_named)
{
    x[4 * INPUTS + 1] = NAN, refuse_batch(&in, &targets, TALUS_ERROR_DATA, "inputs, row 4, column 1");
    x[4 * INPUTS + 1] = -INFINITY, refuse_batch(&in, &targets, TALUS_ERROR_DATA, "inputs, row 4, column 1");
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &in, &outputs));
    expect_message(context,
                   "inputs, row 4, column 1 (counted from 0): the value must be a finite number, got -inf");
    x[4 * INPUTS + 1] = 0;
    y[2 * OUTPUTS + 1] = INFINITY, refuse_batch(&in, &targets, TALUS_ERROR_DATA, "targets, row 2, column 1");
    y[2 * OUTPUTS + 1] = -1, refuse_batch(&in, &targets, TALUS_ERROR_DATA, "at least 0");
    labels[3] = OUTPUTS, refuse_batch(&in, &label_view, TALUS_ERROR_DATA,
                                      "targets, row 3 (counted from 0): the label must be 0 … 1, got 2");
    labels[3] = -1, refuse_batch(&in, &label_view, TALUS_ERROR_DATA, "the label must be 0 … 1, got -1");
    double huge[INPUTS] = {0, 1e300, 0};
    talus_matrix one = talus_matrix_view(huge, TALUS_DTYPE_F64, 1, INPUTS), one_y = targets;
    one_y.rows = 1; /* too large for the precision of the network */
    refuse_batch(&one, &one_y, TALUS_ERROR_DATA, "inputs, row 0, column 1");
}
END_TEST

/* Values outside the range of a loss are refused in its words, and labels by those that take none. */
static void check_targets(const tl_loss_kind *loss)
{
    float *last = &y[targets.cols - 1], good = *last;
    if (isfinite(loss->most))
        *last = (float)loss->most + 0.5f, refuse_batch(&in, &targets, TALUS_ERROR_DATA, loss->targets);
    if (isfinite(loss->least))
        *last = (float)loss->least - 0.5f, refuse_batch(&in, &targets, TALUS_ERROR_DATA, loss->targets);
    *last = NAN, refuse_batch(&in, &targets, TALUS_ERROR_DATA, loss->targets);
    *last = good;
    expect_ok(context, talus_gradient(network, workspace, BATCH(in, targets), NULL, &flat));
    if (tl_label_count(loss, OUTPUTS) > 0)
        expect_ok(context, talus_gradient(network, workspace, BATCH(in, label_view), NULL, &flat));
    else
        refuse_batch(&in, &label_view, TALUS_ERROR_ARGUMENT, loss->name);
}

START_TEST(targets_fit_the_loss)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
        int fused = tl_loss_kind_of(loss)->fused;
        discard();
        make(loss, fused < 0 ? TALUS_IDENTITY : fused);
        check_targets(tl_loss_kind_of(loss));
    }
    discard();
    make(TALUS_BINARY_CROSS_ENTROPY, TALUS_SIGMOID);
    y[1] = 1.5f;
    refuse_batch(&in, &targets, TALUS_ERROR_DATA,
                 "targets, row 0, column 1 (counted from 0): the value must be a number in 0 … 1, got 1.5");
    discard();
    make(TALUS_SQUARED_ERROR, TALUS_IDENTITY);
    refuse_batch(&in, &label_view, TALUS_ERROR_ARGUMENT,
                 "targets must be values (f32, f64 or u8) for squared_error of 2 outputs, got labels (i32)");
}
END_TEST

START_TEST(backward_follows_forward)
{
    talus_matrix dx = talus_matrix_view(x, TALUS_DTYPE_F32, N, INPUTS);
    expect_status(context, TALUS_ERROR_STATE, talus_backward(network, workspace, &targets, &flat, NULL));
    expect_message(context, "talus_forward");
    expect_ok(context, talus_forward(network, workspace, &in, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_backward(network, workspace, NULL, &flat, NULL));
    talus_matrix bad = targets;
    bad.rows = 2;
    expect_status(context, TALUS_ERROR_SHAPE, talus_backward(network, workspace, &bad, &flat, NULL));
    bad = dx, bad.cols = 2;
    expect_status(context, TALUS_ERROR_SHAPE, talus_backward(network, workspace, &targets, &flat, &bad));
    expect_message(context, "input_gradient must have 3 columns, got 2");
    y[3] = NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_backward(network, workspace, &targets, &flat, NULL));
    expect_message(context, "output_gradient, row 1, column 1");
    y[3] = -5; /* a gradient has no range */
    expect_ok(context, talus_backward(network, workspace, &targets, NULL, NULL));
    expect_ok(context, talus_predict(network, workspace, &in, &outputs)); /* the batch is forgotten */
    expect_status(context, TALUS_ERROR_STATE, talus_backward(network, workspace, &targets, &flat, NULL));
}
END_TEST

START_TEST(things_of_other_networks)
{
    talus_network *other;
    talus_layer layer = {.width = 1};
    talus_network_spec spec = {.inputs = 1, .layers = &layer, .layer_count = 1};
    expect_ok(context, talus_network_create(context, &spec, &other));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_predict(other, workspace, &in, &outputs));
    expect_message(context, "another network");
    talus_network_destroy(other);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_predict(NULL, workspace, &in, &outputs));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_predict(network, NULL, &in, &outputs));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient(network, NULL, BATCH(in, targets), NULL, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_step(NULL, BATCH(in, targets), NULL));
}
END_TEST

START_TEST(workspaces_and_trainers_that_cannot_be)
{
    talus_workspace *none = NULL;
    talus_trainer *no_trainer = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_workspace_create(NULL, network, 1, &none));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_workspace_create(context, NULL, 1, &none));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_workspace_create(context, network, 1, NULL));
    expect_status(context, TALUS_ERROR_SHAPE, talus_workspace_create(context, network, 0, &none));
    expect_message(context, "workspace: max_batch must be 1 … 2147483647, got 0");
    expect_status(context, TALUS_ERROR_SHAPE, talus_workspace_create(context, network, INT64_MAX, &none));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_create(NULL, NULL, 1, &no_trainer));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_create(network, NULL, 1, NULL));
    expect_status(context, TALUS_ERROR_SHAPE, talus_trainer_create(network, NULL, -4, &no_trainer));
    expect_message(context, "trainer: max_batch must be 1 … 2147483647, got -4");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_set_rate(trainer, 0));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_set_rate(NULL, 1));
    expect_ok(context, talus_trainer_set_rate(trainer, 0.5));
    ck_assert_ptr_null(none);
    ck_assert_ptr_null(no_trainer);
    talus_workspace_destroy(NULL);
    talus_trainer_destroy(NULL);
}
END_TEST

static void refuse_fit(const talus_dataset *training, const talus_dataset *validation,
                       const talus_fit_options *options, talus_status status, const char *piece)
{
    talus_fit_result result = {.epochs = 42};
    expect_status(context, status, talus_fit(network, training, validation, options, &result));
    expect_message(context, piece);
    ck_assert_int_eq(result.epochs, 42);
}

START_TEST(fits_that_cannot_be)
{
    talus_dataset *good, *bare, *narrow, *bad_labels;
    talus_matrix few = in;
    few.cols = 2, few.stride = 3;
    expect_ok(context, talus_dataset_from_matrices(context, &in, &label_view, &good));
    expect_ok(context, talus_dataset_from_matrices(context, &in, NULL, &bare));
    expect_ok(context, talus_dataset_from_matrices(context, &few, &label_view, &narrow));
    int32_t large[N] = {0, 1, 0, 1, 0, 9};
    talus_matrix large_view = talus_matrix_view(large, TALUS_DTYPE_I32, N, 1);
    expect_ok(context, talus_dataset_from_matrices(context, &in, &large_view, &bad_labels));
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(NULL, good, NULL, NULL, NULL));
    refuse_fit(NULL, NULL, NULL, TALUS_ERROR_ARGUMENT, "training must not be NULL");
    refuse_fit(bare, NULL, NULL, TALUS_ERROR_ARGUMENT, "training must have targets, got a data set without");
    refuse_fit(good, bare, NULL, TALUS_ERROR_ARGUMENT,
               "validation must have targets, got a data set without");
    refuse_fit(narrow, NULL, NULL, TALUS_ERROR_SHAPE,
               "training must have 3 columns of inputs, as the network has, got 2");
    refuse_fit(good, narrow, NULL, TALUS_ERROR_SHAPE,
               "validation must have 3 columns of inputs, as the network has, got 2");
    refuse_fit(bad_labels, NULL, NULL, TALUS_ERROR_DATA,
               "row 5 (counted from 0): the label must be 0 … 1, got 9");
    refuse_fit(good, bad_labels, NULL, TALUS_ERROR_DATA,
               "row 5 (counted from 0): the label must be 0 … 1, got 9");
    options.batch = -1,
    refuse_fit(good, NULL, &options, TALUS_ERROR_ARGUMENT, "fit: batch must be at least 0, got -1");
    options.batch = 2, options.epochs = -1,
    refuse_fit(good, NULL, &options, TALUS_ERROR_ARGUMENT, "epochs must be at least 1, got -1");
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, TALUS_ADAM);
    options.epochs = 1, options.optimizer = &optimizer, optimizer.rate = -1;
    refuse_fit(good, NULL, &options, TALUS_ERROR_ARGUMENT, "rate must be a finite number above 0, got -1");
    talus_metrics metrics;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_evaluate(network, workspace, good, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_evaluate(network, workspace, bare, &metrics));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_evaluate(network, NULL, good, &metrics));
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate(network, workspace, bad_labels, &metrics));
    talus_dataset_destroy(good);
    talus_dataset_destroy(bare);
    talus_dataset_destroy(narrow);
    talus_dataset_destroy(bad_labels);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arguments");
    const TTest *const tests[] = {views_that_make_no_sense,
                                  sizes_that_do_not_fit,
                                  values_that_cannot_be_used_are_named,
                                  targets_fit_the_loss,
                                  backward_follows_forward,
                                  things_of_other_networks,
                                  workspaces_and_trainers_that_cannot_be,
                                  fits_that_cannot_be};
    TCase *all = tcase_create("arguments");
    tcase_add_checked_fixture(all, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
