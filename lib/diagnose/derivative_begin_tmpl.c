#include <string.h>

#include "diagnose/derivative_block.h"
#include "kernels/kernels.h"

/* What the first product, with W_1 or a projection, makes of the unit vectors: its columns, times how a raw input is read. */
void TL(tl_block_begin_inputs)(const TL(tl_block) * b)
{
    const bool projects = tl_block_projects(b);
    const int64_t inputs = tl_network_columns(b->network);
    const tl_derivative_level *read = &b->d->levels[0];
    const TL(tl_directions) x = tl_block_directions(b, projects ? 0 : 1);
    const int64_t columns = TL(tl_directions_columns)(&x);
    const real *w = projects ? b->network->input_projection.factors
                             : tl_block_part(b, b->network->parameters, 1, TALUS_PART_WEIGHTS);
    memset(x.x, 0, (size_t)(x.rows * columns) * sizeof *x.x);
    for (int64_t i = 0; i < x.rows; i++)
        for (int64_t k = 0; k < x.count; k++) {
            const real weight = w[i * inputs + b->first + k], *slope, *curve;
            real *row = x.x + i * columns;
            slope = tl_block_points(b, read->slope, inputs, b->first + k);
            for (int64_t j = 0; j < x.samples; j++)
                row[k * x.samples + j] = weight * slope[j];
            if (x.seconds == 0 || b->network->input_clip == 0)
                continue;
            curve = tl_block_points(b, read->curve, inputs, b->first + k);
            row += (x.count + (x.seconds == 1 ? 0 : k)) * x.samples;
            for (int64_t j = 0; j < x.samples; j++)
                row[j] += weight * curve[j];
        }
}

/* The samples' vectors, by raw inputs. */
void TL(tl_block_begin_vectors)(const TL(tl_block) * b)
{
    const TL(tl_kernels) *kernels = b->d->pass->workspace->kernels;
    const TL(tl_directions) x = tl_block_raw(b);
    const tl_source source = {.matrix = *b->job->v};
    real *rows = b->carried[tl_block_projects(b) ? 0 : 1];
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
