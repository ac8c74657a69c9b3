/* Finite parameters stay finite: a step that would take one to infinity is not made, and leaves everything as it was. */
#include <float.h>

#include "support.h"

enum { INPUTS = 17, HIDDEN = 31, OUTPUTS = 5, SAMPLES = 70 };

typedef struct run {
    talus_context *context;
    talus_network *network;
    talus_trainer *trainer;
    talus_matrix parameters;
    double *x, *y;
} run;

static run make_run(int precision, int method, double rate, int threads, bool together)
{
    run r = {.context = context_with(threads, NULL)};
    talus_layer layers[] = {{.width = HIDDEN, .activation = TALUS_RELU}, {.width = OUTPUTS}};
    talus_network_spec spec = {
        .inputs = INPUTS, .layers = layers, .layer_count = 2, .precision = precision, .seed = 3};
    if (together)
        expect_ok(r.context, talus_context_set_plan(r.context, "baseline f32 cache=0\nbaseline f64 cache=0\n"
                                                               "avx2 f32 cache=0\navx2 f64 cache=0\n"
                                                               "avx512 f32 cache=0\navx512 f64 cache=0\n"));
    expect_ok(r.context, talus_network_create(r.context, &spec, &r.network));
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, method);
    optimizer.rate = rate;
    expect_ok(r.context, talus_trainer_create(r.network, &optimizer, SAMPLES, &r.trainer));
    expect_ok(r.context, talus_network_parameters(r.network, &r.parameters));
    r.x = random_array(1, SAMPLES * INPUTS);
    r.y = random_array(2, SAMPLES * OUTPUTS);
    return r;
}

static void free_run(run *r)
{
    talus_trainer_destroy(r->trainer);
    talus_network_destroy(r->network);
    talus_context_destroy(r->context);
    free(r->x);
    free(r->y);
}

static double parameter(const run *r, int64_t i)
{
    return r->parameters.dtype == TALUS_DTYPE_F64 ? ((double *)r->parameters.data)[i]
                                                  : (double)((float *)r->parameters.data)[i];
}

static void set_parameter(const run *r, int64_t i, double value)
{
    if (r->parameters.dtype == TALUS_DTYPE_F64)
        ((double *)r->parameters.data)[i] = value;
    else
        ((float *)r->parameters.data)[i] = (float)value;
}

static size_t bytes_of(const run *r)
{
    return (size_t)r->parameters.cols * (r->parameters.dtype == TALUS_DTYPE_F64 ? 8 : 4);
}

/* A step on inputs that are `size` times as large as usual. If it was not made, nothing has changed. */
static bool step_is_made(run *r, double size)
{
    double *x = malloc(sizeof(double) * SAMPLES * INPUTS), cost;
    void *before = malloc(bytes_of(r));
    for (int64_t i = 0; i < SAMPLES * INPUTS; i++)
        x[i] = size * r->x[i];
    memcpy(before, r->parameters.data, bytes_of(r));
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS);
    talus_matrix targets = talus_matrix_view(r->y, TALUS_DTYPE_F64, SAMPLES, OUTPUTS);
    expect_ok(r->context, talus_trainer_step(r->trainer, BATCH(inputs, targets), &cost));
    for (int64_t i = 0; i < r->parameters.cols; i++)
        ck_assert(isfinite(parameter(r, i)));
    if (!isfinite(cost))
        ck_assert_mem_eq(r->parameters.data, before, bytes_of(r));
    free(before);
    free(x);
    return isfinite(cost);
}

/* Gradient descent that grows from step to step until it overflows, over a range of rates and of sizes. */
static void blow_up(int precision, int method, int threads, bool together)
{
    static const double sizes[] = {1, 1e3, 1e10, 1e18, 1e20, 1e30, 1e37};
    int left_out = 0;
    for (int i = 0; i < 7; i++)
        for (double rate = 1e-6; rate < 1e7; rate *= 1e4) {
            double size = precision == TALUS_DTYPE_F64 ? pow(sizes[i], 8) : sizes[i];
            run r = make_run(precision, method, rate, threads, together);
            for (int step = 0; step < (method > TALUS_ADAM ? 5 : 12); step++)
                left_out += step_is_made(&r, size) ? 0 : 1;
            free_run(&r);
        }
    ck_assert_int_gt(left_out, 0);
}

START_TEST(parameters_stay_finite)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
            if (!is_update_rule(method))
                continue;
            blow_up(precision, method, 1, false);
            if (method <= TALUS_ADAM || method == TALUS_IRPROP_PLUS) /* which is not fused */
                blow_up(precision, method, 3, true);
        }
}
END_TEST

