#include "train.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "judge.h"
#include "page.h"
#include "progress.h"
#include "text.h"

/* What a run has where nothing is asked for: enough steps for small tables, and not too many passes over large ones, of AdamW
 * in one cycle (Smith and Topin 2018, arXiv:1708.07120), which ends where it is best, so that it needs no patience. */
#define STEPS        10000
#define MOST_EPOCHS  100
#define LEAST_EPOCHS 30
#define RATE         0.005
#define VALIDATION   0.1
#define BATCH        128
#define LOOK_EVERY   10 /* steps, at the health of gradients for a report */

volatile int stop_asked;

static void on_interrupt(int number)
{
    if (stop_asked)
        signal(number, SIG_DFL);
    stop_asked = 1;
}

void watch_interrupts(void)
{
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
}

double read_time(const char *text)
{
    char *end;
    double number = strtod(text, &end);
    double unit = strcmp(end, "m") == 0 ? 60 : strcmp(end, "h") == 0 ? 3600 : 1;
    if (end == text || !(number > 0) || !isfinite(number) ||
        (unit == 1 && *end != '\0' && strcmp(end, "s") != 0)) {
        fprintf(stderr, "talus: --time must be a time such as 90s, 10m or 2h, got \"%s\"\n", text);
        return -1;
    }
    return number * unit;
}

static int64_t usual_epochs(const talus_dataset *data, int64_t batch)
{
    const double steps = ceil((double)talus_dataset_samples(data) / (double)batch);
    const double epochs = STEPS / steps;
    return (int64_t)(epochs > MOST_EPOCHS ? MOST_EPOCHS : epochs < LEAST_EPOCHS ? LEAST_EPOCHS : epochs);
}

/* Methods that find their steps themselves have no schedule of a rate; schedule_free needs none. */
static int has_schedule(int method)
{
    static const int without[] = {TALUS_LBFGS, TALUS_CONJUGATE_GRADIENT, TALUS_IRPROP_MINUS,
                                  TALUS_IRPROP_PLUS, TALUS_SCHEDULE_FREE};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (method == without[i])
            return 0;
    return 1;
}

int make_run(const command_line *line, talus_context *context, const talus_dataset *data, run_options *run)
{
    const char *method = text_of(line, "optimizer"), *time = text_of(line, "time");
    int number = method == NULL ? TALUS_ADAMW : talus_method_value(method);
    talus_optimizer_defaults(&run->optimizer, number < 0 ? TALUS_ADAMW : number);
    if (method == NULL)
        run->optimizer.rate = RATE;
    talus_fit_options_defaults(&run->fit);
    run->fit.optimizer = &run->optimizer;
    run->fit.validation_split = VALIDATION;
    run->fit.seed = (int64_t)number_of(line, "seed", 0);
    run->fit.stop = &stop_asked;
    const int cycles = method == NULL || has_schedule(number);
    const char *kind = text_of(line, "schedule");
    const int asked = kind == NULL ? -1 : talus_schedule_kind_value(kind);
    talus_schedule_defaults(&run->schedule, asked >= 0 ? asked
                                            : cycles   ? TALUS_SCHEDULE_ONE_CYCLE
                                                       : TALUS_SCHEDULE_CONSTANT);
    if (!apply_options(line, context, TALUS_STRUCTURE_OPTIMIZER, &run->optimizer) ||
        !apply_options(line, context, TALUS_STRUCTURE_SCHEDULE, &run->schedule) ||
        !apply_options(line, context, TALUS_STRUCTURE_FIT, &run->fit))
        return 0;
    if (!is_given(line, "epochs"))
        run->fit.epochs = usual_epochs(data, run->fit.batch > 0 ? run->fit.batch : BATCH);
    if (cycles || kind != NULL || is_given(line, "warmup"))
        run->fit.rate_schedule = &run->schedule;
    if (time != NULL && (run->fit.max_seconds = read_time(time)) < 0)
        return 0;
    return 1;
}

typedef struct job {
    char *notes; /* of its checkpoints; or NULL */
    command_line *line;
    talus_context *context;
    input_data data;
    talus_dataset *training, *validation; /* parts of the data; validation may be NULL */
    run_options run;
    talus_network *network;
    talus_trainer *trainer;
    talus_fit_result result;
    talus_report report; /* on the test file or the folds */
    int judged;
} job;

