/* A step on stored vectors: the parameters and the whole gradient. */
#include <math.h>
#include <string.h>

#include "base/float_mode.h"
#include "optimize/flat_vector.h"
#include "optimize/optimizer.h"

/* Part by part, and each part in pieces that lie in one range of the factors, and in one matrix or none. */
typedef struct stored_step {
    talus_optimizer *optimizer;
    char *parameters;
    const char *gradient;
} stored_step;

static int64_t piece_end(const talus_optimizer *optimizer, int64_t at, int64_t end)
{
    int64_t place = tl_place_of(&optimizer->factors, at);
    int64_t limit = tl_place_end(&optimizer->factors, place, optimizer->count);
    return tl_matrices_end(&optimizer->matrices, at, limit < end ? limit : end);
}

static double apply_part(void *job, int64_t first, int64_t count)
{
    const stored_step *step = job;
    int64_t size = (int64_t)tl_dtype_size(step->optimizer->precision), end = first + count;
    for (int64_t at = first, next; at < end; at = next) {
        next = piece_end(step->optimizer, at, end);
        tl_optimizer_apply(step->optimizer, step->parameters + at * size, at, 1, next - at, next - at,
                           step->gradient + at * size, next - at);
    }
    return 0;
}

/* The pieces that would not stay finite. */
static double rehearse_part(void *job, int64_t first, int64_t count)
{
    const stored_step *step = job;
    int64_t size = (int64_t)tl_dtype_size(step->optimizer->precision), end = first + count;
    double overflows = 0;
    for (int64_t at = first, next; at < end; at = next) {
        next = piece_end(step->optimizer, at, end);
        if (!tl_optimizer_rehearse(step->optimizer, step->parameters + at * size, at, 1, next - at, next - at,
                                   step->gradient + at * size, next - at))
            overflows++;
    }
    return overflows;
}

static tl_vectors space_of(const talus_optimizer *optimizer, int64_t count)
{
    return (tl_vectors){optimizer->context, optimizer->precision, count, optimizer->kernels};
}

static bool stays_finite(stored_step *step)
{
    tl_vectors space = space_of(step->optimizer, step->optimizer->count);
    double overflows[TL_MOST_PARTS], sum = 0;
    int parts = tl_vector_run(&space, rehearse_part, step, overflows);
    for (int i = 0; i < parts; i++)
        sum += overflows[i];
    return sum == 0;
}

/* The next numbers from *first on that are not frozen, up to *end; false if there are none. */
static bool next_free(const talus_optimizer *optimizer, int64_t *first, int64_t *end)
{
    const tl_factors *factors = &optimizer->factors;
    int64_t place = *first < optimizer->count ? tl_place_of(factors, *first) : factors->place_count;
    while (place < factors->place_count && tl_setting_of(factors, place)->rate == 0)
        place++;
    if (place == factors->place_count)
        return false;
    *first = factors->places[place].first;
    while (place < factors->place_count && tl_setting_of(factors, place)->rate > 0)
        *end = tl_place_end(factors, place++, optimizer->count);
    return true;
}

static const void *part_of(const talus_optimizer *optimizer, const void *vector, int64_t first)
{
    return (const char *)vector + first * (int64_t)tl_dtype_size(optimizer->precision);
}

double tl_optimizer_largest(const talus_optimizer *optimizer, const void *gradient)
{
    double most = 0;
    for (int64_t first = 0, end; next_free(optimizer, &first, &end); first = end) {
        tl_vectors space = space_of(optimizer, end - first);
        double size = tl_vector_largest(&space, part_of(optimizer, gradient, first));
        most = size > most || isnan(size) ? size : most;
    }
    return most;
}

/* ‖g‖, of what is not frozen */
static double norm(const talus_optimizer *optimizer, const void *gradient)
{
    double length = 0;
    for (int64_t first = 0, end; next_free(optimizer, &first, &end); first = end) {
        tl_vectors space = space_of(optimizer, end - first);
        length = hypot(length, tl_vector_norm(&space, part_of(optimizer, gradient, first)));
    }
    return length;
}

/* g ← g·min(1, c/‖g‖). Gives ‖g‖, or max |g_i| where that is all that is asked: a bound of every |g_i|. */
static double measure(talus_optimizer *optimizer, const void *gradient)
{
    double most = optimizer->spec.clip_norm;
    if (most == 0)
        return tl_optimizer_largest(optimizer, gradient);
    double length = norm(optimizer, gradient);
    if (length > most)
        optimizer->scale = most / length;
    return length;
}

static bool run_step(stored_step *step)
{
    talus_optimizer *optimizer = step->optimizer;
    tl_vectors space = space_of(optimizer, optimizer->count);
    double unused[TL_MOST_PARTS];
    tl_optimizer_begin(optimizer);
    double bound = measure(optimizer, step->gradient);
    if (!isfinite(bound) || !tl_optimizer_may_learn(optimizer, bound))
        return false;
    if (tl_optimizer_has_matrices(optimizer)) {
        tl_matrices_direct(optimizer, step->gradient);
        optimizer->matrices.largest = tl_matrices_largest(optimizer);
    }
    if (!(tl_optimizer_is_safe(optimizer, bound) || stays_finite(step)))
        return false;
    tl_vector_run(&space, apply_part, step, unused);
    tl_optimizer_end(optimizer);
    if (tl_optimizer_has_matrices(optimizer))
        tl_matrices_learn(optimizer);
    return true;
}

bool tl_optimizer_run(talus_optimizer *optimizer, void *parameters, const void *gradient)
{
    stored_step step = {optimizer, parameters, gradient};
    tl_float_mode mode = tl_float_enter();
    bool made = run_step(&step);
    tl_float_leave(mode);
    return made;
}

bool tl_optimizer_has_average(const talus_optimizer *optimizer)
{
    return tl_rule_of(optimizer->spec.method)->average != NULL;
}

/* z = x = y where z − y = 0. */
void tl_optimizer_restart_average(talus_optimizer *optimizer)
{
    memset(optimizer->states[0], 0, (size_t)optimizer->count * tl_dtype_size(optimizer->precision));
}

void tl_optimizer_average(const talus_optimizer *optimizer, const void *parameters, void *average)
{
    tl_vectors space = space_of(optimizer, optimizer->count);
    tl_float_mode mode = tl_float_enter();
    if (tl_optimizer_has_average(optimizer))
        tl_vector_combine(&space, 1, parameters,
                          -tl_rule_of(optimizer->spec.method)->average(&optimizer->spec),
                          optimizer->states[0], average);
    else if (average != parameters)
        tl_vector_combine(&space, 1, parameters, 0, parameters, average);
    tl_float_leave(mode);
}
