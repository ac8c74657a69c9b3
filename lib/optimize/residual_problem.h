#ifndef TL_OPTIMIZE_RESIDUAL_PROBLEM_H
#define TL_OPTIMIZE_RESIDUAL_PROBLEM_H

#include "optimize/gauss_newton.h"

/* The caller's problem. */
typedef struct tl_residual_problem {
    talus_context *context;
    talus_residual_function residuals;
    talus_residual_jacobian jacobian; /* NULL: differences */
    void *user;
    talus_matrix x, weights; /* weights: data NULL if all are 1 */
    bool is_f32;             /* x, and what the functions take and give; all that is computed is f64 */
    int64_t n, m;
    int64_t rows; /* of the Jacobian: m, or n if that is more and steps are factored; those beyond m are 0 */
    tl_squares_options wanted;

    double *memory;    /* of: */
    double *r;         /* the residuals at the last point, m */
    double *weighted;  /* √W·r, as many as rows */
    double *j;         /* √W·J, rows × n */
    double *beside[2]; /* residuals at x ± h, m each */
    double *near;      /* such a point, or J·v; max(m, n) numbers */
    double *at;        /* x in f64, n */
    float *point;      /* x as functions of f32 take it, n */
} tl_residual_problem;

/* r at a point; and J there, into j: the caller's, or by differences from p->r. TALUS_STATUS_NONE: the caller wishes to stop. */
talus_status tl_problem_residuals(tl_residual_problem *problem, const double *at, double *r);
talus_status tl_problem_jacobian(tl_residual_problem *problem, const double *at);

#endif
