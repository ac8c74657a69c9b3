/* What the caller's functions say of a point. */
#include "optimize/residual_problem.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/call.h"

static talus_matrix view_of(const tl_residual_problem *p, const void *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, p->is_f32 ? TALUS_DTYPE_F32 : TALUS_DTYPE_F64, rows, cols);
}

static double rounded(const tl_residual_problem *p, double number)
{
    return p->is_f32 ? (double)(float)number : number;
}

/* x as the caller's functions take it; whether all of it is in their range. */
static bool take_point(tl_residual_problem *p, const double *at, talus_matrix *x)
{
    bool all = true;
    for (int64_t i = 0; i < p->n && p->is_f32; i++) {
        p->point[i] = (float)at[i];
        all &= isfinite(p->point[i]) != 0;
    }
    *x = view_of(p, p->is_f32 ? (const void *)p->point : at, 1, p->n);
    return all;
}

/* NaN in all numbers that the caller is to write. */
static void clear(const tl_residual_problem *p, int64_t count, double *numbers)
{
    const float nothing = NAN;
    for (int64_t i = 0; i < count; i++)
        if (p->is_f32)
            memcpy((char *)numbers + (size_t)i * sizeof nothing, &nothing, sizeof nothing);
        else
            numbers[i] = NAN;
}

/* What the caller wrote as f32 becomes f64 where it stands, from the last number on. */
static void widen(const tl_residual_problem *p, int64_t count, double *numbers)
{
    float number;
    for (int64_t i = count - 1; i >= 0 && p->is_f32; i--) {
        memcpy(&number, (const char *)numbers + (size_t)i * sizeof number, sizeof number);
        numbers[i] = (double)number;
    }
}

talus_status tl_problem_residuals(tl_residual_problem *p, const double *at, double *r)
{
    talus_matrix x;
    const talus_matrix residuals = view_of(p, r, 1, p->m);
    int stop = 0;
    clear(p, p->m, r);
    if (take_point(p, at, &x)) {
        tl_call *call = tl_callback_begin(p->context, TL_CALLBACK_OPEN);
        stop = p->residuals(&x, &residuals, p->user);
        tl_callback_end(call);
    }
    widen(p, p->m, r);
    return stop == 0 ? TALUS_OK : TALUS_STATUS_NONE;
}

static talus_status ask_jacobian(tl_residual_problem *p, const double *at)
{
    talus_matrix x;
    const talus_matrix jacobian = view_of(p, p->j, p->m, p->n);
    clear(p, p->m * p->n, p->j);
    (void)take_point(p, at, &x); /* where residuals have been */
    tl_call *call = tl_callback_begin(p->context, TL_CALLBACK_OPEN);
    int stop = p->jacobian(&x, &jacobian, p->user);
    tl_callback_end(call);
    widen(p, p->m * p->n, p->j);
    return stop == 0 ? TALUS_OK : TALUS_STATUS_NONE;
}

/* The derivatives by x_c, as described at talus_differences. The width is that of the points as they are rounded. */
static talus_status difference(tl_residual_problem *p, const double *at, int64_t c)
{
    const bool central = p->wanted.options.differences == TALUS_DIFFERENCES_CENTRAL;
    const double epsilon = p->is_f32 ? FLT_EPSILON : DBL_EPSILON, from = rounded(p, at[c]),
                 part = central ? cbrt(epsilon) : sqrt(epsilon), h = from == 0 ? part : part * fabs(from);
    const double up = rounded(p, from + h), down = central ? rounded(p, from - h) : from;
    const double *lower = p->r;
    p->near[c] = up;
    talus_status status = tl_problem_residuals(p, p->near, p->beside[0]);
    if (status == TALUS_OK && central) {
        p->near[c] = down;
        lower = p->beside[1];
        status = tl_problem_residuals(p, p->near, p->beside[1]);
    }
    p->near[c] = at[c];
    for (int64_t i = 0; i < p->m; i++)
        p->j[i * p->n + c] = (p->beside[0][i] - lower[i]) / (up - down);
    return status;
}

static talus_status differentiate(tl_residual_problem *p, const double *at)
{
    talus_status status = TALUS_OK;
    memcpy(p->near, at, (size_t)p->n * sizeof *at);
    for (int64_t c = 0; c < p->n && status == TALUS_OK; c++)
        status = difference(p, at, c);
    return status;
}

talus_status tl_problem_jacobian(tl_residual_problem *problem, const double *at)
{
    return problem->jacobian != NULL ? ask_jacobian(problem, at) : differentiate(problem, at);
}
