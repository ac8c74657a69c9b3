/* Steps of every method, worked by hand from the equations of their papers on one parameter, θ = 1; what methods refuse; and
 * average of schedule_free. */
#include <float.h>

#include "support.h"

/* Roundings of θ, a few a step. */
#define C_STEP 4.0

static talus_context *context;

static void setup(void)
{
    context = context_with(1, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

enum { MOST_STEPS = 8 };

typedef struct worked {
    talus_optimizer_spec spec;
    int steps;
    double g[MOST_STEPS], cost[MOST_STEPS]; /* cost: of irprop_plus */
    double theta;                           /* after the last step */
} worked;

static talus_optimizer_spec spec_of(int method)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, method);
    return spec;
}

/* η = ε = β₁ = ½ and β₂ = ¾, where the method has them, and no weight decay. */
static talus_optimizer_spec halves(int method)
{
    talus_optimizer_spec spec = spec_of(method), adam = spec_of(TALUS_ADAM);
    spec.rate = spec.beta1 = spec.epsilon = 0.5, spec.beta2 = 0.75, spec.weight_decay = 0;
    if (method == TALUS_LION)
        spec.epsilon = adam.epsilon;
    if (method == TALUS_ADAGRAD)
        spec.beta2 = adam.beta2;
    if (method == TALUS_ADAGRAD || method == TALUS_ADADELTA || method == TALUS_RMSPROP)
        spec.beta1 = adam.beta1;
    return spec;
}

static void make_steps(const worked *w, int precision, talus_optimizer **optimizer, talus_matrix *theta)
{
    expect_ok(context, talus_optimizer_create(context, &w->spec, precision, 1, optimizer));
    for (int k = 0; k < w->steps; k++) {
        float single = (float)w->g[k];
        talus_matrix g = precision == TALUS_DTYPE_F64 ? talus_matrix_view(&w->g[k], precision, 1, 1)
                                                      : talus_matrix_view(&single, precision, 1, 1);
        if (w->spec.method == TALUS_IRPROP_PLUS)
            expect_ok(context, talus_optimizer_set_cost(*optimizer, w->cost[k]));
        expect_ok(context, talus_optimizer_step(*optimizer, theta, &g));
    }
    ck_assert_int_eq(talus_optimizer_steps(*optimizer), w->steps);
}

static void check(const worked *w)
{
    double twice = 1;
    float single = 1;
    talus_matrix f64 = talus_matrix_view(&twice, TALUS_DTYPE_F64, 1, 1),
                 f32 = talus_matrix_view(&single, TALUS_DTYPE_F32, 1, 1);
    talus_optimizer *optimizer;
    make_steps(w, TALUS_DTYPE_F64, &optimizer, &f64);
    talus_optimizer_destroy(optimizer);
    make_steps(w, TALUS_DTYPE_F32, &optimizer, &f32);
    talus_optimizer_destroy(optimizer);
    double roundings = C_STEP * w->steps;
    ck_assert_msg(fabs(twice - w->theta) <= roundings * DBL_EPSILON, "%s: %.17g, not %.17g",
                  talus_method_name(w->spec.method), twice, w->theta);
    ck_assert_msg(fabs((double)single - w->theta) <= roundings * (double)FLT_EPSILON, "%s: %.9g, not %.9g",
                  talus_method_name(w->spec.method), (double)single, w->theta);
}

START_TEST(momentum_and_descent)
{
    worked descent = {halves(TALUS_GRADIENT_DESCENT), 2, {0.5, 0.25}, {0}, 1 - 0.25 - 0.125};
    descent.spec = spec_of(TALUS_GRADIENT_DESCENT), descent.spec.rate = 0.5;
    check(&descent);
    descent.spec.weight_decay = 0.25; /* θ ← ⅞·θ first */
    descent.theta = (0.875 - 0.25) * 0.875 - 0.125;
    check(&descent);
    /* v = ½, then ½·½ + ¼ = ½; with τ = ½: ¼, then ½·¼ + ½·¼ = ¼ */
    worked heavy = {spec_of(TALUS_MOMENTUM), 2, {0.5, 0.25}, {0}, 1 - 0.25 - 0.25};
    heavy.spec.rate = heavy.spec.momentum = 0.5;
    check(&heavy);
    heavy.spec.dampening = 0.5, heavy.theta = 1 - 0.125 - 0.125;
    check(&heavy);
    heavy.spec.dampening = 0, heavy.spec.nesterov = 1, heavy.theta = 1 - 0.375 - 0.25; /* g + μ·v = ¾, ½ */
    check(&heavy);
}
END_TEST

