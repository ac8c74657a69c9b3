/* Files in the safetensors format: 8 bytes with the length of a header, little-endian; the header, a JSON object of
 * tensors by name, {"dtype", "shape", "data_offsets"}, and of "__metadata__", strings by name; and the elements, which the
 * tensors cover without gap or overlap.   https://github.com/huggingface/safetensors, README, "Format"
 *
 * A file is checked as a whole against its length before memory is taken for what it holds. Further limits: a header of
 * TL_SAFETENSORS_HEADER bytes, TL_SAFETENSORS_TENSORS tensors of TL_TENSOR_DIMENSIONS dimensions, and names without
 * escapes. */
#ifndef TL_MODEL_SAFETENSORS_H
#define TL_MODEL_SAFETENSORS_H

#include "base/file.h"
#include "base/json.h"
#include "base/sum.h"

#define TL_SAFETENSORS_HEADER  (INT64_C(1) << 24)
#define TL_SAFETENSORS_TENSORS 2048
#define TL_TENSOR_DIMENSIONS   4

/* What elements may be: those that can be numbers of a network come first. */
typedef enum tl_tensor_type {
    TL_TENSOR_F32,
    TL_TENSOR_F64,
    TL_TENSOR_F16,
    TL_TENSOR_BF16,
    TL_TENSOR_OTHER
} tl_tensor_type;

typedef struct tl_tensor {
    const char *name; /* not terminated */
    int name_length;
    int type; /* a tl_tensor_type */
    int dimensions;
    int64_t shape[TL_TENSOR_DIMENSIONS];
    int64_t begin, end; /* of the elements, in bytes from the end of the header */
} tl_tensor;

typedef struct tl_safetensors {
    tl_file file;
    char *header;
    int64_t header_bytes, element_bytes, at; /* at: of the elements, so many bytes are read */
    tl_tensor *tensors;                      /* in the order of their elements */
    int count;
    int64_t metadata; /* the byte of the header where its value begins; −1: there is none */
    tl_sum sum;       /* of what was read so far */
} tl_safetensors;

/* Opens and checks a file; *file must stay where it is. On an error there is nothing to close. TALUS_ERROR_FILE,
 * TALUS_ERROR_FORMAT, TALUS_ERROR_UNSUPPORTED, TALUS_ERROR_MEMORY. */
talus_status tl_safetensors_open(talus_context *context, const char *path, tl_safetensors *file);
void tl_safetensors_close(tl_safetensors *file);

bool tl_tensor_has_name(const tl_tensor *tensor, const char *name);

/* Reads the elements of the next tensor, in the order of `tensors`, as numbers of a precision, which must be finite.
 * TALUS_ERROR_FILE, TALUS_ERROR_DATA, TALUS_ERROR_UNSUPPORTED (integers). */
talus_status tl_safetensors_read(tl_safetensors *file, const tl_tensor *tensor, int precision, void *to);

/* The same, bit by bit: they may be anything, and have the bytes that the tensor has. TALUS_ERROR_FILE. */
talus_status tl_safetensors_read_bits(tl_safetensors *file, const tl_tensor *tensor, void *to);

/* Whether the next tensor is the last one, and the sum of the file before it, as tl_safetensors_write puts it there.
 * TALUS_ERROR_FILE, TALUS_ERROR_FORMAT. */
talus_status tl_safetensors_check_sum(tl_safetensors *file, int next);

/* The metadata under a key, in the header's memory; *text is NULL if there is none. May be called once. */
talus_status tl_safetensors_metadata(tl_safetensors *file, const char *key, char **text, int64_t *length);

/* A tensor that is written, of f32 or f64; its elements follow each other. */
typedef struct tl_tensor_source {
    char name[64];
    int precision, dimensions;
    int64_t shape[2];
    const void *elements;
} tl_tensor_source;

/* A file to be written, whose only metadata is a text under a key. */
typedef struct tl_writing {
    const tl_tensor_source *tensors;
    int count;
    bool sums; /* a last tensor, "sum", is the tl_sum of all bytes before it, as one U64 */
    const char *key, *text;
} tl_writing;

talus_status tl_safetensors_write(talus_context *context, const char *path, const tl_writing *what);

#endif
