#include <math.h>

#include "base/philox.h"
#include "base/real.h"
#include "network/initialize.h"

static double variance(const tl_layer *layer)
{
    double fan_in = (double)layer->inputs, fan_out = (double)layer->width;
    double slope = layer->activation == TALUS_LEAKY_RELU ? layer->alpha : 0;
    switch (layer->initializer) {
    case TALUS_INIT_GLOROT_UNIFORM:
    case TALUS_INIT_GLOROT_NORMAL:
        return 2 / (fan_in + fan_out);
    case TALUS_INIT_LECUN_UNIFORM:
    case TALUS_INIT_LECUN_NORMAL:
        return 1 / fan_in;
    default:
        return 2 / ((1 + slope * slope) * fan_in);
    }
}

static bool is_normal(int initializer)
{
    return initializer == TALUS_INIT_HE_NORMAL || initializer == TALUS_INIT_GLOROT_NORMAL ||
           initializer == TALUS_INIT_LECUN_NORMAL;
}

/* Two independent numbers of mean 0 and variance 1 from two uniform ones u, v in (0, 1):
 * uniform √3·(2u − 1); normal √(−2·log u)·(cos 2πv, sin 2πv)   (Box and Muller 1958) */
static void draw_pair(bool normal, double u, double v, double pair[2])
{
    static const double two_pi = 6.283185307179586, sqrt_3 = 1.7320508075688772;
    double radius = sqrt(-2 * log(u));
    pair[0] = normal ? radius * cos(two_pi * v) : sqrt_3 * (2 * u - 1);
    pair[1] = normal ? radius * sin(two_pi * v) : sqrt_3 * (2 * v - 1);
}

void TL(tl_initialize_layer)(const tl_layer *layer, int number, uint64_t seed, void *parameters)
{
    real *weights = (real *)parameters + layer->weights, *biases = (real *)parameters + layer->biases;
    int64_t count = layer->width * layer->inputs;
    double deviation = sqrt(variance(layer));
    for (int64_t i = 0; i < count; i += 2) {
        tl_random_pair bits = tl_random(seed, TL_PURPOSE_WEIGHTS, (uint32_t)number, (uint64_t)i / 2);
        double pair[2];
        draw_pair(is_normal(layer->initializer), tl_unit(bits.first), tl_unit(bits.second), pair);
        weights[i] = (real)(deviation * pair[0]);
        if (i + 1 < count)
            weights[i + 1] = (real)(deviation * pair[1]);
    }
    for (int64_t i = 0; i < layer->width; i++)
        biases[i] = 0;
}
