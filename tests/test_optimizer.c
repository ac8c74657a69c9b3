/* Update rules: by hand, against the naive ones, and on a function of the caller's own. */
#include "base/float_mode.h"
#include "optimize/optimizer.h"

#include "../bench/naive/naive.h"
#include "support.h"

/* f64 updates differ from the naive ones by a few roundings a step. */
#define C_STEP 8.0

static talus_context *context;

static void setup(void)
{
    context = context_with(1, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

static talus_optimizer *make(const talus_optimizer_spec *spec, int precision, int64_t count)
{
    talus_optimizer *optimizer = NULL;
    expect_ok(context, talus_optimizer_create(context, spec, precision, count, &optimizer));
    return optimizer;
}

START_TEST(defaults_are_the_documented_ones)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_ADAM);
    ck_assert_double_eq(spec.rate, 0.001);
    ck_assert_double_eq(spec.beta1, 0.9);
    ck_assert_double_eq(spec.beta2, 0.999);
    ck_assert_double_eq(spec.epsilon, 1e-8);
    talus_optimizer_defaults(&spec, TALUS_MOMENTUM);
    ck_assert_double_eq(spec.rate, 0.01);
    ck_assert_double_eq(spec.momentum, 0.9);
    talus_optimizer_defaults(&spec, TALUS_GRADIENT_DESCENT);
    ck_assert_double_eq(spec.rate, 0.1);
    talus_optimizer_defaults(NULL, 0);
}
END_TEST

START_TEST(first_steps_by_hand)
{
    double theta[2] = {1, 2}, g[2] = {4, -8};
    talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, 2),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, 2);
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_GRADIENT_DESCENT);
    talus_optimizer *descent = make(&spec, TALUS_DTYPE_F64, 2);
    expect_ok(context, talus_optimizer_step(descent, &p, &gradient)); /* θ − 0.1·g */
    ck_assert_double_eq_tol(theta[0], 0.6, 1e-15);
    ck_assert_double_eq_tol(theta[1], 2.8, 1e-15);
    talus_optimizer_destroy(descent);

    talus_optimizer_defaults(&spec, TALUS_MOMENTUM);
    talus_optimizer *momentum = make(&spec, TALUS_DTYPE_F64, 2);
    theta[0] = 1;
    expect_ok(context, talus_optimizer_step(momentum, &p, &gradient)); /* v = 4 */
    ck_assert_double_eq_tol(theta[0], 0.96, 1e-15);
    expect_ok(context, talus_optimizer_step(momentum, &p, &gradient)); /* v = 7.6 */
    ck_assert_double_eq_tol(theta[0], 0.884, 1e-15);
    expect_ok(context, talus_optimizer_set_rate(momentum, 0.1));
    expect_ok(context, talus_optimizer_step(momentum, &p, &gradient)); /* v = 10.84 */
    ck_assert_double_eq_tol(theta[0], -0.2, 1e-15);
    talus_optimizer_destroy(momentum);

    talus_optimizer_defaults(&spec, TALUS_ADAM);
    talus_optimizer *adam = make(&spec, TALUS_DTYPE_F64, 2);
    theta[0] = 1;
    expect_ok(context, talus_optimizer_step(adam, &p, &gradient)); /* m̂/√v̂ is the sign of g at first */
    ck_assert_double_eq_tol(theta[0], 1 - 0.001 * 4 / (4 + 1e-8), 1e-15);
    talus_optimizer_destroy(adam);
}
END_TEST

static void follow_naive(talus_optimizer_spec spec)
{
    enum { COUNT = 1003, STEPS = 50 };
    double *ours = random_array(1, COUNT), *theirs = random_array(1, COUNT);
    double *m = calloc(COUNT, sizeof *m), *v = calloc(COUNT, sizeof *v), *u = calloc(COUNT, sizeof *u);
    naive_optimizer naive = {.spec = spec, .m = m, .v = v, .u = u};
    talus_optimizer *optimizer = make(&spec, TALUS_DTYPE_F64, COUNT);
    for (int step = 0; step < STEPS; step++) {
        double *g = random_array((uint64_t)step + 2, COUNT);
        talus_matrix p = talus_matrix_view(ours, TALUS_DTYPE_F64, 1, COUNT),
                     gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, COUNT);
        naive.cost = g[0];
        if (spec.method == TALUS_IRPROP_PLUS)
            expect_ok(context, talus_optimizer_set_cost(optimizer, g[0]));
        expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
        naive_update(&naive, COUNT, theirs, g);
        ck_assert_double_le(largest_difference(ours, theirs, COUNT),
                            C_STEP * 2.3e-16 * (step + 1) * largest(theirs, COUNT));
        free(g);
    }
    talus_optimizer_destroy(optimizer);
    free(ours), free(theirs), free(m), free(v), free(u);
}

