/* A tile of samples on its way through phase A. Template header. */
#ifndef TL_ENGINE_TILE_H
#define TL_ENGINE_TILE_H

#include "base/real.h"
#include "engine/pass.h"
#include "kernels/kernels.h"

typedef struct tl_tile {
    const tl_pass *pass;
    const TL(tl_kernels) * kernels;
    const tl_level *levels, *last;
    const real *parameters;
    real *scratch; /* of the worker */
    tl_tile_report *report;
    int64_t index;   /* of the tile */
    int64_t first;   /* its first sample */
    int64_t samples; /* that it holds */
    int64_t columns; /* that are computed, samples or more */
    int64_t width;   /* its leading dimension, columns or more */
} tl_tile;

#endif
