/* The health of layers: against the naive pass and closed forms; what is not finite is named; verdicts and remedies. */
#include "fixture.h"
#include "problem.h"
#include "reference.h"

static double norm(const double *x, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

/* The shares of dead units and of outputs on flat parts, by the formula of f′. */
static void count_slopes(const problem *p, int l, double *dead, double *saturated)
{
    const activation_reference *f = &activation_references[p->naive.f[l]];
    double alpha = tl_activation_kind_of(p->naive.f[l])->parameter.standard,
           steepest = tl_activation_kind_of(p->naive.f[l])->steepest;
    int64_t width = p->naive.d[l], zero = 0, little = 0;
    for (int64_t k = 0; k < width; k++) {
        bool all = true;
        for (int64_t i = 0; i < p->n; i++) {
            double slope = (double)f->slope(p->judge->Z[l][i * width + k], alpha);
            all = all && slope == 0;
            little += fabs(slope) < steepest / 20;
        }
        zero += all;
    }
    *dead = (double)zero / (double)width;
    *saturated = steepest > 0 ? (double)little / (double)(width * p->n) : NAN;
}

static void same_number(double a, double b, double tolerance)
{
    ck_assert_msg((isnan(a) && isnan(b)) || fabs(a - b) <= tolerance * fabs(b), "%.17g is not %.17g", a, b);
}

/* The gradient of the layer, θ, Δ and f′ as the naive pass has them. One unit is pushed far below 0. */
static void compare_layers(problem *p, bool fused)
{
    talus_health healths[PROBLEM_LAYERS];
    double *gradient = malloc((size_t)p->parameters * sizeof *gradient);
    naive_targets targets = {.values = p->y};
    bool single = talus_network_precision(p->network) == TALUS_DTYPE_F32;
    double tolerance = (single ? C_SINGLE * EPSILON_32 : C_PRODUCTS * EPSILON_64) * (double)p->longest;
    expect_ok(p->context, talus_health_of(p->network, p->workspace, BATCH(inputs_of(p), targets_of(p)),
                                          healths, p->naive.L));
    naive_gradient(p->judge, p->theta, p->x, &targets, gradient);
    for (int l = 1; l <= p->naive.L; l++) {
        const talus_health *h = &healths[l - 1];
        int64_t at = naive_weights_at(&p->naive, l), count = naive_weights_at(&p->naive, l + 1) - at;
        double dead = NAN, saturated = NAN;
        ck_assert_int_eq(h->layer, l);
        ck_assert_int_eq(h->activation, p->naive.f[l]);
        ck_assert_int_eq(h->operand, -1);
        ck_assert(isnan(h->update) && isnan(h->ratio));
        same_number(h->gradient, norm(gradient + at, count), tolerance);
        same_number(h->parameters, norm(p->theta + at, count), tolerance);
        same_number(h->delta, norm(p->judge->delta[l], p->n * p->naive.d[l]) / sqrt((double)p->naive.d[l]),
                    tolerance);
        if (!tl_activation_kind_of(h->activation)->whole_layer && !(fused && l == p->naive.L))
            count_slopes(p, l, &dead, &saturated);
        same_number(h->dead, dead, 0);
        same_number(h->saturated, saturated, 0);
    }
    free(gradient);
}

START_TEST(healths_are_those_of_the_naive_pass)
{
    static const char *const plans[] = {NULL, LAYER_BY_LAYER};
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++)
        for (int loss = 0; learns(f) && loss < TALUS_LOSS_COUNT; loss++)
            for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
                int fused = tl_loss_kind_of(loss)->fused;
                problem p = make_problem(&(problem_spec){.n = 131,
                                                         .widths = {5, 7, 3, 4},
                                                         .hidden = f,
                                                         .output = fused >= 0 ? fused : f,
                                                         .loss = loss,
                                                         .precision = precision,
                                                         .threads = 1 + loss % 2,
                                                         .plan = plans[precision]});
                p.theta[naive_biases_at(&p.naive, 1) + 2] = -5;
                put_parameters(&p);
                compare_layers(&p, fused >= 0);
                free_problem(&p);
            }
}
END_TEST

