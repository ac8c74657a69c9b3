/* Where a recipe stands in an ONNX file. */
#ifndef TL_MODEL_ONNX_MATCH_H
#define TL_MODEL_ONNX_MATCH_H

#include "model/onnx_file.h"
#include "model/onnx_recipes.h"

/* What a recipe has found of a layer: constants, by what they are, and numbers. */
typedef struct tl_onnx_match {
    const tl_onnx_recipe *recipe;
    double alpha, epsilon; /* NaN: it says nothing of it */
    const tl_onnx_constant *vectors[TL_ONNX_WHATS];
} tl_onnx_match;

/* Finds the longest recipe that takes the value z and stands at this node and those behind it, of normalisations or of
 * activations, for elements of a type (TL_ONNX_F32, TL_ONNX_F64). False if there is none. */
bool tl_onnx_match_at(const tl_onnx_file *file, int node, tl_onnx_text z, int type, bool normalizations,
                      tl_onnx_match *match);

/* Whether the clipping of inputs stands at this node and those behind it; *clip is its number. */
bool tl_onnx_match_clipping(const tl_onnx_file *file, int node, tl_onnx_text z, int type, double *clip);

/* Whether some recipe has this operator. */
bool tl_onnx_is_known(tl_onnx_text op);

#endif