START_TEST(rules_are_the_naive_ones)
{
    talus_optimizer_spec spec;
    for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
        if (!is_update_rule(method))
            continue;
        talus_optimizer_defaults(&spec, method);
        follow_naive(spec);
        spec.weight_decay = method < TALUS_IRPROP_MINUS ? 0.3 : 0;
        follow_naive(spec);
    }
    talus_optimizer_defaults(&spec, TALUS_MOMENTUM);
    spec.nesterov = 1;
    follow_naive(spec);
    spec.nesterov = 0, spec.dampening = 0.3;
    follow_naive(spec);
    for (int centered = 0; centered <= 1; centered++)
        for (double momentum = 0; momentum < 1; momentum += 0.9) {
            talus_optimizer_defaults(&spec, TALUS_RMSPROP);
            spec.centered = centered, spec.momentum = momentum;
            follow_naive(spec);
        }
}
END_TEST

START_TEST(every_method_finds_the_minimum_of_a_bowl)
{
    /* ½·Σ i·(θ_i − i)², i = 1 … 5 */
    static const double rates[TALUS_METHOD_COUNT] = {0.2,
                                                     0.05,
                                                     0.1,
                                                     1,
                                                     1,
                                                     0.1,
                                                     0.1,
                                                     0.1,
                                                     0.1,
                                                     0.1,
                                                     0.1,
                                                     0.1,
                                                     0.1,
                                                     0.5,
                                                     0.1,
                                                     0.1,
                                                     [TALUS_MUON] = 0.1,
                                                     [TALUS_SOAP] = 0.1,
                                                     [TALUS_KFAC] = 0.1};
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
            if (!is_update_rule(method))
                continue;
            talus_optimizer_spec spec;
            talus_optimizer_defaults(&spec, method);
            spec.rate = rates[method], spec.weight_decay = 0;
            talus_optimizer *optimizer = make(&spec, precision, 5);
            float single[5] = {0}, single_g[5];
            double twice[5] = {0}, twice_g[5];
            bool f64 = precision == TALUS_DTYPE_F64;
            talus_matrix p = talus_matrix_view(f64 ? (void *)twice : (void *)single, precision, 1, 5);
            talus_matrix g = talus_matrix_view(f64 ? (void *)twice_g : (void *)single_g, precision, 1, 5);
            for (int step = 0; step < 2000; step++) {
                double cost = 0;
                for (int i = 0; i < 5; i++) {
                    twice_g[i] = (i + 1) * ((f64 ? twice[i] : (double)single[i]) - (i + 1));
                    single_g[i] = (float)twice_g[i];
                    cost += twice_g[i] * twice_g[i] / (2 * (i + 1));
                }
                if (method == TALUS_IRPROP_PLUS)
                    expect_ok(context, talus_optimizer_set_cost(optimizer, cost));
                if (method == TALUS_LION ||
                    method >= TALUS_SOAP) /* steps that have the length of the rate to the end */
                    expect_ok(context, talus_optimizer_set_rate(optimizer, rates[method] * pow(0.993, step)));
                expect_ok(context, talus_optimizer_step(optimizer, &p, &g));
            }
            expect_ok(context, talus_optimizer_average(optimizer, &p, &p));
            for (int i = 0; i < 5; i++)
                ck_assert_double_eq_tol(f64 ? twice[i] : (double)single[i], i + 1.0, 1e-5);
            talus_optimizer_destroy(optimizer);
        }
}
END_TEST

