/* Last layers solved exactly: against closed forms, published problems, elimination in long double, and identities. */
#include <float.h>

#include "solve_support.h"

/* Data that the layer can have made: it is found again ------------------------------------------------------- */

enum { N = 300, INPUTS = 7, HIDDEN = 5, OUTPUTS = 3 };

START_TEST(what_a_layer_has_made_is_recovered)
{
    const int precision = _i % 2, orthogonal = _i / 2 % 2, without_biases = _i / 4 % 2;
    const int64_t hidden = _i / 8 % 2 * HIDDEN;
    const double tolerance = (precision == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON) * 64;
    readout_case of = {precision, INPUTS, hidden, OUTPUTS, without_biases, 0};
    talus_network *network = network_of(context, &of);
    const int64_t d = hidden > 0 ? hidden : INPUTS;
    double *x = random_array(1, N * INPUTS), *truth = random_array(2, OUTPUTS * (d + 1));
    for (int64_t i = 0; i < N * INPUTS; i++)
        x[i] = (double)(float)(x[i] + (hidden > 0 ? 0.3 : 3)); /* not about 0; exact in f32 */
    talus_matrix in = f64_view(x, N, INPUTS);
    double *h = inputs_of_last(network, &in), *y = calloc(N * OUTPUTS, sizeof *y);
    for (int64_t i = 0; i < N; i++)
        for (int64_t o = 0; o < OUTPUTS; o++) {
            y[i * OUTPUTS + o] = without_biases ? 0 : truth[OUTPUTS * d + o];
            for (int64_t j = 0; j < d; j++)
                y[i * OUTPUTS + o] += truth[o * d + j] * h[i * d + j];
        }
    talus_matrix to = f64_view(y, N, OUTPUTS);
    talus_dataset *data = dataset_of(&in, &to);
    talus_solve_result result = solve(network, data, 0, orthogonal);
    ck_assert_int_eq(result.rank, d);
    ck_assert_int_eq(result.columns, d);
    ck_assert_int_eq(result.orthogonal, orthogonal);
    ck_assert(result.refinements == 0 ? orthogonal : result.refinements <= 2);
    ck_assert_double_eq_tol(result.r2, 1, 1e-6);
    /* tanh of f32 inputs of the layer is computed to an ulp or two, of a matrix of condition κ */
    for (int64_t o = 0; o < OUTPUTS; o++) {
        for (int64_t j = 0; j < d; j++)
            ck_assert_double_eq_tol(weight_at(network, o, j), truth[o * d + j],
                                    tolerance * result.condition * result.condition);
        if (!without_biases)
            ck_assert_double_eq_tol(bias_at(network, o), truth[OUTPUTS * d + o],
                                    8 * tolerance * result.condition * result.condition);
    }
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    free(x), free(truth), free(h), free(y);
}
END_TEST

/* Ridge: (Σ s·(h−h̄)(h−h̄)ᵀ + λ·Σs·I)·w = Σ s·(h−h̄)(y−ȳ), by elimination --------------------------------------- */

static const double ridge_lambda = 0.03;

static void weigh(double *weights, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        weights[i] = (double)(i % 4) / 2; /* of which some are 0 */
}

/* w, then b, for one target. */
static void closed_form(const double *h, const double *y, const double *s, int64_t n, int64_t d,
                        long double lambda, double *solution)
{
    long double *a = calloc((size_t)(d * d), sizeof *a), *b = calloc((size_t)d, sizeof *b), sum = 0,
                mean_y = 0, *mean = calloc((size_t)d, sizeof *mean);
    for (int64_t i = 0; i < n; i++) {
        sum += s[i];
        mean_y += s[i] * y[i];
        for (int64_t j = 0; j < d; j++)
            mean[j] += s[i] * h[i * d + j];
    }
    mean_y /= sum;
    for (int64_t j = 0; j < d; j++)
        mean[j] /= sum;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < d; j++) {
            for (int64_t l = 0; l < d; l++)
                a[j * d + l] += s[i] * (h[i * d + j] - mean[j]) * (h[i * d + l] - mean[l]);
            b[j] += s[i] * (h[i * d + j] - mean[j]) * (y[i] - mean_y);
        }
    for (int64_t j = 0; j < d; j++)
        a[j * d + j] += lambda * sum;
    eliminate(a, b, d);
    solution[d] = (double)mean_y;
    for (int64_t j = 0; j < d; j++) {
        solution[j] = (double)b[j];
        solution[d] -= (double)(b[j] * mean[j]);
    }
    free(a), free(b), free(mean);
}

