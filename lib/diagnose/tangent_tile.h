/* A tile of samples on its way through a product of the Hessian. Template header. */
#ifndef TL_DIAGNOSE_TANGENT_TILE_H
#define TL_DIAGNOSE_TANGENT_TILE_H

#include "base/real.h"
#include "diagnose/hessian.h"

/* A tile, and where things lie in the flat vectors. */
typedef struct TL(tl_tangent_tile) {
    const tl_hessian *hessian;
    const talus_network *network;
    const real *theta, *v;
    real *product;
    int64_t index, place, samples, width;
} TL(tl_tangent_tile);

/* The numbers of a part in a flat vector; NULL if the layer has none. */
static inline const real *tl_part_in(const TL(tl_tangent_tile) * t, const real *flat, int l, int kind)
{
    const tl_part *part = tl_layer_part(&t->network->layers[l], kind);
    return part == NULL ? NULL : flat + part->offset;
}

/* The tile's numbers in an array of the workspace with so many rows, and in one of the places. */
static inline real *tl_kept(const TL(tl_tangent_tile) * t, void *array, int64_t rows)
{
    return (real *)array + t->index * rows * t->width;
}

static inline real *tl_placed(const TL(tl_tangent_tile) * t, void *array, int64_t rows)
{
    return (real *)array + t->place * rows * t->width;
}

static inline const real *tl_activations(const TL(tl_tangent_tile) * t, int l)
{
    const tl_level *level = &t->hessian->pass->workspace->levels[l];
    return tl_kept(t, level->features, level->width);
}

static inline const real *tl_activations_dot(const TL(tl_tangent_tile) * t, int l)
{
    return tl_placed(t, t->hessian->levels[l].a_dot, t->network->layers[l].width);
}

static inline real *tl_delta(const TL(tl_tangent_tile) * t, int l)
{
    return tl_placed(t, t->hessian->delta[l % 2], t->hessian->widest);
}

static inline real *tl_delta_dot(const TL(tl_tangent_tile) * t, int l)
{
    return tl_placed(t, t->hessian->delta_dot[l % 2], t->hessian->widest);
}

/* hessian_tmpl.c: (H·v)_part += Σ_j x_ij·y_ij, without ⊙ y if that is NULL. Nothing where layer l has no such part. */
void TL(tl_tangent_add_sums)(const TL(tl_tangent_tile) * t, int l, int kind, const real *x, const real *y);

/* tangent_normalization_tmpl.c: what the steps of a normalised layer do there: after its product, before f, after f′, and
 * before its shares. */
void TL(tl_tangent_sum_forward)(const TL(tl_tangent_tile) * t, int l);
void TL(tl_tangent_normalize)(const TL(tl_tangent_tile) * t, int l);
void TL(tl_tangent_sum_backward)(const TL(tl_tangent_tile) * t, int l);
void TL(tl_tangent_normalize_backward)(const TL(tl_tangent_tile) * t, int l);

#endif