/* A state whose gradient stays 0 ends at 0, not among the numbers below the normal ones, which are slow. */
START_TEST(states_without_gradient_end_at_zero)
{
    for (int method = TALUS_MOMENTUM; tl_float_flushes() && method <= TALUS_ADAM; method++) {
        talus_optimizer_spec spec;
        talus_optimizer_defaults(&spec, method);
        spec.beta2 = method == TALUS_ADAM ? 0.9 : spec.beta2;
        float theta[33], g[33];
        for (int i = 0; i < 33; i++)
            theta[i] = 1, g[i] = 1e-15f;
        talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F32, 1, 33),
                     gradient = talus_matrix_view(g, TALUS_DTYPE_F32, 1, 33);
        talus_optimizer *optimizer = make(&spec, TALUS_DTYPE_F32, 33);
        expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
        memset(g, 0, sizeof g);
        for (int step = 0; step < 1000; step++)
            expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
        for (int i = 0; i < 33; i++) {
            ck_assert_ptr_nonnull(optimizer->states[0]);
            for (int k = 0; k < TL_MOST_STATES && optimizer->states[k] != NULL; k++)
                ck_assert(((float *)optimizer->states[k])[i] == 0);
        }
        talus_optimizer_destroy(optimizer);
    }
}
END_TEST

static void refuse_spec(talus_optimizer_spec spec, const char *piece)
{
    talus_optimizer *optimizer = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, &spec, TALUS_DTYPE_F32, 3, &optimizer));
    expect_message(context, piece);
    ck_assert_ptr_null(optimizer);
}

START_TEST(bad_arguments_are_refused)
{
    talus_optimizer_spec good, spec;
    talus_optimizer *optimizer = NULL;
    talus_optimizer_defaults(&good, TALUS_ADAM);
    spec = good, spec.method = 99,
    refuse_spec(
        spec,
        "method must be one of gradient_descent, momentum, adam, adagrad, adadelta, rmsprop, amsgrad, adamw, "
        "adamax, nadam, radam, lion, adopt, schedule_free, irprop_minus, irprop_plus, lbfgs, "
        "conjugate_gradient, muon, soap, kfac; got 99");
    spec = good, spec.rate = 0, refuse_spec(spec, "rate must be a finite number above 0, got 0");
    spec = good, spec.rate = INFINITY, refuse_spec(spec, "rate must be a finite number above 0, got inf");
    spec = good, spec.beta1 = 1, refuse_spec(spec, "beta1 must be at least 0 and below 1, got 1");
    spec = good, spec.beta2 = -0.5, refuse_spec(spec, "beta2 must be at least 0 and below 1, got -0.5");
    spec = good, spec.epsilon = 0, refuse_spec(spec, "epsilon must be a finite number above 0, got 0");
    talus_optimizer_defaults(&spec, TALUS_MOMENTUM);
    spec.momentum = NAN, refuse_spec(spec, "momentum must be at least 0 and below 1, got nan");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, NULL, TALUS_DTYPE_F32, 3, &optimizer));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(NULL, &good, TALUS_DTYPE_F32, 3, &optimizer));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, &good, TALUS_DTYPE_I32, 3, &optimizer));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, &good, TALUS_DTYPE_F32, 3, NULL));
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_optimizer_create(context, &good, TALUS_DTYPE_F32, 0, &optimizer));
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_optimizer_create(context, &good, TALUS_DTYPE_F64, INT64_MAX / 4, &optimizer));
    ck_assert_ptr_null(optimizer);
}
END_TEST

START_TEST(bad_vectors_change_nothing)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_ADAM);
    talus_optimizer *optimizer = make(&spec, TALUS_DTYPE_F32, 3);
    float theta[3] = {1, 2, 3}, g[3] = {1, 1, 1};
    talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F32, 1, 3),
                 short_g = talus_matrix_view(g, TALUS_DTYPE_F32, 1, 2);
    talus_matrix wrong = talus_matrix_view(g, TALUS_DTYPE_F64, 1, 3);
    expect_status(context, TALUS_ERROR_SHAPE, talus_optimizer_step(optimizer, &p, &short_g));
    expect_message(context, "gradient must be 1 × 3, got 1 × 2");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_step(optimizer, &p, &wrong));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_step(optimizer, NULL, &p));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_step(NULL, &p, &p));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_rate(optimizer, -1));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_rate(NULL, 1));
    ck_assert(theta[0] == 1 && theta[1] == 2 && theta[2] == 3);
    talus_optimizer_destroy(optimizer);
    talus_optimizer_destroy(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("optimizer");
    const TTest *const tests[] = {defaults_are_the_documented_ones,
                                  first_steps_by_hand,
                                  rules_are_the_naive_ones,
                                  every_method_finds_the_minimum_of_a_bowl,
                                  states_without_gradient_end_at_zero,
                                  bad_arguments_are_refused,
                                  bad_vectors_change_nothing};
    TCase *all = tcase_create("optimizer");
    tcase_add_checked_fixture(all, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
