/* A tile of samples on its way through phase A. Template header. */
#ifndef TL_ENGINE_TILE_H
#define TL_ENGINE_TILE_H

#include "base/real.h"
#include "engine/pass.h"
#include "kernels/kernels.h"

typedef struct TL(tl_tile) {
    const tl_pass *pass;
    const TL(tl_kernels) * kernels;
    const tl_level *levels; /* 0 … L */
    const real *parameters;
    real *scratch; /* of the worker */
    tl_tile_report *report;
    tl_extent *extent; /* of the worker */
    int64_t index;     /* of the tile */
    int64_t first;     /* its first sample */
    int64_t samples;   /* that it holds */
    int64_t columns;   /* that are computed, samples or more */
    int64_t width;     /* its leading dimension, columns or more */
} TL(tl_tile);

/* phase_a_tmpl.c: a tile of a pass that has its schedule, as a worker sees it. */
TL(tl_tile) TL(tl_make_tile)(const tl_pass *pass, int64_t index, int worker);

/* The tile's part of an array of features × samples of a level, from feature `row` on. */
static inline real *tl_part_of(const TL(tl_tile) * tile, void *array, const tl_level *level, int64_t row)
{
    return (real *)array + (tile->index * level->width + row) * tile->width;
}

/* The tile's rows of a level by samples: kept for phase B, or only here. */
static inline real *tl_rows_of(const TL(tl_tile) * tile, const tl_level *level)
{
    bool kept = (tile->pass->work & TL_KEEP) && level->samples != NULL;
    return kept ? (real *)level->samples + tile->index * tile->width * level->ld : tile->scratch;
}

/* layer_tmpl.c: rows of W, or of Wᵀ where W lies across, that multiply a tile: the first starts at w. C (rows × columns) = op(W)·B,
 * or is added to; and a piece of the inner index, from p on. */
typedef struct TL(tl_weight_rows) {
    const real *w;
    int64_t ld, rows, inner;
    bool across;
} TL(tl_weight_rows);

void TL(tl_multiply)(const TL(tl_tile) * tile, const TL(tl_weight_rows) * w, const real *b, bool continued,
                     real *c);
TL(tl_weight_rows) TL(tl_piece_of)(const TL(tl_weight_rows) * w, int64_t p, int64_t step);

/* projection_tmpl.c: reads the inputs and projects them to an array of features × samples; false if numbers are not finite.
 * And the gradient by them, which takes the place of the inputs in `raw`. */
bool TL(tl_project)(const TL(tl_tile) * tile, real *features);
void TL(tl_project_back)(const TL(tl_tile) * tile, const real *deltas);

/* load_tmpl.c: A_0; Y, or the caller's ∂C/∂A_L, to an array of features × samples; the weights of the samples, as they
 * are and over their sum. */
void TL(tl_load_inputs)(const TL(tl_tile) * tile);
void TL(tl_load_targets)(const TL(tl_tile) * tile, real *to);
void TL(tl_load_weights)(const TL(tl_tile) * tile, double *weights, real *scales);

/* Columns without a sample become 0. */
void TL(tl_clear_rest)(const TL(tl_tile) * tile, real *features, int64_t rows);

/* The numbers of a part of layer l; NULL if it has none of the kind. */
static inline const real *tl_part_values(const TL(tl_tile) * tile, int l, int kind)
{
    const tl_part *part = tl_layer_part(&tile->pass->network->layers[l], kind);
    return part == NULL ? NULL : tile->parameters + part->offset;
}

/* layer_tmpl.c: the stages of the same names, for rows of a layer in several tiles, or for a tile as a whole. */
void TL(tl_forward)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                    int64_t rows);
void TL(tl_backward)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                     int64_t rows);
void TL(tl_whole_forward)(const TL(tl_tile) * tile, int l);
void TL(tl_whole_backward)(const TL(tl_tile) * tile, int l);

/* Rows of Δ_l that are final, for the products that follow. */
void TL(tl_finish_deltas)(const TL(tl_tile) * tiles, int64_t count, int l, int64_t row, int64_t rows);

/* The product of the stage backward: rows of W_{l+1}ᵀ·Δ_{l+1}. */
void TL(tl_descend)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                    int64_t rows);

/* The activation of one of several ranges of outputs, whose Z_L have their biases. */
void TL(tl_activate_range)(const TL(tl_tile) * tile, const tl_range *range);

/* normalization_tmpl.c: the stages of the same names. */
void TL(tl_normalize)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                      int64_t rows);
void TL(tl_normalize_backward)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                               int64_t rows);

/* What a layer that is normalised over the batch collects of a tile: the moments of rows of Z_l, and the sums for γ_l. */
void TL(tl_collect_moments)(const TL(tl_tile) * tile, int l, int64_t row, int64_t rows);
void TL(tl_collect_sums)(const TL(tl_tile) * tile, int l, int64_t row, int64_t rows);

/* Rows of A_l = f_l(Z_l + b·1ᵀ) in the place of Z_l, with the copy by samples; without f_l, where it comes later. */
void TL(tl_activate)(const TL(tl_tile) * tile, int l, const real *biases, int64_t row, int64_t rows);

/* Δ_l ← Δ_l ⊙ f_l′, or ⊙ 1 for the identity, with the sums for what is added before f_l: b_l, or β_l. */
void TL(tl_differentiate)(const TL(tl_tile) * tile, int l, int activation, int64_t row, int64_t rows);

/* mask_tmpl.c: what is drawn in training. Noise is added to inputs by samples. Dropout of rows of A_l, which start at `row`,
 * and of slopes, which may be NULL. */
void TL(tl_add_noise)(const TL(tl_tile) * tile, real *inputs, int64_t ld);
void TL(tl_drop)(const TL(tl_tile) * tile, int l, int64_t row, int64_t rows, real *a, real *slopes);

/* output_tmpl.c: what is done with A_L. */
void TL(tl_outputs)(const TL(tl_tile) * tile);

/* store_tmpl.c: A_L and ∂C/∂X go to the caller's matrices, in its units. */
void TL(tl_store_outputs)(const TL(tl_tile) * tile);
void TL(tl_store_input_gradient)(const TL(tl_tile) * tile);

#endif
