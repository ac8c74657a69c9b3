#include <math.h>

#include "base/philox.h"
#include "base/real.h"
#include "network/initialize.h"

/* Two independent numbers of mean 0 and variance 1 from two uniform ones u, v in (0, 1):
 * uniform √3·(2u − 1); normal √(−2·log u)·(cos 2πv, sin 2πv)   (Box and Muller 1958) */
static void draw_pair(bool normal, double u, double v, double pair[2])
{
    static const double two_pi = 6.283185307179586, sqrt_3 = 1.7320508075688772;
    double radius = sqrt(-2 * log(u));
    pair[0] = normal ? radius * cos(two_pi * v) : sqrt_3 * (2 * u - 1);
    pair[1] = normal ? radius * sin(two_pi * v) : sqrt_3 * (2 * v - 1);
}

void TL(tl_draw_part)(const tl_part *part, const tl_draw *draw, void *parameters)
{
    real *numbers = (real *)parameters + part->offset;
    int64_t count = part->rows * part->cols;
    for (int64_t i = 0; i < count; i += 2) {
        tl_random_pair bits = tl_random(draw->seed, TL_PURPOSE_WEIGHTS, draw->item, (uint64_t)i / 2);
        double pair[2];
        draw_pair(draw->normal, tl_unit(bits.first), tl_unit(bits.second), pair);
        numbers[i] = (real)(draw->deviation * pair[0]);
        if (i + 1 < count)
            numbers[i + 1] = (real)(draw->deviation * pair[1]);
    }
}

void TL(tl_fill_part)(const tl_part *part, double value, void *parameters)
{
    real *numbers = (real *)parameters + part->offset;
    for (int64_t i = 0; i < part->rows * part->cols; i++)
        numbers[i] = (real)value;
}
