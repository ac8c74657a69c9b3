/* Weights of outputs and label smoothing: of networks with every loss. */
#include "loss_support.h"

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
    TCase *all = case_with(suite, begin_losses, end_counted);
    tcase_add_test(all, losses_of_outputs_are_weighted);
    tcase_add_loop_test(all, smoothing_is_of_the_targets_of_training, 0, TALUS_LOSS_COUNT);
    tcase_add_test(all, labels_are_smoothed);
    tcase_add_loop_test(all, options_have_the_same_bits_on_all_threads_and_plans, 0, TALUS_LOSS_COUNT);
    tcase_add_test(all, options_that_make_no_sense_are_refused);
    tcase_add_test(all, options_can_be_read_back);
    return run_suite(suite);
}