START_TEST(ridge_and_weights_have_the_closed_form)
{
    const int orthogonal = _i % 2, by_layer = _i / 2 % 2;
    const double lambda = _i / 4 == 0 ? 0 : ridge_lambda;
    readout_case of = {TALUS_DTYPE_F64, INPUTS, HIDDEN, 1, 0, by_layer ? lambda : 0};
    talus_network *network = network_of(context, &of);
    double *x = random_array(5, N * INPUTS), *y = random_array(6, N), weights[N], expected[HIDDEN + 1];
    weigh(weights, N);
    talus_matrix in = f64_view(x, N, INPUTS), to = f64_view(y, N, 1), w = f64_view(weights, N, 1);
    double *h = inputs_of_last(network, &in);
    talus_dataset *data = dataset_of(&in, &to);
    expect_ok(context, talus_dataset_set_weights(data, &w));
    closed_form(h, y, weights, N, HIDDEN, lambda, expected);
    talus_solve_result result = solve(network, data, by_layer ? 0 : lambda, orthogonal);
    for (int j = 0; j < HIDDEN; j++)
        ck_assert_double_eq_tol(weight_at(network, 0, j), expected[j],
                                100 * DBL_EPSILON * result.condition * largest(expected, HIDDEN + 1));
    ck_assert_double_eq_tol(bias_at(network, 0), expected[HIDDEN],
                            100 * DBL_EPSILON * result.condition * largest(expected, HIDDEN + 1));
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    free(x), free(y), free(h);
}
END_TEST

/* Systems without one solution: that of minimum norm ----------------------------------------------------------- */

/* Columns a, b, a + b, 1000·a and a constant. What is left undetermined is spanned by (1, 1, −1, 0, 0), (1000, 0, 0, −1, 0) and the
 * last axis; the solution of minimum norm stands at right angles to it. */
START_TEST(dependent_columns_give_the_minimum_norm)
{
    enum { D = 5 };
    static const double null[3][D] = {{1, 1, -1, 0, 0}, {1000, 0, 0, -1, 0}, {0, 0, 0, 0, 1}};
    readout_case of = {_i % 2, D, 0, 2, 0, 0};
    talus_network *network = network_of(context, &of);
    double *x = random_array(8, N * D), *y = random_array(9, N * 2);
    for (int64_t i = 0; i < N; i++) {
        double *row = x + i * D;
        row[0] = floor(row[0] * 1024) / 1024, row[1] = floor(row[1] * 1024) / 1024; /* sums are exact */
        row[2] = row[0] + row[1];
        row[3] = 1000 * row[0];
        row[4] = 0.1;
        y[2 * i + 1] = 2 * row[0] - 3 * row[1] + 0.5;
    }
    talus_matrix in = f64_view(x, N, D), to = f64_view(y, N, 2);
    talus_dataset *data = dataset_of(&in, &to);
    talus_solve_result result = solve(network, data, 0, _i / 2);
    const double epsilon = _i % 2 == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON;
    ck_assert_int_eq(result.rank, 2);
    ck_assert_int_eq(result.columns, D);
    ck_assert_int_eq(result.orthogonal, 1);
    for (int o = 0; o < 2; o++)
        for (int k = 0; k < 3; k++) {
            double along = 0;
            for (int j = 0; j < D; j++)
                along += null[k][j] * weight_at(network, o, j);
            ck_assert_double_eq_tol(along, 0, 1000 * 16 * epsilon);
        }
    /* 2a − 3b of what a and b get in all */
    double w[D];
    for (int j = 0; j < D; j++)
        w[j] = weight_at(network, 1, j);
    ck_assert_double_eq_tol(w[0] + w[2] + 1000 * w[3], 2, 64 * epsilon);
    ck_assert_double_eq_tol(w[1] + w[2], -3, 64 * epsilon);
    ck_assert_double_eq(w[4], 0);
    ck_assert_double_eq_tol(bias_at(network, 1), 0.5, 64 * epsilon);
    talus_solve_options options;
    talus_solve_options_defaults(&options);
    options.full_rank = 1;
    expect_status(context, TALUS_ERROR_DATA, talus_solve_readout(network, data, &options, NULL));
    expect_message(context, "solve: the inputs of the last layer must have the rank 5, got 2");
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    free(x), free(y);
}
END_TEST

