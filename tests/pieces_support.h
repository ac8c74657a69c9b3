/* What the tests of pieces share: every table that runs here, operands cut into strips, plain arithmetic of bf16. */
#ifndef TESTS_PIECES_SUPPORT_H
#define TESTS_PIECES_SUPPORT_H

#include "kernels/pieces.h"
#include "support.h"

/* Calls a test for every table that this processor runs, and for those of emulated instructions. */

void for_all_piece_tables(void (*test)(const tl_piece_kernels *kernels));

/* Bits of f32 and numbers. */
uint32_t bits_of_float(float x);
float float_of_bits(uint32_t bits);

/* The number that 16 bits are; and those of the bf16 nearest to x, ties to even, found by its two neighbours. */
float bf16_number(uint16_t bits);
uint16_t bf16_nearest(float x);

/* The arrays of a product: A m × k and B k × n, row-major, whose strips are cut in parts of the inner index. */
typedef struct piece_case {
    int64_t m, n, k; /* of a part */
    int64_t parts;
    int pieces;
    float *a, *b; /* a[(part·m + i)·k + p], b[(part·k + p)·n + j] */
    uint16_t *left, *right;
    tl_piece_product product; /* of all of it; c is not set */
} piece_case;

/* With numbers a(i), b(i) in order; free it. A is handed over by columns if `turned`. */
typedef float number_maker(number_stream *numbers);
piece_case make_piece_case(const tl_piece_kernels *kernels, int pieces, int64_t m, int64_t n, int64_t k,
                           int64_t parts, bool turned, number_maker *make);
void cut_piece_case(const tl_piece_kernels *kernels, piece_case *c, bool turned); /* anew */
void free_piece_case(piece_case *c);

/* Whether a table takes subnormal numbers as 0. */
bool flushes(const tl_piece_kernels *kernels);

/* Both signs; from 0 to 1. */
float signed_number(number_stream *numbers);
float positive_number(number_stream *numbers);

/* Multiplies into c, between begin and end. */
void multiply_pieces(const tl_piece_kernels *kernels, const tl_piece_product *product, bool add, float *c,
                     int64_t ldc);

/* Σ over the inner index in double; and Σ |a·b|. */
double product_element(const piece_case *c, int64_t i, int64_t j, double *sizes);

#endif
