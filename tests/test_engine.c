/* Gradients: against the naive reference, and against differences, over all activations and losses that go together. */
#include "problem.h"

#define DIFFERENCES 1e-7 /* central differences in f64, h = ∛ε */

/* Odd shapes; the first are small enough for differences. */
static const problem_spec shapes[] = {
    {.n = 1, .widths = {1, 1}},
    {.n = 2, .widths = {3, 5, 2}},
    {.n = 5, .widths = {17, 31, 1}},
    {.n = 3, .widths = {2, 1, 3}},
    {.n = 31, .widths = {5, 17, 3}},
    {.n = 64, .widths = {31, 64, 10}},
    {.n = 65, .widths = {100, 37, 17, 5}},
    {.n = 100, .widths = {64, 100, 3}},
    {.n = 130, .widths = {3, 100, 1}},
    {.n = 17, .widths = {260, 130, 270, 2}},
    {.n = 200, .widths = {150, 140, 131}},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0], SMALL_SHAPES = 4 };

/* Small shapes meet all pairs of activations before the last layer and in it; each of the others meets every activation in
 * both places, in pairs of its own. */
static bool meets(int shape, int hidden, int output)
{
    bool own = hidden == output || (hidden + shape) % TALUS_ACTIVATION_COUNT == output;
    return learns(hidden) && learns(output) && (shape < SMALL_SHAPES || own);
}

/* Squared error and the losses that go with one output meet all these pairs. Of the other losses small shapes meet all, and larger ones
 * one of their own, with one activation everywhere; but not softmax, behind which a gradient of equal signs cancels to
 * nothing. */
static bool meets_loss(int shape, int hidden, int output, int loss)
{
    bool one = hidden == output && !tl_activation_kind_of(output)->whole_layer;
    bool own = (hidden + shape) % TALUS_LOSS_COUNT == loss;
    return loss == TALUS_SQUARED_ERROR || tl_loss_kind_of(loss)->fused >= 0 ||
           (one && (shape < SMALL_SHAPES || own));
}

static bool is_wanted(const problem_spec *spec, int shape)
{
    int64_t outputs = 0;
    for (int l = 0; l <= PROBLEM_LAYERS && spec->widths[l] != 0; l++)
        outputs = spec->widths[l];
    return meets(shape, spec->hidden, spec->output) &&
           meets_loss(shape, spec->hidden, spec->output, spec->loss) &&
           goes_together(spec->output, spec->loss) && outputs % tl_loss_kind_of(spec->loss)->outputs == 0;
}

static void compare(const problem_spec *spec)
{
    problem p = make_problem(spec);
    compare_with_naive(&p);
    free_problem(&p);
}

typedef void problem_test(const problem_spec *spec);

static void for_all_pairs(problem_spec spec, int shape, problem_test *test)
{
    for (spec.hidden = 0; spec.hidden < TALUS_ACTIVATION_COUNT; spec.hidden++)
        for (spec.output = 0; spec.output < TALUS_ACTIVATION_COUNT; spec.output++)
            for (spec.loss = 0; spec.loss < TALUS_LOSS_COUNT; spec.loss++)
                if (is_wanted(&spec, shape))
                    test(&spec);
}

static void compare_all(int precision, int threads)
{
    for (int s = 0; s < SHAPES; s++) {
        problem_spec spec = shapes[s];
        spec.precision = precision;
        spec.threads = threads;
        for_all_pairs(spec, s, compare);
    }
}

START_TEST(f64_gradient_is_the_naive_one)
{
    compare_all(TALUS_DTYPE_F64, 1);
}
END_TEST

START_TEST(f64_gradient_on_three_threads_is_the_naive_one)
{
    compare_all(TALUS_DTYPE_F64, 3);
}
END_TEST

START_TEST(f32_gradient_is_near_the_f64_one)
{
    compare_all(TALUS_DTYPE_F32, 2);
}
END_TEST

/* Activations of a whole layer before the last one: their stages stand alone, between the slabs of the products. The
 * network is large enough for several threads from 15 samples on. */
typedef struct modes {
    int alone[5], together[5]; /* passes on 1 … 4 threads */
} modes;

static void compare_mode(const problem_spec *spec, modes *seen)
{
    problem p = make_problem(spec);
    const tl_schedule *schedule = tl_workspace_schedule(p.workspace, spec->n);
    (schedule->alone ? seen->alone : seen->together)[schedule->threads]++;
    compare_with_naive(&p);
    free_problem(&p);
}

static void compare_modes(problem_spec spec, modes *seen)
{
    static const int64_t batches[] = {1, 2, 15, 17, 130};
    static const char *const plans[] = {NULL, LAYER_BY_LAYER, TILE_BY_TILE};
    for (int b = 0; b < 5; b++)
        for (int plan = 0; plan < 3; plan++)
            for (spec.threads = 1; spec.threads <= 4; spec.threads++) {
                spec.n = batches[b];
                spec.plan = plans[plan];
                compare_mode(&spec, seen);
            }
}

