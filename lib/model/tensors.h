/* model: networks in files.
 * This file: the tensors that a network is in a file, in the order of the flat vector. */
#ifndef TL_MODEL_TENSORS_H
#define TL_MODEL_TENSORS_H

#include "model/safetensors.h"
#include "network/network.h"

#define TL_PROJECTION_TENSOR "input.projection"

/* Their number; and number i, whose elements are the network's parameters, or at the end the matrix of its projection. */
int tl_tensor_count(const talus_network *network);
tl_tensor_source tl_tensor_at(const talus_network *network, int i);

/* TALUS_ERROR_DATA unless all parameters are finite: what could not be loaded again is not saved. Messages begin with the
 * name of the call. */
talus_status tl_check_parameters(const talus_network *network, const char *call);

#endif