START_TEST(dead_and_saturated_units_are_counted)
{
    problem p = make_problem(
        &(problem_spec){.n = 40, .widths = {3, 8, 2}, .hidden = TALUS_RELU, .precision = TALUS_DTYPE_F64});
    talus_health healths[2];
    for (int k = 0; k < 3; k++)
        p.theta[naive_biases_at(&p.naive, 1) + k] = -20; /* beyond what inputs of at most 1 reach */
    for (int k = 3; k < 8; k++)
        p.theta[naive_biases_at(&p.naive, 1) + k] = 20;
    put_parameters(&p);
    expect_ok(p.context,
              talus_health_of(p.network, p.workspace, BATCH(inputs_of(&p), targets_of(&p)), healths, 2));
    ck_assert_double_eq(healths[0].dead, 3.0 / 8);
    ck_assert(isnan(healths[0].saturated));
    ck_assert_double_eq(healths[1].dead, 0);
    free_problem(&p);
}
END_TEST

/* ∂C/∂W counts the penalty: that of l2 alone is l2·W. */
START_TEST(penalties_are_part_of_the_gradient)
{
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    layer.l2 = 0.5;
    talus_network_spec spec = talus_dense_network(1, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    talus_matrix w;
    talus_health health;
    static const double one[1] = {1};
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 1, &w));
    ((float *)w.data)[0] = 1; /* so a = y, and the loss has no gradient */
    talus_workspace *workspace = workspace_of(network, 1);
    expect_ok(context, talus_health_of(network, workspace, BATCH(f64_view(one, 1, 1), f64_view(one, 1, 1)),
                                       &health, 1));
    ck_assert_double_eq(health.gradient, 0.5);
    ck_assert_double_eq(health.delta, 0);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Whose squares exceed every number, or are none. */
START_TEST(norms_of_any_size_are_exact)
{
    static const double sizes[] = {1e200, 1e-200, 0};
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    for (int i = 0; i < 3; i++) {
        talus_network *network = NULL;
        talus_matrix w;
        talus_health health;
        static const double zero[2] = {0};
        expect_ok(context, talus_network_create(context, &spec, &network));
        expect_ok(context, talus_network_weights(network, NULL, 1, &w));
        ((double *)w.data)[0] = 3 * sizes[i], ((double *)w.data)[1] = 4 * sizes[i];
        talus_workspace *workspace = workspace_of(network, 1);
        expect_ok(context, talus_health_of(network, workspace,
                                           BATCH(f64_view(zero, 1, 2), f64_view(zero, 1, 1)), &health, 1));
        ck_assert_double_le(fabs(health.parameters - 5 * sizes[i]), 16 * EPSILON_64 * sizes[i]);
        ck_assert_double_eq(health.gradient, 0);
        talus_workspace_destroy(workspace);
        talus_network_destroy(network);
    }
}
END_TEST

/* What is not finite ---------------------------------------------------------------------------------------- */

static talus_health of_problem[PROBLEM_LAYERS];

/* The layer in which something is not finite; 0 for none. */
static int bad_layer(problem *p)
{
    int found = 0;
    expect_ok(p->context, talus_health_of(p->network, p->workspace, BATCH(inputs_of(p), targets_of(p)),
                                          of_problem, p->naive.L));
    for (int l = 1; l <= p->naive.L; l++)
        if (of_problem[l - 1].operand >= 0) {
            ck_assert_int_eq(found, 0);
            found = l;
        }
    return found;
}

static void expect_place(const talus_health *h, int operand, int part, int64_t row, int64_t col)
{
    ck_assert_str_eq(talus_operand_name(h->operand), talus_operand_name(operand));
    ck_assert_int_eq(h->part, part);
    ck_assert_int_eq(h->row, row);
    ck_assert_int_eq(h->col, col);
}

