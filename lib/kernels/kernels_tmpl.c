/* The table of one compilation. */
#include "kernels/kernels.h"

#include "kernels/activation.h"
#include "kernels/array.h"
#include "kernels/dropout.h"
#include "kernels/loss.h"
#include "kernels/normalize.h"
#include "kernels/product.h"
#include "kernels/update.h"
#include "kernels/vector.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

extern const TL(tl_kernels) K(kernels);

const TL(tl_kernels) K(kernels) = {
    .name = TEXT(TL_VARIANT),
    .product = K(product),
    .product_with_vector = K(product_with_vector),
    .lanes = TL_LANES,
    .activations = K(activations),
    .losses = K(losses),
    .updates = K(updates),
    .kept_backward = K(kept_backward),
    .drop = K(drop),
    .normalize = K(normalize),
    .normalize_backward = K(normalize_backward),
    .transpose = K(transpose),
    .gather = K(gather),
    .scatter = K(scatter),
    .dot = K(dot),
    .largest = K(largest),
    .axpy = K(axpy),
    .combine = K(combine),
    .clip = K(clip),
};
