#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif

#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* The text beside the bar, the most important first: what the terminal has no room for is cut. */
static int bar_text(const progress *of, const talus_progress *p, double done, char *text, size_t room)
{
    char left[32], count[32];
    print_time(left, p->seconds * (1 - done) / done);
    print_count(count, done * (double)p->epochs * (double)p->samples / p->seconds);
    int length = snprintf(
        text, room, "%3.0f %%  epoch %lld/%lld  loss %.4g%s  %s left  rate %.3g  %s samples/s", 100 * done,
        (long long)p->epoch, (long long)p->epochs, p->cost, of->found, left, p->rate, count);
    length = length < (int)room ? length : (int)room - 1;
    length = length < of->columns - 1 ? length : of->columns - 1;
    text[length] = '\0';
    return length;
}

static void draw_bar(progress *of, const talus_progress *p)
{
    char text[256], cells[4 * CELLS + 1] = "";
    const double done = ((double)(p->epoch - 1) + (double)p->sample / (double)p->samples) / (double)p->epochs;
    const int free_columns = of->columns - 2 - bar_text(of, p, done, text, sizeof text);
    const int count = free_columns < 4 ? 0 : free_columns < CELLS ? free_columns : CELLS;
    for (int i = 0; i < count; i++)
        strcat(cells, i < (int)(done * count) ? (of->unicode ? "\xE2\x94\x81" : "#")
                      : of->unicode           ? "\xE2\x94\x80"
                                              : "-");
    fprintf(stderr, "\r%s%s%s%s%s\033[K", of->color ? "\033[36m" : "", cells, of->color ? "\033[0m" : "",
            count > 0 ? " " : "", text);
    fflush(stderr);
}

static int on_progress(const talus_progress *p, void *user)
{
    progress *of = user;
    if (of->look != NULL)
        take_look(of->look, p);
    if (!of->terminal || p->seconds < of->drawn + INTERVAL)
        return 0;
    of->drawn = p->seconds;
    draw_bar(of, p);
    return 0;
}

/* How good the epoch was on the validation set. */
static void say_found(progress *of, const talus_epoch *e)
{
    of->found[0] = '\0';
    if (!of->validated || !isfinite(e->validation_cost))
        return;
    const int other = of->metric != TALUS_METRIC_COST && isfinite(e->watched);
    if (other || isfinite(e->validation_accuracy))
        snprintf(of->found, sizeof of->found, "  validation loss %.4g  %s %.4g", e->validation_cost,
                 other ? talus_metric_name(of->metric) : "accuracy",
                 other ? e->watched : e->validation_accuracy);
    else
        snprintf(of->found, sizeof of->found, "  validation loss %.4g", e->validation_cost);
}

static int on_epoch(const talus_epoch *e, void *user)
{
    progress *of = user;
    char count[32];
    const int64_t every = of->epochs > 2 * MOST_LINES ? of->epochs / MOST_LINES : 1;
    say_found(of, e);
    if (of->quiet || (e->epoch % every != 0 && e->epoch != of->epochs))
        return 0;
    print_count(count, e->samples_per_second);
    fprintf(stderr, "%sepoch %lld/%lld  loss %.4g%s  rate %.3g  %s samples/s\n",
            of->terminal ? "\r\033[K" : "", (long long)e->epoch, (long long)of->epochs, e->cost, of->found,
            e->rate, count);
    return 0;
}

static int has_unicode(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && value[0] != '\0')
            return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL;
    }
    return 0;
}

static int terminal_columns(void)
{
    struct winsize size = {0};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void begin_progress(progress *of, int quiet, talus_fit_options *options, int validated, health_look *look)
{
    const char *no_color = getenv("NO_COLOR"), *kind = getenv("TERM");
    *of = (progress){
        .quiet = quiet, .drawn = -1, .metric = options->metric, .validated = validated, .look = look};
    of->terminal = !quiet && isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
    of->color = of->terminal && (no_color == NULL || no_color[0] == '\0');
    of->unicode = has_unicode();
    of->columns = of->terminal ? terminal_columns() : 80;
    of->epochs = options->epochs;
    options->on_progress = of->terminal || look != NULL ? on_progress : NULL;
    options->on_epoch = quiet ? NULL : on_epoch;
    options->user = of;
}

void end_progress(progress *of)
{
    if (of->terminal)
        fprintf(stderr, "\r\033[K");
}
