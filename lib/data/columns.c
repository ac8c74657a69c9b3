#include "data/columns.h"

#include <math.h>

/* Samples are read in batches of so many, and in pieces of so many columns. */
enum { BATCH = 256, PIECE = 256 };

static void read_f32(int64_t count, const float *from, double *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] = (double)from[j];
}

static void read_f64(int64_t count, const double *from, double *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] = from[j];
}

static void read_u8(int64_t count, const uint8_t *from, double *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] = from[j];
}

static void read_piece(const tl_source *source, int64_t sample, int64_t first, int64_t count, double *to)
{
    const talus_matrix *matrix = &source->matrix;
    int64_t at = tl_source_row(source, sample) * matrix->stride + first;
    if (matrix->dtype == TALUS_DTYPE_F32)
        read_f32(count, (const float *)matrix->data + at, to);
    else if (matrix->dtype == TALUS_DTYPE_F64)
        read_f64(count, (const double *)matrix->data + at, to);
    else
        read_u8(count, (const uint8_t *)matrix->data + at, to);
}

/* What is done with the numbers x of a sample in columns first … first+count−1. */
typedef void visitor(tl_columns *columns, int64_t first, int64_t count, const double *x);

/* Goes through the inputs or targets of all samples. */
static talus_status sweep(const tl_feed *feed, bool of_targets, visitor *visit, tl_columns *columns)
{
    const int64_t samples = feed->dataset->samples;
    for (int64_t start = 0; start < samples; start += BATCH) {
        tl_samples batch;
        talus_status status = tl_feed_read(feed, NULL, start,
                                           samples - start < BATCH ? samples - start : BATCH, &batch);
        if (status != TALUS_OK)
            return status;
        const tl_source *source = of_targets ? &batch.targets : &batch.inputs;
        for (int64_t i = 0; i < batch.count; i++)
            for (int64_t first = 0; first < columns->count; first += PIECE) {
                double x[PIECE];
                int64_t count = columns->count - first < PIECE ? columns->count - first : PIECE;
                read_piece(source, i, first, count, x);
                visit(columns, first, count, x);
            }
    }
    return TALUS_OK;
}

static void extend_to(int64_t count, const double *restrict x, double *restrict least, double *restrict most)
{
    for (int64_t j = 0; j < count; j++) {
        least[j] = x[j] < least[j] ? x[j] : least[j];
        most[j] = x[j] > most[j] ? x[j] : most[j];
    }
}

static void extend(tl_columns *columns, int64_t first, int64_t count, const double *x)
{
    extend_to(count, x, columns->least + first, columns->most + first);
}

/* Welford: m_i = m_{i−1} + (t_i − m_{i−1})/i,   q_i = q_{i−1} + (t_i − m_{i−1})·(t_i − m_i),   for t = (x − least)·inverse,
 * which is 0 … 2, so that no number overflows and none is small beside an offset of all. NaN is left out. */
static void add_moments_to(int64_t count, double *restrict samples, const double *restrict x,
                           const double *restrict least, const double *restrict inverse, double *restrict m,
                           double *restrict q)
{
    for (int64_t j = 0; j < count; j++) {
        bool there = x[j] == x[j];
        double t = there ? (x[j] - least[j]) * inverse[j] : m[j], before = t - m[j];
        samples[j] += there;
        m[j] += there ? before / samples[j] : 0;
        q[j] += before * (t - m[j]);
    }
}

static void add_moments(tl_columns *columns, int64_t first, int64_t count, const double *x)
{
    add_moments_to(count, columns->counted + first, x, columns->least + first, columns->inverse + first,
                   columns->mean + first, columns->deviation + first);
}

static talus_status find_extremes(const tl_feed *feed, bool of_targets, tl_columns *columns)
{
    for (int64_t j = 0; j < columns->count; j++) {
        columns->least[j] = INFINITY;
        columns->most[j] = -INFINITY;
    }
    talus_status status = sweep(feed, of_targets, extend, columns);
    for (int64_t j = 0; j < columns->count; j++)
        if (columns->least[j] > columns->most[j]) /* all are missing */
            columns->least[j] = columns->most[j] = 0;
    return status;
}

/* The exponent of a unit: a power of 2 not above the spread of the column, or 1. */
static int unit_of(const tl_columns *columns, int64_t j)
{
    double spread = columns->most[j] - columns->least[j];
    return spread >= 0x1p-1022 ? ilogb(spread) : 0;
}

/* With m in the place of the mean and q in that of the deviation. */
static talus_status find_moments(const tl_feed *feed, bool of_targets, tl_columns *columns)
{
    for (int64_t j = 0; j < columns->count; j++)
        columns->inverse[j] = ldexp(1, -unit_of(columns, j));
    talus_status status = sweep(feed, of_targets, add_moments, columns);
    for (int64_t j = 0; j < columns->count; j++) {
        double unit = ldexp(1, unit_of(columns, j));
        columns->mean[j] = columns->least[j] + unit * columns->mean[j];
        columns->deviation[j] = unit * sqrt(columns->deviation[j] / fmax(columns->counted[j], 1));
    }
    return status;
}

static talus_status check_spreads(talus_context *context, const char *name, const tl_columns *columns)
{
    for (int64_t j = 0; j < columns->count; j++)
        if (!(columns->most[j] - columns->least[j] <= 0x1p1022))
            return tl_fail(context, TALUS_ERROR_DATA,
                           "%s: column %lld (counted from 0) must spread over at most %g, got %g … %g", name,
                           (long long)j, 0x1p1022, columns->least[j], columns->most[j]);
    return TALUS_OK;
}

static talus_status allocate(talus_context *context, const char *name, int64_t count, tl_columns *columns)
{
    int64_t bytes;
    double *numbers = NULL;
    if (tl_multiply(count, 6 * (int64_t)sizeof *numbers, &bytes))
        numbers = tl_allocate(context, (size_t)bytes);
    if (numbers == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "%s: there is no memory for the numbers of %lld columns",
                       name, (long long)count);
    *columns = (tl_columns){.count = count,
                            .least = numbers,
                            .most = numbers + count,
                            .mean = numbers + 2 * count,
                            .deviation = numbers + 3 * count,
                            .counted = numbers + 4 * count,
                            .inverse = numbers + 5 * count};
    return TALUS_OK;
}

talus_status tl_columns_compute(talus_context *context, const char *name, const talus_dataset *dataset,
                                bool of_targets, bool moments, tl_columns *columns)
{
    tl_feed feed;
    *columns = (tl_columns){0};
    talus_status status = allocate(context, name, (of_targets ? &dataset->targets : &dataset->inputs)->cols,
                                   columns);
    if (status == TALUS_OK)
        status = tl_feed_open(&feed, context, dataset, of_targets ? TL_FEED_TARGETS : TL_FEED_INPUTS, BATCH);
    if (status != TALUS_OK)
        return status;
    status = find_extremes(&feed, of_targets, columns);
    if (status == TALUS_OK)
        status = check_spreads(context, name, columns);
    if (status == TALUS_OK && moments)
        status = find_moments(&feed, of_targets, columns);
    tl_feed_close(&feed);
    return status;
}

void tl_columns_destroy(talus_context *context, tl_columns *columns)
{
    tl_release(context, columns->least);
    *columns = (tl_columns){0};
}
