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
#include "judge.h"
#include "text.h"
#include "train.h"

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
    int64_t epochs;
} trial;

typedef struct search {
    const command_line *line;
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

static void draw(trial *of, const command_line *line, int number, uint64_t *state)
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
    of->number = number, of->value = NAN, of->line = *line;
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
           make_run(&of->line, of->context, of->training, &run) &&
           talus_trainer_create(of->network, &run.optimizer, run.fit.batch > 0 ? run.fit.batch : 128,
                                &of->trainer) == TALUS_OK;
}

static void train_trial(const search *all, trial *of)
{
    talus_fit_options options = all->run.fit;
    talus_fit_result result;
    if (of->trainer == NULL && !begin_trial(all, of))
        return;
    options.optimizer = NULL;
    options.validation_split = 0;
    options.epochs = all->epochs;
    options.batch = options.batch > 0 ? options.batch : 128;
    options.rate_schedule = NULL;
    if (isfinite(all->deadline))
        options.max_seconds = fmax(1e-3, all->deadline - now());
    talus_status status = talus_trainer_fit(of->trainer, of->training, of->validation, &options, &result);
    of->value = status == TALUS_OK && result.outcome != TALUS_OUTCOME_DIVERGED ? result.best_value : NAN;
    of->epochs += result.epochs;
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
    long cores = (long)number_of(all->line, "threads", (double)sysconf(_SC_NPROCESSORS_ONLN));
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
    talus_trainer_destroy(of->trainer);
    talus_network_destroy(of->network);
    talus_dataset_destroy(of->training);
    talus_dataset_destroy(of->validation);
    talus_dataset_destroy(of->whole);
    talus_context_destroy(of->context);
}

static int keep_best(const search *all)
{
    trial *best = &all->trials[0];
    const char *out = text_of(all->line, "out");
    if (best->network == NULL || isnan(best->value)) {
        fprintf(stderr, "talus: no trial came to a result\n");
        return FAILED;
    }
    if (out != NULL && !save_model(&best->line, best->context, best->network, all->data.columns, out))
        return FAILED;
    char buffer[1024];
    text_buffer text = {buffer, sizeof buffer, 0};
    put_format(&text, "{\"%s\": ", talus_metric_name(all->run.fit.metric));
    put_json_number(&text, best->value);
    for (int k = 0; k < DRAWN; k++) {
        put_format(&text, ", \"%s\": ", drawn[k]);
        put_json_string(&text, text_of(&best->line, drawn[k]));
    }
    if (is_given(all->line, "json"))
        printf("%s}\n", buffer);
    return stop_asked ? INTERRUPTED : DONE;
}

static int run_with_data(search *all)
{
    const double count = number_of(all->line, "trials", TRIALS);
    if (!(count >= 1 && count <= MOST_TRIALS && count == floor(count)))
        return fprintf(stderr, "talus: --trials must be 1 ... %d, got \"%s\"\n", MOST_TRIALS,
                       text_of(all->line, "trials")),
               WRONG_USAGE;
    if (!make_run(all->line, all->context, all->data.dataset, &all->run))
        return FAILED;
    if (all->run.fit.validation_split <= 0)
        return fprintf(stderr, "talus: --validation must be above 0 in a search\n"), WRONG_USAGE;
    const char *time = text_of(all->line, "time");
    all->deadline = time == NULL ? INFINITY : now() + read_time(time);
    all->run.fit.max_seconds = 0;
    more_is_better = talus_metric_more_is_better(all->run.fit.metric);
    all->count = (int)count;
    all->trials = calloc((size_t)all->count, sizeof *all->trials);
    if (all->trials == NULL)
        return FAILED;
    uint64_t state = 0x9E3779B97F4A7C15u ^ (uint64_t)all->run.fit.seed << 20;
    for (int i = 0; i < all->count; i++)
        draw(&all->trials[i], all->line, i, &state), take_drawn(all, &all->trials[i]);
    run_rounds(all);
    int status = keep_best(all);
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
    int status = (config == NULL || read_config(line, all.context, config)) &&
                         read_training(line, all.context, line->operands[0], &all.data)
                     ? run_with_data(&all)
                     : FAILED;
    free_data(&all.data);
    talus_context_destroy(all.context);
    return status;
}
