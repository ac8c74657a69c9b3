/* Least squares: the parameters x (n of them) of a model of the caller's for which the m residuals r(x) are smallest,
 *
 *     cost = ½·Σ_i w_i·r_i(x)²
 *
 * by the method of Levenberg and Marquardt, with the uncertainty of what it finds. With the Jacobian J (m × n, J_ij =
 * ∂r_i/∂x_j) and W = diag(w), an iteration solves (Jᵀ·W·J + μ·D²)·Δx = −Jᵀ·W·r, and goes there if the cost falls. The
 * decay x_0·e^(−x_1·t) is fitted to numbers y at the times t by
 *
 *     static int decay(const talus_matrix *x, const talus_matrix *residuals, void *user)
 *     {
 *         const double *at = x->data;
 *         double *r = residuals->data;
 *         for (int i = 0; i < 20; i++)
 *             r[i] = at[0] * exp(-at[1] * t[i]) - y[i];
 *         return 0;
 *     }
 *     …
 *     double start[] = {1, 1}, errors[2];
 *     talus_matrix x = talus_matrix_view(start, TALUS_DTYPE_F64, 1, 2), e = talus_matrix_view(errors, TALUS_DTYPE_F64, 1, 2);
 *     talus_least_squares_options options;
 *     talus_least_squares_options_defaults(&options);
 *     options.standard_errors = &e;
 *     talus_least_squares(context, decay, NULL, NULL, &x, 20, &options, NULL);
 *
 * The dtype of x, f64 or f32, is that of all that the functions take and give; everything else is computed in f64. Prefer f64: of
 * residuals with the 7 digits of f32 differences leave 4, and cost and parameters have what digits their roundings leave.
 *
 * Sources: Levenberg, Quarterly of Applied Mathematics 2, 1944; Marquardt, SIAM Journal on Applied Mathematics 11, 1963; the
 * scaling D by Moré, Lecture Notes in Mathematics 630, 1978; the choice of μ by Nielsen, IMM-REP-1999-05, 1999; Bayesian
 * regularisation by MacKay, Neural Computation 4, 1992, and Foresee and Hagan, ICNN 1997. */
#ifndef TALUS_LEAST_SQUARES_H
#define TALUS_LEAST_SQUARES_H

#include <talus/context.h>
#include <talus/matrix.h>
#include <talus/outcome.h>

TALUS_BEGIN_C

/* residuals = r(x), 1 × m, and jacobian_ij = ∂r_i/∂x_j, m × n, at x (1 × n), all of the dtype of the vector that is fitted. The
 * Jacobian is asked for at the x at which the residuals have just been. Not 0 ends the search. Where r has no value it may be NaN
 * or infinite: no step goes there. They run in the thread of the call, and may make calls with the context. */
typedef int (*talus_residual_function)(const talus_matrix *x, const talus_matrix *residuals, void *user);
typedef int (*talus_residual_jacobian)(const talus_matrix *x, const talus_matrix *jacobian, void *user);

/* D, by which the damping of a parameter is measured. */
typedef enum talus_damping {
    /* D_j is the greatest length that column j of √W·J has had so far: the units of the parameters play no part.   Moré */
    TALUS_DAMPING_DIAGONAL = 0,
    /* All D_j are the greatest length of a column at the start. It takes shorter steps where lengths differ much, and so keeps
     * nearer to the start. */
    TALUS_DAMPING_IDENTITY = 1,
    /* D_j is the length that column j has now. It comes back from corners far away, where columns were long; but a parameter whose
     * column gets short may run away.   Marquardt; Transtrum and Sethna, arXiv:1201.5885, 2012, section 3.1 */
    TALUS_DAMPING_CURRENT = 2
} talus_damping;

/* "diagonal", "identity", "current"; "unknown". And the value of a name; −1. */
static inline const char *talus_damping_name(int damping)
{
    return talus_enumeration_name(TALUS_ENUMERATION_DAMPING, damping);
}

static inline int talus_damping_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_DAMPING, name);
}

/* How ∂r/∂x_j is found where no Jacobian is given, with ε = 2.2e-16. */
typedef enum talus_differences {
    /* (r(x + h·e_j) − r(x − h·e_j))/2h with h = ε^(1/3)·|x_j|, or ε^(1/3) where x_j = 0 */
    TALUS_DIFFERENCES_CENTRAL = 0,
    /* (r(x + h·e_j) − r(x))/h with h = ε^(1/2)·|x_j|, or ε^(1/2): half as many residuals, and fewer digits */
    TALUS_DIFFERENCES_FORWARD = 1
} talus_differences;

/* "central", "forward"; "unknown". And the value of a name; −1. */
static inline const char *talus_differences_name(int differences)
{
    return talus_enumeration_name(TALUS_ENUMERATION_DIFFERENCES, differences);
}

static inline int talus_differences_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_DIFFERENCES, name);
}

