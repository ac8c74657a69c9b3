/* An ONNX graph that is put together node by node, and its file. */
#ifndef TL_MODEL_ONNX_GRAPH_H
#define TL_MODEL_ONNX_GRAPH_H

#include "base/buffer.h"
#include "model/onnx_format.h"

#define TL_ONNX_NAME_BYTES 80

typedef struct tl_onnx_name {
    char text[TL_ONNX_NAME_BYTES];
} tl_onnx_name;

/* The zeros of a struct but for the context and the precision begin a graph. It is released by tl_onnx_release. */
typedef struct tl_onnx_graph {
    talus_context *context;
    int precision;
    int opset;          /* the least that is needed; 0: any */
    tl_buffer nodes;    /* as they stand in the file */
    tl_buffer tensors;  /* of the list of tensors */
    tl_buffer numbers;  /* elements of tensors that are kept here */
    tl_buffer node;     /* the one that is not finished, */
    tl_onnx_name value; /* and what its output will be called */
    tl_buffer inner, innermost;
} tl_onnx_graph;

tl_onnx_graph tl_onnx_graph_of(talus_context *context, int precision);
void tl_onnx_release(tl_onnx_graph *graph);

/* Begins a node with this operator, whose last or only output has a name. Inputs and attributes follow. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void tl_onnx_node(tl_onnx_graph *graph, const char *operator, const char *format, ...);
void tl_onnx_input(tl_onnx_graph *graph, const char *name);
void tl_onnx_output(tl_onnx_graph *graph, const char *name); /* one before the last */
void tl_onnx_attribute_float(tl_onnx_graph *graph, const char *name, float number);
void tl_onnx_attribute_int(tl_onnx_graph *graph, const char *name, int64_t number);
void tl_onnx_attribute_ints(tl_onnx_graph *graph, const char *name, int64_t number);

/* Adds a tensor. The elements are of the graph's precision, and stay where they are until the graph is written. */
void tl_onnx_tensor(tl_onnx_graph *graph, const char *name, const void *elements, int dimensions,
                    const int64_t *shape);

/* The same of numbers that are kept in the graph: a vector in its precision, one number without dimensions, or int64_t of a buffer. */
void tl_onnx_vector(tl_onnx_graph *graph, const char *name, const double *numbers, int64_t count);
void tl_onnx_number(tl_onnx_graph *graph, const char *name, double number);
void tl_onnx_integers(tl_onnx_graph *graph, const char *name, const tl_buffer *numbers);

/* Writes the file; the output of the last node is that of the graph. TALUS_ERROR_FILE, TALUS_ERROR_MEMORY,
 * TALUS_ERROR_UNSUPPORTED (2 GiB or more). */
talus_status tl_onnx_write(tl_onnx_graph *graph, const char *path, int64_t inputs, int64_t outputs);

#endif
