/* Evaluating a network inside a program: predict, forward and backward, cost and gradient.
 *
 * A workspace holds everything that these calls need, so they allocate nothing and cannot run out of
 * memory. Inputs X are n × d_0 views of f32, f64 or u8, n at most the workspace's batch unless a call takes any number of
 * rows; targets Y are n × d_L views of f32, f64 or u8, or n × 1 of i32 with class labels: 0 … d_L−1 for losses of classes,
 * 0 or 1 for binary cross-entropy with one output. Outputs may be f32 or f64 whatever the network's precision is. No
 * output may overlap an input.
 *
 * All of them return TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, an unfitting dtype, a gradient through TALUS_STEP),
 * TALUS_ERROR_SHAPE (sizes that do not fit the network, a batch larger than the workspace), or TALUS_ERROR_DATA (a value
 * that is not finite, a label or target out of range: row and column are named). After an error the outputs' content
 * is unspecified, and the network is as it was. */
#ifndef TALUS_EVALUATE_H
#define TALUS_EVALUATE_H

#include <talus/dataset.h>
#include <talus/network.h>

TALUS_BEGIN_C

typedef struct talus_workspace talus_workspace;

/* Makes a workspace for batches of at most max_batch samples of this network. It works with the threads of
 * its own context and leaves its messages there, which need not be the network's context: a network
 * may be used by several callers at once, each with a context and a workspace.
 * TALUS_ERROR_ARGUMENT on a NULL, TALUS_ERROR_SHAPE (max_batch below 1 or too large), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_workspace_create(talus_context *context, const talus_network *network,
                                              int64_t max_batch, talus_workspace **workspace);

/* Frees a workspace, before its network. NULL is allowed. */
TALUS_API void talus_workspace_destroy(talus_workspace *workspace);

/* outputs (n × d_L) = A_L for the inputs X (n × d_0), in the caller's units if targets are scaled (talus/scaling.h).
 * n may be any number: the rows are taken batch by batch. */
TALUS_API talus_status talus_predict(const talus_network *network, talus_workspace *workspace,
                                     const talus_matrix *inputs, const talus_matrix *outputs);

/* The same of at most one batch, and the workspace keeps what talus_backward needs. outputs may be NULL. */
TALUS_API talus_status talus_forward(const talus_network *network, talus_workspace *workspace,
                                     const talus_matrix *inputs, const talus_matrix *outputs);

/* Carries the caller's own ∂C/∂(outputs) back through the batch of the last talus_forward:
 *
 *     Δ_L = ∂C/∂A_L ⊙ f_L′(Z_L)  (softmax: A_L ⊙ (G − (G ⊙ A_L)·1·1ᵀ) for G = ∂C/∂A_L)
 *     Δ_l = (Δ_{l+1}·W_{l+1}) ⊙ f_l′(Z_l),   ∇W_l = Δ_lᵀ·A_{l−1},   ∇b_l = Δ_lᵀ·1,   ∂C/∂X = Δ_1·W_1
 *
 *   output_gradient  ∂C/∂(outputs of talus_forward), n × d_L of f32 or f64: ∂C/∂A_L, times scale_k of output k if targets
 *                    are scaled. No mean is taken.
 *   gradient         1 × P of the network's precision, laid out as the parameters; or NULL
 *   input_gradient   ∂C/∂X for X as it was given, n × d_0 of f32 or f64; or NULL: Δ_1·W_1, times scale_j of input j if
 *                    inputs are scaled
 * Parameters and scaling must be those of the forward call. May be called again for the same forward call.
 * TALUS_ERROR_STATE if no forward call precedes. */
TALUS_API talus_status talus_backward(const talus_network *network, talus_workspace *workspace,
                                      const talus_matrix *output_gradient, const talus_matrix *gradient,
                                      const talus_matrix *input_gradient);

/* Samples with what they should give. Fields that are not named are left out by 0, as in C's
 * {.inputs = x, .targets = y}; later versions append fields. */