static void say_what_it_learns(const job *of)
{
    if (is_given(of->line, "quiet"))
        return;
    fprintf(stderr, "%lld samples of %lld inputs", (long long)talus_dataset_samples(of->data.dataset),
            (long long)talus_dataset_inputs(of->data.dataset));
    if (of->data.columns != NULL)
        fprintf(stderr, "; %s\n", talus_columns_reason(of->data.columns));
    else if (class_count(&of->data) > 0)
        fprintf(stderr, "; classification: labels of %lld classes\n", (long long)class_count(&of->data));
    else
        fprintf(stderr, "; regression of %lld numbers\n", (long long)talus_dataset_targets(of->data.dataset));
}

/* Trains on the data but its validation part; false after a message. */
static int train_on(job *of, const talus_dataset *training, const talus_dataset *validation)
{
    progress shown;
    talus_fit_options options = of->run.fit;
    options.validation_split = 0;
    begin_progress(&shown, is_given(of->line, "quiet"), &options, validation != NULL);
    talus_status status = talus_trainer_fit(of->trainer, training, validation, &options, &of->result);
    end_progress(&shown);
    if (status != TALUS_OK)
        return report_failure(of->context), 0;
    if (of->result.outcome == TALUS_OUTCOME_DIVERGED) {
        fprintf(stderr,
                "talus: the training diverged in step %lld; a smaller --rate or --clip-norm may help\n",
                (long long)of->result.diverged_step);
        return 0;
    }
    return 1;
}

static void put_notes(text_buffer *to, const command_line *line)
{
    put_text(to, "{\"run\":");
    put_run(to, line);
    put_text(to, "}");
}

/* Has the fit write checkpoints, whose notes are all that the run was asked for. */
static int keep_checkpoints(job *of)
{
    const char *path = text_of(of->line, "checkpoint");
    if (path == NULL)
        return 1;
    if (strcmp(of->line->operands[0], "-") == 0)
        return fprintf(stderr,
                       "talus: --checkpoint is for data in a file, which a run that goes on reads again\n"),
               0;
    text_buffer notes = {0};
    put_notes(&notes, of->line); /* which says how long they are */
    notes = (text_buffer){malloc(notes.length + 1), notes.length + 1, 0};
    of->notes = notes.text;
    if (notes.text == NULL)
        return 0;
    put_notes(&notes, of->line);
    of->run.fit.checkpoint = path;
    of->run.fit.checkpoint_notes = of->notes;
    return 1;
}

/* Makes network and trainer for what is trained on; they are destroyed by end_run. */
static int begin_run(job *of, talus_dataset *training)
{
    const input_data seen = {.dataset = training, .columns = of->data.columns};
    const int64_t batch = of->run.fit.batch > 0 ? of->run.fit.batch : BATCH;
    const int64_t samples = talus_dataset_samples(of->data.dataset);
    if (!make_network(of->line, of->context, &seen, &of->network))
        return 0;
    talus_optimizer_spec spec = of->run.optimizer;
    of->run.fit.optimizer = NULL;
    const int full = spec.method == TALUS_LBFGS || spec.method == TALUS_CONJUGATE_GRADIENT;
    if (talus_trainer_create(of->network, &spec, full || batch > samples ? samples : batch, &of->trainer) !=
            TALUS_OK ||
        (is_given(of->line, "report") && talus_trainer_watch_health(of->trainer, LOOK_EVERY) != TALUS_OK))
        return report_failure(of->context), 0;
    return 1;
}

static void end_run(job *of)
{
    talus_trainer_destroy(of->trainer);
    talus_network_destroy(of->network);
    of->trainer = NULL, of->network = NULL;
}

/* Divides the data; without validation all of it is trained on. */
static int divide(job *of)
{
    const double share = of->run.fit.validation_split;
    const int stratified = class_count(&of->data) > 0;
    if (share <= 0 || talus_dataset_samples(of->data.dataset) < 2)
        return 1;
    return talus_dataset_split(of->data.dataset, share, stratified, (uint64_t)of->run.fit.seed,
                               &of->validation, &of->training) == TALUS_OK ||
           (report_failure(of->context), 0);
}

/* On the file of --test, or else on what was held out. */
static int judge_result(job *of)
{
    const char *path = text_of(of->line, "test");
    input_data test = {0};
    if (path == NULL && of->validation == NULL)
        return 1;
    of->judged = (path == NULL || read_further(of->line, of->context, path, of->data.columns, 1, &test)) &&
                 judge(of->context, of->network, path == NULL ? of->validation : test.dataset, &of->report);
    free_data(&test);
    return of->judged;
}

