/* A step of a method that searches along lines: cost and gradient of one batch at several points. */
#include <math.h>

#include "base/float_mode.h"
#include "train/trainer.h"

/* What a step evaluates: C and ∂C/∂parameters of a batch, at the network's parameters. */
typedef struct batch_cost {
    tl_pass *pass;
    tl_totals *first; /* receives the totals before the step */
    int evaluations;
    talus_status status;
} batch_cost;

static bool evaluate(void *user, double *value, void *gradient)
{
    batch_cost *cost = user;
    tl_totals totals;
    cost->pass->gradient = gradient;
    cost->status = tl_pass_run(cost->pass, &totals);
    if (cost->status != TALUS_OK)
        return false;
    if (cost->evaluations++ == 0)
        *cost->first = totals;
    *value = tl_cost(&totals);
    return true;
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

talus_status tl_trainer_search(talus_trainer *trainer, tl_pass *pass, tl_totals *totals)
{
    tl_minimizer *minimizer = trainer->minimizer;
    batch_cost cost = {.pass = pass, .first = totals};
    const tl_objective objective = {evaluate, &cost};
    tl_float_mode mode = tl_float_enter();
    minimizer->known = false;
    tl_iteration how = tl_minimizer_iterate(minimizer, &objective);
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