/* t = 1: m̂ = √v̂ = ½;  t = 2: m = ¼, m̂ = ⅓, v = 1/16, v̂ = (1/16)/(7/16) = 1/7 */
START_TEST(adam_and_those_after_it)
{
    double first = 0.25, quotient = 0.5 / (sqrt(1.0 / 7) + 0.5);
    worked w = {halves(TALUS_ADAM), 2, {0.5, 0.25}, {0}, 1 - first - quotient / 3};
    check(&w);
    w.spec = halves(TALUS_ADAMW), w.spec.weight_decay = 0.25; /* η·λ = ⅛ */
    w.theta = (0.875 - first) * 0.875 - quotient / 3;
    check(&w);
    /* g = ½, 0: m = ⅛, m̂ = 1/6, v = 3/64, but the largest v is 1/16 */
    w = (worked){halves(TALUS_AMSGRAD), 2, {0.5, 0}, {0}, 1 - first - quotient / 6};
    check(&w);
    /* u = |½| + ½ = 1, then max(¾·1, ¼ + ½) = ¾ */
    w = (worked){halves(TALUS_ADAMAX), 2, {0.5, 0.25}, {0}, 1 - 0.5 * 0.5 - 0.5 / 3 / 0.75};
    check(&w);
    /* ψ = 0: all μ = ½·(1 − ½) = ¼;  m̂ = ¼·m/(1 − ¼ᵗ⁺¹) + ¾·g/(1 − ¼ᵗ) = 1/15 + ½, then 4/63 + ⅕ */
    w = (worked){halves(TALUS_NADAM), 2, {0.5, 0.25}, {0}, 0};
    w.spec.momentum_decay = 0;
    w.theta = 1 - 0.5 * (1.0 / 15 + 0.5) - quotient * (4.0 / 63 + 0.2);
    check(&w);
    /* ψ = 1: μ = ½·(1 − ½·0.96ᵗ) */
    w.spec.momentum_decay = 1, w.steps = 1;
    double mu1 = 0.5 * (1 - 0.48), mu2 = 0.5 * (1 - 0.4608);
    w.theta = 1 - 0.5 * (mu2 * 0.25 / (1 - mu1 * mu2) + (1 - mu1) * 0.5 / (1 - mu1));
    check(&w);
}
END_TEST

