/* Jacobians, their products and second derivatives: identities between them, closed forms, precisions, and the same bits on any
 * threads. */
#include "derivative_support.h"

#define EPSILON    2.220446049250313e-16
#define EPSILON_32 1.2e-7
#define C_SUMS     16.0 /* two ways to the same sums: c·ε·(the length of all of them) of the largest */
#define C_SINGLE   16.0 /* f32 against f64: also every layer's input is rounded */

static const point_spec networks[] = {
    {.n = 9, .inputs = 3, .widths = {5, 6, 4}, .hidden = TALUS_TANH},
    {.n = 9, .inputs = 8, .widths = {5, 6, 2}, .hidden = TALUS_GELU, .scaled = 1},
    {.n = 33, .inputs = 4, .widths = {17, 31, 5}, .hidden = TALUS_ELU, .last = TALUS_PRELU},
    {.n = 40, .inputs = 5, .widths = {9, 7, 6}, .hidden = TALUS_SILU, .ranges = 1, .max_batch = 16},
    {.n = 7, .inputs = 30, .widths = {9, 7, 6}, .hidden = TALUS_SINE, .ranges = 1, .scaled = 1, .clip = 1},
    {.n = 50,
     .inputs = 3,
     .widths = {6, 8, 4},
     .hidden = TALUS_PRELU,
     .last = TALUS_TANH,
     .normalization = TALUS_NORMALIZATION_BATCH,
     .normalizes_last = 1},
    {.n = 50,
     .inputs = 12,
     .widths = {6, 8, 4},
     .hidden = TALUS_SOFTMAX,
     .normalization = TALUS_NORMALIZATION_LAYER,
     .normalizes_last = 1},
    {.n = 1, .inputs = 70, .widths = {5, 6, 90}, .hidden = TALUS_SOFTPLUS, .last = TALUS_SOFTMAX},
    {.n = 2, .inputs = 300, .widths = {5, 6, 3}, .hidden = TALUS_SOFTPLUS},
    {.n = 9, .inputs = 40, .widths = {5, 6, 50}, .hidden = TALUS_SOFTPLUS, .clip = 1},
    {.n = 9, .inputs = 4, .raw = 6, .widths = {5, 6, 7}, .hidden = TALUS_SOFTPLUS, .clip = 1},
    {.n = 9, .inputs = 40, .raw = 60, .widths = {5, 6, 2}, .hidden = TALUS_SOFTPLUS, .scaled = 1},
    {.n = 200, .inputs = 3, .widths = {8, 6, 2}, .hidden = TALUS_TANH, .plan = TILE_BY_TILE},
};
enum { NETWORKS = sizeof networks / sizeof *networks };

static point network_number(int i)
{
    point_spec spec = networks[i];
    spec.precision = TALUS_DTYPE_F64;
    return make_point(&spec);
}

static double share_of(const point *p)
{
    return C_SUMS * EPSILON * (double)(p->longest + p->inputs + p->outputs);
}

/* The unit vector e_j of every sample, n × count. */
static double *units(const point *p, int64_t count, int64_t j)
{
    double *vectors = calloc((size_t)(p->spec.n * count), sizeof *vectors);
    for (int64_t i = 0; i < p->spec.n; i++)
        vectors[i * count + j] = 1;
    return vectors;
}

/* The columns of J are J·e_j, its rows Jᵀ·e_k. */
START_TEST(jacobians_are_products_with_unit_vectors)
{
    point p = network_number(_i);
    const int64_t inputs = p.inputs, outputs = p.outputs, n = p.spec.n;
    double *jacobian = jacobian_of(&p), *columns = calloc((size_t)(n * outputs * inputs), sizeof(double)),
           *rows = calloc((size_t)(n * outputs * inputs), sizeof(double));
    for (int64_t j = 0; j < inputs; j++) {
        double *v = units(&p, inputs, j), *product = product_of(&p, v);
        for (int64_t i = 0; i < n * outputs; i++)
            columns[i * inputs + j] = product[i];
        free(v), free(product);
    }
    for (int64_t k = 0; k < outputs; k++) {
        double *u = units(&p, outputs, k), *product = transposed_product_of(&p, u);
        for (int64_t i = 0; i < n; i++)
            memcpy(rows + (i * outputs + k) * inputs, product + i * inputs, (size_t)inputs * sizeof *rows);
        free(u), free(product);
    }
    expect_near("columns", columns, jacobian, n * outputs * inputs, share_of(&p));
    expect_near("rows", rows, jacobian, n * outputs * inputs, share_of(&p));
    free(jacobian), free(columns), free(rows);
    free_point(&p);
}
END_TEST

