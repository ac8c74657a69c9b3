/* An ONNX graph as the chain of layers that it must be for a network. */
#ifndef TL_MODEL_ONNX_CHAIN_H
#define TL_MODEL_ONNX_CHAIN_H

#include "model/onnx_match.h"

#define TL_ONNX_LAYERS 512 /* at most, and ranges of outputs */

/* W_l is factor·B or its transpose, and b_l is factor·C. */
typedef struct tl_onnx_layer {
    const tl_onnx_constant *weights, *biases; /* biases may be NULL */
    double weight_factor, bias_factor;
    bool transposed; /* B is d_l × d_{l−1}, as W */
    int64_t inputs, width;
    tl_onnx_match norm, activation; /* recipe NULL: none */
} tl_onnx_layer;

typedef struct tl_onnx_range {
    int64_t outputs;
    tl_onnx_match activation;
    tl_onnx_text value; /* its name in the end */
} tl_onnx_range;

/* As a tl_scaling, of one number for all columns or one each; count 0: nothing is scaled. */
typedef struct tl_onnx_scaling {
    int64_t count;
    double *shift, *scale; /* in one allocation */
} tl_onnx_scaling;

typedef struct tl_onnx_chain {
    const tl_onnx_file *file;
    tl_onnx_text now; /* the value that the nodes so far compute */
    int node;         /* that comes next */
    int type;         /* of all numbers: TL_ONNX_F32 or TL_ONNX_F64 */
    tl_onnx_layer *layers;
    tl_onnx_range *ranges; /* of the last layer; or NULL */
    int layer_count, range_count;
    tl_onnx_scaling inputs, outputs;
    double input_clip; /* 0: none */
} tl_onnx_chain;

/* Follows the graph from its input to its output. Release the chain also after an error. TALUS_ERROR_FORMAT,
 * TALUS_ERROR_UNSUPPORTED (what no network of Talus computes, by the name of its operator), TALUS_ERROR_MEMORY. */
talus_status tl_onnx_follow(const tl_onnx_file *file, tl_onnx_chain *chain);
void tl_onnx_chain_release(tl_onnx_chain *chain);

#endif
