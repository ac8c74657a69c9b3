/* What the arrays say that a pass has left in its workspace: those of the last pass that went forward and back. */
#ifndef TL_DIAGNOSE_LOOK_H
#define TL_DIAGNOSE_LOOK_H

#include "engine/pass.h"

/* A layer l, after a pass. */
typedef struct tl_look {
    const tl_pass *pass;
    int layer;
} tl_look;

/* Σ Δ_l² over units and samples, in double and in their order. */
double tl_sum_deltas_f32(const tl_look *look);
double tl_sum_deltas_f64(const tl_look *look);

/* The units whose f′ is 0 for all samples; and how many |f′| were looked at, over units and samples, and are below `little`.
 * Where outputs were dropped, f′ is that of the others. */
typedef struct tl_slopes {
    int64_t dead, seen, little;
} tl_slopes;
tl_slopes tl_count_slopes_f32(const tl_look *look, double little);
tl_slopes tl_count_slopes_f64(const tl_look *look, double little);

/* The first value, by samples, that is not finite among A_l (Δ_l if `deltas`); false if there is none. */
bool tl_find_in_layer_f32(const tl_look *look, bool deltas, int64_t *row, int64_t *col);
bool tl_find_in_layer_f64(const tl_look *look, bool deltas, int64_t *row, int64_t *col);

/* Element (row, col) of Z_l as A_{l−1} and the parameters give it, in double; infinite if it exceeds the precision. */
double tl_recompute_z_f32(const tl_look *look, int64_t row, int64_t col);
double tl_recompute_z_f64(const tl_look *look, int64_t row, int64_t col);

/* Σ (after − before)² of a part of two vectors, in double: a tl_vector_part, whose job is a tl_change. */
typedef struct tl_change {
    const void *before, *after;
} tl_change;
double tl_sum_change_f32(void *job, int64_t first, int64_t count);
double tl_sum_change_f64(void *job, int64_t first, int64_t count);

/* The first of so many numbers that is not finite; −1. */
int64_t tl_find_in_vector_f32(int64_t count, const void *x);
int64_t tl_find_in_vector_f64(int64_t count, const void *x);

#endif