/* A column that is constant, or all 0 in a layer without biases, needs no orthogonal factors. */
START_TEST(constant_columns_get_no_weight)
{
    enum { D = 4 };
    readout_case of = {TALUS_DTYPE_F64, D, 0, 1, _i, 0};
    talus_network *network = network_of(context, &of);
    double *x = random_array(8, N * D), *y = random_array(9, N);
    for (int64_t i = 0; i < N; i++)
        x[i * D + 2] = _i ? 0 : 0.7;
    talus_matrix in = f64_view(x, N, D), to = f64_view(y, N, 1);
    talus_dataset *data = dataset_of(&in, &to);
    talus_solve_result result = solve(network, data, 0, 0);
    ck_assert_int_eq(result.rank, D - 1);
    ck_assert_int_eq(result.orthogonal, 0);
    ck_assert_double_eq(weight_at(network, 0, 2), 0);
    const double by_normal[] = {weight_at(network, 0, 0), weight_at(network, 0, 1), weight_at(network, 0, 3)};
    result = solve(network, data, 0, 1);
    ck_assert_int_eq(result.rank, D - 1);
    ck_assert_double_eq(weight_at(network, 0, 2), 0);
    for (int j = 0; j < 3; j++)
        ck_assert_double_eq_tol(weight_at(network, 0, j == 2 ? 3 : j), by_normal[j], 64 * DBL_EPSILON);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    free(x), free(y);
}
END_TEST

/* Fewer samples than inputs: w = Xᵀ·(X·Xᵀ)⁻¹·y is the shortest w with X·w = y. */
START_TEST(few_samples_give_the_minimum_norm)
{
    enum { ROWS = 6, D = 11 };
    readout_case of = {TALUS_DTYPE_F64, D, 0, 1, 1, 0};
    talus_network *network = network_of(context, &of);
    double *x = random_array(18, ROWS * D), *y = random_array(19, ROWS);
    long double a[ROWS * ROWS] = {0}, b[ROWS];
    for (int i = 0; i < ROWS; i++) {
        b[i] = y[i];
        for (int k = 0; k < ROWS; k++)
            for (int j = 0; j < D; j++)
                a[i * ROWS + k] += (long double)x[i * D + j] * x[k * D + j];
    }
    eliminate(a, b, ROWS);
    talus_matrix in = f64_view(x, ROWS, D), to = f64_view(y, ROWS, 1);
    talus_dataset *data = dataset_of(&in, &to);
    talus_solve_result result = solve(network, data, 0, 0);
    ck_assert_int_eq(result.rank, ROWS);
    ck_assert_int_eq(result.orthogonal, 1);
    ck_assert_double_eq_tol(result.cost, 0, DBL_EPSILON);
    for (int j = 0; j < D; j++) {
        long double w = 0;
        for (int i = 0; i < ROWS; i++)
            w += b[i] * x[i * D + j];
        ck_assert_double_eq_tol(weight_at(network, 0, j), (double)w, 100 * DBL_EPSILON * result.condition);
    }
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    free(x), free(y);
}
END_TEST

