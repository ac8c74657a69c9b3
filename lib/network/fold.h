/* Folding of a normalisation into the weights before it. */
#ifndef TL_NETWORK_FOLD_H
#define TL_NETWORK_FOLD_H

#include "network/network.h"

/* Weights and biases of layer l of `to`, which holds the weights of `from` already. In each precision. */
void tl_fold_layer_f32(const talus_network *from, talus_network *to, int l);
void tl_fold_layer_f64(const talus_network *from, talus_network *to, int l);

#endif
