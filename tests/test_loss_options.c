/* Weights of outputs, missing targets and label smoothing: of networks with every loss. */
#include "fixture.h"
#include "network/kinds.h"

enum { N = 21, INPUTS = 3, OUTPUTS = 4, MOST = 200 };
#define TOLERANCE   1e-13
#define DIFFERENCES 1e-7 /* central differences in f64, h = ∛ε */

static double x[N * INPUTS], y[N * OUTPUTS];

static talus_matrix f64(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

static int64_t targets_of(int loss)
{
    return OUTPUTS / tl_loss_kind_of(loss)->outputs;
}

/* Targets in 0 … 1, which every loss takes. */
static void begin(void)
{
    begin_counted();
    number_stream numbers = numbers_from(11);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&numbers);
    for (int i = 0; i < N * OUTPUTS; i++)
        y[i] = fabs(next_number(&numbers));
}

static talus_network_spec spec_of(int loss, talus_layer layers[2])
{
    int fused = tl_loss_kind_of(loss)->fused;
    layers[0] = talus_dense(5, TALUS_TANH);
    layers[1] = talus_dense(OUTPUTS, fused < 0 ? TALUS_IDENTITY : fused);
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, loss);
    spec.precision = TALUS_DTYPE_F64;
    return spec;
}

static talus_network *made(const talus_network_spec *spec)
{
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, spec, &network));
    return network;
}

/* Cost and gradient of the batch; gradient may be NULL. */
static double gradient_of(const talus_network *network, double *gradient)
{
    int64_t count = talus_network_parameter_count(network);
    talus_workspace *workspace = workspace_of(network, N);
    talus_matrix flat = f64(gradient, 1, count);
    double cost;
    expect_ok(context,
              talus_gradient(network, workspace,
                             BATCH(f64(x, N, INPUTS), f64(y, N, targets_of(talus_network_loss(network)))),
                             &cost, gradient == NULL ? NULL : &flat));
    talus_workspace_destroy(workspace);
    return cost;
}

static void expect_differences(talus_network *network)
{
    talus_matrix parameters;
    double gradient[MOST];
    ck_assert_int_le(talus_network_parameter_count(network), MOST);
    gradient_of(network, gradient);
    expect_ok(context, talus_network_parameters(network, &parameters));
    for (int64_t i = 0; i < parameters.cols; i++) {
        double *at = (double *)parameters.data + i, kept = *at, h = 6e-6;
        *at = kept + h;
        double above = gradient_of(network, NULL);
        *at = kept - h;
        double below = gradient_of(network, NULL);
        *at = kept;
        ck_assert_msg(fabs((above - below) / (2 * h) - gradient[i]) < DIFFERENCES,
                      "%s, parameter %d: %g, not %g", talus_loss_name(talus_network_loss(network)), (int)i,
                      gradient[i], (above - below) / (2 * h));
    }
}

/* Weights of outputs -------------------------------------------------------------------------------------- */

static double weighted(int loss, const double *weights, double *gradient)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(loss, layers);
    spec.output_weights = weights;
    spec.output_weight_count = weights == NULL ? 0 : (int)targets_of(loss);
    talus_network *network = made(&spec);
    double cost = gradient_of(network, gradient);
    if (weights != NULL)
        expect_differences(network);
    talus_network_destroy(network);
    return cost;
}

/* Cost and gradient are linear in the weights, and with weights of 1 the plain ones. */
START_TEST(losses_of_outputs_are_weighted)
{
    static const double ones[] = {1, 1, 1, 1}, weights[] = {0.5, 0, 3, 1};
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
        double plain[MOST], gradient[MOST], part[MOST], sum[MOST] = {0}, cost = 0;
        double alone[OUTPUTS] = {0};
        ck_assert_double_eq_tol(weighted(loss, ones, gradient), weighted(loss, NULL, plain), TOLERANCE);
        int64_t count = INPUTS * 5 + 5 + 5 * OUTPUTS + OUTPUTS;
        ck_assert_double_le(largest_difference(plain, gradient, count), TOLERANCE);
        for (int64_t k = 0; k < targets_of(loss); k++) {
            alone[k] = 1;
            cost += weights[k] * weighted(loss, alone, part);
            for (int64_t i = 0; i < count; i++)
                sum[i] += weights[k] * part[i];
            alone[k] = 0;
        }
        ck_assert_double_eq_tol(weighted(loss, weights, gradient), cost, TOLERANCE);
        ck_assert_double_le(largest_difference(sum, gradient, count), TOLERANCE);
    }
}
END_TEST

