/* A step of a method that searches along lines: cost and gradient of one batch at several points. */
#include <math.h>
#include <string.h>

#include "base/float_mode.h"
#include "train/trainer.h"

/* What a step evaluates: C and ∂C/∂parameters of a batch, at the network's parameters. */
typedef struct batch_cost {
    tl_pass *pass;    /* which has a place for the losses of the ranges */
    tl_totals totals; /* of the last evaluation */
    talus_status status;
} batch_cost;

static bool evaluate(void *user, double *value, void *gradient)
{
    batch_cost *cost = user;
    cost->pass->gradient = gradient;
    memset(cost->pass->range_losses, 0, (size_t)cost->pass->network->range_count * sizeof(double));
    cost->status = tl_pass_run(cost->pass, &cost->totals);
    if (cost->status == TALUS_OK)
        *value = tl_cost(&cost->totals);
    return cost->status == TALUS_OK;
}

static double number_at(const talus_optimizer *optimizer, const void *vector, int64_t i)
{
    return optimizer->precision == TALUS_DTYPE_F64 ? ((const double *)vector)[i]
                                                   : (double)((const float *)vector)[i];
}

bool tl_search_rehearse(void *rule, const void *parameters, int64_t offset, int64_t rows, int64_t cols,
                        int64_t ld, const void *gradient, int64_t ld_gradient)
{
    (void)parameters, (void)offset, (void)ld;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            if (!isfinite(number_at(rule, gradient, i * ld_gradient + j)))
                return false;
    return true;
}

static void copy_ranges(talus_trainer *trainer, int from, int to)
{
    memcpy(tl_trainer_ranges(trainer, to), tl_trainer_ranges(trainer, from), tl_ranges_bytes(trainer));
}

/* An iteration that begins at known totals or those that it finds, and leaves those of where it ends. */
static tl_iteration iterate(talus_trainer *trainer, batch_cost *cost, tl_totals *totals)
{
    tl_minimizer *minimizer = trainer->minimizer;
    const tl_objective objective = {evaluate, cost};
    minimizer->known = minimizer->known && trainer->repeats && !trainer->watch.looks &&
                       tl_minimizer_stands(minimizer);
    cost->totals = trainer->totals;
    if (!tl_minimizer_evaluate(minimizer, &objective))
        return TL_ITERATION_LEFT;
    *totals = cost->totals;
    copy_ranges(trainer, TL_RANGES_TRIED, TL_RANGES_STEP);
    tl_iteration how = tl_minimizer_iterate(minimizer, &objective);
    trainer->totals = how == TL_ITERATION_MOVED ? cost->totals : *totals;
    if (how != TL_ITERATION_MOVED)
        copy_ranges(trainer, TL_RANGES_STEP, TL_RANGES_TRIED);
    return how;
}

talus_status tl_trainer_search(talus_trainer *trainer, tl_pass *pass, tl_totals *totals)
{
    batch_cost cost = {.pass = pass};
    pass->range_losses = tl_trainer_ranges(trainer, TL_RANGES_TRIED);
    tl_float_mode mode = tl_float_enter();
    tl_iteration how = iterate(trainer, &cost, totals);
    tl_float_leave(mode);
    if (cost.status != TALUS_OK)
        return cost.status;
    if (how == TL_ITERATION_DIVERGED)
        totals->loss = INFINITY;
    else
        trainer->optimizer->steps++;
    if (how == TL_ITERATION_MOVED)
        tl_pass_constrain(pass);
    trainer->stalled = how == TL_ITERATION_STALLED;
    return TALUS_OK;
}
