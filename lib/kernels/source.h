/* Where the rows of a batch come from. */
#ifndef TL_KERNELS_SOURCE_H
#define TL_KERNELS_SOURCE_H

#include <math.h>
#include <stddef.h>
#include <talus/matrix.h>

/* Rows as the caller stored them, to be read as x′_j = (x_j − shift_j)·scale_j, clipped, less a centre. */
typedef struct tl_source {
    talus_matrix matrix;         /* its stride is not 0 */
    const int64_t *rows;         /* row i of the batch is row rows[i] of the matrix; NULL: row i itself */
    const double *shift, *scale; /* one number each, or one a column; NULL: 0 and 1 */
    int64_t scale_step;          /* 0 for one number, 1 for one a column */
    double clip;                 /* 0: none */
    const double *center;        /* what is taken off then, one a column; NULL: 0 */
} tl_source;

/* The row of the matrix that is row i of the batch. */
static inline int64_t tl_source_row(const tl_source *source, int64_t i)
{
    return source->rows == NULL ? i : source->rows[i];
}

/* The number at (row, col) of the matrix, as it is stored. */
static inline double tl_source_value(const tl_source *source, int64_t row, int64_t col)
{
    int64_t at = row * source->matrix.stride + col;
    switch (source->matrix.dtype) {
    case TALUS_DTYPE_F32:
        return (double)((const float *)source->matrix.data)[at];
    case TALUS_DTYPE_F64:
        return ((const double *)source->matrix.data)[at];
    case TALUS_DTYPE_I32:
        return ((const int32_t *)source->matrix.data)[at];
    default:
        return ((const uint8_t *)source->matrix.data)[at];
    }
}

/* u/√(1 + (u/c)²), as c·t/√(1 + t²) of t = u/c. From |t| = 2^40 on this is ±c. What is not finite becomes NaN. */
static inline double tl_clipped(double u, double c)
{
    const double t = u / c, bounded = t > 0x1p40 ? 0x1p40 : t < -0x1p40 ? -0x1p40 : t;
    return c * (bounded / sqrt(1 + bounded * bounded)) + (u - u);
}

/* Its slope, of what it made: (1 − (x/c)²)^(3/2) = (1 + t²)^(−3/2) */
static inline double tl_clip_slope(double x, double c)
{
    const double rest = (1 - x / c) * (1 + x / c), least = rest > 0 ? rest : 0;
    return least * sqrt(least);
}

/* And the second derivative: −3·q·(1 − q²)²/c with q = x/c, which is −3·t·(1 + t²)^(−5/2)/c */
static inline double tl_clip_curve(double x, double c)
{
    const double q = x / c, rest = (1 - q) * (1 + q), least = rest > 0 ? rest : 0;
    return -3 * q * least * least / c;
}

/* The same, scaled, clipped and centred. */
static inline double tl_source_scaled(const tl_source *source, int64_t row, int64_t col)
{
    int64_t at = source->scale_step * col;
    double shift = source->shift == NULL ? 0 : source->shift[at];
    double scale = source->scale == NULL ? 1 : source->scale[at];
    double u = (tl_source_value(source, row, col) - shift) * scale;
    double x = source->clip > 0 ? tl_clipped(u, source->clip) : u;
    return source->center == NULL ? x : x - source->center[col];
}

/* Numbers of f32 or f64 in the first column, of rows first … first + count − 1 of the batch. */
static inline void tl_source_numbers(const tl_source *source, int64_t first, int64_t count, double *numbers)
{
    const int64_t stride = source->matrix.stride;
    if (source->matrix.dtype == TALUS_DTYPE_F64) {
        const double *from = source->matrix.data;
        for (int64_t i = 0; i < count; i++)
            numbers[i] = from[tl_source_row(source, first + i) * stride];
    } else {
        const float *from = source->matrix.data;
        for (int64_t i = 0; i < count; i++)
            numbers[i] = (double)from[tl_source_row(source, first + i) * stride];
    }
}

#endif
