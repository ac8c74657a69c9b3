#include <talus/least_squares.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/call.h"
#include "linalg/blas_threads.h"
#include "linalg/f64.h"
#include "optimize/residual_problem.h"

/* What the caller gives ---------------------------------------------------------------------------------- */

static double start(const tl_residual_problem *p, int64_t i)
{
    return p->is_f32 ? (double)((const float *)p->x.data)[i] : ((const double *)p->x.data)[i];
}

static talus_status check_x(tl_residual_problem *p, const talus_matrix *x)
{
    talus_status status = tl_check_matrix(p->context, "least_squares: x", x,
                                          TL_DTYPE(TALUS_DTYPE_F32) | TL_DTYPE(TALUS_DTYPE_F64), &p->x);
    if (status != TALUS_OK)
        return status;
    if (p->x.rows != 1)
        return tl_fail(p->context, TALUS_ERROR_SHAPE, "least_squares: x must be one row, got %lld × %lld",
                       (long long)p->x.rows, (long long)p->x.cols);
    p->n = p->x.cols;
    p->is_f32 = p->x.dtype == TALUS_DTYPE_F32;
    for (int64_t i = 0; i < p->n; i++)
        if (!isfinite(start(p, i)))
            return tl_fail(p->context, TALUS_ERROR_DATA, "least_squares: x must be finite, got %g at %lld",
                           start(p, i), (long long)i);
    return TALUS_OK;
}

/* The weights, of which *counted are not 0. */
static talus_status check_weights(tl_residual_problem *p, int64_t *counted)
{
    *counted = p->m;
    if (p->wanted.options.weights == NULL)
        return TALUS_OK;
    talus_status status = tl_check_matrix(p->context, "least_squares: weights", p->wanted.options.weights,
                                          TL_DTYPE(TALUS_DTYPE_F64), &p->weights);
    if (status != TALUS_OK)
        return status;
    if (p->weights.rows != 1 || p->weights.cols != p->m)
        return tl_fail(p->context, TALUS_ERROR_SHAPE,
                       "least_squares: weights must be 1 × %lld, got %lld × %lld", (long long)p->m,
                       (long long)p->weights.rows, (long long)p->weights.cols);
    for (int64_t i = 0; i < p->m; i++) {
        const double w = ((double *)p->weights.data)[i];
        if (!(w >= 0 && w <= DBL_MAX))
            return tl_fail(p->context, TALUS_ERROR_DATA,
                           "least_squares: weights must be finite and at least 0, got %g at %lld", w,
                           (long long)i);
        *counted -= w == 0;
    }
    return TALUS_OK;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_iterative(const tl_residual_problem *p)
{
    return p->wanted.options.steps == TALUS_STEP_CONJUGATE_GRADIENTS;
}

static talus_status check_rest(tl_residual_problem *p)
{
    int64_t numbers;
    p->rows = is_iterative(p) ? p->m : larger(p->m, p->n);
    if (p->m < 1)
        return tl_fail(p->context, TALUS_ERROR_ARGUMENT, "least_squares: m must be at least 1, got %lld",
                       (long long)p->m);
    talus_status status = is_iterative(p) ? TALUS_OK
                                          : tl_squares_check_size(p->context, "least_squares", p->n, true);
    if (status != TALUS_OK)
        return status;
    if (larger(p->m, p->n) > INT32_MAX || !tl_multiply(p->rows, p->n, &numbers) || numbers > INT64_MAX / 16)
        return tl_fail(p->context, TALUS_ERROR_SHAPE,
                       "least_squares: a Jacobian of %lld × %lld is too large to be held", (long long)p->m,
                       (long long)p->n);
    if (p->jacobian != NULL && p->wanted.options.differences != TALUS_DIFFERENCES_CENTRAL)
        return tl_fail(p->context, TALUS_ERROR_ARGUMENT,
                       "least_squares: differences must be left at central with a jacobian, got %s",
                       talus_differences_name(p->wanted.options.differences));
    return TALUS_OK;
}

/* r, weighted, J, what is beside, a point or J·v, and x twice. */
static talus_status allocate(tl_residual_problem *p)
{
    const int64_t numbers = p->rows * p->n + 3 * p->m + p->rows + larger(p->m, p->n) + 2 * p->n;
    p->memory = tl_allocate(p->context, (size_t)numbers * sizeof *p->memory);
    if (p->memory == NULL)
        return tl_fail(
            p->context, TALUS_ERROR_MEMORY,
            "least_squares: the allocator returned no memory for a Jacobian of %lld × %lld, %.3g MB",
            (long long)p->rows, (long long)p->n, 8e-6 * (double)numbers);
    p->j = p->memory;
    p->weighted = p->j + p->rows * p->n;
    p->near = p->weighted + p->rows;
    p->r = p->near + larger(p->m, p->n);
    p->beside[0] = p->r + p->m;
    p->beside[1] = p->beside[0] + p->m;
    p->at = p->beside[1] + p->m;
    p->point = (float *)(p->at + p->n);
    for (int64_t i = 0; i < p->n; i++)
        p->at[i] = start(p, i);
    return TALUS_OK;
}

/* Where it ended becomes x. */
static void give(const tl_residual_problem *p)
{
    for (int64_t i = 0; i < p->n; i++)
        if (p->is_f32)
            ((float *)p->x.data)[i] = (float)p->at[i];
        else
            ((double *)p->x.data)[i] = p->at[i];
}

/* At a point ------------------------------------------------------------------------------------------ */

static double weight(const tl_residual_problem *p, int64_t i)
{
    return p->weights.data == NULL ? 1 : ((const double *)p->weights.data)[i];
}

/* √W·J and √W·r at a point. What has no weight plays no part, whatever it is. */
static talus_status linearise(tl_residual_problem *p, const double *at)
{
    talus_status status = tl_problem_jacobian(p, at);
    for (int64_t i = 0; i < p->rows; i++) {
        const double root = i < p->m ? sqrt(weight(p, i)) : 0;
        p->weighted[i] = root > 0 ? root * p->r[i] : 0;
        for (int64_t c = 0; c < p->n; c++)
            p->j[i * p->n + c] = root > 0 ? root * p->j[i * p->n + c] : 0;
    }
    return status;
}

/* With the BLAS: g = Jᵀ·y, and A = Jᵀ·J or its diagonal, whichever is not NULL. */
static void multiply(const tl_residual_problem *p, const double *y, double *a, double *g)
{
    const int before = tl_blas_enter_for(p->context);
    tl_product_transposed_f64(p->n, 1, p->rows, p->j, p->n, y, 1, 0, g, 1);
    if (a != NULL)
        tl_gram_f64(p->rows, p->n, p->j, p->n, 0, a, p->n);
    tl_blas_leave(before);
}

/* What the method asks for ------------------------------------------------------------------------------- */

static talus_status evaluate(void *user, const double *x, double *cost)
{
    tl_residual_problem *p = user;
    talus_status status = tl_problem_residuals(p, x, p->r);
    double sum = 0;
    for (int64_t i = 0; i < p->m; i++)
        sum += weight(p, i) > 0 ? weight(p, i) * p->r[i] * p->r[i] : 0;
    *cost = sum / 2;
    return status;
}

static talus_status normal(void *user, const double *x, double *a, double *g)
{
    tl_residual_problem *p = user;
    talus_status status = linearise(p, x);
    multiply(p, p->weighted, a, g);
    return status;
}

static void give_rows(void *user, int64_t *count, double **jacobian, double **residuals)
{
    const tl_residual_problem *p = user;
    *count = p->rows;
    *jacobian = p->j;
    *residuals = p->weighted;
}

static talus_status gradient(void *user, const double *x, double *diagonal, double *g)
{
    tl_residual_problem *p = user;
    talus_status status = linearise(p, x);
    multiply(p, p->weighted, NULL, g);
    memset(diagonal, 0, (size_t)p->n * sizeof *diagonal);
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t c = 0; c < p->n; c++)
            diagonal[c] += p->j[i * p->n + c] * p->j[i * p->n + c];
    return status;
}

