/* The activations and losses of every table of kernels in one precision, against plain formulas in long
 * double. */
#include <fenv.h>

#include "base/processor.h"
#include "kernels/choose.h"
#include "kernels/kernels.h"
#include "test_math.h"

/* Tolerances. Elementwise results are compared in units in the last place, all others relative to the size
 * of what is added up, as c·eps·k with k the number of terms. */
#define ULPS       2.0   /* relu to softplus */
#define ULPS_ELU   4.5   /* 2 of expm1, which may double in the product with α, whose rounding is ½ */
#define SOFTMAX    8.0   /* per unit of the spread of z and per row */
#define SLOPE      4.0   /* f′ ≤ 1 from an a with an error of 2 ulps */
#define DIFFERENCE 1e-11 /* central differences with h = STEP: h² and rounding beside the reference's */
#define LOSS       8.0   /* per row and per unit of the largest logit */
#define SUM        1.0

#if TL_PRECISION == 32
#define DIGITS       FLT_MANT_DIG
#define LEAST_NORMAL FLT_MIN
#else
#define DIGITS       DBL_MANT_DIG
#define LEAST_NORMAL DBL_MIN
#endif

static const long double eps = REAL_EPSILON;
static const int64_t sizes[] = {1, 2, 3, 5, 17, 31, 64, 100, 128};
enum { SIZES = sizeof sizes / sizeof sizes[0], MOST = 128, PADDING = 7, LD = MOST + PADDING };

static const real alphas[TALUS_ACTIVATION_COUNT] = {[TALUS_LEAKY_RELU] = R(0.01), [TALUS_ELU] = R(1.3)};

/* Tiles: MOST rows of LD elements, all of them filled, so that what lies around a tile can be checked. --- */

typedef struct tile {
    real at[MOST][LD];
} tile;

static const TL(tl_kernels) * kernels; /* the table under test */

static void fill(tile *t, uint64_t seed, double width)
{
    number_stream stream = numbers_from(seed);
    for (int i = 0; i < MOST; i++)
        for (int j = 0; j < LD; j++)
            t->at[i][j] = (real)(width * next_number(&stream));
}

static void fill_positive(tile *t, uint64_t seed)
{
    fill(t, seed, 1);
    for (int i = 0; i < MOST; i++)
        for (int j = 0; j < LD; j++)
            t->at[i][j] = (real)fabs((double)t->at[i][j]);
}

/* What lies beside and below rows × cols is as it was. */
static void expect_guards(const tile *now, const tile *before, int64_t rows, int64_t cols)
{
    for (int64_t i = 0; i < MOST; i++)
        for (int64_t j = i < rows ? cols : 0; j < LD; j++)
            expect(now->at[i][j] == before->at[i][j], "(%d, %d) was written", (int)i, (int)j);
}

static void expect_near(const char *what, real got, long double expected, long double tolerance)
{
    expect(fabsl((long double)got - expected) <= tolerance, "%s %s: %.17g, not %.17Lg ± %.3Lg", kernels->name,
           what, (double)got, expected, tolerance);
}

/* Runs a test for every table that this processor runs, and every shape. */
typedef void shape_test(int64_t rows, int64_t cols);

static void for_all_tables(void (*test)(void))
{
    int tested = 0;
    for (int set = TALUS_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++) {
        if (tl_processor_runs(set)) {
            kernels = tl_kernels_of(set, REAL_DTYPE);
            test();
            tested++;
        }
    }
    ck_assert_int_ge(tested, 1);
}

static shape_test *shaped;

static void run_shapes(void)
{
    for (int i = 0; i < SIZES; i++)
        for (int j = 0; j < SIZES; j++)
            shaped(sizes[i], sizes[j]);
}

static void for_all_shapes(shape_test *test)
{
    shaped = test;
    for_all_tables(run_shapes);
}

/* References --------------------------------------------------------------------------------------------- */

static long double softplus_of(long double z)
{
    return z > 0 ? z + log1pl(expl(-z)) : log1pl(expl(z));
}

