/* A tile of samples on its way back, once for each output. */
#include <math.h>
#include <string.h>

#include "engine/parameter_rows.h"
#include "engine/split_operands.h"
#include "engine/tile.h"

typedef struct way {
    const tl_jacobian *jacobian;
    TL(tl_tile) tile;
    int64_t output;                 /* k */
    double scales[TL_TILE_COLS];    /* s_ik of each sample */
    double residuals[TL_TILE_COLS]; /* and r_ik */
} way;

/* Row (j, k) of sample j of the tile. */
static int64_t row_of(const way *w, int64_t j)
{
    return (w->tile.first + j) * tl_network_outputs(w->tile.pass->network) + w->output;
}

/* Where the numbers of a part begin in that row. */
static double *part_in(const way *w, int64_t j, const tl_part *part)
{
    return w->jacobian->rows + row_of(w, j) * w->jacobian->ld + part->offset;
}

/* Parts ------------------------------------------------------------------------------------------------------ */

/* s·Δ ⊙ X of a part with a number a unit; without ⊙ X if that is NULL. Nothing where layer l has no such part. */
static void put_units(const way *w, int l, int kind, void *x)
{
    const tl_level *level = &w->tile.levels[l];
    const tl_part *part = tl_layer_part(&w->tile.pass->network->layers[l], kind);
    const real *deltas = tl_part_of(&w->tile, level->deltas, level, 0),
               *factors = x == NULL ? NULL : tl_part_of(&w->tile, x, level, 0);
    for (int64_t j = 0; part != NULL && j < w->tile.samples; j++) {
        double *to = part_in(w, j, part);
        for (int64_t i = 0; i < part->cols; i++) {
            const int64_t at = i * w->tile.width + j;
            to[i] = w->scales[j] * (double)deltas[at] * (factors == NULL ? 1 : (double)factors[at]);
        }
    }
}

/* s·δ·aᵀ */
static void put_weights(const way *w, int l)
{
    const tl_level *level = &w->tile.levels[l], *below = level - 1;
    const tl_part *part = tl_layer_part(&w->tile.pass->network->layers[l], TALUS_PART_WEIGHTS);
    const real *deltas = tl_part_of(&w->tile, level->deltas, level, 0), *a = tl_rows_of(&w->tile, below);
    for (int64_t j = 0; j < w->tile.samples; j++, a += below->ld) {
        double *to = part_in(w, j, part);
        for (int64_t i = 0; i < part->rows; i++, to += part->cols) {
            const double delta = w->scales[j] * (double)deltas[i * w->tile.width + j];
            for (int64_t c = 0; c < part->cols; c++)
                to[c] = delta * (double)a[c];
        }
    }
}

/* Sums -------------------------------------------------------------------------------------------------------- */

/* Where the tile's sums Σ j·r of a part begin; those of j² stand P numbers further on. */
static double *sums_of(const way *w, const tl_part *part)
{
    return w->jacobian->sums + 2 * w->tile.index * w->tile.pass->network->parameter_count + part->offset;
}

static void add_units(const way *w, int l, int kind, void *x)
{
    const talus_network *network = w->tile.pass->network;
    const tl_level *level = &w->tile.levels[l];
    const tl_part *part = tl_layer_part(&network->layers[l], kind);
    const real *deltas = tl_part_of(&w->tile, level->deltas, level, 0),
               *factors = x == NULL ? NULL : tl_part_of(&w->tile, x, level, 0);
    for (int64_t i = 0; part != NULL && i < part->cols; i++) {
        double sum = 0, squares = 0;
        for (int64_t j = 0; j < w->tile.samples; j++) {
            const int64_t at = i * w->tile.width + j;
            const double slope = w->scales[j] * (double)deltas[at] *
                                 (factors == NULL ? 1 : (double)factors[at]);
            sum += slope * w->residuals[j];
            squares += slope * slope;
        }
        sums_of(w, part)[i] += sum;
        sums_of(w, part)[network->parameter_count + i] += squares;
    }
}

static void add_weights(const way *w, int l)
{
    const talus_network *network = w->tile.pass->network;
    const tl_level *level = &w->tile.levels[l], *below = level - 1;
    const tl_part *part = tl_layer_part(&network->layers[l], TALUS_PART_WEIGHTS);
    const real *deltas = tl_part_of(&w->tile, level->deltas, level, 0), *rows = tl_rows_of(&w->tile, below);
    for (int64_t i = 0; i < part->rows; i++) {
        double *restrict sums = sums_of(w, part) + i * part->cols,
                         *restrict squares = sums + network->parameter_count;
        for (int64_t j = 0; j < w->tile.samples; j++) {
            const real *a = rows + j * below->ld;
            const double delta = w->scales[j] * (double)deltas[i * w->tile.width + j],
                         product = delta * w->residuals[j];
            for (int64_t c = 0; c < part->cols; c++) {
                const double slope = delta * (double)a[c];
                sums[c] += product * (double)a[c];
                squares[c] += slope * slope;
            }
        }
    }
}

/* What of a layer is known by now goes to the rows, or to the sums. */
static void give_units(const way *w, int l, int kind, void *x)
{
    if (w->jacobian->rows != NULL)
        put_units(w, l, kind, x);
    if (w->jacobian->sums != NULL)
        add_units(w, l, kind, x);
}

