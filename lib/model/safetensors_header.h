/* The header of a safetensors file: its tensors, checked. */
#ifndef TL_MODEL_SAFETENSORS_HEADER_H
#define TL_MODEL_SAFETENSORS_HEADER_H

#include "model/safetensors.h"

/* Fills in the tensors and the metadata of a file whose header is read. */
talus_status tl_safetensors_parse(tl_safetensors *file);

/* Bytes of an element; the name of a type as the header has it, "F32". */
int tl_tensor_type_bytes(int type);
const char *tl_tensor_type_name(int precision);

#endif