static long double activation_of(int activation, long double z)
{
    const long double alpha = alphas[activation];
    switch (activation) {
    case TALUS_RELU:
        return z > 0 ? z : 0;
    case TALUS_LEAKY_RELU:
        return z > 0 ? z : alpha * z;
    case TALUS_ELU:
        return z > 0 ? z : alpha * expm1l(z);
    case TALUS_SIGMOID:
        return 1 / (1 + expl(-z));
    case TALUS_TANH:
        return tanhl(z);
    case TALUS_SOFTPLUS:
        return softplus_of(z);
    default:
        return z;
    }
}

/* The error of (f(z + h) − f(z − h))/2h for an f of order 1 */
#define STEP 1e-6L
static long double difference_error(void)
{
    return DIFFERENCE + 8 * reference_epsilon() / STEP;
}

static double ulps_allowed(int activation)
{
    return (activation == TALUS_ELU ? ULPS_ELU : ULPS) + reference_ulps(DIGITS);
}

/* A column of a tile in long double. */
static void column_of(const tile *t, int64_t rows, int64_t j, long double *column)
{
    for (int64_t i = 0; i < rows; i++)
        column[i] = (long double)t->at[i][j];
}

static long double log_sum_exp(int64_t rows, const long double *z)
{
    long double most = z[0], sum = 0;
    for (int64_t i = 1; i < rows; i++)
        most = fmaxl(most, z[i]);
    for (int64_t i = 0; i < rows; i++)
        sum += expl(z[i] - most);
    return most + logl(sum);
}

static void softmax_of(int64_t rows, const long double *z, long double *a)
{
    long double log_sum = log_sum_exp(rows, z);
    for (int64_t i = 0; i < rows; i++)
        a[i] = expl(z[i] - log_sum);
}

/* The loss of one sample: of its outputs for the squared error, else of its logits. */
static long double loss_of(int loss, int64_t rows, const long double *z, const long double *y)
{
    long double sum = 0;
    for (int64_t i = 0; i < rows; i++)
        if (loss == TALUS_SQUARED_ERROR)
            sum += (z[i] - y[i]) * (z[i] - y[i]) / 2;
        else if (loss == TALUS_BINARY_CROSS_ENTROPY)
            sum += y[i] * softplus_of(-z[i]) + (1 - y[i]) * softplus_of(z[i]);
        else
            sum += y[i] * (log_sum_exp(rows, z) - z[i]);
    return sum;
}

/* ∂ loss_of/∂z */
static void loss_slope_of(int loss, int64_t rows, const long double *z, const long double *y,
                          long double *slope)
{
    long double targets = 0;
    for (int64_t i = 0; i < rows; i++)
        targets += y[i];
    if (loss == TALUS_CROSS_ENTROPY)
        softmax_of(rows, z, slope);
    for (int64_t i = 0; i < rows; i++)
        if (loss == TALUS_SQUARED_ERROR)
            slope[i] = z[i] - y[i];
        else if (loss == TALUS_BINARY_CROSS_ENTROPY)
            slope[i] = activation_of(TALUS_SIGMOID, z[i]) - y[i];
        else
            slope[i] = slope[i] * targets - y[i];
}

/* Activations -------------------------------------------------------------------------------------------- */

static void check_activation(int activation, int64_t rows, int64_t cols)
{
    const double most = ulps_allowed(activation);
    static tile before, now;
    real bias[MOST];
    fill(&before, 1, 6);
    now = before;
    for (int i = 0; i < MOST; i++)
        bias[i] = (real)(i % 5 - 2) / 4;
    kernels->activate[activation](rows, cols, now.at[0], LD, bias, alphas[activation]);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            real z = before.at[i][j] + bias[i];
            double error = ulps((long double)now.at[i][j], activation_of(activation, (long double)z), DIGITS);
            expect(error <= most, "%s activation %d: f(%a) = %a is %g ulps off", kernels->name, activation,
                   (double)z, (double)now.at[i][j], error);
        }
    expect_guards(&now, &before, rows, cols);
}

