/* Samples of a tile on whom directions are carried. Template header. */
#ifndef TL_DIAGNOSE_DERIVATIVE_BLOCK_H
#define TL_DIAGNOSE_DERIVATIVE_BLOCK_H

#include "base/real.h"
#include "diagnose/derivatives.h"
#include "kernels/directions.h"

typedef struct TL(tl_block) {
    const tl_derivative_job *job;
    const tl_derivatives *d;
    const talus_network *network;
    int64_t tile, column;  /* of the tile, where the samples begin */
    int64_t row;           /* of the batch, where they begin */
    int64_t width;         /* of a tile */
    int64_t first;         /* of the directions */
    TL(tl_directions) x;   /* level by level */
    real *carried[2];      /* of a level and of the one before, by turns */
    double *sums, *totals; /* three numbers a column; Σ ä_L over the directions, d_L × samples */
} TL(tl_block);

/* The numbers of a part of layer l in a flat vector; NULL if it has none of the kind. */
static inline const real *tl_block_part(const TL(tl_block) * b, const void *flat, int l, int kind)
{
    const tl_part *part = tl_layer_part(&b->network->layers[l], kind);
    return part == NULL ? NULL : (const real *)flat + part->offset;
}

/* The block's samples in an array of features × samples of a level of so many rows. */
static inline real *tl_block_points(const TL(tl_block) * b, void *array, int64_t rows, int64_t row)
{
    return (real *)array + (b->tile * rows + row) * b->width + b->column;
}

/* What is carried at level l. */
static inline TL(tl_directions) tl_block_directions(const TL(tl_block) * b, int l)
{
    TL(tl_directions) x = b->x;
    x.rows = b->network->layers[l].width;
    x.x = b->carried[l % 2];
    return x;
}

/* Whether a projection stands between raw inputs and level 0; and what is carried at the raw inputs. */
static inline bool tl_block_projects(const TL(tl_block) * b)
{
    return b->network->input_projection.columns > 0;
}

static inline TL(tl_directions) tl_block_raw(const TL(tl_block) * b)
{
    TL(tl_directions) x = b->x;
    x.rows = tl_network_columns(b->network);
    x.x = b->carried[tl_block_projects(b) ? 1 : 0];
    return x;
}

/* The number of a scaling for column i, of one of its arrays. */
static inline double tl_block_scale(const tl_scaling *scaling, const double *numbers, int64_t i)
{
    return scaling->count == 0 ? 1 : numbers[scaling->count > 1 ? i : 0];
}

/* derivative_begin_tmpl.c: where directions begin: for unit vectors of the raw inputs at level 1, or 0 with a projection, the samples' vectors by
 * raw inputs, g_L for unit vectors of the outputs in the caller's units. */
void TL(tl_block_begin_inputs)(const TL(tl_block) * b);
void TL(tl_block_begin_vectors)(const TL(tl_block) * b);
void TL(tl_block_begin_outputs)(const TL(tl_block) * b);

/* derivative_layers_tmpl.c: from there through all layers. */
void TL(tl_block_forward)(const TL(tl_block) * b);
void TL(tl_block_back)(const TL(tl_block) * b);

#endif
