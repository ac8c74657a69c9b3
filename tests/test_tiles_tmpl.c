/* Kernels that move, multiply and update tiles, in every instruction set that this processor runs. */
#include "kernels_tmpl.h"

void TL(add_tiles)(Suite *suite);

static const int64_t sizes[] = {1, 2, 3, 5, 6, 7, 16, 17, 31, 48, 64, 100};
#define SIZES ((int)(sizeof sizes / sizeof sizes[0]))

static real *reals(uint64_t seed, int64_t count)
{
    double *exact = random_array(seed, count);
    real *array = malloc((size_t)count * sizeof *array);
    for (int64_t i = 0; i < count; i++)
        array[i] = (real)exact[i];
    free(exact);
    return array;
}

static void check_transpose(int64_t rows, int64_t cols)
{
    int64_t ld_in = cols + 3, ld_out = rows + 2;
    real *in = reals(1, rows * ld_in), *out = reals(2, cols * ld_out), *before = reals(2, cols * ld_out);
    kernels->transpose(rows, cols, in, ld_in, out, ld_out);
    for (int64_t j = 0; j < cols; j++)
        for (int64_t i = 0; i < ld_out; i++)
            ck_assert(out[j * ld_out + i] == (i < rows ? in[i * ld_in + j] : before[j * ld_out + i]));
    free(in), free(out), free(before);
}

static void check_transposes(void)
{
    for (int i = 0; i < SIZES; i++)
        for (int j = 0; j < SIZES; j++)
            check_transpose(sizes[i], sizes[j]);
}

START_TEST(transposes)
{
    for_all_tables(check_transposes);
}
END_TEST

/* Tolerance: k roundings of sums of k products that are at most 1. */
static void check_product(int64_t m, int64_t n, int64_t k, bool transposed, int mode)
{
    int64_t columns = (n + kernels->lanes - 1) / kernels->lanes * kernels->lanes;
    int64_t lda = (transposed ? m : k) + 1, ldb = columns + 1, ldc = columns + 2;
    real *a = reals(3, lda * (transposed ? k : m)), *b = reals(4, ldb * k), *c = reals(5, ldc * m),
         *was = reals(5, ldc * m);
    kernels->product(&(TL(tl_operands)){.m = m,
                                        .n = n,
                                        .k = k,
                                        .pieces = 1,
                                        .a = a,
                                        .row_step = transposed ? 1 : lda,
                                        .inner_step = transposed ? lda : 1,
                                        .b = b,
                                        .ldb = ldb,
                                        .sum = mode,
                                        .c = c,
                                        .ldc = ldc});
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ldc; j++) {
            double sum = mode != TL_SUM_NEW ? (double)was[i * ldc + j] : 0;
            for (int64_t p = 0; p < k && j < n; p++)
                sum += (double)(transposed ? a[p * lda + i] : a[i * lda + p]) * (double)b[p * ldb + j];
            if (j < n)
                ck_assert_double_le(fabs((double)c[i * ldc + j] - sum),
                                    (double)REAL_EPSILON * (double)(k + 1) * (double)(k + 1));
            else if (j >= columns)
                ck_assert(c[i * ldc + j] == was[i * ldc + j]);
        }
    free(a), free(b), free(c), free(was);
}

static void check_products(void)
{
    for (int i = 0; i < SIZES; i++)
        for (int j = 0; j < SIZES; j++)
            for (int p = 0; p < SIZES; p += 3)
                check_product(sizes[i], sizes[j], sizes[p], (i + j) % 2, (j + p / 3) % 3);
}

START_TEST(products)
{
    for_all_tables(check_products);
}
END_TEST