static void activations(int64_t rows, int64_t cols)
{
    for (int activation = 0; activation < TALUS_SOFTMAX; activation++)
        check_activation(activation, rows, cols);
}

START_TEST(activations_agree_with_their_formulas)
{
    for_all_shapes(activations);
}
END_TEST

static void softmax(int64_t rows, int64_t cols)
{
    static tile before, now;
    long double z[MOST], expected[MOST];
    fill(&before, 2, 10);
    now = before;
    kernels->activate[TALUS_SOFTMAX](rows, cols, now.at[0], LD, NULL, 0);
    for (int64_t j = 0; j < cols; j++) {
        column_of(&before, rows, j, z);
        softmax_of(rows, z, expected);
        for (int64_t i = 0; i < rows; i++)
            expect_near("softmax", now.at[i][j], expected[i],
                        SOFTMAX * (long double)(rows + 20) * eps * expected[i]);
    }
    expect_guards(&now, &before, rows, cols);
}

START_TEST(softmax_agrees_with_its_formula)
{
    for_all_shapes(softmax);
}
END_TEST

/* softmax(ln 1, ln 3) = (¼, ¾), whatever is added to both */
static void shifted_softmax(void)
{
    for (int shift = -10000; shift <= 10000; shift += 10000) {
        real z[2] = {(real)shift, (real)shift}, bias[2] = {0, (real)1.0986122886681098};
        real rounding = REAL_EPSILON * (real)(1 + abs(shift));
        kernels->activate[TALUS_SOFTMAX](2, 1, z, 1, bias, 0);
        expect_near("softmax", z[0], 0.25L, (long double)rounding);
        expect_near("softmax", z[1], 0.75L, (long double)rounding);
    }
}

START_TEST(softmax_ignores_a_shift)
{
    for_all_tables(shifted_softmax);
}
END_TEST

/* Every table's own compilation of the mathematics, over all magnitudes and densely where it matters. */
static void dense_sample(void)
{
    enum { ROWS = 128, TILES = 12 };
    static const double widths[] = {1.5, 20, 100, 760};
    const double most = ULPS + reference_ulps(DIGITS);
    static tile before, now;
    const real bias[ROWS] = {0};
    for (int number = 0; number < TILES * 4; number++) {
        fill(&before, (uint64_t)number + 5, widths[number % 4]);
        for (int activation = TALUS_ELU; activation <= TALUS_SOFTPLUS; activation++) {
            now = before;
            kernels->activate[activation](ROWS, MOST, now.at[0], LD, bias, 1);
            for (int i = 0; i < ROWS; i += 8)
                for (int j = 0; j < MOST; j++) {
                    long double z = (long double)before.at[i][j];
                    long double expected = activation == TALUS_ELU && z < 0 ? expm1l(z)
                                                                            : activation_of(activation, z);
                    expect(ulps((long double)now.at[i][j], expected, DIGITS) <= most,
                           "%s activation %d at %La", kernels->name, activation, z);
                }
        }
    }
}

START_TEST(every_table_is_accurate)
{
    if (reference_is_long())
        for_all_tables(dense_sample);
}
END_TEST

/* f of one value, in the middle of a row of ordinary ones. */
static real activate_one(int activation, real z)
{
    enum { COLS = 37, AT = 19 };
    const real bias = 0;
    real row[COLS];
    for (int j = 0; j < COLS; j++)
        row[j] = j == AT ? z : R(0.25);
    kernels->activate[activation](1, COLS, row, COLS, &bias, R(0.5));
    return row[AT];
}

static void values_at_the_ends(void)
{
    static const double at_plus[] = {INFINITY, INFINITY, INFINITY, INFINITY, 1, 1, INFINITY};
    static const double at_minus[] = {-INFINITY, 0, -INFINITY, -0.5, 0, -1, 0};
    for (int activation = 0; activation < TALUS_SOFTMAX; activation++) {
        ck_assert_double_eq((double)activate_one(activation, (real)INFINITY), at_plus[activation]);
        ck_assert_double_eq((double)activate_one(activation, -(real)INFINITY), at_minus[activation]);
        ck_assert_double_nan((double)activate_one(activation, (real)NAN));
        ck_assert_double_nan((double)activate_one(activation, -(real)NAN));
    }
}