/* ρ∞ = 7, and ρ_t > 5 from t = 8 on. With g = ½: m̂ = ½, and v = ¼·(1 − β₂ᵗ). */
START_TEST(radam_rectifies_when_it_can)
{
    worked w = {halves(TALUS_RADAM), 7, {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, {0}, 1 - 7 * 0.25};
    check(&w);
    double left = 1 - pow(0.75, 8), rho = 7 - 16 * (1 - left) / left;
    double r = sqrt((rho - 4) * (rho - 2) * 7 / (3.0 * 5 * rho));
    ck_assert(rho > 5);
    w.steps = 8, w.theta -= 0.25 * r * sqrt(left) / (0.5 * sqrt(left) + 0.5);
    check(&w);
}
END_TEST

START_TEST(gradients_over_the_root_of_their_mean_square)
{
    worked w = {halves(TALUS_ADAGRAD), 2, {0.5, 0.25}, {0}, 1 - 0.25 - 0.125 / (sqrt(5.0 / 16) + 0.5)};
    check(&w);
    /* v = 1/16 twice; Δ = ½·√½/¾, Δ² = 2/9, u = 1/18; Δ = ¼·√(1/18 + ½)/¾ */
    w = (worked){halves(TALUS_ADADELTA), 2, {0.5, 0.25}, {0}, 0};
    w.theta = 1 - 0.5 * (0.5 * sqrt(0.5) + 0.25 * sqrt(5.0 / 9)) / 0.75;
    check(&w);
    /* v = 1/16 twice: ½/¾ and ¼/¾ */
    w = (worked){halves(TALUS_RMSPROP), 2, {0.5, 0.25}, {0}, 1 - 1.0 / 3 - 1.0 / 6};
    check(&w);
    w.spec.momentum = 0.5, w.theta = 1 - 1.0 / 3 - 1.0 / 3; /* b = ⅔, then ½·⅔ + ⅓ */
    check(&w);
    /* a = ⅛, then 5/32: v − a² = 3/64, then 39/1024 */
    double first = 0.5 / (sqrt(3.0 / 64) + 0.5), second = 0.25 / (sqrt(39.0 / 1024) + 0.5);
    w.spec.centered = 1, w.theta = 1 - 0.5 * first - 0.5 * (0.5 * first + second);
    check(&w);
    w.spec.momentum = 0, w.theta = 1 - 0.5 * first - 0.5 * second;
    check(&w);
}
END_TEST

START_TEST(steps_of_a_bounded_length)
{
    /* c = ¼, then ½·⅛ − ½·⅛ = 0: its sign is 0 */
    worked w = {halves(TALUS_LION), 2, {0.5, -0.125}, {0}, 0.5};
    check(&w);
    w.g[1] = -0.25, w.theta = 1;
    check(&w);
    /* v = ¼; m = ½·(¼/½) = ¼; v = 13/64 and c = 2^¼: 2/√v is cut, m = ⅛ + ½·c. Weights do not decay in step 1. */
    w = (worked){halves(TALUS_ADOPT), 1, {0.5, 0.25, 2}, {0}, 1};
    w.spec.epsilon = 0.25, w.spec.weight_decay = 0.25;
    check(&w);
    w.steps = 2, w.theta = 0.875 - 0.125;
    check(&w);
    w.steps = 3, w.theta = 0.75 * 0.875 - 0.5 * (0.125 + 0.5 * pow(2, 0.25));
    check(&w);
}
END_TEST

/* Δ = ¼, then ⅜; where g turns it is 3/16, and the step after it is not judged. */
START_TEST(irprop_turns)
{
    worked w = {spec_of(TALUS_IRPROP_MINUS), 4, {1, 2, -1, -3}, {0}, 1 - 0.625 + 0.1875};
    w.spec.rate = 0.25, w.spec.increase = 1.5, w.spec.decrease = 0.5;
    check(&w);
    w.spec.method = TALUS_IRPROP_PLUS;
    w.cost[0] = 3, w.cost[1] = 2, w.cost[2] = 1; /* has not grown */
    check(&w);
    w.cost[2] = 2.5, w.theta = 1 - 0.25 + 0.1875; /* has grown: ⅜ is taken back */
    check(&w);
    w.spec.most_step = 0.125, w.spec.least_step = 0.125, w.theta = 1 - 0.125 + 0.125; /* all Δ are ⅛ */
    check(&w);
}
END_TEST

/* z = x = y = ⅚ after a step whose c is 1; then γ = ½·√(7/16), c = (7/64)/(4/64 + 7/64) = 7/11. */
START_TEST(schedule_free_has_an_average)
{
    double gamma = 0.5 * sqrt(7.0 / 16), z = 5.0 / 6 - gamma / 3, x = 5.0 / 6 * 4 / 11 + z * 7 / 11;
    worked w = {halves(TALUS_SCHEDULE_FREE), 2, {0.5, 0.25}, {0}, (z + x) / 2};
    check(&w);
    double theta = 1, average = 0;
    talus_matrix of_theta = talus_matrix_view(&theta, TALUS_DTYPE_F64, 1, 1),
                 of_average = talus_matrix_view(&average, TALUS_DTYPE_F64, 1, 1);
    talus_optimizer *optimizer;
    make_steps(&w, TALUS_DTYPE_F64, &optimizer, &of_theta);
    expect_ok(context, talus_optimizer_average(optimizer, &of_theta, &of_average));
    ck_assert_double_eq_tol(average, x, C_STEP * 2 * DBL_EPSILON);
    ck_assert_double_eq_tol(theta, w.theta, C_STEP * 2 * DBL_EPSILON);
    talus_optimizer_destroy(optimizer);
    /* λ = ¼: z = ⅚ − γ·λ·y with γ·λ = 1/16 and y = 1 */
    w.spec.weight_decay = 0.25, w.steps = 1, w.theta = 5.0 / 6 - 1.0 / 16;
    check(&w);
}
END_TEST

START_TEST(averages_of_other_methods_are_copies)
{
    talus_optimizer_spec spec = spec_of(TALUS_ADAM);
    talus_optimizer *optimizer;
    double theta[4] = {1, 2, 3, 4}, average[3] = {0};
    talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, 3),
                 later = talus_matrix_view(theta + 1, TALUS_DTYPE_F64, 1, 3),
                 small = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, 2),
                 to = talus_matrix_view(average, TALUS_DTYPE_F64, 1, 3);
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, 3, &optimizer));
    expect_ok(context, talus_optimizer_average(optimizer, &p, &to));
    ck_assert_mem_eq(theta, average, sizeof average);
    expect_ok(context, talus_optimizer_average(optimizer, &p, &p));
    ck_assert_mem_eq(theta, average, sizeof average);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_average(NULL, &p, &to));
    expect_status(context, TALUS_ERROR_SHAPE, talus_optimizer_average(optimizer, &small, &to));
    expect_message(context, "parameters must be 1 × 3, got 1 × 2");
    expect_status(context, TALUS_ERROR_SHAPE, talus_optimizer_average(optimizer, &p, &small));
    expect_message(context, "average must be 1 × 3, got 1 × 2");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_average(optimizer, &p, &later));
    expect_message(context, "parameters and average must be one vector or two, got an overlap");
    talus_optimizer_destroy(optimizer);
}
END_TEST

