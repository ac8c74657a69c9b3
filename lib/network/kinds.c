#include "network/kinds.h"

#include <math.h>
#include <stddef.h>

/* Of softmax, ½ is the largest eigenvalue of ∂a/∂z = diag(a) − a·aᵀ: xᵀ·(∂a/∂z)·x is the variance of x_k under the weights a_k, which
 * is at most (max x − min x)²/4 (Popoviciu 1935), and (a − b)² ≤ 2·(a² + b²). */
static const tl_activation_kind activations[TALUS_ACTIVATION_COUNT] = {
    [TALUS_IDENTITY] = {.name = "identity",
                        .initializer = TALUS_INIT_GLOROT_UNIFORM,
                        .linear = true,
                        .largest_slope = 1},
    [TALUS_RELU] = {.name = "relu", .initializer = TALUS_INIT_HE_NORMAL, .largest_slope = 1},
    [TALUS_LEAKY_RELU] = {.name = "leaky_relu",
                          .parameter = {"alpha", 0.01, 0, INFINITY},
                          .initializer = TALUS_INIT_HE_NORMAL,
                          .he_gain = TL_HE_LEAKY,
                          .largest_slope = 1,
                          .slope_alpha = 1},
    [TALUS_ELU] = {.name = "elu",
                   .parameter = {"alpha", 1, 0, INFINITY},
                   .initializer = TALUS_INIT_HE_NORMAL,
                   .slope_from_z = true,
                   .largest_slope = 1,
                   .slope_alpha = 1},
    [TALUS_SIGMOID] = {.name = "sigmoid",
                       .initializer = TALUS_INIT_GLOROT_UNIFORM,
                       .steepest = 0.25,
                       .largest_slope = 0.25},
    [TALUS_TANH] = {.name = "tanh",
                    .initializer = TALUS_INIT_GLOROT_UNIFORM,
                    .steepest = 1,
                    .largest_slope = 1},
    [TALUS_SOFTPLUS] = {.name = "softplus", .initializer = TALUS_INIT_HE_NORMAL, .largest_slope = 1},
    [TALUS_SOFTMAX] = {.name = "softmax",
                       .initializer = TALUS_INIT_GLOROT_UNIFORM,
                       .whole_layer = true,
                       .largest_slope = 0.5},
    [TALUS_SELU] = {.name = "selu",
                    .initializer = TALUS_INIT_LECUN_NORMAL,
                    .slope_from_z = true,
                    .largest_slope = 1.7580993408473769},
    [TALUS_SILU] = {.name = "silu",
                    .initializer = TALUS_INIT_HE_NORMAL,
                    .slope_from_z = true,
                    .largest_slope = 1.0998393201288669},
    [TALUS_GELU] = {.name = "gelu",
                    .initializer = TALUS_INIT_HE_NORMAL,
                    .slope_from_z = true,
                    .largest_slope = 1.1289041451851550},
    [TALUS_GELU_TANH] = {.name = "gelu_tanh",
                         .initializer = TALUS_INIT_HE_NORMAL,
                         .slope_from_z = true,
                         .largest_slope = 1.1289930686587716},
    [TALUS_MISH] = {.name = "mish",
                    .initializer = TALUS_INIT_HE_NORMAL,
                    .slope_from_z = true,
                    .largest_slope = 1.0884981612517279},
    [TALUS_SOFTSIGN] = {.name = "softsign",
                        .initializer = TALUS_INIT_GLOROT_UNIFORM,
                        .slope_from_z = true,
                        .steepest = 1,
                        .largest_slope = 1},
    [TALUS_HARD_TANH] = {.name = "hard_tanh",
                         .initializer = TALUS_INIT_GLOROT_UNIFORM,
                         .steepest = 1,
                         .largest_slope = 1},
    [TALUS_HARD_SIGMOID] = {.name = "hard_sigmoid",
                            .initializer = TALUS_INIT_GLOROT_UNIFORM,
                            .steepest = 1 / 6.0,
                            .largest_slope = 1 / 6.0},
    [TALUS_SINE] = {.name = "sine",
                    .parameter = {"alpha", 1, 0, INFINITY},
                    .initializer = TALUS_INIT_HE_UNIFORM,
                    .he_gain = TL_HE_FACTOR,
                    .slope_from_z = true,
                    .slope_alpha = 1},
    [TALUS_GAUSSIAN] = {.name = "gaussian",
                        .initializer = TALUS_INIT_GLOROT_UNIFORM,
                        .slope_from_z = true,
                        .largest_slope = 0.85776388496070680},
    [TALUS_EXPONENTIAL] = {.name = "exponential",
                           .initializer = TALUS_INIT_GLOROT_UNIFORM,
                           .largest_slope = INFINITY},
    [TALUS_STEP] = {.name = "step",
                    .initializer = TALUS_INIT_GLOROT_UNIFORM,
                    .flat = true,
                    .largest_slope = INFINITY},
    [TALUS_PRELU] = {.name = "prelu",
                     .parameter = {"alpha", 0.25, 0, INFINITY},
                     .initializer = TALUS_INIT_HE_NORMAL,
                     .he_gain = TL_HE_LEAKY,
                     .slope_from_z = true,
                     .learns_slopes = true,
                     .largest_slope = 1,
                     .slope_alpha = 1},
};

