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

/* Methods whose ε stands beside √v, where it makes them smooth. */
static const bool adds_to_a_root[TALUS_METHOD_COUNT] = {
    [TALUS_ADAM] = true,    [TALUS_ADAGRAD] = true, [TALUS_RMSPROP] = true,
    [TALUS_AMSGRAD] = true, [TALUS_ADAMW] = true,   [TALUS_NADAM] = true,
};

talus_optimizer_spec bench_sharp_optimizer(const bench_setup *setup, const double *theta,
                                           const double *gradient, int64_t count)
{
    talus_optimizer_spec spec;
    double move = MOVE * bench_largest(theta, count), most = bench_largest(gradient, count);
    talus_optimizer_defaults(&spec, setup->method);
    bool plain = setup->method == TALUS_GRADIENT_DESCENT || setup->method == TALUS_MOMENTUM;
    spec.rate = plain ? move / most : 2 * move;
    if (adds_to_a_root[setup->method])
        spec.epsilon = most;
    spec.weight_decay = 0; /* which spares biases, as the naive one does not */
    return spec;
}
