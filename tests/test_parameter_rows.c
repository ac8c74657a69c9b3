/* Jacobians of outputs by parameters: against differences of outputs in f64, gradients of the library, and the same bits on any
 * threads; and normal matrices in tiles. */
#include "engine/parameter_rows.h"

#include <stdio.h>

#include "engine/arguments.h"
#include "linalg/blas_threads.h"
#include "linalg/gram_tiles.h"
#include "problem.h"

/* The rows of all samples, and the residuals. */
static void library_jacobian(problem *p, const talus_batch *batch, double weight, double *rows,
                             double *residuals)
{
    tl_pass pass;
    expect_ok(p->context, tl_pass_begin(p->network, p->workspace, &pass));
    expect_ok(p->context, tl_pass_batch(&pass, batch, sizeof *batch));
    pass.work = TL_FORWARD | TL_KEEP | TL_LOSS;
    expect_ok(p->context, tl_pass_run(&pass, NULL));
    tl_jacobian_run(&(tl_jacobian){
        .pass = &pass, .rows = rows, .ld = p->parameters, .residuals = residuals, .weight = weight});
}

static void outputs_at(problem *p, int64_t parameter, double value, double *outputs)
{
    talus_matrix to = f64_view(outputs, p->n, p->outputs), x = inputs_of(p);
    const double before = p->theta[parameter];
    p->theta[parameter] = value;
    put_parameters(p);
    expect_ok(p->context, talus_predict(p->network, p->workspace, &x, &to));
    p->theta[parameter] = before;
}

/* Central differences of order 4, whose error is h⁴·f⁽⁵⁾/30 and ε·|f|/h: 1e-11 for h = 1e-3. */
static void compare_with_differences(problem *p, const char *name)
{
    const double h = 1e-3;
    const int64_t rows = p->n * p->outputs;
    const talus_batch batch = talus_batch_of(inputs_of(p), targets_of(p));
    double *jacobian = random_array(1, rows * p->parameters), *out = random_array(2, 4 * rows);
    library_jacobian(p, &batch, 0, jacobian, NULL);
    for (int64_t i = 0; i < p->parameters; i++) {
        for (int k = 0; k < 4; k++)
            outputs_at(p, i, p->theta[i] + h * (double[]){-2, -1, 1, 2}[k], out + k * rows);
        for (int64_t r = 0; r < rows; r++) {
            const double slope = (8 * (out[2 * rows + r] - out[rows + r]) - (out[3 * rows + r] - out[r])) /
                                 (12 * h);
            ck_assert_msg(fabs(slope - jacobian[r * p->parameters + i]) <= 1e-9 * (1 + fabs(slope)),
                          "%s: row %d, parameter %d: %.17g, difference %.17g", name, (int)r, (int)i,
                          jacobian[r * p->parameters + i], slope);
        }
    }
    put_parameters(p);
    free(jacobian);
    free(out);
}

static bool is_smooth(int f)
{
    static const int smooth[] = {TALUS_IDENTITY, TALUS_TANH, TALUS_SIGMOID,  TALUS_SOFTPLUS,
                                 TALUS_SOFTMAX,  TALUS_SINE, TALUS_GAUSSIAN, TALUS_EXPONENTIAL};
    bool found = false;
    for (size_t i = 0; i < sizeof smooth / sizeof *smooth; i++)
        found |= smooth[i] == f;
    return found;
}

/* Where there are no kinks, differences tell; layer normalisation too, and layers without biases. */
START_TEST(rows_are_differences_of_outputs)
{
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++)
        for (int kind = 0; kind < 3; kind++) {
            if (!learns(f) || !is_smooth(f))
                continue;
            problem p = make_problem(
                &(problem_spec){.n = 5,
                                .widths = {3, 4, 3, 2},
                                .hidden = f,
                                .output = f,
                                .normalization = kind == 1 ? TALUS_NORMALIZATION_LAYER : 0,
                                .without_biases = kind == 2,
                                .precision = TALUS_DTYPE_F64});
            compare_with_differences(&p, talus_activation_name(f));
            free_problem(&p);
        }
}
END_TEST

