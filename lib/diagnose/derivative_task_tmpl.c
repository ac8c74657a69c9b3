/* A task: directions through all layers, and where they go to. */
#include <string.h>

#include "diagnose/derivative_block.h"

static void put(const talus_matrix *to, int64_t row, int64_t col, double value)
{
    const int64_t at = row * to->stride + col;
    if (to->dtype == TALUS_DTYPE_F32)
        ((float *)to->data)[at] = (float)value;
    else
        ((double *)to->data)[at] = value;
}

/* From where the directions end: the raw inputs; or the outputs, whose units are the caller's after a multiplication. */
static void store(const TL(tl_block) * b, bool at_inputs)
{
    const tl_derivative_job *job = b->job;
    const tl_scaling none = {0}, *scaling = at_inputs ? &none : tl_scaling_of_outputs(b->network);
    const TL(tl_directions) x = at_inputs ? tl_block_raw(b) : tl_block_directions(b, b->network->layer_count);
    const int64_t columns = TL(tl_directions_columns)(&x),
                  skip = b->d->seconds == TL_SECONDS_NONE ? 0 : x.count;
    for (int64_t j = 0; j < x.samples; j++)
        for (int64_t i = 0; i < x.rows; i++)
            for (int64_t k = 0; k < x.count; k++)
                put(job->to, b->row + j, i * job->unit_step + (b->first + k) * job->direction_step,
                    (double)x.x[i * columns + (skip + k) * x.samples + j] *
                        tl_block_scale(scaling, scaling->inverse, i));
}

static void add_up(const TL(tl_block) * b)
{
    const TL(tl_directions) x = tl_block_directions(b, b->network->layer_count);
    const int64_t columns = TL(tl_directions_columns)(&x);
    for (int64_t i = 0; i < x.rows; i++)
        for (int64_t j = 0; j < x.samples; j++)
            b->totals[i * x.samples + j] += (double)x.x[i * columns + x.count * x.samples + j];
}

static void store_sum(const TL(tl_block) * b)
{
    const tl_scaling *scaling = tl_scaling_of_outputs(b->network);
    for (int64_t j = 0; j < b->x.samples; j++)
        for (int64_t i = 0; i < tl_network_outputs(b->network); i++)
            put(b->job->to, b->row + j, i * b->job->unit_step,
                b->totals[i * b->x.samples + j] * tl_block_scale(scaling, scaling->inverse, i));
}

static TL(tl_block) make_block(const tl_derivative_job *job, int64_t index, int worker)
{
    const tl_derivatives *d = job->derivatives;
    const tl_tiling *tiling = &d->pass->schedule->tiling;
    TL(tl_block) b = {.job = job, .d = d, .network = d->pass->network, .width = tiling->width};
    const int64_t room = d->widest * d->columns,
                  sums = 3 * d->columns + tl_network_outputs(b.network) * d->samples;
    b.tile = index / d->blocks;
    b.column = index % d->blocks * d->samples;
    b.row = b.tile * b.width + b.column;
    b.x.samples = tl_smaller(d->samples, tl_tile_samples(tiling, b.tile) - b.column);
    b.x.ld = b.width;
    for (int i = 0; i < 2; i++)
        b.carried[i] = (real *)d->carried + (2 * worker + i) * room;
    b.sums = d->sums + worker * sums;
    b.totals = b.sums + 3 * d->columns;
    return b;
}

/* The directions of a chunk, of which the last may have fewer. */
static void choose(TL(tl_block) * b, int64_t chunk)
{
    const tl_derivatives *d = b->d;
    b->first = chunk * d->count;
    b->x.count = tl_smaller(d->count, d->directions - b->first);
    b->x.seconds = d->seconds == TL_SECONDS_EACH ? b->x.count : d->seconds == TL_SECONDS_SUM ? 1 : 0;
}

static void carry_sum(TL(tl_block) * b)
{
    memset(b->totals, 0, (size_t)(tl_network_outputs(b->network) * b->x.samples) * sizeof *b->totals);
    for (int64_t chunk = 0; chunk < b->d->chunks; chunk++) {
        choose(b, chunk);
        TL(tl_block_forward)(b);
        add_up(b);
    }
    store_sum(b);
}

static void carry_chunk(TL(tl_block) * b, int64_t chunk)
{
    const bool back = b->job->carry == TL_CARRY_OUTPUTS;
    choose(b, chunk);
    (back ? TL(tl_block_back) : TL(tl_block_forward))(b);
    store(b, back);
}

void TL(tl_derivatives_carry)(void *derivative_job, int64_t task, int worker)
{
    const tl_derivative_job *job = derivative_job;
    const tl_derivatives *d = job->derivatives;
    const int64_t chunks = d->seconds == TL_SECONDS_SUM ? 1 : d->chunks;
    TL(tl_block) b = make_block(job, task / chunks, worker);
    if (b.x.samples <= 0)
        return;
    if (d->seconds == TL_SECONDS_SUM)
        carry_sum(&b);
    else
        carry_chunk(&b, task % chunks);
}