/* The run of a report: 1-1, x = w = 1000, y = b = 0, rate 1: the cost, in double, is finite when the gradient is not. */
START_TEST(a_gradient_may_overflow_before_the_cost)
{
    talus_context *context = context_with(1, NULL);
    talus_layer layer = {.width = 1};
    talus_network_spec spec = {.inputs = 1, .layers = &layer, .layer_count = 1};
    talus_network *network;
    talus_trainer *trainer;
    talus_optimizer_spec optimizer;
    talus_matrix parameters;
    float x = 1000, y = 0, before[2];
    double cost = 0;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_parameters(network, &parameters));
    float *w = parameters.data;
    w[0] = 1000, w[1] = 0;
    talus_optimizer_defaults(&optimizer, TALUS_GRADIENT_DESCENT);
    optimizer.rate = 1;
    expect_ok(context, talus_trainer_create(network, &optimizer, 1, &trainer));
    talus_matrix inputs = talus_matrix_view(&x, TALUS_DTYPE_F32, 1, 1),
                 targets = talus_matrix_view(&y, TALUS_DTYPE_F32, 1, 1);
    int steps = 0;
    for (; isfinite(cost); steps++) {
        memcpy(before, w, sizeof before);
        expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), &cost));
    }
    ck_assert_int_eq(steps, 6); /* w grows by 1e6 a step, from 1e3 to 1e33, whose gradient is 1e39 */
    ck_assert_mem_eq(w, before, sizeof before);
    ck_assert_double_eq_tol((double)w[0], -1e33, 1e29);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    talus_context_destroy(context);
}
END_TEST

/* A step that was left out is no step: the next ones are those of a trainer that has not seen its batch. */
START_TEST(training_goes_on_after_a_step_that_was_left_out)
{
    for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
        if (!is_update_rule(method))
            continue;
        run with = make_run(TALUS_DTYPE_F32, method, 0.01, 1, false);
        run without = make_run(TALUS_DTYPE_F32, method, 0.01, 1, false);
        for (int step = 0; step < 5; step++) {
            ck_assert(step_is_made(&with, 1) && step_is_made(&without, 1));
            ck_assert(!step_is_made(&with, 1e30));
        }
        ck_assert_mem_eq(with.parameters.data, without.parameters.data, bytes_of(&with));
        free_run(&with);
        free_run(&without);
    }
}
END_TEST

/* Parameters that the caller has written near the largest number. */
START_TEST(the_largest_parameters_stay_finite)
{
    for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
        if (!is_update_rule(method))
            continue;
        run r = make_run(TALUS_DTYPE_F32, method, 1e30, 1, false);
        for (int64_t i = 0; i < r.parameters.cols; i++)
            set_parameter(&r, i, i == r.parameters.cols - 1 ? FLT_MAX : 0); /* the last bias */
        for (int step = 0; step < 3; step++)
            step_is_made(&r, 1);
        free_run(&r);
    }
}
END_TEST

/* m/(√v + ε) with m = v = 0 and an ε whose ε·√(1 − β₂) just does not vanish */
START_TEST(a_zero_gradient_changes_nothing)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        talus_context *context = context_with(1, NULL);
        talus_optimizer_spec spec;
        talus_optimizer *optimizer;
        talus_optimizer_defaults(&spec, TALUS_ADAM);
        spec.epsilon = precision == TALUS_DTYPE_F32 ? 3.8e-37 : 7.1e-307;
        expect_ok(context, talus_optimizer_create(context, &spec, precision, 3, &optimizer));
        double theta[3] = {0}, gradient[3] = {0};
        talus_matrix parameters = talus_matrix_view(theta, precision, 1, 3);
        talus_matrix zero = talus_matrix_view(gradient, precision, 1, 3);
        for (int step = 0; step < 3; step++) {
            expect_ok(context, talus_optimizer_step(optimizer, &parameters, &zero));
            for (int i = 0; i < 3; i++)
                ck_assert_double_eq(theta[i], 0);
        }
        talus_optimizer_destroy(optimizer);
        talus_context_destroy(context);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("finite");
    add_case(suite, "finite", parameters_stay_finite, a_gradient_may_overflow_before_the_cost,
             training_goes_on_after_a_step_that_was_left_out, the_largest_parameters_stay_finite,
             a_zero_gradient_changes_nothing);
    return run_suite(suite);
}
