/* Passes over the data: batches go through the layers below, become rows of H and Y in f64, and are summed up by tasks that are cut
 * by shapes alone. */
#include <math.h>
#include <string.h>

#include "base/float_mode.h"
#include "linalg/blas_threads.h"
#include "train/readout.h"

static void add(double factor, const double *from, int64_t count, double *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] += factor * from[j];
}

/* Tasks ---------------------------------------------------------------------------------------------------- */

static double *normal_of(const tl_readout *r, int64_t chain)
{
    return r->chain_normals + chain * (r->d + r->k + 1) * r->ld_sums;
}

static void add_rows(const tl_readout *r, const double *x, int64_t rows, int64_t panel, int64_t chain)
{
    if (r->made == TL_READOUT_NORMAL)
        tl_readout_add_normal(r, x, rows, panel, normal_of(r, chain));
    else
        tl_readout_add_cross(r, x, rows, panel, r->chain_crosses + chain * r->k * r->ld_sums);
}

/* y ← y − W·x, and the squares of that. */
static void take_residuals(const tl_readout *r, double *x, int64_t rows, tl_readout_sums *sums)
{
    tl_readout_subtract_fit(r, x, rows);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t o = 0; o < r->k; o++) {
            const double residual = x[i * r->ld + r->d + o];
            sums->squares[o] += residual * residual;
        }
}

/* Whether a slice is a chain, and uses its rows at once: a block of them stays in the cache. */
static bool uses_at_once(const tl_readout *r)
{
    return r->panels == 1 && r->made != TL_READOUT_FACTOR;
}

static void take_slice(void *job, int64_t slice, int worker)
{
    const tl_readout *r = job;
    tl_readout_sums *sums = (tl_readout_sums *)&r->sums[slice];
    const int64_t first = tl_readout_edge(r->rows, slice, TL_READOUT_SLICES),
                  count = tl_readout_edge(r->rows, slice + 1, TL_READOUT_SLICES) - first,
                  blocks = tl_divide_up(count, r->block);
    const bool at_once = uses_at_once(r);
    (void)worker;
    for (int64_t b = 0; b < blocks; b++) {
        const int64_t begin = tl_readout_edge(count, b, blocks),
                      rows = tl_readout_edge(count, b + 1, blocks) - begin;
        double *x = r->x + (first + (at_once ? 0 : begin)) * r->ld;
        tl_readout_make_rows(r, first + begin, rows, x, sums);
        if (r->made == TL_READOUT_RESIDUALS)
            take_residuals(r, x, rows, sums);
        if (at_once)
            add_rows(r, x, rows, 0, slice);
    }
}

/* A panel of a chain, of rows that all slices have made. Those with most work come first. */
static void add_panel(void *job, int64_t task, int worker)
{
    const tl_readout *r = job;
    const int64_t chain = task % r->chains, panel = r->panels - 1 - task / r->chains;
    const int64_t first = tl_readout_edge(r->rows, chain, r->chains),
                  end = tl_readout_edge(r->rows, chain + 1, r->chains);
    (void)worker;
    if (end > first)
        add_rows(r, r->x + first * r->ld, end - first, panel, chain);
}

static void push_rows(void *job, int64_t index, int worker)
{
    const tl_readout *r = job;
    const int64_t end = tl_readout_edge(r->rows, index + 1, r->stacks);
    (void)worker;
    for (int64_t first = tl_readout_edge(r->rows, index, r->stacks); first < end; first += r->chunk)
        tl_readout_push(r, &r->stack[index], r->x + first * r->ld, tl_smaller(r->chunk, end - first));
}

/* The passes ----------------------------------------------------------------------------------------------- */

static void clear_sums(tl_readout *r)
{
    for (int i = 0; i < TL_READOUT_SLICES; i++) {
        tl_readout_sums *sums = &r->sums[i];
        sums->weight = 0;
        memset(sums->targets, 0, (size_t)r->k * sizeof(double));
        memset(sums->squares, 0, (size_t)r->k * sizeof(double));
        memset(sums->spread, 0, (size_t)r->k * sizeof(double));
    }
    memset(r->chain_crosses, 0, (size_t)(r->chains * r->k * r->ld_sums) * sizeof(double));
}

static void take_batch(tl_readout *r)
{
    tl_pool *pool = r->workspace->context->pool;
    tl_float_mode mode = tl_float_enter();
    if (!r->begun)
        r->begun = tl_readout_choose_shifts(r);
    int before = tl_blas_enter();
    tl_blas_run(pool, take_slice, r, TL_READOUT_SLICES);
    if (r->made == TL_READOUT_FACTOR)
        tl_blas_run(pool, push_rows, r, r->stacks);
    else if (!uses_at_once(r))
        tl_blas_run(pool, add_panel, r, r->chains * r->panels);
    tl_blas_leave(before);
    tl_float_leave(mode);
}

static talus_status run_over(tl_readout *r, int made)
{
    const int64_t samples = r->feed.dataset->samples, step = r->workspace->plan.max_batch;
    talus_status status = TALUS_OK;
    r->made = made;
    clear_sums(r);
    for (int64_t first = 0; status == TALUS_OK && first < samples; first += step) {
        r->rows = tl_smaller(step, samples - first);
        r->pass.first_row = first;
        r->pass.highest = r->network->layer_count - 1;
        r->pass.work = TL_KEEP | TL_CHECK | (r->network->layer_count > 1 ? TL_FORWARD : 0);
        status = tl_pass_read(&r->feed, NULL, first, r->rows, &r->pass);
        if (status == TALUS_OK)
            status = tl_pass_run(&r->pass, NULL);
        if (status == TALUS_OK)
            take_batch(r);
    }
    return status;
}

