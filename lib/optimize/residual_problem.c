/* What the caller's functions say of a point. */
#include "optimize/residual_problem.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/call.h"

talus_status tl_problem_residuals(tl_residual_problem *p, const double *at, double *r)
{
    const talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, p->n),
                       residuals = talus_matrix_view(r, TALUS_DTYPE_F64, 1, p->m);
    for (int64_t i = 0; i < p->m; i++)
        r[i] = NAN;
    tl_call *call = tl_callback_begin(p->context, TL_CALLBACK_OPEN);
    int stop = p->residuals(&x, &residuals, p->user);
    tl_callback_end(call);
    return stop == 0 ? TALUS_OK : TALUS_STATUS_NONE;
}

static talus_status ask_jacobian(tl_residual_problem *p, const double *at)
{
    const talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, p->n),
                       jacobian = talus_matrix_view(p->j, TALUS_DTYPE_F64, p->m, p->n);
    for (int64_t i = 0; i < p->m * p->n; i++)
        p->j[i] = NAN;
    tl_call *call = tl_callback_begin(p->context, TL_CALLBACK_OPEN);
    int stop = p->jacobian(&x, &jacobian, p->user);
    tl_callback_end(call);
    return stop == 0 ? TALUS_OK : TALUS_STATUS_NONE;
}

/* The derivatives by x_c, as described at talus_differences. The width is that of the points as they are rounded. */
static talus_status difference(tl_residual_problem *p, const double *at, int64_t c)
{
    const bool central = p->wanted.options.differences == TALUS_DIFFERENCES_CENTRAL;
    const double part = central ? cbrt(DBL_EPSILON) : sqrt(DBL_EPSILON),
                 h = at[c] == 0 ? part : part * fabs(at[c]);
    const double up = at[c] + h, down = central ? at[c] - h : at[c];
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