START_TEST(one_sample_gives_its_target)
{
    readout_case of = {TALUS_DTYPE_F64, 3, 0, 1, 0, 0};
    talus_network *network = network_of(context, &of);
    const double x[] = {1, 2, 3}, y[] = {5};
    talus_matrix in = f64_view(x, 1, 3), to = f64_view(y, 1, 1);
    talus_dataset *data = dataset_of(&in, &to);
    talus_solve_result result = solve(network, data, 0, _i);
    ck_assert_int_eq(result.rank, 0);
    ck_assert_double_nan(result.condition);
    ck_assert_double_nan(result.r2);
    ck_assert_double_eq(result.cost, 0);
    for (int j = 0; j < 3; j++)
        ck_assert_double_eq(weight_at(network, 0, j), 0);
    ck_assert_double_eq(bias_at(network, 0), 5);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* Residuals and published problems ---------------------------------------------------------------------------- */

/* LAPACK's measure of least squares, ‖Hᵀr‖/(‖H‖·‖r‖·ε·max(n, d)), is to be below its own threshold of 30 (LAPACK Users' Guide, and
 * dqrt17 of its tests); here of H with the column of ones that biases have. */
START_TEST(residuals_stand_at_right_angles)
{
    static const int64_t shapes[][3] = {
        {300, 5, 1}, {1000, 40, 3}, {64, 60, 2}, {5000, 17, 4}, {700, 130, 10}};
    const int64_t n = shapes[_i % 5][0], d = shapes[_i % 5][1], k = shapes[_i % 5][2];
    readout_case of = {TALUS_DTYPE_F64, d, 0, k, 0, 0};
    talus_network *network = network_of(context, &of);
    double *x = random_array((uint64_t)_i, n * d), *y = random_array((uint64_t)_i + 77, n * k);
    for (int64_t i = 0; i < n * d; i++)
        x[i] = pow(10, (double)(i % d % 5) - 2) * (x[i] + 4);
    talus_matrix in = f64_view(x, n, d), to = f64_view(y, n, k);
    talus_dataset *data = dataset_of(&in, &to);
    (void)solve(network, data, 0, _i / 5);
    for (int64_t o = 0; o < k; o++) {
        double *r = calloc((size_t)n, sizeof *r), *w = calloc((size_t)d, sizeof *w), whole = 0, size = 0;
        const double bias = bias_at(network, o);
        for (int64_t j = 0; j < d; j++)
            w[j] = weight_at(network, o, j);
        for (int64_t i = 0; i < n; i++) {
            long double residual = y[i * k + o] - bias;
            for (int64_t j = 0; j < d; j++)
                residual -= (long double)w[j] * x[i * d + j];
            r[i] = (double)residual;
            whole += r[i] * r[i];
        }
        double most = 0;
        for (int64_t j = 0; j < d; j++) {
            long double product = 0, length = 0;
            for (int64_t i = 0; i < n; i++) {
                product += (long double)x[i * d + j] * r[i];
                length += (long double)x[i * d + j] * x[i * d + j];
            }
            most = fmax(most, fabs((double)product));
            size = fmax(size, sqrt((double)length));
        }
        ck_assert_double_lt(most / (size * sqrt(whole) * DBL_EPSILON * (double)(n > d ? n : d)), 30);
        free(r), free(w);
    }
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    free(x), free(y);
}
END_TEST

/* The BLAS makes the products where own kernels are not the faster ones: the same solution to its rounding errors, for widths that
 * fill vectors and that do not, of one batch and of several. */
START_TEST(products_of_the_blas_give_the_same_solution)
{
    static const int64_t shapes[][3] = {{40, 1, 1}, {50, 3, 2}, {300, 16, 16}, {2100, 17, 5}, {1500, 61, 33}};
    const int64_t n = shapes[_i % 5][0], d = shapes[_i % 5][1], k = shapes[_i % 5][2];
    readout_case of = {_i / 5 % 2, d, 0, k, _i / 10, 0};
    talus_context_options options;
    talus_context *plain;
    talus_context_options_defaults(&options);
    options.instruction_set = TALUS_INSTRUCTION_SET_BASELINE;
    expect_ok(NULL, talus_context_create(&options, &plain));
    double *x = random_array(51, n * d), *y = random_array(52, n * k);
    talus_matrix in = f64_view(x, n, d), to = f64_view(y, n, k);
    talus_dataset *data = dataset_of(&in, &to), *other;
    expect_ok(plain, talus_dataset_from_matrices(plain, &in, &to, &other));
    talus_network *a = network_of(context, &of), *b = network_of(plain, &of);
    talus_solve_result of_a = solve(a, data, 0, 0), of_b;
    expect_ok(plain, talus_solve_readout(b, other, NULL, &of_b));
    ck_assert_int_eq(of_a.refinements, of_b.refinements);
    ck_assert_double_eq_tol(of_a.squares / of_b.squares, 1, (double)n * DBL_EPSILON);
    ck_assert_double_eq_tol(of_a.cost_before / of_b.cost_before, 1, (double)n * DBL_EPSILON);
    const double tolerance = of.precision == TALUS_DTYPE_F32 ? FLT_EPSILON : 100 * DBL_EPSILON;
    for (int64_t o = 0; o < k; o++)
        for (int64_t j = 0; j < d; j++)
            ck_assert_double_eq_tol(weight_at(a, o, j), weight_at(b, o, j), tolerance * of_a.condition);
    talus_dataset_destroy(data);
    talus_dataset_destroy(other);
    talus_network_destroy(a);
    talus_network_destroy(b);
    talus_context_destroy(plain);
    free(x), free(y);
}
END_TEST

/* Of data that f32 holds, both precisions solve the same problem: without refinement, and with it where the residuals are small or the
 * columns nearly the same. */
START_TEST(f32_is_refined_where_that_changes_something)
{
    enum { D = 6 };
    static const double noise[] = {1, 1e-4, 1}, near[] = {1, 1, 1e-4};
    static const int steps[] = {0, 1, 1};
    const int of_case = _i % 3;
    double *x = random_array(61, N * D), *y = random_array(62, N);
    for (int64_t i = 0; i < N; i++) {
        y[i] *= noise[of_case];
        for (int j = 0; j < D; j++) {
            x[i * D + j] = (double)(float)((j == 0 ? 0 : x[i * D]) +
                                           (j == 0 ? 1 : near[of_case]) * x[i * D + j]);
            y[i] += (j + 1) * x[i * D + j];
        }
    }
    talus_matrix in = f64_view(x, N, D), to = f64_view(y, N, 1);
    talus_dataset *data = dataset_of(&in, &to);
    readout_case narrow = {TALUS_DTYPE_F32, D, 0, 1, _i / 3, 0}, wide = {TALUS_DTYPE_F64, D, 0, 1, _i / 3, 0};
    talus_network *a = network_of(context, &narrow), *b = network_of(context, &wide);
    talus_solve_result of_a = solve(a, data, 0, 0), of_b = solve(b, data, 0, 0);
    ck_assert_int_eq(of_a.orthogonal, 0);
    ck_assert_int_eq(of_a.refinements, steps[of_case]);
    ck_assert_int_ge(of_b.refinements, 1);
    ck_assert_double_eq_tol(of_a.squares / of_b.squares, 1, 1e-9);
    ck_assert_double_eq_tol(of_a.r2, of_b.r2, 1e-9);
    for (int j = 0; j < D; j++) {
        const double exact = weight_at(b, 0, j);
        ck_assert_double_eq_tol(weight_at(a, 0, j), exact, FLT_EPSILON * fabs(exact));
    }
    talus_dataset_destroy(data);
    talus_network_destroy(a);
    talus_network_destroy(b);
    free(x), free(y);
}
END_TEST

/* The digits that a number has in common with a certified one. */
static double digits(double got, double certified)
{
    return -log10(fmax(fabs(got - certified) / fabs(certified), DBL_EPSILON));
}

/* Longley's data and the certified values are those of the NIST Statistical Reference Datasets, linear regression,
 * www.itl.nist.gov/div898/strd/lls/data/Longley.shtml (J. W. Longley, JASA 62, 1967). */
START_TEST(longley_is_as_certified)
{
    static const double y[16] = {60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761,
                                 66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551};
    static const double x[16 * 6] = {
        83.0,  234289, 2356, 1590, 107608, 1947, 88.5,  259426, 2325, 1456, 108632, 1948,
        88.2,  258054, 3682, 1616, 109773, 1949, 89.5,  284599, 3351, 1650, 110929, 1950,
        96.2,  328975, 2099, 3099, 112075, 1951, 98.1,  346999, 1932, 3594, 113270, 1952,
        99.0,  365385, 1870, 3547, 115094, 1953, 100.0, 363112, 3578, 3350, 116219, 1954,
        101.2, 397469, 2904, 3048, 117388, 1955, 104.6, 419180, 2822, 2857, 118734, 1956,
        108.4, 442769, 2936, 2798, 120445, 1957, 110.8, 444546, 4681, 2637, 121950, 1958,
        112.6, 482704, 3813, 2552, 123366, 1959, 114.2, 502601, 3931, 2514, 125368, 1960,
        115.7, 518173, 4806, 2572, 127852, 1961, 116.9, 554894, 4007, 2827, 130081, 1962};
    static const double certified[7] = {15.0618722713733,  -0.358191792925910E-01, -2.02022980381683,
                                        -1.03322686717359, -0.511041056535807E-01, 1829.15146461355,
                                        -3482258.63459582};
    readout_case of = {TALUS_DTYPE_F64, 6, 0, 1, 0, 0};
    talus_network *network = network_of(context, &of);
    talus_matrix in = f64_view(x, 16, 6), to = f64_view(y, 16, 1);
    talus_dataset *data = dataset_of(&in, &to);
    talus_solve_result result = solve(network, data, 0, _i);
    ck_assert_int_eq(result.rank, 6);
    ck_assert_int_eq(result.orthogonal, _i);
    for (int j = 0; j < 6; j++)
        ck_assert_double_ge(digits(weight_at(network, 0, j), certified[j]), 10);
    ck_assert_double_ge(digits(bias_at(network, 0), certified[6]), 10);
    ck_assert_double_ge(digits(result.squares, 836424.055505915), 12);
    ck_assert_double_ge(digits(result.r2, 0.995479004577296), 12);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* Wampler's problems, of the same collection (R. H. Wampler, JASA 65, 1970): 21 points of a polynomial of degree 5 that are exact
 * integers, or nearly exact: all coefficients are 1, or 10^−j. */
START_TEST(polynomials_are_as_certified)
{
    enum { POINTS = 21, DEGREE = 5 };
    const double base = _i % 2 == 0 ? 1 : 0.1;
    double x[POINTS * DEGREE], y[POINTS];
    for (int i = 0; i < POINTS; i++) {
        long double value = 1;
        for (int j = 1; j <= DEGREE; j++) {
            x[i * DEGREE + j - 1] = pow(i, j);
            value += powl(base == 1 ? 1 : 0.1L, j) * powl(i, j);
        }
        y[i] = (double)value;
    }
    readout_case of = {TALUS_DTYPE_F64, DEGREE, 0, 1, 0, 0};
    talus_network *network = network_of(context, &of);
    talus_matrix in = f64_view(x, POINTS, DEGREE), to = f64_view(y, POINTS, 1);
    talus_dataset *data = dataset_of(&in, &to);
    talus_solve_result result = solve(network, data, 0, _i / 2);
    ck_assert_int_eq(result.rank, DEGREE);
    ck_assert_double_gt(result.condition, 1000);
    for (int j = 0; j < DEGREE; j++)
        ck_assert_double_ge(digits(weight_at(network, 0, j), pow(base, j + 1)), 8.5);
    ck_assert_double_ge(digits(bias_at(network, 0), 1), 8.5);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* Columns t + δ·tʲ with a solution that is known: the better the condition is hidden, the more digits go; no method may lose
 * more than the condition takes. δ leads through one step of refinement, two, and orthogonal factors. */
START_TEST(digits_go_with_the_condition_alone)
{
    enum { D = 6 };
    static const double near[] = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
    double *x = random_array(41, N * D), *y = calloc(N, sizeof *y);
    for (int64_t i = 0; i < N; i++) {
        for (int j = 1; j < D; j++)
            x[i * D + j] = x[i * D] + near[_i] * x[i * D + j];
        long double value = 1;
        for (int j = 0; j < D; j++)
            value += (long double)(j + 1) * x[i * D + j];
        y[i] = (double)value;
    }
    readout_case of = {TALUS_DTYPE_F64, D, 0, 1, 0, 0};
    talus_network *network = network_of(context, &of);
    talus_matrix in = f64_view(x, N, D), to = f64_view(y, N, 1);
    talus_dataset *data = dataset_of(&in, &to);
    talus_solve_result result = solve(network, data, 0, 0);
    static const int steps[] = {1, 1, 2, 0, 0};
    ck_assert_int_eq(result.rank, D);
    ck_assert_int_eq(result.orthogonal, steps[_i] == 0);
    ck_assert_int_eq(result.refinements, steps[_i]);
    for (int j = 0; j < D; j++)
        ck_assert_double_eq_tol(weight_at(network, 0, j), j + 1, 64 * DBL_EPSILON * result.condition);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    free(x), free(y);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("solve");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_loop_test(tests, what_a_layer_has_made_is_recovered, 0, 16);
    tcase_add_loop_test(tests, ridge_and_weights_have_the_closed_form, 0, 8);
    tcase_add_loop_test(tests, dependent_columns_give_the_minimum_norm, 0, 4);
    tcase_add_loop_test(tests, constant_columns_get_no_weight, 0, 2);
    tcase_add_test(tests, few_samples_give_the_minimum_norm);
    tcase_add_loop_test(tests, one_sample_gives_its_target, 0, 2);
    tcase_add_loop_test(tests, residuals_stand_at_right_angles, 0, 10);
    tcase_add_loop_test(tests, products_of_the_blas_give_the_same_solution, 0, 20);
    tcase_add_loop_test(tests, f32_is_refined_where_that_changes_something, 0, 6);
    tcase_add_loop_test(tests, longley_is_as_certified, 0, 2);
    tcase_add_loop_test(tests, polynomials_are_as_certified, 0, 4);
    tcase_add_loop_test(tests, digits_go_with_the_condition_alone, 0, 5);
    return run_suite(suite);
}
