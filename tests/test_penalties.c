/* Regularisation of weights: L1 and L2 in cost and gradient, and the longest norm of a row. */
#include <float.h>

#include "support.h"

enum { N = 50, INPUTS = 70, HIDDEN = 130, OUTPUTS = 3 };
static const double L1 = 0.03, L2 = 0.25;

typedef struct penalised {
    talus_context *context;
    talus_network *network;
    talus_workspace *workspace;
    talus_batch batch;
    talus_matrix theta;
    double *x, *y;
} penalised;

/* Layer 1 has the given options, layer 2 has an L1 penalty of its own if layer 1 has. */
static penalised make_penalised(int threads, int precision, double l1, double l2, double max_norm)
{
    penalised p = {.context = context_with(threads, NULL)};
    talus_layer layers[] = {
        {.width = HIDDEN, .activation = TALUS_TANH, .l1 = l1, .l2 = l2, .max_norm = max_norm},
        {.width = OUTPUTS, .l1 = 2 * l1}};
    talus_network_spec spec = {
        .inputs = INPUTS, .layers = layers, .layer_count = 2, .precision = precision, .seed = 4};
    expect_ok(p.context, talus_network_create(p.context, &spec, &p.network));
    expect_ok(p.context, talus_workspace_create(p.context, p.network, N, &p.workspace));
    expect_ok(p.context, talus_network_parameters(p.network, &p.theta));
    p.x = random_array(1, N * INPUTS), p.y = random_array(2, N * OUTPUTS);
    p.batch = talus_batch_of(talus_matrix_view(p.x, TALUS_DTYPE_F64, N, INPUTS),
                             talus_matrix_view(p.y, TALUS_DTYPE_F64, N, OUTPUTS));
    return p;
}

static void free_penalised(penalised *p)
{
    talus_workspace_destroy(p->workspace);
    talus_network_destroy(p->network);
    talus_context_destroy(p->context);
    free(p->x), free(p->y);
}

static double number_at(const talus_matrix *m, int64_t i)
{
    return m->dtype == TALUS_DTYPE_F64 ? ((double *)m->data)[i] : (double)((float *)m->data)[i];
}

/* The penalty as the header has it, and its gradient, which is added. */
static double plain_penalty(const penalised *p, double l1, double l2, double *gradient)
{
    double sum = 0;
    for (int l = 1; l <= 2; l++) {
        talus_matrix w;
        expect_ok(p->context, talus_network_weights(p->network, NULL, l, &w));
        int64_t at = l == 1 ? 0 : HIDDEN * INPUTS + HIDDEN;
        double own_l1 = l == 1 ? l1 : 2 * l1, own_l2 = l == 1 ? l2 : 0;
        for (int64_t i = 0; i < w.rows * w.cols; i++) {
            double value = number_at(&w, i);
            sum += own_l2 / 2 * value * value + own_l1 * fabs(value);
            gradient[at + i] += own_l2 * value + own_l1 * (value > 0 ? 1 : value < 0 ? -1 : 0);
        }
    }
    return sum;
}

static double gradient_of(penalised *p, double *gradient)
{
    double cost;
    talus_matrix flat = talus_matrix_view(calloc((size_t)p->theta.cols, sizeof(double)), p->theta.dtype, 1,
                                          p->theta.cols);
    expect_ok(p->context, talus_gradient(p->network, p->workspace, &p->batch, &cost, &flat));
    for (int64_t i = 0; i < p->theta.cols; i++)
        gradient[i] = number_at(&flat, i);
    free(flat.data);
    return cost;
}

static void check_penalty(int precision, double l1, double l2)
{
    double epsilon = precision == TALUS_DTYPE_F64 ? DBL_EPSILON : FLT_EPSILON;
    penalised with = make_penalised(1, precision, l1, l2, 0), without = make_penalised(1, precision, 0, 0, 0);
    int64_t count = with.theta.cols;
    double *ours = calloc((size_t)count, sizeof *ours), *theirs = calloc((size_t)count, sizeof *theirs),
           alone;
    if (precision == TALUS_DTYPE_F64)
        ((double *)with.theta.data)[3] = ((double *)without.theta.data)[3] = 0;
    double cost = gradient_of(&with, ours), plain = gradient_of(&without, theirs);
    plain += plain_penalty(&without, l1, l2, theirs);
    ck_assert_double_eq_tol(cost, plain, 4 * DBL_EPSILON * HIDDEN * INPUTS * plain);
    for (int64_t i = 0; i < count; i++)
        ck_assert_double_eq_tol(ours[i], theirs[i], 4 * epsilon);
    expect_ok(with.context, talus_gradient(with.network, with.workspace, &with.batch, &alone, NULL));
    ck_assert_double_eq(alone, cost); /* without a gradient, too */
    talus_metrics metrics;
    expect_ok(with.context, talus_evaluate_batch(with.network, with.workspace, &with.batch, &metrics));
    plain = gradient_of(&without, theirs);
    ck_assert_double_eq(metrics.cost, plain); /* the data's alone */
    free(ours), free(theirs);
    free_penalised(&with);
    free_penalised(&without);
}

