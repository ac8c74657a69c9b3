#include "run.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config.h"

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
    if (stop_asked) {
        signal(number, SIG_DFL);
        raise(number);
    }
    stop_asked = 1;
}

void watch_interrupts(void)
{
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
}

double read_time(command_line *line, const char *text)
{
    char *end;
    double number = strtod(text, &end);
    double unit = strcmp(end, "m") == 0 ? 60 : strcmp(end, "h") == 0 ? 3600 : 1;
    if (end == text || !(number > 0) || !isfinite(number) ||
        (unit == 1 && *end != '\0' && strcmp(end, "s") != 0)) {
        fprintf(stderr, "talus: --time must be a time such as 90s, 10m or 2h, got \"%s\"\n", text);
        line->wrong = 1;
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

int has_rate(int method)
{
    static const int without[] = {TALUS_LBFGS, TALUS_CONJUGATE_GRADIENT, TALUS_IRPROP_MINUS,
                                  TALUS_IRPROP_PLUS};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (method == without[i])
            return 0;
    return 1;
}

static int64_t usual_batch(int method)
{
    return method == TALUS_LBFGS || method == TALUS_CONJUGATE_GRADIENT ? 0 : BATCH;
}

/* The defaults of the command. */
static void begin_options(const command_line *line, run_options *run)
{
    const char *method = text_of(line, "optimizer"), *kind = text_of(line, "schedule");
    const int number = method == NULL ? TALUS_ADAMW : talus_method_value(method);
    const int asked = kind == NULL ? -1 : talus_schedule_kind_value(kind);
    const int usual = has_rate(number) && number != TALUS_SCHEDULE_FREE ? TALUS_SCHEDULE_ONE_CYCLE
                                                                        : TALUS_SCHEDULE_CONSTANT;
    talus_optimizer_defaults(&run->optimizer, number < 0 ? TALUS_ADAMW : number);
    if (method == NULL)
        run->optimizer.rate = RATE;
    talus_schedule_defaults(&run->schedule, asked < 0 ? usual : asked);
    talus_fit_options_defaults(&run->fit);
    run->fit.optimizer = &run->optimizer;
    run->fit.validation_split = VALIDATION;
    run->fit.batch = usual_batch(number);
    run->fit.stop = &stop_asked;
}

int make_run(command_line *line, talus_context *context, const talus_dataset *data, run_options *run)
{
    const char *time = text_of(line, "time");
    begin_options(line, run);
    if (!apply_options(line, context, TALUS_STRUCTURE_OPTIMIZER, &run->optimizer) ||
        !apply_options(line, context, TALUS_STRUCTURE_SCHEDULE, &run->schedule) ||
        !apply_options(line, context, TALUS_STRUCTURE_FIT, &run->fit) ||
        !share_of(line, "test-share", &run->test_share))
        return 0;
    if (!is_given(line, "epochs"))
        run->fit.epochs = usual_epochs(data, run->fit.batch > 0 ? run->fit.batch : BATCH);
    if (run->schedule.kind != TALUS_SCHEDULE_CONSTANT || run->schedule.warmup > 0)
        run->fit.rate_schedule = &run->schedule;
    if (time != NULL && (run->fit.max_seconds = read_time(line, time)) < 0)
        return 0;
    return use_options(line, context, TALUS_STRUCTURE_OPTIMIZER, &run->optimizer) &&
           use_options(line, context, TALUS_STRUCTURE_SCHEDULE, &run->schedule) &&
           use_options(line, context, TALUS_STRUCTURE_FIT, &run->fit);
}
