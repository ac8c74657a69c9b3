/* Eigenvalues of symmetric tridiagonal matrices. */
#ifndef TL_DIAGNOSE_TRIDIAGONAL_H
#define TL_DIAGNOSE_TRIDIAGONAL_H

/* T has the diagonal d_0 … d_{n−1} and e_0 … e_{n−2} beside it. On return d are the eigenvalues in any order, and last[i] is the
 * last component of a unit eigenvector of d_i; e is overwritten, and has n numbers.
 * Source: the implicit QL algorithm, Dubrulle, Martin and Wilkinson, Numerische Mathematik 12, 1968. */
void tl_tridiagonal_eigenvalues(int n, double *d, double *e, double *last);

#endif
