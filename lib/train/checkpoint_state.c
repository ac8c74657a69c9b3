#include "train/checkpoint_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/model.h"
#include "optimize/rule.h"
#include "train/fit_options.h"

#define FORMAT 1
#define MOST   (INT64_MAX / 8) /* of anything that is counted */

/* A trainer and what it is to do -------------------------------------------------------------------------- */

void tl_archive_head(tl_archive *archive, tl_checkpoint_head *head)
{
    static const char *const of_the_caller[] = {"schedule_size", NULL};
    int64_t format = FORMAT;
    tl_archive_integer(archive, "format", &format, FORMAT, FORMAT);
    tl_archive_options(archive, "optimizer", &tl_optimizer_table, &head->optimizer, NULL);
    tl_archive_options(archive, "options", &tl_fit_table, &head->options, of_the_caller);
    for (int which = 0; which < TL_FIT_SCHEDULES; which++) {
        tl_archive_open(archive, tl_fit_schedule_name(which));
        tl_archive_flag(archive, "is_on", &head->is_scheduled[which]);
        if (head->is_scheduled[which])
            tl_archive_options(archive, "schedule", &tl_schedule_table, &head->schedules[which], NULL);
        tl_archive_close(archive);
    }
    tl_archive_integer(archive, "max_batch", &head->max_batch, 1, MOST);
    tl_archive_integer(archive, "samples", &head->samples, 1, MOST);
    tl_archive_integer(archive, "held_out", &head->held_out, 0, MOST);
}

/* States -------------------------------------------------------------------------------------------------- */

static int precision_of(const talus_trainer *trainer)
{
    return trainer->network->precision;
}

/* Running statistics and numbers of the parameters' precision, wherever they lie. */
static void pass_vectors(tl_archive *archive, const talus_trainer *trainer, const char *key, void *statistics,
                         void *parameters)
{
    const talus_network *network = trainer->network;
    tl_archive_open(archive, key);
    if (network->statistic_count > 0)
        tl_archive_vector(archive, "statistics", TALUS_DTYPE_F64, network->statistic_count, statistics);
    tl_archive_vector(archive, "parameters", network->precision, network->parameter_count, parameters);
    tl_archive_close(archive);
}

/* The same of a block, which has the statistics first. */
static void pass_block(tl_archive *archive, const talus_trainer *trainer, const char *key, void *block)
{
    pass_vectors(archive, trainer, key, block, (double *)block + trainer->network->statistic_count);
}

static void pass_learnt(tl_archive *archive, const talus_trainer *trainer, tl_minimizer *minimizer)
{
    const int64_t history = trainer->optimizer->spec.history, most = history > 1 ? history : 1;
    const size_t bytes = (size_t)((char *)minimizer->learnt_numbers - (char *)minimizer->learnt_vectors);
    tl_archive_open(archive, "learnt");
    tl_archive_integer(archive, "pieces", &minimizer->learnt, 0, most);
    tl_archive_integer(archive, "newest", &minimizer->newest, 0, most - 1);
    tl_archive_numbers(archive, "numbers", minimizer->learnt_numbers,
                       (int64_t)((minimizer->learnt_bytes - bytes) / sizeof(double)));
    tl_archive_vector(archive, "vectors", precision_of(trainer),
                      (int64_t)(bytes / tl_dtype_size(precision_of(trainer))), minimizer->learnt_vectors);
    tl_archive_close(archive);
}

/* block: NULL for the optimiser itself */
static void pass_optimizer(tl_archive *archive, const talus_trainer *trainer, void *block)
{
    tl_optimizer_parts parts = tl_optimizer_parts_of(trainer->optimizer, block);
    tl_archive_open(archive, "optimizer");
    tl_archive_integer(archive, "steps", parts.steps, 0, MOST);
    tl_archive_number(archive, "largest", &parts.done->largest);
    tl_archive_number(archive, "factor", &parts.done->factor);
    tl_archive_numbers(archive, "memory", parts.done->memory, TL_RULE_MEMORY);
    for (int i = 0; i < parts.vector_count; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "state%d", i);
        tl_archive_vector(archive, name, precision_of(trainer), trainer->network->parameter_count,
                          parts.vectors[i]);
    }
    if (parts.kept_count > 0)
        tl_archive_vector(archive, "kept", precision_of(trainer), parts.kept_count, parts.kept);
    if (parts.minimizer != NULL)
        pass_learnt(archive, trainer, parts.minimizer);
    tl_archive_close(archive);
}