static void print_result(const job *of)
{
    char buffer[4096];
    text_buffer text = {buffer, sizeof buffer, 0};
    const talus_fit_result *r = &of->result;
    if (is_given(of->line, "json")) {
        put_format(&text,
                   "{\"outcome\": \"%s\", \"epochs\": %lld, \"steps\": %lld, \"seconds\": %.3f, \"cost\": ",
                   talus_outcome_name(r->outcome), (long long)r->epochs, (long long)r->steps, r->seconds);
        put_json_number(&text, r->cost);
        put_text(&text, ", \"validation_cost\": ");
        put_json_number(&text, r->validation_cost);
        if (of->judged) {
            put_text(&text, ", \"metrics\": ");
            put_metrics(&text, &of->report);
        }
        printf("%s}\n", buffer);
    } else if (!is_given(of->line, "quiet")) {
        fprintf(stderr, "%s after %lld epochs and %.1f s", talus_outcome_name(r->outcome),
                (long long)r->epochs, r->seconds);
        if (r->best_epoch > 0)
            fprintf(stderr, "; the best was epoch %lld", (long long)r->best_epoch);
        fprintf(stderr, "\n");
        if (of->judged)
            fprintf(stderr, is_given(of->line, "test") ? "on the test:\n" : "on what was held out:\n");
        fflush(stderr);
        if (of->judged)
            print_metrics(stdout, &of->report);
    }
}

/* Each fold is judged by a network that has not seen it. Only the metrics of all are told. */
static int train_folds(job *of, int64_t folds)
{
    double sums[TALUS_METRIC_COUNT] = {0}, squares[TALUS_METRIC_COUNT] = {0};
    const int stratified = class_count(&of->data) > 0;
    for (int64_t i = 0; i < folds; i++) {
        talus_dataset *training = NULL, *held = NULL;
        int done = talus_dataset_fold(of->data.dataset, folds, i, stratified, (uint64_t)of->run.fit.seed,
                                      &training, &held) == TALUS_OK;
        if (!done)
            report_failure(of->context);
        done = done && begin_run(of, training) && train_on(of, training, NULL) &&
               judge(of->context, of->network, held, &of->report);
        for (int metric = 0; done && metric < TALUS_METRIC_COUNT; metric++) {
            talus_estimate found;
            (void)talus_report_estimate(&of->report, metric, &found);
            sums[metric] += found.value, squares[metric] += found.value * found.value;
        }
        end_run(of);
        talus_dataset_destroy(training);
        talus_dataset_destroy(held);
        if (!done)
            return 0;
    }
    const double k = (double)folds;
    printf(is_given(of->line, "json") ? "{\"folds\": %lld, \"metrics\": {" : "%lld folds:\n",
           (long long)folds);
    for (int metric = 0, first = 1; metric < TALUS_METRIC_COUNT; metric++) {
        const double mean = sums[metric] / k,
                     deviation = sqrt(fmax(0, squares[metric] / k - mean * mean) * k / (k - 1));
        if (!isfinite(mean))
            continue;
        if (is_given(of->line, "json"))
            printf("%s\"%s\": %.10g", first ? "" : ", ", talus_metric_name(metric), mean);
        else
            printf("  %-20s %.5g +- %.2g between folds\n", talus_metric_name(metric), mean, deviation);
        first = 0;
    }
    if (is_given(of->line, "json"))
        printf("}}\n");
    return 1;
}

/* The page of a run that has ended. */
static int report_run(job *of, const char *path)
{
    const int layers = talus_network_layer_count(of->network);
    const int64_t count = talus_trainer_epochs(of->trainer);
    char verdicts[2048] = "", title[256], command[2048];
    int verdict, healthy = 1;
    talus_health healths[MOST_LAYERS];
    talus_epoch *epochs = calloc((size_t)count + 1, sizeof *epochs);
    for (int64_t i = 0; epochs != NULL && i < count; i++)
        (void)talus_trainer_epoch(of->trainer, i + 1, &epochs[i]);
    for (int l = 1; l <= layers; l++)
        healthy &= talus_trainer_health(of->trainer, l, &healths[l - 1]) == TALUS_OK;
    if (healthy)
        (void)talus_health_verdict(of->context, healths, layers, &verdict, verdicts, sizeof verdicts, NULL);
    const char *slash = strrchr(of->line->operands[0], '/');
    snprintf(title, sizeof title, "%s", slash == NULL ? of->line->operands[0] : slash + 1);
    put_command(&(text_buffer){command, sizeof command, 0}, of->line);
    char source[256];
    snprintf(source, sizeof source, "%lld samples of %lld inputs; %s",
             (long long)talus_dataset_samples(of->data.dataset),
             (long long)talus_dataset_inputs(of->data.dataset),
             of->data.columns == NULL ? "arrays" : talus_columns_reason(of->data.columns));
    const run_page page = {.context = of->context,
                           .network = of->network,
                           .data = of->validation == NULL ? of->data.dataset : of->validation,
                           .columns = of->data.columns,
                           .title = title,
                           .source = source,
                           .command = command,
                           .epochs = epochs,
                           .epoch_count = count,
                           .result = &of->result,
                           .healths = healthy ? healths : NULL,
                           .verdicts = verdicts};
    int written = epochs != NULL && write_page(&page, path);
    free(epochs);
    return written;
}

