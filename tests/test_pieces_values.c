/* Products of pieces where numbers are not finite and at the ends of the range. */
#include "pieces_support.h"

#include <float.h>

enum { M = 19, N = 21, K = 37, PARTS = 2 };

/* The case of one number in A at (row, inner) and one in B at (inner, column) of the second part; all others are 1 and 0.5. */
enum { ROW = 17, INNER = 34, COLUMN = 5 };

static float one(number_stream *numbers)
{
    (void)numbers;
    return 1;
}

/* C where A_ip and B_pj are x and y, and the term of their product alone counts: others have a factor 0, unless `others` is. */
static float element(const tl_piece_kernels *kernels, int pieces, float x, float y, float others)
{
    float c[M * N];
    piece_case p = make_piece_case(kernels, pieces, M, N, K, PARTS, false, one);
    for (int64_t i = 0; i < PARTS * M * K; i++)
        p.a[i] = others;
    p.a[(M + ROW) * K + INNER] = x;
    p.b[(K + INNER) * N + COLUMN] = y;
    cut_piece_case(kernels, &p, false);
    multiply_pieces(kernels, &p.product, false, c, N);
    free_piece_case(&p);
    return c[ROW * N + COLUMN];
}

static void check_infinite(const tl_piece_kernels *kernels)
{
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++) {
        for (float others = 0; others <= 1; others++) {
            ck_assert_float_eq(element(kernels, pieces, INFINITY, 1, others), INFINITY);
            ck_assert_float_eq(element(kernels, pieces, -INFINITY, 1, others), -INFINITY);
            ck_assert_float_eq(element(kernels, pieces, 1.7F, -INFINITY, others), -INFINITY);
            ck_assert_float_eq(element(kernels, pieces, -INFINITY, -INFINITY, others), INFINITY);
            ck_assert_float_nan(element(kernels, pieces, INFINITY, 0, others));
            ck_assert_float_nan(element(kernels, pieces, NAN, 1, others));
            ck_assert_float_nan(element(kernels, pieces, NAN, 0, others));
            ck_assert_float_nan(element(kernels, pieces, 1, -NAN, others));
        }
        ck_assert_float_nan(element(kernels, pieces, -INFINITY, 1, INFINITY));
    }
}

START_TEST(infinity_and_nan_are_those_of_f32)
{
    for_all_piece_tables(check_infinite);
}
END_TEST

/* Its square is beyond the range, while the products of its low pieces are not. */
static void check_overflow(const tl_piece_kernels *kernels)
{
    static const float large = 0x1.0103p72F;
    static const double tolerances[TL_MOST_PIECES + 1] = {0, 0x1.01p-7, 0x1.9p-15, 0x1.1p-22};
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++) {
        ck_assert_float_eq(element(kernels, pieces, large, large, 0), INFINITY);
        ck_assert_float_eq(element(kernels, pieces, -large, large, 0), -INFINITY);
        ck_assert_float_eq(element(kernels, pieces, -large, -large, 1), INFINITY);
        float within = element(kernels, pieces, large, 0x1.0103p-72F, 0);
        double expected = (double)large * 0x1.0103p-72;
        ck_assert_double_le(fabs((double)within - expected), tolerances[pieces] * expected);
    }
}

START_TEST(products_beyond_the_range_are_infinite)
{
    for_all_piece_tables(check_overflow);
}
END_TEST

/* The largest number: one piece rounds to infinity; two are above it and three equal to it. */
static void check_largest(const tl_piece_kernels *kernels)
{
    ck_assert_float_eq(element(kernels, 1, FLT_MAX, 1, 0), INFINITY);
    ck_assert_float_eq(element(kernels, 2, FLT_MAX, 1, 0), 0x1.fep127F); /* first pieces alone */
    ck_assert_float_eq(element(kernels, 3, FLT_MAX, 1, 0), FLT_MAX);
    ck_assert_float_eq(element(kernels, 3, -FLT_MAX, 1, 0), -FLT_MAX);
    ck_assert_float_eq(element(kernels, 3, FLT_MAX, 0.5F, 0), FLT_MAX / 2);
    ck_assert_float_eq(element(kernels, 3, FLT_MAX, 2, 0), INFINITY);
}

