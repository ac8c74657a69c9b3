/* kernels: arrays in, arrays out. Nothing in here allocates or fails.
 *
 * The files *_tmpl.c of this folder are compiled once for each precision and instruction set. Each compilation
 * yields one table of function pointers; which one a context uses is chosen once, when it is made.
 *
 * A tile holds features × samples: row i is feature i, its columns are samples. Only in arrays called
 * "by samples" is a row a sample. ld is the number of elements from one row to the next. */
#ifndef TL_KERNELS_KERNELS_H
#define TL_KERNELS_KERNELS_H

#include <stdbool.h>
#include <talus/matrix.h>

#include "base/real.h"
#include "kernels/block.h"
#include "kernels/families.h"
#include "kernels/source.h"

/* What a product does with what stands in C: nothing; goes on adding to it, so that the pieces of a long inner index may come
 * in several calls without a change of a bit; or adds its own sum to it, which keeps the rounding errors of long sums
 * small. */
enum { TL_SUM_NEW, TL_SUM_CONTINUED, TL_SUM_ADDED };

/* The operands of a product, C = A·B or C + A·B. The inner index runs through `pieces` of length k, which need not lie
 * together: element (i, p) of piece s of A (m × k) is a[s·a_piece + i·row_step + p·inner_step], where one of the
 * steps is 1; row p of piece s of B (k × n) starts at b[s·b_piece + p·ldb]. C (m × n) is row-major. */
typedef struct TL(tl_operands) {
    int64_t m, n, k, pieces;
    const real *a;
    int64_t row_step, inner_step, a_piece;
    const real *b;
    int64_t ldb, b_piece;
    int sum; /* TL_SUM_… */
    real *c;
    int64_t ldc;
} TL(tl_operands);

typedef struct TL(tl_kernels) {
    const char *name; /* "baseline", "avx2", "avx512" */

    /* Rows of B and C are read and written up to the next multiple of `lanes`. */
    void (*product)(const TL(tl_operands) * operands);
    int lanes; /* reals in a vector register */

    /* The same for n = 1, ldb = ldc = 1, one piece and TL_SUM_NEW; nothing beyond B and C is read or written. */
    void (*product_with_vector)(const TL(tl_operands) * operands);

    /* A row a kind, by its code: TALUS_ACTIVATION_COUNT and TALUS_LOSS_COUNT of them; and TL_UPDATES. */
    const TL(tl_activation_kernel) * activations;
    const TL(tl_loss_kernel) * losses;
    TL(tl_update_kernel) *const *updates;

    /* The backward function of kinds that keep f′(Z): Δ ← Δ ⊙ slope. */
    void (*kept_backward)(const TL(tl_activation_args) * args);

    void (*drop)(const TL(tl_dropout_args) * args);
    /* With the statistics of columns, which are found; and with those of rows, which are given. */
    void (*normalize_columns)(const TL(tl_normalize_args) * args);
    void (*normalize_columns_backward)(const TL(tl_normalize_args) * args);
    void (*normalize_rows)(const TL(tl_normalize_args) * args);
    void (*normalize_rows_backward)(const TL(tl_normalize_args) * args);

    /* Of each row: its mean μ and Σ (x − μ)²; Σ x·y. */
    void (*moments)(int64_t rows, int64_t cols, const real *x, int64_t ld, double *means, double *squares);
    void (*dot_rows)(int64_t rows, int64_t cols, const real *x, const real *y, int64_t ld, real *sums);

    /* out (cols × rows) = inᵀ */
    void (*transpose)(int64_t rows, int64_t cols, const real *in, int64_t ld_in, real *out, int64_t ld_out);

    /* Rows first … first+count−1 of a batch from its source (f32, f64 or u8), converted and scaled, by samples.
     * Adds the squares of the results to *squares. False if a result is not finite. */
    bool (*gather)(const tl_source *source, int64_t first, int64_t count, real *out, int64_t ld,
                   double *squares);

    /* Writes rows by samples to an f32 or f64 matrix, from its row `first` on. */
    void (*scatter)(const talus_matrix *matrix, int64_t first, int64_t count, const real *in, int64_t ld);

    /* Σ (s·x_i)·(s·y_i) in double, in an order that `count` fixes; max |x_i|, NaN if one is; y ← a·x + y;
     * y_i = scale·(x_i, but no further from 0 than most). */
    double (*dot)(int64_t count, double s, const real *x, const real *y);
    double (*largest)(int64_t count, const real *x);
    void (*axpy)(int64_t count, double a, const real *x, real *y);
    void (*clip)(int64_t count, double most, double scale, const real *x, real *y);

    /* ‖x‖ in double, which does not overflow or vanish on the way; adds how many x_i are 0, and how many |x_i| < least. */
    double (*norm)(int64_t count, const real *x);
    void (*count_small)(int64_t count, const real *x, double least, int64_t *zero, int64_t *below);

    /* z ← a·x + b·y, where z may be x or y */
    void (*combine)(int64_t count, double a, const real *x, double b, const real *y, real *z);
} TL(tl_kernels);

#endif
