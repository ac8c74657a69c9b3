#include "kernels/update.h"

#include <stdbool.h>
#include <stddef.h>

#include "kernels/update_rules.h"

#define INLINE __attribute__((always_inline)) static inline

/* The loop over a tile; the number of states, how many of them the rule may change, the rule and whether weights decay are known where it
 * is called. */
INLINE void run(const TL(tl_update_args) * x, int states, int changed, rule *f, bool decays)
{
    real c[TL_COEFFICIENTS];
    for (int k = 0; k < TL_COEFFICIENTS; k++)
        c[k] = x->coefficients[k];
    for (int64_t i = 0; i < x->rows; i++) {
        real *restrict theta = x->theta + i * x->ld;
        real *restrict first = states > 0 ? x->states[0] + i * x->ld : NULL;
        real *restrict second = states > 1 ? x->states[1] + i * x->ld : NULL;
        real *restrict third = states > 2 ? x->states[2] + i * x->ld : NULL;
        real *restrict fourth = states > 3 ? x->states[3] + i * x->ld : NULL;
        const real *restrict g = x->gradient + i * x->ld_gradient;
        for (int64_t j = 0; j < x->cols; j++) {
            parameter p = {decays ? c[TL_REMAINS] * theta[j] : theta[j],
                           {states > 0 ? first[j] : 0, states > 1 ? second[j] : 0, states > 2 ? third[j] : 0,
                            states > 3 ? fourth[j] : 0}};
            p = f(p, g[j], c);
            theta[j] = p.theta;
            if (changed > 0)
                first[j] = p.state[0];
            if (changed > 1)
                second[j] = p.state[1];
            if (changed > 2)
                third[j] = p.state[2];
            if (changed > 3)
                fourth[j] = p.state[3];
        }
    }
}

INLINE void update_first(const TL(tl_update_args) * x, int states, int changed, rule *f)
{
    if (x->coefficients[TL_REMAINS] == 1)
        run(x, states, changed, f, false);
    else
        run(x, states, changed, f, true);
}

INLINE void update(const TL(tl_update_args) * x, int states, rule *f)
{
    update_first(x, states, states, f);
}

/* The kernels -------------------------------------------------------------------------------------------- */

static void update_gradient_descent(const TL(tl_update_args) * x)
{
    update(x, TL_DESCENT_STATES, gradient_descent);
}

static void update_momentum(const TL(tl_update_args) * x)
{
    update(x, TL_MOMENTUM_STATES, momentum);
}

static void update_adam(const TL(tl_update_args) * x)
{
    update(x, TL_ADAM_STATES, adam);
}

static void update_adagrad(const TL(tl_update_args) * x)
{
    update(x, TL_ADAGRAD_STATES, adagrad);
}

static void update_adadelta(const TL(tl_update_args) * x)
{
    update(x, TL_ADADELTA_STATES, adadelta);
}

static void update_rmsprop(const TL(tl_update_args) * x)
{
    update(x, TL_RMSPROP_STATES, rmsprop);
}

static void update_rmsprop_centered(const TL(tl_update_args) * x)
{
    update(x, TL_RMSPROP_STATES + 1, rmsprop_centered);
}

static void update_rmsprop_momentum(const TL(tl_update_args) * x)
{
    update(x, TL_RMSPROP_STATES + 1, rmsprop_momentum);
}

static void update_rmsprop_both(const TL(tl_update_args) * x)
{
    update(x, TL_RMSPROP_STATES + 2, rmsprop_both);
}

static void update_amsgrad(const TL(tl_update_args) * x)
{
    update(x, TL_AMSGRAD_STATES, amsgrad);
}

static void update_adamax(const TL(tl_update_args) * x)
{
    update(x, TL_ADAM_STATES, adamax);
}

static void update_nadam(const TL(tl_update_args) * x)
{
    update(x, TL_ADAM_STATES, nadam);
}

static void update_radam(const TL(tl_update_args) * x)
{
    update(x, TL_ADAM_STATES, radam);
}

static void update_lion(const TL(tl_update_args) * x)
{
    update(x, TL_LION_STATES, lion);
}

static void update_adopt(const TL(tl_update_args) * x)
{
    update(x, TL_ADAM_STATES, adopt);
}

static void update_schedule_free(const TL(tl_update_args) * x)
{
    update(x, TL_SCHEDULE_FREE_STATES, schedule_free);
}

static void update_irprop(const TL(tl_update_args) * x)
{
    update(x, TL_IRPROP_STATES, irprop);
}

static void update_muon(const TL(tl_update_args) * x)
{
    update_first(x, TL_MUON_STATES, 1, muon);
}

static void update_soap(const TL(tl_update_args) * x)
{
    update_first(x, TL_SOAP_STATES, 2, soap);
}

static void update_kfac(const TL(tl_update_args) * x)
{
    update_first(x, TL_KFAC_STATES, 1, kfac);
}

TL(tl_update_kernel) *const K(updates)[TL_UPDATES] = {
    [TL_UPDATE_DESCENT] = update_gradient_descent,
    [TL_UPDATE_MOMENTUM] = update_momentum,
    [TL_UPDATE_ADAM] = update_adam,
    [TL_UPDATE_ADAGRAD] = update_adagrad,
    [TL_UPDATE_ADADELTA] = update_adadelta,
    [TL_UPDATE_RMSPROP] = update_rmsprop,
    [TL_UPDATE_RMSPROP_CENTERED] = update_rmsprop_centered,
    [TL_UPDATE_RMSPROP_MOMENTUM] = update_rmsprop_momentum,
    [TL_UPDATE_RMSPROP_BOTH] = update_rmsprop_both,
    [TL_UPDATE_AMSGRAD] = update_amsgrad,
    [TL_UPDATE_ADAMAX] = update_adamax,
    [TL_UPDATE_NADAM] = update_nadam,
    [TL_UPDATE_RADAM] = update_radam,
    [TL_UPDATE_LION] = update_lion,
    [TL_UPDATE_ADOPT] = update_adopt,
    [TL_UPDATE_SCHEDULE_FREE] = update_schedule_free,
    [TL_UPDATE_IRPROP] = update_irprop,
    [TL_UPDATE_MUON] = update_muon,
    [TL_UPDATE_SOAP] = update_soap,
    [TL_UPDATE_KFAC] = update_kfac,
};
