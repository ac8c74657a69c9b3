/* Networks that train on projected inputs, and what is asked of them. */
#include <stdio.h>
#include <talus/checkpoint.h>

#include "projection_support.h"

/* Loops over precisions: training is that on the features as a data set of their own, with any threads and tiles. */
START_TEST(training_is_that_on_projected_copies)
{
    static const char *const plans[] = {NULL, LAYER_BY_LAYER};
    double *x = mixed(SAMPLES, RAW), *y = random_array(3, SAMPLES * 2);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, RAW),
                 out = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 2), theta, first = {0};
    for (int run = 0; run < 7; run++) {
        talus_context *own = context_with(run % 3 + 1, NULL);
        if (plans[run % 2] != NULL)
            expect_ok(own, talus_context_set_plan(own, plans[run % 2]));
        talus_dataset *data;
        talus_network *network = deep(own, _i);
        talus_fit_options options;
        expect_ok(own, talus_dataset_from_matrices(own, &in, &out, &data));
        expect_ok(own, talus_network_fit_projection(network, data, TALUS_SCALING_STANDARD,
                                                    TALUS_PROJECTION_PCA_WHITENING, 0, 0));
        talus_dataset *trained = data;
        double *features = NULL;
        if (run == 6) { /* the copy */
            talus_network *one = identity_of(FEATURES, _i);
            const double *matrix, *mean, *shift, *scale;
            expect_ok(own, talus_network_projection(network, NULL, &matrix, &mean));
            expect_ok(own, talus_network_input_scaling(network, NULL, &shift, &scale));
            expect_ok(context, talus_network_project_inputs(one, matrix, mean, RAW));
            expect_ok(context, talus_network_scale_inputs(one, shift, scale, RAW));
            features = features_of(one, x, SAMPLES);
            talus_network_destroy(one), talus_network_destroy(network);
            network = deep(own, _i);
            talus_matrix copy = talus_matrix_view(features, TALUS_DTYPE_F64, SAMPLES, FEATURES);
            expect_ok(own, talus_dataset_from_matrices(own, &copy, &out, &trained));
        }
        talus_fit_options_defaults(&options);
        options.epochs = 3, options.batch = 64;
        expect_ok(own, talus_fit(network, trained, trained, &options, NULL));
        expect_ok(own, talus_network_parameters(network, &theta));
        const size_t bytes = (size_t)theta.cols * (_i == TALUS_DTYPE_F32 ? 4 : 8);
        if (run == 0)
            first = theta, first.data = memcpy(malloc(bytes), theta.data, bytes);
        same_bytes(first.data, theta.data, bytes);
        if (trained != data)
            talus_dataset_destroy(trained);
        free(features);
        talus_network_destroy(network);
        talus_dataset_destroy(data);
        talus_context_destroy(own);
    }
    free(first.data), free(x), free(y);
}
END_TEST

static double weighted(talus_network *network, talus_workspace *workspace, const talus_matrix *x,
                       const double *weight)
{
    double out[2 * 40], sum = 0;
    talus_matrix y = talus_matrix_view(out, TALUS_DTYPE_F64, x->rows, 2);
    expect_ok(context, talus_forward(network, workspace, x, &y));
    for (int64_t i = 0; i < x->rows * 2; i++)
        sum += weight[i] * out[i];
    return sum;
}