/* Missing targets ------------------------------------------------------------------------------------------ */

static void lose_some(int loss)
{
    for (int64_t i = 0; i < N; i++)
        for (int64_t k = 0; k < targets_of(loss); k++)
            if ((i * 5 + k * 3) % 7 == 0)
                y[i * targets_of(loss) + k] = NAN;
}

START_TEST(gradients_without_missing_targets_are_differences)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(_i, layers);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    double plain = gradient_of(network, NULL);
    spec.missing_targets = 0;
    talus_network *strict = made(&spec);
    ck_assert_double_eq_tol(gradient_of(strict, NULL), plain, TOLERANCE); /* with nothing missing */
    lose_some(_i);
    ck_assert(isfinite(gradient_of(network, NULL)));
    expect_differences(network);
    talus_network_destroy(strict);
    talus_network_destroy(network);
}
END_TEST

/* C = Σ ½·(a − y)² over what is there / n */
START_TEST(the_mean_is_over_all_samples)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_SQUARED_ERROR, layers);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    talus_workspace *workspace = workspace_of(network, N);
    double out[N * OUTPUTS], sum = 0;
    talus_matrix in = f64(x, N, INPUTS), outputs = f64(out, N, OUTPUTS);
    expect_ok(context, talus_predict(network, workspace, &in, &outputs));
    lose_some(TALUS_SQUARED_ERROR);
    for (int i = 0; i < N * OUTPUTS; i++)
        sum += isnan(y[i]) ? 0 : (out[i] - y[i]) * (out[i] - y[i]) / 2;
    ck_assert_double_eq_tol(gradient_of(network, NULL), sum / N, TOLERANCE);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* A sample of a class loss with a missing target is as one of weight 0. */
START_TEST(losses_of_classes_drop_whole_samples)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_CROSS_ENTROPY, layers);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    talus_workspace *workspace = workspace_of(network, N);
    double weights[N], cost, weight = 0;
    for (int i = 0; i < N; i++)
        weight += weights[i] = i % 4 == 0 ? 0 : 1;
    talus_batch batch = talus_batch_of(f64(x, N, INPUTS), f64(y, N, OUTPUTS));
    talus_metrics some, all;
    batch.weights = f64(weights, N, 1);
    expect_ok(context, talus_evaluate_batch(network, workspace, &batch, &some));
    for (int i = 0; i < N; i += 4)
        y[i * OUTPUTS + i % OUTPUTS] = NAN;
    cost = gradient_of(network, NULL);
    ck_assert_double_eq_tol(cost * N, some.cost * weight, TOLERANCE * N);
    expect_ok(context,
              talus_evaluate_batch(network, workspace, BATCH(f64(x, N, INPUTS), f64(y, N, OUTPUTS)), &all));
    ck_assert_double_eq_tol(all.accuracy, some.accuracy, TOLERANCE);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

static talus_dataset *with_missing(void)
{
    talus_dataset *dataset = NULL;
    talus_matrix inputs = f64(x, N, INPUTS), targets = f64(y, N, OUTPUTS);
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &targets, &dataset));
    return dataset;
}

