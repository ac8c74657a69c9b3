#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

/* Tries networks at random and keeps the best: successive halving, in which all trials are trained a little, and the better
 * third of them goes on with three times as much, again and again.   Jamieson and Talwalkar 2016, arXiv:1502.07943; the trials
 * are drawn as Bergstra and Bengio, JMLR 13, 2012, argue. Each has a context of one thread, so that several run at once. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "config.h"
#include "job.h"
#include "judge.h"
#include "text.h"

enum { THIRD = 3, TRIALS = 30, MOST_TRIALS = 10000, VALUE_BYTES = 32 };

/* What is drawn for a trial, as options and their texts. */
static const char *const drawn[] = {"layers", "rate", "weight-decay", "dropout"};
enum { LAYERS, RATE, DECAY, DROPOUT, DRAWN };

typedef struct trial {
    int number;
    command_line line; /* the search's, with what was drawn */
    char values[DRAWN][VALUE_BYTES];
    talus_context *context;
    talus_dataset *whole, *training, *validation;
    talus_network *network;
    talus_trainer *trainer;
    double value; /* of the metric; NaN before it was trained, or if it diverged */
    int64_t epochs, steps;
    double seconds;
    talus_fit_result result; /* of its last round */
} trial;

typedef struct search {
    command_line *line;
    talus_context *context;
    input_data data;
    run_options run;
    double deadline; /* a reading of the clock; infinite for none */
    trial *trials;
    int count;
    /* of the round under way */
    pthread_mutex_t lock;
    int next, last;
    int64_t epochs;
} search;

static double now(void)
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

static int draw(trial *of, const command_line *line, int number, uint64_t *state)
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

/* What no option fixes is what was drawn. A trial that has moved must be told again where its texts are. */
static void take_drawn(const search *all, trial *of)
{
    for (int i = 0; i < option_count; i++)
        for (int k = 0; k < DRAWN; k++)
            if (strcmp(option_rows[i].name, drawn[k]) == 0 && all->line->values[i] == NULL)
                of->line.values[i] = of->values[k];
}

/* The data of the search in the trial's own context. */
static int share_data(const search *all, trial *of)
{
    talus_matrix x, y, weights;
    const int stratified = class_count(&all->data) > 0;
    return talus_dataset_matrices(all->data.dataset, &x, &y) == TALUS_OK &&
           talus_dataset_weights(all->data.dataset, &weights) == TALUS_OK &&
           talus_dataset_from_matrices(of->context, &x, &y, &of->whole) == TALUS_OK &&
           (weights.data == NULL || talus_dataset_set_weights(of->whole, &weights) == TALUS_OK) &&
           talus_dataset_split(of->whole, all->run.fit.validation_split, stratified,
                               (uint64_t)all->run.fit.seed, &of->validation, &of->training) == TALUS_OK;
}

/* The options of a run, but that trials have one rate all the time, since none knows how long it will be trained. */
static int make_trial_run(command_line *line, talus_context *context, const talus_dataset *data,
                          run_options *run)
{
    if (!make_run(line, context, data, run))
        return 0;
    run->fit.rate_schedule = NULL;
    talus_schedule_defaults(&run->schedule, TALUS_SCHEDULE_CONSTANT);
    return use_options(line, context, TALUS_STRUCTURE_SCHEDULE, &run->schedule);
}

static int begin_trial(const search *all, trial *of)
{
    run_options run;
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.threads = 1;
    if (talus_context_create(&options, &of->context) != TALUS_OK || !share_data(all, of))
        return 0;
    input_data part = {.dataset = of->training, .columns = all->data.columns};
    return make_network(&of->line, of->context, &part, &of->network) &&
           make_trial_run(&of->line, of->context, of->training, &run) &&
           talus_trainer_create(of->network, &run.optimizer, all->run.fit.batch, &of->trainer) == TALUS_OK;
}

