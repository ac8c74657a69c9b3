/* The kernels of a kind come in three families, each with one struct of arguments, so that a family can be given more
 * without a change to its kinds. Include it from templates.
 *
 * Arrays are tiles of features × samples: row i is feature i, its columns are samples, ld elements lie from one row to
 * the next. */
#ifndef TL_KERNELS_FAMILIES_H
#define TL_KERNELS_FAMILIES_H

#include <stdbool.h>

#include "base/real.h"
#include "kernels/coefficients.h"

/* forward   A = f(Z + b·1ᵀ) in place, and f′(Z + b·1ᵀ) where it is kept
 * backward  Δ ← Δ ⊙ f′(Z), and sums[i] = Σ_j Δ_ij */
typedef struct TL(tl_activation_args) {
    int64_t rows, cols, ld;
    real alpha;         /* α of the kinds that have one */
    const real *alphas; /* forward of the kinds that learn it: α of each row; NULL for alpha in all */
    const real *bias;   /* forward: of each row; NULL for 0 */
    real *a;            /* forward: Z comes in, A goes out; backward: A */
    real
        *slope; /* f′(Z), of kinds that compute it from Z: written by forward unless NULL, read by backward */
    real *negatives; /* min(Z, 0), of kinds that learn α: written by forward unless NULL */
    real *delta;     /* backward */
    real *sums;      /* backward: of each row */
    double *squares; /* forward adds Σ A_ij² + Σ negatives_ij², or a bound of it; backward adds Σ Δ_ij² */
} TL(tl_activation_args);

typedef struct TL(tl_activation_kernel) {
    void (*forward)(const TL(tl_activation_args) * args);
    void (*backward)(const TL(tl_activation_args) * args);
} TL(tl_activation_kernel);

/* Normalisation of a layer: ẑ = (z − μ)·r with r = 1/√(σ² + ε), where μ and σ² are those of a column, or those given for a row.
 * forward   A = γ ⊙ ẑ in the place of Z; the shift β comes with the activation, as its bias
 * backward  Δ, which comes in as ∂C/∂(γ ⊙ ẑ + β), becomes ∂C/∂Z. With columns' statistics it gives sums of rows: Σ_j Δ_ij·ẑ_ij
 *           of the Δ that comes in, and Σ_j Δ_ij of the one that goes out */
typedef struct TL(tl_normalize_args) {
    int64_t rows, cols, ld;
    double epsilon;
    const real *scale;               /* γ of each row */
    real *a;                         /* forward: Z comes in, γ ⊙ ẑ goes out */
    real *normalized;                /* ẑ: written by forward unless NULL, read by backward */
    real *inverse;                   /* of columns: r of each, written by forward, read by backward */
    const double *means, *variances; /* of rows: of each */
    const double *straight, *along;  /* of rows, backward: the means over the batch of Δ and Δ ⊙ ẑ */
    real *delta;                     /* backward */
    real *scale_sums, *sums;
    double *squares; /* forward adds Σ ẑ_ij², or what it cannot exceed; backward adds Σ Δ_ij² */
} TL(tl_normalize_args);

/* Σ over the samples of weight·(correct decisions), and of weight·(decisions that there were to make). */
typedef struct tl_decisions {
    double correct, made;
} tl_decisions;

/* run     returns Σ_j weight_j·loss_j over the samples j, and writes delta = ∂(Σ_j scale_j·loss_j)/∂A, or for the losses
 *         that are computed together with an activation ∂/∂Z, where Z comes in and A goes out
 * decide  counts correct decisions; NULL where there are none */
typedef struct TL(tl_loss_args) {
    int64_t rows, cols, ld;
    real *a;               /* A, or Z with its bias */
    const real *y;         /* the targets */
    real *delta;           /* not written by decide */
    const double *weights; /* of each sample */
    const real *scales;    /* of each sample: its weight over the sum of all weights of the batch */
    real parameter;        /* of the losses that have one */
    bool missing; /* a target may be NaN, and then counts nothing: the output's, or, where the loss is not
                              a sum over the outputs, the sample's */
    const real *output_weights; /* of each output; NULL: all are 1 */
    double *sample_losses;      /* to which loss_j of each sample is added; NULL: not wanted */
} TL(tl_loss_args);

typedef struct TL(tl_loss_kernel) {
    double (*run)(const TL(tl_loss_args) * args);
    tl_decisions (*decide)(const TL(tl_loss_args) * args);
} TL(tl_loss_kernel);

/* Dropout: A ← A ⊙ M and slope ← slope ⊙ M, where an element of M is 0 with the probability threshold/2¹⁶, else
 * scale. It is 0 if its 16 random bits are below the threshold: unit u of sample s has bits 16·(u mod 8) … of the block with
 * the counter (s, u/8, 0, 0) of Philox4x32-10 under the key. */
typedef struct TL(tl_dropout_args) {
    int64_t rows, cols, ld;
    int64_t unit, sample; /* of the first row and column */
    uint32_t key[2];
    uint32_t threshold;
    real scale;
    real *a;
    real *slope;     /* or NULL */
    double *squares; /* Σ A_ij² is added */
} TL(tl_dropout_args);

/* An update rule on rows × cols parameters. The states have the layout of the parameters. */
typedef struct TL(tl_update_args) {
    int64_t rows, cols, ld, ld_gradient;
    real *theta;
    real *states[TL_MOST_STATES]; /* as many as the rule has */
    const real *gradient;
    const real *coefficients; /* of coefficients.h */
} TL(tl_update_args);

typedef void TL(tl_update_kernel)(const TL(tl_update_args) * args);

#endif