static void pass_plateaus(tl_archive *archive, talus_plateau plateaus[TL_FIT_SCHEDULES])
{
    for (int which = 0; which < TL_FIT_SCHEDULES; which++) {
        talus_plateau *plateau = &plateaus[which];
        tl_archive_open(archive, tl_fit_schedule_name(which));
        tl_archive_number(archive, "factor", &plateau->factor);
        tl_archive_number(archive, "best", &plateau->best);
        tl_archive_integer(archive, "waited", &plateau->waited, 0, MOST);
        tl_archive_integer(archive, "cooling", &plateau->cooling, 0, MOST);
        if (!(plateau->factor >= 0 && plateau->factor <= 1))
            tl_archive_refuse(archive, "the factor of a plateau must be 0 … 1");
        tl_archive_close(archive);
    }
}

static void pass_epoch(tl_archive *archive, const talus_trainer *trainer, tl_epoch_state *epoch,
                       double *ranges)
{
    tl_archive_open(archive, "under_way");
    tl_archive_integer(archive, "samples", &epoch->samples, 0, MOST);
    tl_archive_integer(archive, "done", &epoch->done, 0, epoch->samples);
    tl_archive_number(archive, "loss", &epoch->loss);
    tl_archive_number(archive, "weight", &epoch->weight);
    tl_archive_number(archive, "seconds", &epoch->seconds);
    tl_archive_number(archive, "largest_norm", &epoch->largest_norm);
    tl_archive_flag(archive, "moves", &epoch->moves);
    tl_archive_numbers(archive, "ranges", ranges, trainer->network->range_count);
    tl_archive_close(archive);
}

/* The trainer --------------------------------------------------------------------------------------------- */

/* The numbers of an epoch in the history, in the order of a row of the table. */
static const size_t columns[] = {
    offsetof(talus_epoch, cost),
    offsetof(talus_epoch, validation_cost),
    offsetof(talus_epoch, validation_accuracy),
    offsetof(talus_epoch, seconds),
    offsetof(talus_epoch, samples_per_second),
    offsetof(talus_epoch, rate),
    offsetof(talus_epoch, gradient_norm),
    offsetof(talus_epoch, watched),
    offsetof(talus_epoch, validation_cost_error),
};
enum { COLUMNS = sizeof columns / sizeof *columns, STEPS = COLUMNS, ALL_COLUMNS };

_Static_assert(sizeof(talus_epoch) == (COLUMNS + 3) * sizeof(double) + 2 * sizeof(double *),
               "every number of an epoch but its own and that of its ranges has a column");

static void epoch_to_row(const talus_epoch *epoch, double *row)
{
    for (int i = 0; i < COLUMNS; i++)
        memcpy(&row[i], (const char *)epoch + columns[i], sizeof *row);
    row[STEPS] = (double)epoch->steps;
}

static bool row_to_epoch(const double *row, int64_t number, talus_epoch *epoch)
{
    const double most = 0x1p53;
    *epoch = (talus_epoch){.epoch = number};
    for (int i = 0; i < COLUMNS; i++)
        memcpy((char *)epoch + columns[i], &row[i], sizeof *row);
    bool is_count = row[STEPS] >= 0 && row[STEPS] <= most;
    epoch->steps = is_count ? (int64_t)row[STEPS] : 0;
    return is_count;
}

