/* The pseudo-inverse of A + ρ·I from the spectrum of S·(A + ρ·I)·S, which has a diagonal of 1 and tells the rank whatever the units
 * are.
 *
 *     S·(A + ρ·I)·S = Σ_k λ_k·v_k·v_kᵀ        G = Σ_{λ_k > 0} (S·v_k)·(S·v_k)ᵀ/λ_k        (A + ρ·I)⁺ = P·G·P
 *
 * G is one of the generalised inverses, and P the projection along the null space, which is what S·v_k with λ_k = 0 span.
 * P = I − N·Nᵀ is taken by the reflections that make N of the first c unit vectors: y·P is y reflected, c numbers of it set
 * to 0, and reflected back. Each reflection is made of the largest number that is left, in whatever row and column: then parameters
 * of very different units keep their digits beside each other.
 * Sources: Golub and Van Loan, Matrix Computations, 4th edition, sections 5.1 and 5.5; order of the rows: Powell and Reid, IFIP
 * Congress 1968; Cox and Higham, Numerical Analysis 1997, Pitman Research Notes in Mathematics 380. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "linalg/f64.h"
#include "optimize/equations.h"

/* Vectors that span the null space. */
typedef struct null_space {
    int64_t n, count;
    double *rows;    /* count × n */
    int32_t *pivots; /* count: the parameter of each */
    int32_t *taken;  /* n: 1 for those */
} null_space;

/* Brings the largest number of rows k, … and of the parameters that are not taken into row k, and takes its parameter. */
static int64_t choose(const null_space *space, int64_t k)
{
    const int64_t n = space->n;
    int64_t row = k, pivot = 0;
    double most = -1;
    for (int64_t i = k; i < space->count; i++)
        for (int64_t j = 0; j < n; j++)
            if (!space->taken[j] && fabs(space->rows[i * n + j]) > most)
                most = fabs(space->rows[i * n + j]), row = i, pivot = j;
    for (int64_t j = 0; j < n && row != k; j++) {
        const double other = space->rows[k * n + j];
        space->rows[k * n + j] = space->rows[row * n + j];
        space->rows[row * n + j] = other;
    }
    space->pivots[k] = (int32_t)pivot;
    space->taken[pivot] = 1;
    return pivot;
}

static double dot(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static void subtract(int64_t n, double factor, const double *x, double *y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] -= factor * x[i];
}

/* The basis in which row k alone has its pivot, as 1 (Gauss and Jordan), and what is no more than rounding is 0: a parameter that
 * plays no part would come in by its rounding, times its unit. */
static void reduce(const null_space *space, double rounding)
{
    const int64_t n = space->n;
    memset(space->taken, 0, (size_t)n * sizeof *space->taken);
    for (int64_t k = 0; k < space->count; k++) {
        const int64_t pivot = choose(space, k);
        double *row = space->rows + k * n;
        const double size = row[pivot];
        for (int64_t j = 0; j < n; j++)
            row[j] /= size;
        for (int64_t i = 0; i < space->count; i++)
            if (i != k)
                subtract(n, space->rows[i * n + pivot], row, space->rows + i * n);
    }
    for (int64_t i = 0; i < space->count * n; i++)
        if (fabs(space->rows[i]) <= rounding)
            space->rows[i] = 0;
}

/* Row k becomes the v, ‖v‖² = 2, of the reflection I − v·vᵀ that leaves of it only the number at its pivot. */
static void reflect(const null_space *space)
{
    const int64_t n = space->n;
    memset(space->taken, 0, (size_t)n * sizeof *space->taken);
    for (int64_t k = 0; k < space->count; k++) {
        const int64_t pivot = choose(space, k);
        double *v = space->rows + k * n;
        const double size = v[pivot];
        for (int64_t j = 0; j < n; j++)
            v[j] = space->taken[j] && j != pivot ? 0 : v[j] / size;
        v[pivot] += sqrt(dot(n, v, v));
        const double length = sqrt(dot(n, v, v) / 2);
        for (int64_t j = 0; j < n; j++)
            v[j] /= length;
        for (int64_t i = k + 1; i < space->count; i++)
            subtract(n, dot(n, v, space->rows + i * n), v, space->rows + i * n);
    }
}

/* y ← y·P */
static void project(const null_space *space, double *y)
{
    const int64_t n = space->n;
    for (int64_t k = 0; k < space->count; k++)
        subtract(n, dot(n, space->rows + k * n, y), space->rows + k * n, y);
    for (int64_t k = 0; k < space->count; k++)
        y[space->pivots[k]] = 0;
    for (int64_t k = space->count - 1; k >= 0; k--)
        subtract(n, dot(n, space->rows + k * n, y), space->rows + k * n, y);
}

/* The rows of V beside first, …, first + count − 1, which stand before or behind those. */
static null_space null_space_of(const tl_equations *e, double *v, int64_t first, int64_t count,
                                double rounding)
{
    const int64_t n = e->n;
    const null_space space = {.n = n,
                              .count = n - count,
                              .rows = first > 0 ? v : v + count * n,
                              .pivots = e->counts,
                              .taken = e->counts + n};
    reduce(&space, rounding);
    for (int64_t i = 0; i < space.count; i++)
        for (int64_t j = 0; j < n; j++)
            space.rows[i * n + j] *= e->scale[j];
    reflect(&space);
    return space;
}

void tl_equations_invert(tl_equations *equations, double *v, const double *values, int64_t first,
                         int64_t count, double rounding)
{
    const int64_t n = equations->n;
    const null_space space = null_space_of(equations, v, first, count, fmin(rounding, sqrt(DBL_EPSILON)));
    const bool in_place = v == equations->factor;
    double *inverse = in_place ? equations->work : equations->factor;
    memset(inverse, 0, (size_t)(n * n) * sizeof *inverse);
    for (int64_t k = first; k < first + count; k++) {
        for (int64_t i = 0; i < n; i++)
            v[k * n + i] *= equations->scale[i] / sqrt(values[k]);
        project(&space, v + k * n);
    }
    if (count > 0)
        tl_gram_f64(count, n, v + first * n, n, 0, inverse, n);
    if (in_place)
        memcpy(equations->factor, equations->work, (size_t)(n * n) * sizeof *equations->work);
}
