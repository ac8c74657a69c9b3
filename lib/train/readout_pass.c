#define TL_PRECISION 64 /* all of it */
/* Passes over the data: batches go through the layers below, become rows of H and Y in f64, and are summed up by tasks that are cut
 * by shapes alone. */
#include <math.h>
#include <string.h>

#include "base/float_mode.h"
#include "linalg/blas_product.h"
#include "linalg/blas_threads.h"
#include "linalg/factor.h"
#include "train/readout.h"

/* Part `index` of `count` about equal ones of a length: where it begins. */
static int64_t edge(int64_t length, int64_t index, int64_t count)
{
    return length * index / count;
}

/* Rows ----------------------------------------------------------------------------------------------------- */

static const void *inputs_at(const tl_readout *r, int64_t row)
{
    const tl_level *level = &r->workspace->levels[r->network->layer_count - 1];
    return (const char *)level->samples + (size_t)(row * level->ld) * tl_dtype_size(r->network->precision);
}

/* x = root·(from − shift) */
static void widen(const tl_readout *r, const void *from, double root, double *x)
{
    const double *shift = r->shift;
    if (r->network->precision == TALUS_DTYPE_F32)
        for (int64_t j = 0; j < r->d; j++)
            x[j] = root * ((double)((const float *)from)[j] - shift[j]);
    else
        for (int64_t j = 0; j < r->d; j++)
            x[j] = root * (((const double *)from)[j] - shift[j]);
}

static void add(double factor, const double *from, int64_t count, double *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] += factor * from[j];
}

static double weight_of(const tl_readout *r, int64_t row)
{
    double weight = 1;
    if (r->pass.weights.matrix.data != NULL)
        tl_source_numbers(&r->pass.weights, row, 1, &weight);
    return weight;
}

static void take_targets(const tl_readout *r, int64_t row, double weight, double *y, tl_readout_sums *sums)
{
    const tl_source *source = &r->pass.targets;
    const double root = sqrt(weight);
    for (int64_t o = 0; o < r->k; o++) {
        const double value = tl_source_scaled(source, tl_source_row(source, row), o);
        const double deviation = value - r->target_means[o];
        y[o] = root * (value - r->target_shift[o]);
        sums->spread[o] += weight * deviation * deviation;
    }
}

/* y ← y − W·x, and the squares of that. */
static void take_residuals(const tl_readout *r, int64_t first, int64_t rows, tl_readout_sums *sums)
{
    double *y = r->y + first * r->k;
    tl_product_f64(rows, r->k, r->d, r->x + first * r->ld, r->ld, r->transposed, r->k, 1, y, r->k);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t o = 0; o < r->k; o++)
            sums->squares[o] += y[i * r->k + o] * y[i * r->k + o];
}

static void make_rows(void *job, int64_t slice, int worker)
{
    const tl_readout *r = job;
    tl_readout_sums *sums = (tl_readout_sums *)&r->sums[slice];
    const int64_t first = edge(r->rows, slice, TL_READOUT_SLICES),
                  end = edge(r->rows, slice + 1, TL_READOUT_SLICES);
    if (worker != 0)
        tl_blas_worker();
    for (int64_t i = first; i < end; i++) {
        const double weight = weight_of(r, i), root = sqrt(weight);
        double *x = r->x + i * r->ld, *y = r->y + i * r->k;
        widen(r, inputs_at(r, i), root, x);
        take_targets(r, i, weight, y, sums);
        sums->weight += weight;
        if (r->wants_normal) {
            add(root, x, r->d, sums->inputs);
            add(root, y, r->k, sums->targets);
        }
    }
    if (!r->wants_normal && end > first)
        take_residuals(r, first, end - first, sums);
}

/* Sums ----------------------------------------------------------------------------------------------------- */

