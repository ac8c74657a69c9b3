#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CELLS    14   /* of the bar */
#define INTERVAL 0.05 /* seconds between two drawings, at least */
#define COLUMNS  79   /* a line that wraps could not be redrawn in place */

/* The seconds still to go, if the rest runs as fast as what is done (a fraction, 0 < done ≤ 1). */
static int seconds_left(const talus_progress *p, double done)
{
    return (int)(p->seconds * (1 - done) / done + 0.5);
}

static int on_progress(const talus_progress *p, void *user)
{
    progress_view *view = user;
    view->last = *p;
    if (!view->terminal || p->seconds < view->drawn + INTERVAL)
        return 0;
    view->drawn = p->seconds;

    double in_epoch = (double)p->sample / (double)p->samples;
    double done = ((double)(p->epoch - 1) + in_epoch) / (double)p->epochs;
    double rate = done * (double)p->epochs * (double)p->samples / p->seconds;
    int left = seconds_left(p, done), full = (int)(in_epoch * CELLS);
    char cells[CELLS + 1] = "", line[256];
    memset(cells, '.', CELLS);
    memset(cells, '#', (size_t)full);
    snprintf(line, sizeof line, "epoch %lld/%lld [%s] %3.0f %%  loss %.4f  %.0f samples/s  %d:%02d left",
             (long long)p->epoch, (long long)p->epochs, cells, 100 * in_epoch, p->cost, rate, left / 60,
             left % 60);
    printf("\r%-*.*s", COLUMNS, COLUMNS, line);
    fflush(stdout);
    return 0;
}

static int on_epoch(const talus_epoch *e, void *user)
{
    const progress_view *view = user;
    int left = seconds_left(&view->last, (double)e->epoch / (double)view->last.epochs);
    char line[256];
    snprintf(line, sizeof line,
             "epoch %lld/%lld  loss %.4f  validation accuracy %.4f  %.0f samples/s  %d:%02d left",
             (long long)e->epoch, (long long)view->last.epochs, e->cost, e->validation_accuracy,
             e->samples_per_second, left / 60, left % 60);
    if (view->terminal)
        printf("\r%-*.*s\n", COLUMNS, COLUMNS, line);
    else
        printf("%s\n", line);
    fflush(stdout);
    return 0;
}

void progress_attach(progress_view *view, talus_fit_options *options)
{
    *view = (progress_view){.terminal = isatty(STDOUT_FILENO), .drawn = -INTERVAL};
    options->on_progress = on_progress;
    options->on_epoch = on_epoch;
    options->user = view;
}
