/* Extreme eigenvalues: of operators whose spectrum is known, and of Hessians in closed form. */
#include "diagnose/tridiagonal.h"
#include "fixture.h"
#include "problem.h"

#define EPSILON 2.3e-16

/* The diagonal of an operator. */
typedef struct diagonal {
    const double *numbers;
    int64_t n, calls, fails_at;
} diagonal;

static int multiply(const talus_matrix *v, const talus_matrix *product, void *user)
{
    diagonal *d = user;
    ck_assert_int_eq(v->cols, d->n);
    if (++d->calls == d->fails_at)
        return 3;
    for (int64_t i = 0; i < d->n; i++)
        ((double *)product->data)[i] = d->numbers[i] * ((const double *)v->data)[i];
    return 0;
}

static talus_spectrum spectrum_of(const double *numbers, int64_t n, int64_t iterations, double tolerance)
{
    diagonal d = {.numbers = numbers, .n = n};
    talus_spectrum spectrum;
    expect_ok(context, talus_spectrum_of(context, multiply, &d, n, iterations, tolerance, 1, &spectrum));
    ck_assert_int_eq(d.calls, spectrum.iterations);
    return spectrum;
}

/* A second difference, 2 beside −1: the eigenvalues are 2 − 2·cos(kπ/(n + 1)), and the last component of the k-th unit
 * eigenvector is √(2/(n + 1))·sin(k·n·π/(n + 1)). */
START_TEST(tridiagonal_matrices)
{
    const double pi = 3.141592653589793;
    for (int n = 1; n <= 40; n += n < 4 ? 1 : 9) {
        double d[40], e[40], last[40];
        for (int i = 0; i < n; i++)
            d[i] = 2, e[i] = -1;
        tl_tridiagonal_eigenvalues(n, d, e, last);
        for (int k = 1; k <= n; k++) {
            double value = 2 - 2 * cos(k * pi / (n + 1)),
                   component = sin(k * n * pi / (n + 1)) * sqrt(2.0 / (n + 1));
            int found = 0;
            for (int i = 0; i < n; i++)
                if (fabs(d[i] - value) <= 16 * EPSILON * n) {
                    found++;
                    ck_assert_double_eq_tol(fabs(last[i]), fabs(component), 256 * EPSILON * n * n);
                }
            ck_assert_int_eq(found, 1);
        }
    }
    double d[3] = {3, -1, 2}, e[3] = {0, 0, 0}, last[3]; /* falls apart */
    tl_tridiagonal_eigenvalues(3, d, e, last);
    ck_assert(d[0] == 3 && d[1] == -1 && d[2] == 2 && last[2] == 1 && last[0] == 0);
    double zero[3] = {0}, none[3] = {0};
    tl_tridiagonal_eigenvalues(3, zero, none, last);
    ck_assert(zero[0] == 0 && zero[1] == 0 && zero[2] == 0);
}
END_TEST

START_TEST(diagonal_operators)
{
    enum { N = 500 };
    double numbers[N];
    for (int i = 0; i < N; i++)
        numbers[i] = 1 + (double)i / N;
    numbers[123] = -7, numbers[321] = 40;
    talus_spectrum s = spectrum_of(numbers, N, 0, 1e-10);
    ck_assert_double_eq_tol(s.largest, 40, 1e-10 * 40);
    ck_assert_double_eq_tol(s.smallest, -7, 1e-10 * 40);
    ck_assert_double_le(s.largest_bound, 1e-10 * 40);
    ck_assert_double_le(s.smallest_bound, 1e-10 * 40);
    ck_assert_int_lt(s.iterations, 100);
    ck_assert_int_eq(s.nature, TALUS_NATURE_SADDLE);
    ck_assert_int_eq(s.whole, 0);

    s = spectrum_of(numbers, N, 3, 1e-10); /* too few products: bounds that hold */
    ck_assert_int_eq(s.iterations, 3);
    ck_assert_double_le(s.largest, 40);
    ck_assert_double_ge(s.smallest, -7);
    double nearest = (double)INFINITY;
    for (int i = 0; i < N; i++)
        nearest = fmin(nearest, fabs(numbers[i] - s.largest));
    ck_assert_double_le(nearest, s.largest_bound);
}
END_TEST

