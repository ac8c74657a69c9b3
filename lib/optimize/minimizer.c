#include "optimize/minimizer.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/cache.h"
#include "optimize/line_search.h"
#include "optimize/rule.h"

/* Memory ------------------------------------------------------------------------------------------------- */

enum { UPDATE_VECTORS = 2, SEARCH_VECTORS = 4 };

static char *place(char **memory, size_t bytes)
{
    char *here = *memory;
    *memory += bytes;
    return here;
}

static void lay_out(tl_minimizer *m, const tl_search *search)
{
    char *memory = m->memory;
    m->gradient = place(&memory, m->stride);
    m->last_x = place(&memory, m->stride);
    if (search == NULL)
        return;
    m->last_gradient = place(&memory, m->stride);
    m->direction = place(&memory, m->stride);
    size_t vectors = m->stride * (size_t)search->vectors(&m->optimizer->spec);
    m->learnt_vectors = place(&memory, vectors);
    m->learnt_numbers = (double *)(void *)memory;
    m->learnt_bytes = vectors + (size_t)search->numbers(&m->optimizer->spec) * sizeof(double);
}

/* The bytes of all vectors and numbers; false if no memory could hold them. */
static bool measure(const tl_minimizer *m, const tl_search *search, int64_t *bytes)
{
    int64_t vectors = UPDATE_VECTORS, numbers = 0;
    if (search != NULL) {
        vectors = SEARCH_VECTORS + search->vectors(&m->optimizer->spec);
        numbers = search->numbers(&m->optimizer->spec);
    }
    if (!tl_multiply((int64_t)m->stride, vectors, bytes))
        return false;
    *bytes += numbers * (int64_t)sizeof(double);
    return true;
}

talus_status tl_minimizer_create(talus_optimizer *optimizer, void *x, const char *call,
                                 tl_minimizer **minimizer)
{
    talus_context *context = optimizer->context;
    const tl_search *search = tl_rule_of(optimizer->spec.method)->search;
    size_t line = TL_LINE_BYTES, bytes = (size_t)optimizer->count * tl_dtype_size(optimizer->precision);
    int64_t total = 0;
    tl_minimizer *made = tl_allocate(context, sizeof *made);
    if (made == NULL)
        goto fail;
    *made = (tl_minimizer){
        .optimizer = optimizer,
        .space = {context, optimizer->precision, optimizer->count, optimizer->kernels},
        .x = x,
        .stride = (bytes + line - 1) / line * line,
    };
    if (measure(made, search, &total))
        made->memory = tl_allocate(context, (size_t)total);
    if (made->memory == NULL)
        goto fail;
    lay_out(made, search);
    optimizer->minimizer = made;
    *minimizer = made;
    return TALUS_OK;
fail:
    tl_minimizer_destroy(made);
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "%s: the allocator returned no memory for the vectors of %s, of %lld numbers each", call,
                   tl_rule_of(optimizer->spec.method)->name, (long long)optimizer->count);
}

void tl_minimizer_destroy(tl_minimizer *m)
{
    if (m == NULL)
        return;
    m->optimizer->minimizer = NULL;
    tl_release(m->space.context, m->memory);
    tl_release(m->space.context, m);
}

/* f and its gradient ------------------------------------------------------------------------------------- */

/* value and norm become NaN if f, or anything of ∇f, is not finite. */
static bool evaluate(tl_minimizer *m, const tl_objective *objective)
{
    m->known = false;
    if (!objective->evaluate(objective->user, &m->value, m->gradient))
        return false;
    m->norm = tl_vector_largest(&m->space, m->gradient);
    if (!isfinite(m->value) || !isfinite(m->norm))
        m->value = m->norm = NAN;
    m->known = true;
    return true;
}

bool tl_minimizer_evaluate(tl_minimizer *m, const tl_objective *objective)
{
    return m->known || evaluate(m, objective);
}

/* An update rule ----------------------------------------------------------------------------------------- */

static tl_iteration back(tl_minimizer *m, double value, double norm, tl_iteration end)
{
    tl_vector_copy(&m->space, m->last_x, m->x);
    m->value = value;
    m->norm = norm;
    m->known = false;
    return end;
}

static tl_iteration update(tl_minimizer *m, const tl_objective *objective)
{
    double value = m->value, norm = m->norm;
    tl_vector_copy(&m->space, m->x, m->last_x);
    m->optimizer->cost = m->value;
    if (!tl_optimizer_run(m->optimizer, m->x, m->gradient))
        return TL_ITERATION_DIVERGED;
    if (!evaluate(m, objective))
        return back(m, value, norm, TL_ITERATION_LEFT);
    if (!isfinite(m->value))
        return back(m, value, norm, TL_ITERATION_DIVERGED);
    tl_vector_combine(&m->space, 1, m->x, -1, m->last_x, m->last_x);
    m->moved = tl_vector_largest(&m->space, m->last_x);
    return TL_ITERATION_MOVED;
}

/* A search along a line ---------------------------------------------------------------------------------- */

