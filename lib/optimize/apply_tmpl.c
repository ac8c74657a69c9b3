#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "optimize/optimizer.h"

/* Numbers that lie together are taken in pieces where a copy of them is made. */
#define PIECE 256

static int64_t piece_length(int64_t left)
{
    return left < PIECE ? left : PIECE;
}

static real *state_at(const talus_optimizer *optimizer, int i, int64_t offset)
{
    return optimizer->states[i] == NULL ? NULL : (real *)optimizer->states[i] + offset;
}

static void run_update(const talus_optimizer *optimizer, int kernel, const tl_setting *setting,
                       TL(tl_update_args) * args)
{
    const TL(tl_kernels) *kernels = optimizer->kernels;
    real c[TL_COEFFICIENTS];
    for (int i = 0; i < TL_COEFFICIENTS; i++)
        c[i] = (real)setting->coefficients[i];
    args->coefficients = c;
    kernels->updates[kernel](args);
}

/* The gradient of a piece as the rule is to see it: itself, or clipped in a copy. */
static const real *clipped(const talus_optimizer *optimizer, int64_t count, const real *gradient, real *copy)
{
    const TL(tl_kernels) *kernels = optimizer->kernels;
    if (!tl_optimizer_clips(optimizer))
        return gradient;
    double most = optimizer->spec.clip_value;
    kernels->clip(count, most > 0 ? most : (double)REAL_MAX, optimizer->scale, gradient, copy);
    return copy;
}

void TL(tl_optimizer_take)(const talus_optimizer *optimizer, int64_t offset, int64_t count,
                           const void *gradient, void *to)
{
    const tl_factors *factors = &optimizer->factors;
    const real *g = gradient;
    real *taken = to;
    for (int64_t at = 0, next, place; at < count; at = next) {
        place = tl_place_of(factors, offset + at);
        next = tl_place_end(factors, place, optimizer->count) - offset;
        next = next < count ? next : count;
        const size_t bytes = (size_t)(next - at) * sizeof *taken;
        if (tl_setting_of(factors, place)->rate == 0)
            memset(taken + at, 0, bytes);
        else if (clipped(optimizer, next - at, g + at, taken + at) == g + at)
            memcpy(taken + at, g + at, bytes);
    }
}

/* The tile whole, or piece by piece. */
static void apply_rows(const talus_optimizer *optimizer, const tl_setting *setting, int64_t rows,
                       int64_t cols, int64_t ld, real *theta, int64_t offset, const real *gradient,
                       int64_t ld_gradient)
{
    TL(tl_update_args)
    args = {.rows = rows,
            .cols = cols,
            .ld = ld,
            .ld_gradient = ld_gradient,
            .theta = theta,
            .gradient = gradient};
    for (int i = 0; i < TL_MOST_STATES; i++)
        args.states[i] = state_at(optimizer, i, offset);
    run_update(optimizer, tl_optimizer_kernel(optimizer, offset), setting, &args);
}

void TL(tl_optimizer_apply)(const talus_optimizer *optimizer, const tl_setting *setting, void *parameters,
                            int64_t offset, int64_t rows, int64_t cols, int64_t ld, const void *gradient,
                            int64_t ld_gradient)
{
    real *theta = parameters, copy[PIECE];
    const real *g = gradient;
    if (!tl_optimizer_clips(optimizer)) {
        apply_rows(optimizer, setting, rows, cols, ld, theta, offset, g, ld_gradient);
        return;
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j += PIECE) {
            int64_t count = piece_length(cols - j), at = i * ld + j;
            const real *piece = clipped(optimizer, count, g + i * ld_gradient + j, copy);
            apply_rows(optimizer, setting, 1, count, count, theta + at, offset + at, piece, count);
        }
}

static bool all_finite(const talus_optimizer *optimizer, int64_t count, const real *x)
{
    const TL(tl_kernels) *kernels = optimizer->kernels;
    return isfinite(kernels->largest(count, x));
}

/* The update of a piece, made on copies. */
static bool rehearse(const talus_optimizer *optimizer, const tl_setting *setting, int64_t count,
                     const real *theta, int64_t offset, const real *gradient)
{
    real changed[1 + TL_MOST_STATES][PIECE], copy[PIECE];
    TL(tl_update_args)
    args = {
        .rows = 1, .cols = count, .theta = changed[0], .gradient = clipped(optimizer, count, gradient, copy)};
    const size_t bytes = (size_t)count * sizeof *theta;
    memcpy(changed[0], theta, bytes);
    for (int i = 0; i < TL_MOST_STATES && optimizer->states[i] != NULL; i++) {
        memcpy(changed[1 + i], state_at(optimizer, i, offset), bytes);
        args.states[i] = changed[1 + i];
    }
    run_update(optimizer, tl_optimizer_kernel(optimizer, offset), setting, &args);
    bool finite = all_finite(optimizer, count, gradient) && all_finite(optimizer, count, changed[0]);
    for (int i = 0; i < TL_MOST_STATES && optimizer->states[i] != NULL; i++)
        finite &= all_finite(optimizer, count, changed[1 + i]);
    return finite;
}

bool TL(tl_optimizer_rehearse)(const talus_optimizer *optimizer, const tl_setting *setting,
                               const void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                               const void *gradient, int64_t ld_gradient)
{
    const real *theta = parameters, *g = gradient;
    bool finite = true;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j += PIECE) {
            int64_t at = i * ld + j;
            finite &= rehearse(optimizer, setting, piece_length(cols - j), theta + at, offset + at,
                               g + i * ld_gradient + j);
        }
    return finite;
}
