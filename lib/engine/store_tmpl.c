/* What goes out to the caller, in its units. */
#include "engine/tile.h"

/* Brings numbers of the columns from `first` on to the caller's units. */
typedef void conversion(const tl_scaling *scaling, int64_t first, int64_t count, double *values);

/* out = a/scale + shift */
static void convert_outputs(const tl_scaling *scaling, int64_t first, int64_t count, double *values)
{
    const int64_t step = scaling->count > 1 ? 1 : 0;
    const double *shift = scaling->shift + step * first, *scale = scaling->scale + step * first;
    for (int64_t j = 0; j < count; j++)
        values[j] = values[j] / scale[step * j] + shift[step * j];
}

/* ∂C/∂x = ∂C/∂x′·scale */
static void convert_input_gradient(const tl_scaling *scaling, int64_t first, int64_t count, double *values)
{
    const int64_t step = scaling->count > 1 ? 1 : 0;
    const double *scale = scaling->scale + step * first;
    for (int64_t j = 0; j < count; j++)
        values[j] *= scale[step * j];
}

static void put(const talus_matrix *matrix, int64_t row, int64_t first, int64_t count, const double *values)
{
    int64_t at = row * matrix->stride + first;
    if (matrix->dtype == TALUS_DTYPE_F32)
        for (int64_t j = 0; j < count; j++)
            ((float *)matrix->data)[at + j] = (float)values[j];
    else
        for (int64_t j = 0; j < count; j++)
            ((double *)matrix->data)[at + j] = values[j];
}

/* Writes rows by samples to a matrix of the caller in its units. It is done in double, to be rounded once. */
static void scatter_converted(const TL(tl_tile) * tile, const talus_matrix *matrix, int64_t ld,
                              const tl_scaling *scaling, conversion *convert)
{
    enum { CHUNK = 128 };
    double values[CHUNK];
    for (int64_t i = 0; i < tile->samples; i++)
        for (int64_t first = 0; first < matrix->cols; first += CHUNK) {
            int64_t count = tl_smaller(CHUNK, matrix->cols - first);
            for (int64_t j = 0; j < count; j++)
                values[j] = (double)tile->scratch[i * ld + first + j];
            convert(scaling, first, count, values);
            put(matrix, tile->first + i, first, count, values);
        }
}

/* Writes an array of features × samples to a matrix of the caller, converted if there is a scaling. */
static void store(const TL(tl_tile) * tile, const talus_matrix *matrix, const tl_level *level, void *array,
                  const tl_scaling *scaling, conversion *convert)
{
    tile->kernels->transpose(level->width, tile->samples, tl_part_of(tile, array, level, 0), tile->width,
                             tile->scratch, level->ld);
    if (scaling->count == 0)
        tile->kernels->scatter(matrix, tile->first, tile->samples, tile->scratch, level->ld);
    else
        scatter_converted(tile, matrix, level->ld, scaling, convert);
}

void TL(tl_store_outputs)(const TL(tl_tile) * tile)
{
    const tl_pass *pass = tile->pass;
    const tl_level *last = &tile->levels[pass->network->layer_count];
    store(tile, &pass->outputs, last, last->features, tl_scaling_of_outputs(pass->network), convert_outputs);
}

void TL(tl_store_input_gradient)(const TL(tl_tile) * tile)
{
    const tl_pass *pass = tile->pass;
    const tl_level *first = &tile->levels[0];
    store(tile, &pass->input_gradient, first, first->deltas, &pass->network->input_scaling,
          convert_input_gradient);
}