static void expect_same_sum(const char *name, const double *a, const double *b, int64_t left_count,
                            const double *c, const double *d, int64_t right_count, double share)
{
    double left = 0, right = 0, size = 0;
    for (int64_t i = 0; i < left_count; i++)
        left += a[i] * b[i], size += fabs(a[i] * b[i]);
    for (int64_t i = 0; i < right_count; i++)
        right += c[i] * d[i], size += fabs(c[i] * d[i]);
    ck_assert_msg(fabs(left - right) <= share * size && size > 0, "%s: %g beside %g of %g", name, left, right,
                  size);
}

/* ⟨u, J·v⟩ = ⟨Jᵀ·u, v⟩ */
START_TEST(products_are_transposed_to_each_other)
{
    point p = network_number(_i);
    const int64_t outputs = p.spec.n * p.outputs, inputs = p.spec.n * p.inputs;
    double *u = random_array(41, outputs), *v = random_array(42, inputs),
           *theta = random_array(43, p.parameters), *jv = product_of(&p, v),
           *ju = transposed_product_of(&p, u), *jt = parameter_product_of(&p, theta),
           *jtu = parameter_transposed_product_of(&p, u);
    expect_same_sum("inputs", u, jv, outputs, ju, v, inputs, share_of(&p));
    expect_same_sum("parameters", u, jt, outputs, jtu, theta, p.parameters, share_of(&p));
    free(u), free(v), free(theta), free(jv), free(ju), free(jt), free(jtu);
    free_point(&p);
}
END_TEST

START_TEST(laplacians_are_sums_of_diagonals)
{
    point p = network_number(_i);
    double *second = second_of(&p), *laplacian = laplacian_of(&p);
    const int64_t count = p.spec.n * p.outputs;
    double *sums = calloc((size_t)count, sizeof *sums);
    for (int64_t i = 0; i < count * p.inputs; i++)
        sums[i / p.inputs] += second[i];
    const double error = largest_difference(laplacian, sums, count), size = largest(second, count * p.inputs);
    ck_assert_msg(error <= share_of(&p) * (double)p.inputs * size, "%g beside %g", error, size);
    free(second), free(laplacian), free(sums);
    free_point(&p);
}
END_TEST

/* Where the residual is 0, the Hessian of the mean of ½·‖a − y‖² is JᵀJ/n. */
START_TEST(the_hessian_at_no_residual_is_that_of_gauss_and_newton)
{
    static const int normalizations[] = {TALUS_NORMALIZATION_NONE, TALUS_NORMALIZATION_LAYER};
    for (int i = 0; i < 2; i++)
        for (int f = 0; f < 2; f++) {
            point p = make_point(&(point_spec){.n = 20,
                                               .inputs = 4,
                                               .widths = {7, 6, 3},
                                               .hidden = f == 0 ? TALUS_TANH : TALUS_PRELU,
                                               .last = f == 0 ? TALUS_SOFTMAX : TALUS_SINE,
                                               .normalization = normalizations[i],
                                               .precision = TALUS_DTYPE_F64});
            double *y = random_array(50, 20 * 3), *v = random_array(51, p.parameters),
                   *hessian = random_array(52, p.parameters);
            talus_matrix x = points_of(&p), targets = rows_view(y, 20, 3),
                         from = rows_view(v, 1, p.parameters), to = rows_view(hessian, 1, p.parameters);
            expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &targets));
            expect_ok(p.context,
                      talus_hessian_product(p.network, p.workspace, BATCH(x, targets), &from, &to));
            double *jv = parameter_product_of(&p, v), *jjv = parameter_transposed_product_of(&p, jv);
            for (int64_t k = 0; k < p.parameters; k++)
                jjv[k] /= 20;
            expect_near("Gauss and Newton", jjv, hessian, p.parameters, share_of(&p));
            free(y), free(v), free(hessian), free(jv), free(jjv);
            free_point(&p);
        }
}
END_TEST

/* Closed forms ------------------------------------------------------------------------------------------------ */

/* The parameters of a network in f64. */
static double *parameters_of(const point *p)
{
    talus_matrix theta;
    expect_ok(p->context, talus_network_parameters(p->network, &theta));
    return theta.data;
}

