#define TL_PRECISION 64 /* all of it */
/* Rows of a batch as a readout takes them: (h y 1)·√s in f64, h and y without shifts that are about their means. */
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "train/readout.h"

static const void *inputs_at(const tl_readout *r, int64_t row)
{
    const tl_level *level = &r->workspace->levels[r->network->layer_count - 1];
    return (const char *)level->samples + (size_t)(row * level->ld) * tl_dtype_size(r->network->precision);
}

/* x = root·(from − shift) */
static void widen(const tl_readout *r, const void *from, double root, double *restrict x)
{
    const double *restrict shift = r->shift;
    if (r->network->precision == TALUS_DTYPE_F32)
        for (int64_t j = 0; j < r->d; j++)
            x[j] = root * ((double)((const float *)from)[j] - shift[j]);
    else
        for (int64_t j = 0; j < r->d; j++)
            x[j] = root * (((const double *)from)[j] - shift[j]);
}

/* What stands at y are targets as they are scaled. */
static void take_targets(const tl_readout *r, double weight, double root, double *y, tl_readout_sums *sums)
{
    const double *from = r->made == TL_READOUT_NORMAL ? r->target_first : r->target_means;
    for (int64_t o = 0; o < r->k; o++) {
        const double deviation = y[o] - from[o];
        sums->spread[o] += weight * deviation * deviation;
        sums->targets[o] += weight * deviation;
        y[o] = root * (y[o] - r->target_shift[o]);
    }
    sums->weight += weight;
}

static double weight_of(const tl_readout *r, int64_t row)
{
    double weight = 1;
    if (r->pass.weights.matrix.data != NULL)
        tl_source_numbers(&r->pass.weights, row, 1, &weight);
    return weight;
}

/* Columns after those of a row, to which kernels may write, are cleared once and stay 0. */
void tl_readout_make_rows(const tl_readout *r, int64_t first, int64_t rows, double *x, tl_readout_sums *sums)
{
    const tl_kernels_f64 *kernels = r->kernels;
    double squares = 0;
    kernels->gather(&r->pass.targets, first, rows, x + r->d, r->ld, &squares);
    for (int64_t i = 0; i < rows; i++, x += r->ld) {
        const double weight = weight_of(r, first + i), root = sqrt(weight);
        widen(r, inputs_at(r, first + i), root, x);
        take_targets(r, weight, root, x + r->d, sums);
        x[r->d + r->k] = root;
    }
}

/* Samples of the batch that count: so many as there are, but not more than `most`. */
static int64_t find_counting(const tl_readout *r, int64_t most, int64_t *rows)
{
    int64_t count = 0;
    for (int64_t i = 0; i < r->rows && count < most; i++)
        if (weight_of(r, i) > 0)
            rows[count++] = i;
    return count;
}

/* What is taken from a column that is constant is the constant. */
bool tl_readout_choose_shifts(tl_readout *r)
{
    enum { MOST = 64 };
    int64_t rows[MOST];
    const int64_t count = find_counting(r, MOST, rows);
    const tl_source *source = &r->pass.targets;
    double *sum = r->inputs, *x = r->x;
    if (count == 0)
        return false;
    for (int64_t o = 0; o < r->k; o++)
        r->target_first[o] = tl_source_scaled(source, tl_source_row(source, rows[0]), o);
    if (!r->biases)
        return true;
    memcpy(r->target_shift, r->target_first, (size_t)r->k * sizeof *x);
    memset(sum, 0, (size_t)r->d * sizeof *sum);
    widen(r, inputs_at(r, rows[0]), 1, x); /* with shifts of 0 */
    memcpy(r->shift, x, (size_t)r->d * sizeof *x);
    for (int64_t i = 1; i < count; i++) {
        widen(r, inputs_at(r, rows[i]), 1, x);
        for (int64_t j = 0; j < r->d; j++)
            sum[j] += x[j] / (double)count;
    }
    for (int64_t j = 0; j < r->d; j++)
        r->shift[j] += sum[j];
    return true;
}