/* YᵀX of rows from `first` on, in columns col … of X; one column of Y is a vector. */
static void add_cross(const tl_readout *r, int64_t first, int64_t rows, int64_t col, int64_t cols, double *to)
{
    const double *x = r->x + first * r->ld + col, *y = r->y + first * r->k;
    if (r->k == 1)
        tl_product_transposed_f64(cols, 1, rows, x, r->ld, y, 1, 1, to + col, 1);
    else
        tl_product_transposed_f64(r->k, cols, rows, y, r->k, x, r->ld, 1, to + col, r->d);
}

/* A panel of rows of the normal matrix of a chain, up to the diagonal. */
static void add_normal(const tl_readout *r, int64_t first, int64_t rows, int64_t row, int64_t count,
                       double *to)
{
    const double *x = r->x + first * r->ld;
    if (row > 0)
        tl_product_transposed_f64(count, row, rows, x + row, r->ld, x, r->ld, 1, to + row * r->d, r->d);
    tl_gram_f64(rows, count, x + row, r->ld, 1, to + row * r->d + row, r->d);
}

/* Those with most work come first. */
static void add_rows(void *job, int64_t task, int worker)
{
    const tl_readout *r = job;
    const int64_t chain = task % r->chains, panel = r->panels - 1 - task / r->chains;
    const int64_t first = edge(r->rows, chain, r->chains), end = edge(r->rows, chain + 1, r->chains);
    const int64_t row = edge(r->d, panel, r->panels), count = edge(r->d, panel + 1, r->panels) - row;
    if (worker != 0)
        tl_blas_worker();
    if (end == first)
        return;
    add_cross(r, first, end - first, row, count, r->chain_crosses + chain * r->k * r->d);
    if (r->wants_normal)
        add_normal(r, first, end - first, row, count, r->chain_normals + chain * r->d * r->d);
}

static void push_rows(void *job, int64_t index, int worker)
{
    const tl_readout *r = job;
    const int64_t end = edge(r->rows, index + 1, r->stacks);
    if (worker != 0)
        tl_blas_worker();
    for (int64_t first = edge(r->rows, index, r->stacks); first < end; first += r->chunk)
        tl_readout_push(r, &r->stack[index], r->x + first * r->ld, r->y + first * r->k,
                        tl_smaller(r->chunk, end - first));
}

static void run_tasks(tl_readout *r, tl_task task, int64_t count)
{
    if (tl_blas_is_for_one_thread())
        for (int64_t i = 0; i < count; i++)
            task(r, i, 0);
    else
        tl_pool_run(r->workspace->context->pool, task, r, count);
}

/* Shifts that are about the means, by the first samples: what is taken from a column that is constant is the constant. */
static void choose_shifts(tl_readout *r)
{
    enum { FIRST = 64 };
    const int64_t count = tl_smaller(r->rows, FIRST);
    const tl_source *source = &r->pass.targets;
    double *sum = r->raw, *x = r->estimate;
    r->begun = true;
    if (!r->biases)
        return;
    memset(sum, 0, (size_t)r->d * sizeof *sum);
    widen(r, inputs_at(r, 0), 1, r->shift); /* which was 0 */
    for (int64_t i = 1; i < count; i++) {
        widen(r, inputs_at(r, i), 1, x);
        add(1 / (double)count, x, r->d, sum);
    }
    add(1, sum, r->d, r->shift);
    for (int64_t o = 0; o < r->k; o++)
        r->target_shift[o] = tl_source_scaled(source, tl_source_row(source, 0), o);
}

/* The passes ----------------------------------------------------------------------------------------------- */

static void clear_sums(tl_readout *r)
{
    for (int i = 0; i < TL_READOUT_SLICES; i++) {
        tl_readout_sums *sums = &r->sums[i];
        sums->weight = 0;
        memset(sums->inputs, 0, (size_t)r->d * sizeof(double));
        memset(sums->targets, 0, (size_t)r->k * sizeof(double));
        memset(sums->squares, 0, (size_t)r->k * sizeof(double));
        memset(sums->spread, 0, (size_t)r->k * sizeof(double));
    }
    memset(r->chain_crosses, 0, (size_t)(r->chains * r->k * r->d) * sizeof(double));
}