/* What comes after the training. */
static int finish(job *of)
{
    const char *out = text_of(of->line, "out"), *report = text_of(of->line, "report");
    const char *checkpoint = text_of(of->line, "checkpoint");
    if (of->result.fallback > 0)
        fprintf(stderr,
                "talus: %lld newer checkpoints could not be read; the run went on from the one before them\n",
                (long long)of->result.fallback);
    if (stop_asked && checkpoint != NULL)
        fprintf(stderr, "talus: stopped; `talus resume %s` goes on\n", checkpoint);
    if (out != NULL && !save_model(of->line, of->context, of->network, of->data.columns, out))
        return FAILED;
    if (!judge_result(of) || (report != NULL && !report_run(of, report)))
        return FAILED;
    print_result(of);
    return stop_asked ? INTERRUPTED : DONE;
}

static talus_dataset *seen_by(const job *of)
{
    return of->training == NULL ? of->data.dataset : of->training;
}

static int train_once(job *of)
{
    const int done = divide(of) && keep_checkpoints(of) && begin_run(of, seen_by(of)) &&
                     train_on(of, seen_by(of), of->validation);
    return done ? finish(of) : FAILED;
}

/* The run of a checkpoint, whose options are in of->line by now. */
static int go_on(job *of, const char *path)
{
    const volatile int *stop;
    if (!read_training(of->line, of->context, of->line->operands[0], &of->data) ||
        !make_run(of->line, of->context, of->data.dataset, &of->run) || !divide(of))
        return FAILED;
    stop = of->run.fit.stop;
    if (talus_checkpoint_resume(of->context, path, &of->network, &of->trainer, &of->run.fit) != TALUS_OK ||
        (is_given(of->line, "report") && talus_trainer_watch_health(of->trainer, LOOK_EVERY) != TALUS_OK))
        return report_failure(of->context);
    of->run.fit.stop = stop;
    return train_on(of, seen_by(of), of->validation) ? finish(of) : FAILED;
}

static int run_job(job *of, const char *path)
{
    const char *config = text_of(of->line, "config");
    if (config != NULL && !read_config(of->line, of->context, config))
        return FAILED;
    if (!read_training(of->line, of->context, path, &of->data) ||
        !make_run(of->line, of->context, of->data.dataset, &of->run))
        return FAILED;
    say_what_it_learns(of);
    const double folds = number_of(of->line, "folds", 0);
    if (is_given(of->line, "folds") && !(folds >= 2 && folds <= 1000 && folds == floor(folds)))
        return fprintf(stderr, "talus: --folds must be 2 ... 1000, got \"%s\"\n", text_of(of->line, "folds")),
               WRONG_USAGE;
    return folds > 0 ? (train_folds(of, (int64_t)folds) ? DONE : FAILED) : train_once(of);
}

static void end_job(job *of)
{
    end_run(of);
    talus_dataset_destroy(of->training);
    talus_dataset_destroy(of->validation);
    free_data(&of->data);
    free(of->notes);
    talus_context_destroy(of->context);
}

int run_train(command_line *line)
{
    job of = {.line = line};
    if (!check_operands(line, 1, 1, "a file with data"))
        return WRONG_USAGE;
    if (!is_given(line, "out") && !is_given(line, "test") && !is_given(line, "folds") &&
        !is_given(line, "report"))
        fprintf(stderr, "talus: without --out FILE the network is not kept\n");
    of.context = open_context(line);
    if (of.context == NULL)
        return FAILED;
    watch_interrupts();
    int status = run_job(&of, line->operands[0]);
    end_job(&of);
    return status;
}

int run_resume(command_line *line)
{
    job of = {.line = line};
    const char *path = line->operands[0];
    if (!check_operands(line, 1, 1, "a checkpoint"))
        return WRONG_USAGE;
    of.context = open_context(line);
    if (of.context == NULL)
        return FAILED;
    watch_interrupts();
    int status = read_run(line, of.context, path) ? go_on(&of, path) : FAILED;
    end_job(&of);
    return status;
}
