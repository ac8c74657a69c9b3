/* What goes out to the caller, in its units. */
#include "engine/tile.h"

/* Brings numbers of a sample of the tile, of the columns from `first` on, to the caller's units. */
typedef void conversion(const TL(tl_tile) * tile, int64_t sample, int64_t first, int64_t count,
                        double *values);

/* out = a/scale + shift */
static void convert_outputs(const TL(tl_tile) * tile, int64_t sample, int64_t first, int64_t count,
                            double *values)
{
    const tl_scaling *scaling = tl_scaling_of_outputs(tile->pass->network);
    const int64_t step = scaling->count > 1 ? 1 : 0;
    const double *shift = scaling->shift + step * first, *scale = scaling->scale + step * first;
    (void)sample;
    for (int64_t j = 0; j < count; j++)
        values[j] = values[j] / scale[step * j] + shift[step * j];
}

/* ∂C/∂x = ∂C/∂x′·(slope of the clipping)·scale */
static void convert_input_gradient(const TL(tl_tile) * tile, int64_t sample, int64_t first, int64_t count,
                                   double *values)
{
    const tl_scaling *scaling = &tile->pass->network->input_scaling;
    const double clip = tile->pass->network->input_clip, *mean = tile->pass->network->input_projection.mean;
    const int64_t step = scaling->count > 1 ? 1 : 0;
    const tl_level *inputs = mean == NULL ? &tile->levels[0] : &tile->pass->workspace->raw;
    const real *read = (const real *)inputs->samples + (tile->index * tile->width + sample) * inputs->ld;
    for (int64_t j = 0; clip > 0 && j < count; j++) {
        const double clipped = (double)read[first + j] + (mean == NULL ? 0 : mean[first + j]);
        values[j] *= tl_clip_slope(clipped, clip);
    }
    for (int64_t j = 0; scaling->count > 0 && j < count; j++)
        values[j] *= scaling->scale[step * (first + j)];
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
                              conversion *convert)
{
    enum { CHUNK = 128 };
    double values[CHUNK];
    for (int64_t i = 0; i < tile->samples; i++)
        for (int64_t first = 0; first < matrix->cols; first += CHUNK) {
            int64_t count = tl_smaller(CHUNK, matrix->cols - first);
            for (int64_t j = 0; j < count; j++)
                values[j] = (double)tile->scratch[i * ld + first + j];
            convert(tile, i, first, count, values);
            put(matrix, tile->first + i, first, count, values);
        }
}

/* Writes an array of features × samples to a matrix of the caller, converted unless that is NULL. */
static void store(const TL(tl_tile) * tile, const talus_matrix *matrix, const tl_level *level, void *array,
                  conversion *convert)
{
    tile->kernels->transpose(level->width, tile->samples, tl_part_of(tile, array, level, 0), tile->width,
                             tile->scratch, level->ld);
    if (convert == NULL)
        tile->kernels->scatter(matrix, tile->first, tile->samples, tile->scratch, level->ld);
    else
        scatter_converted(tile, matrix, level->ld, convert);
}

void TL(tl_store_outputs)(const TL(tl_tile) * tile)
{
    const tl_pass *pass = tile->pass;
    const tl_level *last = &tile->levels[pass->network->layer_count];
    const bool scaled = tl_scaling_of_outputs(pass->network)->count > 0;
    store(tile, &pass->outputs, last, last->features, scaled ? convert_outputs : NULL);
}

void TL(tl_store_input_gradient)(const TL(tl_tile) * tile)
{
    const tl_pass *pass = tile->pass;
    const tl_level *first = &tile->levels[0];
    const bool scaled = pass->network->input_scaling.count > 0 || pass->network->input_clip > 0;
    const tl_level *raw = &pass->workspace->raw;
    if (raw->width > 0)
        TL(tl_project_back)(tile, tl_part_of(tile, first->deltas, first, 0));
    store(tile, &pass->input_gradient, raw->width > 0 ? raw : first,
          raw->width > 0 ? raw->features : first->deltas, scaled ? convert_input_gradient : NULL);
}
