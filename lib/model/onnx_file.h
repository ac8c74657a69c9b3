/* ONNX files that are read: their nodes and constants, checked as a whole before memory is taken for what they hold. Further
 * limits: TL_ONNX_NODES nodes and as many constants, whose elements stand in the file itself, in one piece. */
#ifndef TL_MODEL_ONNX_FILE_H
#define TL_MODEL_ONNX_FILE_H

#include "base/file.h"
#include "model/onnx_format.h"
#include "model/protobuf.h"

#define TL_ONNX_NODES      4096
#define TL_ONNX_DIMENSIONS 2

/* Text in the file; not terminated. For messages: printf's "%.*s" takes TL_ONNX_TEXT of one, at most 100 bytes. */
typedef struct tl_onnx_text {
    const char *at;
    int length;
} tl_onnx_text;
#define TL_ONNX_TEXT(text) ((text).length < 100 ? (text).length : 100), (text).at

/* A tensor of numbers. */
typedef struct tl_onnx_constant {
    tl_onnx_text name;
    int type; /* TL_ONNX_F32, F64 or I64; 0: another */
    int dimensions;
    int64_t shape[TL_ONNX_DIMENSIONS]; /* where there are not more */
    int64_t count;                     /* of elements */
    const unsigned char *elements;
} tl_onnx_constant;

/* A node other than Constant, which is a constant. */
typedef struct tl_onnx_node_of_file {
    tl_protobuf message;
    tl_onnx_text op, output; /* the first output */
    int inputs, outputs;
} tl_onnx_node_of_file;

typedef struct tl_onnx_attribute_of_file {
    tl_onnx_text name, text;
    int type;       /* TL_ONNX_IS_… */
    double number;  /* of FLOAT, INT, and INTS with one number */
    bool is_single; /* of INTS: there is one */
} tl_onnx_attribute_of_file;

typedef struct tl_onnx_file {
    talus_context *context;
    char name[TL_FILE_NAME_BYTES]; /* as messages show it */
    unsigned char *bytes;
    tl_onnx_node_of_file *nodes;
    tl_onnx_constant *constants;
    int node_count, constant_count;
    tl_onnx_text input, output; /* of the graph */
} tl_onnx_file;

/* Reads a file. On an error there is nothing to close. TALUS_ERROR_FILE, TALUS_ERROR_FORMAT, TALUS_ERROR_UNSUPPORTED,
 * TALUS_ERROR_MEMORY. */
talus_status tl_onnx_open(talus_context *context, const char *path, tl_onnx_file *file);
void tl_onnx_close(tl_onnx_file *file);

bool tl_onnx_same(tl_onnx_text a, tl_onnx_text b);
bool tl_onnx_is(tl_onnx_text a, const char *text);

/* Input or output i of a node; empty if there are not so many. */
tl_onnx_text tl_onnx_node_input(const tl_onnx_node_of_file *node, int i);
tl_onnx_text tl_onnx_node_output(const tl_onnx_node_of_file *node, int i);

/* Takes the next attribute of a node; at is its message before the first. */
bool tl_onnx_next_attribute(tl_protobuf *at, tl_onnx_attribute_of_file *attribute);

/* The constant of a name; NULL if there is none. */
const tl_onnx_constant *tl_onnx_find(const tl_onnx_file *file, tl_onnx_text name);

/* Checks a tensor, and finds where its elements stand. */
talus_status tl_onnx_read_tensor(const tl_onnx_file *file, tl_protobuf message, tl_onnx_text name,
                                 tl_onnx_constant *to);

/* Element i, of F32 and F64. */
double tl_onnx_element(const tl_onnx_constant *constant, int64_t i);
int64_t tl_onnx_integer(const tl_onnx_constant *constant, int64_t i); /* of I64 */

#endif
