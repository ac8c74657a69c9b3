#include "network/fold.h"

#include <math.h>

#include "base/real.h"

static real *values(const talus_network *network, int l, int part)
{
    return (real *)network->parameters + tl_layer_part(&network->layers[l], part)->offset;
}

/* γ·((w·a) − μ)/√(σ² + ε) + β = (r·w)·a + (β − r·μ) with r = γ/√(σ² + ε), each rounded once. */
void TL(tl_fold_layer)(const talus_network *from, talus_network *to, int l)
{
    const tl_layer *layer = &from->layers[l];
    const real *scales = values(from, l, TALUS_PART_NORM_SCALES),
               *shifts = values(from, l, TALUS_PART_NORM_SHIFTS);
    real *weights = values(to, l, TALUS_PART_WEIGHTS), *biases = values(to, l, TALUS_PART_BIASES);
    for (int64_t i = 0; i < layer->width; i++) {
        double r = (double)scales[i] / sqrt(layer->variances[i] + layer->epsilon);
        for (int64_t j = 0; j < layer->inputs; j++)
            weights[i * layer->inputs + j] = (real)(r * (double)weights[i * layer->inputs + j]);
        biases[i] = (real)((double)shifts[i] - r * layer->means[i]);
    }
}