/* Memory for a history that the file can hold. */
static void reserve_history(tl_archive *archive, talus_trainer *trainer, int64_t epochs)
{
    const size_t row = ALL_COLUMNS * sizeof *archive->table;
    if (archive->status != TALUS_OK || epochs == 0)
        return;
    if (tl_archive_reads(archive) && epochs > archive->file->element_bytes / (int64_t)row) {
        tl_archive_refuse(archive, "the history has more epochs than the file can hold");
        return;
    }
    archive->table = tl_allocate(archive->context, (size_t)epochs * row);
    if (archive->table == NULL)
        archive->status = tl_fail(archive->context, TALUS_ERROR_MEMORY,
                                  "there is no memory for a history of %lld epochs", (long long)epochs);
    else if (tl_archive_reads(archive))
        archive->status = tl_history_grow(trainer, epochs);
}

static void pass_history(tl_archive *archive, talus_trainer *trainer)
{
    int64_t epochs = trainer->completed;
    tl_archive_integer(archive, "completed", &epochs, 0, MOST);
    reserve_history(archive, trainer, epochs);
    for (int64_t i = 0; !tl_archive_reads(archive) && archive->status == TALUS_OK && i < epochs; i++)
        epoch_to_row(&trainer->history[i], &archive->table[i * ALL_COLUMNS]);
    tl_archive_any(archive, "history", epochs, ALL_COLUMNS, archive->table);
    tl_archive_any(archive, "ranges", epochs, 2 * (int64_t)trainer->network->range_count,
                   trainer->range_history);
    for (int64_t i = 0; tl_archive_reads(archive) && archive->status == TALUS_OK && i < epochs; i++)
        if (!row_to_epoch(&archive->table[i * ALL_COLUMNS], i + 1, &trainer->history[i]))
            tl_archive_refuse(archive, "the steps of an epoch must be a number of steps");
    if (archive->status == TALUS_OK)
        trainer->completed = epochs;
}

/* Factors that were read become those of the optimiser. */
static talus_status use_factors(const tl_archive *archive, talus_trainer *trainer)
{
    const int layers = trainer->network->layer_count;
    talus_status status = TALUS_OK;
    for (int i = 0; i < TALUS_PART_COUNT + layers && status == TALUS_OK; i++) {
        const tl_factor *factor = i < TALUS_PART_COUNT ? &trainer->part_factors[i]
                                                       : &trainer->layer_factors[1 + i - TALUS_PART_COUNT];
        if (factor->rate != 1 || (factor->decay != 1 && factor->decay != 0))
            status = tl_check_factors(trainer->optimizer, "checkpoint", factor->rate, factor->decay);
    }
    if (status == TALUS_OK)
        status = tl_trainer_use_factors(trainer, "checkpoint");
    return tl_model_blame(archive->file, status);
}

static void pass_factors(tl_archive *archive, talus_trainer *trainer)
{
    double factor = trainer->dropout_factor;
    _Static_assert(sizeof(tl_factor) == 2 * sizeof(double), "factors are pairs of numbers");
    tl_archive_number(archive, "dropout_factor", &factor);
    tl_archive_numbers(archive, "part_factors", &trainer->part_factors[0].rate, 2 * TALUS_PART_COUNT);
    tl_archive_numbers(archive, "layer_factors", &trainer->layer_factors[1].rate,
                       2 * (int64_t)trainer->network->layer_count);
    if (!tl_archive_reads(archive) || archive->status != TALUS_OK)
        return;
    archive->status = tl_model_blame(archive->file, talus_trainer_set_dropout_factor(trainer, factor));
    if (archive->status == TALUS_OK)
        archive->status = use_factors(archive, trainer);
}

static void pass_trainer(tl_archive *archive, const tl_fit *fit)
{
    talus_trainer *trainer = fit->trainer;
    tl_archive_open(archive, "trainer");
    pass_optimizer(archive, trainer, NULL);
    pass_factors(archive, trainer);
    pass_plateaus(archive, trainer->plateaus);
    tl_archive_integer(archive, "averaged", &trainer->averaged, 0, fit->options.average > 0 ? MOST : 0);
    if (trainer->averaged > 0 && archive->status == TALUS_OK)
        pass_vectors(archive, trainer, "average", trainer->average_statistics, trainer->average);
    pass_history(archive, trainer);
    pass_epoch(archive, trainer, &trainer->under_way, tl_trainer_ranges(trainer, TL_RANGES_EPOCH));
    tl_archive_close(archive);
}

