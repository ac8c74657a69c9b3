/* Steps along an ONNX graph that is to be a chain: what node comes next, and what it may be. */
#ifndef TL_MODEL_ONNX_WALK_H
#define TL_MODEL_ONNX_WALK_H

#include "model/onnx_chain.h"

/* The node that comes next; NULL at the end. And goes behind so many nodes. */
const tl_onnx_node_of_file *tl_onnx_next(const tl_onnx_chain *c);
void tl_onnx_advance(tl_onnx_chain *c, int nodes);

/* An error that names the next node. */
talus_status tl_onnx_refuse(const tl_onnx_chain *c, talus_status status, const char *what);

/* An attribute that an operator may have. */
typedef struct tl_onnx_known {
    const char *name;
    int type;
    double *number; /* receives it where it is said; NULL: it does not matter */
} tl_onnx_known;

/* Takes the attributes of the next node, which must be among these. */
talus_status tl_onnx_take_attributes(const tl_onnx_chain *c, const tl_onnx_known *known, int count);

/* Whether a constant is one number or a row of them, as many as count, or any number where that is 0. */
bool tl_onnx_is_row(const tl_onnx_constant *constant, int type, int64_t count);

/* The operand of the next node beside the value so far; *first says which of the two that is. NULL if the node is no such
 * one. */
const tl_onnx_constant *tl_onnx_other_operand(const tl_onnx_chain *c, bool *first);

/* Passes over the next node if it changes nothing where a network predicts. */
talus_status tl_onnx_skip_harmless(tl_onnx_chain *c);

/* Takes the next node as a part of the scaling of inputs, before the first layer, or else of outputs, if it is one. */
talus_status tl_onnx_take_scaling(tl_onnx_chain *c);

#endif