static void refuse(const talus_optimizer_spec *spec, const char *message)
{
    talus_optimizer *optimizer = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, spec, TALUS_DTYPE_F32, 1, &optimizer));
    ck_assert_str_eq(talus_error_message(context), message);
}

START_TEST(what_rules_refuse)
{
    talus_optimizer_spec spec = spec_of(TALUS_MOMENTUM);
    spec.nesterov = 1, spec.dampening = 0.5;
    refuse(&spec, "optimizer: dampening must be 0 with nesterov, got 0.5");
    spec = spec_of(TALUS_SCHEDULE_FREE), spec.beta1 = 0;
    refuse(&spec, "optimizer: beta1 of schedule_free must be above 0, got 0");
    spec = spec_of(TALUS_IRPROP_MINUS), spec.least_step = 100;
    refuse(&spec, "optimizer: least_step must be at most most_step, 50, got 100");
    spec = spec_of(TALUS_IRPROP_PLUS), spec.weight_decay = 0.5;
    refuse(&spec, "optimizer: irprop_plus has no weight_decay, which must be left at 0, got 0.5");
    spec = spec_of(TALUS_IRPROP_MINUS), spec.clip_norm = 1;
    refuse(&spec, "optimizer: irprop_minus has no clip_norm, which must be left at 0, got 1");
    spec = spec_of(TALUS_LION), spec.epsilon = 1e-6;
    refuse(&spec, "optimizer: lion has no epsilon, which must be left at 1e-8, got 1e-6");
    spec = spec_of(TALUS_ADAM), spec.centered = 1;
    refuse(&spec, "optimizer: adam has no centered, which must be left at 0, got 1");
    spec = spec_of(TALUS_ADAMW), spec.weight_decay = 1e-40;
    refuse(&spec, "optimizer: weight_decay must be at least 1.1754944e-38, the smallest normal number of "
                  "f32, got 1e-40");
    spec = spec_of(TALUS_NADAM), spec.epsilon = 1e-37;
    talus_optimizer *optimizer = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, &spec, TALUS_DTYPE_F32, 1, &optimizer));
    expect_message(context, "epsilon·√(1−beta2) must be at least");
}
END_TEST