START_TEST(infinities_and_nan_pass)
{
    for_all_tables(values_at_the_ends);
}
END_TEST

static void nan_columns(void)
{
    real z[3][2] = {{1, 1}, {(real)NAN, 2}, {3, 3}};
    kernels->activate[TALUS_SOFTMAX](3, 2, z[0], 2, NULL, 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_double_nan((double)z[i][0]);
        ck_assert(z[i][1] > 0 && z[i][1] < 1);
    }
}

START_TEST(softmax_of_nan_is_nan_in_its_column_only)
{
    for_all_tables(nan_columns);
}
END_TEST

static void finite_activations(void)
{
    static tile z;
    const real bias[MOST] = {0};
    for (int activation = 0; activation < TALUS_ACTIVATION_COUNT; activation++)
        for (double width = 1e-30; width < 1e31; width *= 1e4) {
            fill(&z, 3, width);
            feclearexcept(FE_ALL_EXCEPT);
            kernels->activate[activation](31, 127, z.at[0], LD, bias, R(0.5));
            int raised = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
            expect(raised == 0, "%s activation %d raises %d", kernels->name, activation, raised);
        }
}

START_TEST(finite_numbers_raise_nothing)
{
    for_all_tables(finite_activations);
}
END_TEST

/* Derivatives -------------------------------------------------------------------------------------------- */

static void expect_sums(const tile *delta, const real *sums, int64_t rows, int64_t cols)
{
    for (int64_t i = 0; i < rows; i++) {
        long double sum = 0, size = 0;
        for (int64_t j = 0; j < cols; j++) {
            sum += (long double)delta->at[i][j];
            size += fabsl((long double)delta->at[i][j]);
        }
        expect_near("row sum", sums[i], sum, SUM * eps * size * cols);
    }
    ck_assert(rows == MOST || sums[rows] == 99);
}

/* Δ·f′ against (f(z + h) − f(z − h))/2h; no z is within h of 0. */
static void check_derivative(int activation, int64_t rows, int64_t cols)
{
    const long double h = STEP, doubt = difference_error();
    static tile z, a, before, now;
    real sums[MOST], alpha = alphas[activation];
    const real bias[MOST] = {0};
    fill(&z, 4, 4);
    a = z;
    kernels->activate[activation](rows, cols, a.at[0], LD, bias, alpha);
    fill(&before, 5, 1);
    now = before;
    for (int i = 0; i < MOST; i++)
        sums[i] = 99;
    kernels->differentiate[activation](rows, cols, now.at[0], a.at[0], LD, alpha, sums);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            long double at = (long double)z.at[i][j], delta = (long double)before.at[i][j];
            long double slope = (activation_of(activation, at + h) - activation_of(activation, at - h)) /
                                (2 * h);
            expect_near("derivative", now.at[i][j], delta * slope,
                        (SLOPE * eps + doubt) * fabsl(delta) * fmaxl(1, (long double)alpha));
        }
    expect_guards(&now, &before, rows, cols);
    expect_sums(&now, sums, rows, cols);
}

static void derivatives(int64_t rows, int64_t cols)
{
    for (int activation = 0; activation < TALUS_SOFTMAX; activation++)
        check_derivative(activation, rows, cols);
}

START_TEST(derivatives_agree_with_differences)
{
    for_all_shapes(derivatives);
}
END_TEST

/* At z = 0: ReLU′ = 0, and α for leaky ReLU and ELU. */
static void slopes_at_zero(void)
{
    static const double expected[] = {1, 0, 0.5, 0.5, 0, 1, 0};
    for (int activation = 0; activation < TALUS_SOFTMAX; activation++) {
        real a = 0, delta = 1, sum;
        kernels->differentiate[activation](1, 1, &delta, &a, 1, R(0.5), &sum);
        ck_assert_double_eq((double)delta, expected[activation]);
        ck_assert_double_eq((double)sum, expected[activation]);
    }
}

