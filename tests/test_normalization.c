/* Normalised layers: the naive loops, differences, closed forms, identities, and the same bits however a pass is cut. */
#include "base/processor.h"
#include "normalization_support.h"

static const int64_t widths[] = {1, 3, 17, 256};
static const int64_t batches[] = {1, 2, 3, 17, 64, 130};
enum { WIDTHS = sizeof widths / sizeof widths[0], BATCHES = sizeof batches / sizeof batches[0] };

START_TEST(as_the_naive_loops)
{
    for (int normalization = 1; learns(_i) && normalization < TALUS_NORMALIZATION_COUNT; normalization++)
        for (int w = 0; w < WIDTHS; w++)
            for (int b = 0; b < BATCHES; b++) {
                if (normalization == TALUS_NORMALIZATION_BATCH && batches[b] == 1)
                    continue; /* which takes the running statistics */
                problem p = normalized_problem(normalization, _i, widths[w], batches[b]);
                compare_with_naive(&p);
                free_problem(&p);
            }
}
END_TEST

/* Every instruction set, precision and way through the stages, with a loss that is fused with softmax. */
START_TEST(as_the_naive_loops_in_every_plan)
{
    static const char *const plans[] = {NULL, LAYER_BY_LAYER, TILE_BY_TILE, FOR_ALL_SETS("products=blas")};
    for (int plan = 0; plan < 4; plan++)
        for (int set = TALUS_INSTRUCTION_SET_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++)
            for (int precision = TALUS_DTYPE_F32; tl_processor_runs(set) && precision <= TALUS_DTYPE_F64;
                 precision++)
                for (int without_biases = 0; without_biases < 2; without_biases++) {
                    problem p = make_problem(&(problem_spec){.n = 100,
                                                             .widths = {40, 70, 50, 10},
                                                             .hidden = TALUS_TANH,
                                                             .output = TALUS_SOFTMAX,
                                                             .loss = TALUS_CROSS_ENTROPY,
                                                             .precision = precision,
                                                             .threads = 2,
                                                             .plan = plans[plan],
                                                             .normalization = _i,
                                                             .output_normalization = _i,
                                                             .without_biases = without_biases,
                                                             .instruction_set = set});
                    compare_with_naive(&p);
                    free_problem(&p);
                }
}
END_TEST

START_TEST(gradients_are_those_of_differences)
{
    for (int normalization = 1; learns(_i) && normalization < TALUS_NORMALIZATION_COUNT; normalization++)
        for (int w = 0; w < WIDTHS; w++) {
            problem p = normalized_problem(normalization, _i, widths[w], 21);
            talus_matrix x = inputs_of(&p), y = targets_of(&p);
            talus_gradient_check_result found;
            expect_ok(p.context, talus_gradient_check(p.network, p.workspace, BATCH(x, y), 300, 7, &found));
            ck_assert_int_gt(found.checked, 0);
            ck_assert_msg(found.error < 1e-3, "%s, width %d: %s of layer %d: %g for %g",
                          talus_activation_name(_i), (int)widths[w], talus_part_name(found.part), found.layer,
                          found.analytic, found.numeric);
            free_problem(&p);
        }
}
END_TEST

/* ∂C/∂X for the caller's own ∂C/∂A_L, by differences of C = Σ G ⊙ A_L of talus_forward. */
START_TEST(input_gradients_are_those_of_differences)
{
    enum { N = 6, D = 5, OUT = 4 };
    problem p = normalized_problem(_i, TALUS_TANH, 17, N);
    double dx[N * D], a[N * OUT], *g = random_array(41, N * OUT);
    talus_matrix x = inputs_of(&p), out = f64_view(a, N, OUT), to = f64_view(dx, N, D),
                 from = f64_view(g, N, OUT);
    expect_ok(p.context, talus_forward(p.network, p.workspace, &x, &out));
    expect_ok(p.context, talus_backward(p.network, p.workspace, &from, NULL, &to));
    for (int64_t i = 0; i < N * D; i++) {
        double cost[2] = {0}, before = p.x[i], h = 1e-5;
        for (int side = 0; side < 2; side++) {
            p.x[i] = before + (side == 0 ? -h : h);
            expect_ok(p.context, talus_forward(p.network, p.workspace, &x, &out));
            for (int k = 0; k < N * OUT; k++)
                cost[side] += g[k] * a[k];
        }
        p.x[i] = before;
        ck_assert_double_eq_tol(dx[i], (cost[1] - cost[0]) / (2 * h), 1e-7);
    }
    free_problem(&p);
    free(g);
}
END_TEST

