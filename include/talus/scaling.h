/* Scaling: a network that reads and gives numbers in the caller's units.
 *
 * The scaling belongs to the network, so every call on it takes raw inputs X and targets Y: fit, steps, gradients,
 * evaluation and prediction see the same numbers, and data stays as it is in memory. What the layers read, and what
 * their outputs A_L are judged against, is
 *
 *     x′_j = (x_j − shift_j)·scale_j,     y′_k = (y_k − shift_k)·scale_k
 *
 * computed in double and rounded once to the network's precision. Inputs may be clipped smoothly after that (see
 * talus_network_clip_inputs), targets are not: what is undone must not be lost. Units:
 *
 *   outputs           of talus_predict and talus_forward: the caller's, a_k/scale_k + shift_k; of gaussian_nll so are
 *                     the means, and the logarithms of variances are s_k − 2·log |scale_k|
 *   cost, gradient    of the scaled problem, which is the one that is trained: the loss between A_L and Y′. This is also
 *                     the cost in metrics, epochs and progress. (Squared error under one scale s for all outputs is s²
 *                     times that in the caller's units.)
 *   output_gradient   of talus_backward: ∂C/∂(outputs in the caller's units); with it ∂C/∂a_k = output_gradient_k/scale_k
 *   input_gradient    ∂C/∂X for the raw X: ∂C/∂x_j = ∂C/∂x′_j·scale_j, times the slope of the clipping
 *
 * A network that has just been made has no scaling. Change it between calls only, and not between a talus_forward and
 * its talus_backward. */
#ifndef TALUS_SCALING_H
#define TALUS_SCALING_H

#include <talus/dataset.h>
#include <talus/network.h>

TALUS_BEGIN_C

/* From now on inputs are read as (x_j − shift_j)·scale_j.
 *   shift, scale  count numbers each, copied; shift NULL means 0, scale NULL means 1; both NULL: no scaling
 *   count         d_0: one pair a column; or 1: one for all; not read if both are NULL
 * TALUS_ERROR_ARGUMENT (a NULL network), TALUS_ERROR_SHAPE (another count), TALUS_ERROR_DATA (a shift that is not
 * finite; a scale that is not finite or not 2^−1022 … 2^1022 in size, so 0 too), TALUS_ERROR_MEMORY; on an error the
 * scaling stays as it was. */
TALUS_API talus_status talus_network_scale_inputs(talus_network *network, const double *shift,
                                                  const double *scale, int64_t count);

/* From now on inputs, scaled to u_j, are read as
 *
 *     x′_j = u_j/√(1 + (u_j/clip)²),     ∂x′_j/∂u_j = (1 − (x′_j/clip)²)^(3/2)
 *
 * which is nearly u_j where u_j is small beside clip, and never beyond ±clip. It bounds what outliers can do, whose order
 * stays. Source: Holzmüller, Grinsztajn and Steinwart, Better by default: strong pre-tuned MLPs and boosted trees on tabular
 * data, NeurIPS 2024 (arXiv:2407.04491), which takes a robust scaling and clip = 3.
 *   clip  2^−100 … 2^100; 0: inputs are not clipped, as in a network that has just been made
 * It stays when the scaling changes. What is not finite is refused as before. TALUS_ERROR_ARGUMENT (a NULL),
 * TALUS_ERROR_DATA (another clip, which changes nothing). */
TALUS_API talus_status talus_network_clip_inputs(talus_network *network, double clip);

/* Receives it, or 0. TALUS_ERROR_ARGUMENT on a NULL. */
TALUS_API talus_status talus_network_input_clip(const talus_network *network, double *clip);

/* From now on targets are read as (y_k − shift_k)·scale_k, and outputs are given as a_k/scale_k + shift_k. The last
 * activation decides which scaled targets can be reached, such as 0 … 1 by a sigmoid. Arguments as above, with
 * the number of targets in place of d_0. Also TALUS_ERROR_ARGUMENT if the targets of the loss are bounded (as cross-entropy's are), or if the last
 * layer is a softmax, whose outputs add up to 1. */
TALUS_API talus_status talus_network_scale_targets(talus_network *network, const double *shift,
                                                   const double *scale, int64_t count);

