/* prelu: its values and the gradient of its slopes by hand, with dropout, however a pass is cut; slopes are learnt. */
#include "base/philox.h"
#include "engine/arguments.h"
#include "problem.h"

#define EXACT (8 * EPSILON_64)

static talus_context *context;

static void begin(void)
{
    context = context_with(2, NULL);
}

static void end(void)
{
    talus_context_destroy(context);
}

/* A layer of prelu, and one of the identity behind it if `outputs` is not 0. */
static talus_network *network_of(int precision, int64_t inputs, talus_layer prelu, int64_t outputs)
{
    talus_network *network = NULL;
    prelu.activation = TALUS_PRELU;
    talus_layer layers[] = {prelu, talus_dense(outputs, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(inputs, layers, outputs > 0 ? 2 : 1, TALUS_SQUARED_ERROR);
    spec.precision = precision;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static talus_matrix part_of(talus_network *network, const talus_matrix *flat, int part)
{
    talus_matrix view;
    expect_ok(context, talus_network_part(network, flat, 1, part, &view));
    return view;
}

/* Slopes of every sign ------------------------------------------------------------------------------------ */

enum { N = 4, UNITS = 3 };
static const double z[N * UNITS] = {-2, -3, -1, 4, 0, 2, -0.5, 1, 0, 3, -1, -4};
static const double slopes[UNITS] = {-0.5, 0, 2};

/* X = Z: W = I and b = 0. */
static talus_network *straight_network(void)
{
    talus_network *network = network_of(TALUS_DTYPE_F64, UNITS, (talus_layer){.width = UNITS}, 0);
    double *weights = part_of(network, NULL, TALUS_PART_WEIGHTS).data;
    for (int k = 0; k < UNITS * UNITS; k++)
        weights[k] = k % (UNITS + 1) == 0;
    memcpy(part_of(network, NULL, TALUS_PART_SLOPES).data, slopes, sizeof slopes);
    return network;
}

START_TEST(a_worked_example)
{
    talus_network *network = straight_network();
    talus_workspace *workspace;
    double a[N * UNITS], zeros[N * UNITS] = {0}, gradient[UNITS * UNITS + 2 * UNITS], cost, expected = 0;
    talus_matrix x = f64_view(z, N, UNITS), out = f64_view(a, N, UNITS), y = f64_view(zeros, N, UNITS),
                 flat = f64_view(gradient, 1, sizeof gradient / sizeof *gradient);
    expect_ok(context, talus_workspace_create(context, network, N, &workspace));
    expect_ok(context, talus_predict(network, workspace, &x, &out));
    expect_ok(context, talus_gradient(network, workspace, BATCH(x, y), &cost, &flat));
    const double *of_slopes = part_of(network, &flat, TALUS_PART_SLOPES).data,
                 *of_biases = part_of(network, &flat, TALUS_PART_BIASES).data;
    for (int k = 0; k < UNITS; k++) {
        double slope_sum = 0, bias_sum = 0;
        for (int i = k; i < N * UNITS; i += UNITS) {
            double f = z[i] > 0 ? z[i] : slopes[k] * z[i];
            ck_assert_double_eq(a[i], f);
            expected += f * f / (2 * N);
            slope_sum += f / N * fmin(z[i], 0);
            bias_sum += f / N * (z[i] > 0 ? 1 : slopes[k]);
        }
        ck_assert_double_eq_tol(of_slopes[k], slope_sum, EXACT * (1 + fabs(slope_sum)));
        ck_assert_double_eq_tol(of_biases[k], bias_sum, EXACT * (1 + fabs(bias_sum)));
    }
    ck_assert_double_eq_tol(cost, expected, EXACT * expected);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* f′(0) = α: ∂C/∂x = y's own −1/n·α where z = 0. */
START_TEST(the_slope_at_zero_is_alpha)
{
    talus_network *network = straight_network();
    talus_workspace *workspace;
    const double zeros[UNITS] = {0}, ones[UNITS] = {1, 1, 1};
    double back[UNITS], a[UNITS];
    talus_matrix x = f64_view(zeros, 1, UNITS), g = f64_view(ones, 1, UNITS), dx = f64_view(back, 1, UNITS),
                 out = f64_view(a, 1, UNITS);
    expect_ok(context, talus_workspace_create(context, network, 1, &workspace));
    expect_ok(context, talus_forward(network, workspace, &x, &out));
    expect_ok(context, talus_backward(network, workspace, &g, NULL, &dx));
    ck_assert_mem_eq(back, slopes, sizeof slopes);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Dropout ------------------------------------------------------------------------------------------------- */

enum { ROWS = 83, INPUTS = 5, HIDDEN = 19 };

/* A step that trains, with the mask of seed 7 and step 3. */
static double trained_cost(const talus_network *network, talus_workspace *workspace, const talus_batch *batch,
                           double *gradient)
{
    tl_pass pass;
    tl_totals totals;
    expect_ok(context, tl_pass_begin(network, workspace, &pass));
    expect_ok(context, tl_pass_batch(&pass, batch, sizeof *batch));
    pass.work = TL_FORWARD | TL_KEEP | TL_LOSS | TL_BACKWARD | TL_WEIGHTS;
    pass.gradient = gradient;
    pass.trains = true;
    pass.seed = 7, pass.step = 3;
    pass.dropout_factor = 1;
    expect_ok(context, tl_pass_run(&pass, &totals));
    return tl_cost(&totals);
}

/* The cost is a polynomial of degree 2 in α, so central differences are exact but for rounding, for any h. */
START_TEST(slopes_have_the_gradient_of_the_masked_cost)
{
    talus_network *network = network_of(TALUS_DTYPE_F64, INPUTS,
                                        (talus_layer){.width = HIDDEN, .dropout = 0.4}, 2);
    talus_workspace *workspace;
    double *x = random_array(1, ROWS * INPUTS), *y = random_array(2, ROWS * 2),
           *unused = calloc((size_t)talus_network_parameter_count(network), sizeof(double)),
           *gradient = calloc((size_t)talus_network_parameter_count(network), sizeof(double));
    talus_batch batch = talus_batch_of(f64_view(x, ROWS, INPUTS), f64_view(y, ROWS, 2));
    talus_matrix flat = f64_view(gradient, 1, talus_network_parameter_count(network));
    double *alpha = part_of(network, NULL, TALUS_PART_SLOPES).data;
    const double *of_slopes = part_of(network, &flat, TALUS_PART_SLOPES).data, h = 0.5;
    for (int k = 0; k < HIDDEN; k++)
        alpha[k] = (k % 5 - 2) * 0.5; /* also 0, and below */
    expect_ok(context, talus_workspace_create(context, network, ROWS, &workspace));
    double cost = trained_cost(network, workspace, &batch, gradient);
    for (int k = 0; k < HIDDEN; k++) {
        const double at = alpha[k];
        alpha[k] = at + h;
        double above = trained_cost(network, workspace, &batch, unused);
        alpha[k] = at - h;
        double below = trained_cost(network, workspace, &batch, unused);
        alpha[k] = at;
        ck_assert_double_eq_tol(of_slopes[k], (above - below) / (2 * h), ROWS * EXACT * (1 + cost));
        ck_assert(of_slopes[k] != 0);
    }
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    free(x), free(y), free(unused), free(gradient);
}
END_TEST

/* Learning ------------------------------------------------------------------------------------------------ */

/* Parameters after some steps, in tiles of the same samples. */
static void *stepped(int precision, double dropout, int threads, const char *plan, size_t *bytes)
{
    talus_context_destroy(context);
    context = context_with(threads, NULL);
    expect_ok(context, talus_context_set_plan(context, plan));
    talus_network *network = network_of(precision, INPUTS, (talus_layer){.width = HIDDEN, .dropout = dropout},
                                        2);
    double *x = random_array(1, ROWS * INPUTS), *y = random_array(2, ROWS * 2);
    talus_trainer *trainer;
    talus_matrix theta;
    expect_ok(context, talus_trainer_create(network, NULL, ROWS, &trainer));
    for (int step = 0; step < 10; step++)
        expect_ok(context,
                  talus_trainer_step(trainer, BATCH(f64_view(x, ROWS, INPUTS), f64_view(y, ROWS, 2)), NULL));
    expect_ok(context, talus_network_parameters(network, &theta));
    *bytes = (size_t)theta.cols * (precision == TALUS_DTYPE_F64 ? sizeof(double) : sizeof(float));
    void *copy = malloc(*bytes);
    memcpy(copy, theta.data, *bytes);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    free(x), free(y);
    return copy;
}

START_TEST(same_bits_however_a_step_is_cut)
{
    static const char *const plans[] = {FOR_ALL_SETS("samples=16 cache=99999999"),
                                        FOR_ALL_SETS("samples=16 cache=0"),
                                        FOR_ALL_SETS("samples=16 cache=0 features=6")};
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (double dropout = 0; dropout < 1; dropout += 0.5) {
            size_t bytes, same;
            void *expected = stepped(precision, dropout, 1, plans[0], &bytes);
            for (int i = 0; i < 9; i++) {
                void *got = stepped(precision, dropout, 1 << i % 3, plans[i / 3], &same);
                ck_assert_mem_eq(got, expected, bytes);
                free(got);
            }
            free(expected);
        }
}
END_TEST

/* |x| is a prelu with w = 1, α = −1, or the other way round. */
START_TEST(an_absolute_value_is_learnt)
{
    talus_network *network = network_of(TALUS_DTYPE_F64, 1, (talus_layer){.width = 1, .alpha = 0.5}, 0);
    const double x[] = {-2, -1, -0.5, 0.5, 1, 2}, y[] = {2, 1, 0.5, 0.5, 1, 2};
    double *w = part_of(network, NULL, TALUS_PART_WEIGHTS).data,
           *alpha = part_of(network, NULL, TALUS_PART_SLOPES).data, cost = 1;
    ck_assert_double_eq(*alpha, 0.5);
    *w = 0.7;
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = 0.2;
    talus_trainer *trainer;
    expect_ok(context, talus_trainer_create(network, &descent, 6, &trainer));
    for (int step = 0; step < 2000; step++)
        expect_ok(context, talus_trainer_step(trainer, BATCH(f64_view(x, 6, 1), f64_view(y, 6, 1)), &cost));
    ck_assert_double_lt(cost, 1e-20);
    ck_assert_double_eq_tol(*w, 1, 1e-9);
    ck_assert_double_eq_tol(*alpha, -1, 1e-9);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

/* x > 0 and a = y: no gradient, so only decay moves a parameter. */
START_TEST(weight_decay_spares_slopes)
{
    talus_network *network = network_of(TALUS_DTYPE_F64, 1, (talus_layer){.width = 1}, 0);
    const double one = 1;
    double *w = part_of(network, NULL, TALUS_PART_WEIGHTS).data;
    *w = 1;
    talus_optimizer_spec decaying;
    talus_optimizer_defaults(&decaying, TALUS_ADAMW);
    decaying.weight_decay = 0.5;
    talus_trainer *trainer;
    expect_ok(context, talus_trainer_create(network, &decaying, 1, &trainer));
    expect_ok(context, talus_trainer_step(trainer, BATCH(f64_view(&one, 1, 1), f64_view(&one, 1, 1)), NULL));
    ck_assert_double_lt(*w, 1);
    ck_assert_double_eq(*(double *)part_of(network, NULL, TALUS_PART_SLOPES).data, 0.25);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

/* A of α = 0 tells nothing of how large the gradient of α may be: the step must see that it overflows, and change nothing. */
START_TEST(a_step_that_would_overflow_changes_nothing)
{
    talus_network *network = network_of(TALUS_DTYPE_F32, 1, (talus_layer){.width = 1}, 0);
    const double x = -1e5, y = -1e15; /* ∂C/∂α = 1e15·−1e15 */
    float *w = part_of(network, NULL, TALUS_PART_WEIGHTS).data,
          *alpha = part_of(network, NULL, TALUS_PART_SLOPES).data;
    *w = 1e10F, *alpha = 0;
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = 1e10;
    talus_trainer *trainer;
    double cost;
    expect_ok(context, talus_trainer_create(network, &descent, 1, &trainer));
    expect_ok(context, talus_trainer_step(trainer, BATCH(f64_view(&x, 1, 1), f64_view(&y, 1, 1)), &cost));
    ck_assert(!isfinite(cost) && *alpha == 0 && *w == 1e10F);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

/* What does not apply -------------------------------------------------------------------------------------- */

START_TEST(a_range_of_outputs_has_no_slopes)
{
    talus_output_range two[] = {{.outputs = 1}, {.outputs = 2, .activation = TALUS_PRELU}};
    talus_layer layer = talus_dense(3, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    spec.ranges = two, spec.range_count = 2, spec.range_size = sizeof *two;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, &network));
    expect_message(context, "range 1: the activation must be one without slopes to learn, got prelu");
    ck_assert_ptr_null(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prelu");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_test(tests, a_worked_example);
    tcase_add_test(tests, the_slope_at_zero_is_alpha);
    tcase_add_test(tests, slopes_have_the_gradient_of_the_masked_cost);
    tcase_add_test(tests, same_bits_however_a_step_is_cut);
    tcase_add_test(tests, an_absolute_value_is_learnt);
    tcase_add_test(tests, weight_decay_spares_slopes);
    tcase_add_test(tests, a_step_that_would_overflow_changes_nothing);
    tcase_add_test(tests, a_range_of_outputs_has_no_slopes);
    return run_suite(suite);
}
