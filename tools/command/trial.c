#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "config.h"

const char *const drawn[DRAWN] = {"layers", "rate", "weight-decay", "dropout"};

double read_clock(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double uniform(uint64_t *state)
{
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return (double)(*state >> 11) * 0x1p-53;
}

/* A number between two, uniform in its logarithm. */
static double log_uniform(uint64_t *state, double least, double most)
{
    return least * pow(most / least, uniform(state));
}

int draw_trial(trial *of, const command_line *line, int number, uint64_t *state)
{
    static const int widths[] = {32, 64, 128, 256, 512};
    static const double shares[] = {0, 0, 0.1, 0.2, 0.4};
    const int layers = 1 + (int)(3 * uniform(state));
    int width = (int)(5 * uniform(state));
    size_t length = 0;
    for (int l = 0; l<layers; l++, width -= width> 0 && uniform(state) < 0.5)
        length += (size_t)snprintf(of->values[LAYERS] + length, VALUE_BYTES - length, "%s%d",
                                   l == 0 ? "" : ",", widths[width]);
    snprintf(of->values[RATE], VALUE_BYTES, "%.2g", log_uniform(state, 2e-4, 1e-2));
    snprintf(of->values[DECAY], VALUE_BYTES, "%.2g", log_uniform(state, 1e-4, 1e-1));
    snprintf(of->values[DROPOUT], VALUE_BYTES, "%g", shares[(int)(5 * uniform(state))]);
    of->number = number, of->value = NAN;
    if (!copy_line(&of->line, line))
        return 0;
    of->line.values[find_option(FOR_SEARCH, "time", 4)] = NULL; /* which is the search's */
    return 1;
}

int is_drawn(const search_setting *set, int k)
{
    const char *layers = text_of(set->line, drawn[LAYERS]);
    return !is_given(set->line, drawn[k]) && !(k == DROPOUT && layers != NULL && strcmp(layers, "none") == 0);
}

void take_drawn(const search_setting *set, trial *of)
{
    for (int k = 0; k < DRAWN; k++)
        if (is_drawn(set, k))
            of->line.values[find_option(FOR_SEARCH, drawn[k], strlen(drawn[k]))] = of->values[k];
}

/* The data of the search in the trial's own context. */
static int share_data(const search_setting *set, trial *of)
{
    talus_matrix x, y, weights;
    const int stratified = class_count(&set->data) > 0;
    return talus_dataset_matrices(set->data.dataset, &x, &y) == TALUS_OK &&
           talus_dataset_weights(set->data.dataset, &weights) == TALUS_OK &&
           talus_dataset_from_matrices(of->context, &x, &y, &of->whole) == TALUS_OK &&
           (weights.data == NULL || talus_dataset_set_weights(of->whole, &weights) == TALUS_OK) &&
           talus_dataset_split(of->whole, set->run.fit.validation_split, stratified,
                               (uint64_t)set->run.fit.seed, &of->validation, &of->training) == TALUS_OK;
}

int make_trial_run(command_line *line, talus_context *context, const talus_dataset *data, run_options *run)
{
    if (!make_run(line, context, data, run))
        return 0;
    run->fit.rate_schedule = NULL;
    talus_schedule_defaults(&run->schedule, TALUS_SCHEDULE_CONSTANT);
    return use_options(line, context, TALUS_STRUCTURE_SCHEDULE, &run->schedule);
}

int begin_trial(const search_setting *set, trial *of)
{
    run_options run;
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.threads = 1;
    if (talus_context_create(&options, &of->context) != TALUS_OK)
        return fprintf(stderr, "talus: there is no memory\n"), 0;
    if (!share_data(set, of))
        return report_failure(of->context), 0;
    input_data part = {.dataset = of->training, .columns = set->data.columns};
    if (!make_network(&of->line, of->context, &part, &of->network) ||
        !make_trial_run(&of->line, of->context, of->training, &run))
        return 0;
    return talus_trainer_create(of->network, &run.optimizer, set->run.fit.batch, &of->trainer) == TALUS_OK ||
           (report_failure(of->context), 0);
}

/* The value of the network that the last fit left: with --patience that of its best epoch, otherwise its last one. */
static double value_kept(const search_setting *set, const trial *of)
{
    talus_epoch last;
    if (set->run.fit.patience > 0 && set->run.fit.restore_best)
        return of->result.best_value;
    return talus_trainer_epoch(of->trainer, talus_trainer_epochs(of->trainer), &last) == TALUS_OK
               ? last.watched
               : NAN;
}

/* What a fit did to the trial; where it was stopped inside its first epoch, that is judged as it was before. */
static void take_result(const search_setting *set, trial *of, const talus_fit_result *result)
{
    const int diverged = result->outcome == TALUS_OUTCOME_DIVERGED;
    of->epochs += result->epochs, of->steps += result->steps, of->seconds += result->seconds;
    of->result.outcome = result->outcome;
    if (result->epochs > 0 || diverged) {
        of->result = *result;
        of->value = diverged ? NAN : value_kept(set, of);
    }
}

int train_trial(const search_setting *set, trial *of, int64_t epochs)
{
    talus_fit_result result;
    talus_fit_options options = set->run.fit;
    options.optimizer = NULL;
    options.validation_split = 0;
    options.epochs = epochs;
    if (isfinite(set->deadline))
        options.max_seconds = fmax(1e-3, set->deadline - read_clock());
    if (talus_trainer_fit(of->trainer, of->training, of->validation, &options, &result) != TALUS_OK)
        return 0;
    take_result(set, of, &result);
    return 1;
}

void end_trial(trial *of)
{
    free_line(&of->line);
    talus_trainer_destroy(of->trainer);
    talus_network_destroy(of->network);
    talus_dataset_destroy(of->training);
    talus_dataset_destroy(of->validation);
    talus_dataset_destroy(of->whole);
    talus_context_destroy(of->context);
}