/* A product with a vector, and its bits when rows are taken in other parts; what lies beyond is not touched. */
static void check_vector(int64_t m, int64_t k, bool across)
{
    int64_t ld = (across ? m : k) + 1;
    real *a = reals(3, ld * (across ? k : m)), *b = reals(4, k), *c = reals(5, m + 1),
         *parts = reals(6, m + 1);
    TL(tl_operands)
    x = {.m = m,
         .n = 1,
         .k = k,
         .pieces = 1,
         .a = a,
         .row_step = across ? 1 : ld,
         .inner_step = across ? ld : 1,
         .b = b,
         .ldb = 1,
         .c = c,
         .ldc = 1};
    real beyond = c[m];
    kernels->product_with_vector(&x);
    for (int64_t i = 0; i < m; i++) {
        double sum = 0;
        for (int64_t p = 0; p < k; p++)
            sum += (double)(across ? a[p * ld + i] : a[i * ld + p]) * (double)b[p];
        ck_assert_double_le(fabs((double)c[i] - sum),
                            (double)REAL_EPSILON * (double)(k + 1) * (double)(k + 1));
    }
    ck_assert(c[m] == beyond);
    for (int64_t first = 0; first < m; first += 5) {
        x.m = m - first < 5 ? m - first : 5;
        x.a = a + first * x.row_step, x.c = parts + first;
        kernels->product_with_vector(&x);
    }
    ck_assert_mem_eq(c, parts, (size_t)m * sizeof(real));
    free(a), free(b), free(c), free(parts);
}

static void check_vectors(void)
{
    for (int i = 0; i < SIZES; i++)
        for (int p = 0; p < SIZES; p++)
            for (int across = 0; across < 2; across++)
                check_vector(sizes[i], sizes[p], across);
    check_vector(600, 77, true);
}

START_TEST(products_with_vectors)
{
    for_all_tables(check_vectors);
}
END_TEST

/* Neither blocks of rows and columns nor pieces of the inner index change a bit. */
static void check_cuts(void)
{
    enum { M = 29, N = 64, K = 50, PIECE = 20 };
    real *a = reals(6, M * K), *b = reals(7, K * N), whole[M * N], parts[M * N], at_once[M * N];
    TL(tl_operands)
    x = {.m = M,
         .n = N,
         .k = K,
         .pieces = 1,
         .a = a,
         .row_step = K,
         .inner_step = 1,
         .b = b,
         .ldb = N,
         .c = whole,
         .ldc = N};
    kernels->product(&x);

    x.c = at_once, x.k = K / 2, x.pieces = 2, x.a_piece = K / 2, x.b_piece = K / 2 * N;
    kernels->product(&x);
    ck_assert_mem_eq(whole, at_once, sizeof whole);

    x.pieces = 1, x.n = 16;
    for (int64_t first = 0; first < K; first += PIECE)
        for (int64_t row = 0; row < M; row += 5)
            for (int64_t col = 0; col < N; col += 16) {
                x.m = M - row < 5 ? M - row : 5, x.k = K - first < PIECE ? K - first : PIECE,
                x.sum = first > 0 ? TL_SUM_CONTINUED : TL_SUM_NEW;
                x.a = a + row * K + first, x.b = b + first * N + col, x.c = parts + row * N + col;
                kernels->product(&x);
            }
    ck_assert_mem_eq(whole, parts, sizeof whole);
    free(a), free(b);
}

START_TEST(cuts_do_not_change_a_bit)
{
    for_all_tables(check_cuts);
}
END_TEST

