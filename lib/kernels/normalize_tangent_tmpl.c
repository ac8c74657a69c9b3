/* Tangents of a normalisation ẑ = (z − μ)·r, r = 1/√(σ² + ε), and of its derivative. Means are over a group. */
#include "kernels/curvature.h"

static tl_normalize_sums *group_of(const TL(tl_normalize_tangent) * x, int64_t i, int64_t j)
{
    return &x->groups[i * x->row_step + j * x->col_step];
}

void TL(tl_normalize_add_tangents)(const TL(tl_normalize_tangent) * x)
{
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->cols; j++) {
            tl_normalize_sums *group = group_of(x, i, j);
            const double z_dot = (double)x->normalized_dot[i * x->ld + j];
            group->z_dot += z_dot;
            group->z_dot_along += z_dot * (double)x->normalized[i * x->ld + j];
        }
}

/* From ṙ = −r²·mean(ẑ·ż) follows d/dt ẑ = r·(ż − mean ż − ẑ·mean(ẑ·ż)). */
void TL(tl_normalize_forward_tangent)(const TL(tl_normalize_tangent) * x)
{
    for (int64_t i = 0; i < x->rows; i++) {
        const double scale = (double)x->scale[i], scale_dot = (double)x->scale_dot[i];
        for (int64_t j = 0; j < x->cols; j++) {
            const tl_normalize_sums *group = group_of(x, i, j);
            const int64_t at = i * x->ld + j;
            const double hat = (double)x->normalized[at], off = group->z_dot + hat * group->z_dot_along,
                         hat_dot = group->inverse * ((double)x->normalized_dot[at] - x->share * off);
            x->normalized_dot[at] = (real)hat_dot;
            x->z[at] = (real)(scale * hat + (double)x->shift[i]);
            x->z_dot[at] = (real)(scale * hat_dot + scale_dot * hat + (double)x->shift_dot[i]);
        }
    }
}

void TL(tl_normalize_add_gradients)(const TL(tl_normalize_tangent) * x)
{
    for (int64_t i = 0; i < x->rows; i++) {
        const double scale = (double)x->scale[i], scale_dot = (double)x->scale_dot[i];
        for (int64_t j = 0; j < x->cols; j++) {
            tl_normalize_sums *group = group_of(x, i, j);
            const int64_t at = i * x->ld + j;
            const double hat = (double)x->normalized[at], hat_dot = (double)x->normalized_dot[at],
                         g = scale * (double)x->delta[at],
                         g_dot = scale_dot * (double)x->delta[at] + scale * (double)x->delta_dot[at];
            group->g += g;
            group->g_dot += g_dot;
            group->g_along += g * hat;
            group->g_along_dot += g_dot * hat + g * hat_dot;
        }
    }
}

/* δ = r·h with h = g − mean g − ẑ·mean(g·ẑ), so δ̇ = ṙ·h + r·ḣ with
 * ḣ = ġ − mean ġ − (d/dt ẑ)·mean(g·ẑ) − ẑ·d/dt mean(g·ẑ) */
void TL(tl_normalize_backward_tangent)(const TL(tl_normalize_tangent) * x)
{
    for (int64_t i = 0; i < x->rows; i++) {
        const double scale = (double)x->scale[i], scale_dot = (double)x->scale_dot[i];
        for (int64_t j = 0; j < x->cols; j++) {
            const tl_normalize_sums *group = group_of(x, i, j);
            const int64_t at = i * x->ld + j;
            const double r = group->inverse, r_dot = -r * r * x->share * group->z_dot_along,
                         hat = (double)x->normalized[at], hat_dot = (double)x->normalized_dot[at],
                         off = group->g + hat * group->g_along,
                         off_dot = group->g_dot + hat_dot * group->g_along + hat * group->g_along_dot,
                         h = scale * (double)x->delta[at] - x->share * off,
                         h_dot = scale_dot * (double)x->delta[at] + scale * (double)x->delta_dot[at] -
                                 x->share * off_dot;
            x->delta[at] = (real)(r * h);
            x->delta_dot[at] = (real)(r_dot * h + r * h_dot);
        }
    }
}
