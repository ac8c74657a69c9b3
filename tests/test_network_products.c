/* A·v of the squares of a network, A = Jᵀ·J, by a pass forward and one back: against A itself, over all that a network may have; and
 * steps by conjugate gradients that are made of it. */
#include "network_squares_support.h"
#include "optimize/gauss_newton_cg.h"

/* A of J's rows, whole. */
static void normal_of(squares_bench *b, double *a, double *g)
{
    double cost;
    expect_ok(context, tl_network_squares_evaluate(&b->squares, b->theta, &cost));
    expect_ok(context, tl_network_squares_normal(&b->squares, b->theta, a, g));
    for (int64_t i = 0; i < b->n; i++)
        for (int64_t j = i + 1; j < b->n; j++)
            a[i * b->n + j] = a[j * b->n + i];
}

static void multiply(int64_t n, const double *a, const double *v, double *to, double *size)
{
    for (int64_t i = 0; i < n; i++) {
        to[i] = size[i] = 0;
        for (int64_t j = 0; j < n; j++) {
            to[i] += a[i * n + j] * v[j];
            size[i] += fabs(a[i * n + j] * v[j]);
        }
    }
}

/* Every case in each precision, with one pass for all samples and in blocks of few. */
START_TEST(products_are_those_with_the_rows)
{
    static double a[256 * 256], g[256], wanted[256], size[256], found[256], again[256];
    const squares_case *c = &squares_cases[_i];
    for (int precision = 0; precision < 2; precision++)
        for (int few = 0; few < 2; few++) {
            squares_bench rows, products;
            open_squares(&rows, context, c, precision, false, false);
            normal_of(&rows, a, g);
            multiply(rows.n, a, rows.v, wanted, size);
            open_squares(&products, context, c, precision, true, few);
            ck_assert_int_eq(products.squares.reach, few                  ? FEW
                                                     : c->with & STREAMED ? products.squares.samples
                                                                          : N);
            tl_network_squares *q = &products.squares;
            expect_ok(context, tl_network_squares_product(q, rows.theta, rows.v, found));
            expect_ok(context, tl_network_squares_product(q, rows.theta, rows.v, again));
            same_bytes(found, again, (size_t)rows.n * sizeof *found);
            const double eps = precision == TALUS_DTYPE_F64 ? 0x1p-52 : 0x1p-23;
            double most = largest(size, rows.n);
            for (int64_t i = 0; i < rows.n; i++)
                ck_assert_msg(fabs(found[i] - wanted[i]) <= 64 * eps * most, "%s, %d of %d: %g, not %g",
                              c->name, (int)i, precision, found[i], wanted[i]);
            close_squares(&products);
            close_squares(&rows);
        }
}
END_TEST

/* Sums of tiles are what rows give: g, and the diagonal of A. */
START_TEST(gradients_are_those_with_the_rows)
{
    static double a[256 * 256], g[256], found[256], diagonal[256];
    const squares_case *c = &squares_cases[_i];
    for (int precision = 0; precision < 2; precision++)
        for (int few = 0; few < 2; few++) {
            squares_bench rows, sums;
            open_squares(&rows, context, c, precision, false, false);
            normal_of(&rows, a, g);
            open_squares(&sums, context, c, precision, true, few);
            expect_ok(context, tl_network_squares_gradient(&sums.squares, rows.theta, diagonal, found));
            const double size = largest(g, rows.n);
            for (int64_t i = 0; i < rows.n; i++) {
                const double square = a[i * rows.n + i];
                ck_assert_double_le(fabs(found[i] - g[i]), 4 * N * OUTPUTS * 0x1p-52 * (1 + size));
                ck_assert_double_le(fabs(diagonal[i] - square), 4 * N * OUTPUTS * 0x1p-52 * square);
            }
            close_squares(&sums);
            close_squares(&rows);
        }
}
END_TEST

/* Costs are evaluated elsewhere between products at a point; what the workspace holds then is not taken for that point's. */
START_TEST(other_points_between_products_do_not_matter)
{
    double before[256], after[256], elsewhere[256], cost, g[256], diagonal[256];
    squares_bench b;
    open_squares(&b, context, &squares_cases[1], TALUS_DTYPE_F64, true, false);
    expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, before));
    for (int64_t i = 0; i < b.n; i++)
        elsewhere[i] = b.theta[i] + 1;
    expect_ok(context, tl_network_squares_evaluate(&b.squares, elsewhere, &cost));
    expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, after));
    same_bytes(before, after, (size_t)b.n * sizeof *before);
    expect_ok(context, tl_network_squares_gradient(&b.squares, elsewhere, diagonal, g));
    expect_ok(context, tl_network_squares_product(&b.squares, elsewhere, b.v, after));
    ck_assert_double_gt(largest_difference(before, after, b.n), 1e-6);
    close_squares(&b);
}
END_TEST

/* A is linear, in numbers that f32 does not have, too: powers of two scale without rounding. A vector of zeros gives zeros, and one
 * that is not finite no number, but no error. */
