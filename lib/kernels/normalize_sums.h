/* What is known of numbers that are normalised together: those of a sample, or of a unit over the batch. */
#ifndef TL_KERNELS_NORMALIZE_SUMS_H
#define TL_KERNELS_NORMALIZE_SUMS_H

typedef struct tl_normalize_sums {
    double inverse;            /* r = 1/√(σ² + ε) */
    double z_dot, z_dot_along; /* Σ ż and Σ ż·ẑ */
    double g, g_along;         /* Σ g and Σ g·ẑ with g = γ·∂C/∂(γ·ẑ + β) */
    double g_dot, g_along_dot; /* their tangents */
} tl_normalize_sums;

#endif
