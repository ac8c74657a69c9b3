#include "data/columns.h"

#include <float.h>
#include <math.h>

#include "data/quartiles.h"

static void extend_to(int64_t count, const double *restrict x, double *restrict least, double *restrict most)
{
    for (int64_t j = 0; j < count; j++) {
        least[j] = x[j] < least[j] ? x[j] : least[j];
        most[j] = x[j] > most[j] ? x[j] : most[j];
    }
}

static void extend(void *state, int64_t first, int64_t count, const double *x)
{
    const tl_columns *columns = state;
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

static void add_moments(void *state, int64_t first, int64_t count, const double *x)
{
    const tl_columns *columns = state;
    add_moments_to(count, columns->counted + first, x, columns->least + first, columns->inverse + first,
                   columns->mean + first, columns->deviation + first);
}

static talus_status find_extremes(const tl_sweep *sweep, tl_columns *columns)
{
    for (int64_t j = 0; j < columns->count; j++) {
        columns->least[j] = INFINITY;
        columns->most[j] = -INFINITY;
    }
    talus_status status = tl_sweep_run(sweep, extend, columns);
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
static talus_status find_moments(const tl_sweep *sweep, tl_columns *columns)
{
    for (int64_t j = 0; j < columns->count; j++)
        columns->inverse[j] = ldexp(1, -unit_of(columns, j));
    talus_status status = tl_sweep_run(sweep, add_moments, columns);
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

bool tl_columns_are_one(const tl_columns *columns, double a, double b)
{
    return b - a < 0x1p-1022 || b - a <= 4 * columns->epsilon * fmax(fabs(a), fabs(b));
}

bool tl_columns_is_constant(const tl_columns *columns, int64_t j)
{
    return tl_columns_are_one(columns, columns->least[j], columns->most[j]);
}

static double epsilon_of(int dtype)
{
    return dtype == TALUS_DTYPE_F64 ? DBL_EPSILON : dtype == TALUS_DTYPE_F32 ? (double)FLT_EPSILON : 0;
}

static talus_status allocate(talus_context *context, const char *name, const talus_matrix *matrix,
                             tl_columns *columns)
{
    const int64_t count = matrix->cols;
    int64_t bytes;
    double *numbers = NULL;
    if (tl_multiply(count, (6 + TL_QUARTILES) * (int64_t)sizeof *numbers, &bytes))
        numbers = tl_allocate(context, (size_t)bytes);
    if (numbers == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "%s: there is no memory for the numbers of %lld columns",
                       name, (long long)count);
    *columns = (tl_columns){.count = count,
                            .epsilon = epsilon_of(matrix->dtype),
                            .least = numbers,
                            .most = numbers + count,
                            .mean = numbers + 2 * count,
                            .deviation = numbers + 3 * count,
                            .counted = numbers + 4 * count,
                            .inverse = numbers + 5 * count,
                            .quartiles = numbers + 6 * count};
    return TALUS_OK;
}

talus_status tl_columns_compute(talus_context *context, const char *name, const talus_dataset *dataset,
                                bool of_targets, unsigned wanted, tl_columns *columns)
{
    tl_feed feed;
    *columns = (tl_columns){0};
    talus_status status = allocate(context, name, of_targets ? &dataset->targets : &dataset->inputs, columns);
    if (status == TALUS_OK)
        status = tl_feed_open(&feed, context, dataset, of_targets ? TL_FEED_TARGETS : TL_FEED_INPUTS,
                              TL_SWEEP_BATCH);
    if (status != TALUS_OK)
        return status;
    const tl_sweep sweep = {&feed, of_targets, columns->count};
    status = find_extremes(&sweep, columns);
    if (status == TALUS_OK)
        status = check_spreads(context, name, columns);
    if (status == TALUS_OK && (wanted & TL_COLUMNS_MOMENTS))
        status = find_moments(&sweep, columns);
    if (status == TALUS_OK && (wanted & TL_COLUMNS_QUARTILES))
        status = tl_quartiles_find(context, name, &sweep, columns->quartiles);
    tl_feed_close(&feed);
    return status;
}

void tl_columns_destroy(talus_context *context, tl_columns *columns)
{
    tl_release(context, columns->least);
    *columns = (tl_columns){0};
}
