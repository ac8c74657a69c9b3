#include "kernels/kernels.h"
#include "optimize/optimizer.h"

static real *state_at(const talus_optimizer *optimizer, int i, int64_t offset)
{
    return optimizer->states[i] == NULL ? NULL : (real *)optimizer->states[i] + offset;
}

static void run_update(const talus_optimizer *optimizer, TL(tl_update_args) * args)
{
    const TL(tl_kernels) *kernels = optimizer->kernels;
    real c[TL_COEFFICIENTS];
    for (int i = 0; i < TL_COEFFICIENTS; i++)
        c[i] = (real)optimizer->coefficients[i];
    args->coefficients = c;
    kernels->updates[optimizer->spec.method](args);
}

void TL(tl_optimizer_apply)(const talus_optimizer *optimizer, void *parameters, int64_t offset, int64_t rows,
                            int64_t cols, int64_t ld, const void *gradient, int64_t ld_gradient)
{
    TL(tl_update_args)
    args = {.rows = rows,
            .cols = cols,
            .ld = ld,
            .ld_gradient = ld_gradient,
            .theta = parameters,
            .gradient = gradient};
    for (int i = 0; i < TL_MOST_STATES; i++)
        args.states[i] = state_at(optimizer, i, offset);
    run_update(optimizer, &args);
}

static bool all_finite(int64_t count, const real *x)
{
    bool finite = true;
    for (int64_t j = 0; j < count; j++)
        finite &= x[j] - x[j] == 0;
    return finite;
}

static void copy(int64_t count, const real *from, real *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] = from[j];
}

/* The update of some numbers that lie together, made on copies. */
#define REHEARSED 256
static bool rehearse(const talus_optimizer *optimizer, int64_t count, const real *theta, int64_t offset,
                     const real *gradient)
{
    real changed[1 + TL_MOST_STATES][REHEARSED];
    TL(tl_update_args) args = {.rows = 1, .cols = count, .theta = changed[0], .gradient = gradient};
    copy(count, theta, changed[0]);
    for (int i = 0; i < TL_MOST_STATES && optimizer->states[i] != NULL; i++) {
        copy(count, state_at(optimizer, i, offset), changed[1 + i]);
        args.states[i] = changed[1 + i];
    }
    run_update(optimizer, &args);
    bool finite = all_finite(count, changed[0]);
    for (int i = 0; i < TL_MOST_STATES && optimizer->states[i] != NULL; i++)
        finite &= all_finite(count, changed[1 + i]);
    return finite;
}

bool TL(tl_optimizer_rehearse)(const talus_optimizer *optimizer, const void *parameters, int64_t offset,
                               int64_t rows, int64_t cols, int64_t ld, const void *gradient,
                               int64_t ld_gradient)
{
    const real *theta = parameters, *g = gradient;
    bool finite = true;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j += REHEARSED) {
            int64_t count = cols - j < REHEARSED ? cols - j : REHEARSED;
            finite &= rehearse(optimizer, count, theta + i * ld + j, offset + i * ld + j,
                               g + i * ld_gradient + j);
        }
    return finite;
}
