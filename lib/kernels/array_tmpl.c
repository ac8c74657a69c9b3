#include <stddef.h>

#include "base/cache.h"
#include "base/context.h"
#include "kernels/array.h"
#include "kernels/sum.h"

typedef real vector __attribute__((vector_size(TL_VECTOR_BYTES)));
typedef real vector_at __attribute__((vector_size(TL_VECTOR_BYTES), aligned(sizeof(real)), may_alias));

/* The halves of two vectors, interleaved: a_0 b_0 a_1 b_1 … */
#if TL_VECTOR_BYTES * 8 / TL_PRECISION == 16
#define FIRST_HALVES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define LAST_HALVES  8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif TL_VECTOR_BYTES * 8 / TL_PRECISION == 8
#define FIRST_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define LAST_HALVES  4, 12, 5, 13, 6, 14, 7, 15
#elif TL_VECTOR_BYTES * 8 / TL_PRECISION == 4
#define FIRST_HALVES 0, 4, 1, 5
#define LAST_HALVES  2, 6, 3, 7
#else
#define FIRST_HALVES 0, 2
#define LAST_HALVES  1, 3
#endif

/* A square block of as many vectors as a vector has elements. Interleaving row i with row i + lanes/2 into rows 2i
 * and 2i + 1 turns the binary digits of (row, column) round by one place; log₂ lanes times exchanges them. */
static void transpose_square(const real *in, int64_t ld_in, real *out, int64_t ld_out)
{
    vector x[TL_LANES], y[TL_LANES];
    TL_UNROLL
    for (int i = 0; i < TL_LANES; i++)
        x[i] = *(const vector_at *)(in + i * ld_in);
    TL_UNROLL
    for (int round = 1; round < TL_LANES; round *= 2) {
        TL_UNROLL
        for (int i = 0; i < TL_LANES / 2; i++) {
            y[2 * i] = __builtin_shufflevector(x[i], x[i + TL_LANES / 2], FIRST_HALVES);
            y[2 * i + 1] = __builtin_shufflevector(x[i], x[i + TL_LANES / 2], LAST_HALVES);
        }
        TL_UNROLL
        for (int i = 0; i < TL_LANES; i++)
            x[i] = y[i];
    }
    TL_UNROLL
    for (int i = 0; i < TL_LANES; i++)
        *(vector_at *)(out + i * ld_out) = x[i];
}

static void transpose_rest(int64_t rows, int64_t cols, const real *restrict in, int64_t ld_in,
                           real *restrict out, int64_t ld_out)
{
    for (int64_t j = 0; j < cols; j++)
        for (int64_t i = 0; i < rows; i++)
            out[j * ld_out + i] = in[i * ld_in + j];
}

void K(transpose)(int64_t rows, int64_t cols, const real *in, int64_t ld_in, real *out, int64_t ld_out)
{
    int64_t whole_rows = rows / TL_LANES * TL_LANES, whole_cols = cols / TL_LANES * TL_LANES;
    for (int64_t i = 0; i < whole_rows; i += TL_LANES)
        for (int64_t j = 0; j < whole_cols; j += TL_LANES)
            transpose_square(in + i * ld_in + j, ld_in, out + j * ld_out + i, ld_out);
    transpose_rest(whole_rows, cols - whole_cols, in + whole_cols, ld_in, out + whole_cols * ld_out, ld_out);
    transpose_rest(rows - whole_rows, cols, in + whole_rows * ld_in, ld_in, out + whole_rows, ld_out);
}

/* Columns are read in chunks, for which shift and scale are laid out once. Values are scaled in double, since a value and
 * its shift may agree in all digits of the precision. */
#define CHUNK 256

typedef struct column_chunk {
    int64_t first, count;
    bool scaled;
    double clip;
    bool centred;
    double shift[CHUNK], scale[CHUNK], center[CHUNK];
} column_chunk;

static void chunk_prepare(column_chunk *chunk, const tl_source *source, int64_t first)
{
    int64_t left = source->matrix.cols - first;
    chunk->first = first;
    chunk->count = left < CHUNK ? left : CHUNK;
    chunk->clip = source->clip;
    chunk->centred = source->center != NULL;
    chunk->scaled = source->shift != NULL || source->scale != NULL || chunk->clip > 0 || chunk->centred;
    for (int64_t j = 0; chunk->scaled && j < chunk->count; j++) {
        int64_t at = source->scale_step * (first + j);
        chunk->shift[j] = source->shift == NULL ? 0 : source->shift[at];
        chunk->scale[j] = source->scale == NULL ? 1 : source->scale[at];
        chunk->center[j] = source->center == NULL ? 0 : source->center[first + j];
    }
}