START_TEST(missing_targets_are_refused_unless_asked_for)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_SQUARED_ERROR, layers);
    talus_network *strict = made(&spec);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 2, options.batch = 5;
    lose_some(TALUS_SQUARED_ERROR);
    talus_dataset *dataset = with_missing(), *none = NULL;
    talus_matrix inputs = f64(x, N, INPUTS), targets = f64(y, N, OUTPUTS);
    expect_status(context, TALUS_ERROR_DATA, talus_dataset_from_matrices(context, &inputs, &targets, &none));
    expect_message(context, "targets: row 0, column 0 (counted from 0) must be a finite number, got nan");
    expect_status(context, TALUS_ERROR_DATA, talus_fit(strict, dataset, NULL, &options, NULL));
    expect_message(context,
                   "targets, row 0, column 0 (counted from 0): the value must be a finite number, got nan");
    expect_ok(context, talus_fit(network, dataset, NULL, &options, NULL));
    talus_workspace *workspace = workspace_of(network, N);
    y[2 * OUTPUTS + 1] = INFINITY;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_gradient(network, workspace, BATCH(inputs, targets), NULL, NULL));
    expect_message(context,
                   "targets, row 2, column 1 (counted from 0): the value must be a finite number, got inf");
    expect_status(context, TALUS_ERROR_DATA,
                  talus_dataset_with_missing_targets(context, &inputs, &targets, &none));
    expect_message(context, "targets: row 2, column 1 (counted from 0) must be a finite number, got inf");
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
    talus_network_destroy(strict);
}
END_TEST

START_TEST(other_dtypes_may_be_given_as_with_missing_targets)
{
    const uint8_t bytes[N] = {1};
    const int32_t labels[N] = {-1};
    float single[N] = {NAN, 1, INFINITY};
    talus_matrix inputs = f64(x, N, INPUTS), byte = talus_matrix_view(bytes, TALUS_DTYPE_U8, N, 1),
                 label = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1),
                 floats = talus_matrix_view(single, TALUS_DTYPE_F32, N, 1);
    talus_dataset *dataset = NULL;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_dataset_with_missing_targets(context, &inputs, &label, &dataset));
    expect_status(context, TALUS_ERROR_DATA,
                  talus_dataset_with_missing_targets(context, &inputs, &floats, &dataset));
    expect_message(context, "row 2, column 0");
    single[2] = 0;
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &floats, &dataset));
    talus_dataset_destroy(dataset);
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &byte, &dataset));
    talus_dataset_destroy(dataset);
    expect_status(NULL, TALUS_ERROR_ARGUMENT,
                  talus_dataset_with_missing_targets(NULL, &inputs, &byte, &dataset));
}
END_TEST

/* A fitted scaling leaves out what is missing; a column without values stays as it is. */
START_TEST(scaling_is_of_what_is_there)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_SQUARED_ERROR, layers);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    int64_t count;
    const double *shift, *scale;
    for (int i = 0; i < N; i++) {
        y[i * OUTPUTS] = i < 4 ? (const double[]){1, 5, NAN, 9}[i] : NAN; /* mean 5, variance 32/3 */
        y[i * OUTPUTS + 1] = NAN;
    }
    talus_dataset *dataset = with_missing();
    expect_ok(context, talus_network_fit_target_scaling(network, dataset, TALUS_SCALING_STANDARD));
    expect_ok(context, talus_network_target_scaling(network, &count, &shift, &scale));
    ck_assert_double_eq_tol(shift[0], 5, 1e-15 * 5);
    ck_assert_double_eq_tol(scale[0], sqrt(3.0 / 32), 1e-15);
    ck_assert(shift[1] == 0 && scale[1] == 1);
    expect_ok(context, talus_network_fit_target_scaling(network, dataset, TALUS_SCALING_RANGE));
    expect_ok(context, talus_network_target_scaling(network, &count, &shift, &scale));
    ck_assert(shift[0] == 1 && scale[0] == 0.125 && shift[1] == 0 && scale[1] == 1);
    ck_assert(isfinite(gradient_of(network, NULL)));
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
}
END_TEST

/* For outputs (μ, s) in the caller's units, the mean of ½·(s + (y − μ)²·exp(−s)) is the cost less Σ log |scale|. */
static void check_variances(talus_network *network, const double *shift, const double *scale, int64_t count)
{
    talus_workspace *workspace = workspace_of(network, N);
    double out[N * OUTPUTS], sum = 0, logs = 0;
    const int64_t k = OUTPUTS / 2;
    talus_matrix in = f64(x, N, INPUTS), outputs = f64(out, N, OUTPUTS);
    expect_ok(context, talus_network_scale_targets(network, shift, scale, count));
    expect_ok(context, talus_predict(network, workspace, &in, &outputs));
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < k; j++) {
            double mean = out[i * OUTPUTS + j], s = out[i * OUTPUTS + k + j], e = y[i * k + j] - mean;
            sum += (s + e * e * exp(-s)) / 2;
        }
    for (int64_t j = 0; j < k; j++)
        logs += log(fabs(scale[count == 1 ? 0 : j]));
    ck_assert_double_eq_tol(sum / N, gradient_of(network, NULL) - logs, TOLERANCE * 100);
    expect_differences(network);
    talus_workspace_destroy(workspace);
}

