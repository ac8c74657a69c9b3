/* Products of numbers that are cut into pieces of 16 bits.
 *
 * x = x1 + x2 + x3, each the bf16 (a sign, 8 bits of exponent, 7 of fraction) nearest to what those before it leave of x.
 * One piece of each operand makes 1 product; two make 3, x1·y1 + x1·y2 + x2·y1; three make 6, with x2·y2 + x1·y3 + x3·y1
 * besides, and long sums of them are no less exact than f32.   Henry, Tang and Heinecke, Leveraging the bfloat16 Artificial Intelligence
 * Datatype for Higher-Precision Computations, 2019
 *
 * Operands are strips of tiles of 1 KiB. A left tile holds 16 rows × 32 inner numbers, [row][inner]; a right tile 32 inner
 * numbers × 16 columns as pairs, [inner/2][column][2]. A strip is 16 rows (columns) of an operand along the whole inner
 * index: for each step of 32 inner numbers its `pieces` tiles one after the other, first pieces first. What is beyond the
 * operand is 0. So each strip is one stream of memory, whatever the product is made by. Strips start on cache lines. */
#ifndef TL_KERNELS_PIECES_H
#define TL_KERNELS_PIECES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TL_PIECE_SIDE = 16,
    TL_PIECE_INNER = 32,
    TL_PIECE_TILE = TL_PIECE_SIDE * TL_PIECE_INNER
}; /* numbers */
enum { TL_MOST_PIECES = 3 };

/* C = A·B or C + A·B. The inner index runs through `parts` parts of `steps` steps, which need not lie together. */
typedef struct tl_piece_product {
    int64_t m, n; /* of C: nothing beyond is written */
    int64_t steps, parts;
    int pieces; /* of each operand: 1, 2, 3 */
    const uint16_t *left, *right;
    int64_t left_strip, right_strip; /* numbers from one strip to the next */
    int64_t left_part, right_part;   /* and from one part to the next */
    bool add;                        /* to what stands in C */
    float *c;
    int64_t ldc;
} tl_piece_product;

/* How it is rounded. An inner index is cut into stretches of at most 512 numbers (256 with several pieces); what a stretch
 * gives is summed in f32, the products of low pieces first, and then added to C. Bits depend on m, n, steps, parts and the
 * table alone; an element does not depend on m and n. If an element of a stretch comes out not finite, the product of the
 * first pieces alone takes its place: infinity times a number whose second piece is 0 would be NaN, where f32 has infinity.
 * Instructions for bf16 take pieces below 2^−126 as 0 and give 0 for such sums; multiply-adds do so if the caller's thread does. */
typedef struct tl_piece_kernels {
    const char *name; /* "baseline", "avx2", "avx512", "avx512_bf16", "amx_bf16" */
    void (*product)(const tl_piece_product *product);

    /* Fill whole strips. Element (i, p) of rows × inner is from[i·row_step + p·inner_step], where one of the steps is 1. With one
     * piece it is rounded to the nearest bf16, ties to even. With several, x1 of a finite x is finite (cut off where it
     * would round up to infinity), and low pieces of infinity are 0. A NaN stays one, and is quiet. */
    void (*split_left)(int pieces, int64_t rows, int64_t inner, const float *from, int64_t row_step,
                       int64_t inner_step, uint16_t *to, int64_t strip);
    void (*split_right)(int pieces, int64_t inner, int64_t cols, const float *from, int64_t ld, uint16_t *to,
                        int64_t strip);

    /* Around the products of a thread in a pass: what the processor needs for them is set up and given back. NULL: nothing. */
    void (*begin)(void);
    void (*end)(void);
} tl_piece_kernels;

/* The tables for an instruction set other than TALUS_INSTRUCTION_SET_BEST: the one that is fastest as a rule, which is that of
 * matrix units where they are permitted (base/matrix_units.h: this call asks for them), else multiply-adds of f32; those in any
 * case; and products of pairs by one instruction, which some processors take as long for as for two multiply-adds, so that they
 * are worth it only where they were measured. NULL if there is none. */
const tl_piece_kernels *tl_piece_kernels_of(int instruction_set);
const tl_piece_kernels *tl_piece_kernels_without_units(int instruction_set);
const tl_piece_kernels *tl_piece_kernels_with_pairs(int instruction_set);

/* Why the first of these is not that of matrix units, a sentence without its end; NULL if it is. */
const char *tl_piece_units_missing(int instruction_set);

#endif
