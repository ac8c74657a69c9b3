/* Factorisations, by LAPACK, in the thread that asks for them (blas_threads.h). Include it from templates, where `real` is
 * defined.
 *
 * Nothing is copied or transposed on the way: matrices stand by rows as everywhere, and LAPACK, to which the same memory is the
 * transposed matrix by columns, is asked for what that makes of the task. Work space comes from the caller, as many reals as
 * the functions …_work say; `counts` are int32_t numbers of it. Sizes are at least 1 and fit an int32_t. All elements must
 * be finite: LAPACK does not look, and may not return. */
#ifndef TL_LINALG_FACTOR_H
#define TL_LINALG_FACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/real.h"

/* C (n × n) = Aᵀ·A + β·C of A (m × n); of C and of the result only the lower triangle, i ≥ j, is read and written. */
void TL(tl_gram)(int64_t m, int64_t n, const real *a, int64_t lda, real beta, real *c, int64_t ldc);

/* Cholesky ------------------------------------------------------------------------------------------------- */

/* A = L·Lᵀ of a symmetric positive definite A (n × n), of which the lower triangle is read and becomes L; what is above the
 * diagonal stays. The result is 0; or k ≥ 1 if the leading k × k matrix is not positive definite, which leaves A half done. */
int64_t TL(tl_cholesky)(int64_t n, real *a, int64_t lda);

/* Each of the `count` rows of B (count × n) becomes x with A·x = b, for L of A. */
void TL(tl_cholesky_solve)(int64_t n, const real *l, int64_t ldl, int64_t count, real *b, int64_t ldb);

/* The same in halves: each row b becomes x with L·x = b, or with Lᵀ·x = b. */
void TL(tl_lower_solve)(int64_t n, const real *l, int64_t ldl, bool transposed, int64_t count, real *b,
                        int64_t ldb);

/* L becomes the lower triangle of A⁻¹. */
void TL(tl_cholesky_invert)(int64_t n, real *l, int64_t ldl);

/* An estimate of 1/(‖A‖₁·‖A⁻¹‖₁), for L of A and norm = ‖A‖₁.   work: 3n reals; counts: n */
double TL(tl_cholesky_condition)(int64_t n, const real *l, int64_t ldl, double norm, real *work,
                                 int32_t *counts);

/* Orthogonal factors --------------------------------------------------------------------------------------- */

/* Aᵀ = Q·R of A (m × n) with m ≤ n, Q (n × m) with orthonormal columns and R (m × m) upper triangular: the rows of A by Gram and
 * Schmidt. With it, A = Rᵀ·Qᵀ holds Rᵀ in its lower triangle and reflectors above it, which `tau` (m) completes. */
int64_t TL(tl_rows_orthogonal_work)(int64_t m, int64_t n);
void TL(tl_rows_factor)(int64_t m, int64_t n, real *a, int64_t lda, real *tau, real *work, int64_t count);

/* After it: A becomes Qᵀ, with orthonormal rows. */
void TL(tl_rows_form)(int64_t m, int64_t n, real *a, int64_t lda, const real *tau, real *work, int64_t count);

/* A = Q·R of A (m × n) with m ≥ n, Q (m × n) with orthonormal columns. R stands in the upper triangle of A, and reflectors below
 * it, which `tau` (n) completes. */
int64_t TL(tl_columns_orthogonal_work)(int64_t m, int64_t n);
void TL(tl_columns_factor)(int64_t m, int64_t n, real *a, int64_t lda, real *tau, real *work, int64_t count);

/* After it: A becomes Q, with orthonormal columns. */
void TL(tl_columns_form)(int64_t m, int64_t n, real *a, int64_t lda, const real *tau, real *work,
                         int64_t count);

/* After it: B (m × k) becomes Qᵀ·B for the whole Q (m × m), of which the first n rows are those of the Q above. */
int64_t TL(tl_columns_apply_work)(int64_t m, int64_t n, int64_t k);
void TL(tl_columns_apply)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *tau,
                          real *b, int64_t ldb, real *work, int64_t count);

/* Spectra -------------------------------------------------------------------------------------------------- */

/* A = Vᵀ·diag(values)·V of a symmetric A (n × n), of which the lower triangle is read: values in ascending order, and in row i
 * of A, which becomes V, the eigenvector of value i, of length 1. Without vectors A is destroyed. False if it did not converge. */
int64_t TL(tl_eigen_work)(int64_t n);
int64_t TL(tl_eigen_counts)(int64_t n);
bool TL(tl_eigen)(int64_t n, real *a, int64_t lda, bool with_vectors, real *values, real *work, int64_t count,
                  int32_t *counts, int64_t count_of_counts);

/* A = U·diag(values)·V of A (m × n), k = min(m, n): values in descending order, U (m × k) with orthonormal columns and V (k × n)
 * with orthonormal rows; both NULL if they are not wanted. A is destroyed. False if it did not converge.   counts: 8k */
int64_t TL(tl_singular_work)(int64_t m, int64_t n, bool with_vectors);
bool TL(tl_singular)(int64_t m, int64_t n, real *a, int64_t lda, real *values, real *u, int64_t ldu, real *v,
                     int64_t ldv, real *work, int64_t count, int32_t *counts);

#endif