/* ∂/∂θ of Σ G ⊙ (outputs in the caller's units), against differences. */
static void check_backward(talus_network *network)
{
    talus_workspace *workspace = workspace_of(network, N);
    double out[N * OUTPUTS], gradient[MOST];
    double *g = random_array(8, N * OUTPUTS);
    talus_matrix in = f64(x, N, INPUTS), outputs = f64(out, N, OUTPUTS), of_outputs = f64(g, N, OUTPUTS),
                 flat = f64(gradient, 1, talus_network_parameter_count(network)), parameters;
    expect_ok(context, talus_forward(network, workspace, &in, NULL));
    expect_ok(context, talus_backward(network, workspace, &of_outputs, &flat, NULL));
    expect_ok(context, talus_network_parameters(network, &parameters));
    for (int64_t i = 0; i < parameters.cols; i++) {
        double *at = (double *)parameters.data + i, kept = *at, h = 6e-6, difference = 0;
        for (int sign = -1; sign <= 1; sign += 2) {
            *at = kept + sign * h;
            expect_ok(context, talus_predict(network, workspace, &in, &outputs));
            for (int e = 0; e < N * OUTPUTS; e++)
                difference += sign * g[e] * out[e] / (2 * h);
        }
        *at = kept;
        ck_assert_double_eq_tol(gradient[i], difference, DIFFERENCES * 10);
    }
    free(g);
    talus_workspace_destroy(workspace);
}

START_TEST(variances_are_in_the_callers_units)
{
    const double shift[] = {0.5, -2}, scale[] = {4, -0.25};
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_GAUSSIAN_NLL, layers);
    talus_network *network = made(&spec);
    check_variances(network, shift, scale, 2);
    check_backward(network);
    check_variances(network, shift, scale, 1);
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_scale_targets(network, shift, scale, OUTPUTS));
    expect_message(context, "scale_targets: count must be 1 or 2, got 4");
    int64_t count;
    const double *kept;
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY, talus_network_scale_targets(network, shift, scale, 2));
        book.fail_at = 0;
        expect_ok(context, talus_network_target_scaling(network, &count, NULL, &kept));
        ck_assert(count == 1 && kept[0] == 4);
    }
    expect_ok(context, talus_network_scale_targets(network, NULL, NULL, 0));
    check_backward(network);
    talus_network_destroy(network);
}
END_TEST

START_TEST(missing_targets_have_a_class_where_one_is_there)
{
    double hot[] = {NAN, 0, 1, 0.5, NAN, 0}; /* of classes 2 and 0 */
    const double given[] = {3, 5, 9};
    talus_matrix inputs = f64(x, 2, INPUTS), targets = f64(hot, 2, 3), weights;
    talus_dataset *dataset = NULL;
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &targets, &dataset));
    expect_ok(context, talus_dataset_weight_classes(dataset, given, 3));
    expect_ok(context, talus_dataset_weights(dataset, &weights));
    ck_assert(((double *)weights.data)[0] == 9 && ((double *)weights.data)[1] == 3);
    talus_dataset_destroy(dataset);
}
END_TEST

/* Label smoothing ------------------------------------------------------------------------------------------ */