/* J = W_2·W_1, and nothing is curved. */
START_TEST(of_a_linear_network)
{
    for (int tall = 0; tall < 2; tall++) {
        const int64_t inputs = tall ? 9 : 2, outputs = tall ? 2 : 9, hidden = 4;
        point p = make_point(&(point_spec){
            .n = 5, .inputs = inputs, .widths = {hidden, outputs}, .precision = TALUS_DTYPE_F64});
        const double *first = parameters_of(&p), *second = first + hidden * (inputs + 1);
        double *jacobian = jacobian_of(&p), *curved = second_of(&p), *laplacian = laplacian_of(&p),
               *expected = calloc((size_t)(5 * outputs * inputs), sizeof *expected);
        for (int64_t i = 0; i < 5 * outputs * inputs; i++)
            for (int64_t h = 0; h < hidden; h++)
                expected[i] += second[i / inputs % outputs * hidden + h] * first[h * inputs + i % inputs];
        expect_near("product of weights", jacobian, expected, 5 * outputs * inputs, share_of(&p));
        ck_assert_double_eq(largest(curved, 5 * outputs * inputs), 0);
        ck_assert_double_eq(largest(laplacian, 5 * outputs), 0);
        free(jacobian), free(curved), free(laplacian), free(expected);
        free_point(&p);
    }
}
END_TEST

/* One unit u = f(w·x + b): ∂u/∂x_j = f′·w_j, ∂²u/∂x_j² = f″·w_j² and Δu = f″·‖w‖². Of sin f″ = −f, of exp(−z²) (4z² − 2)·f, of
 * tanh −2·f·(1 − f²), of exp f. */
START_TEST(of_one_unit)
{
    static const int kinds[] = {TALUS_SINE, TALUS_GAUSSIAN, TALUS_TANH, TALUS_EXPONENTIAL};
    enum { N = 11, D = 3 };
    for (int k = 0; k < 4; k++) {
        point p = make_point(&(point_spec){
            .n = N, .inputs = D, .widths = {1}, .last = kinds[k], .precision = TALUS_DTYPE_F64});
        const double *w = parameters_of(&p), b = w[D], square = w[0] * w[0] + w[1] * w[1] + w[2] * w[2];
        double *jacobian = jacobian_of(&p), *second = second_of(&p), *laplacian = laplacian_of(&p),
               slopes[N * D], curves[N * D], sums[N];
        for (int i = 0; i < N; i++) {
            const double z = w[0] * p.x[i * D] + w[1] * p.x[i * D + 1] + w[2] * p.x[i * D + 2] + b;
            const double f[] = {sin(z), exp(-z * z), tanh(z), exp(z)};
            const double slope[] = {cos(z), -2 * z * f[1], 1 - f[2] * f[2], f[3]};
            const double curve[] = {-f[0], (4 * z * z - 2) * f[1], -2 * f[2] * slope[2], f[3]};
            for (int j = 0; j < D; j++) {
                slopes[i * D + j] = slope[k] * w[j];
                curves[i * D + j] = curve[k] * w[j] * w[j];
            }
            sums[i] = curve[k] * square;
        }
        expect_near("slopes", jacobian, slopes, N * D, share_of(&p));
        expect_near("curves", second, curves, N * D, share_of(&p));
        expect_near("laplacian", laplacian, sums, N, share_of(&p));
        free(jacobian), free(second), free(laplacian);
        free_point(&p);
    }
}
END_TEST

/* a = softmax x: ∂a_k/∂x_j = a_k·([k = j] − a_j),  ∂²a_k/∂x_j² = a_k·(([k = j] − a_j)² − a_j·(1 − a_j)) */
START_TEST(of_a_softmax)
{
    enum { N = 6, D = 4 };
    point p = make_point(&(point_spec){
        .n = N, .inputs = D, .widths = {D}, .last = TALUS_SOFTMAX, .precision = TALUS_DTYPE_F64});
    double *theta = parameters_of(&p), a[N * D], slopes[N * D * D], curves[N * D * D];
    for (int64_t i = 0; i < p.parameters; i++)
        theta[i] = i < D * D && i % (D + 1) == 0 ? 1 : 0;
    const talus_matrix x = points_of(&p), to = rows_view(a, N, D);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &to));
    for (int i = 0; i < N * D * D; i++) {
        const double a_k = a[i / D], a_j = a[i / D / D * D + i % D],
                     apart = (i / D % D == i % D ? 1 : 0) - a_j;
        slopes[i] = a_k * apart;
        curves[i] = a_k * (apart * apart - a_j * (1 - a_j));
    }
    double *jacobian = jacobian_of(&p), *second = second_of(&p);
    expect_near("slopes", jacobian, slopes, N * D * D, share_of(&p));
    expect_near("curves", second, curves, N * D * D, share_of(&p));
    free(jacobian), free(second);
    free_point(&p);
}
END_TEST

