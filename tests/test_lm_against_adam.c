/* Ten random starts of a 2-10-1 fit: Levenberg and Marquardt's method against 5000 steps of Adam with the whole data. */
#include <stdio.h>
#include <talus/levenberg_marquardt.h>
#include <time.h>

#include "fixture.h"

enum { SIDE = 21, N = SIDE * SIDE, STARTS = 10, ADAM_STEPS = 5000 };

static double x[N * 2], y[N];

/* y = x₁·x₂ on [−1, 1]², which ten units can follow as closely as one likes. */
static void fill(void)
{
    for (int i = 0; i < N; i++) {
        const double a = x[2 * i] = (i % SIDE) / 10.0 - 1, b = x[2 * i + 1] = (i / SIDE) / 10.0 - 1;
        y[i] = a * b;
    }
}

static talus_network *network_of(int64_t seed)
{
    const talus_layer layers[] = {{.width = 10, .activation = TALUS_TANH}, {.width = 1}};
    talus_network_spec spec;
    talus_network *network;
    talus_network_defaults(&spec);
    spec.inputs = 2, spec.layers = layers, spec.layer_count = 2, spec.precision = TALUS_DTYPE_F64,
    spec.seed = seed;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double cost_of(const talus_network *network, const talus_dataset *data)
{
    talus_metrics metrics;
    talus_workspace *workspace = workspace_of(network, N);
    expect_ok(context, talus_evaluate(network, workspace, data, &metrics));
    talus_workspace_destroy(workspace);
    return metrics.cost;
}

/* A Jacobian and its cost take about as much as two gradients, and a cost is less than one: LM may take at most as many as Adam's
 * steps, whatever the machine is busy with. Both times are printed. */
START_TEST(a_thousandth_of_the_cost)
{
    double ratio = INFINITY;
    fill();
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, 2),
                 to = talus_matrix_view(y, TALUS_DTYPE_F64, N, 1);
    talus_dataset *data = dataset_of(&in, &to);
    for (int s = 1; s <= STARTS; s++) {
        talus_network *ours = network_of(s), *theirs = network_of(s);
        talus_levenberg_marquardt_result result;
        talus_levenberg_marquardt_options options;
        talus_least_squares_options method;
        talus_optimizer_spec adam;
        talus_fit_options fit;
        talus_levenberg_marquardt_options_defaults(&options);
        talus_least_squares_options_defaults(&method);
        method.iterations = 500, options.method = &method;
        double start = seconds();
        expect_ok(context, talus_levenberg_marquardt(ours, data, NULL, &options, &result));
        const double our_time = seconds() - start;
        talus_optimizer_defaults(&adam, TALUS_ADAM);
        adam.rate = 0.01;
        talus_fit_options_defaults(&fit);
        fit.optimizer = &adam, fit.batch = TALUS_FULL_BATCH, fit.epochs = ADAM_STEPS;
        start = seconds();
        expect_ok(context, talus_fit(theirs, data, NULL, &fit, NULL));
        const double their_time = seconds() - start, a = cost_of(ours, data), b = cost_of(theirs, data);
        printf("start %2d: LM %.2e in %.2f s (%d iterations, %s), Adam %.2e in %.2f s: %.0f times\n", s, a,
               our_time, (int)result.iterations, talus_outcome_name(result.outcome), b, their_time, b / a);
        ck_assert_int_le(2 * result.iterations + result.evaluations, ADAM_STEPS);
        ratio = fmin(ratio, b / a);
        talus_network_destroy(ours);
        talus_network_destroy(theirs);
    }
    talus_dataset_destroy(data);
    ck_assert_double_ge(ratio, 1000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lm_against_adam");
    tcase_add_test(case_with(suite, begin_counted, end_counted), a_thousandth_of_the_cost);
    return run_suite(suite);
}