START_TEST(derivatives_at_zero)
{
    for_all_tables(slopes_at_zero);
}
END_TEST

/* a ⊙ (g − g·a) for a column, which softmax_slope_is_a_derivative checks against differences. */
static void softmax_slope_of(int64_t rows, const long double *a, const long double *g, long double *slope)
{
    long double dot = 0;
    for (int64_t i = 0; i < rows; i++)
        dot += g[i] * a[i];
    for (int64_t i = 0; i < rows; i++)
        slope[i] = a[i] * (g[i] - dot);
}

START_TEST(softmax_slope_is_a_derivative)
{
    enum { ROWS = 5 };
    const long double h = STEP, g[ROWS] = {1, -2, 0.5L, 3, -1};
    long double z[ROWS] = {0.3L, -1, 2, 0, 0.7L}, a[ROWS], slope[ROWS];
    softmax_of(ROWS, z, a);
    softmax_slope_of(ROWS, a, g, slope);
    for (int k = 0; k < ROWS; k++) {
        long double difference = 0;
        for (int sign = -1; sign <= 1; sign += 2) {
            z[k] += sign * h;
            softmax_of(ROWS, z, a);
            for (int i = 0; i < ROWS; i++)
                difference += sign * g[i] * a[i] / (2 * h);
            z[k] -= sign * h;
        }
        ck_assert_ldouble_eq_tol(slope[k], difference, difference_error());
    }
}
END_TEST

static void softmax_derivative(int64_t rows, int64_t cols)
{
    static tile a, before, now;
    real sums[MOST];
    long double outputs[MOST], gradient[MOST], expected[MOST];
    fill(&a, 6, 3);
    kernels->activate[TALUS_SOFTMAX](rows, cols, a.at[0], LD, NULL, 0);
    fill(&before, 7, 1);
    now = before;
    for (int i = 0; i < MOST; i++)
        sums[i] = 99;
    kernels->differentiate[TALUS_SOFTMAX](rows, cols, now.at[0], a.at[0], LD, 0, sums);
    for (int64_t j = 0; j < cols; j++) {
        column_of(&a, rows, j, outputs);
        column_of(&before, rows, j, gradient);
        softmax_slope_of(rows, outputs, gradient, expected);
        for (int64_t i = 0; i < rows; i++)
            expect_near("softmax derivative", now.at[i][j], expected[i], SUM * eps * (rows + 2) * outputs[i]);
    }
    expect_guards(&now, &before, rows, cols);
    expect_sums(&now, sums, rows, cols);
}

START_TEST(softmax_derivative_agrees_with_its_formula)
{
    for_all_shapes(softmax_derivative);
}
END_TEST

/* Losses ------------------------------------------------------------------------------------------------- */

START_TEST(loss_slopes_are_derivatives)
{
    enum { ROWS = 4 };
    const long double h = STEP, y[ROWS] = {0.25L, 0, 1, 0.5L};
    long double z[ROWS] = {0.3L, -1, 2, 0}, slope[ROWS];
    loss_slope_of(_i, ROWS, z, y, slope);
    for (int k = 0; k < ROWS; k++) {
        long double at = z[k];
        z[k] = at + h;
        long double above = loss_of(_i, ROWS, z, y);
        z[k] = at - h;
        long double below = loss_of(_i, ROWS, z, y);
        z[k] = at;
        ck_assert_ldouble_eq_tol(slope[k], (above - below) / (2 * h), difference_error());
    }
}
END_TEST

/* What the kernel leaves in a: outputs. */
static void expect_outputs(int loss, int64_t rows, const tile *now, int64_t j, const long double *z,
                           double width)
{
    long double expected[MOST];
    if (loss == TALUS_CROSS_ENTROPY)
        softmax_of(rows, z, expected);
    for (int64_t i = 0; i < rows; i++) {
        if (loss == TALUS_SQUARED_ERROR)
            expected[i] = z[i];
        else if (loss == TALUS_BINARY_CROSS_ENTROPY)
            expected[i] = activation_of(TALUS_SIGMOID, z[i]);
        long double least = (long double)LEAST_NORMAL * eps * SOFTMAX; /* some denormal numbers */
        expect_near("output", now->at[i][j], expected[i],
                    SOFTMAX * ((long double)rows + 2 * (long double)width) * eps * fabsl(expected[i]) +
                        least);
    }
}