/* Which scaling is fitted to the columns of a data set.
 *
 * A column does not vary if max x_i − min x_i is below 2^−1022, or is nothing but roundings: at most 4·ε·max |x_i|, where ε is that of
 * the numbers as they are stored (2^−52 of f64, 2^−23 of f32, 0 of u8). It gets the scale 1, so it becomes about 0, and a line of the
 * context's log names it; talus_constant_inputs lists them all.
 *
 * Quartiles q are those of type 7 of Hyndman and Fan, Sample quantiles in statistical packages, The American Statistician
 * 50(4), 1996: of x_(0) ≤ … ≤ x_(n−1), the one at h = (n − 1)·p for p = ¼, ½, ¾ is x_(⌊h⌋) + (h − ⌊h⌋)·(x_(⌊h⌋+1) − x_(⌊h⌋)). They are
 * exact. Where both quartiles are one number, as of a column of which most are 0, the scale is 2/(max x_i − min x_i), as in
 * arXiv:2407.04491. */
typedef enum talus_scaling {
    TALUS_SCALING_STANDARD = 0, /* to mean 0 and standard deviation 1: shift = m, scale = 1/s, with
                                   m = Σ_i x_i/n and s = √(Σ_i (x_i − m)²/n) */
    TALUS_SCALING_RANGE = 1,    /* to 0 … 1: shift = min x_i, scale = 1/(max x_i − min x_i) */
    TALUS_SCALING_ROBUST = 2, /* by what outliers do not move: shift = the median, scale = 1/(q_¾ − q_¼) */
    TALUS_SCALING_COUNT = 3   /* known to this header */
} talus_scaling;

/* "standard" for TALUS_SCALING_STANDARD, …; "unknown". And the value of a name; −1. */
static inline const char *talus_scaling_name(int scaling)
{
    return talus_enumeration_name(TALUS_ENUMERATION_SCALING, scaling);
}

static inline int talus_scaling_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_SCALING, name);
}

/* Fits the scaling of each column to the samples of a data set, in place of the one that the network has. Computed in
 * double, sample after sample: the same bits with any number of threads.
 * Source: of mean and deviation, Welford, Note on a method for calculating corrected sums of squares and products,
 * Technometrics 4(3), 1962. Samples that are streamed (talus/stream.h) are read once for a range, twice for a standard
 * scaling and nine times for a robust one, 256 at a time; memory does not grow with their number. Targets may have any kind: outputs
 * are brought back to the caller's units.
 *   dataset  with d_0 inputs; for targets, with d_L columns of values
 *   kind     a talus_scaling
 * TALUS_ERROR_ARGUMENT (a NULL, an unknown kind, no targets, labels, or what talus_network_scale_targets refuses),
 * TALUS_ERROR_SHAPE (columns that do not fit the network), TALUS_ERROR_DATA (a column that spreads over more than
 * 2^1022, a stream that fails), TALUS_ERROR_MEMORY; on an error the scaling stays as it was. */
TALUS_API talus_status talus_network_fit_input_scaling(talus_network *network, const talus_dataset *dataset,
                                                       int kind);
TALUS_API talus_status talus_network_fit_target_scaling(talus_network *network, const talus_dataset *dataset,
                                                        int kind);

/* Lists the columns of the inputs of a data set that do not vary, counted from 0, in ascending order.
 *   columns   receives as many of them as fit; capacity is that number, and may be 0, then columns may be NULL
 *   count     receives how many there are; or NULL
 * Goes through the data set once. TALUS_ERROR_ARGUMENT (a NULL, a negative capacity), TALUS_ERROR_DATA, TALUS_ERROR_MEMORY as of
 * talus_network_fit_input_scaling. */
TALUS_API talus_status talus_constant_inputs(talus_context *context, const talus_dataset *dataset,
                                             int64_t *columns, int64_t capacity, int64_t *count);

/* Lends the scaling of a network until it is changed: count numbers each of shift and scale, or 0 and NULLs if there is
 * none. A pointer may be NULL if what it would receive is not wanted. TALUS_ERROR_ARGUMENT if network is NULL. */
TALUS_API talus_status talus_network_input_scaling(const talus_network *network, int64_t *count,
                                                   const double **shift, const double **scale);
TALUS_API talus_status talus_network_target_scaling(const talus_network *network, int64_t *count,
                                                    const double **shift, const double **scale);

TALUS_END_C

#endif