/* What targets may be. */
#define ANY_NUMBER   .least = -INFINITY, .most = INFINITY, .targets = "a finite number"
#define NOT_NEGATIVE .least = 0, .most = INFINITY, .targets = "a finite number of at least 0"
#define UP_TO_ONE    .least = 0, .most = 1, .targets = "a number in 0 … 1"
#define NOT_FUSED    .fused = -1

static const tl_loss_kind losses[TALUS_LOSS_COUNT] = {
    [TALUS_SQUARED_ERROR] = {.name = "squared_error",
                             NOT_FUSED,
                             ANY_NUMBER,
                             .labels = TL_LABELS_NONE,
                             .outputs = 1,
                             .squares = true},
    [TALUS_BINARY_CROSS_ENTROPY] = {.name = "binary_cross_entropy",
                                    .fused = TALUS_SIGMOID,
                                    UP_TO_ONE,
                                    .labels = TL_LABELS_SIDES,
                                    .outputs = 1},
    [TALUS_CROSS_ENTROPY] = {.name = "cross_entropy",
                             .fused = TALUS_SOFTMAX,
                             NOT_NEGATIVE,
                             .labels = TL_LABELS_CLASSES,
                             .outputs = 1},
    [TALUS_ABSOLUTE_ERROR] =
        {.name = "absolute_error", NOT_FUSED, ANY_NUMBER, .labels = TL_LABELS_NONE, .outputs = 1},
    [TALUS_HUBER] = {.name = "huber",
                     .parameter = {"delta", 1, 0, INFINITY},
                     NOT_FUSED,
                     ANY_NUMBER,
                     .labels = TL_LABELS_NONE,
                     .outputs = 1},
    [TALUS_QUANTILE] = {.name = "quantile",
                        .parameter = {"tau", 0.5, 0, 1},
                        NOT_FUSED,
                        ANY_NUMBER,
                        .labels = TL_LABELS_NONE,
                        .outputs = 1},
    [TALUS_LOG_COSH] = {.name = "log_cosh", NOT_FUSED, ANY_NUMBER, .labels = TL_LABELS_NONE, .outputs = 1},
    [TALUS_POISSON] = {.name = "poisson",
                       NOT_FUSED,
                       NOT_NEGATIVE,
                       .labels = TL_LABELS_NONE,
                       .outputs = 1,
                       .logarithms = true},
    [TALUS_GAUSSIAN_NLL] =
        {.name = "gaussian_nll", NOT_FUSED, ANY_NUMBER, .labels = TL_LABELS_NONE, .outputs = 2},
    [TALUS_HINGE] = {.name = "hinge", NOT_FUSED, UP_TO_ONE, .labels = TL_LABELS_CLASSES, .outputs = 1},
    [TALUS_KULLBACK_LEIBLER] = {.name = "kullback_leibler",
                                .fused = TALUS_SOFTMAX,
                                NOT_NEGATIVE,
                                .labels = TL_LABELS_CLASSES,
                                .outputs = 1},
    [TALUS_FOCAL] = {.name = "focal",
                     .parameter = {"gamma", 2, 0, INFINITY},
                     .fused = TALUS_SOFTMAX,
                     NOT_NEGATIVE,
                     .labels = TL_LABELS_CLASSES,
                     .outputs = 1},
};

static const tl_initializer_kind initializers[TALUS_INITIALIZER_COUNT] = {
    [TALUS_INIT_AUTO] = {.name = "auto"},
    [TALUS_INIT_HE_UNIFORM] = {.name = "he_uniform", .variance = TL_VARIANCE_HE},
    [TALUS_INIT_HE_NORMAL] = {.name = "he_normal", .variance = TL_VARIANCE_HE, .normal = true},
    [TALUS_INIT_GLOROT_UNIFORM] = {.name = "glorot_uniform", .variance = TL_VARIANCE_GLOROT},
    [TALUS_INIT_GLOROT_NORMAL] = {.name = "glorot_normal", .variance = TL_VARIANCE_GLOROT, .normal = true},
    [TALUS_INIT_LECUN_UNIFORM] = {.name = "lecun_uniform", .variance = TL_VARIANCE_LECUN},
    [TALUS_INIT_LECUN_NORMAL] = {.name = "lecun_normal", .variance = TL_VARIANCE_LECUN, .normal = true},
    [TALUS_INIT_ORTHOGONAL] = {.name = "orthogonal", .normal = true, .orthogonal = true},
};

