/* The first values of the parameters. */
#ifndef TL_NETWORK_INITIALIZE_H
#define TL_NETWORK_INITIALIZE_H

#include "network/network.h"

/* Draws the weights of all layers, and gives the other parts and the running statistics their first values.
 * TALUS_ERROR_MEMORY: nothing has changed. */
talus_status tl_initialize(talus_network *network, int64_t seed);

/* Fills a part of the flat vector, in each precision: with numbers of mean 0 and this standard deviation, uniform or
 * normal, drawn from stream (seed, item); or with one number. Or multiplies it by one. */
typedef struct tl_draw {
    bool normal;
    double deviation;
    uint64_t seed;
    uint32_t item;
} tl_draw;
void tl_draw_part_f32(const tl_part *part, const tl_draw *draw, void *parameters);
void tl_draw_part_f64(const tl_part *part, const tl_draw *draw, void *parameters);
void tl_fill_part_f32(const tl_part *part, double value, void *parameters);
void tl_fill_part_f64(const tl_part *part, double value, void *parameters);
void tl_scale_part_f32(const tl_part *part, double factor, void *parameters);
void tl_scale_part_f64(const tl_part *part, double factor, void *parameters);

/* Of M = Q·R, with a positive diagonal of R and orthonormal columns of Q, puts gain·Q into the place of M; where M has more columns
 * than rows, the same of Mᵀ. `room` has as many bytes as the first function says; the second runs between tl_blas_enter and
 * tl_blas_leave. */
size_t tl_orthogonal_room_f32(const tl_part *part);
size_t tl_orthogonal_room_f64(const tl_part *part);
void tl_orthogonalize_f32(const tl_part *part, double gain, void *parameters, void *room);
void tl_orthogonalize_f64(const tl_part *part, double gain, void *parameters, void *room);

#endif