/* The crosses of all chains become one. */
static void sum_crosses(tl_readout *r)
{
    for (int64_t o = 0; o < r->k; o++) {
        double *row = r->cross + o * r->d;
        memset(row, 0, (size_t)r->d * sizeof *row);
        for (int64_t chain = 0; chain < r->chains; chain++)
            add(1, r->chain_crosses + (chain * r->k + o) * r->ld_sums, r->d, row);
    }
}

/* HᵀH, YᵀH and Σ s·h of what the chains have summed up. */
static void sum_normals(tl_readout *r)
{
    const int64_t d = r->d, k = r->k;
    for (int64_t i = 0; i <= d + k; i++) {
        double *row = i < d ? r->normal + i * d : i < d + k ? r->cross + (i - d) * d : r->inputs;
        const int64_t count = tl_smaller(i + 1, d);
        memset(row, 0, (size_t)count * sizeof *row);
        for (int64_t chain = 0; chain < r->chains; chain++)
            add(1, normal_of(r, chain) + i * r->ld_sums, count, row);
    }
    for (int64_t i = 0; i < d; i++)
        r->raw[i] = r->normal[i * d + i];
}

static void mirror(tl_readout *r)
{
    for (int64_t i = 0; i < r->d; i++)
        for (int64_t j = 0; j < i; j++)
            r->normal[j * r->d + i] = r->normal[i * r->d + j];
}

/* Means are taken out: Σ s·(h − h̄)(h − h̄)ᵀ = Σ s·(h − c)(h − c)ᵀ − Σs·(h̄ − c)(h̄ − c)ᵀ. From now on, the shifts are the means. */
static void centre(tl_readout *r)
{
    double *inputs = r->inputs, *targets = r->sums[0].targets;
    for (int i = 1; i < TL_READOUT_SLICES; i++)
        add(1, r->sums[i].targets, r->k, targets);
    for (int64_t o = 0; o < r->k; o++)
        r->target_means[o] = r->target_first[o] + targets[o] / r->weight;
    if (!r->biases)
        return;
    for (int64_t i = 0; i < r->d; i++) {
        add(-inputs[i] / r->weight, inputs, i + 1, r->normal + i * r->d);
        r->shift[i] += inputs[i] / r->weight;
    }
    for (int64_t o = 0; o < r->k; o++)
        add(-targets[o] / r->weight, inputs, r->d, r->cross + o * r->d);
    memcpy(r->target_shift, r->target_means, (size_t)r->k * sizeof *r->target_shift);
}

/* The squares of the targets about their means, Σ s·(y − ȳ)² = Σ s·(y − c)² − Σs·(ȳ − c)², and without biases those about 0,
 * Σ s·y² = Σ s·(y − c)² + 2c·Σ s·(y − c) + Σs·c². */
static void sum_squares(tl_readout *r)
{
    for (int64_t o = 0; o < r->k; o++) {
        const double c = r->target_first[o], sum = r->sums[0].targets[o];
        double squares = 0;
        for (int i = 0; i < TL_READOUT_SLICES; i++)
            squares += r->sums[i].spread[o];
        r->spread[o] = fmax(squares - sum * sum / r->weight, 0);
        r->squares[o] = r->biases ? r->spread[o] : squares + c * (2 * sum + c * r->weight);
        r->before[o] = r->biases ? squares : squares + c * c * r->weight;
        if (r->spread[o] < TL_READOUT_DIGITS * squares)
            r->before[o] = INFINITY;
    }
}

talus_status tl_readout_gather(tl_readout *r)
{
    memset(normal_of(r, 0), 0, (size_t)(normal_of(r, r->chains) - normal_of(r, 0)) * sizeof(double));
    talus_status status = run_over(r, TL_READOUT_NORMAL);
    if (status != TALUS_OK)
        return status;
    r->weight = 0;
    for (int i = 0; i < TL_READOUT_SLICES; i++)
        r->weight += r->sums[i].weight;
    sum_normals(r);
    centre(r);
    sum_squares(r);
    mirror(r);
    return TALUS_OK;
}

talus_status tl_readout_compare(tl_readout *r)
{
    memset(r->transposed, 0, (size_t)(r->d * r->ld_fit) * sizeof(double));
    for (int64_t o = 0; o < r->k; o++)
        for (int64_t j = 0; j < r->d; j++)
            r->transposed[j * r->ld_fit + o] = -r->solution[o * r->d + j];
    talus_status status = run_over(r, TL_READOUT_RESIDUALS);
    if (status != TALUS_OK)
        return status;
    sum_crosses(r);
    for (int64_t o = 0; o < r->k; o++) {
        r->squares[o] = r->spread[o] = 0;
        for (int i = 0; i < TL_READOUT_SLICES; i++) {
            r->squares[o] += r->sums[i].squares[o];
            r->spread[o] += r->sums[i].spread[o];
        }
    }
    return TALUS_OK;
}

talus_status tl_readout_factor(tl_readout *r)
{
    for (int64_t i = 0; i < r->stacks; i++) {
        memset(r->stack[i].rows, 0, (size_t)(r->d * r->ld) * sizeof(double));
        memset(r->stack[i].targets, 0, (size_t)(r->d * r->k) * sizeof(double));
    }
    talus_status status = run_over(r, TL_READOUT_FACTOR);
    if (status != TALUS_OK)
        return status;
    int before = tl_blas_enter();
    tl_readout_join(r);
    tl_blas_leave(before);
    return TALUS_OK;
}