/* Three eigenvalues, whatever the multiplicity, are found in three products, and then nothing is left. */
START_TEST(few_eigenvalues_need_few_products)
{
    double numbers[90];
    for (int i = 0; i < 90; i++)
        numbers[i] = i % 3 == 0 ? 5 : i % 3 == 1 ? 2 : 0.5;
    talus_spectrum s = spectrum_of(numbers, 90, 0, 1e-12);
    ck_assert_int_eq(s.iterations, 3);
    ck_assert_int_eq(s.whole, 1);
    ck_assert_double_eq_tol(s.largest, 5, 64 * EPSILON * 5);
    ck_assert_double_eq_tol(s.smallest, 0.5, 64 * EPSILON * 5);
}
END_TEST

START_TEST(natures)
{
    static const double all[][4] = {
        {1, 2, 3, 4}, {0, 1, 2, 1e-9}, {-1, 1, 2, 3}, {-1, -2, -3, 0}, {0, 0, 0, 0}};
    static const double single[] = {-3};
    for (int nature = 0; nature < TALUS_NATURE_COUNT; nature++)
        ck_assert_str_eq(talus_nature_name(spectrum_of(all[nature], 4, 0, 0).nature),
                         talus_nature_name(nature));
    talus_spectrum s = spectrum_of(single, 1, 0, 0);
    ck_assert(s.largest == -3 && s.smallest == -3 && s.nature == TALUS_NATURE_MAXIMUM && s.iterations == 1);
}
END_TEST

/* One linear layer: H = (1 … 1, x)ᵀ(…)/n for each output, here with orthogonal columns ±1 and biases, all of the length √n,
 * but the first, of length c·√n: eigenvalues c² and 1, in f64 and in f32. */
START_TEST(a_quadratic_is_known)
{
    static const double x[] = {3, 1, 3, -1, -3, 1, -3, -1}, y[] = {1, 2, 3, 4};
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        talus_layer layer = talus_dense(1, TALUS_IDENTITY);
        talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
        spec.precision = precision;
        talus_network *network = NULL;
        expect_ok(context, talus_network_create(context, &spec, &network));
        talus_workspace *workspace = workspace_of(network, 4);
        talus_spectrum s;
        expect_ok(context,
                  talus_hessian_spectrum(network, workspace, BATCH(f64_view(x, 4, 2), f64_view(y, 4, 1)), 0,
                                         precision == TALUS_DTYPE_F64 ? 1e-12 : 1e-5, 7, &s));
        double tolerance = (precision == TALUS_DTYPE_F64 ? EPSILON_64 : EPSILON_32) * 64;
        ck_assert_double_eq_tol(s.largest, 9, 9 * tolerance);
        ck_assert_double_eq_tol(s.smallest, 1, 9 * tolerance);
        ck_assert_int_eq(s.nature, TALUS_NATURE_MINIMUM);
        talus_workspace_destroy(workspace);
        talus_network_destroy(network);
    }
}
END_TEST

/* a = w₂·w₁·x with x = 1 and y = 1 at w = 0: C = ½·(w₂·w₁ + b₂ + w₂·b₁ − 1)², whose Hessian there has C_{w₁w₂} = C_{b₁w₂} = −1
 * and C_{b₂b₂} = 1: eigenvalues ±√2, 1 and 0. */