static void give_weights(const way *w, int l)
{
    if (w->jacobian->rows != NULL)
        put_weights(w, l);
    if (w->jacobian->sums != NULL)
        add_weights(w, l);
}

/* The way --------------------------------------------------------------------------------------------------- */

static const tl_stage *product_of(const tl_pass *pass, int l)
{
    const tl_stage *stage = pass->schedule->stages;
    while (stage->kind != TL_STAGE_BACKWARD || stage->layer != l)
        stage++;
    return stage;
}

/* ∂a_k/∂A_l = (∂a_k/∂Z_{l+1})·W_{l+1}, in the slabs of a pass. */
static void descend(const TL(tl_tile) * tile, int l)
{
    const tl_plan *plan = &tile->pass->workspace->plan;
    const tl_stage *stage = product_of(tile->pass, l);
    for (int64_t i = 0; i < stage->slabs; i++) {
        const int64_t row = tl_plan_slab_row(plan, stage->rows, stage->slabs, i),
                      next = tl_plan_slab_row(plan, stage->rows, stage->slabs, i + 1);
        TL(tl_descend)(tile, 1, stage, row, next - row);
    }
}

/* ∂a_k/∂A_L: ones in row k. */
static void start(const way *w)
{
    const tl_level *last = &w->tile.levels[w->tile.pass->network->layer_count];
    real *deltas = tl_part_of(&w->tile, last->deltas, last, 0);
    memset(deltas, 0, (size_t)(last->width * w->tile.width) * sizeof *deltas);
    for (int64_t j = 0; j < w->tile.samples; j++)
        deltas[w->output * w->tile.width + j] = 1;
}

/* Times f_l′; the last layer in its ranges. */
static void differentiate(const TL(tl_tile) * tile, int l)
{
    const talus_network *network = tile->pass->network;
    if (l < network->layer_count) {
        TL(tl_differentiate)(tile, l, network->layers[l].activation, 0, network->layers[l].width);
        return;
    }
    for (int r = 0; r < network->range_count; r++)
        TL(tl_differentiate)
    (tile, l, network->ranges[r].activation, network->ranges[r].first, network->ranges[r].outputs);
}

static void go_back(const way *w)
{
    const talus_network *network = w->tile.pass->network;
    start(w);
    for (int l = network->layer_count; l >= 1; l--) {
        const tl_level *level = &w->tile.levels[l];
        if (l < network->layer_count)
            descend(&w->tile, l);
        give_units(w, l, TALUS_PART_SLOPES, level->negatives);
        differentiate(&w->tile, l);
        give_units(w, l, TALUS_PART_NORM_SCALES, level->normalized);
        give_units(w, l, TALUS_PART_NORM_SHIFTS, NULL);
        if (network->layers[l].norm->normalizes)
            TL(tl_normalize_backward)(&w->tile, 1, &(tl_stage){.layer = l}, 0, level->width);
        else
            TL(tl_finish_deltas)(&w->tile, 1, l, 0, level->width);
        give_units(w, l, TALUS_PART_BIASES, NULL);
        give_weights(w, l);
    }
}

/* Residuals ------------------------------------------------------------------------------------------------- */

/* s_ik and r_ik of output k, which is number k of the targets too. */
static void weigh(way *w)
{
    const talus_network *network = w->tile.pass->network;
    const tl_level *last = &w->tile.levels[network->layer_count];
    const real *a = tl_part_of(&w->tile, last->features, last, w->output),
               *y = tl_part_of(&w->tile, w->tile.pass->workspace->targets, last, w->output);
    const double factor = network->output_factors == NULL
                              ? 1
                              : (double)((const real *)network->output_factors)[w->output];
    real unused[TL_TILE_COLS];
    TL(tl_load_weights)(&w->tile, w->scales, unused);
    for (int64_t j = 0; j < w->tile.samples; j++) {
        const bool missing = y[j] != y[j];
        w->scales[j] = missing ? 0 : sqrt(w->scales[j] * factor / w->jacobian->weight);
        w->residuals[j] = missing ? 0 : w->scales[j] * ((double)a[j] - (double)y[j]);
        if (w->jacobian->residuals != NULL)
            w->jacobian->residuals[row_of(w, j)] = w->residuals[j];
    }
}

void TL(tl_jacobian_tile)(void *job, int64_t index, int worker)
{
    way w = {.jacobian = job};
    tl_products_begin(w.jacobian->pass, worker);
    w.tile = TL(tl_make_tile)(w.jacobian->pass, index, worker);
    const int64_t parameters = w.tile.pass->network->parameter_count;
    for (int64_t j = 0; j < w.tile.samples; j++)
        w.scales[j] = 1;
    if (w.jacobian->sums != NULL)
        memset(w.jacobian->sums + 2 * index * parameters, 0,
               2 * (size_t)parameters * sizeof *w.jacobian->sums);
    for (w.output = 0; w.output < tl_network_outputs(w.tile.pass->network); w.output++) {
        if (w.jacobian->weight > 0)
            weigh(&w);
        if (w.jacobian->rows != NULL || w.jacobian->sums != NULL)
            go_back(&w);
    }
    tl_products_end(w.jacobian->pass);
}
