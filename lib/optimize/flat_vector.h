/* Operations on flat vectors, shared among the threads of a context. A vector is divided by its length alone and partial
 * results are added in their order, so the bits do not depend on the threads. */
#ifndef TL_OPTIMIZE_FLAT_VECTOR_H
#define TL_OPTIMIZE_FLAT_VECTOR_H

#include "base/context.h"

/* Vectors of count numbers of a precision. */
typedef struct tl_vectors {
    talus_context *context;
    int precision;
    int64_t count;
    const void *kernels; /* the table of the precision */
} tl_vectors;

/* xᵀ·y and ‖x‖, in double; ‖x‖ does not overflow or vanish on the way. */
double tl_vector_dot(const tl_vectors *space, const void *x, const void *y);
double tl_vector_norm(const tl_vectors *space, const void *x);

/* max |x_i|; NaN if one is NaN. */
double tl_vector_largest(const tl_vectors *space, const void *x);

/* y ← a·x + y */
void tl_vector_axpy(const tl_vectors *space, double a, const void *x, void *y);

/* z ← a·x + b·y, where z may be x or y; and z ← x */
void tl_vector_combine(const tl_vectors *space, double a, const void *x, double b, const void *y, void *z);
void tl_vector_copy(const tl_vectors *space, const void *x, void *z);

/* Calls part(job, first, count) for each part of the vectors, and gives what they return, in order; the number of parts. */
#define TL_MOST_PARTS 1024
typedef double (*tl_vector_part)(void *job, int64_t first, int64_t count);
int tl_vector_run(const tl_vectors *space, tl_vector_part part, void *job, double results[TL_MOST_PARTS]);

/* The parts of the operations above, in each precision: job is a tl_vector_operands. */
typedef struct tl_vector_operands {
    const void *kernels, *x, *y;
    void *z; /* that is changed */
    double a, b;
} tl_vector_operands;
double tl_dot_part_f32(void *job, int64_t first, int64_t count);
double tl_dot_part_f64(void *job, int64_t first, int64_t count);
double tl_largest_part_f32(void *job, int64_t first, int64_t count);
double tl_largest_part_f64(void *job, int64_t first, int64_t count);
double tl_axpy_part_f32(void *job, int64_t first, int64_t count);
double tl_axpy_part_f64(void *job, int64_t first, int64_t count);
double tl_combine_part_f32(void *job, int64_t first, int64_t count);
double tl_combine_part_f64(void *job, int64_t first, int64_t count);

#endif
