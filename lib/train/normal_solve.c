#define TL_PRECISION 64 /* all of it */
/* The normal matrix by Cholesky. */
#include <float.h>
#include <math.h>

#include "linalg/factor.h"
#include "train/readout.h"

/* Brings the diagonal to 1; a column that is constant takes part in nothing. The result is the largest ratio of an element of the
 * diagonal before means were taken out to what is left of it, by which rounding errors have grown; infinite if nothing is left. */
static double scale(const tl_readout *r)
{
    const int64_t d = r->d;
    double growth = 1;
    for (int64_t i = 0; i < d; i++) {
        const double penalty = r->ridge * r->weight, left = r->normal[i * d + i] + penalty;
        const bool is_constant = r->raw[i] + penalty == 0;
        r->scale[i] = is_constant ? 0 : 1 / sqrt(left);
        if (!is_constant)
            growth = left > 0 ? fmax(growth, (r->raw[i] + penalty) / left) : INFINITY;
    }
    for (int64_t i = 0; i < d; i++) {
        for (int64_t j = 0; j < i; j++)
            r->factor[i * d + j] = r->scale[i] * r->normal[i * d + j] * r->scale[j];
        r->factor[i * d + i] = 1;
    }
    return growth;
}

/* ‖A‖₁ of the lower triangle of A = Aᵀ. */
static double norm(const tl_readout *r)
{
    double *sums = r->estimate, most = 0;
    for (int64_t i = 0; i < r->d; i++) {
        sums[i] = 0;
        for (int64_t j = 0; j <= i; j++) {
            const double element = fabs(r->factor[i * r->d + j]);
            sums[i] += element;
            sums[j] += j < i ? element : 0;
        }
    }
    for (int64_t i = 0; i < r->d; i++)
        most = fmax(most, sums[i]);
    return most;
}

static int64_t count_varying(const tl_readout *r)
{
    int64_t count = 0;
    for (int64_t i = 0; i < r->d; i++)
        count += r->scale[i] != 0;
    return count;
}

/* The error q = κ²·ε of a solution becomes q² and q³ by refinement; at the precision's ε it has no part in the digits. Without
 * refinement q, which is an estimate, is to be well below that. */
static int refinements(const tl_readout *r, double q)
{
    const double epsilon = r->network->precision == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON;
    const double margin = 16;
    return margin * q <= epsilon ? 0 : q * q <= epsilon ? 1 : q * q * q <= epsilon ? 2 : -1;
}

bool tl_readout_decompose(tl_readout *r)
{
    const double growth = scale(r);
    if (!(growth < 1 / DBL_EPSILON))
        return false;
    const double size = norm(r);
    if (tl_cholesky_f64(r->d, r->factor, r->d) != 0)
        return false;
    const double reciprocal = tl_cholesky_condition_f64(r->d, r->factor, r->d, size, r->estimate, r->counts);
    const int steps = refinements(r, growth * DBL_EPSILON / reciprocal);
    r->result.rank = count_varying(r);
    r->result.condition = r->result.rank == 0 ? NAN : 1 / sqrt(reciprocal);
    r->result.refinements = steps < 0 ? 0 : steps;
    return steps >= 0 && sqrt(reciprocal) > r->options.rank_tolerance;
}

void tl_readout_solve_normal(const tl_readout *r, double *rows)
{
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t o = 0; o < r->k; o++)
            for (int64_t j = 0; j < r->d; j++)
                rows[o * r->d + j] *= r->scale[j];
        if (pass == 0)
            tl_cholesky_solve_f64(r->d, r->factor, r->d, r->k, rows, r->d);
    }
}
