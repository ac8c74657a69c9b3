/* Derivatives of a network's outputs, exactly: for the Newton iteration of a host program, for sensitivities, and for
 * equations that a network is to satisfy.
 *
 * Samples do not depend on each other: out_k of a sample is a function of its own row x of X. All calls compute in inference,
 * as talus_predict does: normalisation over the batch takes the running statistics, dropout and noise do not act. Inputs and
 * outputs are in the caller's units, so a network with a scaling has the derivatives of what talus_predict gives by what it
 * reads, through the clipping of inputs and their projection (talus/projection.h), too: d_0 is the number of raw inputs then,
 * the columns of X.
 *
 * Where f′ jumps, as relu's at 0, derivatives are those that talus/network.h gives there, and second derivatives those beside
 * the jump: activations that are made of straight pieces have f″ = 0, and what they say of a curved function is 0, too. Networks
 * with a step, whose derivative is 0 wherever there is one, are refused. Softmax and normalised layers are differentiated as
 * the functions of the whole layer that they are.
 *
 * Common to all calls:
 *   workspace   made for the network; it holds no forward pass for talus_backward afterwards
 *   inputs      X, n × d_0 of f32, f64 or u8; any n, which is taken in batches of the workspace's size
 *   results     of f32 or f64, computed in the network's precision; no result may overlap an argument. A number beyond the
 *               range of the type becomes infinite
 * Directions and samples are the columns of matrix products, in pieces that are cut by shape and computed by all threads: the
 * bits do not depend on these. Memory for a batch's derivatives of the activations, and for a piece in each thread, is
 * taken from the context for the time of the call; beyond that no call takes any.
 *
 * Errors of all: TALUS_ERROR_ARGUMENT (a NULL, a dtype, a workspace of another network, an overlap, a step), TALUS_ERROR_SHAPE
 * (rows or columns that do not fit), TALUS_ERROR_DATA (an input, or a number of v or u, that is not finite in the network's
 * precision), TALUS_ERROR_MEMORY, TALUS_ERROR_STATE (the context is in use). After an error in X or for lack of memory, results
 * of batches before it may have been written. */
#ifndef TALUS_DERIVATIVES_H
#define TALUS_DERIVATIVES_H

#include <talus/evaluate.h>
#include <talus/network.h>

TALUS_BEGIN_C

/* jacobian ← ∂out_k/∂x_j of each sample: n × (d_L·d_0), whose row i is the Jacobian of sample i, d_L × d_0 by rows, with
 * ∂out_k/∂x_j in column k·d_0 + j.
 *
 * By d_0 tangents, ȧ_l = f_l′ ⊙ (W_l·ȧ_{l−1}) from unit vectors of the inputs, or by d_L gradients, g_{l−1} = W_lᵀ·(f_l′ ⊙ g_l)
 * from unit vectors of the outputs: whichever takes fewer multiplications.
 * Source: Griewank and Walther, Evaluating derivatives, 2008, chapter 3. */
TALUS_API talus_status talus_jacobian(const talus_network *network, talus_workspace *workspace,
                                      const talus_matrix *inputs, const talus_matrix *jacobian);

/* product ← J·v of each sample: product_ik = Σ_j ∂out_ik/∂x_ij·v_ij, at twice the cost of a prediction.
 *   v        n × d_0 of f32 or f64
 *   product  n × d_L */
TALUS_API talus_status talus_jacobian_product(const talus_network *network, talus_workspace *workspace,
                                              const talus_matrix *inputs, const talus_matrix *v,
                                              const talus_matrix *product);

/* product ← Jᵀ·u of each sample: product_ij = Σ_k ∂out_ik/∂x_ij·u_ik, at twice the cost of a prediction. The same as the
 * input_gradient of talus_forward and talus_backward.
 *   u        n × d_L of f32 or f64
 *   product  n × d_0 */
TALUS_API talus_status talus_jacobian_transposed_product(const talus_network *network,
                                                         talus_workspace *workspace,
                                                         const talus_matrix *inputs, const talus_matrix *u,
                                                         const talus_matrix *product);

/* product ← J·v for the Jacobian by the parameters θ: product_ik = Σ_p ∂out_ik/∂θ_p·v_p, how all outputs move when θ does
 * along v. Penalties on the weights play no part.
 *   v        1 × P of the network's precision, laid out as the parameters
 *   product  n × d_L
 * Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6(1), 1994, eq. 3. */
TALUS_API talus_status talus_parameter_jacobian_product(const talus_network *network,
                                                        talus_workspace *workspace,
                                                        const talus_matrix *inputs, const talus_matrix *v,
                                                        const talus_matrix *product);

/* product ← Jᵀ·u for the Jacobian by the parameters: product_p = Σ_i Σ_k ∂out_ik/∂θ_p·u_ik, a sum over all samples. The
 * gradient of talus_forward and talus_backward, for any n.
 *   u        n × d_L of f32 or f64
 *   product  1 × P of the network's precision, laid out as the parameters */
TALUS_API talus_status talus_parameter_jacobian_transposed_product(const talus_network *network,
                                                                   talus_workspace *workspace,
                                                                   const talus_matrix *inputs,
                                                                   const talus_matrix *u,
                                                                   const talus_matrix *product);

/* second ← ∂²out_k/∂x_j², the diagonals of the Hessians by the inputs: n × (d_L·d_0), with ∂²out_k/∂x_j² in column k·d_0 + j.
 * Forward: along each unit vector, z̈_l = W_l·ä_{l−1} and ä_l = f_l′ ⊙ z̈_l + f_l″ ⊙ ż_l². */
TALUS_API talus_status talus_second_derivatives(const talus_network *network, talus_workspace *workspace,
                                                const talus_matrix *inputs, const talus_matrix *second);

/* laplacian ← Δout_k = Σ_j ∂²out_k/∂x_j²: n × d_L. Forward, with the sum of ä over the directions in the place of each: about
 * half the cost of talus_second_derivatives.
 * Source: Li, Ye, Zhang and others, Forward Laplacian, 2023, arXiv:2307.08214. */
TALUS_API talus_status talus_laplacian(const talus_network *network, talus_workspace *workspace,
                                       const talus_matrix *inputs, const talus_matrix *laplacian);

TALUS_END_C

#endif