/* Loops: without a scaling, with one, clipped. */
START_TEST(input_gradients_run_through_the_projection)
{
    double *x = mixed(SAMPLES, RAW), *weight = random_array(6, 2 * 40),
           *gradient = malloc(40 * RAW * sizeof *gradient);
    talus_dataset *data = rows_in(x, SAMPLES, RAW);
    talus_network *network = deep(context, TALUS_DTYPE_F64);
    if (_i == 2)
        expect_ok(context, talus_network_clip_inputs(network, 0.8));
    expect_ok(context, talus_network_fit_projection(network, data, _i == 0 ? -1 : TALUS_SCALING_ROBUST,
                                                    TALUS_PROJECTION_PCA, 0, 0));
    for (int64_t n = 1; n <= 40; n += 39) {
        talus_workspace *workspace = workspace_of(network, n);
        talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, n, RAW),
                     given = talus_matrix_view(weight, TALUS_DTYPE_F64, n, 2),
                     got = talus_matrix_view(gradient, TALUS_DTYPE_F64, n, RAW);
        weighted(network, workspace, &in, weight);
        expect_ok(context, talus_backward(network, workspace, &given, NULL, &got));
        const double size = largest(gradient, n * RAW);
        for (int64_t i = 0; i < n * RAW; i += 7) {
            const double h = 1e-5, before = x[i];
            x[i] = before + h;
            const double above = weighted(network, workspace, &in, weight);
            x[i] = before - h;
            const double below = weighted(network, workspace, &in, weight);
            x[i] = before;
            ck_assert_double_le(fabs((above - below) / (2 * h) - gradient[i]), 1e-8 * fmax(size, 1));
        }
        talus_workspace_destroy(workspace);
    }
    free(x), free(weight), free(gradient);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* What sees the parameters alone sees the features: Jᵀ·u is the gradient of u·outputs, and layer 1 gets its variance from them. */
START_TEST(other_calls_take_projected_inputs)
{
    double *x = mixed(SAMPLES, RAW), *u = random_array(6, 2 * 40);
    talus_dataset *data = rows_in(x, SAMPLES, RAW);
    talus_network *network = deep(context, TALUS_DTYPE_F64);
    expect_ok(context, talus_network_clip_inputs(network, 2));
    expect_ok(context, talus_network_fit_projection(network, data, TALUS_SCALING_STANDARD,
                                                    TALUS_PROJECTION_PCA_WHITENING, 0, 0));
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, 40, RAW), theta, out;
    expect_ok(context, talus_network_unit_variance(network, &in, 0.01, 20, NULL));
    expect_ok(context, talus_network_weights(network, NULL, 1, &theta));
    talus_network *one = identity_of(FEATURES, TALUS_DTYPE_F64);
    const double *matrix, *mean, *shift, *scale;
    expect_ok(context, talus_network_projection(network, NULL, &matrix, &mean));
    expect_ok(context, talus_network_input_scaling(network, NULL, &shift, &scale));
    expect_ok(context, talus_network_project_inputs(one, matrix, mean, RAW));
    expect_ok(context, talus_network_scale_inputs(one, shift, scale, RAW));
    expect_ok(context, talus_network_clip_inputs(one, 2));
    double *f = features_of(one, x, 40), sum = 0, squares = 0;
    const double *w = theta.data;
    for (int i = 0; i < 40; i++)
        for (int k = 0; k < HIDDEN; k++) {
            double z = 0;
            for (int j = 0; j < FEATURES; j++)
                z += w[k * FEATURES + j] * f[i * FEATURES + j];
            sum += z / (40 * HIDDEN), squares += z * z / (40 * HIDDEN);
        }
    ck_assert_double_le(fabs(squares - sum * sum - 1), 0.03);
    talus_workspace *workspace = workspace_of(network, 40);
    talus_matrix all;
    expect_ok(context, talus_network_parameters(network, &all));
    double *a = malloc((size_t)all.cols * sizeof *a), *b = malloc((size_t)all.cols * sizeof *b);
    talus_matrix to_a = talus_matrix_view(a, TALUS_DTYPE_F64, 1, all.cols),
                 to_b = talus_matrix_view(b, TALUS_DTYPE_F64, 1, all.cols);
    out = talus_matrix_view(u, TALUS_DTYPE_F64, 40, 2);
    weighted(network, workspace, &in, u);
    expect_ok(context, talus_backward(network, workspace, &out, &to_a, NULL));
    expect_ok(context, talus_parameter_jacobian_transposed_product(network, workspace, &in, &out, &to_b));
    ck_assert_double_le(largest_difference(a, b, all.cols), 1e-12 * largest(a, all.cols));
    free(a), free(b), free(f), free(x), free(u);
    talus_workspace_destroy(workspace);
    talus_network_destroy(one), talus_network_destroy(network);
    talus_dataset_destroy(data);
}
END_TEST

