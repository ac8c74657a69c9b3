/* talus-bench gemm: the products of a network in one cblas call each, and in tiles. */
#include <stdio.h>
#include <stdlib.h>

#include "cases/names.h"
#include "commands/command.h"
#include "limits/fma_peak.h"
#include "limits/tiled_product.h"
#include "report/bar_chart.h"
#include "report/machine.h"
#include "trial/trial_report.h"

/* Tiles to try, m × n × k; 0: the whole length. */
static const int64_t tiles[][3] = {{16, 64, 512},   {32, 64, 488},   {32, 128, 240}, {64, 64, 240},
                                   {64, 128, 120},  {128, 64, 120},  {16, 64, 0},    {64, 64, 128},
                                   {120, 128, 128}, {128, 256, 256}, {256, 512, 256}};

#define TILES ((int)(sizeof tiles / sizeof *tiles))

enum { ONE_CALL, PEAK, FIRST_TILING, CASES = FIRST_TILING + TILES };

/* What is measured for one product. */
typedef struct sweep {
    bench_product product;
    bench_tiling tilings[CASES]; /* of a case */
    bench_case cases[CASES];
    bench_timing timings[CASES];
    bench_fma_peak peak;
    int count, best; /* cases; the fastest tiling, or ONE_CALL if none cuts this product */
} sweep;

static const char *const forms[BENCH_FORMS] = {"NT", "NN", "TN"};
static const char *const roles[BENCH_FORMS] = {"forward", "backward", "gradient"};

/* Tilings that cut the product at all. */
static void choose_cases(sweep *s)
{
    const bench_product *p = &s->product;
    s->tilings[ONE_CALL] = (bench_tiling){p, p->m, p->n, p->k};
    s->cases[ONE_CALL] = (bench_case){.measure = bench_tiling_measure, .context = &s->tilings[ONE_CALL]};
    s->peak = (bench_fma_peak){bench_fma_kernel_best(p->precision), 1};
    s->cases[PEAK] = (bench_case){.measure = bench_fma_peak_measure, .context = &s->peak};
    s->count = FIRST_TILING;
    for (int i = 0; i < TILES; i++) {
        int64_t k = tiles[i][2] ? tiles[i][2] : p->k;
        if (tiles[i][0] >= p->m && tiles[i][1] >= p->n && k >= p->k)
            continue;
        s->tilings[s->count] = (bench_tiling){p, tiles[i][0], tiles[i][1], k};
        s->cases[s->count] = (bench_case){.measure = bench_tiling_measure, .context = &s->tilings[s->count]};
        s->count++;
    }
}

static bool run_sweep(sweep *s, const bench_options *options)
{
    bool good = bench_product_open(&s->product, options->seed);
    choose_cases(s);
    for (int i = 0; i < s->count && good; i++)
        good = i == PEAK || bench_tiling_verify(&s->tilings[i]);
    good = good && bench_rounds(s->cases, s->count, options->rounds, options->seed, s->timings);
    bench_product_close(&s->product);
    s->best = s->count > FIRST_TILING ? FIRST_TILING : ONE_CALL;
    for (int i = FIRST_TILING; i < s->count && good; i++)
        if (s->timings[i].seconds.median < s->timings[s->best].seconds.median)
            s->best = i;
    return good;
}

/* Results ------------------------------------------------------------------------------------------------- */

static bench_quartiles gflops(const sweep *s, int which)
{
    const bench_product *p = &s->product;
    const bench_quartiles *t = &s->timings[which].seconds;
    double work = 2e-9 * (double)p->m * (double)p->n * (double)p->k;
    return (bench_quartiles){work / t->q3, work / t->median, work / t->q1};
}

static double peak_of(const sweep *s)
{
    return 1e-9 * bench_fma_peak_flops(&s->peak) / s->timings[PEAK].seconds.median;
}

static void tile_text(const sweep *s, char *text, size_t bytes)
{
    const bench_tiling *t = &s->tilings[s->best];
    if (s->best == ONE_CALL)
        snprintf(text, bytes, "-");
    else
        snprintf(text, bytes, "%lldx%lldx%lld", (long long)t->m, (long long)t->n, (long long)t->k);
}