/* How the equations of a step are solved. */
typedef enum talus_step_method {
    /* Factored, where the call does not say otherwise. */
    TALUS_STEP_AUTO = 0,
    /* Jᵀ·W·J by Cholesky, and by QR or its eigenvalues where it is ill conditioned. */
    TALUS_STEP_FACTORED = 1,
    /* By products with J and Jᵀ only, to a part of the gradient that shrinks with it: no covariance is known. */
    TALUS_STEP_CONJUGATE_GRADIENTS = 2
} talus_step_method;

/* "auto", "factored", "conjugate_gradients"; "unknown". And the value of a name; −1. */
static inline const char *talus_step_method_name(int method)
{
    return talus_enumeration_name(TALUS_ENUMERATION_STEP_METHOD, method);
}

static inline int talus_step_method_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_STEP_METHOD, name);
}

/* How an iteration went: a step that was taken, after as many that were not as it took to find a μ that is large enough. The
 * library makes these, and later versions append fields. */
typedef struct talus_least_squares_step {
    int64_t iteration;   /* 1, 2, … */
    int64_t evaluations; /* of the residuals so far, without those for differences */
    double cost;         /* at the new x */
    /* There: max_j |(Jᵀ·W·r)_j|/(‖√W·J_j‖·‖√W·r‖), the greatest cosine of an angle between the residuals and a column of the
     * Jacobian; 0 where they are orthogonal. */
    double gradient;
    double step;    /* max_j ‖√W·J_j‖·|Δx_j| as a part of max_j ‖√W·J_j‖·|x_j| */
    double damping; /* the μ that the step was taken with */
    double effective_parameters; /* γ of Bayesian regularisation; else n */
    double seconds;              /* since the start */
    const talus_matrix *x;       /* 1 × n of f64 as it now is; not to be changed */
} talus_least_squares_step;

/* How to go about it, and when to end. Filled by talus_least_squares_options_defaults. A rule whose number is 0 is not in
 * force. */
typedef struct talus_least_squares_options {
    int scaling;     /* D, a talus_damping; default diagonal */
    int differences; /* a talus_differences; default central */
    /* 1: Bayesian regularisation. Then β·cost + α·½·‖x‖² is minimised; each iteration estimates α and β anew from the data, by
     * γ = n − α·tr((β·Jᵀ·W·J + α·I)⁻¹), α = γ/‖x‖² and β = (m − γ)/(2·cost), to one of their fixed points. In what is said of the gradient, of steps and of
     * ranks, the residuals are then √W·r and √(α/β)·x together. Default 0 */
    int bayesian;
    int steps; /* a talus_step_method; default auto */
    /* ≥ 0; μ of the first step; 0: none at all, the method of Gauss and Newton, which ends as stalled where the cost does not
     * fall, and needs m ≥ n; default 1e-3 */
    double damping;
    /* > 0; ends as stalled where no step with a μ up to this lowers the cost: as a rule because of rounding; default 1e16 */
    double damping_limit;
    /* ≥ 0; ends as converged where the gradient (see above) is at most this; default 1e-10 */
    double gradient_tolerance;
    double step_tolerance; /* ≥ 0; as stalled after a step (see above) of at most this; default 1e-12 */
    double cost_tolerance; /* ≥ 0; as stalled after the cost has fallen by at most this part; default 0 */
    double target;         /* ≥ 0; as target where the cost is at most this; default 0 */
    int64_t iterations;    /* ≥ 1; at most so many: ends as limit; default 1000 */
    /* ≥ 0; at most so many of the residuals, without those for differences: the same; default 0 */
    int64_t evaluations;
    double seconds; /* ≥ 0; ends as time before the first evaluation that would come later; default 0 */
    /* 1 × m of f64, w ≥ 0: as if residual i were there w_i times, but that m in what follows counts all whose weight is not 0.
     * Default NULL: all are 1 */
    const talus_matrix *weights;
    /* k × 5 of f64; row i = 0, 1, … receives cost, gradient, step, damping and effective parameters after iteration i (0: the
     * start, with no step), as many as there are rows; default NULL */
    const talus_matrix *history;
    /* n × n of f64: receives the covariance of the parameters as described at the result; NaN where it is not known. Default
     * NULL */
    const talus_matrix *covariance;
    /* 1 × n of f64: receives the standard errors of the parameters, the roots of its diagonal; default NULL */
    const talus_matrix *standard_errors;
    /* After each iteration; not 0 ends as stopped; may make calls with the context; default NULL */
    int (*on_step)(const talus_least_squares_step *step, void *user);
    void *user; /* handed to on_step; default NULL */
} talus_least_squares_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_least_squares_options_defaults_sized(talus_least_squares_options *options, size_t size);

static inline void talus_least_squares_options_defaults(talus_least_squares_options *options)
{
    talus_least_squares_options_defaults_sized(options, sizeof(talus_least_squares_options));
}

