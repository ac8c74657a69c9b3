/* Networks for other programs, and from them: what a network computes, and nothing of its training.
 *
 * ONNX (https://onnx.ai) is the format that runtimes for inference read. What Talus writes has an input "input", n × d_0, and
 * an output "output", n × d_L, both of the network's precision and for any number n of samples, and computes what
 * talus_predict does in between, the scaling of inputs and outputs and the projection of inputs included (whose "input" is n × p; it
 * is a Gemm of its own, which comes back as a layer when the file is imported). Each layer is a Gemm, whose constants have the
 * names of talus/model.h, and its activation: the operator of that name where there is one, else several that compute it.
 * In f64, where runtimes have fewer operators and attributes would round to f32, more are put together. */
#ifndef TALUS_INTERCHANGE_H
#define TALUS_INTERCHANGE_H

#include <talus/network.h>

TALUS_BEGIN_C

/* Writes what a network computes to an ONNX file (IR version 8; operators of set 13, or of 17 if a layer of f32 is normalised
 * over its units), whole or not at all as talus_model_save does. Normalisation over the batch becomes part of W and b
 * (talus_network_fold_normalization). Losses and all else that only training needs are left out. Numbers are computed in
 * the network's precision, also in the scaling, which Talus computes in double: outputs differ by roundings.
 * Products are exact ones, whatever talus_products the network has: in bf16 its own outputs differ by those roundings.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_DATA (a parameter that is not finite), TALUS_ERROR_FILE,
 * TALUS_ERROR_UNSUPPORTED (a scaling or a mean whose numbers do not fit into f32 in a network of f32; a file of more than 2 GiB),
 * TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_model_export_onnx(const talus_network *network, const char *path);

/* Makes the network that an ONNX file computes: a chain of layers from one input to one output, each layer
 *
 *     a product   Gemm with constants (transB, alpha and beta as they are), or MatMul with one on its right and an Add
 *     optional    a normalisation: LayerNormalization or BatchNormalization (whose mean takes in the b of the product)
 *     optional    an activation, as Talus writes it or as an operator of its own: also Gelu, Mish, Swish
 *
 * before the first layer Sub, Add, Mul and Div by constants, which are the scaling of inputs, and their clipping as Talus
 * writes it, and after the last one those of outputs, or Split, activations and Concat, which are ranges. Identity, Dropout in inference, Flatten of rows and Cast
 * to the same type are skipped. Operators are of sets 7 to 24, and elements f32 or f64, which is the network's precision;
 * an attribute, which the file holds in f32, becomes the shortest decimal number that rounds to it. The file says no loss: it is
 * cross-entropy with softmax, binary cross-entropy with sigmoid, and squared error with all else and where outputs are scaled.
 *
 * What Talus exports and imports again predicts the same; of f32, scalings are those that f32 can hold. A file may come
 * from anywhere: it is checked as a whole before memory is taken for what it holds, and at most 4096 nodes, 4096 tensors and
 * 512 layers are read.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_FILE, TALUS_ERROR_FORMAT (not ONNX, or broken), TALUS_ERROR_DATA (a number that
 * is not finite), TALUS_ERROR_UNSUPPORTED (anything but the above: it is named), TALUS_ERROR_MEMORY. *network is set on
 * success only. */
TALUS_API talus_status talus_model_import_onnx(talus_context *context, const char *path,
                                               talus_network **network);

/* Writes a network as a program in C99: DIRECTORY/NAME.h and DIRECTORY/NAME.c, each whole or not at all, which need the
 * C's math library and nothing else. With T = float for f32 and double for f64 they have
 *
 *     enum { NAME_inputs = d_0, NAME_outputs = d_L };
 *     void NAME_predict(const T *x, T *y);                   outputs y of a sample x
 *     void NAME_predict_rows(size_t n, const T *x, T *y);    of n samples by rows
 *
 * which compute what talus_predict does, up to roundings: plain loops, without memory but the stack, so that several threads may
 * call them. Parameters stand in the text exactly, in hexadecimal. Normalisation over the batch becomes part of W and b.
 *   directory  one that exists
 *   name       an identifier of C, of at most 64 characters
 * TALUS_ERROR_ARGUMENT (a NULL, another name), TALUS_ERROR_DATA (a parameter that is not finite), TALUS_ERROR_FILE,
 * TALUS_ERROR_UNSUPPORTED (more than 65536 inputs or units in a layer, which stand on the stack), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_model_export_c(const talus_network *network, const char *directory,
                                            const char *name);

TALUS_END_C

#endif
