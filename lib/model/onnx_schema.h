/* What the messages of an ONNX file consist of, as far as Talus reads them. */
#ifndef TL_MODEL_ONNX_SCHEMA_H
#define TL_MODEL_ONNX_SCHEMA_H

#include "base/context.h"
#include "model/protobuf.h"

/* Goes through a whole file: each field is known, of its type and within its message, text is UTF-8, what comes once comes
 * once. Takes no memory. TALUS_ERROR_FORMAT, and TALUS_ERROR_UNSUPPORTED for fields that are not known; name is the
 * file's. */
talus_status tl_onnx_check(talus_context *context, const char *name, tl_protobuf model);

#endif
