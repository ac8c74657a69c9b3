#include <string.h>

#include "diagnose/derivative_block.h"
#include "kernels/kernels.h"

/* W_1·ȧ_0 for the unit vectors of the raw inputs: columns of W_1, scaled. ä_0 = 0. */
void TL(tl_block_begin_inputs)(const TL(tl_block) * b)
{
    const tl_layer *layer = &b->network->layers[1];
    const tl_scaling *scaling = &b->network->input_scaling;
    const TL(tl_directions) x = tl_block_directions(b, 1);
    const int64_t columns = TL(tl_directions_columns)(&x);
    const real *w = tl_block_part(b, b->network->parameters, 1, TALUS_PART_WEIGHTS);
    memset(x.x, 0, (size_t)(x.rows * columns) * sizeof *x.x);
    for (int64_t i = 0; i < x.rows; i++)
        for (int64_t k = 0; k < x.count; k++) {
            const int64_t input = b->first + k;
            const double slope = (double)w[i * layer->inputs + input] *
                                 tl_block_scale(scaling, scaling->scale, input);
            for (int64_t j = 0; j < x.samples; j++)
                x.x[i * columns + k * x.samples + j] = (real)slope;
        }
}

/* ȧ_0: the samples' vectors, scaled. */
void TL(tl_block_begin_vectors)(const TL(tl_block) * b)
{
    const TL(tl_kernels) *kernels = b->d->pass->workspace->kernels;
    const tl_scaling *scaling = &b->network->input_scaling;
    const TL(tl_directions) x = tl_block_directions(b, 0);
    const tl_source source = {
        .matrix = *b->job->v, .scale = scaling->scale, .scale_step = scaling->count > 1 ? 1 : 0};
    real *rows = b->carried[1];
    double unused = 0;
    (void)kernels->gather(&source, b->row, x.samples, rows, x.rows, &unused);
    kernels->transpose(x.samples, x.rows, rows, x.rows, x.x, x.samples);
}

/* g_L: the unit vectors of the outputs in the caller's units. */
void TL(tl_block_begin_outputs)(const TL(tl_block) * b)
{
    const tl_scaling *scaling = tl_scaling_of_outputs(b->network);
    const TL(tl_directions) x = tl_block_directions(b, b->network->layer_count);
    const int64_t columns = TL(tl_directions_columns)(&x);
    memset(x.x, 0, (size_t)(x.rows * columns) * sizeof *x.x);
    for (int64_t k = 0; k < x.count; k++) {
        const int64_t i = b->first + k;
        for (int64_t j = 0; j < x.samples; j++)
            x.x[i * columns + k * x.samples + j] = (real)tl_block_scale(scaling, scaling->inverse, i);
    }
}