/* Each operand by a cause that leaves all before it finite. */
START_TEST(the_first_number_that_is_not_finite_is_named)
{
    problem p = make_problem(&(problem_spec){.n = 70, .widths = {3, 4, 5, 2}, .hidden = TALUS_RELU});
    int64_t weights = naive_weights_at(&p.naive, 2), biases = naive_biases_at(&p.naive, 2);
    ck_assert_int_eq(bad_layer(&p), 0);

    double kept = p.theta[weights + 2 * 4 + 1];
    p.theta[weights + 2 * 4 + 1] = NAN;
    put_parameters(&p);
    ck_assert_int_eq(bad_layer(&p), 2);
    expect_place(&of_problem[1], TALUS_OPERAND_PARAMETERS, TALUS_PART_WEIGHTS, 2, 1);
    p.theta[weights + 2 * 4 + 1] = kept;

    kept = p.theta[biases + 3];
    p.theta[biases + 3] = (double)INFINITY;
    put_parameters(&p);
    ck_assert_int_eq(bad_layer(&p), 2);
    expect_place(&of_problem[1], TALUS_OPERAND_PARAMETERS, TALUS_PART_BIASES, 0, 3);
    p.theta[biases + 3] = kept;

    /* unit 3 of layer 2 is huge where an input of sample 66 is: 3e38·x overflows in f32 */
    double *w1 = p.theta + naive_weights_at(&p.naive, 1), *w2 = p.theta + weights;
    memset(w1, 0, 12 * sizeof *w1);
    memset(p.theta + naive_biases_at(&p.naive, 1), 0, 4 * sizeof *w1);
    memset(w2, 0, 20 * sizeof *w2);
    memset(p.theta + biases, 0, 5 * sizeof *w2);
    w1[0] = 1, w2[3 * 4] = 3e38;
    for (int i = 0; i < 70; i++)
        p.x[3 * i] = i == 66 ? 100 : -1;
    put_parameters(&p);
    ck_assert_int_eq(bad_layer(&p), 2);
    expect_place(&of_problem[1], TALUS_OPERAND_Z, -1, 66, 3);

    /* Z_L is finite, and so is A_L, but Δ_1 = Δ_2·W_2 is not */
    w2[3 * 4] = 1e30;
    double *w3 = p.theta + naive_weights_at(&p.naive, 3);
    memset(w3, 0, 10 * sizeof *w3);
    w3[5 + 3] = 1;
    p.y[66 * 2 + 1] = 0;
    put_parameters(&p);
    ck_assert_int_eq(bad_layer(&p), 1);
    expect_place(&of_problem[0], TALUS_OPERAND_DELTAS, -1, 66, 0);
    free_problem(&p);
}
END_TEST

/* Verdicts -------------------------------------------------------------------------------------------------- */

/* Three healthy layers: relu, sigmoid, identity. */
static talus_health layers[3];
static char text[1000];

static void healthy_layers(void)
{
    for (int i = 0; i < 3; i++)
        layers[i] = (talus_health){.layer = i + 1,
                                   .activation = i == 0   ? TALUS_RELU
                                                 : i == 1 ? TALUS_SIGMOID
                                                          : TALUS_IDENTITY,
                                   .gradient = 1,
                                   .parameters = 1,
                                   .update = 0.001,
                                   .ratio = 0.001,
                                   .delta = 1,
                                   .saturated = i == 1 ? 0.1 : NAN,
                                   .operand = -1,
                                   .part = -1,
                                   .row = -1,
                                   .col = -1};
}

