/* network: the shape of a network, the layout of its parameters, their first values. It knows no optimiser. */
#ifndef TL_NETWORK_NETWORK_H
#define TL_NETWORK_NETWORK_H

#include <talus/network.h>

#include "base/context.h"

typedef struct tl_layer {
    int64_t inputs, width; /* d_{l−1} and d_l */
    int activation;
    int initializer; /* never TALUS_INIT_AUTO */
    double alpha;    /* never 0 where the activation has one */
    int64_t weights; /* where W_l starts in the flat vector */
    int64_t biases;  /* where b_l starts */
} tl_layer;

struct talus_network {
    talus_context *context;
    int layer_count; /* L */
    int loss;
    int precision;
    int64_t parameter_count; /* P */
    void *parameters;        /* P of the precision */
    tl_layer layers[];       /* layers[l − 1] is layer l */
};

/* The number of inputs d_0 and of outputs d_L. */
int64_t tl_network_inputs(const talus_network *network);
int64_t tl_network_outputs(const talus_network *network);

/* Checks a spec and that its loss fits its last activation; messages name the layer. */
talus_status tl_check_spec(talus_context *context, const talus_network_spec *spec);

/* Checks a flat vector of the network's layout: 1 × P of its precision. */
talus_status tl_check_flat(talus_context *context, const talus_network *network, const char *name,
                           const talus_matrix *flat, talus_matrix *checked);

/* Whether labels (i32) can be targets: cross-entropy, or binary cross-entropy with one output. */
bool tl_network_takes_labels(const talus_network *network);

#endif
