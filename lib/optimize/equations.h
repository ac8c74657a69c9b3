/* The equations of a step of Levenberg and Marquardt's method at one point x,
 *
 *     (A + ρ·I + μ·D²)·Δ = −s        A = Jᵀ·W·J, s = Jᵀ·W·r + ρ·x
 *
 * and what A says of the parameters there. All with columns of √W·J scaled to the length 1, so that units play no part.
 * Cholesky's factorisation comes first. Where it fails or is ill conditioned, the rows of √W·J are taken by QR, or, where there
 * are none, the eigenvalues of the matrix: then directions that it says nothing of stay out (the pseudo-inverse).
 * Source: Golub and Van Loan, Matrix Computations, 4th edition, sections 5.3 to 5.5. */
#ifndef TL_OPTIMIZE_EQUATIONS_H
#define TL_OPTIMIZE_EQUATIONS_H

#include <float.h>

#include "optimize/gauss_newton.h"

typedef struct tl_equations {
    const tl_squares *squares;
    int64_t n;
    double *a;        /* A, n × n, the lower triangle */
    double *diagonal; /* of A */
    double *d;        /* D */
    double *slope;    /* s */
    const double *x;

    double *scale, *vector; /* n each, for what is computed */
    double *factor;         /* n × n: of the equations; or the inverse of A + ρ·I */
    double *work;
    int32_t *counts;
    int64_t work_count, counts_count;

    /* The rows, if there are any, become R·C (R upper triangular) and Qᵀ·√W·r when they are first needed at a point. */
    bool reduced;
    double *lengths;  /* C, those of the columns; 1 where it is 0 */
    double *triangle; /* R, n × n */
    double *image;    /* the first n of Qᵀ·√W·r */
    double *stack;    /* 3n × n: R and the rows of ρ and μ */
    double *right;    /* 3n: beside them */
    double *tau;
} tl_equations;

/* Memory (equations_memory.c): the bytes that it takes, −1 if there are too many parameters; and all of it at once. */
int64_t tl_equations_bytes(int64_t n, bool has_rows);
talus_status tl_equations_create(const tl_squares *squares, tl_equations *equations);
void tl_equations_destroy(tl_equations *equations);

/* Δ for μ and ρ; false: no numbers came of it. Then a larger μ will do. */
bool tl_equations_solve(tl_equations *equations, double mu, double rho, double *delta);

/* tr((A + ρ·I)⁻¹) for ρ > 0; NaN if it cannot be had. */
double tl_equations_trace(tl_equations *equations, double rho);

/* What part of the greatest singular value, or eigenvalue, of a matrix with columns of the length 1 is no more than rounding. */
static inline double tl_equations_rounding(int64_t n)
{
    return 10 * (double)n * DBL_EPSILON;
}

/* What is known of the parameters. */
typedef struct tl_certainty {
    int64_t rank; /* of √W·J and √ρ·I together */
    double
        condition; /* of them, with columns of the length 1, those directions apart that are beyond the rank */
} tl_certainty;

/* The same, and, if `inverted`, the pseudo-inverse of A + ρ·I in the lower triangle of `factor`. False if it cannot be had. */
bool tl_equations_certainty(tl_equations *equations, double rho, bool inverted, tl_certainty *certainty);

/* With the rows (rows_equations.c): the same two; the caller stands between tl_blas_enter and tl_blas_leave. */
bool tl_rows_solve(tl_equations *equations, double mu, double rho, double *delta);
bool tl_rows_certainty(tl_equations *equations, double rho, bool inverted, tl_certainty *certainty);

/* factor (its lower triangle) = (A + ρ·I)⁺ (pseudo_inverse.c), from `scale`, S, and the spectrum of S·(A + ρ·I)·S: eigenvectors as
 * rows of V (n × n), of which count from `first` on have values that are not 0, and the rest of V, before or behind them, have not.
 * `rounding`: of a number of those. V is `factor`, or is not in it, and is lost. The caller stands as above. */
void tl_equations_invert(tl_equations *equations, double *v, const double *values, int64_t first,
                         int64_t count, double rounding);

#endif
