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
#include <unistd.h>

#include "commands.h"
#include "config.h"
#include "job.h"
#include "judge.h"
#include "text.h"
#include "trial.h"

enum { THIRD = 3, TRIALS = 30, MOST_TRIALS = 10000 };

typedef struct search {
    search_setting set;
    trial *trials;
    int count;
    /* of the round under way */
    pthread_mutex_t lock;
    int next, last;
    int failed; /* a call of a trial has, which was said */
    int64_t epochs;
} search;

/* Ends the search for what no other trial would do better; what it was is said once, unless it was said already. */
static void fail(search *all, const talus_context *unsaid)
{
    pthread_mutex_lock(&all->lock);
    if (unsaid != NULL && !all->failed)
        report_failure(unsaid);
    all->failed = 1;
    pthread_mutex_unlock(&all->lock);
}

static void train(search *all, trial *of)
{
    if (of->trainer == NULL && !begin_trial(&all->set, of))
        fail(all, NULL);
    else if (!train_trial(&all->set, of, all->epochs))
        fail(all, of->context);
}

static void *work(void *user)
{
    search *all = user;
    for (;;) {
        pthread_mutex_lock(&all->lock);
        const int goes_on = !all->failed && !stop_asked && read_clock() < all->set.deadline;
        const int mine = goes_on && all->next < all->last ? all->next++ : -1;
        pthread_mutex_unlock(&all->lock);
        if (mine < 0)
            return NULL;
        train(all, &all->trials[mine]);
    }
}

/* Trains trials 0 … count−1 for so many more epochs. */
static void train_round(search *all, int count, int64_t epochs)
{
    enum { MOST_THREADS = 256 };
    pthread_t threads[MOST_THREADS];
    const int cores = talus_context_threads(all->set.context);
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
    if (is_given(all->set.line, "quiet"))
        return;
    fprintf(stderr, "round %d, %d trials: %s %.5g with", round, left,
            talus_metric_name(all->set.run.fit.metric), best->value);
    for (int k = 0; k < DRAWN; k++)
        if (is_given(&best->line, drawn[k]))
            fprintf(stderr, "%s %s %s", k == 0 ? "" : ",", drawn[k], text_of(&best->line, drawn[k]));
    fputc('\n', stderr);
}

/* After r rounds the survivors have had all epochs of a run. */
static void run_rounds(search *all)
{
    int left = all->count, rounds = 1;
    for (int n = all->count; n > THIRD; n = (n + THIRD - 1) / THIRD)
        rounds++;
    int64_t so_far = 0;
    for (int round = 1; round <= rounds; round++) {
        const int64_t total = (int64_t)ceil((double)all->set.run.fit.epochs / pow(THIRD, rounds - round));
        train_round(all, left, total - so_far > 0 ? total - so_far : 1);
        so_far = total;
        if (all->failed)
            return;
        qsort(all->trials, (size_t)left, sizeof *all->trials, by_value);
        for (int i = 0; i < left; i++)
            take_drawn(&all->set, &all->trials[i]);
        say(all, &all->trials[0], round, left);
        left = (left + THIRD - 1) / THIRD;
        if (stop_asked || read_clock() >= all->set.deadline)
            return;
    }
}

