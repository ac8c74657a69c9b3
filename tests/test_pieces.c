/* Products of pieces against sums in double. */
#include "pieces_support.h"

#include <float.h>

#include "base/processor.h"
#include "kernels/choose.h"
#define TL_PRECISION 32
#include "kernels/kernels.h"

/* The error relative to Σ |a·b|. That of sums of at least AVERAGED products on numbers that are not negative, as XLA's tests have it
 * for the same modes; and the largest of one product, since a piece has 8 digits, so that rounding to one changes x by
 * 2^−8·x at most, to two by 2^−16·x, and what three leave out are products of second and third pieces. */
enum { AVERAGED = 31 };
static const double averaged[TL_MOST_PIECES + 1] = {0, 3e-3, 8e-6, 2e-7};
static const double of_one_product[TL_MOST_PIECES + 1] = {0, 0x1.01p-7, 0x1.9p-15, 0x1.1p-22};

static const int64_t sizes[] = {1, 2, 3, 5, 17, 31, 33, 64, 100};
enum { SIZES = sizeof sizes / sizeof sizes[0], MOST = 100, GAP = 3, LDC = MOST + GAP };

/* C = A·B and C + A·B, in the middle of an array in which nothing else changes. */
static void check_case(const tl_piece_kernels *kernels, const piece_case *x, double tolerance, bool add)
{
    static const float outside = 0x1.123456p10F, before = 0.625F;
    static float c[(MOST + 2) * LDC];
    for (int64_t at = 0; at < (MOST + 2) * LDC; at++)
        c[at] = outside;
    for (int64_t i = 0; i < x->m; i++)
        for (int64_t j = 0; j < x->n; j++)
            c[(i + 1) * LDC + 1 + j] = add ? before : NAN;
    multiply_pieces(kernels, &x->product, add, c + LDC + 1, LDC);
    for (int64_t i = 0; i < MOST + 2; i++)
        for (int64_t j = 0; j < LDC; j++) {
            const float got = c[i * LDC + j];
            if (i < 1 || i > x->m || j < 1 || j > x->n) {
                if (got != outside)
                    ck_abort_msg("%s wrote beyond C", kernels->name);
                continue;
            }
            double size, expected = product_element(x, i - 1, j - 1, &size);
            double error = fabs((double)got - expected - (add ? (double)before : 0));
            double limit = tolerance * size + (add ? FLT_EPSILON * (size + (double)before) : 0);
            if (!(error <= limit))
                ck_abort_msg("%s, %d pieces, %d x %d x %d in %d parts at (%d, %d): error %g of %g",
                             kernels->name, x->pieces, (int)x->m, (int)x->n, (int)x->k, (int)x->parts,
                             (int)i - 1, (int)j - 1, error, size);
        }
}

static void check_shape(const tl_piece_kernels *kernels, int pieces, int64_t m, int64_t n, int64_t k,
                        int64_t parts, bool turned, bool signs)
{
    const int64_t terms = k * parts;
    piece_case x = make_piece_case(kernels, pieces, m, n, k, parts, turned,
                                   signs ? signed_number : positive_number);
    double tolerance = !signs && terms >= AVERAGED
                           ? averaged[pieces]
                           : of_one_product[pieces] + FLT_EPSILON * (double)(terms - 1);
    check_case(kernels, &x, tolerance, false);
    check_case(kernels, &x, tolerance, true);
    free_piece_case(&x);
}

#ifdef TEST_IS_SLOW
enum { WAYS = 1 };
#else
enum { WAYS = 2 };
#endif

/* All sizes of C, each with up to two inner indices: short ones, several parts and several stretches. */
static void check_shapes(const tl_piece_kernels *kernels)
{
    static const int64_t inner[] = {1, 300, 2, 31, 3, 64, 5, 100, 17, 33, 700};
    enum { INNER = sizeof inner / sizeof inner[0] };
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++)
        for (int i = 0; i < SIZES; i++)
            for (int j = 0; j < SIZES; j++)
                for (int way = 0; way < WAYS; way++) {
                    const int p = (i + 4 * j + 3 * pieces + 5 * way) % INNER;
                    check_shape(kernels, pieces, sizes[i], sizes[j], inner[p], 1 + (i + p) % 3,
                                (i + j) % 2 == 0, (i + way) % 2 == 1);
                }
}

START_TEST(products_are_within_the_tolerances)
{
    for_all_piece_tables(check_shapes);
}
END_TEST

/* Root mean square of errors, relative to that of the elements. */
static double error_of(const piece_case *x, const float *c, int64_t ldc)
{
    double errors = 0, squares = 0;
    for (int64_t i = 0; i < x->m; i++)
        for (int64_t j = 0; j < x->n; j++) {
            double size, expected = product_element(x, i, j, &size);
            errors += pow((double)c[i * ldc + j] - expected, 2);
            squares += expected * expected;
        }
    return errors / squares;
}

/* Six products against one chain of f32 multiply-adds. */
static void check_against_f32(const tl_piece_kernels *kernels)
{
    static const int64_t shapes[][3] = {
        {64, 64, 31}, {48, 48, 64}, {31, 33, 100}, {32, 48, 256}, {17, 64, 784}};
    const tl_kernels_f32 *exact = tl_kernels_of(tl_processor_best(), TALUS_DTYPE_F32);
    double with_pieces = 0, with_f32 = 0;
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int sign = 0; sign < 2; sign++) {
            const int64_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2], ld = (n + 15) / 16 * 16;
            piece_case x = make_piece_case(kernels, 3, m, n, k, 1, false,
                                           sign ? signed_number : positive_number);
            float *c = calloc((size_t)(m * ld), sizeof *c), *b = calloc((size_t)(k * ld), sizeof *b);
            multiply_pieces(kernels, &x.product, false, c, ld);
            with_pieces += error_of(&x, c, ld);
            for (int64_t p = 0; p < k; p++)
                memcpy(b + p * ld, x.b + p * n, (size_t)n * sizeof *b);
            exact->product(&(tl_operands_f32){.m = m,
                                              .n = n,
                                              .k = k,
                                              .pieces = 1,
                                              .a = x.a,
                                              .row_step = k,
                                              .inner_step = 1,
                                              .b = b,
                                              .ldb = ld,
                                              .sum = TL_SUM_NEW,
                                              .c = c,
                                              .ldc = ld});
            with_f32 += error_of(&x, c, ld);
            free(b);
            free(c);
            free_piece_case(&x);
        }
    ck_assert_msg(with_pieces <= with_f32, "%s: %g is worse than %g", kernels->name, sqrt(with_pieces),
                  sqrt(with_f32));
}

START_TEST(six_products_are_no_less_exact_than_f32)
{
    for_all_piece_tables(check_against_f32);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pieces");
    add_case(suite, "pieces", products_are_within_the_tolerances, six_products_are_no_less_exact_than_f32);
    return run_suite(suite);
}
