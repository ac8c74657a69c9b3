/* The activations of every table of kernels in one precision, and their derivatives, against plain formulas in long
 * double. Those that need a whole layer are in test_softmax_tmpl.c. */
#include <fenv.h>

#include "kernels_tmpl.h"

static double tail_ulps(const activation_reference *reference, long double z)
{
    return reference->tail_ulps == NULL ? 0 : reference->tail_ulps(z);
}

static void check_activation(int activation, int64_t rows, int64_t cols)
{
    const activation_reference *reference = &activation_references[activation];
    const double most = ULPS + reference->more_ulps + reference->alpha_ulps + reference_ulps(DIGITS);
    const real alpha = alpha_for(activation);
    static tile before, now;
    real bias[MOST];
    fill(&before, 1, 6);
    now = before;
    for (int i = 0; i < MOST; i++)
        bias[i] = (real)(i % 5 - 2) / 4;
    activate(activation, rows, cols, LD, alpha, bias, now.at[0], NULL);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            real z = before.at[i][j] + bias[i];
            double error = ulps((long double)now.at[i][j],
                                reference->value((long double)z, (long double)alpha), DIGITS);
            expect(error <= most + tail_ulps(reference, (long double)z), "%s %s(%a) = %a is %g ulps off",
                   kernels->name, talus_activation_name(activation), (double)z, (double)now.at[i][j], error);
        }
    expect_guards(&now, &before, rows, cols);
}

static void activations(int64_t rows, int64_t cols)
{
    for (int f = next_elementwise(-1); f < TALUS_ACTIVATION_COUNT; f = next_elementwise(f))
        check_activation(f, rows, cols);
}

START_TEST(activations_agree_with_their_formulas)
{
    for_all_shapes(activations);
}
END_TEST

/* Every table's own compilation of the mathematics, over all magnitudes and densely where it matters; α = 1 adds no
 * rounding. */
static void check_densely(int activation, const tile *before)
{
    enum { ROWS = 128 };
    const activation_reference *reference = &activation_references[activation];
    const double most = ULPS + reference->more_ulps + reference_ulps(DIGITS);
    static tile now;
    now = *before;
    activate(activation, ROWS, MOST, LD, 1, NULL, now.at[0], NULL);
    for (int i = 0; i < ROWS; i += 8)
        for (int j = 0; j < MOST; j++) {
            long double z = (long double)before->at[i][j];
            double error = ulps((long double)now.at[i][j], reference->value(z, 1), DIGITS);
            expect(error <= most + tail_ulps(reference, z), "%s %s at %La: %g ulps", kernels->name,
                   talus_activation_name(activation), z, error);
        }
}

/* Numbers of all magnitudes. */
static void fill_widely(tile *t)
{
    number_stream stream = numbers_from(77);
    for (int i = 0; i < MOST; i++)
        for (int j = 0; j < LD; j++) {
            double size = exp2(next_number(&stream) * (TL_PRECISION == 32 ? 126.9 : 1022.9));
            t->at[i][j] = (real)(next_number(&stream) < 0 ? -size : size);
        }
}