static const tl_part_kind parts[TALUS_PART_COUNT] = {
    [TALUS_PART_WEIGHTS] = {.name = "weights"},
    [TALUS_PART_BIASES] = {.name = "biases", .first = 0},
    [TALUS_PART_NORM_SCALES] = {.name = "norm_scales", .first = 1},
    [TALUS_PART_NORM_SHIFTS] = {.name = "norm_shifts", .first = 0},
    [TALUS_PART_SLOPES] = {.name = "slopes", .starts_at_alpha = true},
};

static const tl_normalization_kind normalizations[TALUS_NORMALIZATION_COUNT] = {
    [TALUS_NORMALIZATION_NONE] = {.name = "none"},
    [TALUS_NORMALIZATION_LAYER] = {.name = "layer",
                                   .epsilon = {"normalization_epsilon", 1e-5, 0, INFINITY},
                                   .normalizes = true},
    [TALUS_NORMALIZATION_BATCH] = {.name = "batch",
                                   .epsilon = {"normalization_epsilon", 1e-5, 0, INFINITY},
                                   .momentum = {"normalization_momentum", 0.1, 0, 1},
                                   .normalizes = true,
                                   .of_batch = true},
};

static const tl_products_kind products[TALUS_PRODUCTS_COUNT] = {
    [TALUS_PRODUCTS_EXACT] = {"exact", 0},
    [TALUS_PRODUCTS_BF16_X6] = {"bf16_x6", 3},
    [TALUS_PRODUCTS_BF16_X3] = {"bf16_x3", 2},
    [TALUS_PRODUCTS_BF16] = {"bf16", 1},
};

const tl_activation_kind *tl_activation_kind_of(int activation)
{
    return activation >= 0 && activation < TALUS_ACTIVATION_COUNT ? &activations[activation] : NULL;
}

const tl_loss_kind *tl_loss_kind_of(int loss)
{
    return loss >= 0 && loss < TALUS_LOSS_COUNT ? &losses[loss] : NULL;
}

double tl_largest_slope(const tl_activation_kind *kind, double alpha)
{
    const double steep = kind->slope_alpha * fabs(alpha);
    return steep <= kind->largest_slope ? kind->largest_slope : steep; /* NaN stays */
}

const tl_initializer_kind *tl_initializer_kind_of(int initializer)
{
    return initializer >= 0 && initializer < TALUS_INITIALIZER_COUNT ? &initializers[initializer] : NULL;
}

const tl_part_kind *tl_part_kind_of(int part)
{
    return part >= 0 && part < TALUS_PART_COUNT ? &parts[part] : NULL;
}

const tl_normalization_kind *tl_normalization_kind_of(int normalization)
{
    return normalization >= 0 && normalization < TALUS_NORMALIZATION_COUNT ? &normalizations[normalization]
                                                                           : NULL;
}

const tl_products_kind *tl_products_kind_of(int mode)
{
    return mode >= 0 && mode < TALUS_PRODUCTS_COUNT ? &products[mode] : NULL;
}

int64_t tl_label_count(const tl_loss_kind *loss, int64_t outputs)
{
    switch (loss->labels) {
    case TL_LABELS_CLASSES:
        return outputs;
    case TL_LABELS_SIDES:
        return outputs == 1 ? 2 : 0;
    default:
        return 0;
    }
}

static const char *activation_name(int activation)
{
    return activations[activation].name;
}

static const char *loss_name(int loss)
{
    return losses[loss].name;
}

static const char *initializer_name(int initializer)
{
    return initializers[initializer].name;
}

static const char *part_name(int part)
{
    return parts[part].name;
}

static const char *normalization_name(int normalization)
{
    return normalizations[normalization].name;
}

static const char *products_name(int mode)
{
    return products[mode].name;
}

const tl_names tl_activation_names = {TALUS_ENUMERATION_ACTIVATION, TALUS_ACTIVATION_COUNT, activation_name};
const tl_names tl_loss_names = {TALUS_ENUMERATION_LOSS, TALUS_LOSS_COUNT, loss_name};
const tl_names tl_initializer_names = {TALUS_ENUMERATION_INITIALIZER, TALUS_INITIALIZER_COUNT,
                                       initializer_name};
const tl_names tl_part_names = {TALUS_ENUMERATION_PART, TALUS_PART_COUNT, part_name};
const tl_names tl_normalization_names = {TALUS_ENUMERATION_NORMALIZATION, TALUS_NORMALIZATION_COUNT,
                                         normalization_name};
const tl_names tl_products_names = {TALUS_ENUMERATION_PRODUCTS, TALUS_PRODUCTS_COUNT, products_name};
