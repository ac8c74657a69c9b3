#include "data/columns.h"

#include <math.h>

/* Rows are read in pieces of so many columns. */
enum { PIECE = 256 };

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

static void read_piece(const talus_matrix *matrix, int64_t row, int64_t first, int64_t count, double *to)
{
    int64_t at = row * matrix->stride + first;
    if (matrix->dtype == TALUS_DTYPE_F32)
        read_f32(count, (const float *)matrix->data + at, to);
    else if (matrix->dtype == TALUS_DTYPE_F64)
        read_f64(count, (const double *)matrix->data + at, to);
    else
        read_u8(count, (const uint8_t *)matrix->data + at, to);
}

static void extend(int64_t count, const double *restrict x, double *restrict least, double *restrict most)
{
    for (int64_t j = 0; j < count; j++) {
        least[j] = x[j] < least[j] ? x[j] : least[j];
        most[j] = x[j] > most[j] ? x[j] : most[j];
    }
}

/* Welford: m_i = m_{i−1} + (t_i − m_{i−1})/i,   q_i = q_{i−1} + (t_i − m_{i−1})·(t_i − m_i),   for t = (x − least)·inverse,
 * which is 0 … 2, so that no number overflows and none is small beside an offset of all. NaN is left out. */
static void add_moments(int64_t count, double *restrict samples, const double *restrict x,
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

typedef struct column_unit {
    double unit, inverse; /* a power of 2 not above the spread of the column, or 1 */
} column_unit;

static column_unit unit_of(double spread)
{
    int exponent = spread >= 0x1p-1022 ? ilogb(spread) : 0;
    return (column_unit){ldexp(1, exponent), ldexp(1, -exponent)};
}

static void find_extremes(const talus_dataset *dataset, const talus_matrix *matrix, tl_columns *columns)
{
    for (int64_t j = 0; j < columns->count; j++) {
        columns->least[j] = INFINITY;
        columns->most[j] = -INFINITY;
    }
    for (int64_t i = 0; i < dataset->samples; i++)
        for (int64_t first = 0; first < columns->count; first += PIECE) {
            double x[PIECE];
            int64_t count = columns->count - first < PIECE ? columns->count - first : PIECE;
            read_piece(matrix, talus_dataset_row(dataset, i), first, count, x);
            extend(count, x, columns->least + first, columns->most + first);
        }
    for (int64_t j = 0; j < columns->count; j++)
        if (columns->least[j] > columns->most[j]) /* all are missing */
            columns->least[j] = columns->most[j] = 0;
}

/* Piece of columns by piece, with m in the place of the mean and q in that of the deviation. */
static void find_moments(const talus_dataset *dataset, const talus_matrix *matrix, tl_columns *columns)
{
    for (int64_t first = 0; first < columns->count; first += PIECE) {
        double x[PIECE], unit[PIECE], inverse[PIECE], samples[PIECE] = {0};
        double *least = columns->least + first, *mean = columns->mean + first;
        double *deviation = columns->deviation + first;
        int64_t count = columns->count - first < PIECE ? columns->count - first : PIECE;
        for (int64_t j = 0; j < count; j++) {
            column_unit of_column = unit_of(columns->most[first + j] - least[j]);
            unit[j] = of_column.unit;
            inverse[j] = of_column.inverse;
        }
        for (int64_t i = 0; i < dataset->samples; i++) {
            read_piece(matrix, talus_dataset_row(dataset, i), first, count, x);
            add_moments(count, samples, x, least, inverse, mean, deviation);
        }
        for (int64_t j = 0; j < count; j++) {
            mean[j] = least[j] + unit[j] * mean[j];
            deviation[j] = unit[j] * sqrt(deviation[j] / fmax(samples[j], 1));
        }
    }
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

talus_status tl_columns_compute(talus_context *context, const char *name, const talus_dataset *dataset,
                                const talus_matrix *matrix, bool moments, tl_columns *columns)
{
    int64_t bytes;
    double *numbers = NULL;
    if (tl_multiply(matrix->cols, 4 * (int64_t)sizeof *numbers, &bytes))
        numbers = tl_allocate(context, (size_t)bytes);
    *columns = (tl_columns){.least = numbers};
    if (numbers == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "%s: there is no memory for the numbers of %lld columns",
                       name, (long long)matrix->cols);
    columns->count = matrix->cols;
    columns->most = numbers + matrix->cols;
    columns->mean = numbers + 2 * matrix->cols;
    columns->deviation = numbers + 3 * matrix->cols;
    find_extremes(dataset, matrix, columns);
    talus_status status = check_spreads(context, name, columns);
    if (status == TALUS_OK && moments)
        find_moments(dataset, matrix, columns);
    return status;
}

void tl_columns_destroy(talus_context *context, tl_columns *columns)
{
    tl_release(context, columns->least);
    *columns = (tl_columns){0};
}