/* The parameters and the cost of a training step. */
static double stepped(const talus_network_spec *spec, const talus_matrix *targets, double *parameters)
{
    talus_network *network = made(spec);
    talus_optimizer_spec optimizer;
    talus_trainer *trainer = NULL;
    talus_matrix flat;
    double cost;
    talus_optimizer_defaults(&optimizer, TALUS_GRADIENT_DESCENT);
    expect_ok(context, talus_trainer_create(network, &optimizer, N, &trainer));
    expect_ok(context, talus_trainer_step(trainer, BATCH(f64(x, N, INPUTS), *targets), &cost));
    expect_ok(context, talus_network_parameters(network, &flat));
    memcpy(parameters, flat.data, (size_t)flat.cols * sizeof *parameters);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    return cost;
}

/* A step on smoothed targets is one on the targets that they become; what does not train sees them as they are. */
START_TEST(smoothing_is_of_the_targets_of_training)
{
    const double smoothing = 0.125;
    talus_layer layers[2];
    talus_network_spec spec = spec_of(_i, layers);
    double soft[N * OUTPUTS], smooth[MOST], expected[MOST];
    double classes = tl_loss_kind_of(_i)->labels == TL_LABELS_SIDES ? 2 : OUTPUTS;
    if (tl_loss_kind_of(_i)->fused < 0)
        return;
    for (int i = 0; i < N * OUTPUTS; i++)
        soft[i] = (1 - smoothing) * y[i] + smoothing / classes;
    talus_matrix targets = f64(y, N, OUTPUTS), softened = f64(soft, N, OUTPUTS);
    double cost = stepped(&spec, &softened, expected);
    talus_network *plain = made(&spec);
    spec.label_smoothing = smoothing;
    talus_network *network = made(&spec);
    ck_assert_double_eq_tol(stepped(&spec, &targets, smooth), cost, TOLERANCE);
    ck_assert_double_le(largest_difference(smooth, expected, talus_network_parameter_count(network)),
                        TOLERANCE);
    ck_assert_double_eq(gradient_of(network, NULL), gradient_of(plain, NULL));
    talus_network_destroy(plain);
    talus_network_destroy(network);
}
END_TEST

START_TEST(labels_are_smoothed)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_CROSS_ENTROPY, layers);
    int32_t labels[N];
    double soft[N * OUTPUTS], smooth[MOST], expected[MOST];
    for (int i = 0; i < N; i++)
        labels[i] = i % OUTPUTS;
    for (int i = 0; i < N * OUTPUTS; i++)
        soft[i] = 0.05 + (i % OUTPUTS == labels[i / OUTPUTS] ? 0.8 : 0); /* ε = 0.2 */
    talus_matrix targets = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1), softened = f64(soft, N, OUTPUTS);
    double cost = stepped(&spec, &softened, expected);
    spec.label_smoothing = 0.2;
    ck_assert_double_eq_tol(stepped(&spec, &targets, smooth), cost, TOLERANCE);
    ck_assert_double_le(largest_difference(smooth, expected, INPUTS * 5 + 5 + 5 * OUTPUTS + OUTPUTS),
                        TOLERANCE);
}
END_TEST

/* All of them -------------------------------------------------------------------------------------------- */

START_TEST(options_have_the_same_bits_on_all_threads_and_plans)
{
    static const double weights[] = {0.5, 2, 1, 3};
    static const char *const plans[] = {NULL, LAYER_BY_LAYER, TILE_BY_TILE};
    talus_layer layers[2];
    talus_network_spec spec = spec_of(_i, layers);
    layers[0].width = 400;
    spec.output_weights = weights, spec.output_weight_count = (int)targets_of(_i);
    spec.missing_targets = 1, spec.label_smoothing = tl_loss_kind_of(_i)->fused < 0 ? 0 : 0.1;
    lose_some(_i);
    for (int plan = 0; plan < 3; plan++) {
        talus_network *networks[3];
        talus_context *contexts[3];
        for (int t = 0; t < 3; t++) {
            talus_trainer *trainer = NULL;
            contexts[t] = context_with(1 << t, NULL);
            if (plans[plan] != NULL)
                expect_ok(contexts[t], talus_context_set_plan(contexts[t], plans[plan]));
            expect_ok(contexts[t], talus_network_create(contexts[t], &spec, &networks[t]));
            expect_ok(contexts[t], talus_trainer_create(networks[t], NULL, N, &trainer));
            for (int step = 0; step < 3; step++)
                expect_ok(
                    contexts[t],
                    talus_trainer_step(trainer, BATCH(f64(x, N, INPUTS), f64(y, N, targets_of(_i))), NULL));
            talus_trainer_destroy(trainer);
            same_parameters(networks[0], networks[t]);
        }
        for (int t = 0; t < 3; t++) {
            talus_network_destroy(networks[t]);
            talus_context_destroy(contexts[t]);
        }
    }
}
END_TEST