static void expect_verdict(int expected, const char *sentence)
{
    int verdict = -1;
    size_t length = 0;
    expect_ok(context, talus_health_verdict(context, layers, 3, &verdict, text, sizeof text, &length));
    ck_assert_str_eq(talus_verdict_name(verdict), talus_verdict_name(expected));
    ck_assert_uint_eq(length, strlen(text));
    ck_assert_msg(strstr(text, sentence) != NULL, "\"%s\" is not in \"%s\"", sentence, text);
    healthy_layers();
}

START_TEST(every_verdict_has_its_sentence_and_remedy)
{
    healthy_layers();
    expect_verdict(TALUS_VERDICT_HEALTHY, "nothing stands out\n");
    layers[1].operand = TALUS_OPERAND_GRADIENT, layers[1].part = TALUS_PART_BIASES;
    layers[1].row = 0, layers[1].col = 7;
    expect_verdict(TALUS_VERDICT_NOT_FINITE,
                   "layer 2: gradient not finite, first in row 0, column 7 (counted from "
                   "0) of its biases; try a smaller learning rate");
    layers[2].operand = TALUS_OPERAND_LOSS;
    expect_verdict(TALUS_VERDICT_NOT_FINITE, "layer 3: loss not finite; try");
    layers[0].operand = TALUS_OPERAND_Z, layers[0].row = 5, layers[0].col = 6;
    expect_verdict(TALUS_VERDICT_NOT_FINITE,
                   "layer 1: z not finite, first in row 5, column 6 (counted from 0); try");
    layers[0].dead = 0.75;
    expect_verdict(TALUS_VERDICT_DEAD,
                   "layer 1: 75 % of its relu units pass no gradient for any sample; try leaky_relu or elu");
    layers[0].dead = 0.75, layers[1].dead = 0.875;
    expect_verdict(
        TALUS_VERDICT_DEAD,
        "layer 2: 87.5 % of its sigmoid units pass no gradient for any sample; try smaller weights");
    layers[1].saturated = 0.9;
    expect_verdict(TALUS_VERDICT_SATURATED,
                   "layer 2: 90 % of its outputs lie where sigmoid is flat; try smaller");
    layers[0].delta = 1e-7;
    expect_verdict(TALUS_VERDICT_VANISHING,
                   "layer 1: its deltas are 1e-07 of those of layer 3, after 2 layers of "
                   "relu; try larger weights");
    layers[0].delta = 1e-7, layers[0].activation = TALUS_SIGMOID;
    expect_verdict(TALUS_VERDICT_VANISHING, "of sigmoid; try relu, leaky_relu or elu with He's weights");
    layers[0].delta = 2e5;
    expect_verdict(TALUS_VERDICT_EXPLODING,
                   "are 2e+05 of those of layer 3, after 2 layers of relu; try smaller");
    layers[2].ratio = 0.25;
    expect_verdict(
        TALUS_VERDICT_LEAPING,
        "layer 3: the step changes its parameters by 0.25 of their size; try a smaller learning rate");
    layers[0].ratio = layers[1].ratio = 1e-9, layers[2].ratio = 1e-8;
    expect_verdict(TALUS_VERDICT_CREEPING, "1e-09 of their size; try a larger learning rate");
    layers[0].ratio = 1e-9; /* but the others move */
    expect_verdict(TALUS_VERDICT_HEALTHY, "nothing stands out");
    for (int i = 0; i < 3; i++) /* no step was made, and no loss is left */
        layers[i].ratio = layers[i].update = NAN, layers[i].delta = layers[i].dead = 0;
    expect_verdict(TALUS_VERDICT_HEALTHY, "nothing stands out");
    layers[0].dead = 1, layers[2].ratio = 1; /* two lines, of which the first counts */
    expect_verdict(TALUS_VERDICT_DEAD, "\nlayer 3: the step");
}
END_TEST

