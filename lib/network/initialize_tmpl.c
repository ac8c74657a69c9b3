#include "base/philox.h"
#include "base/real.h"
#include "network/initialize.h"

/* Two independent uniform numbers of mean 0 and variance 1: √3·(2u − 1). */
static void uniform_pair(tl_random_pair bits, double pair[2])
{
    static const double sqrt_3 = 1.7320508075688772;
    pair[0] = sqrt_3 * (2 * tl_unit(bits.first) - 1);
    pair[1] = sqrt_3 * (2 * tl_unit(bits.second) - 1);
}

void TL(tl_draw_part)(const tl_part *part, const tl_draw *draw, void *parameters)
{
    real *numbers = (real *)parameters + part->offset;
    int64_t count = part->rows * part->cols;
    for (int64_t i = 0; i < count; i += 2) {
        tl_random_pair bits = tl_random(draw->seed, TL_PURPOSE_WEIGHTS, draw->item, (uint64_t)i / 2);
        double pair[2];
        (draw->normal ? tl_normal_pair : uniform_pair)(bits, pair);
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

void TL(tl_scale_part)(const tl_part *part, double factor, void *parameters)
{
    real *numbers = (real *)parameters + part->offset;
    for (int64_t i = 0; i < part->rows * part->cols; i++)
        numbers[i] = (real)(factor * (double)numbers[i]);
}
