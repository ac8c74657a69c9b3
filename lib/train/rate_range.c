/* Which learning rates there are to choose from: a trial over growing ones, which leaves all as it was. */
#include <math.h>

#include "base/call.h"
#include "base/options.h"
#include "train/batches.h"
#include "train/trainer.h"

#define MEMORY 0.9 /* of the smoothed cost */
#define BEYOND 4   /* times the lowest smoothed cost: enough is seen */

typedef struct trial {
    talus_trainer *trainer;
    const talus_dataset *dataset;
    tl_feed feed;
    int64_t batch, steps;
    double first, last; /* rates */
    talus_matrix curve; /* data NULL: not wanted */
    double average;     /* Σ (1 − m)·m^k·cost, from which the smoothed cost follows */
    double lowest;      /* smoothed cost */
    talus_rate_range found;
} trial;

/* Step k. The data set is gone through again and again, as it stands. */
static talus_status step(const trial *t, int64_t k, tl_totals *totals)
{
    int64_t batches = t->dataset->samples / t->batch;
    tl_pass pass = {.network = t->trainer->network, .workspace = t->trainer->workspace};
    talus_status status = tl_pass_read(&t->feed, NULL, k % batches * t->batch, t->batch, &pass);
    return status == TALUS_OK ? tl_trainer_run(t->trainer, &pass, totals) : status;
}

/* η_k = first·(last/first)^(k/(steps − 1)) */
static double rate_of(const trial *t, int64_t k)
{
    return t->first * pow(t->last / t->first, (double)k / (double)(t->steps - 1));
}

/* Keeps what step k has shown; false if that is enough. */
static bool record(trial *t, int64_t k, double rate, double cost)
{
    t->found.steps = k + 1;
    if (t->curve.data != NULL) {
        double *row = (double *)t->curve.data + k * t->curve.stride;
        row[0] = rate;
        row[1] = cost;
    }
    if (!isfinite(cost))
        return false;
    t->average = MEMORY * t->average + (1 - MEMORY) * cost;
    double smoothed = t->average / (1 - pow(MEMORY, (double)(k + 1)));
    if (k == 0 || smoothed < t->lowest) {
        t->lowest = smoothed;
        t->found.lowest = rate;
    }
    return smoothed <= BEYOND * fabs(t->lowest);
}

static talus_status run(trial *t)
{
    for (int64_t k = 0; k < t->steps; k++) {
        const double rate = rate_of(t, k);
        tl_totals totals;
        talus_status status = talus_optimizer_set_rate(t->trainer->optimizer, rate);
        if (status == TALUS_OK)
            status = step(t, k, &totals);
        if (status != TALUS_OK)
            return status;
        if (!record(t, k, rate, tl_cost(&totals))) {
            t->found.diverged = rate;
            break;
        }
    }
    t->found.suggested = t->found.lowest / 10;
    return TALUS_OK;
}

/* Runs the trial, and puts network and optimiser back. */
static talus_status run_and_restore(trial *t)
{
    talus_trainer *trainer = t->trainer;
    talus_context *context = trainer->network->context;
    const double rate = trainer->optimizer->spec.rate;
    const tl_watch watch = trainer->watch;
    void *network = tl_allocate(context, tl_network_state_bytes(trainer->network)),
         *optimizer = tl_allocate(context, tl_optimizer_state_bytes(trainer->optimizer));
    talus_status status;
    if (network == NULL || optimizer == NULL) {
        status = tl_fail(context, TALUS_ERROR_MEMORY,
                         "rate_range: the allocator returned no memory for a copy of %lld parameters",
                         (long long)trainer->network->parameter_count);
    } else {
        const bool shown = tl_trainer_hide_average(trainer);
        tl_network_state_save(trainer->network, network);
        tl_optimizer_state_save(trainer->optimizer, optimizer);
        trainer->watch.every = 0;
        trainer->fits = true; /* which a stream's function leaves alone */
        status = run(t);
        trainer->fits = false;
        trainer->watch = watch;
        tl_network_state_restore(trainer->network, network);
        tl_optimizer_state_restore(trainer->optimizer, optimizer);
        trainer->optimizer->spec.rate = rate;
        if (shown)
            tl_trainer_show_average(trainer);
    }
    tl_release(context, network);
    tl_release(context, optimizer);
    return status;
}

static talus_status check_numbers(const trial *t)
{
    talus_context *context = t->trainer->network->context;
    const int64_t most = t->trainer->workspace->plan.max_batch < t->dataset->samples
                             ? t->trainer->workspace->plan.max_batch
                             : t->dataset->samples;
    if (t->batch < 1 || t->batch > most)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "rate_range: batch must be 1 … %lld, as the trainer and the data set allow, got %lld",
                       (long long)most, (long long)t->batch);
    if (t->steps < 2)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "rate_range: steps must be at least 2, got %lld",
                       (long long)t->steps);
    if (!(t->first > 0 && t->last > t->first && isfinite(t->last)))
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "rate_range: first must be above 0, and last finite and above first, got %g and %g",
                       t->first, t->last);
    return TALUS_OK;
}

/* The curve: steps × 2 of f64. */
static talus_status take_curve(trial *t, const talus_matrix *curve)
{
    talus_context *context = t->trainer->network->context;
    if (curve == NULL)
        return TALUS_OK;
    talus_status status = tl_check_matrix(context, "curve", curve, TL_DTYPE(TALUS_DTYPE_F64), &t->curve);
    if (status == TALUS_OK && (t->curve.rows != t->steps || t->curve.cols != 2))
        status = tl_fail(context, TALUS_ERROR_SHAPE, "curve must be %lld × 2, a row a step, got %lld × %lld",
                         (long long)t->steps, (long long)t->curve.rows, (long long)t->curve.cols);
    return status;
}

static talus_status try_rates(trial *t, const talus_matrix *curve, talus_rate_range *range, size_t size)
{
    const talus_network *network = t->trainer->network;
    talus_status status = tl_trainer_check_idle(t->trainer, "rate_range");
    if (status == TALUS_OK && range == NULL)
        status = tl_fail(network->context, TALUS_ERROR_ARGUMENT, "rate_range: range must not be NULL");
    if (status == TALUS_OK)
        status = tl_result_check(network->context, "rate_range", size, TL_END_OF(talus_rate_range, steps));
    if (status == TALUS_OK)
        status = tl_check_dataset(network->context, network, "dataset", t->dataset);
    if (status == TALUS_OK)
        status = check_numbers(t);
    if (status == TALUS_OK)
        status = take_curve(t, curve);
    if (status == TALUS_OK)
        status = tl_feed_open(&t->feed, network->context, t->dataset, TL_FEED_ALL, t->batch);
    if (status == TALUS_OK)
        status = run_and_restore(t);
    tl_feed_close(&t->feed);
    if (status == TALUS_OK)
        tl_result_give(&t->found, sizeof t->found, range, size);
    return status;
}

talus_status talus_trainer_rate_range_sized(talus_trainer *trainer, const talus_dataset *dataset,
                                            int64_t batch, double first, double last, int64_t steps,
                                            const talus_matrix *curve, talus_rate_range *range,
                                            size_t range_size)
{
    tl_call call;
    trial t = {
        .trainer = trainer, .dataset = dataset, .batch = batch, .steps = steps, .first = first, .last = last};
    talus_status status = tl_call_begin(&call, trainer == NULL ? NULL : trainer->network->context);
    return status == TALUS_OK ? tl_call_end(&call, try_rates(&t, curve, range, range_size)) : status;
}
