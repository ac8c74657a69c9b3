#include <stddef.h>

#include "kernels/array.h"

/* Square blocks keep the lines of both sides in the cache. */
#define BLOCK 16

static void transpose_block(int64_t rows, int64_t cols, const real *restrict in, int64_t ld_in,
                            real *restrict out, int64_t ld_out)
{
    for (int64_t j = 0; j < cols; j++)
        for (int64_t i = 0; i < rows; i++)
            out[j * ld_out + i] = in[i * ld_in + j];
}

void K(transpose)(int64_t rows, int64_t cols, const real *in, int64_t ld_in, real *out, int64_t ld_out)
{
    for (int64_t i = 0; i < rows; i += BLOCK) {
        int64_t block_rows = rows - i < BLOCK ? rows - i : BLOCK;
        for (int64_t j = 0; j < cols; j += BLOCK) {
            int64_t block_cols = cols - j < BLOCK ? cols - j : BLOCK;
            transpose_block(block_rows, block_cols, in + i * ld_in + j, ld_in, out + j * ld_out + i, ld_out);
        }
    }
}

/* Columns are read in chunks, for which shift and scale are brought to the precision once. */
#define CHUNK 256

typedef struct column_chunk {
    int64_t first, count;
    bool scaled;
    real shift[CHUNK], scale[CHUNK];
    double exact_shift[CHUNK], exact_scale[CHUNK]; /* for f64, whose values may need all digits */
} column_chunk;

static void chunk_prepare(column_chunk *chunk, const tl_source *source, int64_t first)
{
    int64_t left = source->matrix.cols - first;
    chunk->first = first;
    chunk->count = left < CHUNK ? left : CHUNK;
    chunk->scaled = source->shift != NULL;
    for (int64_t j = 0; chunk->scaled && j < chunk->count; j++) {
        int64_t at = source->scale_step * (first + j);
        chunk->exact_shift[j] = source->shift[at];
        chunk->exact_scale[j] = source->scale[at];
        chunk->shift[j] = (real)source->shift[at];
        chunk->scale[j] = (real)source->scale[at];
    }
}

static void read_f32(const column_chunk *chunk, const float *restrict in, real *restrict out)
{
    if (chunk->scaled)
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = ((real)in[j] - chunk->shift[j]) * chunk->scale[j];
    else
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)in[j];
}

static void read_f64(const column_chunk *chunk, const double *restrict in, real *restrict out)
{
    if (chunk->scaled)
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)((in[j] - chunk->exact_shift[j]) * chunk->exact_scale[j]);
    else
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)in[j];
}

static void read_u8(const column_chunk *chunk, const uint8_t *restrict in, real *restrict out)
{
    if (chunk->scaled)
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = ((real)in[j] - chunk->shift[j]) * chunk->scale[j];
    else
        for (int64_t j = 0; j < chunk->count; j++)
            out[j] = (real)in[j];
}

/* x·0 is 0 for a finite x and NaN for any other, so the sum of the products tells. */
static bool all_finite(int64_t count, const real *x)
{
    enum { LANES = 16 };
    real lanes[LANES] = {0};
    int64_t j = 0;
    for (; j + LANES <= count; j += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += x[j + lane] * R(0.0);
    real sum = 0;
    for (; j < count; j++)
        sum += x[j] * R(0.0);
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum == R(0.0);
}

static void read_row(const talus_matrix *matrix, int64_t row, const column_chunk *chunk, real *out)
{
    int64_t at = row * matrix->stride + chunk->first;
    if (matrix->dtype == TALUS_F32)
        read_f32(chunk, (const float *)matrix->data + at, out);
    else if (matrix->dtype == TALUS_F64)
        read_f64(chunk, (const double *)matrix->data + at, out);
    else
        read_u8(chunk, (const uint8_t *)matrix->data + at, out);
}

bool K(gather)(const tl_source *source, int64_t first, int64_t count, real *out, int64_t ld)
{
    bool finite = true;
    for (int64_t column = 0; column < source->matrix.cols; column += CHUNK) {
        column_chunk chunk;
        chunk_prepare(&chunk, source, column);
        for (int64_t i = 0; i < count; i++) {
            int64_t row = source->rows == NULL ? first + i : source->rows[first + i];
            real *to = out + i * ld + column;
            read_row(&source->matrix, row, &chunk, to);
            finite &= all_finite(chunk.count, to);
        }
    }
    return finite;
}

void K(scatter)(const talus_matrix *matrix, int64_t first, int64_t count, const real *in, int64_t ld)
{
    for (int64_t i = 0; i < count; i++) {
        const real *from = in + i * ld;
        int64_t at = (first + i) * matrix->stride;
        if (matrix->dtype == TALUS_F32)
            for (int64_t j = 0; j < matrix->cols; j++)
                ((float *)matrix->data)[at + j] = (float)from[j];
        else
            for (int64_t j = 0; j < matrix->cols; j++)
                ((double *)matrix->data)[at + j] = (double)from[j];
    }
}