START_TEST(a_text_that_does_not_fit_is_cut)
{
    char little[8] = "untouch";
    size_t length = 0;
    healthy_layers();
    expect_ok(context, talus_health_verdict(context, layers, 3, NULL, little, 0, &length));
    ck_assert_str_eq(little, "untouch");
    ck_assert_uint_eq(length, strlen("nothing stands out\n"));
    expect_ok(context, talus_health_verdict(context, layers, 3, NULL, little, sizeof little, NULL));
    ck_assert_str_eq(little, "nothing");
    layers[0].ratio = layers[1].ratio = layers[2].ratio = 0.5;
    expect_ok(context, talus_health_verdict(context, layers, 3, NULL, little, 1, NULL));
    ck_assert_str_eq(little, "");
    expect_ok(context, talus_health_verdict(context, layers, 3, NULL, NULL, 0, NULL));
}
END_TEST

START_TEST(calls_are_refused_in_a_sentence)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, 2, 3, 2, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network, 2);
    static const double numbers[4] = {1, 2, 3, 4};
    talus_matrix x = f64_view(numbers, 2, 2), bad = f64_view(numbers, 2, 1);
    int verdict = 42;
    healthy_layers();
    ck_assert_int_eq(talus_health_of(network, NULL, BATCH(x, x), layers, 2), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_health_of(NULL, workspace, BATCH(x, x), layers, 2));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_health_of(network, workspace, BATCH(x, x), NULL, 2));
    expect_message(context, "healths must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_health_of(network, workspace, BATCH(x, x), layers, 3));
    expect_message(context, "count must be 2, the layers of the network, got 3");
    expect_status(context, TALUS_ERROR_SHAPE, talus_health_of(network, workspace, BATCH(x, bad), layers, 2));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_health_of_sized(network, workspace, BATCH(x, x), sizeof(talus_batch), layers, 8, 2));
    expect_message(context, "the size of the health must be");
    double infinite[4] = {1, 2, 3, (double)INFINITY};
    talus_matrix not_finite = f64_view(infinite, 2, 2);
    expect_status(context, TALUS_ERROR_DATA,
                  talus_health_of(network, workspace, BATCH(not_finite, x), layers, 2));

    ck_assert_int_eq(talus_health_verdict(NULL, layers, 3, &verdict, NULL, 0, NULL), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_health_verdict(context, NULL, 3, &verdict, NULL, 0, NULL));
    expect_message(context, "healths must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_health_verdict(context, layers, 0, &verdict, NULL, 0, NULL));
    expect_message(context, "count must be at least 1, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_health_verdict(context, layers, 3, &verdict, NULL, 5, NULL));
    expect_message(context, "text must not be NULL for a capacity of 5 bytes");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_health_verdict_sized(context, layers, 16, 3, &verdict, NULL, 0, NULL));
    ck_assert_int_eq(verdict, 42);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, 2, 3, 2, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network, 2);
    static const double numbers[4] = {1, 2, 3, 4};
    talus_matrix x = f64_view(numbers, 2, 2);
    int64_t alive = book.alive;
    healthy_layers();
    for (int n = 1; n <= 3; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY,
                      talus_health_of(network, workspace, BATCH(x, x), layers, 2));
        ck_assert_int_eq(book.alive, alive);
    }
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_health_verdict(context, layers, 3, NULL, NULL, 0, NULL));
    expect_message(context, "no memory for 3 layers");
    book.fail_at = 0;
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("health");
    add_case(suite, "layers", healths_are_those_of_the_naive_pass, dead_and_saturated_units_are_counted,
             the_first_number_that_is_not_finite_is_named);
    TCase *counted = case_with(suite, begin_counted, end_counted);
    tcase_add_test(counted, penalties_are_part_of_the_gradient);
    tcase_add_test(counted, norms_of_any_size_are_exact);
    tcase_add_test(counted, every_verdict_has_its_sentence_and_remedy);
    tcase_add_test(counted, a_text_that_does_not_fit_is_cut);
    tcase_add_test(counted, calls_are_refused_in_a_sentence);
    tcase_add_test(counted, every_allocation_may_fail);
    return run_suite(suite);
}
