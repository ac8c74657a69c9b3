/* ONNX files from short texts, for tests. A text is lines of words:
 *
 *     set 13                        the operators' version; 13 if it is not said
 *     input x                       of the graph
 *     output y
 *     tensor W f64 2x3 1 2 3 4 5 6  a constant: f32, f64 (raw), f32s, f64s (packed fields), i64; "-" for no sizes
 *     node Gemm x,W,b y alpha=f2 transB=i1 approximate=stanh axes=l1 to=i11
 *     domain com.example            of the node before
 *     constant c f32 - 6            a node Constant
 *
 * A line that is none of these is an error of the test. */
#ifndef TESTS_ONNX_SUPPORT_H
#define TESTS_ONNX_SUPPORT_H

#include "fixture.h"

/* The bytes of a file; in memory of the context of the fixture, released by free_onnx. */
typedef struct onnx_bytes {
    char *bytes;
    size_t length;
} onnx_bytes;

onnx_bytes onnx_of(const char *text);
void free_onnx(onnx_bytes *file);

/* The path of the file that the functions below write; begin_onnx makes a folder for it, end_onnx removes it. */
extern char onnx_path[96];
void begin_onnx(void);
void end_onnx(void);

void write_bytes(const char *bytes, size_t length);
onnx_bytes read_onnx(void);

/* What a network predicts of n rows. */
void predict_rows(talus_network *network, int64_t n, const double *x, double *y);

#endif
