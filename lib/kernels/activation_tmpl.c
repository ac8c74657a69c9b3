#include "kernels/activation.h"

#include "kernels/activation_loops.h"
#include "kernels/softmax.h"

void K(kept_backward)(const TL(tl_activation_args) * x)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        real *restrict delta = x->delta + i * x->ld;
        const real *restrict slope = x->slope + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++)
            delta[j] *= slope[j];
        x->sums[i] = sum_row(x->cols, delta);
        add_squares(&squares, x->cols, delta);
    }
    *x->squares += total_of(&squares);
}

const TL(tl_activation_kernel) K(activations)[TALUS_ACTIVATION_COUNT] = {
    [TALUS_IDENTITY] = {K(identity_forward), K(identity_backward)},
    [TALUS_RELU] = {K(relu_forward), K(relu_backward)},
    [TALUS_LEAKY_RELU] = {K(leaky_relu_forward), K(leaky_relu_backward)},
    [TALUS_ELU] = {K(elu_forward), K(kept_backward)},
    [TALUS_SIGMOID] = {K(sigmoid_forward), K(sigmoid_backward)},
    [TALUS_TANH] = {K(tanh_forward), K(tanh_backward)},
    [TALUS_SOFTPLUS] = {K(softplus_forward), K(softplus_backward)},
    [TALUS_SOFTMAX] = {K(softmax_forward), K(softmax_backward)},
    [TALUS_SELU] = {K(selu_forward), K(kept_backward)},
    [TALUS_SILU] = {K(silu_forward), K(kept_backward)},
    [TALUS_GELU] = {K(gelu_forward), K(kept_backward)},
    [TALUS_GELU_TANH] = {K(gelu_tanh_forward), K(kept_backward)},
    [TALUS_MISH] = {K(mish_forward), K(kept_backward)},
    [TALUS_SOFTSIGN] = {K(softsign_forward), K(kept_backward)},
    [TALUS_HARD_TANH] = {K(hard_tanh_forward), K(hard_tanh_backward)},
    [TALUS_HARD_SIGMOID] = {K(hard_sigmoid_forward), K(hard_sigmoid_backward)},
    [TALUS_SINE] = {K(sine_forward), K(kept_backward)},
    [TALUS_GAUSSIAN] = {K(gaussian_forward), K(kept_backward)},
    [TALUS_EXPONENTIAL] = {K(exponential_forward), K(exponential_backward)},
    [TALUS_STEP] = {.forward = K(step_forward)},
    [TALUS_PRELU] = {K(prelu_forward), K(kept_backward)},
};