static void dense_sample(void)
{
    enum { TILES = 12 };
    static const double widths[] = {1.5, 20, 100, 760};
    static tile before;
    for (int number = -1; number < TILES * 4; number++) {
        if (number < 0)
            fill_widely(&before);
        else
            fill(&before, (uint64_t)number + 5, widths[number % 4]);
        for (int f = next_elementwise(-1); f < TALUS_ACTIVATION_COUNT; f = next_elementwise(f))
            check_densely(f, &before);
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
    real row[COLS], slope[COLS];
    for (int j = 0; j < COLS; j++)
        row[j] = j == AT ? z : R(0.25);
    activate(activation, 1, COLS, COLS, R(0.5), NULL, row, slope);
    return row[AT];
}

static void expect_same(real got, real expected)
{
    if (isnan(expected))
        ck_assert_double_nan((double)got);
    else
        ck_assert_double_eq((double)got, (double)expected);
}

static void values_at_the_ends(void)
{
    for (int f = next_elementwise(-1); f < TALUS_ACTIVATION_COUNT; f = next_elementwise(f)) {
        const real at_plus = (real)activation_references[f].at_plus;
        const real at_minus = (real)activation_references[f].at_minus;
        expect_same(activate_one(f, (real)INFINITY), at_plus);
        expect_same(activate_one(f, -(real)INFINITY), at_minus);
        ck_assert_double_nan((double)activate_one(f, (real)NAN));
        ck_assert_double_nan((double)activate_one(f, -(real)NAN));
    }
}

START_TEST(infinities_and_nan_pass)
{
    for_all_tables(values_at_the_ends);
}
END_TEST

static void finite_activations(void)
{
    static tile z, slope;
    for (int activation = 0; activation < TALUS_ACTIVATION_COUNT; activation++)
        for (double width = 1e-30; width < 1e31; width *= 1e4) {
            fill(&z, 3, width);
            feclearexcept(FE_ALL_EXCEPT);
            activate(activation, 31, 127, LD, R(0.5), NULL, z.at[0], slope.at[0]);
            int raised = fetestexcept(FE_INVALID | FE_DIVBYZERO); /* the sum of squares may overflow */
            expect(raised == 0, "%s %s raises %d", kernels->name, talus_activation_name(activation), raised);
        }
}

START_TEST(finite_numbers_raise_nothing)
{
    for_all_tables(finite_activations);
}
END_TEST

/* Derivatives -------------------------------------------------------------------------------------------- */

/* A forward call writes slopes where f′ needs Z and nowhere else, and gives the same A without them. */
static void activate_both_ways(int activation, int64_t rows, int64_t cols, real alpha, tile *a, tile *slope)
{
    static tile alone, gap;
    fill(&gap, 6, 1);
    *slope = gap;
    alone = *a;
    activate(activation, rows, cols, LD, alpha, NULL, alone.at[0], NULL);
    activate(activation, rows, cols, LD, alpha, NULL, a->at[0], slope->at[0]);
    ck_assert_mem_eq(&alone, a, sizeof alone);
    bool writes = tl_activation_kind_of(activation)->slope_from_z;
    expect_guards(slope, &gap, writes ? rows : 0, writes ? cols : 0);
}

/* The error of f′: relative to itself, or to what it adds up, if it comes from Z; if it comes from A, the rounding of a counts too. */
static long double slope_error(int activation, long double z, long double slope, long double a,
                               long double alpha)
{
    const activation_reference *reference = &activation_references[activation];
    if (reference->slope_size != NULL)
        return SLOPE * eps * reference->slope_size(z, alpha);
    if (tl_activation_kind_of(activation)->slope_from_z)
        return SLOPE * eps * fabsl(slope);
    return SLOPE * eps * fminl(fabsl(slope) + fabsl(a), fmaxl(1, alpha));
}

static void check_derivative(int activation, int64_t rows, int64_t cols)
{
    const long double alpha = (long double)alpha_for(activation);
    const long double doubt = 8 * reference_epsilon();
    static tile z, a, slopes, before, now;
    real sums[MOST];
    fill(&z, 4, 10);
    fill(&before, 5, 1);
    a = z, now = before;
    activate_both_ways(activation, rows, cols, alpha_for(activation), &a, &slopes);
    differentiate(activation, rows, cols, alpha_for(activation), &a, &slopes, &now, sums);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            long double delta = (long double)before.at[i][j];
            long double slope = activation_references[activation].slope((long double)z.at[i][j], alpha);
            long double error = slope_error(activation, (long double)z.at[i][j], slope,
                                            (long double)a.at[i][j], alpha);
            expect_near(talus_activation_name(activation), now.at[i][j], delta * slope,
                        fabsl(delta) * (error + doubt * fabsl(slope)) + 2 * eps * LEAST_NORMAL);
        }
    expect_guards(&now, &before, rows, cols);
    expect_sums(&now, sums, rows, cols);
}