static void check_loss(int loss, int64_t rows, int64_t cols, double width)
{
    const real scale = R(0.125);
    static tile before, now, y, delta, gap;
    long double z[MOST], targets[MOST], slope[MOST], sum = 0;
    fill(&before, 8, width);
    now = before;
    fill_positive(&y, 9);
    fill(&gap, 10, 1);
    delta = gap;
    double got = kernels->loss[loss](rows, cols, now.at[0], y.at[0], delta.at[0], LD, scale);
    for (int64_t j = 0; j < cols; j++) {
        column_of(&before, rows, j, z);
        column_of(&y, rows, j, targets);
        sum += loss_of(loss, rows, z, targets);
        expect_outputs(loss, rows, &now, j, z, width);
        loss_slope_of(loss, rows, z, targets, slope);
        for (int64_t i = 0; i < rows; i++)
            expect_near("delta", delta.at[i][j], slope[i] * (long double)scale,
                        LOSS * eps * ((long double)rows + 2 * (long double)width) * (long double)scale *
                            rows);
    }
    ck_assert_ldouble_eq_tol((long double)got, sum, LOSS * eps * (rows + 2) * (sum + 1));
    expect_guards(&now, &before, rows, cols);
    expect_guards(&delta, &gap, rows, cols);
}

static void losses(int64_t rows, int64_t cols)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        check_loss(loss, rows, cols, 4);
}

START_TEST(losses_agree_with_their_formulas)
{
    for_all_shapes(losses);
}
END_TEST

typedef struct hand_case {
    int loss;
    double z[2], y[2], sum, delta[2];
} hand_case;

static const hand_case by_hand[] = {
    {TALUS_SQUARED_ERROR, {3, 0}, {1, 1}, 2.5, {2, -1}},
    {TALUS_BINARY_CROSS_ENTROPY, {1e4, 1e4}, {1, 0}, 1e4, {0, 1}},
    {TALUS_BINARY_CROSS_ENTROPY, {-1e4, -1e4}, {1, 0}, 1e4, {-1, 0}},
    {TALUS_BINARY_CROSS_ENTROPY, {1e4, -1e4}, {1, 0}, 0, {0, 0}},
    {TALUS_BINARY_CROSS_ENTROPY, {0, 0}, {0.5, 1}, 1.38629436111989062, {0, -0.5}},
    {TALUS_CROSS_ENTROPY, {1e4, -1e4}, {1, 0}, 0, {0, 0}},
    {TALUS_CROSS_ENTROPY, {1e4, -1e4}, {0, 1}, 2e4, {1, -1}},
    {TALUS_CROSS_ENTROPY, {1e4, -INFINITY}, {1, 0}, 0, {0, 0}},
    {TALUS_CROSS_ENTROPY, {5, 5}, {0, 1}, 0.693147180559945309, {0.5, -0.5}},
    {TALUS_CROSS_ENTROPY, {5, 5}, {1, 3}, 2.77258872223978124, {1, -1}},
    {TALUS_CROSS_ENTROPY, {5, -7}, {0, 0}, 0, {0, 0}},
    {TALUS_CROSS_ENTROPY, {0, 1.0986122886681098}, {0, 1}, 0.287682072451780927, {0.25, -0.25}},
};

static void hand_cases(void)
{
    for (size_t n = 0; n < sizeof by_hand / sizeof by_hand[0]; n++) {
        const hand_case *c = &by_hand[n];
        real a[2] = {(real)c->z[0], (real)c->z[1]}, y[2] = {(real)c->y[0], (real)c->y[1]}, delta[2];
        double sum = kernels->loss[c->loss](2, 1, a, y, delta, 1, 1);
        expect_near("loss", (real)sum, c->sum, LOSS * eps * c->sum);
        for (int i = 0; i < 2; i++)
            expect_near("delta", delta[i], c->delta[i], LOSS * eps * fabs(c->delta[i]));
    }
}