START_TEST(cost_and_gradient_have_the_penalty)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        check_penalty(precision, 0, L2);
        check_penalty(precision, L1, 0);
        check_penalty(precision, L1, L2);
    }
}
END_TEST

/* The parameters after some steps; clipping makes the trainer store its gradient. */
static double *trained(int threads, int precision, bool penalties, double max_norm, bool stored)
{
    penalised p = make_penalised(threads, precision, penalties ? L1 : 0, penalties ? L2 : 0, max_norm);
    talus_optimizer_spec descent;
    talus_trainer *trainer;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.clip_norm = stored ? 1e30 : 0;
    expect_ok(p.context, talus_trainer_create(p.network, &descent, N, &trainer));
    for (int step = 0; step < 8; step++)
        expect_ok(p.context, talus_trainer_step(trainer, &p.batch, NULL));
    double *copy = calloc((size_t)p.theta.cols, sizeof *copy);
    for (int64_t i = 0; i < p.theta.cols; i++)
        copy[i] = number_at(&p.theta, i);
    talus_trainer_destroy(trainer);
    free_penalised(&p);
    return copy;
}

enum { PARAMETERS = HIDDEN * INPUTS + HIDDEN + OUTPUTS * HIDDEN + OUTPUTS };

START_TEST(steps_do_not_depend_on_threads_or_on_a_stored_gradient)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        double *one = trained(1, precision, true, 0.2, false);
        for (int run = 1; run < 6; run++) {
            double *other = trained(1 + run % 4, precision, true, 0.2, run >= 3);
            ck_assert_mem_eq(one, other, PARAMETERS * sizeof *one);
            free(other);
        }
        free(one);
    }
}
END_TEST

START_TEST(rows_are_kept_below_the_norm)
{
    const double most = 0.2;
    double *kept = trained(1, TALUS_DTYPE_F64, false, most, false);
    int long_rows = 0;
    for (int64_t i = 0; i < HIDDEN; i++) {
        double squares = 0;
        for (int64_t j = 0; j < INPUTS; j++)
            squares += kept[i * INPUTS + j] * kept[i * INPUTS + j];
        ck_assert_double_le(sqrt(squares), most * (1 + 4 * DBL_EPSILON * INPUTS));
        long_rows += sqrt(squares) > most * (1 - 4 * DBL_EPSILON * INPUTS);
    }
    ck_assert_int_gt(long_rows, 0);
    free(kept);
}
END_TEST

/* One step with the smallest rate: W stays but for the limit, also where squares overflow. */
START_TEST(a_long_row_keeps_its_direction)
{
    penalised p = make_penalised(2, TALUS_DTYPE_F64, 0, 0, 2);
    double *w = p.theta.data;
    talus_optimizer_spec descent;
    talus_trainer *trainer;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = DBL_MIN;
    for (int64_t j = 0; j < INPUTS; j++) {
        w[j] = 1e200 * (double)(j + 1); /* row 0 */
        w[INPUTS + j] = 1e-3;           /* row 1 */
    }
    expect_ok(p.context, talus_trainer_create(p.network, &descent, N, &trainer));
    expect_ok(p.context, talus_trainer_step(trainer, &p.batch, NULL));
    double length = 0;
    for (int64_t j = 0; j < INPUTS; j++)
        length += (double)((j + 1) * (j + 1));
    for (int64_t j = 0; j < INPUTS; j++) {
        ck_assert_double_eq_tol(w[j], 2 * (double)(j + 1) / sqrt(length), 8 * DBL_EPSILON);
        ck_assert_double_eq(w[INPUTS + j], 1e-3);
    }
    talus_trainer_destroy(trainer);
    free_penalised(&p);
}
END_TEST

/* Weights whose squares exceed every number: the step is not made. */
START_TEST(an_infinite_penalty_stops_the_step)
{
    penalised p = make_penalised(1, TALUS_DTYPE_F64, 0, L2, 0);
    talus_trainer *trainer;
    double cost, *w = p.theta.data;
    w[5] = 1e200;
    expect_ok(p.context, talus_trainer_create(p.network, NULL, N, &trainer));
    double next = w[6];
    expect_ok(p.context, talus_trainer_step(trainer, &p.batch, &cost));
    ck_assert(isinf(cost));
    ck_assert(w[5] == 1e200 && w[6] == next);
    talus_non_finite found;
    expect_ok(p.context, talus_trainer_non_finite(trainer, &found));
    ck_assert(found.found && found.operand == TALUS_OPERAND_LOSS);
    talus_trainer_destroy(trainer);
    free_penalised(&p);
}
END_TEST

