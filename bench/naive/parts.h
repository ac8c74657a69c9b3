/* What the files of the reference share. */
#ifndef BENCH_NAIVE_PARTS_H
#define BENCH_NAIVE_PARTS_H

#include "naive.h"

#if defined(BENCH_PRECISION) && BENCH_PRECISION == 32
#define naive_activate      naive_activate_f32
#define naive_differentiate naive_differentiate_f32
#define naive_output_delta  naive_output_delta_f32
#define naive_normalize     naive_normalize_f32
#define naive_denormalize   naive_denormalize_f32
#define naive_softplus      naive_softplus_f32
#define naive_largest       naive_largest_f32
#endif

typedef naive_real real;

/* A_l = f_l(Z_l) */
void naive_activate(naive_pass *pass, int l, const real *theta);

/* ∂C/∂Z_l from G = ∂C/∂A_l, which it replaces; ∂C/∂α of prelu to its place in the gradient, which may be NULL */
void naive_differentiate(const naive_pass *pass, int l, const real *theta, real *G, real *gradient);

/* Normalised layers: γ ⊙ ẑ + β in the place of Z_l; ∂C/∂Z_l in the place of ∂C/∂(γ ⊙ ẑ + β), and ∂C/∂γ, ∂C/∂β to their
 * places in the gradient, which may be NULL */
void naive_normalize(naive_pass *pass, int l, const real *theta);
void naive_denormalize(naive_pass *pass, int l, const real *theta, real *gradient);

/* Δ_L of the forward pass that was made, with ∂C/∂α as above */
void naive_output_delta(naive_pass *pass, const real *theta, const naive_targets *Y, real *gradient);

/* log(1 + exp(z)), without overflow; max_k z_k */
real naive_softplus(real z);
real naive_largest(int64_t d, const real *z);

#endif
