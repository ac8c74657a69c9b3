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
    .normalize_columns = K(normalize_columns),
    .normalize_columns_backward = K(normalize_columns_backward),
    .normalize_rows = K(normalize_rows),
    .normalize_rows_backward = K(normalize_rows_backward),
    .moments = K(moments),
    .dot_rows = K(dot_rows),
    .transpose = K(transpose),
    .gather = K(gather),
    .scatter = K(scatter),
    .dot = K(dot),
    .norm = K(norm),
    .count_small = K(count_small),
    .largest = K(largest),
    .axpy = K(axpy),
    .combine = K(combine),
    .clip = K(clip),
};
