/* The activations that need the whole layer, of every table of kernels in one precision, against plain formulas in long
 * double. */
#include "kernels_tmpl.h"

static void check_whole(int activation, int64_t rows, int64_t cols)
{
    static tile before, now;
    long double z[MOST], expected[MOST];
    fill(&before, 2, 10);
    now = before;
    activate(activation, rows, cols, LD, 0, NULL, now.at[0], NULL);
    for (int64_t j = 0; j < cols; j++) {
        column_of(&before, rows, j, z);
        whole_references[activation].value(rows, z, expected);
        for (int64_t i = 0; i < rows; i++)
            expect_near(talus_activation_name(activation), now.at[i][j], expected[i],
                        SOFTMAX * (long double)(rows + 20) * eps * expected[i]);
    }
    expect_guards(&now, &before, rows, cols);
}

static void wholes(int64_t rows, int64_t cols)
{
    for (int f = next_whole(-1); f < TALUS_ACTIVATION_COUNT; f = next_whole(f))
        check_whole(f, rows, cols);
}

START_TEST(whole_layers_agree_with_their_formulas)
{
    for_all_shapes(wholes);
}
END_TEST

/* A bias is added first: as if it had been in Z. */
static void check_bias(int activation)
{
    enum { ROWS = 31, COLS = 17 };
    static tile apart, within;
    real bias[ROWS];
    fill(&apart, 3, 2);
    within = apart;
    for (int i = 0; i < ROWS; i++) {
        bias[i] = (real)(i % 5 - 2) / 4;
        for (int j = 0; j < COLS; j++)
            within.at[i][j] += bias[i];
    }
    activate(activation, ROWS, COLS, LD, 0, bias, apart.at[0], NULL);
    activate(activation, ROWS, COLS, LD, 0, NULL, within.at[0], NULL);
    ck_assert_mem_eq(&apart, &within, sizeof apart);
}

static void biases(void)
{
    for (int f = next_whole(-1); f < TALUS_ACTIVATION_COUNT; f = next_whole(f))
        check_bias(f);
}

START_TEST(biases_are_added_first)
{
    for_all_tables(biases);
}
END_TEST

/* softmax(ln 1, ln 3) = (¼, ¾), whatever is added to both */
static void shifted_softmax(void)
{
    for (int shift = -10000; shift <= 10000; shift += 10000) {
        real z[2] = {(real)shift, (real)shift}, bias[2] = {0, (real)1.0986122886681098};
        real rounding = REAL_EPSILON * (real)(1 + abs(shift));
        activate(TALUS_SOFTMAX, 2, 1, 1, 0, bias, z, NULL);
        expect_near("softmax", z[0], 0.25L, (long double)rounding);
        expect_near("softmax", z[1], 0.75L, (long double)rounding);
    }
}

START_TEST(softmax_ignores_a_shift)
{
    for_all_tables(shifted_softmax);
}
END_TEST

static void nan_columns(void)
{
    for (int f = next_whole(-1); f < TALUS_ACTIVATION_COUNT; f = next_whole(f)) {
        real z[3][2] = {{1, 1}, {(real)NAN, 2}, {3, 3}};
        activate(f, 3, 2, 2, 0, NULL, z[0], NULL);
        for (int i = 0; i < 3; i++) {
            ck_assert_double_nan((double)z[i][0]);
            ck_assert(isfinite(z[i][1]));
        }
    }
}

START_TEST(nan_stays_in_its_column)
{
    for_all_tables(nan_columns);
}
END_TEST

static void check_derivative(int activation, int64_t rows, int64_t cols)
{
    static tile a, slope, before, now;
    real sums[MOST];
    long double outputs[MOST], gradient[MOST], expected[MOST];
    fill(&a, 6, 3);
    activate(activation, rows, cols, LD, 0, NULL, a.at[0], NULL);
    fill(&before, 7, 1);
    now = before;
    differentiate(activation, rows, cols, 0, &a, &slope, &now, sums);
    for (int64_t j = 0; j < cols; j++) {
        column_of(&a, rows, j, outputs);
        column_of(&before, rows, j, gradient);
        whole_references[activation].slope(rows, outputs, gradient, expected);
        for (int64_t i = 0; i < rows; i++)
            expect_near("derivative", now.at[i][j], expected[i], SUM * eps * (rows + 2) * fabsl(outputs[i]));
    }
    expect_guards(&now, &before, rows, cols);
    expect_sums(&now, sums, rows, cols);
}

static void derivatives(int64_t rows, int64_t cols)
{
    for (int f = next_whole(-1); f < TALUS_ACTIVATION_COUNT; f = next_whole(f))
        check_derivative(f, rows, cols);
}

START_TEST(derivatives_of_whole_layers_agree_with_their_formulas)
{
    for_all_shapes(derivatives);
}
END_TEST

void TL(add_softmax)(Suite *suite)
{
    add_case(suite, "whole layers f" TEXT(TL_PRECISION), whole_layers_agree_with_their_formulas,
             biases_are_added_first, softmax_ignores_a_shift, nan_stays_in_its_column,
             derivatives_of_whole_layers_agree_with_their_formulas);
}
