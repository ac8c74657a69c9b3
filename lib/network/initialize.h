/* The first values of the parameters. */
#ifndef TL_NETWORK_INITIALIZE_H
#define TL_NETWORK_INITIALIZE_H

#include "network/network.h"

/* Draws the weights of layer l and sets its other parts to their first values. */
void tl_initialize_layer(talus_network *network, int l, uint64_t seed);

/* Fills a part of the flat vector, in each precision: with numbers of mean 0 and this standard deviation, uniform or
 * normal, drawn from stream (seed, item); or with one number. */
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

#endif