/* How it ended, and what the data say of the parameters there. The covariance is
 *
 *     σ²·(Jᵀ·W·J)⁺      σ² = 2·cost/(m − rank)            or (β·Jᵀ·W·J + α·I)⁻¹ with Bayesian regularisation
 *
 * where ⁺ is the inverse if the rank is n. If it is less, some directions of x change no residual, and ⁺ is the pseudo-inverse of
 * Moore and Penrose, in the units of x: the covariance that x has without its part in those directions. That is what the data say of
 * a sum of parameters that they determine, and of a parameter that none of those directions changes; of one that some do change the
 * data say nothing by itself, and its standard error is no bound.
 *
 * The rank counts singular values of √W·J with columns scaled to the length 1 that are above 10·n·2.2e-16 of the greatest; where
 * no rows are at hand (networks), eigenvalues of Jᵀ·W·J, so scaled, above the same part. So the units of the parameters play no
 * part. With u = n·2.2e-16 times `condition`, or times its square where no rows are at hand, a covariance c_ij is exact to
 * some u of √(c_ii·c_jj), and a column whose part in a linear dependence is less than 10·u (at most 1.5e-8) counts as no
 * part of it. */
typedef struct talus_least_squares_result {
    /* A talus_outcome: stopped, diverged (J is not finite at a point with a lower cost, where x then is), converged, target,
     * stalled, time or limit. */
    int outcome;
    /* 1: covariance and standard errors are known; 0: m ≤ rank, J was not to be had, or a variance is too large a number */
    int errors_known;
    int64_t iterations;  /* steps that were taken */
    int64_t evaluations; /* of the residuals, without those for differences */
    int64_t rank;        /* of J; −1 if it is not known */
    double cost;         /* ½·Σ w_i·r_i² at the end */
    double gradient;     /* there, as in talus_least_squares_step */
    double damping;      /* the last μ */
    /* Of √W·J with columns scaled to the length 1: greatest by least singular value, those beyond its rank apart; an estimate
     * where no rows are at hand; NaN if it is not known. */
    double condition;
    double degrees_of_freedom; /* m − rank; of Bayesian regularisation m − γ */
    /* σ, the residual standard deviation: √(2·cost/degrees_of_freedom); NaN if there are none. */
    double deviation;
    double effective_parameters; /* γ of Bayesian regularisation; else the rank, NaN if it is not known */
    double weight_precision;     /* α of Bayesian regularisation; else 0 */
    double noise_precision;      /* β of Bayesian regularisation; else 1 */
    double seconds;              /* in all */
} talus_least_squares_result;

/* Minimises ½·Σ w_i·r_i(x)² from x on. At the end x is the point with the least cost that was found, but for the rounding of
 * costs: where steps change the cost by less than that, the gradient tells whether they lead on, and three of them in a row that do
 * not lower it end the search as stalled. If r stops at once, x is as it was, and cost and gradient are NaN; where J stops, or a
 * difference, cost is that of x, and the gradient NaN.
 * The Jacobian is held whole, and where Jᵀ·W·J is ill conditioned it is taken by QR, so that what it can tell is not lost. Where
 * its rank is less than n, steps leave the directions out of which it says nothing.
 *   residuals, jacobian  r, and its derivatives; jacobian NULL: by differences (talus_differences)
 *   user                 handed to both
 *   x                    1 × n of f64 or f32, all finite: the start
 *   m                    how many residuals there are, ≥ 1
 *   options              NULL for the defaults
 *   result               receives how it ended; or NULL
 *   …_size               the caller's sizeof of the structs
 * All memory is allocated before r is evaluated first: m·n numbers, and where steps are factored max(m, n)·n and about 10·n². The
 * same x give the same bits for any number of threads, if r and J do.
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, another dtype, m below 1, an option out of its range, differences with a
 * jacobian, no damping with m < n, bayesian, covariance or standard_errors with conjugate_gradients, a size that is too small),
 * TALUS_ERROR_SHAPE (x is not one row, weights, history, covariance or standard_errors are of another size, J is too large to be
 * held, more than 23 000 parameters where steps are factored), TALUS_ERROR_DATA (a number of x is not finite, a weight is negative
 * or not finite, r or J are not finite at the start), TALUS_ERROR_UNSUPPORTED (a struct asks for what this version does not know),
 * TALUS_ERROR_MEMORY. After an error x is as it was. */
TALUS_API talus_status talus_least_squares_sized(talus_context *context, talus_residual_function residuals,
                                                 talus_residual_jacobian jacobian, void *user,
                                                 const talus_matrix *x, int64_t m,
                                                 const talus_least_squares_options *options,
                                                 size_t options_size, talus_least_squares_result *result,
                                                 size_t result_size);

static inline talus_status talus_least_squares(talus_context *context, talus_residual_function residuals,
                                               talus_residual_jacobian jacobian, void *user,
                                               const talus_matrix *x, int64_t m,
                                               const talus_least_squares_options *options,
                                               talus_least_squares_result *result)
{
    return talus_least_squares_sized(context, residuals, jacobian, user, x, m, options,
                                     sizeof(talus_least_squares_options), result,
                                     sizeof(talus_least_squares_result));
}

TALUS_END_C

#endif