static void derivatives(int64_t rows, int64_t cols)
{
    for (int f = next_elementwise(-1); f < TALUS_ACTIVATION_COUNT; f = next_elementwise(f))
        if (!tl_activation_kind_of(f)->flat)
            check_derivative(f, rows, cols);
}

START_TEST(derivatives_agree_with_their_formulas)
{
    for_all_shapes(derivatives);
}
END_TEST

/* f′(z), for α = ½. */
static real slope_at(int activation, real z)
{
    static tile a, slope, delta;
    real sums[MOST];
    a.at[0][0] = z, delta.at[0][0] = 1;
    activate(activation, 1, 1, LD, R(0.5), NULL, a.at[0], slope.at[0]);
    differentiate(activation, 1, 1, R(0.5), &a, &slope, &delta, sums);
    ck_assert_double_eq((double)delta.at[0][0], (double)sums[0]);
    return sums[0];
}

static void slopes_at_kinks(void)
{
    for (int f = next_elementwise(-1); f < TALUS_ACTIVATION_COUNT; f = next_elementwise(f)) {
        const activation_reference *reference = &activation_references[f];
        const real kink = (real)reference->flat_from, at_zero = (real)reference->slope_at_zero;
        if (tl_activation_kind_of(f)->flat)
            continue;
        expect_near("slope at 0", slope_at(f, 0), (long double)at_zero, eps * (long double)at_zero);
        for (real sign = -1; sign <= 1 && kink != 0; sign += 2) {
            ck_assert_double_eq((double)slope_at(f, sign * kink), 0);
            ck_assert_double_eq((double)slope_at(f, sign * kink * R(1.001)), 0);
            ck_assert_double_eq((double)slope_at(f, sign * kink * R(0.999)), (double)at_zero);
        }
    }
}

START_TEST(derivatives_at_zero_and_at_kinks)
{
    for_all_tables(slopes_at_kinks);
}
END_TEST

/* sin² + cos² = 1 far from 0, where the angle is reduced one by one; its neighbours keep their bits. */
static void large_angles(void)
{
    enum { SINE = TALUS_SINE, COLS = 100 };
    static tile a, slope, alone, gap;
    fill_widely(&a);
    for (int j = 0; j < COLS; j += 2)
        a.at[0][j] = alone.at[0][j] = (real)j / 7;
    activate(SINE, 1, COLS, LD, 1, NULL, a.at[0], slope.at[0]);
    activate(SINE, 1, COLS, LD, 1, NULL, alone.at[0], gap.at[0]);
    for (int j = 0; j < COLS; j++) {
        long double s = (long double)a.at[0][j], c = (long double)slope.at[0][j];
        expect_near("sin² + cos²", (real)(s * s + c * c), 1, 4 * eps);
        ck_assert(j % 2 == 1 || a.at[0][j] == alone.at[0][j]);
    }
}

START_TEST(large_angles_have_sines)
{
    for_all_tables(large_angles);
}
END_TEST

/* Nothing that is not a number goes back from a unit at the end of its range. */
static void slopes_at_the_ends(void)
{
    for (int f = next_elementwise(-1); f < TALUS_ACTIVATION_COUNT; f = next_elementwise(f))
        for (int sign = -1; sign <= 1 && !tl_activation_kind_of(f)->flat; sign += 2) {
            double slope = (double)slope_at(f, (real)sign * REAL_MAX);
            expect(!isnan(slope), "%s f'(%d*most) is not a number", talus_activation_name(f), sign);
        }
}

START_TEST(derivatives_of_large_numbers_are_numbers)
{
    for_all_tables(slopes_at_the_ends);
}
END_TEST

void TL(add_activations)(Suite *suite)
{
    add_case(suite, "activations f" TEXT(TL_PRECISION), activations_agree_with_their_formulas,
             every_table_is_accurate, infinities_and_nan_pass, finite_numbers_raise_nothing);
    add_case(suite, "derivatives f" TEXT(TL_PRECISION), derivatives_agree_with_their_formulas,
             derivatives_at_zero_and_at_kinks, derivatives_of_large_numbers_are_numbers,
             large_angles_have_sines);
}
