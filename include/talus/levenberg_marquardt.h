/* Networks fitted by the method of Levenberg and Marquardt, with the uncertainty of their parameters and of what they predict:
 * for squared error and up to some ten thousand parameters, for which nothing else gets as low in so short a time.
 *
 *     talus_levenberg_marquardt(network, data, NULL, NULL, &result);
 *
 * What is minimised is talus_gradient's C over the whole data set, penalties on the weights (l2) included. With the residuals
 *
 *     r_ik = √(w_i·v_k/W)·(a_ik − y_ik)          w_i: weight of sample i, W = Σ w_i; v_k: weight of output k
 *
 * between outputs and targets as the network has them (scaled, if targets are), and √l2 times each weight that has a penalty,
 * C = ½·‖r‖²: the cost of talus/least_squares.h, whose method this is. Rows of the Jacobian J = ∂r/∂θ come from batched
 * backpropagation; JᵀJ is summed over blocks of samples, and J is never held whole. Conjugate gradients, which find the steps of
 * networks that are too large for JᵀJ, take JᵀJ·v from a pass forward and one back, whatever the number of outputs.
 *
 * Sources: Levenberg 1944 and Marquardt 1963 as in talus/least_squares.h; for networks Hagan and Menhaj, IEEE Transactions on
 * Neural Networks 5(6), 1994; JᵀJ·v: Schraudolph, Neural Computation 14(7), 2002; Bayesian regularisation MacKay 1992, Foresee and
 * Hagan 1997. */
#ifndef TALUS_LEVENBERG_MARQUARDT_H
#define TALUS_LEVENBERG_MARQUARDT_H

#include <talus/evaluate.h>
#include <talus/least_squares.h>

TALUS_BEGIN_C

/* Filled by talus_levenberg_marquardt_options_defaults. */
typedef struct talus_levenberg_marquardt_options {
    /* The method: damping, Bayesian regularisation, when to end, history, covariance (P × P) and standard errors (1 × P) of the
     * parameters; read during the call only. Costs and targets in it are C. Its weights must be NULL, since samples have
     * theirs, and its differences at the default, since none are taken. Default NULL: the defaults of
     * talus_least_squares_options */
    const talus_least_squares_options *method;
    /* ≥ 1; bytes that the call may allocate in all, without the batches of a data set that is streamed; default 4e9. Most of it
     * are 8·P² for each matrix of P × P numbers, and 8·P for each row of a block of J. Where it is too little for them, steps
     * are found by conjugate gradients, if the method's `steps` are auto, and refused if they are factored. These are fastest
     * where the activations of all samples fit in, which are then computed once a step; a stream's never are. */
    int64_t memory;
    /* ≥ 0; with auto steps, networks with more parameters than this take conjugate gradients whatever the memory is; default 0:
     * there is no such limit */
    int64_t parameter_limit;
    /* ≥ 0; needs a validation set: ends as stalled after so many iterations in which its cost has not fallen, and the network
     * keeps the parameters with which that was least, of which no covariance is known. Default 0: not in force, the network is
     * that of the last iteration, and a validation set is only looked at at the end */
    int64_t patience;
} talus_levenberg_marquardt_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_levenberg_marquardt_options_defaults_sized(talus_levenberg_marquardt_options *options,
                                                                size_t size);

static inline void talus_levenberg_marquardt_options_defaults(talus_levenberg_marquardt_options *options)
{
    talus_levenberg_marquardt_options_defaults_sized(options, sizeof(talus_levenberg_marquardt_options));
}

/* How it went. What talus_least_squares_result has too means the same. */
typedef struct talus_levenberg_marquardt_result {
    int outcome;      /* a talus_outcome */
    int errors_known; /* 1: covariance and standard errors are known */
    int64_t iterations;
    int64_t evaluations;
    int64_t steps;          /* how steps were found: TALUS_STEP_FACTORED or TALUS_STEP_CONJUGATE_GRADIENTS */
    int64_t residuals;      /* m: targets that are there and have a weight, and weights that have a penalty */
    int64_t rank;           /* of J; −1 if it is not known */
    double cost;            /* C of the training set with the parameters that the network has now */
    double validation_cost; /* the mean loss of the validation set with them; NaN without one */
    double gradient;
    double damping;
    double condition;
    double degrees_of_freedom;
    double deviation; /* σ of targets as the network has them, of a sample and an output of the weight 1 */
    double effective_parameters;
    double
        weight_precision; /* α of Bayesian regularisation, of which W·C and not C is the cost: what is minimised is
                                β·W·C + α·½·‖θ‖² */
    double noise_precision; /* and β; without it 1 */
    double seconds;
} talus_levenberg_marquardt_result;

