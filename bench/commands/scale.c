/* talus-bench scale: how cost grows as work, or the number of threads, grows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases/names.h"
#include "commands/command.h"
#include "measure/team.h"
#include "report/line_chart.h"
#include "report/machine.h"
#include "trial/trial.h"
#include "trial/trial_report.h"

/* Points of a curve: one variable grows, the rest is as the options say. Each has its step, its bare products and
 * its peak, all in common rounds. */
typedef struct curve {
    int what, count;
    double x[BENCH_POINTS];
    bench_trial trials[BENCH_POINTS];
    bench_case cases[3 * BENCH_POINTS];
    bench_timing measured[3 * BENCH_POINTS];
    bench_timing timings[BENCH_POINTS][BENCH_CASES]; /* the same; there is no naive step */
} curve;

static const struct {
    int64_t least, most, most_quick;
    const char *axis;
} ranges[BENCH_WHATS] = {[BENCH_WHAT_THREADS] = {1, 0, 2, "threads"},
                         [BENCH_WHAT_BATCH] = {1, 4096, 64, "samples in a batch"},
                         [BENCH_WHAT_WIDTH] = {16, 4096, 64, "width of all layers"},
                         [BENCH_WHAT_DEPTH] = {1, 16, 4, "layers"}};

/* Setup --------------------------------------------------------------------------------------------------- */

/* The setup with its variable at x. Widths are those of two layers; layers are of the base's first hidden width. */
static bench_setup setup_at(const bench_options *options, int what, int64_t x)
{
    bench_setup setup = bench_setup_at(options, 0);
    bool depth = what == BENCH_WHAT_DEPTH;
    int64_t width = depth ? setup.shape.d[1] : x;
    if (what == BENCH_WHAT_THREADS)
        setup.threads = (int)x;
    if (what == BENCH_WHAT_BATCH)
        setup.n = x;
    if (what == BENCH_WHAT_WIDTH || depth) {
        setup.shape.L = depth ? (int)x : 2;
        for (int l = 0; l <= setup.shape.L; l++)
            setup.shape.d[l] = width;
    }
    return setup;
}

/* Threads go up one by one, the rest doubles. */
static void choose_points(curve *c, const bench_options *options)
{
    int64_t most = options->quick ? ranges[c->what].most_quick : ranges[c->what].most;
    if (c->what == BENCH_WHAT_THREADS)
        most = bench_processors();
    for (int64_t x = ranges[c->what].least; x <= most && c->count < BENCH_POINTS;) {
        c->trials[c->count].setup = setup_at(options, c->what, x);
        c->x[c->count++] = (double)x;
        x = c->what != BENCH_WHAT_THREADS ? 2 * x : most > BENCH_POINTS ? x + (most + 31) / 32 : x + 1;
    }
}

static bool open_point(curve *c, int i)
{
    bench_trial *t = &c->trials[i];
    bench_case *cases = &c->cases[3 * i];
    cases[BENCH_STEP] = (bench_case){.measure = bench_trial_measure, .context = t};
    cases[BENCH_GEMMS] = (bench_case){.measure = bench_step_products_measure, .context = &t->gemms};
    cases[BENCH_PEAK] = (bench_case){.measure = bench_fma_peak_measure, .context = &t->peak};
    return bench_trial_open_verified(t) && bench_step_products_create(&t->setup, &t->gemms);
}

/* Results ------------------------------------------------------------------------------------------------- */

static void report_curve(const curve *c, bench_report *report)
{
    for (int i = 0; i < c->count; i++) {
        const bench_trial *t = &c->trials[i];
        double seconds = c->timings[i][BENCH_STEP].seconds.median;
        bench_report_text(report, "what", "what grows", -10, bench_what_name(c->what));
        bench_report_number(report, "us_per_sample", "us/sample", 9, 3, 1e6 * seconds / (double)t->setup.n);
        bench_report_number(report, "ps_per_flop", "ps/flop", 8, 3,
                            1e12 * seconds / bench_shape_flops(&t->setup.shape, t->setup.n));
        bench_report_number(report, "speedup", NULL, 0, 3,
                            c->timings[0][BENCH_STEP].seconds.median / seconds);
        bench_report_trial(report, t, c->timings[i]);
    }
}