/* L1 alone is finite there. */
START_TEST(absolute_values_do_not_overflow)
{
    penalised p = make_penalised(1, TALUS_DTYPE_F64, L1, 0, 0);
    double gradient[HIDDEN * (INPUTS + 1) + OUTPUTS * (HIDDEN + 1)], *w = p.theta.data;
    ck_assert_int_eq(p.theta.cols, sizeof gradient / sizeof *gradient);
    w[5] = 1e200;
    ck_assert_double_eq_tol(gradient_of(&p, gradient), L1 * 1e200, 1e186);
    free_penalised(&p);
}
END_TEST

/* The penalty's gradient may overflow where that of the loss does not: the step is not made. */
START_TEST(a_steep_penalty_stops_the_step)
{
    for (int stored = 0; stored < 2; stored++) {
        penalised p = make_penalised(1, TALUS_DTYPE_F32, 0, 1e30, 1);
        talus_optimizer_spec descent;
        talus_trainer *trainer;
        double cost;
        float *w = p.theta.data;
        talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
        descent.clip_norm = stored ? FLT_MAX : 0;
        w[5] = 1e10f;
        float next = w[6];
        expect_ok(p.context, talus_trainer_create(p.network, &descent, N, &trainer));
        expect_ok(p.context, talus_trainer_step(trainer, &p.batch, &cost));
        ck_assert(!isfinite(cost));
        ck_assert(w[5] == 1e10f && w[6] == next); /* nor is the row brought to its norm */
        talus_trainer_destroy(trainer);
        free_penalised(&p);
    }
}
END_TEST

/* Ridge regression: gradient descent on ½‖Xw − y‖²/n + l2/2·‖w‖² comes to (XᵀX/n + l2)·w = Xᵀy/n. */
START_TEST(ridge_regression_is_solved)
{
    enum { ROWS = 6 };
    double x[ROWS * 2] = {1, 0, 0, 1, 1, 1, -1, 1, 2, 0, 0, 2}, y[ROWS] = {1, 2, 3, 0, 2, 5}, a[3] = {0},
                    c[2] = {0};
    talus_layer layer = {.width = 1, .l2 = L2};
    talus_network_spec spec = {.inputs = 2, .layers = &layer, .layer_count = 1, .precision = TALUS_DTYPE_F64};
    talus_context *context = context_with(1, NULL);
    talus_network *network;
    talus_trainer *trainer;
    talus_matrix theta;
    talus_optimizer_spec descent;
    for (int i = 0; i < ROWS; i++) {
        a[0] += x[2 * i] * x[2 * i] / ROWS, a[1] += x[2 * i] * x[2 * i + 1] / ROWS;
        a[2] += x[2 * i + 1] * x[2 * i + 1] / ROWS;
        c[0] += x[2 * i] * y[i] / ROWS, c[1] += x[2 * i + 1] * y[i] / ROWS;
    }
    a[0] += L2, a[2] += L2;
    double determinant = a[0] * a[2] - a[1] * a[1];
    double solution[2] = {(a[2] * c[0] - a[1] * c[1]) / determinant,
                          (a[0] * c[1] - a[1] * c[0]) / determinant};
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = 0.3;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_parameters(network, &theta));
    expect_ok(context, talus_trainer_create(network, &descent, ROWS, &trainer));
    for (int step = 0; step < 500; step++) {
        expect_ok(context, talus_trainer_step(trainer,
                                              BATCH(talus_matrix_view(x, TALUS_DTYPE_F64, ROWS, 2),
                                                    talus_matrix_view(y, TALUS_DTYPE_F64, ROWS, 1)),
                                              NULL));
        ((double *)theta.data)[2] = 0; /* no bias */
    }
    for (int j = 0; j < 2; j++)
        ck_assert_double_eq_tol(((double *)theta.data)[j], solution[j], 16 * DBL_EPSILON);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    talus_context_destroy(context);
}
END_TEST

START_TEST(options_are_told_and_checked)
{
    penalised p = make_penalised(1, TALUS_DTYPE_F32, L1, L2, 3);
    talus_layer layer;
    talus_network *network = NULL;
    expect_ok(p.context, talus_network_get_layer(p.network, 1, &layer));
    ck_assert(layer.l1 == L1 && layer.l2 == L2 && layer.max_norm == 3);
    talus_network_spec spec = {.inputs = 1, .layers = &layer, .layer_count = 1};
    layer.l1 = -1;
    expect_status(p.context, TALUS_ERROR_ARGUMENT, talus_network_create(p.context, &spec, &network));
    expect_message(p.context, "layer 1: l1 must be a finite number at least 0, got -1");
    free_penalised(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("penalties");
    add_case(suite, "penalties", cost_and_gradient_have_the_penalty, ridge_regression_is_solved,
             an_infinite_penalty_stops_the_step, a_steep_penalty_stops_the_step,
             absolute_values_do_not_overflow);
    add_case(suite, "norms", rows_are_kept_below_the_norm, a_long_row_keeps_its_direction);
    add_case(suite, "both", steps_do_not_depend_on_threads_or_on_a_stored_gradient,
             options_are_told_and_checked);
    return run_suite(suite);
}