START_TEST(a_saddle_is_known)
{
    talus_layer layers[] = {talus_dense(1, TALUS_IDENTITY), talus_dense(1, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(1, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *network = NULL;
    talus_matrix theta;
    static const double one[] = {1};
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_parameters(network, &theta));
    memset(theta.data, 0, 4 * sizeof(double));
    talus_workspace *workspace = workspace_of(network, 1);
    talus_spectrum s;
    expect_ok(context, talus_hessian_spectrum(network, workspace,
                                              BATCH(f64_view(one, 1, 1), f64_view(one, 1, 1)), 0, 0, 0, &s));
    ck_assert_double_eq_tol(s.largest, sqrt(2), 64 * EPSILON);
    ck_assert_double_eq_tol(s.smallest, -sqrt(2), 64 * EPSILON);
    ck_assert_str_eq(talus_nature_name(s.nature), "saddle");
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

START_TEST(calls_are_refused_in_a_sentence)
{
    static double numbers[5] = {1, 2, 3, 4, 5};
    diagonal d = {.numbers = numbers, .n = 5};
    talus_spectrum s = {.iterations = 42};
    ck_assert_int_eq(talus_spectrum_of(NULL, multiply, &d, 5, 0, 0, 0, &s), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_spectrum_of(context, NULL, &d, 5, 0, 0, 0, &s));
    expect_message(context, "product must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_spectrum_of(context, multiply, &d, 5, 0, 0, 0, NULL));
    expect_message(context, "spectrum must not be NULL");
    expect_status(context, TALUS_ERROR_SHAPE, talus_spectrum_of(context, multiply, &d, 0, 0, 0, 0, &s));
    expect_message(context, "n must be at least 1, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_spectrum_of(context, multiply, &d, 5, -1, 0, 0, &s));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_spectrum_of(context, multiply, &d, 5, 10001, 0, 0, &s));
    expect_message(context, "iterations must be 0 … 10000, got 10001");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_spectrum_of(context, multiply, &d, 5, 0, -1, 0, &s));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_spectrum_of(context, multiply, &d, 5, 0, 1, 0, &s));
    expect_message(context, "tolerance must be at least 0 and below 1, got 1");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_spectrum_of_sized(context, multiply, &d, 5, 0, 0, 0, &s, 8));
    d.fails_at = 2;
    expect_status(context, TALUS_ERROR_STATE, talus_spectrum_of(context, multiply, &d, 5, 0, 0, 0, &s));
    expect_message(context, "the product must return 0, got 3");
    numbers[2] = NAN;
    d.fails_at = 0;
    expect_status(context, TALUS_ERROR_DATA, talus_spectrum_of(context, multiply, &d, 5, 0, 0, 0, &s));
    expect_message(context, "products must be finite");
    numbers[2] = 3;
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY, talus_spectrum_of(context, multiply, &d, 5, 0, 0, 0, &s));
        no_memory_is_left();
    }
    book.fail_at = 0;
    ck_assert_int_eq(s.iterations, 42);
}
END_TEST

START_TEST(networks_are_refused_in_a_sentence)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, 2, 3, 2, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network, 2);
    static const double numbers[4] = {1, 2, 3, 4};
    talus_matrix x = f64_view(numbers, 2, 2);
    talus_spectrum s;
    ck_assert_int_eq(talus_hessian_spectrum(network, NULL, BATCH(x, x), 0, 0, 0, &s), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_hessian_spectrum(NULL, workspace, BATCH(x, x), 0, 0, 0, &s));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_hessian_spectrum(network, workspace, BATCH(x, x), 0, 0, 0, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_hessian_spectrum(network, workspace, NULL, 0, 0, 0, &s));
    int64_t alive = book.alive;
    for (int n = 1; n <= 8; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY,
                      talus_hessian_spectrum(network, workspace, BATCH(x, x), 0, 0, 0, &s));
        ck_assert_int_eq(book.alive, alive);
    }
    book.fail_at = 0;
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spectrum");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, tridiagonal_matrices);
    tcase_add_test(tests, diagonal_operators);
    tcase_add_test(tests, few_eigenvalues_need_few_products);
    tcase_add_test(tests, natures);
    tcase_add_test(tests, a_quadratic_is_known);
    tcase_add_test(tests, a_saddle_is_known);
    tcase_add_test(tests, calls_are_refused_in_a_sentence);
    tcase_add_test(tests, networks_are_refused_in_a_sentence);
    return run_suite(suite);
}
