/* Networks in files, for whoever keeps more in a file than a network. */
#ifndef TL_MODEL_MODEL_H
#define TL_MODEL_MODEL_H

#include "model/network_json.h"
#include "model/safetensors.h"

/* Checks that notes are one JSON value, or NULL: TALUS_ERROR_ARGUMENT, with this name of them. */
talus_status tl_model_check_notes(talus_context *context, const char *name, const char *notes);

/* The text in a file's metadata, and its parts. Once a file. */
talus_status tl_model_read_text(tl_safetensors *file, tl_json *text, tl_model_json *parts);

/* Makes the network that the text describes, with the parameters of the file's first tensors. A file that is no checkpoint has
 * no others. */
talus_status tl_model_make(tl_safetensors *file, const tl_model_json *parts, talus_network **network);

/* What a file says wrongly of a network is an error of its format. */
talus_status tl_model_blame(const tl_safetensors *file, talus_status status);

#endif
