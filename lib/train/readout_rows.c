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
    const double *from = r->made == TL_READOUT_NORMAL ? r->target_shift : r->target_means;
    for (int64_t o = 0; o < r->k; o++) {
        const double deviation = y[o] - from[o], shifted = y[o] - r->target_shift[o];
        sums->spread[o] += weight * deviation * deviation;
        sums->targets[o] += weight * shifted;
        y[o] = root * shifted;
    }
    sums->weight += weight;
}

/* Columns after those of a row, to which kernels may write, are cleared once and stay 0. */
void tl_readout_make_rows(const tl_readout *r, int64_t first, int64_t rows, double *x, tl_readout_sums *sums)
{
    const tl_kernels_f64 *kernels = r->kernels;
    const bool is_weighted = r->pass.weights.matrix.data != NULL;
    double squares = 0;
    kernels->gather(&r->pass.targets, first, rows, x + r->d, r->ld, &squares);
    for (int64_t i = 0; i < rows; i++, x += r->ld) {
        double weight = 1;
        if (is_weighted)
            tl_source_numbers(&r->pass.weights, first + i, 1, &weight);
        const double root = sqrt(weight);
        widen(r, inputs_at(r, first + i), root, x);
        take_targets(r, weight, root, x + r->d, sums);
        x[r->d + r->k] = root;
    }
}

/* What is taken from a column that is constant is the constant. */
void tl_readout_choose_shifts(tl_readout *r)
{
    enum { FIRST = 64 };
    const int64_t count = tl_smaller(r->rows, FIRST);
    const tl_source *source = &r->pass.targets;
    double *sum = r->inputs, *x = r->x;
    memset(sum, 0, (size_t)r->d * sizeof *sum);
    widen(r, inputs_at(r, 0), 1, r->shift); /* which was 0 */
    for (int64_t i = 1; i < count; i++) {
        widen(r, inputs_at(r, i), 1, x);
        for (int64_t j = 0; j < r->d; j++)
            sum[j] += x[j] / (double)count;
    }
    for (int64_t j = 0; j < r->d; j++)
        r->shift[j] += sum[j];
    for (int64_t o = 0; o < r->k; o++)
        r->target_shift[o] = tl_source_scaled(source, tl_source_row(source, 0), o);
}