/* Σ J_ij·r_i = ∂C/∂θ_j, for every activation, several tiles and weights. */
static void compare_with_gradient(problem *p, const talus_batch *batch, double weight, double epsilon)
{
    const int64_t rows = p->n * p->outputs;
    double *jacobian = random_array(1, rows * p->parameters), *r = random_array(2, rows);
    void *from = malloc((size_t)p->parameters * sizeof(double));
    const bool f64 = p->network->precision == TALUS_DTYPE_F64;
    talus_matrix gradient = talus_matrix_view(from, p->network->precision, 1, p->parameters);
    double cost = 0, squares = 0;
    expect_ok(p->context, talus_gradient(p->network, p->workspace, batch, &cost, &gradient));
    library_jacobian(p, batch, weight, jacobian, r);
    for (int64_t i = 0; i < rows; i++)
        squares += r[i] * r[i];
    ck_assert_double_eq_tol(squares / 2, cost, epsilon * 100 * (1 + squares));
    for (int64_t j = 0; j < p->parameters; j++) {
        double sum = 0, size = 0;
        const double expected = f64 ? ((double *)from)[j] : (double)((float *)from)[j];
        for (int64_t i = 0; i < rows; i++) {
            sum += jacobian[i * p->parameters + j] * r[i];
            size += fabs(jacobian[i * p->parameters + j] * r[i]);
        }
        ck_assert_msg(fabs(sum - expected) <= C_SINGLE * epsilon * (double)(rows + p->longest) * (1 + size),
                      "%s, parameter %d: %.17g for %.17g", talus_activation_name(p->naive.f[1]), (int)j, sum,
                      expected);
    }
    free(jacobian);
    free(r);
    free(from);
}

START_TEST(rows_and_residuals_make_the_gradient)
{
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++)
        for (int precision = 0; precision < 2; precision++) {
            if (!learns(f))
                continue;
            problem p = make_problem(&(problem_spec){.n = 133,
                                                     .widths = {5, 7, 9, 3},
                                                     .hidden = f,
                                                     .output = f,
                                                     .precision = precision,
                                                     .plan = f % 2 == 0 ? LAYER_BY_LAYER : TILE_BY_TILE,
                                                     .threads = 2});
            talus_batch batch = talus_batch_of(inputs_of(&p), targets_of(&p));
            double *weights = random_array(8, p.n), sum = 0;
            compare_with_gradient(&p, &batch, (double)p.n, precision == 0 ? EPSILON_32 : EPSILON_64);
            for (int64_t k = 0; k < p.n; k++)
                sum += weights[k] = 1 + weights[k];
            batch.weights = f64_view(weights, p.n, 1);
            compare_with_gradient(&p, &batch, sum, precision == 0 ? EPSILON_32 : EPSILON_64);
            free(weights);
            free_problem(&p);
        }
}
END_TEST

/* The same bits on 1 … 4 threads, also where the products are those of the BLAS. */
START_TEST(threads_do_not_matter)
{
    double *first = NULL;
    for (int threads = 1; threads <= 4; threads++) {
        problem p = make_problem(&(problem_spec){.n = 300,
                                                 .widths = {6, 33, 17, 2},
                                                 .hidden = TALUS_TANH,
                                                 .precision = TALUS_DTYPE_F64,
                                                 .plan = FOR_ALL_SETS("samples=32 products=blas"),
                                                 .threads = threads});
        const talus_batch batch = talus_batch_of(inputs_of(&p), targets_of(&p));
        const int64_t count = p.n * p.outputs * p.parameters;
        double *rows = random_array(1, count);
        library_jacobian(&p, &batch, 1, rows, NULL);
        if (first != NULL)
            ck_assert_int_eq(memcmp(rows, first, (size_t)count * sizeof *rows), 0);
        else
            first = rows;
        if (rows != first)
            free(rows);
        free_problem(&p);
    }
    free(first);
}
END_TEST

/* A and g against plain loops, with what is above the diagonal as it was; the same bits on any threads. */
START_TEST(normal_matrices_in_tiles)
{
    static const int64_t shapes[][2] = {{7, 1}, {3, 5}, {40, 384}, {21, 385}, {10, 900}};
    for (int s = 0; s < 5; s++) {
        const int64_t m = shapes[s][0], n = shapes[s][1], ld = n + s;
        double *rows = random_array(3, m * ld), *r = random_array(4, m), *start = random_array(5, n * n + n),
               *found[4];
        for (int threads = 1; threads <= 4; threads++) {
            talus_context *of = context_with(threads, NULL);
            double *a = found[threads - 1] = random_array(5, n * n + n);
            int before = tl_blas_enter();
            tl_gram_add(of, &(tl_gram_block){m, n, rows, ld, r, a, a + n * n, 0});
            tl_blas_leave(before);
            ck_assert_int_eq(memcmp(a, found[0], (size_t)(n * n + n) * sizeof *a), 0);
            talus_context_destroy(of);
        }
        for (int64_t i = 0; i <= n; i++)
            for (int64_t j = 0; j < n; j++) {
                double sum = start[i * n + j];
                for (int64_t k = 0; k < m && (j <= i); k++)
                    sum += (i < n ? rows[k * ld + i] : r[k]) * rows[k * ld + j];
                ck_assert_double_eq_tol(found[0][i * n + j], sum,
                                        4 * EPSILON_64 * (double)(m + 1) * (double)m);
            }
        for (int t = 0; t < 4; t++)
            free(found[t]);
        free(rows);
        free(r);
        free(start);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parameter_rows");
    add_case(suite, "rows", rows_are_differences_of_outputs, rows_and_residuals_make_the_gradient,
             threads_do_not_matter);
    add_case(suite, "normal matrices", normal_matrices_in_tiles);
    return run_suite(suite);
}