static void refuse(const talus_network_spec *spec, talus_status status, const char *piece)
{
    talus_network *network = NULL;
    expect_status(context, status, talus_network_create(context, spec, &network));
    expect_message(context, piece);
    ck_assert_ptr_null(network);
}

START_TEST(options_that_make_no_sense_are_refused)
{
    double weights[] = {1, 2, NAN, 1};
    talus_layer layers[2];
    talus_network_spec good = spec_of(TALUS_HINGE, layers), spec = good;
    spec.output_weight_count = 4;
    refuse(&spec, TALUS_ERROR_SHAPE,
           "network: output_weight_count must be 0, as output_weights is NULL, got 4");
    spec.output_weights = weights, spec.output_weight_count = 3;
    refuse(&spec, TALUS_ERROR_SHAPE, "network: output_weight_count must be 4, the number of targets, got 3");
    spec.output_weight_count = 4;
    refuse(&spec, TALUS_ERROR_ARGUMENT,
           "network: output_weights[2] must be a finite number of at least 0, got nan");
    weights[2] = -1;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "output_weights[2]");
    weights[2] = 0;
    for (int n = 1; n <= 3; n++) {
        refuse_from_now(&book, n);
        refuse(&spec, TALUS_ERROR_MEMORY, "no memory");
    }
    book.fail_at = 0;
    spec = good, spec.label_smoothing = 0.1;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "network: label_smoothing must be 0 with hinge, got 0.1");
    spec.label_smoothing = 1;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "network: label_smoothing must be at least 0 and below 1, got 1");
    spec = good, spec.missing_targets = 2;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "network: missing_targets must be 0 or 1, got 2");
}
END_TEST

START_TEST(options_can_be_read_back)
{
    static const double weights[] = {0.5, 2, 1, 0};
    talus_layer layers[2];
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        talus_network_spec spec = spec_of(TALUS_FOCAL, layers), got;
        spec.precision = precision, spec.label_smoothing = 0.25, spec.missing_targets = 1;
        spec.output_weights = weights, spec.output_weight_count = 4;
        talus_network *network = made(&spec);
        expect_ok(context, talus_network_get_spec(network, &got));
        ck_assert(got.label_smoothing == 0.25 && got.missing_targets == 1 && got.output_weight_count == 4);
        ck_assert_ptr_ne(got.output_weights, weights);
        same_bytes(got.output_weights, weights, sizeof weights);
        talus_network_destroy(network);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loss options");
    TCase *all = case_with(suite, begin, end_counted);
    tcase_add_test(all, losses_of_outputs_are_weighted);
    tcase_add_loop_test(all, gradients_without_missing_targets_are_differences, 0, TALUS_LOSS_COUNT);
    tcase_add_test(all, the_mean_is_over_all_samples);
    tcase_add_test(all, losses_of_classes_drop_whole_samples);
    tcase_add_test(all, missing_targets_are_refused_unless_asked_for);
    tcase_add_test(all, other_dtypes_may_be_given_as_with_missing_targets);
    tcase_add_test(all, scaling_is_of_what_is_there);
    tcase_add_test(all, variances_are_in_the_callers_units);
    tcase_add_test(all, missing_targets_have_a_class_where_one_is_there);
    tcase_add_loop_test(all, smoothing_is_of_the_targets_of_training, 0, TALUS_LOSS_COUNT);
    tcase_add_test(all, labels_are_smoothed);
    tcase_add_loop_test(all, options_have_the_same_bits_on_all_threads_and_plans, 0, TALUS_LOSS_COUNT);
    tcase_add_test(all, options_that_make_no_sense_are_refused);
    tcase_add_test(all, options_can_be_read_back);
    return run_suite(suite);
}