static void train_trial(const search *all, trial *of)
{
    talus_fit_options options = all->run.fit;
    if (of->trainer == NULL && !begin_trial(all, of))
        return;
    options.optimizer = NULL;
    options.validation_split = 0;
    options.epochs = all->epochs;
    if (isfinite(all->deadline))
        options.max_seconds = fmax(1e-3, all->deadline - now());
    talus_status status = talus_trainer_fit(of->trainer, of->training, of->validation, &options, &of->result);
    of->value = status == TALUS_OK && of->result.outcome != TALUS_OUTCOME_DIVERGED ? of->result.best_value
                                                                                   : NAN;
    of->epochs += of->result.epochs, of->steps += of->result.steps, of->seconds += of->result.seconds;
}

static void *work(void *user)
{
    search *all = user;
    for (;;) {
        pthread_mutex_lock(&all->lock);
        const int mine = all->next < all->last && now() < all->deadline && !stop_asked ? all->next++ : -1;
        pthread_mutex_unlock(&all->lock);
        if (mine < 0)
            return NULL;
        train_trial(all, &all->trials[mine]);
    }
}

/* Trains trials 0 … count−1 for so many more epochs. */
static void train_round(search *all, int count, int64_t epochs)
{
    enum { MOST_THREADS = 256 };
    pthread_t threads[MOST_THREADS];
    const int cores = talus_context_threads(all->context);
    int started = 0;
    all->next = 0, all->last = count, all->epochs = epochs;
    for (; started < cores - 1 && started < count - 1 && started < MOST_THREADS; started++)
        if (pthread_create(&threads[started], NULL, work, all) != 0)
            break;
    work(all);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static int more_is_better;

/* Better ones first, those without a value last. */
static int by_value(const void *a, const void *b)
{
    const trial *one = a, *other = b;
    if (isnan(one->value) || isnan(other->value))
        return isnan(one->value) - isnan(other->value);
    const int below = (one->value > other->value) - (one->value < other->value);
    return more_is_better ? -below : below;
}

static void say(const search *all, const trial *best, int round, int left)
{
    if (is_given(all->line, "quiet"))
        return;
    fprintf(stderr, "round %d, %d trials: %s %.5g with", round, left, talus_metric_name(all->run.fit.metric),
            best->value);
    for (int k = 0; k < DRAWN; k++)
        fprintf(stderr, " %s %s%s", drawn[k], text_of(&best->line, drawn[k]), k + 1 < DRAWN ? "," : "\n");
}

/* After r rounds the survivors have had all epochs of a run. */
static void run_rounds(search *all)
{
    int left = all->count, rounds = 1;
    for (int n = all->count; n > THIRD; n = (n + THIRD - 1) / THIRD)
        rounds++;
    int64_t so_far = 0;
    for (int round = 1; round <= rounds; round++) {
        const int64_t total = (int64_t)ceil((double)all->run.fit.epochs / pow(THIRD, rounds - round));
        train_round(all, left, total - so_far > 0 ? total - so_far : 1);
        so_far = total;
        qsort(all->trials, (size_t)left, sizeof *all->trials, by_value);
        for (int i = 0; i < left; i++)
            take_drawn(all, &all->trials[i]);
        say(all, &all->trials[0], round, left);
        left = (left + THIRD - 1) / THIRD;
        if (stop_asked || now() >= all->deadline)
            return;
    }
}

static void end_trial(trial *of)
{
    free_line(&of->line);
    talus_trainer_destroy(of->trainer);
    talus_network_destroy(of->network);
    talus_dataset_destroy(of->training);
    talus_dataset_destroy(of->validation);
    talus_dataset_destroy(of->whole);
    talus_context_destroy(of->context);
}

/* What was found, on standard output. */
static void print_best(const search *all, const trial *best, const talus_report *report)
{
    char buffer[4096];
    text_buffer text = {buffer, sizeof buffer, 0};
    const int json = is_given(all->line, "json");
    put_format(&text, "{\"trials\": %d, \"epochs\": %lld, \"%s\": ", all->count, (long long)best->epochs,
               talus_metric_name(all->run.fit.metric));
    put_json_number(&text, best->value);
    for (int k = 0; k < DRAWN; k++) {
        if (!json)
            printf("  %-20s %s\n", drawn[k], text_of(&best->line, drawn[k]));
        put_format(&text, ", \"%s\": ", drawn[k]);
        put_json_string(&text, text_of(&best->line, drawn[k]));
    }
    put_text(&text, ", \"metrics\": ");
    put_metrics(&text, report);
    put_text(&text, "}");
    if (json)
        puts(buffer);
    else if (!is_given(all->line, "quiet"))
        print_metrics(stdout, report);
}

/* Its options are those with which talus train makes it in one run. */
static int save_best(const search *all, trial *best, const talus_report *report, const char *path)
{
    char epochs[32];
    best->result.epochs = best->epochs, best->result.steps = best->steps,
    best->result.seconds = best->seconds;
    best->result.best_epoch = best->epochs;
    const run_record record = {best->trainer, &best->result, report, "validation", all->run.fit.metric};
    snprintf(epochs, sizeof epochs, "%lld", (long long)best->epochs);
    return use_text(&best->line, "epochs", epochs) &&
           save_model(&best->line, best->context, best->network, all->data.columns, &record, path);
}

static int keep_best(const search *all)
{
    trial *best = &all->trials[0];
    const char *out = text_of(all->line, "out");
    talus_report report;
    if (best->network == NULL || isnan(best->value)) {
        fprintf(stderr, "talus: no trial came to a result\n");
        return FAILED;
    }
    if (!judge(best->context, best->network, best->validation, &report) ||
        (out != NULL && !save_best(all, best, &report, out)))
        return FAILED;
    print_best(all, best, &report);
    return stop_asked ? INTERRUPTED : DONE;
}

/* What a search is asked for that it does not do. */
static int check_search(const search *all)
{
    const char *const method = text_of(all->line, "optimizer");
    int open = 0;
    for (int k = 0; k < DRAWN; k++)
        open += !is_given(all->line, drawn[k]);
    if (open == 0)
        fprintf(
            stderr,
            "talus: a search has nothing to try where --layers, --rate, --weight-decay and --dropout are all "
            "given\n");
    else if (!has_rate(all->run.optimizer.method))
        fprintf(stderr, "talus: a search tries rates, which --optimizer %s does not have\n", method);
    else if (all->run.fit.validation_split <= 0)
        fprintf(stderr, "talus: --validation must be above 0 in a search\n");
    else
        return 1;
    all->line->wrong = 1;
    return 0;
}

static int make_search(search *all)
{
    if (!make_trial_run(all->line, all->context, all->data.dataset, &all->run) || !check_search(all))
        return 0;
    all->deadline = is_given(all->line, "time") ? now() + all->run.fit.max_seconds : INFINITY;
    all->run.fit.max_seconds = 0;
    return 1;
}

static int run_with_data(search *all)
{
    const int64_t count = whole_number_of(all->line, "trials", 1, MOST_TRIALS, TRIALS);
    if (count < 0 || !make_search(all))
        return FAILED;
    more_is_better = talus_metric_more_is_better(all->run.fit.metric);
    all->count = (int)count;
    all->trials = calloc((size_t)all->count, sizeof *all->trials);
    if (all->trials == NULL)
        return FAILED;
    uint64_t state = 0x9E3779B97F4A7C15u ^ (uint64_t)all->run.fit.seed << 20;
    int drawn_all = 1;
    for (int i = 0; i < all->count; i++) {
        drawn_all &= draw(&all->trials[i], all->line, i, &state);
        take_drawn(all, &all->trials[i]);
    }
    if (drawn_all)
        run_rounds(all);
    int status = drawn_all ? keep_best(all) : FAILED;
    for (int i = 0; i < all->count; i++)
        end_trial(&all->trials[i]);
    free(all->trials);
    return status;
}

int run_search(command_line *line)
{
    search all = {.line = line, .lock = PTHREAD_MUTEX_INITIALIZER};
    if (!check_operands(line, 1, 1, "a file with data"))
        return WRONG_USAGE;
    all.context = open_context(line);
    if (all.context == NULL)
        return FAILED;
    watch_interrupts();
    const char *config = text_of(line, "config");
    int status = (config == NULL || read_config(line, all.context, config)) && check_options(line) &&
                         read_training(line, all.context, line->operands[0], &all.data)
                     ? run_with_data(&all)
                     : FAILED;
    free_data(&all.data);
    talus_context_destroy(all.context);
    return status;
}
