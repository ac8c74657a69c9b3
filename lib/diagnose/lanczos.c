#include "diagnose/lanczos.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/philox.h"
#include "diagnose/tridiagonal.h"
#include "kernels/choose.h"
#include "optimize/flat_vector.h"

/* The process: A·Q = Q·T + β·q·eᵀ with the basis Q, and T of the diagonal α and β beside it. */
typedef struct process {
    const tl_operator *of;
    tl_vectors space;
    double *basis;                /* a vector a row: one more than `most` */
    double *alpha, *beta;         /* `most` of each */
    double *values, *work, *last; /* of T: eigenvalues, room, last components of eigenvectors */
    int64_t most;
} process;

static double *vector_at(const process *p, int64_t k)
{
    return p->basis + k * p->of->n;
}

static talus_status allocate(process *p)
{
    talus_context *context = p->space.context;
    int64_t count, bytes;
    if (tl_multiply(p->most + 1, p->of->n, &count) && tl_multiply(count, sizeof(double), &bytes))
        p->basis = tl_allocate(context, (size_t)bytes);
    if (p->basis != NULL)
        p->alpha = tl_allocate(context, 5 * (size_t)p->most * sizeof(double));
    if (p->alpha == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "spectrum: the allocator returned no memory for %lld vectors of %lld numbers",
                       (long long)p->most + 1, (long long)p->of->n);
    p->beta = p->alpha + p->most;
    p->values = p->beta + p->most;
    p->work = p->values + p->most;
    p->last = p->work + p->most;
    return TALUS_OK;
}

static void scale(int64_t n, double factor, double *x)
{
    for (int64_t i = 0; i < n; i++)
        x[i] *= factor;
}

/* A unit vector in a direction that follows from the seed. */
static void draw_start(const process *p, int64_t seed)
{
    double *q = vector_at(p, 0);
    for (int64_t i = 0; i < p->of->n; i++)
        q[i] = 2 * tl_unit(tl_random((uint64_t)seed, TL_PURPOSE_CHECK, 1, (uint64_t)i).first) - 1;
    scale(p->of->n, 1 / tl_vector_norm(&p->space, q), q);
}

/* w = A·q_k loses what it has in the directions so far, and its length β_k; twice is enough (Kahan and Parlett). */
static talus_status extend(const process *p, int64_t k)
{
    double *w = vector_at(p, k + 1);
    talus_status status = p->of->multiply(p->of->self, vector_at(p, k), w);
    if (status != TALUS_OK)
        return status;
    p->alpha[k] = tl_vector_dot(&p->space, vector_at(p, k), w);
    for (int twice = 0; twice < 2; twice++)
        for (int64_t i = 0; i <= k; i++)
            tl_vector_axpy(&p->space, -tl_vector_dot(&p->space, vector_at(p, i), w), vector_at(p, i), w);
    p->beta[k] = tl_vector_norm(&p->space, w);
    return isfinite(p->alpha[k]) && isfinite(p->beta[k])
               ? TALUS_OK
               : tl_fail(p->space.context, TALUS_ERROR_DATA,
                         "spectrum: products must be finite, got one of vector %lld that is not",
                         (long long)k + 1);
}

/* The extreme eigenvalues of T after `size` products; |β·last| bounds how far an eigenvalue of A is. */
static void judge(const process *p, int64_t size, talus_spectrum *spectrum)
{
    const double beta = p->beta[size - 1];
    int64_t low = 0, high = 0;
    memcpy(p->values, p->alpha, (size_t)size * sizeof(double));
    memcpy(p->work, p->beta, (size_t)size * sizeof(double));
    tl_tridiagonal_eigenvalues((int)size, p->values, p->work, p->last);
    for (int64_t i = 1; i < size; i++) {
        low = p->values[i] < p->values[low] ? i : low;
        high = p->values[i] > p->values[high] ? i : high;
    }
    spectrum->smallest = p->values[low];
    spectrum->largest = p->values[high];
    spectrum->smallest_bound = fabs(beta * p->last[low]);
    spectrum->largest_bound = fabs(beta * p->last[high]);
    spectrum->iterations = size;
}

static double size_of(const talus_spectrum *spectrum)
{
    return fmax(fabs(spectrum->smallest), fabs(spectrum->largest));
}

static int nature_of(const talus_spectrum *spectrum, double tolerance)
{
    const double nothing = tolerance * size_of(spectrum);
    bool rises = spectrum->largest > nothing, falls = spectrum->smallest < -nothing;
    if (rises && falls)
        return TALUS_NATURE_SADDLE;
    if (rises)
        return spectrum->smallest > nothing ? TALUS_NATURE_MINIMUM : TALUS_NATURE_VALLEY;
    return falls ? TALUS_NATURE_MAXIMUM : TALUS_NATURE_FLAT;
}

static talus_status run(const process *p, double tolerance, talus_spectrum *spectrum)
{
    for (int64_t k = 0; k < p->most; k++) {
        talus_status status = extend(p, k);
        if (status != TALUS_OK)
            return status;
        judge(p, k + 1, spectrum);
        const double size = size_of(spectrum);
        bool whole = p->beta[k] <=
                     DBL_EPSILON * (double)p->of->n * size; /* nothing is left beside the basis */
        bool close = fmax(spectrum->smallest_bound, spectrum->largest_bound) <= tolerance * size;
        spectrum->whole = whole;
        if (whole || (close && k > 0))
            break;
        scale(p->of->n, 1 / p->beta[k], vector_at(p, k + 1));
    }
    spectrum->nature = nature_of(spectrum, tolerance);
    return TALUS_OK;
}

talus_status tl_lanczos(talus_context *context, const tl_operator *operator_, int64_t iterations,
                        double tolerance, int64_t seed, talus_spectrum *spectrum)
{
    enum { USUAL = 100, MOST = 10000 };
    const double usual_tolerance = 1e-4;
    *spectrum = (talus_spectrum){0};
    if (iterations < 0 || iterations > MOST)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "spectrum: iterations must be 0 … %d, got %lld", MOST,
                       (long long)iterations);
    if (!(tolerance >= 0 && tolerance < 1))
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "spectrum: tolerance must be at least 0 and below 1, got %g", tolerance);
    process p = {.of = operator_,
                 .space = {context, TALUS_DTYPE_F64, operator_->n,
                           tl_kernels_of(context->options.instruction_set, TALUS_DTYPE_F64)},
                 .most = iterations == 0 ? USUAL : iterations};
    p.most = p.most < operator_->n ? p.most : operator_->n;
    talus_status status = allocate(&p);
    if (status == TALUS_OK) {
        draw_start(&p, seed);
        status = run(&p, tolerance == 0 ? usual_tolerance : tolerance, spectrum);
    }
    tl_release(context, p.alpha);
    tl_release(context, p.basis);
    return status;
}

static const char *nature_name(int nature)
{
    static const char *const names[TALUS_NATURE_COUNT] = {
        [TALUS_NATURE_MINIMUM] = "minimum", [TALUS_NATURE_VALLEY] = "valley",
        [TALUS_NATURE_SADDLE] = "saddle",   [TALUS_NATURE_MAXIMUM] = "maximum",
        [TALUS_NATURE_FLAT] = "flat",
    };
    return names[nature];
}

const tl_names tl_nature_names = {TALUS_ENUMERATION_NATURE, TALUS_NATURE_COUNT, nature_name};