START_TEST(losses_worked_by_hand)
{
    for_all_tables(hand_cases);
}
END_TEST

static void nan_losses(void)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
        real a[4] = {1, (real)NAN, 1, 1}, y[4] = {0, 0, 1, 1}, delta[4];
        ck_assert_double_nan(kernels->loss[loss](2, 2, a, y, delta, 2, 1));
    }
}

START_TEST(nan_gives_a_loss_of_nan)
{
    for_all_tables(nan_losses);
}
END_TEST

/* Right decisions ---------------------------------------------------------------------------------------- */

static int64_t largest_row(const tile *t, int64_t rows, int64_t j)
{
    int64_t at = 0;
    for (int64_t i = 1; i < rows; i++)
        if (t->at[i][j] > t->at[at][j])
            at = i;
    return at;
}

static void decisions(int64_t rows, int64_t cols)
{
    static tile a, y;
    int64_t outputs = 0, samples = 0;
    fill_positive(&a, 11);
    fill_positive(&y, 12);
    for (int64_t j = 0; j < cols; j++) {
        if (j % 2 == 0)
            y.at[largest_row(&a, rows, j)][j] = 2; /* right */
        samples += largest_row(&a, rows, j) == largest_row(&y, rows, j);
        for (int64_t i = 0; i < rows; i++)
            outputs += (a.at[i][j] > R(0.5)) == (y.at[i][j] > R(0.5));
    }
    int64_t (*const *right)(int64_t, int64_t, const real *, const real *, int64_t) = kernels->right;
    ck_assert_int_eq(right[TALUS_CROSS_ENTROPY](rows, cols, a.at[0], y.at[0], LD), samples);
    ck_assert_int_eq(right[TALUS_BINARY_CROSS_ENTROPY](rows, cols, a.at[0], y.at[0], LD), outputs);
    ck_assert_int_eq(right[TALUS_SQUARED_ERROR](rows, cols, a.at[0], y.at[0], LD), 0);
}

START_TEST(decisions_agree_with_a_plain_count)
{
    for_all_shapes(decisions);
}
END_TEST

/* Of equal elements the first counts; ½ is not above ½. */
static void ties(void)
{
    const real a[2][4] = {{R(0.5), R(0.5), R(0.2), R(0.9)}, {R(0.5), R(0.5), R(0.8), R(0.9)}};
    const real y[2][4] = {{1, 1, 0, R(0.5)}, {0, 0, 1, R(0.5)}};
    ck_assert_int_eq(kernels->right[TALUS_CROSS_ENTROPY](2, 4, a[0], y[0], 4), 4);
    ck_assert_int_eq(kernels->right[TALUS_BINARY_CROSS_ENTROPY](2, 4, a[0], y[0], 4), 4);
}

START_TEST(ties_are_decided)
{
    for_all_tables(ties);
}
END_TEST

void TL(add_kernels)(Suite *suite)
{
    add_case(suite, "activations f" TEXT(TL_PRECISION), activations_agree_with_their_formulas,
             softmax_agrees_with_its_formula, softmax_ignores_a_shift, every_table_is_accurate,
             infinities_and_nan_pass, softmax_of_nan_is_nan_in_its_column_only, finite_numbers_raise_nothing);
    add_case(suite, "derivatives f" TEXT(TL_PRECISION), derivatives_agree_with_differences,
             derivatives_at_zero, softmax_slope_is_a_derivative, softmax_derivative_agrees_with_its_formula);
    add_case(suite, "losses f" TEXT(TL_PRECISION), losses_agree_with_their_formulas, losses_worked_by_hand,
             nan_gives_a_loss_of_nan, decisions_agree_with_a_plain_count, ties_are_decided);
    TCase *slopes = tcase_create("loss slopes f" TEXT(TL_PRECISION));
    tcase_add_loop_test(slopes, loss_slopes_are_derivatives, 0, TALUS_LOSS_COUNT);
    suite_add_tcase(suite, slopes);
}
