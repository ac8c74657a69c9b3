/* Sums over the samples of a pass: of the products of what a layer is given, or of its deltas. They are tiles as those of phase B,
 * for whoever wants the factors of a layer's curvature. */
#ifndef TL_ENGINE_MOMENTS_H
#define TL_ENGINE_MOMENTS_H

#include "engine/pass.h"

/* Receives the lower triangle, i ≥ j, of Σ u·uᵀ (size × size) over the samples, with u the numbers from `first` on of (A_{l−1} 1) or of
 * Δ_l. The 1 is number d_{l−1}. What is above the diagonal is undefined. */
typedef struct tl_moment {
    int layer;
    bool of_deltas;
    int64_t first, size;
    void *sum;
} tl_moment;

/* After a pass with TL_KEEP, TL_BACKWARD and TL_WEIGHTS, before the next on its workspace. With pass->add the sums are added to
 * what stands there. */
void tl_pass_sum_moments(const tl_pass *pass, const tl_moment *moments, int64_t count);

/* In each precision. */
void tl_sum_moment_f32(const tl_pass *pass, const tl_moment *moment);
void tl_sum_moment_f64(const tl_pass *pass, const tl_moment *moment);

#endif
