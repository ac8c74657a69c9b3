/* What the tests of the kernels share: every table of a precision, tiles whose surroundings are watched, and calls with
 * their arguments written out. Template header. */
#ifndef TESTS_KERNELS_TMPL_H
#define TESTS_KERNELS_TMPL_H

#include "base/processor.h"
#include "kernels/choose.h"
#include "kernels/kernels.h"
#include "reference.h"
#include "test_math.h"

/* Tolerances. Elementwise results are compared in units in the last place, all others relative to the size
 * of what is added up, as c·eps·k with k the number of terms. */
#define ULPS    2.0 /* identity to softplus */
#define SOFTMAX 8.0 /* per unit of the spread of z and per row */
#define SLOPE   4.0 /* f′ from Z, and its product with Δ; or from an a with an error of 2 ulps */
#define LOSS    8.0 /* per row and per unit of the largest logit */
#define SUM     1.0

#if TL_PRECISION == 32
#define DIGITS       FLT_MANT_DIG
#define LEAST_NORMAL FLT_MIN
#else
#define DIGITS       DBL_MANT_DIG
#define LEAST_NORMAL DBL_MIN
#endif

static const long double eps = REAL_EPSILON;
static const TL(tl_kernels) * kernels; /* the table under test */

/* Runs a test for every table that this processor runs, and every shape. */
typedef void shape_test(int64_t rows, int64_t cols);

static inline void for_all_tables(void (*test)(void))
{
    int tested = 0;
    for (int set = TALUS_INSTRUCTION_SET_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++) {
        if (tl_processor_runs(set)) {
            kernels = tl_kernels_of(set, REAL_DTYPE);
            ck_assert_str_eq(kernels->name, tl_instruction_set_name(set));
            test();
            tested++;
        }
    }
    ck_assert_int_ge(tested, 1);
}

static shape_test *shaped;

static inline void run_shapes(void)
{
    static const int64_t sizes[] = {1, 2, 3, 5, 17, 31, 64, 100, 128};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++)
            shaped(sizes[i], sizes[j]);
}

static inline void for_all_shapes(shape_test *test)
{
    shaped = test;
    for_all_tables(run_shapes);
}

/* Tiles: MOST rows of LD elements, all of them filled, so that what lies around a tile can be checked. --- */

enum { MOST = 128, PADDING = 7, LD = MOST + PADDING };

typedef struct tile {
    real at[MOST][LD];
} tile;

/* Uniform on (least, most). */
static inline void fill_between(tile *t, uint64_t seed, double least, double most)
{
    number_stream stream = numbers_from(seed);
    for (int i = 0; i < MOST; i++)
        for (int j = 0; j < LD; j++)
            t->at[i][j] = (real)(least + (most - least) * (next_number(&stream) + 1) / 2);
}

static inline void fill(tile *t, uint64_t seed, double width)
{
    fill_between(t, seed, -width, width);
}

/* What lies beside and below rows × cols is as it was. */
static inline void expect_guards(const tile *now, const tile *before, int64_t rows, int64_t cols)
{
    for (int64_t i = 0; i < MOST; i++)
        for (int64_t j = i < rows ? cols : 0; j < LD; j++)
            expect(now->at[i][j] == before->at[i][j], "(%d, %d) was written", (int)i, (int)j);
}

static inline void expect_near(const char *what, real got, long double expected, long double tolerance)
{
    expect(fabsl((long double)got - expected) <= tolerance, "%s %s: %.17g, not %.17Lg ± %.3Lg", kernels->name,
           what, (double)got, expected, tolerance);
}

/* A column of a tile in long double. */
static inline void column_of(const tile *t, int64_t rows, int64_t j, long double *column)
{
    for (int64_t i = 0; i < rows; i++)
        column[i] = (long double)t->at[i][j];
}

/* The sums of the rows of Δ, in an array of MOST that was 99 everywhere. */
static inline void expect_sums(const tile *delta, const real *sums, int64_t rows, int64_t cols)
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

/* Σ x_ij² as a kernel reports it: 1 … most times the sum, but for what rounding, overflow and squares of tiny numbers make
 * of it. */
static inline void expect_squares(double squares, int64_t rows, int64_t cols, const real *x, int64_t ld,
                                  double most)
{
    double sum = 0, lost = (double)(rows * cols) * (double)REAL_SMALLEST;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            sum += (double)x[i * ld + j] * (double)x[i * ld + j];
    if (sum > (double)REAL_MAX / 2)
        ck_assert_double_ge(squares, (double)REAL_MAX / 4);
    else if (!isnan(sum))
        ck_assert_msg(squares >= 0.999 * sum - lost && !(most < INFINITY && squares > most * sum + lost),
                      "the squares of %lld × %lld numbers: %g, not %g", (long long)rows, (long long)cols,
                      squares, sum);
}

/* Calls --------------------------------------------------------------------------------------------------- */

/* An α for the kinds that have one, unlike the usual one. */
static inline real alpha_for(int activation)
{
    return (real)(1.3 * tl_activation_kind_of(activation)->parameter.standard);
}

/* slope may be NULL. */
static inline void activate(int activation, int64_t rows, int64_t cols, int64_t ld, real alpha,
                            const real *bias, real *z, real *slope)
{
    double squares = 0;
    TL(tl_activation_args)
    x = {.rows = rows,
         .cols = cols,
         .ld = ld,
         .alpha = alpha,
         .bias = bias,
         .a = z,
         .slope = slope,
         .squares = &squares};
    kernels->activations[activation].forward(&x);
    expect_squares(squares, rows, cols, z, ld, INFINITY);
}

/* sums: MOST of them, of which as many as there are rows are written. */
static inline void differentiate(int activation, int64_t rows, int64_t cols, real alpha, tile *a, tile *slope,
                                 tile *delta, real *sums)
{
    double squares = 0;
    TL(tl_activation_args)
    x = {.rows = rows,
         .cols = cols,
         .ld = LD,
         .alpha = alpha,
         .a = a->at[0],
         .slope = slope->at[0],
         .delta = delta->at[0],
         .sums = sums,
         .squares = &squares};
    for (int i = 0; i < MOST; i++)
        sums[i] = 99;
    kernels->activations[activation].backward(&x);
    expect_squares(squares, rows, cols, delta->at[0], LD, 1.001);
}

#endif
