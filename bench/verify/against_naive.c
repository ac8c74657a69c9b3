#include "verify/against_naive.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talus/train.h>

#include "measure/numbers.h"
#include "verify/sharp.h"

#define STEPS     2
#define TOLERANCE 2.0  /* error may be so many times ε·(k + ROUNDINGS) */
#define ROUNDINGS 64.0 /* those outside the sums */
#define LEAST     0.1  /* of the parameters must be compared */

#define FLOPS 2e9 /* a naive step takes so many at most, if one sample does not take more */

typedef struct judge {
    const bench_setup *setup; /* with a smaller batch, if the naive loops would be slow */
    int64_t max_batch;        /* of the trainer: the batch that is timed */
    naive_network net;
    naive_pass *pass, *single; /* for the batch, and for one sample */
    naive_optimizer optimizer;
    int64_t count;
    double *start, *theta, *gradient; /* θ_0, θ, ∇ of the naive loops */
    bool *doubtful;                   /* parameters that rounding decides: they are not compared */
    bench_batch batch;
    uint64_t state; /* of the random numbers */

    talus_context *context;
    talus_network *network;
    talus_trainer *trainer;
    talus_matrix parameters; /* of the library */
} judge;

/* Opening and closing ------------------------------------------------------------------------------------ */

static void judge_close(judge *j)
{
    talus_trainer_destroy(j->trainer);
    talus_network_destroy(j->network);
    talus_context_destroy(j->context);
    bench_batch_destroy(&j->batch);
    naive_pass_destroy(j->pass);
    naive_pass_destroy(j->single);
    free(j->start);
    free(j->theta);
    free(j->gradient);
    free(j->doubtful);
    free(j->optimizer.m);
    free(j->optimizer.v);
    free(j->optimizer.u);
}

static double *zeros(int64_t count)
{
    return calloc((size_t)count, sizeof(double));
}

static bool judge_open(judge *j, const bench_setup *setup, int64_t max_batch)
{
    *j = (judge){
        .setup = setup, .max_batch = max_batch, .net = bench_setup_naive(setup), .state = setup->seed};
    if (!bench_batch_create(setup, &j->batch) || !bench_setup_network(setup, &j->context, &j->network))
        return false;
    j->count = naive_count(&j->net);
    j->pass = naive_pass_create(&j->net, setup->n);
    j->single = naive_pass_create(&j->net, 1);
    j->start = zeros(j->count);
    j->theta = zeros(j->count);
    j->gradient = zeros(j->count);
    j->doubtful = calloc((size_t)j->count, sizeof *j->doubtful);
    j->optimizer.m = zeros(j->count);
    j->optimizer.v = zeros(j->count);
    j->optimizer.u = zeros(j->count);
    if (!j->pass || !j->single || !j->start || !j->theta || !j->gradient || !j->doubtful || !j->optimizer.m ||
        !j->optimizer.v || !j->optimizer.u) {
        fprintf(stderr, "talus-bench: no memory to verify the step\n");
        return false;
    }
    talus_network_parameters(j->network, &j->parameters);
    bench_numbers_to_double(j->parameters.data, setup->precision, j->count, j->start);
    memcpy(j->theta, j->start, (size_t)j->count * sizeof *j->theta);
    return true;
}

/* Steps -------------------------------------------------------------------------------------------------- */

/* A trainer and a naive optimiser with the sharp coefficients, from the first gradient. */
static bool make_trainer(judge *j)
{
    j->optimizer.spec = bench_sharp_optimizer(j->setup, j->theta, j->gradient, j->count);
    if (talus_trainer_create(j->network, &j->optimizer.spec, j->max_batch, &j->trainer) == TALUS_OK)
        return true;
    fprintf(stderr, "talus-bench: %s\n", talus_error_message(j->context));
    return false;
}

/* The naive step. Where rounding decides, θ of the library is taken, so that the next gradients are of equal parameters. */
static void step_naive(judge *j, double cost)
{
    j->optimizer.cost = cost;
    bench_find_doubtful(j->setup, &j->optimizer, j->gradient, j->count, j->doubtful);
    naive_update(&j->optimizer, j->count, j->theta, j->gradient);
    for (int64_t i = 0; i < j->count; i++)
        if (j->doubtful[i])
            j->theta[i] = bench_number_at(j->parameters.data, j->setup->precision, i);
}

/* One step of both; *error becomes that of the cost if it is larger. */
static bool step(judge *j, double *error)
{
    double expected, got;
    if (!bench_draw_clear(j->setup, j->single, j->theta, &j->batch, &j->state))
        return false;
    expected = naive_gradient(j->pass, j->theta, j->batch.X, &j->batch.Y, j->gradient);
    if (!j->trainer && !make_trainer(j))
        return false;
    if (talus_trainer_step(j->trainer, &j->batch.view, &got) != TALUS_OK) {
        fprintf(stderr, "talus-bench: %s\n", talus_error_message(j->context));
        return false;
    }
    step_naive(j, expected);
    *error = bench_worse(*error, fabs(got - expected) / fmax(1, fabs(expected)));
    return true;
}

/* max|θ_library − θ_naive| / max|θ_naive − θ_0| over the parameters that are compared, NaN if one is. */
static double parameter_error(const judge *j)
{
    double apart = 0, moved = 0;
    for (int64_t i = 0; i < j->count; i++) {
        double got = bench_number_at(j->parameters.data, j->setup->precision, i);
        apart = bench_worse(apart, fabs(got - j->theta[i])); /* 0 for the others, unless they are NaN */
        moved = j->doubtful[i] ? moved : fmax(moved, fabs(j->theta[i] - j->start[i]));
    }
    return apart / moved;
}

/* Whether enough parameters are compared; says so if they are not all. */
static bool enough_compared(const judge *j)
{
    int64_t compared = 0;
    for (int64_t i = 0; i < j->count; i++)
        compared += !j->doubtful[i];
    if (compared < j->count)
        fprintf(
            stderr,
            "talus-bench: %lld of %lld parameters compared; rounding decides the sign of %s for the others\n",
            (long long)compared, (long long)j->count, talus_method_name(j->setup->method));
    return (double)compared >= LEAST * (double)j->count;
}

/* As many samples as the naive loops take in a second or so. */
static int64_t samples_to_verify(const bench_setup *setup)
{
    double most = FLOPS / bench_shape_flops(&setup->shape, 1);
    return most >= (double)setup->n ? setup->n : most < 1 ? 1 : (int64_t)most;
}

bool bench_verify(const bench_setup *setup, double *error)
{
    judge j;
    bench_setup small = *setup;
    *error = NAN;
    if (!naive_has(setup->method)) {
        fprintf(stderr, "talus-bench: the naive loops have no %s, so its step cannot be verified\n",
                talus_method_name(setup->method));
        return false;
    }
    small.n = samples_to_verify(setup);
    double tolerance = TOLERANCE * bench_epsilon(small.precision) * (bench_longest_sum(&small) + ROUNDINGS);
    *error = 0;
    bool good = judge_open(&j, &small, setup->n);
    for (int t = 0; t < STEPS && good; t++)
        good = step(&j, error);
    if (good) {
        *error = bench_worse(*error, parameter_error(&j));
        good = *error <= tolerance;
        if (!good)
            fprintf(stderr, "talus-bench: the step differs from the naive one by %.3g, more than %.3g\n",
                    *error, tolerance);
        good = enough_compared(&j) && good;
    }
    judge_close(&j);
    return good;
}