/* Straight pieces have no curvature, however deep. */
START_TEST(of_straight_pieces)
{
    static const int kinds[] = {TALUS_IDENTITY,  TALUS_RELU,         TALUS_LEAKY_RELU,
                                TALUS_HARD_TANH, TALUS_HARD_SIGMOID, TALUS_PRELU};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        point p = make_point(&(point_spec){
            .n = 9, .inputs = 3, .widths = {8, 7, 2}, .hidden = kinds[k], .precision = TALUS_DTYPE_F64});
        double *jacobian = jacobian_of(&p), *second = second_of(&p), *laplacian = laplacian_of(&p);
        ck_assert_double_gt(largest(jacobian, 9 * 2 * 3), 0);
        ck_assert_double_eq(largest(second, 9 * 2 * 3), 0);
        ck_assert_double_eq(largest(laplacian, 9 * 2), 0);
        free(jacobian), free(second), free(laplacian);
        free_point(&p);
    }
}
END_TEST

/* Precisions and threads -------------------------------------------------------------------------------------- */

enum { RESULTS = 7 };

/* All results one after the other; sizes receives how many numbers each has. */
static double *all_of(const point *p, int64_t sizes[RESULTS])
{
    const int64_t n = p->spec.n;
    double *u = random_array(61, n * p->outputs), *v = random_array(62, n * p->inputs),
           *theta = random_array(63, p->parameters);
    for (int64_t i = 0; i < p->parameters; i++)
        theta[i] = (double)(float)theta[i];
    double *found[RESULTS] = {jacobian_of(p),
                              second_of(p),
                              laplacian_of(p),
                              product_of(p, v),
                              transposed_product_of(p, u),
                              parameter_product_of(p, theta),
                              parameter_transposed_product_of(p, u)};
    const int64_t of_outputs = n * p->outputs, counts[RESULTS] = {of_outputs * p->inputs,
                                                                  of_outputs * p->inputs,
                                                                  of_outputs,
                                                                  of_outputs,
                                                                  n * p->inputs,
                                                                  of_outputs,
                                                                  p->parameters};
    double *all = malloc(
        (size_t)(2 * of_outputs * p->inputs + 3 * of_outputs + n * p->inputs + p->parameters) * sizeof *all);
    int64_t at = 0;
    for (int r = 0; r < RESULTS; r++) {
        memcpy(all + at, found[r], (size_t)counts[r] * sizeof *all);
        at += sizes[r] = counts[r];
        free(found[r]);
    }
    free(u), free(v), free(theta);
    return all;
}

START_TEST(precisions_agree)
{
    static const char *const names[RESULTS] = {"J", "second", "laplacian", "J·v", "Jᵀ·u", "by θ", "to θ"};
    double *found[2];
    int64_t sizes[RESULTS], longest = 0;
    for (int precision = 0; precision < 2; precision++) {
        point_spec spec = networks[_i];
        spec.precision = precision;
        point p = make_point(&spec);
        found[precision] = all_of(&p, sizes);
        longest = p.longest + p.inputs + p.outputs;
        free_point(&p);
    }
    for (int64_t r = 0, at = 0; r < RESULTS; at += sizes[r++])
        expect_near(names[r], found[TALUS_DTYPE_F32] + at, found[TALUS_DTYPE_F64] + at, sizes[r],
                    C_SINGLE * EPSILON_32 * (double)longest);
    free(found[0]), free(found[1]);
}
END_TEST

/* Large enough to be shared. */
START_TEST(threads_do_not_matter)
{
    for (int precision = 0; precision < 2; precision++) {
        double *first = NULL;
        for (int threads = 1; threads <= 4; threads++) {
            point p = make_point(&(point_spec){.n = 260,
                                               .inputs = 70,
                                               .widths = {130, 67, 5},
                                               .hidden = TALUS_TANH,
                                               .last = TALUS_SOFTMAX,
                                               .normalization = TALUS_NORMALIZATION_LAYER,
                                               .precision = precision,
                                               .threads = threads});
            int64_t sizes[RESULTS], count = 0;
            double *found = all_of(&p, sizes);
            for (int r = 0; r < RESULTS; r++)
                count += sizes[r];
            if (first == NULL)
                first = found;
            else
                ck_assert_int_eq(memcmp(found, first, (size_t)count * sizeof *found), 0);
            if (first != found)
                free(found);
            free_point(&p);
        }
        free(first);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jacobian");
    add_case(suite, "closed forms", of_a_linear_network, of_one_unit, of_a_softmax, of_straight_pieces,
             the_hessian_at_no_residual_is_that_of_gauss_and_newton, threads_do_not_matter);
    TCase *identities = case_with(suite, NULL, NULL);
    tcase_add_loop_test(identities, jacobians_are_products_with_unit_vectors, 0, NETWORKS);
    tcase_add_loop_test(identities, products_are_transposed_to_each_other, 0, NETWORKS);
    tcase_add_loop_test(identities, laplacians_are_sums_of_diagonals, 0, NETWORKS);
    tcase_add_loop_test(identities, precisions_agree, 0, NETWORKS);
    return run_suite(suite);
}
