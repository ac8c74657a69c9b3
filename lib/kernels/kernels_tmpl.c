/* The table of one compilation. */
#include "kernels/kernels.h"

#include "kernels/activation.h"
#include "kernels/array.h"
#include "kernels/loss.h"
#include "kernels/product.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

extern const TL(tl_kernels) K(kernels);

const TL(tl_kernels) K(kernels) = {
    .name = TEXT(TL_VARIANT),
    .product = K(product),
    .lanes = TL_LANES,
    .activate =
        {
            [TALUS_IDENTITY] = K(activate_identity),
            [TALUS_RELU] = K(activate_relu),
            [TALUS_LEAKY_RELU] = K(activate_leaky_relu),
            [TALUS_ELU] = K(activate_elu),
            [TALUS_SIGMOID] = K(activate_sigmoid),
            [TALUS_TANH] = K(activate_tanh),
            [TALUS_SOFTPLUS] = K(activate_softplus),
            [TALUS_SOFTMAX] = K(activate_softmax),
        },
    .differentiate =
        {
            [TALUS_IDENTITY] = K(differentiate_identity),
            [TALUS_RELU] = K(differentiate_relu),
            [TALUS_LEAKY_RELU] = K(differentiate_leaky_relu),
            [TALUS_ELU] = K(differentiate_elu),
            [TALUS_SIGMOID] = K(differentiate_sigmoid),
            [TALUS_TANH] = K(differentiate_tanh),
            [TALUS_SOFTPLUS] = K(differentiate_softplus),
            [TALUS_SOFTMAX] = K(differentiate_softmax),
        },
    .loss =
        {
            [TALUS_SQUARED_ERROR] = K(loss_squared_error),
            [TALUS_BINARY_CROSS_ENTROPY] = K(loss_binary_cross_entropy),
            [TALUS_CROSS_ENTROPY] = K(loss_cross_entropy),
        },
    .right =
        {
            [TALUS_SQUARED_ERROR] = K(right_squared_error),
            [TALUS_BINARY_CROSS_ENTROPY] = K(right_binary_cross_entropy),
            [TALUS_CROSS_ENTROPY] = K(right_cross_entropy),
        },
    .transpose = K(transpose),
    .gather = K(gather),
    .scatter = K(scatter),
    .update =
        {
            [TALUS_GRADIENT_DESCENT] = K(update_gradient_descent),
            [TALUS_MOMENTUM] = K(update_momentum),
            [TALUS_ADAM] = K(update_adam),
        },
};
