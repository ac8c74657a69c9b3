/* A step by conjugate gradients, preconditioned by the diagonal. Source: Hestenes and Stiefel, Journal of Research of the National
 * Bureau of Standards 49, 1952; how far to go: Dembo, Eisenstat and Steihaug, SIAM Journal on Numerical Analysis 19, 1982. */
#include "optimize/gauss_newton_cg.h"

#include <math.h>
#include <string.h>

static double dot(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* q = (A + μ·D²)·p and z = M⁻¹·r with M = diag(A + μ·D²) */
static talus_status multiply(const tl_cg *cg, double mu)
{
    talus_status status = cg->squares->product(cg->squares->user, cg->x, cg->p, cg->q);
    for (int64_t i = 0; i < cg->n; i++)
        cg->q[i] += mu * cg->d[i] * cg->d[i] * cg->p[i];
    return status;
}

static void precondition(const tl_cg *cg, double mu)
{
    for (int64_t i = 0; i < cg->n; i++) {
        double size = cg->diagonal[i] + mu * cg->d[i] * cg->d[i];
        cg->z[i] = size > 0 ? cg->r[i] / size : cg->r[i];
    }
}

talus_status tl_cg_solve(const tl_cg *cg, double mu, double part, int64_t most, double *delta)
{
    const int64_t n = cg->n;
    memset(delta, 0, (size_t)n * sizeof *delta);
    for (int64_t i = 0; i < n; i++)
        cg->r[i] = -cg->slope[i];
    precondition(cg, mu);
    memcpy(cg->p, cg->z, (size_t)n * sizeof *cg->p);
    double along = dot(n, cg->r, cg->z);
    const double enough = part * part * along;
    for (int64_t k = 0; k < most && along > enough; k++) {
        talus_status status = multiply(cg, mu);
        if (status != TALUS_OK)
            return status;
        const double curvature = dot(n, cg->p, cg->q), step = along / curvature, before = along;
        if (!(curvature > 0) || !isfinite(step))
            return TALUS_OK;
        for (int64_t i = 0; i < n; i++) {
            delta[i] += step * cg->p[i];
            cg->r[i] -= step * cg->q[i];
        }
        precondition(cg, mu);
        along = dot(n, cg->r, cg->z);
        for (int64_t i = 0; i < n; i++)
            cg->p[i] = cg->z[i] + along / before * cg->p[i];
    }
    return TALUS_OK;
}