/* The fit ------------------------------------------------------------------------------------------------- */

static void pass_best(tl_archive *archive, const tl_fit *fit, tl_best *best)
{
    tl_archive_open(archive, "best");
    tl_archive_integer(archive, "epoch", &best->epoch, 0, fit->trainer->completed);
    tl_archive_number(archive, "value", &best->value);
    tl_archive_number(archive, "improved", &best->improved);
    tl_archive_integer(archive, "since", &best->since, 0, MOST);
    if (best->state != NULL && best->epoch > 0)
        pass_block(archive, fit->trainer, "network", best->state);
    tl_archive_close(archive);
}

_Static_assert(sizeof(talus_fit_result) == TL_END_OF(talus_fit_result, readout_orthogonal),
               "every field of a result is passed, but the one of resuming, and those that the end sets");

static void pass_result(tl_archive *archive, talus_fit_result *result)
{
    tl_archive_open(archive, "result");
    tl_archive_int(archive, "outcome", &result->outcome, 0, TALUS_OUTCOME_LIMIT);
    tl_archive_integer(archive, "epochs", &result->epochs, 0, MOST);
    tl_archive_integer(archive, "steps", &result->steps, 0, MOST);
    tl_archive_number(archive, "seconds", &result->seconds);
    tl_archive_number(archive, "cost", &result->cost);
    tl_archive_number(archive, "validation_cost", &result->validation_cost);
    tl_archive_number(archive, "validation_accuracy", &result->validation_accuracy);
    tl_archive_integer(archive, "best_epoch", &result->best_epoch, 0, MOST);
    tl_archive_number(archive, "best_value", &result->best_value);
    tl_archive_integer(archive, "diverged_step", &result->diverged_step, 0, MOST);
    tl_archive_int(archive, "diverged_layer", &result->diverged_layer, -1, INT32_MAX);
    tl_archive_int(archive, "diverged_operand", &result->diverged_operand, -1, INT32_MAX);
    tl_archive_integer(archive, "retries", &result->retries, 0, MOST);
    tl_archive_close(archive);
}

static void pass_retreat(tl_archive *archive, const tl_fit *fit, const char *key, tl_retreat *retreat)
{
    const talus_trainer *trainer = fit->trainer;
    tl_archive_open(archive, key);
    pass_block(archive, trainer, "network", retreat->network);
    pass_optimizer(archive, trainer, retreat->optimizer);
    tl_archive_integer(archive, "averaged", &retreat->averaged, 0, fit->options.average > 0 ? MOST : 0);
    if (retreat->averaged > 0 && archive->status == TALUS_OK)
        pass_block(archive, trainer, "average", retreat->average);
    tl_archive_integer(archive, "completed", &retreat->completed, 0, trainer->completed);
    pass_plateaus(archive, retreat->plateaus);
    pass_epoch(archive, trainer, &retreat->under_way, retreat->range_losses);
    pass_result(archive, &retreat->result);
    pass_best(archive, fit, &retreat->best);
    tl_archive_close(archive);
}

/* What is begun is of use only within that epoch. */
static void pass_guard(tl_archive *archive, tl_fit *fit)
{
    tl_archive_open(archive, "guard");
    tl_archive_number(archive, "least_cost", &fit->guard.least_cost);
    if (fit->begun_epoch == fit->trainer->completed + 1)
        pass_retreat(archive, fit, "begun", &fit->guard.begun);
    if (fit->guard.least_cost < INFINITY)
        pass_retreat(archive, fit, "best", &fit->guard.best);
    tl_archive_close(archive);
}

void tl_archive_fit(tl_archive *archive, tl_fit *fit)
{
    pass_trainer(archive, fit);
    tl_archive_integer(archive, "began", &fit->began, 0, fit->trainer->completed);
    tl_archive_integer(archive, "begun_epoch", &fit->begun_epoch, 0, MOST);
    tl_archive_int(archive, "rule", &fit->rule, 0, TALUS_OUTCOME_LIMIT);
    pass_result(archive, &fit->result);
    pass_best(archive, fit, &fit->best);
    if (fit->options.retries > 0)
        pass_guard(archive, fit);
}
