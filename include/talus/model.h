/* Networks in files.
 *
 * A model is a network in a file of the safetensors format. Its tensors are the parameters of layer l = 1 … L, in the order of
 * the flat vector and in the network's precision, named as PyTorch names those of an nn.Sequential of Linear layers called
 * "layers":
 *
 *     layers.{l−1}.weight        W_l, d_l × d_{l−1}
 *     layers.{l−1}.bias          b_l
 *     layers.{l−1}.norm.weight   γ_l, and layers.{l−1}.norm.bias, β_l, of a normalised layer
 *     layers.{l−1}.slopes        α_l of prelu
 *     input.projection           T of a projection of the inputs, d_0 × p, of F64
 *
 * All else stands in the metadata under "talus", as one text in JSON: the options of the spec and of its layers by name, the
 * scaling, the mean and the variances of a projection, the running statistics, the notes of whoever saved it, and the version of the library. A network that is loaded predicts
 * with the same bits as the one that was saved. Source of the format: https://github.com/huggingface/safetensors
 *
 * A file may come from anywhere: it is checked against its own length before memory is taken for what it holds, and holds
 * numbers only, nothing that runs and no path of another file. */
#ifndef TALUS_MODEL_H
#define TALUS_MODEL_H

#include <talus/network.h>

TALUS_BEGIN_C

/* Writes a network to a file, whole or not at all: into a temporary file beside it, which is synced and takes its place.
 *   notes  a JSON value of the caller's, kept with the network; or NULL
 * TALUS_ERROR_ARGUMENT (a NULL, notes that are not JSON), TALUS_ERROR_DATA (a parameter that is not finite: named),
 * TALUS_ERROR_FILE, TALUS_ERROR_UNSUPPORTED (more than 16 MiB beside the parameters, or 2048 tensors),
 * TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_model_save(const talus_network *network, const char *notes, const char *path);

/* Makes the network that a file holds.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_FILE, TALUS_ERROR_FORMAT (not safetensors, broken, or without what Talus writes:
 * see talus_model_load_layers), TALUS_ERROR_DATA (a number that is not finite), TALUS_ERROR_UNSUPPORTED,
 * TALUS_ERROR_MEMORY. *network is set on success only. */
TALUS_API talus_status talus_model_load(talus_context *context, const char *path, talus_network **network);

/* Makes a network from tensors that another program has written: those with names that end in "weight", n × m, are W of a
 * layer each, in the order of their names, numbers in which count as numbers; "bias" with the same beginning is its b. The
 * elements are F32, F64, F16 or BF16, and become the network's precision. No other tensors may be there.
 *   spec  as for talus_network_create, with activations and all else that the file does not tell; inputs and widths may be
 *         0: those of the file
 * Status as of talus_network_create and talus_model_load; TALUS_ERROR_SHAPE if spec and file do not fit. */
TALUS_API talus_status talus_model_load_layers_sized(talus_context *context, const char *path,
                                                     const talus_network_spec *spec, size_t spec_size,
                                                     size_t layer_size, talus_network **network);

static inline talus_status talus_model_load_layers(talus_context *context, const char *path,
                                                   const talus_network_spec *spec, talus_network **network)
{
    return talus_model_load_layers_sized(context, path, spec, sizeof(talus_network_spec), sizeof(talus_layer),
                                         network);
}

/* Reads the notes of a model, "" for none, as far as they fit into capacity bytes with a 0 at the end; *length is the
 * length of the whole. text may be NULL if capacity is 0. Status as of talus_model_load. */
TALUS_API talus_status talus_model_notes(talus_context *context, const char *path, char *text,
                                         size_t capacity, size_t *length);

TALUS_END_C

#endif
