/* The parameters of a network as the x of its squares: doubles, with their penalties. */
#include "train/network_squares.h"

void tl_parameters_get(const talus_network *network, double *theta)
{
    for (int64_t i = 0; i < network->parameter_count; i++)
        theta[i] = network->precision == TALUS_DTYPE_F64 ? ((const double *)network->parameters)[i]
                                                         : (double)((const float *)network->parameters)[i];
}

void tl_parameters_set(talus_network *network, const double *theta)
{
    for (int64_t i = 0; i < network->parameter_count; i++)
        if (network->precision == TALUS_DTYPE_F64)
            ((double *)network->parameters)[i] = theta[i];
        else
            ((float *)network->parameters)[i] = (float)theta[i];
}

/* √l2·w is a residual of its own. */
double tl_network_penalties(const talus_network *network, const double *x, double *diagonal, int64_t step,
                            double *g)
{
    double cost = 0;
    for (int l = 1; l <= network->layer_count; l++) {
        const double l2 = network->layers[l].l2;
        const tl_part *part = tl_layer_part(&network->layers[l], TALUS_PART_WEIGHTS);
        for (int64_t i = part->offset; l2 > 0 && i < part->offset + part->rows * part->cols; i++) {
            cost += l2 * x[i] * x[i] / 2;
            if (diagonal != NULL)
                diagonal[i * step] += l2;
            if (g != NULL)
                g[i] += l2 * x[i];
        }
    }
    return cost;
}