/* Two samples of four units: 1 2 3 4 has the mean 2.5 and the variance 1.25, 10 10 10 14 has 11 and 3. */
START_TEST(a_layer_by_hand)
{
    static const double x[8] = {1, 2, 3, 4, 10, 10, 10, 14};
    problem p = bare_layer(TALUS_NORMALIZATION_LAYER, 2, 4, TALUS_DTYPE_F64);
    double a[8], *shift = p.theta + naive_shifts_at(&p.naive, 1);
    shift[1] = 7, p.theta[naive_scales_at(&p.naive, 1) + 3] = -2;
    put_parameters(&p);
    talus_matrix in = f64_view(x, 2, 4), out = f64_view(a, 2, 4);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &in, &out));
    double first = sqrt(1.25 + 1e-5), second = sqrt(3 + 1e-5);
    const double expected[8] = {-1.5 / first, 7 - 0.5 / first, 0.5 / first, -2 * 1.5 / first,
                                -1 / second,  7 - 1 / second,  -1 / second, -2 * 3 / second};
    ck_assert_double_le(largest_difference(a, expected, 8), 4 * EPSILON_64 * 7);
    free_problem(&p);
}
END_TEST

/* Numbers 2^20 + 0, 1, 2, …, which f32 holds, far from 0 for their spread: the mean is a whole number and a half. */
START_TEST(a_mean_far_from_zero_costs_no_digits)
{
    enum { D = 256 };
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        problem p = bare_layer(TALUS_NORMALIZATION_LAYER, 1, D, precision);
        double far = precision == TALUS_DTYPE_F32 ? 0x1p20 : 0x1p48, x[D], a[D];
        for (int k = 0; k < D; k++)
            x[k] = far + k;
        talus_matrix in = f64_view(x, 1, D), out = f64_view(a, 1, D);
        expect_ok(p.context, talus_predict(p.network, p.workspace, &in, &out));
        double deviation = sqrt((D * (double)D - 1) / 12 + 1e-5); /* of 0 … d−1: √((d² − 1)/12) */
        double epsilon = precision == TALUS_DTYPE_F32 ? EPSILON_32 : EPSILON_64;
        for (int k = 0; k < D; k++)
            ck_assert_double_le(fabs(a[k] - (k - (D - 1) / 2.0) / deviation), 4 * epsilon);
        free_problem(&p);
    }
}
END_TEST

/* Layer normalisation frees Z of its mean and size: adding a number to all biases of the layer, and multiplying its weights
 * and biases, changes nothing but the share of ε. */
START_TEST(a_layer_ignores_shift_and_size)
{
    problem p = make_problem(&(problem_spec){.n = 19,
                                             .widths = {6, 24, 3},
                                             .hidden = TALUS_TANH,
                                             .precision = TALUS_DTYPE_F64,
                                             .normalization = TALUS_NORMALIZATION_LAYER});
    double a[19 * 3], changed[19 * 3];
    talus_matrix x = inputs_of(&p), out = f64_view(a, 19, 3), out_changed = f64_view(changed, 19, 3);
    for (int64_t i = naive_weights_at(&p.naive, 1); i < naive_scales_at(&p.naive, 1); i++)
        p.theta[i] *= 1000; /* ε is a hundred-millionth of the variance of a hundredth or more … */
    put_parameters(&p);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &out));
    for (int64_t i = naive_weights_at(&p.naive, 1); i < naive_scales_at(&p.naive, 1); i++)
        p.theta[i] *= 1000;
    for (int64_t k = 0; k < 24; k++)
        p.theta[naive_biases_at(&p.naive, 1) + k] += 5e5;
    put_parameters(&p);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &out_changed));
    ck_assert_double_le(largest_difference(a, changed, 19 * 3), 1e-9);
    free_problem(&p);
}
END_TEST