static void report_sweep(const sweep *s, const bench_setup *setup, bench_report *r)
{
    const bench_product *p = &s->product;
    bench_quartiles one = gflops(s, ONE_CALL), best = gflops(s, s->best);
    char tile[BENCH_FIELD_BYTES];
    tile_text(s, tile, sizeof tile);
    bench_report_net(r, &setup->shape);
    bench_report_number(r, "batch", "batch", 5, 0, (double)setup->n);
    bench_report_text(r, "precision", "prec", -4, talus_dtype_name(p->precision));
    bench_report_number(r, "layer", "layer", 5, 0, p->layer);
    bench_report_text(r, "role", "product", -8, roles[p->form]);
    bench_report_text(r, "form", "form", -4, forms[p->form]);
    bench_report_number(r, "m", "m", 6, 0, (double)p->m);
    bench_report_number(r, "n", "n", 6, 0, (double)p->n);
    bench_report_number(r, "k", "k", 6, 0, (double)p->k);
    bench_report_number(r, "call_gflops", "one call", 8, 1, one.median);
    bench_report_number(r, "call_gflops_q1", NULL, 0, 1, one.q1);
    bench_report_number(r, "call_gflops_q3", NULL, 0, 1, one.q3);
    bench_report_number(r, "call_peak_fraction", "of peak", 7, 3, one.median / peak_of(s));
    bench_report_number(r, "tiles_gflops", "tiles", 8, 1, best.median);
    bench_report_number(r, "tiles_gflops_q1", NULL, 0, 1, best.q1);
    bench_report_number(r, "tiles_gflops_q3", NULL, 0, 1, best.q3);
    bench_report_number(r, "tiles_peak_fraction", "of peak", 7, 3, best.median / peak_of(s));
    bench_report_text(r, "tile", "best tile", -13, tile);
    bench_report_number(r, "peak_gflops", "peak", 6, 1, peak_of(s));
    bench_report_number(r, "call_cpu_us", NULL, 0, 3, 1e6 * s->timings[ONE_CALL].cpu_seconds);
    bench_report_number(r, "rounds", NULL, 0, 0, s->timings[ONE_CALL].rounds);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, s->timings[ONE_CALL].switched);
    bench_report_machine(r);
    bench_report_end(r);
}

static void draw_sweep(const sweep *s, bench_bar_group *g)
{
    const bench_product *p = &s->product;
    *g = (bench_bar_group){.bars = {gflops(s, ONE_CALL)}, .mark = peak_of(s)};
    if (s->best != ONE_CALL)
        g->bars[1] = gflops(s, s->best);
    snprintf(g->label, sizeof g->label, "layer %d %s %s %lld x %lld x %lld", p->layer, roles[p->form],
             forms[p->form], (long long)p->m, (long long)p->n, (long long)p->k);
    tile_text(s, g->note, sizeof g->note);
}

/* The command --------------------------------------------------------------------------------------------- */

typedef struct drawn_bars {
    bench_bar_group *groups;
    int count;
} drawn_bars;

static bool run_setup(const bench_setup *setup, const bench_options *options, bench_report *report,
                      drawn_bars *drawing)
{
    bench_product products[3 * NAIVE_MAX_LAYERS];
    int count = bench_products_of(&setup->shape, setup->n, setup->precision, products);
    bench_bar_group *groups = realloc(drawing->groups, (size_t)(drawing->count + count) * sizeof *groups);
    if (!groups)
        return false;
    drawing->groups = groups;
    for (int i = 0; i < count; i++) {
        sweep s = {.product = products[i]};
        if (!run_sweep(&s, options))
            return false;
        report_sweep(&s, setup, report);
        draw_sweep(&s, &groups[drawing->count++]);
    }
    return true;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    drawn_bars drawing = {NULL, 0};
    bool good = true;
    bench_print_machine(&report);
    for (int i = 0; i < bench_setup_count(options) && good; i++) {
        bench_setup setup = bench_setup_at(options, i);
        good = run_setup(&setup, options, &report, &drawing);
    }
    const bench_bar_chart chart = {
        .title = "Products of a training step, one thread",
        .unit = "GFLOP/s (median and quartiles); m x n x k of the best tiles at the right",
        .mark = "multiply-add peak, same run",
        .names = {"one cblas call", "best of several tilings"},
        .bars = 2,
        .count = drawing.count,
        .groups = drawing.groups};
    if (good && options->svg[0])
        good = bench_bars_draw(&chart, options->svg);
    free(drawing.groups);
    return good ? BENCH_DONE : BENCH_FAILED;
}

const bench_command bench_command_gemm = {
    "gemm",
    "the products of a network, in one cblas call each and in tiles",
    "For each layer, on one thread: Z = A*W' (NT), D*W (NN) and the gradient D'*A (TN) for the batch, in one "
    "call and in\n"
    "the best of several tilings into smaller calls, beside the peak of multiply-adds in the same rounds.\n",
    BENCH_NET | BENCH_BATCH | BENCH_PRECISION_LIST | BENCH_ROUNDS | BENCH_SEED | BENCH_SVG,
    NULL,
    run};