START_TEST(the_largest_number_times_one)
{
    for_all_piece_tables(check_largest);
}
END_TEST

/* Multiply-adds keep subnormal numbers down to the last digit of a bf16, 2^−133. Instructions for bf16 take them as 0. */
static void check_subnormal(const tl_piece_kernels *kernels)
{
    static const float numbers[] = {0x1p-126F, 0x1.8p-126F, 0x1.fcp-127F, 0x1p-127F, 0x1.4p-130F, 0x1p-133F};
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++)
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            const float x = numbers[i], got = element(kernels, pieces, x, 1, 0);
            if (!flushes(kernels) || x >= FLT_MIN)
                ck_assert_float_eq(got, x);
            else
                ck_assert_float_eq(got, 0);
            ck_assert_float_le(fabsf(element(kernels, pieces, 0x1.234566p-126F, 1, 0) - 0x1.234566p-126F),
                               0x1p-133F);
            ck_assert_float_le(element(kernels, pieces, 0x1p-149F, 1, 0), 0x1p-149F);
        }
}

START_TEST(subnormal_numbers)
{
    for_all_piece_tables(check_subnormal);
}
END_TEST

/* Numbers whose sizes are 2^−50 to 2^50. */
static float wide_number(number_stream *numbers)
{
    int exponent = (int)(50 * next_number(numbers));
    return (float)ldexp(1 + fabs(next_number(numbers)), exponent) * (next_number(numbers) < 0 ? -1 : 1);
}

static void check_wide(const tl_piece_kernels *kernels)
{
    static const double tolerances[TL_MOST_PIECES + 1] = {0, 0x1.01p-7, 0x1.9p-15, 0x1.1p-22};
    float c[M * N];
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++) {
        piece_case x = make_piece_case(kernels, pieces, M, N, K, PARTS, true, wide_number);
        multiply_pieces(kernels, &x.product, false, c, N);
        for (int64_t i = 0; i < M; i++)
            for (int64_t j = 0; j < N; j++) {
                double size, expected = product_element(&x, i, j, &size);
                double limit = (tolerances[pieces] + FLT_EPSILON * (PARTS * K - 1)) * size;
                ck_assert_double_le(fabs((double)c[i * N + j] - expected), limit);
            }
        free_piece_case(&x);
    }
}

START_TEST(numbers_of_all_sizes)
{
    for_all_piece_tables(check_wide);
}
END_TEST

/* An infinity changes no bit of other rows and columns. */
static void check_neighbours(const tl_piece_kernels *kernels)
{
    float before[M * N], after[M * N];
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++) {
        piece_case x = make_piece_case(kernels, pieces, M, N, K, PARTS, false, signed_number);
        multiply_pieces(kernels, &x.product, false, before, N);
        x.a[ROW * K] = INFINITY;
        x.b[COLUMN] = NAN;
        cut_piece_case(kernels, &x, false);
        multiply_pieces(kernels, &x.product, false, after, N);
        for (int i = 0; i < M; i++)
            for (int j = 0; j < N; j++) {
                if (i == ROW || j == COLUMN)
                    ck_assert(!isfinite(after[i * N + j]));
                else
                    ck_assert_float_eq(after[i * N + j], before[i * N + j]);
            }
        free_piece_case(&x);
    }
}

START_TEST(what_is_not_finite_stays_where_it_is)
{
    for_all_piece_tables(check_neighbours);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pieces_values");
    add_case(suite, "not finite", infinity_and_nan_are_those_of_f32, products_beyond_the_range_are_infinite,
             what_is_not_finite_stays_where_it_is);
    add_case(suite, "range", the_largest_number_times_one, subnormal_numbers, numbers_of_all_sizes);
    return run_suite(suite);
}
