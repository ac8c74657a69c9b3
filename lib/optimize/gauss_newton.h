/* Levenberg and Marquardt's method on any sum of squares: the seam between the method and all that has residuals to give,
 * talus_least_squares and networks. Everything is f64 here. */
#ifndef TL_OPTIMIZE_GAUSS_NEWTON_H
#define TL_OPTIMIZE_GAUSS_NEWTON_H

#include <talus/least_squares.h>

#include "base/context.h"
#include "base/options.h"

extern const tl_options tl_least_squares_table; /* talus_least_squares_options */
extern const tl_names tl_damping_names, tl_differences_names, tl_step_method_names;

/* A sum of squares, cost = ½·Σ w_i·r_i(x)² of x (n) with m residuals whose weight is not 0.
 *
 * The functions return TALUS_OK; an error, with its message, which ends the search; or TALUS_STATUS_NONE to end it as stopped.
 * Where a number is not finite they return TALUS_OK and give it: a trial step is then rejected. They are called outside of
 * tl_blas_enter. `normal` and `gradient` are asked for the x of the last `evaluate`; `product` for the x of the last `gradient`,
 * after which others may have been evaluated. */
typedef struct tl_squares {
    talus_context *context;
    const char *name; /* what messages begin with */
    int64_t n, m;
    double rounding; /* what part of the cost may be rounding; 0: 1e-12 */
    void *user;

    talus_status (*evaluate)(void *user, const double *x, double *cost);

    /* A = Jᵀ·W·J (n × n by rows, the lower triangle; what is above may hold anything), g = Jᵀ·W·r. NULL: the iterative way. */
    talus_status (*normal)(void *user, const double *x, double *a, double *g);

    /* May be NULL: √W·J (m_all × n, m_all ≥ n rows without gaps, one after another) and √W·r of the last `normal`, which may be
     * overwritten. With them ill-conditioned steps and covariances are found by QR instead of from A. */
    void (*rows)(void *user, int64_t *count, double **jacobian, double **residuals);

    /* The iterative way, by conjugate gradients: the diagonal of A and g; and A·v at the same x. */
    talus_status (*gradient)(void *user, const double *x, double *diagonal, double *g);
    talus_status (*product)(void *user, const double *x, const double *v, double *product);
} tl_squares;

enum { TL_SQUARES_HISTORY = 5 }; /* columns of the history */

/* What the caller has asked for, checked: in it, `history`, `covariance` and `standard_errors` are NULL or point to the copies
 * beside them, so that it must not move. `weights` is only taken over: whose they are checks them, and refuses what does not
 * apply. */
typedef struct tl_squares_options {
    talus_least_squares_options options;
    talus_matrix history, covariance, standard_errors;
} tl_squares_options;

/* Takes the caller's options (NULL: the defaults) for n parameters. name is what messages begin with. */
talus_status tl_squares_take(talus_context *context, const char *name, int64_t n,
                             const talus_least_squares_options *from, size_t from_size,
                             tl_squares_options *to);

/* TALUS_ERROR_SHAPE, with a message that begins with the name, if steps of so many parameters cannot be factored. */
talus_status tl_squares_check_size(talus_context *context, const char *name, int64_t n, bool has_rows);

/* The bytes that tl_squares_minimize allocates where there are no `rows`; −1 if there are too many parameters. */
int64_t tl_squares_bytes(int64_t n, bool iterative);

/* Minimises from x (n) on, and leaves x at the best point; after an error x is as it was. All memory is allocated before the
 * first evaluation. TALUS_ERROR_ARGUMENT (options that do not fit the sizes), TALUS_ERROR_MEMORY, TALUS_ERROR_DATA (the
 * residuals or J are not finite at the start), and what the functions return. */
talus_status tl_squares_minimize(const tl_squares *squares, const tl_squares_options *options, double *x,
                                 talus_least_squares_result *result);

#endif
