/* Derivatives of a network's outputs by its inputs and parameters at the points of a batch, in inference: running statistics,
 * no dropout, no noise. A direction is carried through the layers,
 *
 *     ż_l = W_l·ȧ_{l−1} + V_l·a_{l−1} + v_b,   ȧ_l = f′ ⊙ ż_l
 *     z̈_l = W_l·ä_{l−1},   ä_l = f′ ⊙ z̈_l + f″ ⊙ ż_l²        (V = 0)
 *     g_{l−1} = W_lᵀ·(f′ ⊙ g_l)                              (back)
 *
 * for many directions and samples at once: they are the columns of one product. f′ and f″ are computed once a point. Since
 * the second line is linear in ä and ż², the sum of ä over directions goes through it like one: the forward Laplacian of Li et
 * al. 2023, arXiv:2307.08214. */
#ifndef TL_DIAGNOSE_DERIVATIVES_H
#define TL_DIAGNOSE_DERIVATIVES_H

#include "engine/pass.h"

/* Second derivatives: none; the sum over all directions; those of each. */
enum { TL_SECONDS_NONE, TL_SECONDS_SUM, TL_SECONDS_EACH };

/* What is known of a layer at the points, in tiles of features × samples; of level 0, how raw inputs
 * are read: before a projection, where there is one. */
typedef struct tl_derivative_level {
    void *slope, *curve; /* f′ and, for second derivatives, f″ */
    double
        *factors; /* of each unit of a normalised layer: γ, times 1/√(σ² + ε) where that is known; or NULL */
} tl_derivative_level;

typedef struct tl_derivatives {
    tl_pass *pass;               /* that has been run forward */
    int seconds;                 /* TL_SECONDS_… */
    int64_t directions;          /* D */
    int64_t count, chunks;       /* directions that go together; D over that, rounded up */
    int64_t samples, blocks;     /* samples that go together; and in each tile, rounded up */
    int64_t widest, columns;     /* of what is carried */
    tl_derivative_level *levels; /* 0 … L */
    double *factors;             /* where those of the levels lie */
    void *numbers;               /* where f′ and f″ lie */
    void *carried;               /* of each worker: twice widest × columns */
    double *sums;                /* of each worker: three numbers a column, then d_L a sample */
} tl_derivatives;

/* Runs the pass, whose inputs and slopes (tl_check_slopes) have been checked, forward, and takes the memory for derivatives along so many directions;
 * name is what messages begin with. What has begun can be asked any number of times; zeros may be ended, too. */
talus_status tl_derivatives_begin(tl_derivatives *derivatives, tl_pass *pass, int64_t directions, int seconds,
                                  const char *name);
void tl_derivatives_end(tl_derivatives *derivatives);

/* The same in two parts, for many batches: takes the memory for passes of at most so many samples, and how many bytes that is; and,
 * without taking any, runs the pass forward at the batch and the parameters that it has now. */
talus_status tl_derivatives_reserve(tl_derivatives *derivatives, tl_pass *pass, int64_t samples,
                                    int64_t directions, int seconds, const char *name);
int64_t tl_derivatives_bytes(talus_workspace *workspace, int64_t samples, int64_t directions, int seconds);
talus_status tl_derivatives_move(tl_derivatives *derivatives);

/* What is carried: every unit vector of the inputs; one of each sample; one of the parameters; and back, every unit vector of
 * the outputs. */
enum { TL_CARRY_INPUTS, TL_CARRY_VECTORS, TL_CARRY_PARAMETERS, TL_CARRY_OUTPUTS };

/* What is asked for. Element (unit i, direction k) of a sample goes to column i·unit_step + k·direction_step of its row. */
typedef struct tl_derivative_job {
    const tl_derivatives *derivatives;
    int carry;              /* TL_CARRY_… */
    const talus_matrix *v;  /* of TL_CARRY_VECTORS: n × d_0, f32 or f64 */
    const void *parameters; /* of TL_CARRY_PARAMETERS: P of the network's precision, finite */
    const talus_matrix *to; /* f32 or f64, with a row for each sample */
    int64_t unit_step, direction_step;
} tl_derivative_job;

/* Over the pool; the bits do not depend on the threads. In the caller's units. */
void tl_derivatives_run(const tl_derivative_job *job);

/* product (n × d_L) ← J·v for a v of the parameters, with D = 1. */
void tl_parameter_product(const tl_derivatives *derivatives, const void *v, const talus_matrix *product);

/* product (P) ← Jᵀ·u, or + Jᵀ·u, for u (n × d_L, f32 or f64): Σ over samples, by a pass that has been run forward and keeps
 * what it has found, such as that of derivatives. TALUS_ERROR_DATA if a number of u is not finite. */
talus_status tl_parameter_product_transposed(tl_pass *pass, const talus_matrix *u, bool add, void *product);

/* In each precision: f′, f″ of a tile; a task of a job. */
void tl_derivatives_prepare_f32(void *derivatives, int64_t tile, int worker);
void tl_derivatives_prepare_f64(void *derivatives, int64_t tile, int worker);
void tl_derivatives_carry_f32(void *job, int64_t task, int worker);
void tl_derivatives_carry_f64(void *job, int64_t task, int worker);

#endif