/* A row of any type, scaled by column, read in an order. */
static void check_gather_of(int dtype, int64_t cols)
{
    enum { ROWS = 9 };
    static const int64_t order[] = {7, 0, 8, 3};
    double *exact = random_array(8, ROWS * (cols + 1)), *scale = random_array(9, cols),
           *shift = random_array(10, cols);
    void *data = malloc((size_t)(ROWS * (cols + 1)) * sizeof(double));
    for (int64_t i = 0; i < ROWS * (cols + 1); i++) {
        exact[i] = dtype == TALUS_DTYPE_U8 ? floor(fabs(exact[i]) * 255) : (double)(float)exact[i];
        if (dtype == TALUS_DTYPE_U8)
            ((uint8_t *)data)[i] = (uint8_t)exact[i];
        else if (dtype == TALUS_DTYPE_F32)
            ((float *)data)[i] = (float)exact[i];
        else
            ((double *)data)[i] = exact[i];
    }
    for (int scaled = 0; scaled < 3; scaled++) { /* not; by one pair; by column */
        tl_source source = {
            .matrix = {data, dtype, ROWS, cols, cols + 1}, .rows = order, .scale_step = scaled == 2};
        if (scaled > 0)
            source.shift = shift, source.scale = scale;
        real *out = reals(11, 3 * cols);
        double squares = 1, sum = 1;
        ck_assert(kernels->gather(&source, 1, 3, out, cols, &squares));
        for (int64_t e = 0; e < 3 * cols; e++)
            sum += (double)out[e] * (double)out[e];
        ck_assert_double_le(fabs(squares - sum), (double)REAL_EPSILON * sum * (double)(cols + 3));
        for (int64_t i = 0; i < 3; i++)
            for (int64_t j = 0; j < cols; j++) {
                int64_t at = scaled == 2 ? j : 0;
                double x = exact[order[1 + i] * (cols + 1) + j];
                double expected = scaled > 0 ? (x - shift[at]) * scale[at] : x;
                double size = scaled > 0 ? (fabs(x) + fabs(shift[at])) * fabs(scale[at]) : fabs(x);
                ck_assert_double_le(fabs((double)out[i * cols + j] - expected),
                                    3 * (double)REAL_EPSILON * size);
            }
        free(out);
    }
    free(exact), free(scale), free(shift), free(data);
}

static void check_gathers(void)
{
    for (int i = 0; i < SIZES; i++)
        for (int dtype = TALUS_DTYPE_F32; dtype <= TALUS_DTYPE_U8; dtype++)
            check_gather_of(dtype, sizes[i]);
    check_gather_of(TALUS_DTYPE_F64, 600); /* several chunks of columns */
}

START_TEST(gathers)
{
    for_all_tables(check_gathers);
}
END_TEST

static void check_finiteness(void)
{
    double x[300] = {0};
    real out[300];
    double squares = 0;
    tl_source source = {.matrix = {x, TALUS_DTYPE_F64, 1, 300, 300}};
    for (int j = 0; j < 300; j += 13) {
        static const double bad[] = {NAN, INFINITY, -INFINITY};
        for (int i = 0; i < 3; i++) {
            x[j] = bad[i];
            ck_assert(!kernels->gather(&source, 0, 1, out, 300, &squares));
        }
        x[j] = (double)REAL_MAX;
        ck_assert(kernels->gather(&source, 0, 1, out, 300, &squares)); /* though its square is infinite */
        x[j] = 0;
    }
}

START_TEST(gather_sees_what_is_not_finite)
{
    for_all_tables(check_finiteness);
}
END_TEST

static void check_scatter(void)
{
    real in[3 * 7];
    float single[5 * 6];
    double twice[5 * 6];
    for (int i = 0; i < 21; i++)
        in[i] = (real)i;
    for (int i = 0; i < 30; i++)
        single[i] = -1, twice[i] = -1;
    talus_matrix to_single = {single, TALUS_DTYPE_F32, 5, 5, 6}, to_twice = {twice, TALUS_DTYPE_F64, 5, 5, 6};
    kernels->scatter(&to_single, 2, 3, in, 7);
    kernels->scatter(&to_twice, 2, 3, in, 7);
    for (int i = 0; i < 30; i++) {
        double expected = i / 6 >= 2 && i % 6 < 5 ? (i / 6 - 2) * 7 + i % 6 : -1;
        ck_assert_double_eq((double)single[i], expected);
        ck_assert_double_eq(twice[i], expected);
    }
}

START_TEST(scatters)
{
    for_all_tables(check_scatter);
}
END_TEST

void TL(add_tiles)(Suite *suite)
{
    add_case(suite, TL_PRECISION == 32 ? "tiles f32" : "tiles f64", transposes, products,
             products_with_vectors, cuts_do_not_change_a_bit, gathers, gather_sees_what_is_not_finite,
             scatters);
}
