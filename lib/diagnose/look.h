/* What the arrays say that a pass has left in its workspace: those of the last pass that went forward and back. */
#ifndef TL_DIAGNOSE_LOOK_H
#define TL_DIAGNOSE_LOOK_H

#include "engine/pass.h"

/* A layer l, after a pass. */
typedef struct tl_look {
    const tl_pass *pass;
    int layer;
} tl_look;

/* What is seen of a unit over samples: Σ Δ²; of the |f′| that were looked at, how many are below a limit; and whether one is
 * not 0. Where outputs were dropped, f′ is that of the others. */
typedef struct tl_unit_look {
    double squares;
    int64_t seen, little;
    bool lives;
} tl_unit_look;

/* Adds what a pass shows of a unit. `little` is the limit, and below 0 if Δ_l does not pass through f_l′. */
void tl_look_at_unit_f32(const tl_look *look, int64_t i, double little, tl_unit_look *unit);
void tl_look_at_unit_f64(const tl_look *look, int64_t i, double little, tl_unit_look *unit);

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