/* Stops at its step. */
static int stop_at(const talus_progress *progress, void *user)
{
    return progress->steps == *(const int64_t *)user;
}

/* Loops over precisions: a fit that is stopped in an epoch and goes on from a checkpoint, whose network has the projection, ends with
 * the bits of one that was not. */
START_TEST(a_resumed_fit_is_the_whole_fit)
{
    double *x = mixed(SAMPLES, RAW), *y = random_array(3, SAMPLES * 2);
    char folder[64], path[96];
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, RAW),
                 out = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 2);
    talus_dataset *data = dataset_of(&in, &out);
    for (int kind = 0; kind < TALUS_PROJECTION_COUNT - 1; kind++) { /* those to fewer features */
        talus_network *networks[2];
        talus_trainer *trainers[2];
        talus_fit_options options, of_resumed;
        talus_fit_result results[2];
        int64_t last = 6;
        strcpy(folder, "/tmp/talus-test-projection-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(folder));
        (void)snprintf(path, sizeof path, "%s/run", folder);
        talus_fit_options_defaults(&options);
        options.epochs = 4, options.batch = 64;
        for (int i = 0; i < 2; i++) {
            talus_optimizer_spec adam;
            talus_optimizer_defaults(&adam, TALUS_ADAM);
            networks[i] = deep(context, _i);
            expect_ok(context, talus_network_clip_inputs(networks[i], 2.5));
            expect_ok(context,
                      talus_network_fit_projection(networks[i], data, TALUS_SCALING_STANDARD, kind, 0.99, 0));
            expect_ok(context, talus_trainer_create(networks[i], &adam, 64, &trainers[i]));
        }
        expect_ok(context, talus_trainer_fit(trainers[0], data, data, &options, &results[0]));
        options.checkpoint = path, options.checkpoint_epochs = 0;
        options.on_progress = stop_at, options.user = &last;
        expect_ok(context, talus_trainer_fit(trainers[1], data, data, &options, &results[1]));
        ck_assert_int_eq(results[1].outcome, TALUS_OUTCOME_STOPPED);
        talus_trainer_destroy(trainers[1]), talus_network_destroy(networks[1]);
        expect_ok(context, talus_checkpoint_resume(context, path, &networks[1], &trainers[1], &of_resumed));
        const double *a, *b, *variances[2];
        expect_ok(context, talus_network_projection(networks[0], NULL, &a, NULL));
        expect_ok(context, talus_network_projection(networks[1], NULL, &b, NULL));
        expect_ok(context, talus_network_projection_variances(networks[0], NULL, &variances[0], NULL));
        expect_ok(context, talus_network_projection_variances(networks[1], NULL, &variances[1], NULL));
        same_bytes(a, b, FEATURES * RAW * sizeof *a);
        same_bytes(variances[0], variances[1], RAW * sizeof *a);
        expect_ok(context, talus_trainer_fit(trainers[1], data, data, &of_resumed, &results[1]));
        same_parameters(networks[0], networks[1]);
        ck_assert_int_eq(results[0].outcome, results[1].outcome);
        same_bytes(&results[0].cost, &results[1].cost, sizeof results[0].cost);
        for (int i = 0; i < 2; i++)
            talus_trainer_destroy(trainers[i]), talus_network_destroy(networks[i]);
        ck_assert_int_eq(remove(path), 0);
        ck_assert_int_eq(remove(strcat(path, ".1")), 0); /* the one before it */
        ck_assert_int_eq(remove(folder), 0);
    }
    talus_dataset_destroy(data);
    free(x), free(y);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("training on projections");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_loop_test(tests, training_is_that_on_projected_copies, 0, 2);
    tcase_add_loop_test(tests, input_gradients_run_through_the_projection, 0, 3);
    tcase_add_test(tests, other_calls_take_projected_inputs);
    tcase_add_loop_test(tests, a_resumed_fit_is_the_whole_fit, 0, 2);
    return run_suite(suite);
}