/* Cost, gradient, outputs and ∂C/∂X, as bytes. */
typedef struct outcome {
    double cost, *gradient, *outputs, *input_gradient;
} outcome;

static outcome outcome_of(problem *p)
{
    outcome got = {.gradient = calloc((size_t)p->parameters, sizeof(double)),
                   .outputs = calloc((size_t)(p->n * p->outputs), sizeof(double)),
                   .input_gradient = calloc((size_t)(p->n * p->inputs), sizeof(double))};
    talus_matrix x = inputs_of(p), y = targets_of(p), a = f64_view(got.outputs, p->n, p->outputs),
                 dx = f64_view(got.input_gradient, p->n, p->inputs);
    got.cost = library_gradient(p, got.gradient);
    expect_ok(p->context, talus_forward(p->network, p->workspace, &x, &a));
    expect_ok(p->context, talus_backward(p->network, p->workspace, &y, NULL, &dx));
    return got;
}

static void free_outcome(outcome *got)
{
    free(got->gradient), free(got->outputs), free(got->input_gradient);
}

static void same_outcome(const problem *p, const outcome *a, const outcome *b)
{
    ck_assert(a->cost == b->cost);
    ck_assert_mem_eq(a->gradient, b->gradient, (size_t)p->parameters * sizeof(double));
    ck_assert_mem_eq(a->outputs, b->outputs, (size_t)(p->n * p->outputs) * sizeof(double));
    ck_assert_mem_eq(a->input_gradient, b->input_gradient, (size_t)(p->n * p->inputs) * sizeof(double));
}

/* Tiles of the same samples, each alone through the stages or together, in slabs of any rows, on 1 … 4 threads. */
START_TEST(same_bits_however_a_pass_is_cut)
{
    static const char *const plans[] = {FOR_ALL_SETS("samples=16 cache=99999999"),
                                        FOR_ALL_SETS("samples=16 cache=0"),
                                        FOR_ALL_SETS("samples=16 cache=0 features=12")};
    for (int output = TALUS_IDENTITY; output <= TALUS_SOFTMAX; output += TALUS_SOFTMAX) {
        problem first = {0};
        outcome expected = {0};
        for (int plan = 0; plan < 3; plan++)
            for (int threads = 1; threads <= 4; threads++) {
                problem p = make_problem(&(problem_spec){.n = 187,
                                                         .widths = {90, 130, 61, 5},
                                                         .hidden = TALUS_ELU,
                                                         .output = output,
                                                         .precision = TALUS_DTYPE_F32,
                                                         .threads = threads,
                                                         .plan = plans[plan],
                                                         .normalization = _i,
                                                         .output_normalization = _i});
                outcome got = outcome_of(&p);
                if (first.context == NULL) {
                    first = p, expected = got;
                    continue;
                }
                same_outcome(&p, &expected, &got);
                free_outcome(&got);
                free_problem(&p);
            }
        free_outcome(&expected);
        free_problem(&first);
    }
}
END_TEST

static talus_context *context;

static void begin(void)
{
    context = context_with(1, NULL);
}

static void end(void)
{
    talus_context_destroy(context);
}

static void refuse(talus_layer layer, const char *message)
{
    talus_network *network = NULL;
    talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, &network));
    ck_assert_str_eq(talus_error_message(context), message);
    ck_assert_ptr_null(network);
}

