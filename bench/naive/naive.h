/* The reference that everything answers to: forward, loss, backward and update as the equations stand, in
 * plain loops over dense row-major matrices.
 *
 *     A_0  = X                                        n × d_0
 *     Z_l  = A_{l−1}·W_lᵀ + 1·b_lᵀ                    n × d_l,   l = 1 … L
 *     A_l  = f_l(Z_l)                                 n × d_l
 *     C    = 1/n · Σ_i loss(row i of A_L, row i of Y)
 *     Δ_l  = ∂C/∂Z_l = (Δ_{l+1}·W_{l+1}) ⊙ f_l′(Z_l)  n × d_l,   l = L−1 … 1
 *     ∇W_l = Δ_lᵀ·A_{l−1},   ∇b_l = Δ_lᵀ·1            d_l × d_{l−1},  d_l
 *     ∂C/∂X = Δ_1·W_1                                 n × d_0
 *
 * with normalisation between Z_l and f_l where a layer has it. Parameters θ and gradients are flat vectors: W_1 by rows,
 * b_1, γ_1, β_1, α_1, W_2, … of those that the layers have. Everything is in double
 * precision; compiled with -DBENCH_PRECISION=32 it is in float, and the names of its functions and types
 * end in _f32. */
#ifndef BENCH_NAIVE_H
#define BENCH_NAIVE_H

#include <stdint.h>
#include <talus/network.h>
#include <talus/optimizer.h>

#if defined(BENCH_PRECISION) && BENCH_PRECISION == 32
typedef float naive_real;
#define naive_targets      naive_targets_f32
#define naive_pass         naive_pass_f32
#define naive_optimizer    naive_optimizer_f32
#define naive_pass_create  naive_pass_create_f32
#define naive_pass_destroy naive_pass_destroy_f32
#define naive_forward      naive_forward_f32
#define naive_cost         naive_cost_f32
#define naive_gradient     naive_gradient_f32
#define naive_backward     naive_backward_f32
#define naive_update       naive_update_f32
#define naive_has          naive_has_f32
#define naive_weights_at   naive_weights_at_f32
#define naive_biases_at    naive_biases_at_f32
#define naive_scales_at    naive_scales_at_f32
#define naive_shifts_at    naive_shifts_at_f32
#define naive_slopes_at    naive_slopes_at_f32
#define naive_count        naive_count_f32
#define naive_target_count naive_target_count_f32
#else
typedef double naive_real;
#endif

#define NAIVE_MAX_LAYERS 64

typedef struct naive_network {
    int L;                              /* layers, 1 … NAIVE_MAX_LAYERS */
    int64_t d[NAIVE_MAX_LAYERS + 1];    /* widths d_0 … d_L */
    int f[NAIVE_MAX_LAYERS + 1];        /* a talus_activation for each layer 1 … L */
    double alpha[NAIVE_MAX_LAYERS + 1]; /* α, but of prelu; 0 means 0.01 for leaky_relu, 1 for the others */
    int loss;                           /* a talus_loss */
    double
        loss_parameter; /* of the losses that have one; 0 means 1 for δ of huber, ½ for τ of quantile, 2 for γ of focal */
    int norm[NAIVE_MAX_LAYERS + 1];           /* a talus_normalization for each layer 1 … L */
    double epsilon[NAIVE_MAX_LAYERS + 1];     /* ε of a normalised layer; 0 means 1e-5 */
    int without_biases[NAIVE_MAX_LAYERS + 1]; /* 1: there is no b_l */
} naive_network;

/* Y, given as n × d_L values (d_L/2 for gaussian_nll) or as n labels: with one output y = label, else y_k = 1 for k = label, 0
 * elsewhere. */
typedef struct naive_targets {
    const naive_real *values; /* or NULL */
    const int32_t *labels;    /* read if values is NULL */
} naive_targets;

/* What a pass over a batch leaves behind, for looking at. */
typedef struct naive_pass {
    naive_network net;
    int64_t n;
    naive_real *Z[NAIVE_MAX_LAYERS + 1];          /* Z_1 … Z_L; γ ⊙ ẑ_l + β of a normalised layer */
    naive_real *normalized[NAIVE_MAX_LAYERS + 1]; /* ẑ_l of normalised layers */
    naive_real *A[NAIVE_MAX_LAYERS + 1];          /* A_0 … A_L */
    naive_real *delta[NAIVE_MAX_LAYERS + 1];      /* Δ_1 … Δ_L */
    naive_real *inverse[NAIVE_MAX_LAYERS + 1]; /* 1/√(σ² + ε) of each sample or unit of a normalised layer */
} naive_pass;

/* A matrix of a method for matrices: where its rows × cols numbers stand in the vector. */
typedef struct naive_matrix {
    int64_t at, rows, cols;
    const naive_real *left, *right; /* of soap: the bases of the step, rows × rows and cols × cols */
} naive_matrix;

/* An optimiser: spec, and in the beginning t = 0 and states of zeros. The states are P numbers each; which a method has,
 * updates.c says. */
typedef struct naive_optimizer {
    talus_optimizer_spec spec;
    int64_t t; /* steps taken */
    naive_real *m, *v, *u;
    double sum;          /* of schedule_free, Σγ²; of nadam, what Π μ_i lacks to 1 */
    double cost, before; /* of irprop_plus: C at θ, to be set before a step; and at the step before */
    int matrix_count;
    naive_matrix *matrices;
} naive_optimizer;

/* The number of parameters P, and where W_l, b_l, γ_l, β_l and α_l stand in a flat vector. */
int64_t naive_count(const naive_network *net);
int64_t naive_target_count(const naive_network *net); /* of a sample */
int64_t naive_weights_at(const naive_network *net, int l);
int64_t naive_biases_at(const naive_network *net, int l);
int64_t naive_scales_at(const naive_network *net, int l);
int64_t naive_shifts_at(const naive_network *net, int l);
int64_t naive_slopes_at(const naive_network *net, int l);

/* Memory for passes over n samples; NULL if there is none. */
naive_pass *naive_pass_create(const naive_network *net, int64_t n);
void naive_pass_destroy(naive_pass *pass);

/* Z_l and A_l for the inputs X (n × d_0). */
void naive_forward(naive_pass *pass, const naive_real *theta, const naive_real *X);

/* C of the forward pass that was made. */
double naive_cost(const naive_pass *pass, const naive_targets *Y);

/* Forward, C, and backward: returns C, gradient = ∂C/∂θ. */
double naive_gradient(naive_pass *pass, const naive_real *theta, const naive_real *X, const naive_targets *Y,
                      naive_real *gradient);

/* Backward through the forward pass that was made, from the caller's G = ∂C/∂A_L (n × d_L).
 * gradient (P) = ∂C/∂θ and input_gradient (n × d_0) = ∂C/∂X may each be NULL. */
void naive_backward(naive_pass *pass, const naive_real *theta, const naive_real *G, naive_real *gradient,
                    naive_real *input_gradient);

/* Whether there is such an update rule here: methods that search along lines have none. */
int naive_has(int method);

/* One step of an optimiser on count parameters; weight decay is for all of them. */
void naive_update(naive_optimizer *optimizer, int64_t count, naive_real *theta, const naive_real *gradient);

#endif
