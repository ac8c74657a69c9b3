/* The first values of the parameters. */
#ifndef TL_NETWORK_INITIALIZE_H
#define TL_NETWORK_INITIALIZE_H

#include "network/network.h"

/* Draws the weights of layer `number` and sets its biases to 0. */
void tl_initialize_layer_f32(const tl_layer *layer, int number, uint64_t seed, void *parameters);
void tl_initialize_layer_f64(const tl_layer *layer, int number, uint64_t seed, void *parameters);

#endif
