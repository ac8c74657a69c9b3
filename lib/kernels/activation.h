/* The activations of one compilation, by code, and the functions in their table. */
#ifndef TL_KERNELS_ACTIVATION_H
#define TL_KERNELS_ACTIVATION_H

#include <talus/network.h>

#include "kernels/families.h"
#include "kernels/variant.h"

extern const TL(tl_activation_kernel) K(activations)[TALUS_ACTIVATION_COUNT];

typedef void TL(tl_activation_function)(const TL(tl_activation_args) * args);

/* f′ as the forward pass kept it. */
TL(tl_activation_function) K(kept_backward);

/* piecewise_tmpl.c: straight lines */
TL(tl_activation_function) K(identity_forward), K(identity_backward);
TL(tl_activation_function) K(relu_forward), K(relu_backward);
TL(tl_activation_function) K(leaky_relu_forward), K(leaky_relu_backward);
TL(tl_activation_function) K(hard_tanh_forward), K(hard_tanh_backward);
TL(tl_activation_function) K(hard_sigmoid_forward), K(hard_sigmoid_backward);
TL(tl_activation_function) K(step_forward);
TL(tl_activation_function) K(prelu_forward);

/* exponential_tmpl.c: one exponential */
TL(tl_activation_function) K(elu_forward), K(selu_forward), K(gaussian_forward);
TL(tl_activation_function) K(softplus_forward), K(softplus_backward);
TL(tl_activation_function) K(exponential_forward), K(exponential_backward);

/* sigmoid_tmpl.c: from one level to another */
TL(tl_activation_function) K(sigmoid_forward), K(sigmoid_backward);
TL(tl_activation_function) K(tanh_forward), K(tanh_backward);
TL(tl_activation_function) K(softsign_forward);

/* gate_tmpl.c: z times a gate that z itself opens */
TL(tl_activation_function) K(silu_forward), K(gelu_forward), K(gelu_tanh_forward), K(mish_forward);

/* sine_tmpl.c */
TL(tl_activation_function) K(sine_forward);

#endif
