/* Minimising a function of the caller's: f(x) of n numbers, with its gradient, by any method of talus/optimizer.h.
 *
 *     static int valley(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
 *     {
 *         const double *at = x->data;
 *         double *g = gradient->data, a = 1 - at[0], b = at[1] - at[0] * at[0];
 *         *value = a * a + 100 * b * b;
 *         g[0] = -2 * a - 400 * at[0] * b;
 *         g[1] = 200 * b;
 *         return 0;
 *     }
 *     …
 *     double start[] = {-1.2, 1};
 *     talus_matrix x = talus_matrix_view(start, TALUS_DTYPE_F64, 1, 2);
 *     talus_minimize(context, valley, NULL, &x, NULL, NULL);
 *
 * An iteration of a method that searches along lines (L-BFGS, conjugate gradients) evaluates f once or a few times; one of
 * an update rule (Adam and so on) is one step and one evaluation. */
#ifndef TALUS_MINIMIZE_H
#define TALUS_MINIMIZE_H

#include <talus/optimizer.h>
#include <talus/outcome.h>

TALUS_BEGIN_C

/* *value = f(x) and gradient = ∇f(x); both views are 1 × n of the dtype of the vector that is minimised, which x looks at.
 * Not 0 stops the minimisation. Where f has no value, *value or the gradient may be NaN or infinite: a search stays clear of
 * such points. It runs in the thread of the call, and may make calls with the context. */
typedef int (*talus_function)(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user);

/* How an iteration went. The library makes these, and later versions append fields. */
typedef struct talus_minimize_step {
    int64_t iteration;     /* 1, 2, … */
    int64_t evaluations;   /* of f so far */
    double value;          /* f(x) */
    double gradient_norm;  /* max_i |∂f/∂x_i| */
    double step;           /* max_i |Δx_i| of this iteration */
    double seconds;        /* since the start */
    const talus_matrix *x; /* as it now is; not to be changed */
} talus_minimize_step;

/* How to minimise, and when to end. Filled by talus_minimize_options_defaults. A rule whose number is 0 is not in force. */
typedef struct talus_minimize_options {
    const talus_optimizer_spec
        *optimizer; /* read during the call only; default NULL: L-BFGS with its defaults */
    double
        gradient_tolerance; /* ≥ 0; ends as converged where max_i |∂f/∂x_i| is at most this; default 1e-5 */
    double
        value_tolerance; /* ≥ 0; as stalled after |f_k − f_{k−1}| ≤ this·max(|f_k|, |f_{k−1}|); default 0 */
    double step_tolerance; /* ≥ 0; as stalled after max_i |Δx_i| ≤ this; default 0 */
    double target;         /* as target where f ≤ this; default −1.7976931348623157e308: none */
    int64_t iterations;    /* ≥ 1; at most so many: ends as limit; default 1000 */
    int64_t evaluations;   /* ≥ 0; at most so many of f: the same; default 0 */
    double seconds; /* ≥ 0; ends as time before the first evaluation that would come later; default 0 */
    /* k × 3 of f64; row i = 0, 1, … receives f, max |∂f/∂x_i| and max |Δx_i| after iteration i (0: the start, with no step),
     * as many as there are rows; default NULL */
    const talus_matrix *history;
    int (*on_step)(const talus_minimize_step *,
                   void *user); /* after each iteration; not 0 ends as stopped; may make
                                                                calls with the context; default NULL */
    void *user;                 /* handed to on_step; default NULL */
} talus_minimize_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_minimize_options_defaults_sized(talus_minimize_options *options, size_t size);

static inline void talus_minimize_options_defaults(talus_minimize_options *options)
{
    talus_minimize_options_defaults_sized(options, sizeof(talus_minimize_options));
}

typedef struct talus_minimize_result {
    int outcome; /* a talus_outcome: stopped, diverged (f or ∇f is not finite, at the start or where an update rule went),
                    converged, target, stalled (a tolerance; or a search found nothing lower, by rounding as a rule), time
                    or limit */
    int64_t iterations;
    int64_t evaluations;
    double value;         /* f(x) at the end */
    double gradient_norm; /* max_i |∂f/∂x_i| there */
    double seconds;       /* in all */
} talus_minimize_result;

/* Minimises f from x on. At the end x is the point that is converged, or else the one with the least value after any
 * iteration, or in a search that was ended within one; if f stops at once, or it or its gradient is not finite at the start,
 * x is as it was, and value and gradient_norm are NaN.
 *   user            handed to f
 *   x               1 × n of f32 or f64, all finite: the start, and then every point at which f is evaluated
 *   options         NULL for the defaults
 *   result          receives how it ended; or NULL
 *   …_size          the caller's sizeof of the structs, and of the spec that the options point to
 * All memory is allocated before f is called first: n numbers for 5 vectors, L-BFGS 2m more, an update rule as many as it
 * has. The same x give the same bits for any number of threads, if f does.
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, another dtype, an option out of its range, what talus_optimizer_create
 * refuses, a size that is too small), TALUS_ERROR_SHAPE (x is not one row, the history has other than 3 columns),
 * TALUS_ERROR_DATA (a number of x is not finite), TALUS_ERROR_UNSUPPORTED (a struct asks for what this version does not
 * know), TALUS_ERROR_MEMORY. After an error x is as it was. */
TALUS_API talus_status talus_minimize_sized(talus_context *context, talus_function f, void *user,
                                            const talus_matrix *x, const talus_minimize_options *options,
                                            size_t options_size, size_t optimizer_size,
                                            talus_minimize_result *result, size_t result_size);

static inline talus_status talus_minimize(talus_context *context, talus_function f, void *user,
                                          const talus_matrix *x, const talus_minimize_options *options,
                                          talus_minimize_result *result)
{
    return talus_minimize_sized(context, f, user, x, options, sizeof(talus_minimize_options),
                                sizeof(talus_optimizer_spec), result, sizeof(talus_minimize_result));
}

TALUS_END_C

#endif
