/* Networks at points, and their derivatives by the library and by differences. */
#ifndef TESTS_DERIVATIVE_SUPPORT_H
#define TESTS_DERIVATIVE_SUPPORT_H

#include "support.h"

enum { MOST_LAYERS = 3 };

/* A network and points for it. Zeros mean f32, one layer, identity. */
typedef struct point_spec {
    int64_t n, inputs, widths[MOST_LAYERS]; /* samples; d_0; d_1 … d_L */
    int hidden, last;                       /* activations before the last layer, and in it */
    int normalization, normalizes_last;     /* of layer 2; and of the last */
    int ranges; /* 1: the last layer, 6 wide, has ranges with activations of their own */
    int scaled; /* 1: inputs and targets have a scaling; 2: one for all columns */
    int precision, threads;
    int without_biases, keep_blas_threads;
    int64_t max_batch; /* 0: n */
    const char *plan;
    int64_t raw; /* the raw inputs that a projection makes d_0 of; 0: there is none */
    double clip; /* of the scaled inputs; 0: none */
    double size; /* parameters are multiplied by it; 0: 1 */
} point_spec;

typedef struct point {
    point_spec spec;
    talus_context *context;
    talus_network *network;
    talus_workspace *workspace;
    int64_t inputs, outputs, parameters, longest; /* raw ones, d_L, P; the longest sum */
    double *x;                                    /* n × d_0 */
} point;

point make_point(const point_spec *spec);
void free_point(point *p);

/* Whether an activation has derivatives; and may stand under a scaling of targets. */
bool has_slope(int activation);
bool is_whole(int activation);

/* rows × cols of f64. */
talus_matrix rows_view(const double *data, int64_t rows, int64_t cols);
talus_matrix points_of(const point *p);

/* Results of the library, to be freed: n × (d_L·d_0), n × d_L, … */
double *jacobian_of(const point *p);
double *second_of(const point *p);
double *laplacian_of(const point *p);
double *product_of(const point *p, const double *v);            /* n × d_L */
double *transposed_product_of(const point *p, const double *u); /* n × d_0 */
double *parameter_product_of(const point *p, const double *v);
double *parameter_transposed_product_of(const point *p, const double *u);

/* That numbers are the same but for so much of the largest, and not all 0. */
void expect_near(const char *name, const double *found, const double *expected, int64_t count, double share);

#endif
