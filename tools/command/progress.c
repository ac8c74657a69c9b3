#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELLS      20
#define INTERVAL   0.05 /* seconds between two drawings, at least */
#define MOST_LINES 20   /* of epochs, about */

static void print_time(char text[32], double seconds)
{
    long whole = (long)(seconds + 0.5);
    if (whole >= 3600)
        snprintf(text, 32, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, 32, "%ld:%02ld", whole / 60, whole % 60);
}

/* Large numbers of samples as "1.2M". */
static void print_count(char text[32], double count)
{
    if (count >= 1e6)
        snprintf(text, 32, "%.1fM", count / 1e6);
    else if (count >= 1e4)
        snprintf(text, 32, "%.0fk", count / 1e3);
    else
        snprintf(text, 32, "%.0f", count);
}

static int on_progress(const talus_progress *p, void *user)
{
    progress *of = user;
    char line[256], left[32], rate[32], cells[4 * CELLS + 1] = "";
    if (!of->terminal || p->seconds < of->drawn + INTERVAL)
        return 0;
    of->drawn = p->seconds;
    const double done = ((double)(p->epoch - 1) + (double)p->sample / (double)p->samples) / (double)p->epochs;
    const int full = (int)(done * CELLS);
    for (int i = 0; i < CELLS; i++)
        strcat(cells, i < full ? "\xE2\x94\x81" : "\xE2\x94\x80");
    print_time(left, p->seconds * (1 - done) / done);
    print_count(rate, done * (double)p->epochs * (double)p->samples / p->seconds);
    snprintf(line, sizeof line, "%s %3.0f %%  epoch %lld/%lld  loss %.4g  %s samples/s  %s left", cells,
             100 * done, (long long)p->epoch, (long long)p->epochs, p->cost, rate, left);
    fprintf(stderr, "\r%s%s%s\033[K", of->color ? "\033[36m" : "", line, of->color ? "\033[0m" : "");
    fflush(stderr);
    return 0;
}

static int on_epoch(const talus_epoch *e, void *user)
{
    progress *of = user;
    char rate[32];
    const int64_t every = of->epochs > 2 * MOST_LINES ? of->epochs / MOST_LINES : 1;
    if (e->epoch % every != 0 && e->epoch != of->epochs)
        return 0;
    print_count(rate, e->samples_per_second);
    fprintf(stderr, "%sepoch %lld/%lld  loss %.4g", of->terminal ? "\r\033[K" : "", (long long)e->epoch,
            (long long)of->epochs, e->cost);
    if (of->validated && isfinite(e->validation_cost))
        fprintf(stderr, "  validation loss %.4g", e->validation_cost);
    if (of->validated && of->metric != TALUS_METRIC_COST && isfinite(e->watched))
        fprintf(stderr, "  %s %.4g", talus_metric_name(of->metric), e->watched);
    else if (of->validated && isfinite(e->validation_accuracy))
        fprintf(stderr, "  accuracy %.4f", e->validation_accuracy);
    fprintf(stderr, "  %s samples/s\n", rate);
    return 0;
}

void begin_progress(progress *of, int quiet, talus_fit_options *options, int validated)
{
    const char *no_color = getenv("NO_COLOR"), *kind = getenv("TERM");
    *of = (progress){.quiet = quiet, .drawn = -1, .metric = options->metric, .validated = validated};
    of->terminal = !quiet && isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
    of->color = of->terminal && (no_color == NULL || no_color[0] == '\0');
    of->epochs = options->epochs;
    if (quiet)
        return;
    options->on_progress = on_progress;
    options->on_epoch = on_epoch;
    options->user = of;
}

void end_progress(progress *of)
{
    if (of->terminal)
        fprintf(stderr, "\r\033[K");
}