START_TEST(whole_layers_may_stand_anywhere)
{
    problem_spec spec = {.widths = {300, 330, 120, 3}, .precision = _i, .output = TALUS_TANH};
    for (spec.hidden = 0; spec.hidden < TALUS_ACTIVATION_COUNT; spec.hidden++) {
        modes seen = {0};
        if (!tl_activation_kind_of(spec.hidden)->whole_layer)
            continue;
        compare_modes(spec, &seen);
        for (int threads = 1; threads <= 4; threads++) {
            ck_assert_int_gt(seen.together[threads], 0);
            ck_assert(seen.alone[threads] > 0 || threads == 4);
        }
    }
}
END_TEST

static double cost_at(problem *p, int64_t i, double value)
{
    double kept = p->theta[i], cost;
    talus_matrix x = inputs_of(p), y = targets_of(p);
    p->theta[i] = value;
    put_parameters(p);
    expect_ok(p->context, talus_gradient(p->network, p->workspace, BATCH(x, y), &cost, NULL));
    p->theta[i] = kept;
    return cost;
}

/* Differences across the kink of a ReLU mean nothing: parameters where the second difference shows one are left
 * out, and there are few. */
static void compare_with_differences(const problem_spec *spec)
{
    problem p = make_problem(spec);
    double *gradient = malloc((size_t)p.parameters * sizeof *gradient);
    double centre = library_gradient(&p, gradient), size = largest(gradient, p.parameters);
    int64_t kinks = 0;
    for (int64_t i = 0; i < p.parameters; i++) {
        double h = 6e-6, above = cost_at(&p, i, p.theta[i] + h), below = cost_at(&p, i, p.theta[i] - h);
        if (fabs(above - 2 * centre + below) > 1e-4 * h * (size + 1e-2)) {
            kinks++;
            continue;
        }
        ck_assert_msg(fabs((above - below) / (2 * h) - gradient[i]) <= DIFFERENCES * (1 + size),
                      "%s … %s with %s: the difference at parameter %lld is %g, its gradient %g",
                      talus_activation_name(spec->hidden), talus_activation_name(spec->output),
                      talus_loss_name(spec->loss), (long long)i, (above - below) / (2 * h), gradient[i]);
    }
    ck_assert_int_le(kinks, p.parameters / 20 + 1);
    free(gradient);
    free_problem(&p);
}

START_TEST(gradient_is_the_limit_of_differences)
{
    for (int s = 0; s < SMALL_SHAPES + 2; s++) {
        problem_spec spec = shapes[s];
        spec.precision = TALUS_DTYPE_F64;
        for_all_pairs(spec, s, compare_with_differences);
    }
}
END_TEST

/* The caller's own ∂C/∂A_L; a backward call leaves the forward pass as it is. */
static void compare_backward(const problem_spec *spec)
{
    problem p = make_problem(spec);
    int64_t inputs = p.n * p.inputs, outputs = p.n * p.outputs;
    double *gradient = random_array(1, p.parameters), *judged = random_array(2, p.parameters);
    double *in = random_array(3, inputs), *judged_in = random_array(4, inputs),
           *out = random_array(6, outputs);
    talus_matrix x = inputs_of(&p), g = targets_of(&p), a = f64_view(out, p.n, p.outputs);
    talus_matrix flat = f64_view(gradient, 1, p.parameters), dx = f64_view(in, p.n, p.inputs);
    double tolerance = C_PRODUCTS * EPSILON_64 * (double)p.longest;
    naive_forward(p.judge, p.theta, p.x);
    naive_backward(p.judge, p.theta, p.y, judged, judged_in);
    expect_ok(p.context, talus_forward(p.network, p.workspace, &x, &a));
    ck_assert_double_le(largest_difference(out, p.judge->A[p.naive.L], outputs),
                        tolerance * (1 + largest(out, outputs)));
    for (int again = 0; again < 2; again++) {
        expect_ok(p.context, talus_backward(p.network, p.workspace, &g, &flat, &dx));
        ck_assert_double_le(largest_difference(gradient, judged, p.parameters),
                            tolerance * largest(judged, p.parameters));
        ck_assert_double_le(largest_difference(in, judged_in, inputs),
                            tolerance * largest(judged_in, inputs));
    }
    free_problem(&p);
    free(gradient), free(judged), free(in), free(judged_in), free(out);
}

START_TEST(own_output_gradient_goes_back_as_in_the_naive_pass)
{
    for (int s = 0; s < SHAPES; s++) {
        problem_spec spec = shapes[s];
        spec.precision = TALUS_DTYPE_F64, spec.threads = 2;
        for (spec.output = 0; spec.output < TALUS_ACTIVATION_COUNT; spec.output++)
            for (spec.hidden = 0; spec.hidden < TALUS_ACTIVATION_COUNT; spec.hidden++)
                if (meets(s, spec.hidden, spec.output))
                    compare_backward(&spec);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine");
    add_case(suite, "naive", f64_gradient_is_the_naive_one, f64_gradient_on_three_threads_is_the_naive_one,
             f32_gradient_is_near_the_f64_one, own_output_gradient_goes_back_as_in_the_naive_pass);
    add_case(suite, "differences", gradient_is_the_limit_of_differences);
    TCase *whole = tcase_create("whole layers");
    tcase_set_timeout(whole, 0);
    tcase_add_loop_test(whole, whole_layers_may_stand_anywhere, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    suite_add_tcase(suite, whole);
    return run_suite(suite);
}