/* c₁, and the most trials of a search */
static const double DECREASE = 1e-4;
enum { TRIALS = 30 };

/* What is known on a line: where x stands, and the lowest point. */
typedef struct line {
    tl_minimizer *minimizer;
    const tl_objective *objective;
    double at;
    struct {
        double step, value, norm;
    } lowest;
} line;

static void stand_at(line *l, double step)
{
    tl_minimizer *m = l->minimizer;
    l->at = step;
    if (step == 0)
        tl_vector_copy(&m->space, m->last_x, m->x);
    else
        tl_vector_combine(&m->space, 1, m->last_x, step, m->direction, m->x);
}

static bool probe(void *job, tl_line_point *point)
{
    line *l = job;
    tl_minimizer *m = l->minimizer;
    stand_at(l, point->step);
    if (!evaluate(m, l->objective))
        return false;
    point->value = m->value;
    point->slope = isfinite(m->value) ? tl_vector_dot(&m->space, m->gradient, m->direction) : NAN;
    if (m->value < l->lowest.value) {
        l->lowest.step = point->step;
        l->lowest.value = m->value;
        l->lowest.norm = m->norm;
    }
    return true;
}

/* To the lowest point, to go on from there. False: evaluate has ended it. */
static bool stand_lowest(line *l)
{
    if (l->at == l->lowest.step)
        return true;
    stand_at(l, l->lowest.step);
    return evaluate(l->minimizer, l->objective);
}

/* To the lowest point, to stay there. */
static tl_iteration leave_lowest(line *l)
{
    stand_at(l, l->lowest.step);
    l->minimizer->value = l->lowest.value;
    l->minimizer->norm = l->lowest.norm;
    l->minimizer->known = false;
    return TL_ITERATION_LEFT;
}

static tl_iteration return_to_start(line *l, double value, double norm)
{
    tl_minimizer *m = l->minimizer;
    stand_at(l, 0);
    tl_vector_copy(&m->space, m->last_gradient, m->gradient);
    m->value = value;
    m->norm = norm;
    m->known = true;
    return TL_ITERATION_STALLED;
}

/* Along p from last_x, where f is `value`. */
static tl_iteration go_along(tl_minimizer *m, const tl_objective *objective, double slope, double first)
{
    const tl_search *method = tl_rule_of(m->optimizer->spec.method)->search;
    const double digit = m->space.precision == TALUS_DTYPE_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    const tl_line_rules rules = {DECREASE, method->curvature, TRIALS, digit * fabs(m->value)};
    line l = {m, objective, 0, {0, m->value, m->norm}};
    const double value = m->value, norm = m->norm;
    tl_line_end end = tl_line_search(&rules, m->value, slope, first, probe, &l);
    if (end == TL_LINE_FAILED && !(l.lowest.value < value - rules.slack))
        return return_to_start(&l, value, norm);
    if (end == TL_LINE_FAILED && !stand_lowest(&l))
        end = TL_LINE_LEFT;
    if (end == TL_LINE_LEFT)
        return leave_lowest(&l);
    m->moved = l.at * tl_vector_largest(&m->space, m->direction);
    method->learn(m, l.at);
    tl_vector_copy(&m->space, m->x, m->last_x);
    return TL_ITERATION_MOVED;
}

/* p = −∇f, and at first a step of length 1, or a shorter one if the gradient is. */
static tl_iteration go_steepest(tl_minimizer *m, const tl_objective *objective)
{
    double length = tl_vector_norm(&m->space, m->gradient);
    m->learnt = 0;
    if (length == 0)
        return TL_ITERATION_STALLED;
    tl_vector_combine(&m->space, -1, m->gradient, 0, m->gradient, m->direction);
    return go_along(m, objective, -length * length, fmin(1, 1 / length));
}

static tl_iteration search(tl_minimizer *m, const tl_objective *objective)
{
    const tl_search *method = tl_rule_of(m->optimizer->spec.method)->search;
    tl_iteration end = TL_ITERATION_STALLED;
    tl_vector_copy(&m->space, m->x, m->last_x);
    tl_vector_copy(&m->space, m->gradient, m->last_gradient);
    if (m->learnt > 0) {
        method->direct(m);
        double slope = tl_vector_dot(&m->space, m->gradient, m->direction);
        if (slope < 0 && isfinite(slope))
            end = go_along(m, objective, slope, method->first(m, slope));
    }
    return end == TL_ITERATION_STALLED ? go_steepest(m, objective) : end;
}

bool tl_minimizer_stands(const tl_minimizer *m)
{
    return memcmp(m->x, m->last_x, (size_t)m->space.count * tl_dtype_size(m->space.precision)) == 0;
}

tl_iteration tl_minimizer_iterate(tl_minimizer *m, const tl_objective *objective)
{
    if (!tl_minimizer_evaluate(m, objective))
        return TL_ITERATION_LEFT;
    if (!isfinite(m->value))
        return TL_ITERATION_DIVERGED;
    return tl_optimizer_searches(m->optimizer) ? search(m, objective) : update(m, objective);
}