START_TEST(vectors_of_any_size)
{
    double once[256], scaled[256], v[256];
    for (int precision = 0; precision < 2; precision++) {
        squares_bench b;
        open_squares(&b, context, &squares_cases[1], precision, true, false);
        expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, once));
        for (int power = -300; power <= 300; power += 100) {
            for (int64_t i = 0; i < b.n; i++)
                v[i] = ldexp(b.v[i], power);
            expect_ok(context, tl_network_squares_product(&b.squares, b.theta, v, scaled));
            for (int64_t i = 0; i < b.n; i++)
                ck_assert_double_eq(ldexp(once[i], power), scaled[i]);
        }
        memset(v, 0, sizeof v);
        expect_ok(context, tl_network_squares_product(&b.squares, b.theta, v, scaled));
        ck_assert_double_eq(largest(scaled, b.n), 0);
        v[1] = INFINITY;
        expect_ok(context, tl_network_squares_product(&b.squares, b.theta, v, scaled));
        ck_assert(isnan(scaled[0]));
        close_squares(&b);
    }
}
END_TEST

/* Where J·v is beyond f32, the product is no number. */
START_TEST(products_that_overflow_are_no_numbers)
{
    double found[256];
    squares_bench b;
    open_squares(&b, context, &squares_cases[0], TALUS_DTYPE_F32, true, false);
    for (int64_t i = 0; i < b.n; i++)
        b.theta[i] = 3e38, b.v[i] = 1;
    talus_status status = tl_network_squares_product(&b.squares, b.theta, b.v, found);
    ck_assert_int_eq(status, TALUS_OK);
    ck_assert(isnan(found[0]));
    close_squares(&b);
}
END_TEST

/* x of A·x = b by Cholesky's factors, in plain loops; A (n × n) is overwritten. */
static void solve(int64_t n, double *a, double *b)
{
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = j; i < n; i++) {
            double sum = a[i * n + j];
            for (int64_t k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
        }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < i; k++)
            b[i] -= a[i * n + k] * b[k];
        b[i] /= a[i * n + i];
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        for (int64_t k = i + 1; k < n; k++)
            b[i] -= a[k * n + i] * b[k];
        b[i] /= a[i * n + i];
    }
}

/* Conjugate gradients solve (A + μ·D²)·Δ = −g: with weights, missing targets, scaled targets, penalties. */
START_TEST(steps_are_those_of_the_whole_matrix)
{
    static double a[256 * 256], g[256], diagonal[256], d[256], room[4 * 256], delta[256], exact[256];
    const double mu = 1e-2;
    const squares_case *c = &squares_cases[_i];
    squares_bench rows, b;
    open_squares(&rows, context, c, TALUS_DTYPE_F64, false, false);
    open_squares(&b, context, c, TALUS_DTYPE_F64, true, _i % 2 == 1);
    const int64_t n = b.n;
    normal_of(&rows, a, g);
    for (int64_t i = 0; i < n; i++)
        exact[i] = -g[i], d[i] = sqrt(a[i * n + i]) + 1e-3, a[i * n + i] += mu * d[i] * d[i];
    solve(n, a, exact);
    expect_ok(context, tl_network_squares_gradient(&b.squares, b.theta, diagonal, g));
    const tl_squares squares = {.context = context,
                                .name = "test",
                                .n = n,
                                .user = &b.squares,
                                .product = tl_network_squares_product};
    const tl_cg cg = {.squares = &squares,
                      .n = n,
                      .x = b.theta,
                      .d = d,
                      .diagonal = diagonal,
                      .slope = g,
                      .r = room,
                      .z = room + 256,
                      .p = room + 512,
                      .q = room + 768};
    expect_ok(context, tl_cg_solve(&cg, mu, 1e-13, 20 * n, delta));
    ck_assert_double_gt(largest(exact, n), 1e-3);
    ck_assert_msg(largest_difference(delta, exact, n) <= 1e-9 * largest(exact, n), "%s: apart by %g of %g",
                  c->name, largest_difference(delta, exact, n), largest(exact, n));
    close_squares(&rows);
    close_squares(&b);
}
END_TEST

START_TEST(bits_do_not_depend_on_the_threads)
{
    static double first[3 * 256], found[3 * 256];
    for (int precision = 0; precision < 2; precision++)
        for (int threads = 1; threads <= 4; threads++) {
            squares_bench b;
            talus_context *of = context_with(threads, NULL);
            open_squares(&b, of, &squares_cases[3], precision, true, false);
            double *to = threads == 1 ? first : found;
            expect_ok(of, tl_network_squares_gradient(&b.squares, b.theta, to, to + 256));
            expect_ok(of, tl_network_squares_product(&b.squares, b.theta, b.v, to + 512));
            if (threads > 1)
                same_bytes(first, found, sizeof first);
            close_squares(&b);
            talus_context_destroy(of);
        }
}
END_TEST

/* No iteration allocates. */
START_TEST(products_take_no_memory)
{
    double found[256];
    squares_bench b;
    open_squares(&b, context, &squares_cases[1], TALUS_DTYPE_F64, true, false);
    const int64_t calls = book.calls;
    refuse_from_now(&book, 1);
    expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, found));
    expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, found));
    ck_assert_int_eq(book.calls, calls);
    book.fail_at = 0;
    close_squares(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network_products");
    TCase *all = case_with(suite, begin_squares, end_counted);
    tcase_add_loop_test(all, products_are_those_with_the_rows, 0, squares_case_count);
    tcase_add_loop_test(all, gradients_are_those_with_the_rows, 0, squares_case_count);
    tcase_add_test(all, other_points_between_products_do_not_matter);
    tcase_add_test(all, vectors_of_any_size);
    tcase_add_test(all, products_that_overflow_are_no_numbers);
    tcase_add_loop_test(all, steps_are_those_of_the_whole_matrix, 0, squares_case_count);
    tcase_add_test(all, bits_do_not_depend_on_the_threads);
    tcase_add_test(all, products_take_no_memory);
    return run_suite(suite);
}