static void read_f32(const column_chunk *chunk, const float *restrict in, real *restrict out)
{
    if (chunk->scaled)
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)(((double)in[j] - chunk->shift[j]) * chunk->scale[j]);
    else
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)in[j];
}

static void read_f64(const column_chunk *chunk, const double *restrict in, real *restrict out)
{
    if (chunk->scaled)
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)((in[j] - chunk->shift[j]) * chunk->scale[j]);
    else
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)in[j];
}

static void read_u8(const column_chunk *chunk, const uint8_t *restrict in, real *restrict out)
{
    if (chunk->scaled)
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)(((double)in[j] - chunk->shift[j]) * chunk->scale[j]);
    else
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)in[j];
}

/* The same, clipped and centred before it is rounded. */
static void read_further(const talus_matrix *matrix, int64_t at, const column_chunk *chunk,
                         real *restrict out)
{
    double x[CHUNK];
    const float *narrow = matrix->data;
    const double *wide = matrix->data;
    const uint8_t *bytes = matrix->data;
    if (matrix->dtype == TALUS_DTYPE_F32)
        for (int64_t j = 0; j < chunk->count; j++)
            x[j] = (double)narrow[at + j];
    else if (matrix->dtype == TALUS_DTYPE_F64)
        for (int64_t j = 0; j < chunk->count; j++)
            x[j] = wide[at + j];
    else
        for (int64_t j = 0; j < chunk->count; j++)
            x[j] = (double)bytes[at + j];
    for (int64_t j = 0; j < chunk->count; j++)
        x[j] = (x[j] - chunk->shift[j]) * chunk->scale[j];
    for (int64_t j = 0; chunk->clip > 0 && j < chunk->count; j++)
        x[j] = tl_clipped(x[j], chunk->clip);
    for (int64_t j = 0; j < chunk->count; j++)
        out[j] = (real)(x[j] - chunk->center[j]);
}

static void read_row(const talus_matrix *matrix, int64_t row, const column_chunk *chunk, real *out)
{
    int64_t at = row * matrix->stride + chunk->first;
    if (chunk->clip > 0 || chunk->centred)
        read_further(matrix, at, chunk, out);
    else if (matrix->dtype == TALUS_DTYPE_F32)
        read_f32(chunk, (const float *)matrix->data + at, out);
    else if (matrix->dtype == TALUS_DTYPE_F64)
        read_f64(chunk, (const double *)matrix->data + at, out);
    else
        read_u8(chunk, (const uint8_t *)matrix->data + at, out);
}

/* Prefetches a row that will soon be read: the processor does not foresee rows in a random order. */
static void prefetch_row(const talus_matrix *matrix, int64_t row, const column_chunk *chunk)
{
    int64_t size = (int64_t)tl_dtype_size(matrix->dtype);
    const char *at = (const char *)matrix->data + (row * matrix->stride + chunk->first) * size;
    for (int64_t byte = 0; byte < chunk->count * size; byte += TL_LINE_BYTES)
        __builtin_prefetch(at + byte);
}

#define ROWS_AHEAD 4

static bool all_finite(int64_t rows, int64_t cols, const real *x, int64_t ld)
{
    bool finite = true;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            finite &= x[i * ld + j] - x[i * ld + j] == 0;
    return finite;
}

/* Finite squares are those of finite numbers; only of others every number is looked at. */
bool K(gather)(const tl_source *source, int64_t first, int64_t count, real *out, int64_t ld, double *squares)
{
    square_sums sums = {.rest = 0};
    for (int64_t column = 0; column < source->matrix.cols; column += CHUNK) {
        column_chunk chunk;
        chunk_prepare(&chunk, source, column);
        for (int64_t i = 0; i < count; i++) {
            real *to = out + i * ld + column;
            if (source->rows != NULL && i + ROWS_AHEAD < count)
                prefetch_row(&source->matrix, source->rows[first + i + ROWS_AHEAD], &chunk);
            read_row(&source->matrix, tl_source_row(source, first + i), &chunk, to);
            add_squares(&sums, chunk.count, to);
        }
    }
    double total = total_of(&sums);
    *squares += total;
    return total - total == 0 || all_finite(count, source->matrix.cols, out, ld);
}

void K(scatter)(const talus_matrix *matrix, int64_t first, int64_t count, const real *in, int64_t ld)
{
    for (int64_t i = 0; i < count; i++) {
        const real *from = in + i * ld;
        int64_t at = (first + i) * matrix->stride;
        if (matrix->dtype == TALUS_DTYPE_F32)
            for (int64_t j = 0; j < matrix->cols; j++)
                ((float *)matrix->data)[at + j] = (float)from[j];
        else
            for (int64_t j = 0; j < matrix->cols; j++)
                ((double *)matrix->data)[at + j] = (double)from[j];
    }
}
