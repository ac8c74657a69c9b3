#include "diagnose/differences.h"

#include <float.h>
#include <math.h>

#include "base/philox.h"

/* What a check works with. */
typedef struct check {
    const tl_function *function;
    double step;      /* ε^⅓ */
    double least;     /* below which no gradient counts */
    double *gradient; /* n */
    int64_t *order;   /* the directions to check come first; NULL: all, as they stand */
} check;

/* (f(x + h·e_i) − f(x − h·e_i))/2h, with the distance that the two points have once they are rounded */
static talus_status difference(const check *c, int64_t i, double *quotient)
{
    const tl_function *f = c->function;
    double middle = f->x[i], h = c->step * fmax(1, fabs(middle)), above = middle + h, below = middle - h;
    double values[2];
    f->x[i] = above;
    talus_status status = f->evaluate(f->self, &values[0], NULL);
    f->x[i] = below;
    if (status == TALUS_OK)
        status = f->evaluate(f->self, &values[1], NULL);
    f->x[i] = middle;
    if (status == TALUS_OK)
        *quotient = (values[0] - values[1]) / (above - below);
    return status;
}

static double relative_error(const check *c, double analytic, double numeric)
{
    double error = fabs(analytic - numeric);
    if (!isfinite(error))
        return INFINITY;
    return error == 0 ? 0 : error / fmax(fmax(fabs(analytic), fabs(numeric)), c->least);
}

static talus_status compare(const check *c, int64_t count, talus_gradient_check_result *result)
{
    *result = (talus_gradient_check_result){.checked = count, .error = -1};
    for (int64_t k = 0; k < count; k++) {
        int64_t i = c->order == NULL ? k : c->order[k];
        double numeric = 0;
        talus_status status = difference(c, i, &numeric);
        if (status != TALUS_OK)
            return status;
        double error = relative_error(c, c->gradient[i], numeric);
        if (error > result->error) {
            result->error = error;
            result->analytic = c->gradient[i];
            result->numeric = numeric;
            result->index = i;
        }
    }
    return TALUS_OK;
}

/* The gradient at x, and from it the least that counts. */
static talus_status take_gradient(check *c)
{
    double value = 0, largest = 0;
    talus_status status = c->function->evaluate(c->function->self, &value, c->gradient);
    for (int64_t i = 0; status == TALUS_OK && i < c->function->n; i++)
        largest = fmax(largest, fabs(c->gradient[i]));
    c->least = c->step * fmax(fabs(value), largest);
    return status;
}

talus_status tl_check_gradient(talus_context *context, const tl_function *function, int64_t count,
                               int64_t seed, talus_gradient_check_result *result)
{
    const int64_t n = function->n;
    check c = {.function = function, .step = cbrt(DBL_EPSILON)};
    bool draws = count > 0 && count < n;
    if (count < 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "gradient_check: count must be at least 0, got %lld",
                       (long long)count);
    c.gradient = tl_allocate(context, (size_t)n * sizeof *c.gradient);
    if (draws)
        c.order = tl_allocate(context, (size_t)n * sizeof *c.order);
    talus_status status = TALUS_OK;
    if (c.gradient == NULL || (draws && c.order == NULL))
        status = tl_fail(context, TALUS_ERROR_MEMORY,
                         "gradient_check: the allocator returned no memory for %lld parameters",
                         (long long)n);
    for (int64_t i = 0; status == TALUS_OK && draws && i < n; i++)
        c.order[i] = i;
    if (status == TALUS_OK && draws)
        tl_shuffle((uint64_t)seed, TL_PURPOSE_CHECK, 0, n, c.order);
    if (status == TALUS_OK)
        status = take_gradient(&c);
    if (status == TALUS_OK)
        status = compare(&c, draws ? count : n, result);
    tl_release(context, c.order);
    tl_release(context, c.gradient);
    return status;
}
