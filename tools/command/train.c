/* Commands that train one network: train and resume. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config.h"
#include "job.h"
#include "judge.h"
#include "page.h"
#include "record.h"
#include "text.h"

static void say_what_it_learns(const job *of)
{
    if (is_given(of->line, "quiet"))
        return;
    fprintf(stderr, "%lld samples of %lld inputs; %s\n", (long long)talus_dataset_samples(of->data.dataset),
            (long long)talus_dataset_inputs(of->data.dataset), of->data.reason);
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
    const char *test = text_of(of->line, "test");
    if (strcmp(of->line->operands[0], "-") == 0 || (test != NULL && strcmp(test, "-") == 0))
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

/* Reads the file of --test, so that what is wrong with it is known before the training. */
static int read_test(job *of)
{
    const char *path = text_of(of->line, "test");
    const data_shape like = {of->data.columns, talus_dataset_inputs(of->data.dataset),
                             class_count(&of->data) > 0, 1, text_of(of->line, "test-labels")};
    return path == NULL || read_further(of->line, of->context, path, &like, &of->test_file);
}

static int judge_result(job *of)
{
    const talus_dataset *held = held_out(of);
    if (held == NULL)
        return 1;
    of->judged_on = held == of->validation ? "validation" : "test";
    return judge(of->context, of->network, held, &of->report);
}

static run_record record_of(const job *of)
{
    return (run_record){of->trainer, &of->result, &of->report, of->judged_on, of->run.fit.metric};
}

static void print_result(const job *of)
{
    char buffer[4096];
    text_buffer text = {buffer, sizeof buffer, 0};
    const run_record record = record_of(of);
    const talus_fit_result *r = &of->result;
    if (is_given(of->line, "json")) {
        put_result(&text, &record);
        puts(buffer);
        return;
    }
    if (is_given(of->line, "quiet"))
        return;
    fprintf(stderr, "%s after %lld epochs and %.1f s", talus_outcome_name(r->outcome), (long long)r->epochs,
            r->seconds);
    if (r->best_epoch > 0)
        fprintf(stderr, "; the best was epoch %lld", (long long)r->best_epoch);
    fprintf(stderr, "\n");
    if (of->judged_on == NULL)
        return;
    fprintf(stderr, "on %lld samples of the %s set:\n", (long long)of->report.samples, of->judged_on);
    print_metrics(stdout, &of->report);
}

/* The page of a run that has ended. */
static int report_run(job *of, const char *path)
{
    const int64_t count = talus_trainer_epochs(of->trainer);
    char verdicts[2048] = "", title[256], command[2048], source[400];
    int verdict;
    talus_epoch *epochs = calloc((size_t)count + 1, sizeof *epochs);
    for (int64_t i = 0; epochs != NULL && i < count; i++)
        (void)talus_trainer_epoch(of->trainer, i + 1, &epochs[i]);
    if (of->look.layers > 0)
        (void)talus_health_verdict(of->context, of->look.healths, of->look.layers, &verdict, verdicts,
                                   sizeof verdicts, NULL);
    const char *slash = strrchr(of->line->operands[0], '/');
    snprintf(title, sizeof title, "%s", slash == NULL ? of->line->operands[0] : slash + 1);
    put_command(&(text_buffer){command, sizeof command, 0}, of->line);
    snprintf(source, sizeof source, "%lld samples of %lld inputs; %s",
             (long long)talus_dataset_samples(of->data.dataset),
             (long long)talus_dataset_inputs(of->data.dataset), of->data.reason);
    const run_page page = {.context = of->context,
                           .network = of->network,
                           .data = held_out(of) == NULL ? trained_on(of) : held_out(of),
                           .judged_on = of->judged_on,
                           .columns = of->data.columns,
                           .title = title,
                           .source = source,
                           .command = command,
                           .epochs = epochs,
                           .epoch_count = count,
                           .metric = of->run.fit.metric,
                           .result = &of->result,
                           .look = &of->look,
                           .verdicts = verdicts};
    int written = epochs != NULL && write_page(&page, path);
    free(epochs);
    return written;
}