typedef struct talus_batch {
    talus_matrix inputs;  /* X */
    talus_matrix targets; /* Y */
    talus_matrix
        weights; /* w, n × 1 of f32 or f64: finite and at least 0, with a sum above 0; data NULL: 1 each */
} talus_batch;

/* The batch of inputs and targets, without weights. */
static inline talus_batch talus_batch_of(talus_matrix inputs, talus_matrix targets)
{
    talus_batch batch;
    batch.inputs = inputs;
    batch.targets = targets;
    batch.weights = talus_matrix_view(NULL, TALUS_DTYPE_F32, 0, 0);
    return batch;
}

/* The cost C = Σ_i w_i·loss_i / Σ_i w_i over the samples i of a batch (the mean loss, without weights), plus the penalty on
 * the weights of layers that have one, and its gradient
 * ∂C/∂parameters, between A_L and scaled targets if they are scaled.
 * Layers with TALUS_NORMALIZATION_BATCH are normalised by the statistics of the batch, which leave the running ones as they are.
 *   size      the caller's sizeof of the batch
 *   cost      receives C; or NULL
 *   gradient  1 × P of the network's precision, laid out as the parameters; or NULL
 * TALUS_ERROR_DATA for weights, too; TALUS_ERROR_UNSUPPORTED if the batch holds what this version does not know. */
TALUS_API talus_status talus_gradient_sized(const talus_network *network, talus_workspace *workspace,
                                            const talus_batch *batch, size_t size, double *cost,
                                            const talus_matrix *gradient);

static inline talus_status talus_gradient(const talus_network *network, talus_workspace *workspace,
                                          const talus_batch *batch, double *cost,
                                          const talus_matrix *gradient)
{
    return talus_gradient_sized(network, workspace, batch, sizeof(talus_batch), cost, gradient);
}

/* What an evaluation finds. */
typedef struct talus_metrics {
    int64_t samples; /* n */
    double cost;     /* the mean loss: talus_gradient's C without a penalty */
    double
        accuracy; /* the fraction of right decisions, 0 … 1, in which samples have their weights. Losses of classes:
                        largest output at the label or largest target. Binary cross-entropy: outputs on the same
                        side of ½ as their targets. NaN for the others. */
} talus_metrics;

/* Evaluates one batch, as talus_predict computes its outputs.
 *   batch_size, metrics_size  the caller's sizeof of both structs */
TALUS_API talus_status talus_evaluate_batch_sized(const talus_network *network, talus_workspace *workspace,
                                                  const talus_batch *batch, size_t batch_size,
                                                  talus_metrics *metrics, size_t metrics_size);

static inline talus_status talus_evaluate_batch(const talus_network *network, talus_workspace *workspace,
                                                const talus_batch *batch, talus_metrics *metrics)
{
    return talus_evaluate_batch_sized(network, workspace, batch, sizeof(talus_batch), metrics,
                                      sizeof(talus_metrics));
}

/* Evaluates a whole data set of any length, batch by batch, in the order of its rows.
 *   size  the caller's sizeof of the metrics; TALUS_ERROR_ARGUMENT if it is too small */
TALUS_API talus_status talus_evaluate_sized(const talus_network *network, talus_workspace *workspace,
                                            const talus_dataset *dataset, talus_metrics *metrics,
                                            size_t size);

static inline talus_status talus_evaluate(const talus_network *network, talus_workspace *workspace,
                                          const talus_dataset *dataset, talus_metrics *metrics)
{
    return talus_evaluate_sized(network, workspace, dataset, metrics, sizeof(talus_metrics));
}

/* Evaluates a data set in the same way, and gives the costs of the ranges of outputs apart: the mean loss of each, times
 * its weight. They add up to the mean loss of the network; a network with one loss has one range.
 *   costs  receives count numbers, one for each range
 * TALUS_ERROR_SHAPE if count is not the number of ranges, TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_evaluate_ranges(const talus_network *network, talus_workspace *workspace,
                                             const talus_dataset *dataset, double *costs, int64_t count);

TALUS_END_C

#endif
