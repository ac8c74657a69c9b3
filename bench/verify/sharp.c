#include "verify/sharp.h"

#include <math.h>
#include <stdio.h>

#include "measure/numbers.h"

#define MARGIN 8.0       /* samples keep so many times ε·√k from a kink */
#define DRAWS  1000      /* tries for a sample that does */
#define MOVE   (1 / 8.0) /* of the largest parameter, in the first step */

double bench_longest_sum(const bench_setup *setup)
{
    int64_t k = setup->n;
    for (int l = 0; l <= setup->shape.L; l++)
        k = setup->shape.d[l] > k ? setup->shape.d[l] : k;
    return (double)k;
}

/* The place ±k where f′ jumps; −1 if there is none. */
static double kink_of(int f)
{
    switch (f) {
    case TALUS_RELU:
    case TALUS_LEAKY_RELU:
    case TALUS_SELU:
    case TALUS_PRELU:
        return 0;
    case TALUS_HARD_TANH:
        return 1;
    case TALUS_HARD_SIGMOID:
        return 3;
    default:
        return -1;
    }
}

bool bench_has_kink(int f)
{
    return kink_of(f) >= 0;
}

static bool clear_of_kinks(const bench_setup *setup, naive_pass *single, const double *theta, const double *x)
{
    double margin = MARGIN * bench_epsilon(setup->precision) * sqrt(bench_longest_sum(setup));
    double kink = kink_of(setup->activation);
    naive_forward(single, theta, x);
    for (int l = 1; l < setup->shape.L; l++)
        for (int64_t k = 0; k < setup->shape.d[l]; k++)
            if (fabs(fabs(single->Z[l][k]) - kink) < margin)
                return false;
    return true;
}

bool bench_draw_clear(const bench_setup *setup, naive_pass *single, const double *theta, bench_batch *batch,
                      uint64_t *state)
{
    bool kink = bench_has_kink(setup->activation);
    for (int64_t i = 0; i < setup->n; i++) {
        const double *x = batch->X + i * setup->shape.d[0];
        int tries = 0;
        do {
            bench_batch_draw(setup, batch, i, state);
            tries++;
        } while (kink && !clear_of_kinks(setup, single, theta, x) && tries < DRAWS);
        if (tries == DRAWS) {
            fprintf(stderr, "talus-bench: no sample in %d keeps clear of the kinks of %s\n", DRAWS,
                    talus_activation_name(setup->activation));
            return false;
        }
    }
    return true;
}

/* What makes the first changes of θ smooth in g and about MOVE: a rate for changes of about η·g, else for some of about
 * η·g/(|g| + max|g|); the power of max|g| that ε is, 0 if there is none; and how many times smaller they are at first. Rounding
 * would decide about changes of ±η. */
static const struct sharpness {
    bool by_gradient, by_sign;
    int power;
    double times;
} sharpness_of[TALUS_METHOD_COUNT] = {
    [TALUS_GRADIENT_DESCENT] = {.by_gradient = true},
    [TALUS_MOMENTUM] = {.by_gradient = true},
    [TALUS_ADAM] = {.power = 1},
    [TALUS_ADAGRAD] = {.power = 1},
    [TALUS_ADADELTA] = {.by_gradient = true, .power = 2},
    [TALUS_RMSPROP] = {.power = 1},
    [TALUS_AMSGRAD] = {.power = 1},
    [TALUS_ADAMW] = {.power = 1},
    [TALUS_ADAMAX] = {.power = 1},
    [TALUS_NADAM] = {.power = 1},
    [TALUS_RADAM] = {.by_gradient = true}, /* without √v for five steps */
    [TALUS_LION] = {.by_sign = true},
    [TALUS_ADOPT] = {.power = 1, .times = 10},         /* 1/(1−β₁) */
    [TALUS_SCHEDULE_FREE] = {.power = 1, .times = 32}, /* 1/√(1−β₂) */
    [TALUS_IRPROP_MINUS] = {.by_sign = true},
    [TALUS_IRPROP_PLUS] = {.by_sign = true},
};

talus_optimizer_spec bench_sharp_optimizer(const bench_setup *setup, const double *theta,
                                           const double *gradient, int64_t count)
{
    talus_optimizer_spec spec;
    const struct sharpness *s = &sharpness_of[setup->method];
    double move = MOVE * bench_largest(theta, count), most = bench_largest(gradient, count);
    talus_optimizer_defaults(&spec, setup->method);
    spec.rate = (s->by_gradient ? move / most : 2 * move) * fmax(1, s->times);
    if (s->power > 0)
        spec.epsilon = pow(most, s->power);
    spec.weight_decay = 0; /* which spares biases, as the naive one does not */
    return spec;
}

/* The number whose sign decides. */
static double sign_argument(const naive_optimizer *o, int64_t i, double g)
{
    return o->spec.method == TALUS_LION ? o->spec.beta1 * o->m[i] + (1 - o->spec.beta1) * g : g;
}

void bench_find_doubtful(const bench_setup *setup, const naive_optimizer *o, const double *gradient,
                         int64_t count, bool *doubtful)
{
    double most = 0, share = MARGIN * bench_epsilon(setup->precision) * bench_longest_sum(setup);
    if (!sharpness_of[setup->method].by_sign)
        return;
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs(sign_argument(o, i, gradient[i])));
    for (int64_t i = 0; i < count; i++)
        doubtful[i] |= fabs(sign_argument(o, i, gradient[i])) <= share * most;
}
