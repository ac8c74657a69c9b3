#include "checkpoint_support.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

char folder[64], path[96];
static int64_t alive;

enum { MOST = 20 }; /* samples a batch: less than there are to validate on */

void begin_checkpoints(void)
{
    begin_fits();
    strcpy(folder, "/tmp/talus-test-checkpoint-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/run", folder);
    alive = book.alive;
}

void end_checkpoints(void)
{
    ck_assert_int_eq(book.alive, alive);
    DIR *entries = opendir(folder);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char name[400];
        snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
        unlink(name);
    }
    closedir(entries);
    ck_assert_int_eq(rmdir(folder), 0);
    end_fits();
}

/* The cases ------------------------------------------------------------------------------------------------ */

static void plain(talus_fit_options *options)
{
    options->epochs = 3;
}

static void best_epoch(talus_fit_options *options)
{
    options->epochs = 9, options->patience = 2, options->least_change = 1e-3;
    options->metric = TALUS_METRIC_R2;
}

static void average(talus_fit_options *options)
{
    options->epochs = 4, options->average = 0.9, options->keep_average = 1, options->patience = 3;
}

static void schedules(talus_fit_options *options)
{
    static talus_schedule rate, dropout, decay;
    talus_schedule_defaults(&rate, TALUS_SCHEDULE_COSINE);
    rate.unit = TALUS_UNIT_STEPS, rate.warmup = 4;
    talus_schedule_defaults(&dropout, TALUS_SCHEDULE_POLYNOMIAL);
    talus_schedule_defaults(&decay, TALUS_SCHEDULE_EXPONENTIAL);
    options->epochs = 4, options->max_steps = 25;
    options->rate_schedule = &rate, options->dropout_schedule = &dropout, options->decay_schedule = &decay;
}