/* Fits a network to a data set from its parameters on, in f64 whatever the network's precision is; parameters of an f32 network
 * are rounded before a cost is computed.
 *   training    with targets that fit the network; may have weights and missing targets, and may be streamed
 *   validation  the same; or NULL
 *   options     NULL for the defaults
 *   result      receives how it ended; or NULL
 *   …_size      the caller's sizeof of the structs, and of the options of the method
 * The bits do not depend on the number of threads, unless `memory` is so little that samples go in smaller blocks: each thread takes
 * some of it. The parameters of the covariance are in the order of the flat vector.
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, an option out of its range; products that are not exact (talus_products), a loss
 * other than squared error, layers that are normalised over the batch, that have dropout, l1, spectral_penalty, max_norm or spectral_norm, noise on the inputs, an activation without
 * gradients: there are no residuals of single samples then; more residuals are needed without damping; patience without validation),
 * TALUS_ERROR_SHAPE (data that does not fit the network, more parameters than the memory allows for), TALUS_ERROR_DATA (a value
 * of the data or a parameter is not finite), TALUS_ERROR_UNSUPPORTED (a struct asks for what this version does not know),
 * TALUS_ERROR_MEMORY. After an error the network is as it was. */
TALUS_API talus_status talus_levenberg_marquardt_sized(talus_network *network, const talus_dataset *training,
                                                       const talus_dataset *validation,
                                                       const talus_levenberg_marquardt_options *options,
                                                       size_t options_size, size_t method_size,
                                                       talus_levenberg_marquardt_result *result,
                                                       size_t result_size);

static inline talus_status talus_levenberg_marquardt(talus_network *network, const talus_dataset *training,
                                                     const talus_dataset *validation,
                                                     const talus_levenberg_marquardt_options *options,
                                                     talus_levenberg_marquardt_result *result)
{
    return talus_levenberg_marquardt_sized(
        network, training, validation, options, sizeof(talus_levenberg_marquardt_options),
        sizeof(talus_least_squares_options), result, sizeof(talus_levenberg_marquardt_result));
}

/* How sure a network is of what it predicts. With the covariance Σ of its parameters and j_ik = ∂a_ik/∂θ, to first order
 *
 *     error_ik = factor·√(σ²/v_k + j_ik·Σ·j_ikᵀ)
 *
 * in the caller's units, if targets are scaled.   Seber and Wild, Nonlinear Regression, 1989, section 5.1
 *   inputs      X, n × d_0: any number of rows
 *   covariance  P × P of f64, of the parameters as they are, such as talus_levenberg_marquardt gives it; all finite
 *   deviation   σ: for a band in which a new observation is to lie, the `deviation` of the result; 0: for one in which its mean
 *               is
 *   factor      > 0; 1: standard errors; for a band that holds 95 of 100,
 *               talus_student_quantile(0.95, degrees_of_freedom)
 *   outputs     n × d_L of f32 or f64, receives the predictions; or NULL
 *   errors      n × d_L of f32 or f64, receives the half widths of the bands
 * Allocates room for 2 blocks of at most 256 rows of J, or of d_L. The bits do not depend on
 * the threads. The errors of talus_predict, TALUS_ERROR_ARGUMENT and TALUS_ERROR_DATA for these (a j·Σ·jᵀ below 0 by more than
 * rounding is no covariance's), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_prediction_bands(const talus_network *network, talus_workspace *workspace,
                                              const talus_matrix *inputs, const talus_matrix *covariance,
                                              double deviation, double factor, const talus_matrix *outputs,
                                              const talus_matrix *errors);

/* The t with P(|T| ≤ t) = probability for Student's T with so many degrees of freedom, by the incomplete beta function: 1.96 for
 * 0.95 and many of them. Infinite degrees are allowed. NaN unless 0 ≤ probability < 1 and degrees_of_freedom > 0. */
TALUS_API double talus_student_quantile(double probability, double degrees_of_freedom);

TALUS_END_C

#endif