/* What was found, on standard output. */
static void print_best(const search *all, const trial *best, const talus_report *report)
{
    char buffer[4096];
    text_buffer text = {buffer, sizeof buffer, 0};
    const int json = is_given(all->set.line, "json");
    put_format(&text, "{\"trials\": %d, \"epochs\": %lld, \"%s\": ", all->count, (long long)best->epochs,
               talus_metric_name(all->set.run.fit.metric));
    put_json_number(&text, best->value);
    for (int k = 0; k < DRAWN; k++) {
        if (!is_given(&best->line, drawn[k]))
            continue;
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
    else if (!is_given(all->set.line, "quiet"))
        print_metrics(stdout, report);
}

/* Its options are those with which talus train makes it in one run. */
static int save_best(const search *all, trial *best, const talus_report *report, const char *path)
{
    char epochs[32];
    best->result.epochs = best->epochs, best->result.steps = best->steps,
    best->result.seconds = best->seconds;
    best->result.best_epoch = best->epochs;
    const run_record record = {best->trainer, &best->result, report, "validation", all->set.run.fit.metric};
    snprintf(epochs, sizeof epochs, "%lld", (long long)best->epochs);
    return use_text(&best->line, "epochs", epochs) &&
           save_model(&best->line, best->context, best->network, all->set.data.columns, &record, path);
}

/* A trial that was stopped has gone on since its last epoch, so that what it has is judged anew. */
static void use_report(const search *all, trial *best, const talus_report *report)
{
    talus_estimate found;
    if (talus_report_estimate(report, all->set.run.fit.metric, &found) == TALUS_OK && isfinite(found.value))
        best->value = found.value;
}

static int keep_best(const search *all)
{
    trial *best = &all->trials[0];
    const char *out = text_of(all->set.line, "out");
    talus_report report;
    if (best->network == NULL || isnan(best->value)) {
        fprintf(stderr, "talus: no trial came to a result\n");
        return FAILED;
    }
    if (!judge(best->context, best->network, best->validation, &report))
        return FAILED;
    use_report(all, best, &report);
    if (out != NULL && !save_best(all, best, &report, out))
        return FAILED;
    print_best(all, best, &report);
    return stop_asked ? INTERRUPTED : DONE;
}

/* What a search is asked for that it does not do. */
static int check_search(const search *all)
{
    const char *const method = text_of(all->set.line, "optimizer");
    int open = 0;
    for (int k = 0; k < DRAWN; k++)
        open += is_drawn(&all->set, k);
    if (open == 0 && !is_given(all->set.line, "dropout"))
        fprintf(stderr, "talus: a search has nothing to try where --rate and --weight-decay are given, and "
                        "--layers is none\n");
    else if (open == 0)
        fprintf(
            stderr,
            "talus: a search has nothing to try where --layers, --rate, --weight-decay and --dropout are all "
            "given\n");
    else if (!has_rate(all->set.run.optimizer.method))
        fprintf(stderr, "talus: a search tries rates, which --optimizer %s does not have\n", method);
    else if (all->set.run.fit.validation_split <= 0)
        fprintf(stderr, "talus: --validation must be above 0 in a search\n");
    else
        return 1;
    all->set.line->wrong = 1;
    return 0;
}

static int make_search(search *all)
{
    if (!make_trial_run(all->set.line, all->set.context, all->set.data.dataset, &all->set.run) ||
        !check_search(all))
        return 0;
    all->set.deadline = is_given(all->set.line, "time") ? read_clock() + all->set.run.fit.max_seconds
                                                        : INFINITY;
    all->set.run.fit.max_seconds = 0;
    return 1;
}

static int run_with_data(search *all)
{
    const int64_t count = whole_number_of(all->set.line, "trials", 1, MOST_TRIALS, TRIALS);
    if (count < 0 || !make_search(all))
        return FAILED;
    more_is_better = talus_metric_more_is_better(all->set.run.fit.metric);
    all->count = (int)count;
    all->trials = calloc((size_t)all->count, sizeof *all->trials);
    if (all->trials == NULL)
        return FAILED;
    uint64_t state = 0x9E3779B97F4A7C15u ^ (uint64_t)all->set.run.fit.seed << 20;
    int begun = 1;
    for (int i = 0; i < all->count; i++) {
        begun &= draw_trial(&all->trials[i], all->set.line, i, &state);
        take_drawn(&all->set, &all->trials[i]);
    }
    begun = begun && begin_trial(&all->set, &all->trials[0]); /* alone, so that what all lack is said once */
    all->set.line->wrong |= all->trials[0].line.wrong;
    if (begun)
        run_rounds(all);
    int status = begun && !all->failed ? keep_best(all) : FAILED;
    for (int i = 0; i < all->count; i++)
        end_trial(&all->trials[i]);
    free(all->trials);
    return status;
}

int run_search(command_line *line)
{
    search all = {.set.line = line, .lock = PTHREAD_MUTEX_INITIALIZER};
    if (!check_operands(line, 1, 1, "a file with data"))
        return WRONG_USAGE;
    all.set.context = open_context(line);
    if (all.set.context == NULL)
        return FAILED;
    watch_interrupts();
    const char *config = text_of(line, "config");
    int status = (config == NULL || read_config(line, all.set.context, config)) && check_options(line) &&
                         read_training(line, all.set.context, line->operands[0], &all.set.data)
                     ? run_with_data(&all)
                     : FAILED;
    free_data(&all.set.data);
    talus_context_destroy(all.set.context);
    return status;
}