static void plateaus(talus_fit_options *options)
{
    static talus_schedule rate;
    talus_schedule_defaults(&rate, TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    rate.patience = 1, rate.least_change = 0.05, rate.decay = 0.5;
    options->epochs = 6, options->validation_split = 0.25, options->rate_schedule = &rate;
}

static void accumulation(talus_fit_options *options)
{
    options->epochs = 4, options->accumulate = 3, options->least_gradient_norm = 1e-9, options->shuffle = 0;
}

static void retreats(talus_fit_options *options)
{
    options->epochs = 5, options->retries = 60, options->average = 0.5, options->patience = 4;
}

static void far_retreats(talus_fit_options *options)
{
    options->epochs = 4, options->retries = 100;
}

static void whole_batches(talus_fit_options *options)
{
    options->epochs = 12, options->batch = TALUS_FULL_BATCH;
}

const fit_case fit_cases[] = {
    {.name = "plain", .set = plain, .normalizes = true, .drops = true},
    {.name = "best epoch", .set = best_epoch, .validates = true},
    {.name = "average",
     .set = average,
     .normalizes = true,
     .drops = true,
     .accumulates = true,
     .validates = true},
    {.name = "schedules", .set = schedules, .drops = true, .needs_rate = true},
    {.name = "plateaus", .set = plateaus, .needs_rate = true},
    {.name = "accumulation", .set = accumulation, .normalizes = true, .accumulates = true},
    {.name = "retreats", .set = retreats, .needs_rate = true, .normalizes = true, .rate = 50},
    {.name = "far retreats", .set = far_retreats, .needs_rate = true, .rate = 1e30},
    {.name = "whole batches", .set = whole_batches},
};
const int fit_case_count = sizeof fit_cases / sizeof *fit_cases;

bool applies_to(const fit_case *of, int method)
{
    bool has_rate = is_update_rule(method) && method != TALUS_IRPROP_MINUS && method != TALUS_IRPROP_PLUS;
    bool has_average = method == TALUS_SCHEDULE_FREE;
    talus_fit_options options = options_of(of);
    return (has_rate || !of->needs_rate) && (is_update_rule(method) || !of->accumulates) &&
           !(has_average && options.average > 0);
}

pupil make_case(const fit_case *of, int precision, int method)
{
    pupil p;
    talus_layer layers[2] = {talus_dense(6, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
    layers[0].normalization = of->normalizes ? TALUS_NORMALIZATION_BATCH : TALUS_NORMALIZATION_NONE;
    layers[0].spectral_norm = of->normalizes ? 0.8 : 0;
    layers[1].spectral_penalty = of->normalizes ? 0.05 : 0;
    layers[0].dropout = of->drops ? 0.25 : 0;
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = precision, spec.seed = 11;
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, method);
    if (of->needs_rate && of->rate == 0)
        optimizer.weight_decay = 0.01;
    if (of->rate > 0)
        optimizer.rate = of->rate;
    expect_ok(context, talus_network_create(context, &spec, &p.network));
    int64_t batch = options_of(of).batch;
    expect_ok(context,
              talus_trainer_create(p.network, &optimizer, batch > MOST ? SAMPLES : MOST, &p.trainer));
    return p;
}

talus_fit_options options_of(const fit_case *of)
{
    talus_fit_options options = fit_options(1);
    of->set(&options);
    return options;
}

talus_status fit_case_data(const fit_case *of, talus_trainer *trainer, const talus_fit_options *options,
                           talus_fit_result *result)
{
    return talus_trainer_fit(trainer, training, of->validates ? held_out : NULL, options, result);
}

/* Stops ---------------------------------------------------------------------------------------------------- */

static int count(const talus_progress *progress, void *user)
{
    stopper *by = user;
    (void)progress;
    bool ends = ++by->steps == by->after;
    by->flag = ends && by->raises;
    return ends && !by->raises;
}

void stop_by(stopper *by, talus_fit_options *options)
{
    by->steps = by->flag = 0;
    options->on_progress = count, options->user = by, options->stop = &by->flag;
}

pupil resume_pupil(talus_fit_options *options)
{
    pupil p;
    expect_ok(context, talus_checkpoint_resume(context, path, &p.network, &p.trainer, options));
    return p;
}

/* Comparisons ---------------------------------------------------------------------------------------------- */

static void same_histories(const pupil *a, const pupil *b)
{
    ck_assert_int_eq(talus_trainer_epochs(a->trainer), talus_trainer_epochs(b->trainer));
    for (int64_t number = 1; number <= talus_trainer_epochs(a->trainer); number++) {
        talus_epoch one = epoch_of(a, number), other = epoch_of(b, number);
        same_bytes(one.range_costs, other.range_costs, (size_t)one.ranges * sizeof(double));
        same_bytes(one.range_validation_costs, other.range_validation_costs,
                   (size_t)one.ranges * sizeof(double));
        one.seconds = one.samples_per_second = other.seconds = other.samples_per_second = 0;
        one.range_costs = other.range_costs = one.range_validation_costs = other
                                                                               .range_validation_costs = NULL;
        same_bytes(&one, &other, sizeof one);
    }
}

static void same_states(pupil *a, pupil *b)
{
    talus_matrix means[2], variances[2];
    same_parameters(a->network, b->network);
    ck_assert_int_eq(talus_trainer_steps(a->trainer), talus_trainer_steps(b->trainer));
    ck_assert(talus_trainer_rate(a->trainer) == talus_trainer_rate(b->trainer));
    if (talus_network_statistics(a->network, 1, &means[0], &variances[0]) != TALUS_OK)
        return;
    expect_ok(context, talus_network_statistics(b->network, 1, &means[1], &variances[1]));
    same_bytes(means[0].data, means[1].data, (size_t)means[0].cols * sizeof(double));
    same_bytes(variances[0].data, variances[1].data, (size_t)means[0].cols * sizeof(double));
}

static void same_number(double a, double b)
{
    ck_assert(a == b || (isnan(a) && isnan(b)));
}

static void same_results(const talus_fit_result *a, const talus_fit_result *b)
{
    ck_assert_int_eq(a->outcome, b->outcome);
    ck_assert_int_eq(a->epochs, b->epochs);
    ck_assert_int_eq(a->steps, b->steps);
    same_number(a->cost, b->cost);
    same_number(a->validation_cost, b->validation_cost);
    same_number(a->validation_accuracy, b->validation_accuracy);
    ck_assert_int_eq(a->best_epoch, b->best_epoch);
    same_number(a->best_value, b->best_value);
    ck_assert_int_eq(a->diverged_step, b->diverged_step);
    ck_assert_int_eq(a->diverged_layer, b->diverged_layer);
    ck_assert_int_eq(a->diverged_operand, b->diverged_operand);
    ck_assert_int_eq(a->retries, b->retries);
    ck_assert_int_eq(a->fallback, b->fallback);
}

void same_fits(const fit_case *of, pupil *a, const talus_fit_result *of_a, pupil *b,
               const talus_fit_result *of_b)
{
    same_results(of_a, of_b);
    same_histories(a, b);
    same_states(a, b);
    talus_fit_options more = options_of(of); /* what else the trainers keep shows in another fit */
    more.epochs = 2;
    talus_status status = fit_case_data(of, a->trainer, &more, NULL);
    ck_assert_int_eq(fit_case_data(of, b->trainer, &more, NULL), status);
    same_states(a, b);
}