static talus_status product(void *user, const double *x, const double *v, double *result)
{
    const tl_residual_problem *p = user;
    (void)x;
    for (int64_t i = 0; i < p->rows; i++) {
        p->near[i] = 0;
        for (int64_t c = 0; c < p->n; c++)
            p->near[i] += p->j[i * p->n + c] * v[c];
    }
    multiply(p, p->near, NULL, result);
    return TALUS_OK;
}

/* The call ----------------------------------------------------------------------------------------------- */

static talus_status take(tl_residual_problem *p, const talus_matrix *x,
                         const talus_least_squares_options *options, size_t options_size,
                         const talus_least_squares_result *result, size_t result_size, int64_t *counted)
{
    if (p->residuals == NULL)
        return tl_fail(p->context, TALUS_ERROR_ARGUMENT, "least_squares: residuals must not be NULL");
    talus_status status = check_x(p, x);
    if (status == TALUS_OK)
        status = tl_squares_take(p->context, "least_squares", p->n, options, options_size, &p->wanted);
    if (status == TALUS_OK && result != NULL)
        status = tl_result_check(p->context, "result of least_squares", result_size,
                                 TL_END_OF(talus_least_squares_result, seconds));
    if (status == TALUS_OK)
        status = check_rest(p);
    return status == TALUS_OK ? check_weights(p, counted) : status;
}

static talus_status minimize(tl_residual_problem *p, const talus_matrix *x,
                             const talus_least_squares_options *options, size_t options_size,
                             talus_least_squares_result *result, size_t result_size)
{
    int64_t counted = 0;
    talus_least_squares_result known;
    talus_status status = take(p, x, options, options_size, result, result_size, &counted);
    if (status == TALUS_OK)
        status = allocate(p);
    if (status == TALUS_OK) {
        const tl_squares squares = {
            .context = p->context,
            .name = "least_squares",
            .n = p->n,
            .m = counted,
            .user = p,
            .evaluate = evaluate,
            .normal = is_iterative(p) ? NULL : normal,
            .rows = is_iterative(p) ? NULL : give_rows,
            .gradient = gradient,
            .product = product,
            .rounding = p->is_f32 ? 1e-6 : 0,
        };
        status = tl_squares_minimize(&squares, &p->wanted, p->at, &known);
    }
    if (status == TALUS_OK)
        give(p);
    if (status == TALUS_OK && result != NULL)
        tl_result_give(&known, sizeof known, result, result_size);
    tl_release(p->context, p->memory);
    return status;
}

talus_status talus_least_squares_sized(talus_context *context, talus_residual_function residuals,
                                       talus_residual_jacobian jacobian, void *user, const talus_matrix *x,
                                       int64_t m, const talus_least_squares_options *options,
                                       size_t options_size, talus_least_squares_result *result,
                                       size_t result_size)
{
    tl_call call;
    tl_residual_problem p = {
        .context = context, .residuals = residuals, .jacobian = jacobian, .user = user, .m = m};
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK
               ? tl_call_end(&call, minimize(&p, x, options, options_size, result, result_size))
               : status;
}