static void take_batch(tl_readout *r, tl_task task, int64_t tasks)
{
    tl_float_mode mode = tl_float_enter();
    if (!r->begun)
        choose_shifts(r);
    int before = tl_blas_enter();
    run_tasks(r, make_rows, TL_READOUT_SLICES);
    run_tasks(r, task, tasks);
    tl_blas_leave(before);
    tl_float_leave(mode);
}

static talus_status run_over(tl_readout *r, tl_task task, int64_t tasks)
{
    const int64_t samples = r->feed.dataset->samples, step = r->workspace->plan.max_batch;
    talus_status status = TALUS_OK;
    clear_sums(r);
    for (int64_t first = 0; status == TALUS_OK && first < samples; first += step) {
        r->rows = tl_smaller(step, samples - first);
        r->pass.first_row = first;
        r->pass.work = TL_KEEP | TL_CHECK | (r->network->layer_count > 1 ? TL_FORWARD : 0);
        status = tl_pass_read(&r->feed, NULL, first, r->rows, &r->pass);
        if (status == TALUS_OK)
            status = tl_pass_run(&r->pass, NULL);
        if (status == TALUS_OK)
            take_batch(r, task, tasks);
    }
    return status;
}

/* The crosses of all chains become one. */
static void sum_crosses(tl_readout *r)
{
    const int64_t count = r->k * r->d;
    memset(r->cross, 0, (size_t)count * sizeof *r->cross);
    for (int64_t chain = 0; chain < r->chains; chain++)
        add(1, r->chain_crosses + chain * count, count, r->cross);
}

/* All of the matrix, of the lower triangles of the chains. */
static void sum_normals(tl_readout *r)
{
    const int64_t d = r->d;
    for (int64_t i = 0; i < d; i++) {
        double *row = r->normal + i * d;
        memset(row, 0, (size_t)(i + 1) * sizeof *row);
        for (int64_t chain = 0; chain < r->chains; chain++)
            add(1, r->chain_normals + (chain * d + i) * d, i + 1, row);
        r->raw[i] = row[i];
    }
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
    double *inputs = r->sums[0].inputs, *targets = r->sums[0].targets;
    for (int i = 1; i < TL_READOUT_SLICES; i++) {
        add(1, r->sums[i].inputs, r->d, inputs);
        add(1, r->sums[i].targets, r->k, targets);
    }
    for (int64_t o = 0; o < r->k; o++)
        r->target_means[o] = r->target_shift[o] + targets[o] / r->weight;
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

talus_status tl_readout_gather(tl_readout *r)
{
    r->wants_normal = true;
    memset(r->chain_normals, 0, (size_t)(r->chains * r->d * r->d) * sizeof(double));
    talus_status status = run_over(r, add_rows, r->chains * r->panels);
    if (status != TALUS_OK)
        return status;
    r->weight = 0;
    for (int i = 0; i < TL_READOUT_SLICES; i++)
        r->weight += r->sums[i].weight;
    sum_crosses(r);
    sum_normals(r);
    centre(r);
    mirror(r);
    return TALUS_OK;
}

talus_status tl_readout_compare(tl_readout *r)
{
    r->wants_normal = false;
    for (int64_t o = 0; o < r->k; o++)
        for (int64_t j = 0; j < r->d; j++)
            r->transposed[j * r->k + o] = -r->solution[o * r->d + j];
    talus_status status = run_over(r, add_rows, r->chains * r->panels);
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
    r->wants_normal = true;
    for (int64_t i = 0; i < r->stacks; i++) {
        memset(r->stack[i].rows, 0, (size_t)(r->d * r->ld) * sizeof(double));
        memset(r->stack[i].targets, 0, (size_t)(r->d * r->k) * sizeof(double));
    }
    talus_status status = run_over(r, push_rows, r->stacks);
    if (status != TALUS_OK)
        return status;
    int before = tl_blas_enter();
    tl_readout_join(r);
    tl_blas_leave(before);
    return TALUS_OK;
}