static void start_panel(const curve *c, bench_panel *p, const char *y_name)
{
    char net[64] = "";
    const bench_setup *s = &c->trials[0].setup;
    *p = (bench_panel){.log_x = c->what != BENCH_WHAT_THREADS, .points = c->count};
    bench_shape_print(&s->shape, true, net, sizeof net);
    if (c->what == BENCH_WHAT_WIDTH)
        snprintf(net, sizeof net, "two layers");
    if (c->what == BENCH_WHAT_DEPTH)
        snprintf(net, sizeof net, "layers of %lld", (long long)s->shape.d[0]);
    int used = snprintf(p->title, sizeof p->title, "%s", net);
    if (c->what != BENCH_WHAT_BATCH)
        used += snprintf(p->title + used, sizeof p->title - (size_t)used, ", batch %lld", (long long)s->n);
    if (c->what != BENCH_WHAT_THREADS)
        used += snprintf(p->title + used, sizeof p->title - (size_t)used, ", threads %d", s->threads);
    snprintf(p->title + used, sizeof p->title - (size_t)used, ", %s, %s", bench_optimizer_name(s->method),
             talus_dtype_name(s->precision));
    snprintf(p->x_name, sizeof p->x_name, "%s", ranges[c->what].axis);
    snprintf(p->y_name, sizeof p->y_name, "%s", y_name);
    for (int i = 0; i < c->count; i++)
        p->x[i] = c->x[i];
}

/* Time of a sample at the left, rates at the right. */
static void draw_curve(const curve *c, bench_panel panels[2])
{
    start_panel(c, &panels[0], "microseconds a sample");
    start_panel(c, &panels[1], "GFLOP/s of the products");
    panels[0].lines = 2;
    panels[1].lines = 3;
    panels[0].log_y = true;
    for (int k = 0; k < 2; k++) {
        panels[k].series[0].name = "training step";
        panels[k].series[1].name = "bare cblas products";
        panels[k].series[2].name = "peak";
    }
    for (int i = 0; i < c->count; i++) {
        const bench_timing *timings = c->timings[i];
        const bench_setup *s = &c->trials[i].setup;
        for (int k = 0; k < 2; k++) {
            panels[0].series[k].y[i] = 1e6 * timings[k].seconds.median / (double)s->n;
            panels[1].series[k].y[i] = 1e-9 * bench_shape_flops(&s->shape, s->n) / timings[k].seconds.median;
        }
        panels[1].series[2].y[i] = bench_trial_peak(&c->trials[i], timings);
    }
}

/* The command --------------------------------------------------------------------------------------------- */

static bool run_curve(curve *c, const bench_options *options, bench_report *report)
{
    bool good = true;
    choose_points(c, options);
    for (int i = 0; i < c->count && good; i++)
        good = open_point(c, i);
    good = good && bench_rounds(c->cases, 3 * c->count, options->rounds, options->seed, c->measured);
    for (int i = 0; i < 3 * c->count; i++)
        c->timings[i / 3][i % 3] = c->measured[i];
    if (good)
        report_curve(c, report);
    return good;
}

static void close_curve(curve *c)
{
    for (int i = 0; i < c->count; i++)
        bench_trial_close(&c->trials[i]);
    free(c);
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bench_panel panels[2 * BENCH_WHATS];
    int count = 0;
    bool good = true;
    bench_print_machine(&report);
    for (int what = 0; what < BENCH_WHATS && good; what++) {
        if (!(options->what >> what & 1))
            continue;
        curve *c = calloc(1, sizeof *c);
        if (!c)
            return BENCH_FAILED;
        c->what = what;
        good = run_curve(c, options, &report);
        if (good)
            draw_curve(c, &panels[count]);
        count += 2;
        close_curve(c);
    }
    if (good && options->svg[0])
        good = bench_lines_draw("How the cost of a training step grows", panels, count, options->svg);
    return good ? BENCH_DONE : BENCH_FAILED;
}

static void prepare(bench_options *options)
{
    bench_shape_parse("256x3-10", &options->nets[0]);
    options->rounds = 7;
}

const bench_command bench_command_scale = {
    "scale",
    "how cost grows with threads, batch, width and depth",
    "Lets one variable grow at a time: threads from 1 to one for each processor; samples from 1 to 4096; the "
    "width of\n"
    "two layers from 16 to 4096; the number of layers, of the base's first hidden width, from 1 to 16. All "
    "else is as\n"
    "in the base that --net, --batch, --threads, … give (256x3-10, 128 samples, 1 thread; 7 rounds).\n"
    "--quick stays small.\n",
    BENCH_SETUP | BENCH_ROUNDS | BENCH_SEED | BENCH_PLAN | BENCH_WHAT | BENCH_QUICK | BENCH_SVG,
    prepare,
    run};