static void say_stopped(const job *of)
{
    const char *checkpoint = text_of(of->line, "checkpoint");
    char word[4096] = "";
    if (checkpoint == NULL) {
        fprintf(stderr, "talus: stopped; with --checkpoint FILE, a run can go on later\n");
        return;
    }
    put_word(&(text_buffer){word, sizeof word, 0}, checkpoint);
    fprintf(stderr, "talus: stopped; `talus resume %s` goes on\n", word);
}

/* What comes after the training. */
static int finish(job *of)
{
    const char *out = text_of(of->line, "out"), *report = text_of(of->line, "report");
    if (of->result.fallback > 0)
        fprintf(stderr,
                "talus: %lld newer checkpoints could not be read; the run went on from the one before them\n",
                (long long)of->result.fallback);
    if (stop_asked)
        say_stopped(of);
    const int judged = judge_result(of);
    const run_record record = record_of(of);
    if (out != NULL && !save_model(of->line, of->context, of->network, of->data.columns, &record, out))
        return FAILED;
    if (!judged || (report != NULL && !report_run(of, report)))
        return FAILED;
    print_result(of);
    return stop_asked ? INTERRUPTED : DONE;
}

static int train_once(job *of)
{
    if (!divide(of) || !read_test(of) || !begin_run(of, trained_on(of)) || !keep_checkpoints(of))
        return FAILED;
    if (stop_asked) /* while the data were read: then nothing is to be written over */
        return fprintf(stderr, "talus: stopped before the training began; nothing was written\n"),
               INTERRUPTED;
    return train_on(of, trained_on(of), of->validation) ? finish(of) : FAILED;
}

/* The run of a checkpoint, whose options are in of->line by now. */
static int go_on(job *of, const char *path)
{
    if (!read_training(of->line, of->context, of->line->operands[0], &of->data) ||
        !make_run(of->line, of->context, of->data.dataset, &of->run) || !divide(of) || !read_test(of))
        return FAILED;
    of->line->values[find_option(~0u, "checkpoint", strlen("checkpoint"))] = path;
    if (stop_asked)
        return say_stopped(of), INTERRUPTED;
    const volatile int *stop = of->run.fit.stop;
    if (talus_checkpoint_resume(of->context, path, &of->network, &of->trainer, &of->run.fit) != TALUS_OK)
        return report_failure(of->context);
    of->run.fit.stop = stop;
    return train_on(of, trained_on(of), of->validation) ? finish(of) : FAILED;
}

static int run_job(job *of, const char *path)
{
    const char *config = text_of(of->line, "config");
    if ((config != NULL && !read_config(of->line, of->context, config)) || !check_options(of->line))
        return FAILED;
    const int64_t folds = whole_number_of(of->line, "folds", 2, 1000, 0);
    if (folds < 0 || !read_training(of->line, of->context, path, &of->data) ||
        !make_run(of->line, of->context, of->data.dataset, &of->run))
        return FAILED;
    say_what_it_learns(of);
    return folds > 0 ? train_folds(of, folds) : train_once(of);
}

static void end_job(job *of)
{
    end_run(of);
    talus_dataset_destroy(of->training);
    talus_dataset_destroy(of->validation);
    talus_dataset_destroy(of->test);
    talus_dataset_destroy(of->rest);
    free_data(&of->test_file);
    free_data(&of->data);
    free(of->notes);
    talus_context_destroy(of->context);
}

int run_train(command_line *line)
{
    job of = {.line = line};
    if (!check_operands(line, 1, 1, "a file with data"))
        return WRONG_USAGE;
    if (!is_given(line, "out") && !is_given(line, "test") && !is_given(line, "test-share") &&
        !is_given(line, "folds") && !is_given(line, "report") && !is_given(line, "quiet"))
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