START_TEST(what_does_not_apply_is_refused)
{
    talus_layer layer = {.width = 3, .normalization = -1};
    talus_network *network = NULL;
    talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, &network));
    expect_message(context, "layer 1: normalization must be one of none, layer, batch");
    layer.normalization = TALUS_NORMALIZATION_COUNT;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, &network));
    layer.normalization = TALUS_NORMALIZATION_NONE, layer.normalization_epsilon = 0.5;
    refuse(layer, "layer 1: normalization none has no normalization_epsilon, which must be 0, got 0.5");
    layer.normalization = TALUS_NORMALIZATION_LAYER, layer.normalization_epsilon = -1;
    refuse(layer, "layer 1: normalization_epsilon must be a finite number above 0 (or 0 for the default, "
                  "1e-5), got -1");
    layer.normalization_epsilon = 0, layer.normalization_momentum = 0.5;
    refuse(layer, "layer 1: normalization layer has no normalization_momentum, which must be 0, got 0.5");
    layer.normalization = TALUS_NORMALIZATION_BATCH, layer.normalization_momentum = 1.5;
    refuse(layer, "layer 1: normalization_momentum must be above 0 and below 1 (or 0 for the default, 0.1), "
                  "got 1.5");
    layer.normalization_momentum = 0, layer.without_biases = 2;
    refuse(layer, "layer 1: without_biases must be 0 or 1, got 2");
}
END_TEST

START_TEST(a_network_says_how_it_is_normalised)
{
    talus_layer layers[2] = {{.width = 3, .normalization = TALUS_NORMALIZATION_LAYER, .without_biases = 1},
                             {.width = 1}};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    talus_matrix view;
    expect_ok(context, talus_network_create(context, &spec, &network));
    ck_assert_int_eq(talus_network_parameter_count(network), 6 + 3 + 3 + 3 + 1);
    talus_layer said;
    expect_ok(context, talus_network_get_layer(network, 1, &said));
    ck_assert_int_eq(said.normalization, TALUS_NORMALIZATION_LAYER);
    ck_assert_int_eq(said.without_biases, 1);
    ck_assert_double_eq(said.normalization_epsilon, 1e-5);
    expect_ok(context, talus_network_get_layer(network, 2, &said));
    ck_assert_int_eq(said.normalization, TALUS_NORMALIZATION_NONE);
    ck_assert_int_eq(said.without_biases, 0);
    ck_assert_double_eq(said.normalization_epsilon, 0);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_biases(network, NULL, 1, &view));
    expect_message(context, "layer 1 has no biases");
    for (int part = TALUS_PART_NORM_SCALES; part <= TALUS_PART_NORM_SHIFTS; part++) {
        expect_ok(context, talus_network_part(network, NULL, 1, part, &view));
        ck_assert(view.rows == 1 && view.cols == 3);
        for (int k = 0; k < 3; k++)
            ck_assert(((float *)view.data)[k] == (part == TALUS_PART_NORM_SCALES ? 1 : 0));
        ((float *)view.data)[1] = 42;
    }
    expect_ok(context, talus_network_initialize(network, 8));
    ck_assert(((float *)view.data)[1] == 0);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("normalization");
    TCase *kinds = case_with(suite, NULL, NULL), *activations = case_with(suite, NULL, NULL),
          *refusals = case_with(suite, begin, end);
    tcase_add_loop_test(activations, as_the_naive_loops, 0, TALUS_ACTIVATION_COUNT);
    tcase_add_loop_test(activations, gradients_are_those_of_differences, 0, TALUS_ACTIVATION_COUNT);
    tcase_add_loop_test(kinds, as_the_naive_loops_in_every_plan, 1, TALUS_NORMALIZATION_COUNT);
    tcase_add_loop_test(kinds, input_gradients_are_those_of_differences, 1, TALUS_NORMALIZATION_COUNT);
    tcase_add_loop_test(kinds, same_bits_however_a_pass_is_cut, 1, TALUS_NORMALIZATION_COUNT);
    tcase_add_test(kinds, a_layer_by_hand);
    tcase_add_test(kinds, a_mean_far_from_zero_costs_no_digits);
    tcase_add_test(kinds, a_layer_ignores_shift_and_size);
    tcase_add_test(refusals, what_does_not_apply_is_refused);
    tcase_add_test(refusals, a_network_says_how_it_is_normalised);
    return run_suite(suite);
}