/* irprop_plus must be told the cost, each time; others have no use for it. */
START_TEST(costs_are_for_the_method_that_needs_them)
{
    talus_optimizer_spec spec = spec_of(TALUS_IRPROP_PLUS), adam = spec_of(TALUS_ADAM);
    talus_optimizer *plus, *other;
    double theta = 1, g = 1;
    talus_matrix p = talus_matrix_view(&theta, TALUS_DTYPE_F64, 1, 1),
                 gradient = talus_matrix_view(&g, TALUS_DTYPE_F64, 1, 1);
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, 1, &plus));
    expect_ok(context, talus_optimizer_create(context, &adam, TALUS_DTYPE_F64, 1, &other));
    for (int step = 0; step < 2; step++) {
        expect_status(context, TALUS_ERROR_STATE, talus_optimizer_step(plus, &p, &gradient));
        expect_message(context, "irprop_plus needs the cost at the parameters");
        expect_ok(context, talus_optimizer_set_cost(plus, 3 - step));
        expect_ok(context, talus_optimizer_step(plus, &p, &gradient));
    }
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_cost(plus, NAN));
    expect_message(context, "set_cost: cost must be a finite number, got nan");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_cost(other, 1));
    expect_message(context, "set_cost: adam has no use for the cost");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_cost(NULL, 1));
    talus_optimizer_destroy(plus), talus_optimizer_destroy(other);
}
END_TEST

START_TEST(rates_and_decays_may_change)
{
    talus_optimizer_spec spec = spec_of(TALUS_GRADIENT_DESCENT);
    talus_optimizer *optimizer;
    double theta = 1, g = 1;
    talus_matrix p = talus_matrix_view(&theta, TALUS_DTYPE_F64, 1, 1),
                 gradient = talus_matrix_view(&g, TALUS_DTYPE_F64, 1, 1);
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, 1, &optimizer));
    ck_assert_double_eq(talus_optimizer_rate(optimizer), 0.1);
    ck_assert_double_eq(talus_optimizer_weight_decay(optimizer), 0);
    expect_ok(context, talus_optimizer_set_rate(optimizer, 0.5));
    expect_ok(context, talus_optimizer_set_weight_decay(optimizer, 0.25));
    ck_assert_double_eq(talus_optimizer_rate(optimizer), 0.5);
    ck_assert_double_eq(talus_optimizer_weight_decay(optimizer), 0.25);
    expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
    ck_assert_double_eq(theta, 0.875 - 0.5);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_weight_decay(optimizer, -1));
    expect_message(context, "weight_decay must be a finite number at least 0, got -1");
    ck_assert_double_eq(talus_optimizer_weight_decay(optimizer), 0.25);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_weight_decay(NULL, 1));
    ck_assert_double_nan(talus_optimizer_rate(NULL));
    ck_assert_double_nan(talus_optimizer_weight_decay(NULL));
    ck_assert_int_eq(talus_optimizer_steps(NULL), 0);
    talus_optimizer_destroy(optimizer);
}
END_TEST

/* A struct of the first version says nothing of weight decay: it has adamw's default. */
START_TEST(short_structs_get_the_defaults_of_their_method)
{
    talus_optimizer_spec spec = spec_of(TALUS_ADAMW);
    talus_optimizer *optimizer;
    expect_ok(context,
              talus_optimizer_create_sized(context, &spec, offsetof(talus_optimizer_spec, clip_value),
                                           TALUS_DTYPE_F32, 1, &optimizer));
    ck_assert_double_eq(talus_optimizer_weight_decay(optimizer), 0.01);
    talus_optimizer_destroy(optimizer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, momentum_and_descent);
    tcase_add_test(tests, adam_and_those_after_it);
    tcase_add_test(tests, radam_rectifies_when_it_can);
    tcase_add_test(tests, gradients_over_the_root_of_their_mean_square);
    tcase_add_test(tests, steps_of_a_bounded_length);
    tcase_add_test(tests, irprop_turns);
    tcase_add_test(tests, schedule_free_has_an_average);
    tcase_add_test(tests, averages_of_other_methods_are_copies);
    tcase_add_test(tests, what_rules_refuse);
    tcase_add_test(tests, costs_are_for_the_method_that_needs_them);
    tcase_add_test(tests, rates_and_decays_may_change);
    tcase_add_test(tests, short_structs_get_the_defaults_of_their_method);
    return run_suite(suite);
}
