/* What the options of a fit may say. */
#include <math.h>
#include <string.h>

#include "train/fit_options.h"
#include "train/metric_table.h"

#include "base/context.h"
#include "base/older.h"
#include "model/model.h"

#define ROW(field) TL_FIELD(talus_fit_options, field)

static const tl_option rows[] = {
    {ROW(optimizer), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "The spec of the optimiser; NULL: Adam's defaults."},
    {ROW(batch), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "samples",
     .sentence = "Samples a step, or all if there are fewer; the last one of an epoch takes what is left; 0: "
                 "128, or all "
                 "for methods that search along lines."},
    {ROW(epochs), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INFINITY, .standard = 10,
     .unit = "epochs", .sentence = "How often all samples are gone through."},
    {ROW(shuffle), .type = TALUS_OPTION_TYPE_FLAG, .most = 1, .standard = 1,
     .sentence = "Whether each epoch has a new order of the samples."},
    {ROW(seed), .type = TALUS_OPTION_TYPE_INT64, .least = -INFINITY, .most = INFINITY,
     .sentence = "The seed of these orders and of the validation_split, any number."},
    {ROW(on_epoch), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Called after each epoch; not 0 stops."},
    {ROW(on_progress), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Called after each step; not 0 stops."},
    {ROW(user), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Handed to all callbacks."},
    {ROW(on_end), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Called at the end."},
    {ROW(stop), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "A flag that ends the fit before the next step once it is not 0."},
    {ROW(validation_split), .type = TALUS_OPTION_TYPE_DOUBLE, .most = 1, .most_open = true,
     .sentence = "The share of the training set that is kept for validation."},
    {ROW(restore_best), .type = TALUS_OPTION_TYPE_FLAG, .most = 1, .standard = 1,
     .sentence = "Whether a fit with patience keeps the network of its best epoch."},
    {ROW(stop_at_target), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether the fit ends once the watched value reaches the target."},
    {ROW(target), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY,
     .sentence = "The value that is good enough."},
    {ROW(patience), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "epochs",
     .sentence = "The fit ends after so many epochs without an improvement; 0: never."},
    {ROW(least_change), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "An improvement is one by more than this."},
    {ROW(max_steps), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "steps",
     .sentence = "The most steps of the fit; 0: no limit."},
    {ROW(max_seconds), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY, .unit = "seconds",
     .sentence = "No step begins after so many; 0: no limit."},
    {ROW(retries), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY,
     .sentence = "How often the fit goes back and halves the rate before it ends as diverged."},
    {ROW(average), .type = TALUS_OPTION_TYPE_DOUBLE, .most = 1, .most_open = true,
     .sentence = "The decay of a moving average of the parameters, which is validated; 0: none."},
    {ROW(keep_average), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether the network becomes the average at the end."},
    {ROW(accumulate), .type = TALUS_OPTION_TYPE_INT, .least = 1, .most = 1e6, .standard = 1,
     .unit = "batches", .sentence = "Batches whose gradients are taken together in a step."},
    {ROW(least_gradient_norm), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "The fit ends after an epoch without a larger gradient; 0: it is not measured."},
    {ROW(metric), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_metric_names, .most = INFINITY,
     .sentence = "The value that is watched."},
    {ROW(schedule_size), .type = TALUS_OPTION_TYPE_INT, .least = 1, .most = 65536,
     .standard = sizeof(talus_schedule), .unit = "bytes", .sentence = "The size of a talus_schedule."},
    {ROW(rate_schedule), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "The schedule of the rate."},
    {ROW(dropout_schedule), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "The schedule of all shares of dropout."},
    {ROW(decay_schedule), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "The schedule of the weight decay."},
    {ROW(health_every), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "steps",
     .sentence = "Every so many steps, the health of one is looked at; 0: as the trainer does."},
    {ROW(shuffle_chunk), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "samples",
     .sentence = "Samples are shuffled in chunks of so many that follow each other; 0: each by itself."},
    {ROW(shuffle_window), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INFINITY, .standard = 16,
     .unit = "chunks", .sentence = "The chunks whose samples are shuffled among themselves."},
    {ROW(checkpoint), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "The path that checkpoints are written to."},
    {ROW(checkpoint_notes), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "A JSON value that is kept in checkpoints."},
    {ROW(checkpoint_epochs), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .standard = 1,
     .unit = "epochs", .sentence = "After every so many epochs, a checkpoint is written; 0: after none."},
    {ROW(checkpoint_seconds), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY, .unit = "seconds",
     .sentence = "So long after the last checkpoint, the next one is written within an epoch; 0: none is."},
    {ROW(checkpoint_keep), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = TL_OLDER_MOST, .standard = 2,
     .sentence = "The number of checkpoints that are kept."},
    {ROW(readout_ridge), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "The ridge with which the last layer is solved."},
    {ROW(solve_readout), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether the last layer is solved exactly at the end."},
    {ROW(readout_if_better), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether the solution stays only where the validation cost is not higher."},
};

const tl_options tl_fit_table = {
    .name = "fit",
    .size = sizeof(talus_fit_options),
    .began = TL_END_OF(talus_fit_options, user),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_fit_options_defaults_sized(talus_fit_options *options, size_t size)
{
    tl_options_defaults(&tl_fit_table, options, size);
}

/* Options that say nothing without another one. */
static const struct {
    const char *name, *needs;
} dependent[] = {
    {"target", "stop_at_target"},         {"least_change", "patience"},
    {"keep_average", "average"},          {"shuffle_window", "shuffle_chunk"},
    {"checkpoint_notes", "checkpoint"},   {"checkpoint_epochs", "checkpoint"},
    {"checkpoint_seconds", "checkpoint"}, {"checkpoint_keep", "checkpoint"},
    {"readout_ridge", "solve_readout"},   {"readout_if_better", "solve_readout"},
};

static const tl_option *row_of(const char *name)
{
    const tl_option *row = rows;
    while (strcmp(row->name, name) != 0)
        row++;
    return row;
}

static bool is_default(const tl_option *row, const talus_fit_options *options)
{
    return tl_option_number(row, options) == row->standard;
}

talus_status tl_fit_options_check(talus_context *context, const talus_fit_options *options)
{
    talus_status status = tl_options_check(context, &tl_fit_table, NULL, options);
    for (size_t i = 0; i < sizeof dependent / sizeof *dependent && status == TALUS_OK; i++) {
        const tl_option *row = row_of(dependent[i].name);
        if (is_default(row, options) || !is_default(row_of(dependent[i].needs), options))
            continue;
        if (row->type == TALUS_OPTION_TYPE_POINTER)
            status = tl_fail(context, TALUS_ERROR_ARGUMENT, "fit: %s needs %s, and must be NULL without it",
                             row->name, dependent[i].needs);
        else
            status = tl_fail(context, TALUS_ERROR_ARGUMENT,
                             "fit: %s needs %s, and must be %g without it, got %g", row->name,
                             dependent[i].needs, row->standard, tl_option_number(row, options));
    }
    if (status == TALUS_OK && options->shuffle_chunk > 0 && !options->shuffle)
        status = tl_fail(context, TALUS_ERROR_ARGUMENT,
                         "fit: shuffle_chunk must be 0 without shuffle, got %lld",
                         (long long)options->shuffle_chunk);
    return status == TALUS_OK
               ? tl_model_check_notes(context, "fit: checkpoint_notes", options->checkpoint_notes)
               : status;
}
