/* The last layer of a network, solved exactly. */
#ifndef TALUS_SOLVE_H
#define TALUS_SOLVE_H

#include <talus/dataset.h>
#include <talus/network.h>

TALUS_BEGIN_C

/* How to solve. Filled by talus_solve_options_defaults. */
typedef struct talus_solve_options {
    double ridge; /* λ ≥ 0, which is added to the l2 of the last layer; default 0 */

    /* A direction does not count if its singular value is at most this times the largest, of the centred matrix whose columns
     * have the length 1: 0 ≤ … < 1; default 0: d·ε, with the ε of the network's precision. */
    double rank_tolerance;
    int orthogonal; /* 1: by orthogonal factors and singular values in any case; default 0: where they are needed */
    int full_rank; /* 1: a matrix of a rank below d is refused; default 0: the solution of minimum norm is taken */
} talus_solve_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_solve_options_defaults_sized(talus_solve_options *options, size_t size);

static inline void talus_solve_options_defaults(talus_solve_options *options)
{
    talus_solve_options_defaults_sized(options, sizeof(talus_solve_options));
}

/* What was solved. The library makes these, and later versions append fields. */
typedef struct talus_solve_result {
    int64_t rank;    /* the directions of H that count; d if there are as many as columns */
    int64_t columns; /* d, the inputs of the last layer */

    /* The condition number of H as the rank is judged, over the directions that count, with λ: the ratio of the largest to the
     * smallest singular value; an estimate, as a rule somewhat above it, without orthogonal factors. NaN if the rank is 0. */
    double condition;
    double cost_before; /* the mean loss over the training set, as of talus_evaluate, before and after */
    double cost;
    double squares; /* Σ_i s_i·‖W·h_i + b − y_i‖², between targets as they are scaled */
    double r2;      /* R² as in a talus_report; NaN if no output has targets that differ */
    double seconds; /* in all */
    int orthogonal; /* 1: by orthogonal factors, 0: by the normal matrix */
    int refinements; /* steps of refinement after the normal matrix: none where it is exact enough, as it often is in f32, and none
                      * with orthogonal factors */
} talus_solve_result;

/* Solves the last layer of a network for a data set, while the layers below stay as they are, trained or random:
 *
 *     min over W, b of   ½·Σ_i s_i·‖W·h_i + b − y_i‖²/Σ_i s_i + (λ/2)·‖W‖²
 *
 * with the sample weights s_i (1 unless the data set has some), the inputs h_i of the last layer, d of them, as talus_predict
 * computes them (without dropout and noise, normalised by running statistics), the targets y_i as the network scales them, and λ =
 * ridge + l2 of the last layer. Biases are not penalised; a layer without biases has no b. A network with one layer is linear, and
 * h_i are its inputs as it scales them: this is linear least squares, or ridge regression (Hoerl and Kennard 1970).
 *
 * Of H, whose rows are √s_i·(h_i − h̄), one pass over the data makes the normal matrix HᵀH in blocks of samples. Its columns are
 * brought to the length 1 (van der Sluis 1969); if it is conditioned well enough for it, it is solved by Cholesky, and up to two
 * passes refine the solution by residuals that are computed from the data: after t of them the method's error is (κ²·ε)^(t+1), with
 * the ε of f64, which is kept below the network's ε, and what remains is what orthogonal factors would leave (Björck, Numerical
 * methods for least squares problems, 1996, sections 2.9 and 6.6.5). In f64 there is at least one such pass. In f32 there is none if
 * κ²·ε is small enough and the squares of the residuals are at least 2⁻²⁰ of those of the targets. Otherwise H = Q·R is factored
 * block by block, [R; H_block] = Q′·R′, and the singular values of R give the rank. Where this is below d, W is the solution of
 * minimum norm ‖W‖; a column that is constant has the weight 0.
 *
 * All of it is computed in f64 from what the network's precision gives, and rounded once; b is made for the W that was
 * rounded. Memory is O(d² + d·d_L) and a workspace of at most 1024 samples, however many there are. The bits do not depend on the
 * number of threads. Numbers are squared: h and y beyond about 1e±150 are not for this.
 *   training      with targets; it may be streamed, and is read one to four times
 *   options       NULL for the defaults
 *   result        receives how it went; or NULL
 *   …_size        the caller's sizeof of the structs
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL; an option out of its range; a network that has not one loss, squared error,
 * between targets and the identity in its last layer, or has l1, spectral_penalty, max_norm, spectral_norm or
 * a normalisation there, targets that may be missing, or weights of outputs together with λ > 0; a size that is too small), TALUS_ERROR_SHAPE (data that
 * does not fit the network, more than 20000 inputs of the last layer), TALUS_ERROR_DATA (a value that cannot be used, h_i or a solution that is not finite, a rank below d
 * that is refused), TALUS_ERROR_UNSUPPORTED (a struct asks for what this version does not know), TALUS_ERROR_MEMORY. After an error
 * the network is as it was. */
TALUS_API talus_status talus_solve_readout_sized(talus_network *network, const talus_dataset *training,
                                                 const talus_solve_options *options, size_t options_size,
                                                 talus_solve_result *result, size_t result_size);

static inline talus_status talus_solve_readout(talus_network *network, const talus_dataset *training,
                                               const talus_solve_options *options, talus_solve_result *result)
{
    return talus_solve_readout_sized(network, training, options, sizeof(talus_solve_options), result,
                                     sizeof(talus_solve_result));
}

TALUS_END_C

#endif
