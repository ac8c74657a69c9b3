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
#include <talus/network.h>
#include <talus/optimizer.h>

#include "base/real.h"
#include "kernels/source.h"
#include "kernels/tile.h"

/* The operands of a product, C = A·B or C + A·B. The inner index runs through `pieces` of length k, which need not lie
 * together: element (i, p) of piece s of A (m × k) is a[s·a_piece + i·row_step + p·inner_step], where one of the
 * steps is 1; row p of piece s of B (k × n) starts at b[s·b_piece + p·ldb]. C (m × n) is row-major. */
typedef struct TL(tl_operands) {
    int64_t m, n, k, pieces;
    const real *a;
    int64_t row_step, inner_step, a_piece;
    const real *b;
    int64_t ldb, b_piece;
    bool add;
    real *c;
    int64_t ldc;
} TL(tl_operands);

typedef struct TL(tl_kernels) {
    const char *name; /* "baseline", "avx2", "avx512" */

    /* Rows of B and C are read and written up to the next multiple of `lanes`. */
    void (*product)(const TL(tl_operands) * operands);
    int lanes; /* reals in a vector register */

    /* A = f(Z + b·1ᵀ) in place: row i of the tile gets bias[i] (softmax: NULL is allowed, for 0).
     * alpha is α of leaky_relu and elu. */
    void (*activate[TALUS_ACTIVATION_COUNT])(int64_t rows, int64_t cols, real *z, int64_t ld,
                                             const real *bias, real alpha);

    /* Δ ← Δ ⊙ f′(Z), with f′ computed from A, and sums[i] = Σ_j Δ_ij, in one pass. */
    void (*differentiate[TALUS_ACTIVATION_COUNT])(int64_t rows, int64_t cols, real *delta, const real *a,
                                                  int64_t ld, real alpha, real *sums);

    /* Losses of a tile of outputs and targets y, all with the same ld. Each returns the sum of the losses of its
     * samples, and writes ∂(scale·Σ loss)/∂ what is named below:
     *   squared_error         a = A (kept);        delta = ∂/∂A
     *   binary_cross_entropy  a = Z, becomes A;    delta = ∂/∂Z   (sigmoid)
     *   cross_entropy         a = Z, becomes A;    delta = ∂/∂Z   (softmax)
     * Z includes the bias. */
    double (*loss[TALUS_LOSS_COUNT])(int64_t rows, int64_t cols, real *a, const real *y, real *delta,
                                     int64_t ld, real scale);

    /* The number of right decisions, as talus_metrics.accuracy says; of outputs for binary cross-entropy, of
     * samples for cross-entropy; 0 for squared error. */
    int64_t (*right[TALUS_LOSS_COUNT])(int64_t rows, int64_t cols, const real *a, const real *y, int64_t ld);

    /* out (cols × rows) = inᵀ */
    void (*transpose)(int64_t rows, int64_t cols, const real *in, int64_t ld_in, real *out, int64_t ld_out);

    /* Rows first … first+count−1 of a batch from its source (f32, f64 or u8), converted and scaled, by samples.
     * False if a result is not finite. */
    bool (*gather)(const tl_source *source, int64_t first, int64_t count, real *out, int64_t ld);

    /* Writes rows by samples to an f32 or f64 matrix, from its row `first` on. */
    void (*scatter)(const talus_matrix *matrix, int64_t first, int64_t count, const real *in, int64_t ld);

    /* The update of an optimiser on rows × cols parameters w with gradient g; states s and t have the layout of w.
     * c are the coefficients of coefficients.h. */
    void (*update[TALUS_METHOD_COUNT])(int64_t rows, int64_t cols, real *w, real *s, real *t, int64_t ld,
                                       const real *g, int64_t ld_g, const real *c);
} TL(tl_kernels);

#endif
