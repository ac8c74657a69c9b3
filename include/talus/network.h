/* Networks: their shape, their loss, and their parameters.
 *
 * A network of L dense layers with widths d_1 … d_L over d_0 inputs computes, for a batch X = A_0 of n rows,
 *
 *     Z_l = A_{l−1}·W_lᵀ + 1·b_lᵀ,   A_l = f_l(Z_l),   l = 1 … L        (Z_l and A_l are n × d_l)
 *
 * and the cost C of a batch is the mean over its samples of the loss between A_L and the targets Y, plus the penalty
 * Σ_l (l2_l/2·Σ W_l² + l1_l·Σ |W_l| + spectral_penalty_l/2·‖W_l‖²) of layers that have one; its gradient is
 * l2·W + l1·sign(W) + spectral_penalty·s·u·vᵀ, with sign(0) = 0 and the largest singular value s = ‖W‖, W·v = s·u.
 * A layer may be normalised before its activation (talus_normalization). */
#ifndef TALUS_NETWORK_H
#define TALUS_NETWORK_H

#include <talus/context.h>
#include <talus/matrix.h>

TALUS_BEGIN_C

typedef struct talus_network talus_network;

/* f of a unit's z; softmax, which may stand in any layer, is one of all units of the layer.
 *
 * But for softmax, f(z) is within 2 units in the last place, or as many as stand here, over all z and in both precisions;
 * f(±∞) is the limit, and f(NaN) is NaN. */
typedef enum talus_activation {
    TALUS_IDENTITY = 0,   /* z */
    TALUS_RELU = 1,       /* max(0, z);              f′(0) = 0 */
    TALUS_LEAKY_RELU = 2, /* z if z > 0, else α·z;   f′(0) = α */
    TALUS_ELU = 3,        /* z if z > 0, else α·(exp(z) − 1);   f′(0) = α; 5 units for any α but 1 */
    TALUS_SIGMOID = 4,    /* 1/(1 + exp(−z)) */
    TALUS_TANH = 5,       /* tanh z */
    TALUS_SOFTPLUS = 6,   /* log(1 + exp(z)) */
    TALUS_SOFTMAX = 7,    /* exp(z_k − max z)/Σ_j exp(z_j − max z) */
    /* λ·z if z > 0, else λ·α·(exp(z) − 1), for λ = 1.0507… and α = 1.6732…, with which mean 0 and variance 1 are a fixed
     * point from layer to layer; f′(0) = λ·α; 5 units.   Klambauer et al. 2017, arXiv:1706.02515 */
    TALUS_SELU = 8,
    /* z·σ(z), also called swish; 4 units.   Hendrycks and Gimpel 2016, arXiv:1606.08415; Ramachandran et al. 2017,
     * arXiv:1710.05941 */
    TALUS_SILU = 9,
    /* z·Φ(z) for the distribution Φ of the standard normal, exactly; 12 units.   Hendrycks and Gimpel 2016 */
    TALUS_GELU = 10,
    /* ½·z·(1 + tanh u), u = √(2/π)·(z + 0.044715·z³), the approximation of the same paper; 6 units, below 0 6 + 6·|u| */
    TALUS_GELU_TANH = 11,
    TALUS_MISH = 12,         /* z·tanh(log(1 + exp z)); 6 units.   Misra 2019, arXiv:1908.08681 */
    TALUS_SOFTSIGN = 13,     /* z/(1 + |z|).   Glorot and Bengio 2010 */
    TALUS_HARD_TANH = 14,    /* max(−1, min(1, z));           f′(±1) = 0.   Collobert 2004 */
    TALUS_HARD_SIGMOID = 15, /* max(0, min(1, z/6 + ½));      f′(±3) = 0 */
    /* sin(α·z), the α·z of f64 rounded once it is above 2²⁰; NaN at ±∞ and where α·z overflows; f′(0) = α.   Sitzmann et al.
     * 2020, arXiv:2006.09661, whose ω₀ is α */
    TALUS_SINE = 16,
    TALUS_GAUSSIAN = 17,    /* exp(−z²) */
    TALUS_EXPONENTIAL = 18, /* exp(z) */
    /* 1 if z > 0, else 0: a perceptron's (Rosenblatt 1958). f′ is 0 wherever there is one, so nothing is learned through
     * it: networks with it evaluate, but have no gradients and no trainers. */
    TALUS_STEP = 19,
    /* z if z > 0, else α_k·z, where the slope α_k of each unit k is learnt: the layer has TALUS_PART_SLOPES, which start at
     * its α. ∂C/∂α_k is the sum over the samples of ∂C/∂a_k·min(z_k, 0); f′(0) = α_k. Penalties, max_norm and,
     * unless asked, weight decay leave slopes alone. An output range cannot have it.   He et al. 2015, arXiv:1502.01852 */
    TALUS_PRELU = 20,
    TALUS_ACTIVATION_COUNT = 21 /* known to this header */
} talus_activation;

/* The loss of a sample. Those with sigmoid or softmax need it in the last layer, together with which they are computed from
 * z; the others go with any activation. A loss's parameter is loss_parameter of the spec. At a kink the slope is 0. */
typedef enum talus_loss {
    /* ½·Σ_k (a_k − y_k)², with any last activation */
    TALUS_SQUARED_ERROR = 0,
    /* −Σ_k (y_k·log a_k + (1−y_k)·log(1−a_k)), 0 ≤ y_k ≤ 1, with sigmoid: Δ_L = (A_L − Y)/n */
    TALUS_BINARY_CROSS_ENTROPY = 1,
    /* −Σ_k y_k·log a_k, y_k ≥ 0, with softmax: Δ_L = (A_L·Σ_k y_k − Y)/n, or (A_L − Y)/n where rows of Y sum to 1 */
    TALUS_CROSS_ENTROPY = 2,
    /* Σ_k |a_k − y_k|: the median of what may be */
    TALUS_ABSOLUTE_ERROR = 3,
    /* Σ_k ½·e² where |e| ≤ δ, else δ·(|e| − ½·δ), with e = a_k − y_k: as absolute error for large errors, smooth at 0.
     * The parameter is δ > 0, by default 1.   Huber, Annals of Mathematical Statistics 35, 1964 */
    TALUS_HUBER = 4,
    /* Σ_k max(τ·(y_k − a_k), (τ − 1)·(y_k − a_k)): a_k becomes the τ-quantile of what y_k may be. The parameter is τ,
     * 0 < τ < 1, by default 0.5: half the absolute error.   Koenker and Bassett, Econometrica 46, 1978 */
    TALUS_QUANTILE = 5,
    /* Σ_k log cosh(a_k − y_k), which is ½·e² near 0 and |e| − log 2 for a large e
     * Neuneier and Zimmermann, How to train neural networks, 1998 */
    TALUS_LOG_COSH = 6,
    /* Σ_k exp(a_k) − y_k·a_k, y_k ≥ 0: of counts y_k, whose expectation is exp(a_k), the negative logarithm of the
     * probability but for log y_k!, which no parameter changes. Outputs are log rates, so the usual last activation is
     * the identity.   McCullagh and Nelder, Generalized linear models, 1989, chapter 6 */
    TALUS_POISSON = 7,
    /* Of k targets with 2k outputs, first means μ, then logarithms s of variances: Σ_k ½·(s_k + (y_k − μ_k)²·exp(−s_k)),
     * the negative logarithm of a normal density but for the constant ½·log 2π, which is left out. Outputs are of any
     * size, so the usual last activation is the identity.
     * Nix and Weigend, Estimating the mean and variance of the target probability distribution, 1994 */
    TALUS_GAUSSIAN_NLL = 8,
    /* Σ_k max(0, 1 + a_k − a_c) over all k but the class c, that of the label or of the largest target (the first of
     * equals), 0 ≤ y_k ≤ 1.   Weston and Watkins, Support vector machines for multi-class pattern recognition, 1999;
     * the sum of all broken margins, not the largest alone as of Crammer and Singer, 2001 */
    TALUS_HINGE = 9,
    /* Σ_k y_k·log(y_k/a_k), y_k ≥ 0, where 0·log 0 is 0, with softmax: cross-entropy less the entropy of the targets,
     * which has the same slopes and is 0 where A_L = Y.   Kullback and Leibler, On information and sufficiency, 1951 */
    TALUS_KULLBACK_LEIBLER = 10,
    /* −Σ_k y_k·(1 − a_k)^γ·log a_k, y_k ≥ 0, with softmax: cross-entropy in which samples that are well classified count
     * less. The parameter is γ > 0, by default 2.   Lin et al. 2017, arXiv:1708.02002, eq. 4, here of many classes */
    TALUS_FOCAL = 11,
    TALUS_LOSS_COUNT = 12 /* known to this header */
} talus_loss;

/* How the weights of a layer are drawn; biases start at 0. The distribution has mean 0 and variance v,
 * uniform on ±√(3v) or normal, or is that of orthogonal matrices. What is drawn is multiplied by the layer's gain.
 * fan_in = d_{l−1}, fan_out = d_l. */
typedef enum talus_initializer {
    /* HE_NORMAL for relu, leaky_relu, elu, softplus, silu, gelu, gelu_tanh and mish; LECUN_NORMAL for selu; HE_UNIFORM for
     * sine; GLOROT_UNIFORM for the others */
    TALUS_INIT_AUTO = 0,
    /* v = 2/fan_in; leaky_relu: 2/((1 + α²)·fan_in).   He et al. 2015, arXiv:1502.01852, eq. 10 and 15.
     * sine: 2/(α²·fan_in), with HE_UNIFORM as Sitzmann et al. 2020 draw hidden layers */
    TALUS_INIT_HE_UNIFORM = 1,
    TALUS_INIT_HE_NORMAL = 2,
    /* v = 2/(fan_in + fan_out).   Glorot and Bengio 2010, eq. 16 */
    TALUS_INIT_GLOROT_UNIFORM = 3,
    TALUS_INIT_GLOROT_NORMAL = 4,
    /* v = 1/fan_in.   LeCun et al. 1998, Efficient BackProp, eq. 16 */
    TALUS_INIT_LECUN_UNIFORM = 5,
    TALUS_INIT_LECUN_NORMAL = 6,
    /* Rows of length 1 that are orthogonal to each other if d_l ≤ d_{l−1}, else such columns: W·Wᵀ = 1 or Wᵀ·W = 1. All such
     * matrices are equally likely (Haar's measure): W is the Q of a matrix of standard normal numbers, Q·R with a positive
     * diagonal of R.   Saxe et al. 2014, arXiv:1312.6120; Mezzadri 2007, arXiv:math-ph/0609050
     * For relu a gain of √2 keeps the size of signals from layer to layer, as He's variance does. LAPACK factorises: other BLAS
     * libraries round in other places, so the last bits are not theirs. */
    TALUS_INIT_ORTHOGONAL = 7,
    TALUS_INITIALIZER_COUNT = 8 /* known to this header */
} talus_initializer;

/* What is done to Z_l before the activation: each number is freed of a mean μ and a variance σ², and scaled and shifted by
 * numbers that are learnt, one a unit,
 *
 *     ẑ_ik = (z_ik − μ)/√(σ² + ε),   A_l = f_l(γ_k·ẑ_ik + β_k)        for sample i and unit k
 *
 * The gradient runs through μ and σ²: with g = ∂C/∂ẑ = γ·∂C/∂(γ·ẑ + β), and means over what μ and σ² are taken over,
 * ∂C/∂z = (g − mean g − ẑ·mean(g ⊙ ẑ))/√(σ² + ε);   ∂C/∂γ_k = Σ_i δ_ik·ẑ_ik and ∂C/∂β_k = Σ_i δ_ik, where δ = ∂C/∂(γ·ẑ + β). */
typedef enum talus_normalization {
    TALUS_NORMALIZATION_NONE = 0,
    /* μ and σ² = mean (z − μ)² of each sample over the d_l units of the layer: a sample depends on no other.   Ba, Kiros and
     * Hinton 2016, arXiv:1607.06450 */
    TALUS_NORMALIZATION_LAYER = 1,
    /* μ and σ² of each unit over the samples of the batch, all counting the same whatever their weights: where a batch is
     * trained on, in steps of a trainer and in talus_gradient. All other calls, and these with a batch of one sample, take
     * the running μ and σ² of the network as they are (talus_network_statistics) and treat them as constants; so does the
     * gradient then. Such a layer has no b_l, which β_l makes needless.   Ioffe and Szegedy 2015, arXiv:1502.03167 */
    TALUS_NORMALIZATION_BATCH = 2,
    TALUS_NORMALIZATION_COUNT = 3 /* known to this header */
} talus_normalization;

/* How matrices are multiplied in a network of f32: W_l·A_{l−1} of passes forward, W_lᵀ·Δ_l of passes back, and ∇W_l = Δ_lᵀ·A_{l−1}.
 *
 * A mode other than EXACT cuts each number into pieces, x = x_1 + x_2 + x_3, each the bf16 number nearest to what those before
 * it leave of x, and sums products of pieces in f32. The name counts them:
 *
 *     BF16      x_1·y_1                                relative error of one product up to about 2^−7
 *     BF16_X3   + x_1·y_2 + x_2·y_1                    2^−15
 *     BF16_X6   + x_2·y_2 + x_1·y_3 + x_3·y_1          2^−23; of long sums less than in f32
 *
 * Near the largest number of f32, from 0x1.ffp127 on, BF16 rounds to infinity and BF16_X3 may be wrong by 2^−8; below 2^−110 pieces
 * vanish.
 *
 * Henry, Tang and Heinecke, Leveraging the bfloat16 artificial intelligence datatype for higher-precision computations, 2019,
 * arXiv:1904.06376
 *
 * It is for processors with matrix units for bf16, which multiply pieces many times faster than numbers of f32. A mode is what was
 * asked for on every machine: without such units the same pieces are multiplied by multiply-adds, which takes longer than
 * EXACT, and talus_plan_describe says so. Each pass cuts the weights anew, so small batches gain least. Bits do not depend on
 * threads, but, as those of EXACT, on the instruction set, and on whether there are matrix units.
 *
 * On Linux a process must ask for the matrix units of x86 (AMX), and keeps the permission: a workspace, a trainer or a description of
 * a plan in a mode asks, with the instruction set avx512. Afterwards sigaltstack takes only stacks that are large enough
 * for the state of these units, and while a smaller one is set, the permission is refused and multiply-adds take their place.
 *
 * All else stays in f32: parameters, what an optimiser remembers, biases, activations, normalisations, losses, sums over units,
 * updates. Products of other kinds are exact in every mode, at the activations that a pass in the mode has made: projections of
 * inputs, tangents and second derivatives (talus/derivatives.h, talus/diagnose.h), sums of solves (talus/solve.h), matrices of
 * optimisers, spectral norms. talus_levenberg_marquardt refuses modes other than EXACT. What is exported to ONNX or C
 * computes in f32. */
typedef enum talus_products {
    TALUS_PRODUCTS_EXACT = 0, /* multiply-adds of the network's precision */
    TALUS_PRODUCTS_BF16_X6 = 1,
    TALUS_PRODUCTS_BF16_X3 = 2,
    TALUS_PRODUCTS_BF16 = 3,
    TALUS_PRODUCTS_COUNT = 4 /* known to this header */
} talus_products;

/* The name of a value, such as "relu", "cross_entropy" or "he_normal", or "unknown"; and the value that has a name, or
 * −1. */
static inline const char *talus_activation_name(int activation)
{
    return talus_enumeration_name(TALUS_ENUMERATION_ACTIVATION, activation);
}

static inline int talus_activation_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_ACTIVATION, name);
}

static inline const char *talus_loss_name(int loss)
{
    return talus_enumeration_name(TALUS_ENUMERATION_LOSS, loss);
}

static inline int talus_loss_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_LOSS, name);
}

static inline const char *talus_initializer_name(int initializer)
{
    return talus_enumeration_name(TALUS_ENUMERATION_INITIALIZER, initializer);
}

static inline int talus_initializer_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_INITIALIZER, name);
}

static inline const char *talus_normalization_name(int normalization)
{
    return talus_enumeration_name(TALUS_ENUMERATION_NORMALIZATION, normalization);
}

static inline int talus_normalization_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_NORMALIZATION, name);
}

static inline const char *talus_products_name(int products)
{
    return talus_enumeration_name(TALUS_ENUMERATION_PRODUCTS, products);
}

static inline int talus_products_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_PRODUCTS, name);
}

/* A dense layer. With its width set and all else 0, it has the defaults. */
typedef struct talus_layer {
    int64_t width;   /* d_l, 1 … 2³¹−1; no default */
    int activation;  /* a talus_activation; default TALUS_IDENTITY */
    int initializer; /* a talus_initializer; default TALUS_INIT_AUTO */
    double
        alpha; /* α > 0; default 0: leaky_relu 0.01, elu and sine 1, prelu 0.25. Others refuse all but 0. */
    double
        dropout; /* p, 0 ≤ p < 1: the share of A_l that a training step sets to 0; default 0. The last layer
                        and those with softmax refuse all but 0. */
    double l1, l2; /* of the penalty on W_l in the cost, each at least 0; default 0 */
    double max_norm; /* c ≥ 0: after a step of a trainer a row of W_l that is longer, ‖w‖ > c, is scaled to c;
                        default 0: no limit.   Srivastava et al. 2014, JMLR 15, section 5.1 */
    int normalization;  /* a talus_normalization; default TALUS_NORMALIZATION_NONE */
    int without_biases; /* 1: the layer has no b_l, as with TALUS_NORMALIZATION_BATCH anyway; default 0 */
    double normalization_epsilon; /* ε > 0 of a normalised layer; default 0: 1e-5. Others refuse all but 0. */
    double
        normalization_momentum; /* m, 0 < m < 1, of the running statistics of TALUS_NORMALIZATION_BATCH; default 0:
                                      0.1. Others refuse all but 0. */
    double gain;                /* g > 0: W_l begins as g times what the initializer draws; default 0: 1 */
    double
        spectral_norm; /* c ≥ 0: after a step of a trainer W_l is multiplied by c/s where s > c, for s as below; default 0:
                          no limit */
    double
        spectral_penalty; /* λ ≥ 0 of the penalty λ/2·‖W_l‖² on the spectral norm, in the cost; default 0 */
} talus_layer;

/* The limit of spectral_norm: s = ‖Wᵀ·W·v‖/‖W·v‖, which is at most the spectral norm ‖W‖, after power iterations v ← Wᵀ·W·v/‖Wᵀ·W·v‖: at
 * the first step 30 from a random v, then from the v of the step before until s changes by at most a thousandth, twice as a rule and
 * 30 times at most. So s follows ‖W‖ as W changes, and may be some hundredths below it where other singular values are as large.
 * v belongs to the running statistics of the network, with which it is saved, restored and averaged.   Miyato et al. 2018,
 * arXiv:1802.05957, algorithm 1, here as a limit: weights within it stay as they are
 *
 * The penalty of spectral_penalty takes the same s, with u = W·v/‖W·v‖: the cost has λ/2·s², and ∂C/∂W has λ·u·(Wᵀ·u)ᵀ, its
 * gradient for a constant u, which is that of λ/2·‖W‖² where v has come to the first singular vector. A step of an update rule
 * makes one iteration, two products of W and a vector, from the v of the step before. The first step, those of methods that
 * search along lines, talus_gradient and diagnoses iterate until v moves by at most 4 ε of the precision, 100 times at most;
 * only steps keep the v that they come to. A layer may have the limit as well: both have one v.   Yoshida and Miyato 2017,
 * Spectral norm regularization for improving the generalizability of deep learning, arXiv:1705.10941, algorithm 1 */

/* Dropout: in a step of a trainer, and nowhere else, A_l becomes A_l ⊙ M_l, where each element of M_l is 0 with the
 * probability p and else 1/(1−p), so that the mean stays. p is rounded to a multiple of 2^−16. Elements are drawn with
 * Philox4x32-10, keyed by the seed of the network, the layer and the number of the step, and indexed by sample and unit:
 * they do not depend on threads.   Srivastava et al. 2014, JMLR 15 */

/* Fills a layer with the defaults above, and the width 0, which must be set; size is the caller's sizeof. NULL is
 * allowed. */
TALUS_API void talus_layer_defaults_sized(talus_layer *layer, size_t size);

static inline void talus_layer_defaults(talus_layer *layer)
{
    talus_layer_defaults_sized(layer, sizeof(talus_layer));
}

/* A dense layer with this width and activation, and the defaults for the rest. */
static inline talus_layer talus_dense(int64_t width, int activation)
{
    talus_layer layer;
    talus_layer_defaults(&layer);
    layer.width = width;
    layer.activation = activation;
    return layer;
}

/* Outputs next to each other that have an activation and a loss of their own. With outputs set and all else 0, they are for
 * regression. */
typedef struct talus_output_range {
    int64_t outputs;       /* their number, 1 … d_L; no default */
    int activation;        /* a talus_activation, in the place of the last layer's; default TALUS_IDENTITY */
    int loss;              /* a talus_loss; default TALUS_SQUARED_ERROR */
    double alpha;          /* of the activation, as in talus_layer; default 0 */
    double loss_parameter; /* of the loss, as in talus_network_spec; default 0 */
    double weight;         /* with which its loss is multiplied, above 0; default 0: 1 */
} talus_output_range;

/* Fills a range with the defaults above, and 0 outputs, which must be set; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_output_range_defaults_sized(talus_output_range *range, size_t size);

static inline void talus_output_range_defaults(talus_output_range *range)
{
    talus_output_range_defaults_sized(range, sizeof(talus_output_range));
}

/* With inputs, layers and layer_count set and all else 0, it specifies a network for regression, in f32. */
typedef struct talus_network_spec {
    int64_t inputs;            /* d_0, 1 … 2³¹−1; no default */
    const talus_layer *layers; /* an array of layer_count layers, layer 1 first; read during the call only; no
                                  default */
    int layer_count;           /* L, at least 1; no default */
    int loss;                  /* a talus_loss; default TALUS_SQUARED_ERROR */
    int precision;         /* of parameters and computation: TALUS_DTYPE_F32 (default) or TALUS_DTYPE_F64 */
    int64_t seed;          /* of the initial weights, any number; default 0 */
    double loss_parameter; /* of a loss that has one; default 0: the loss's own. Others refuse all but 0. */
    double input_dropout;  /* p of dropout on the inputs A_0, 0 ≤ p < 1; default 0 */
    double
        input_noise; /* σ ≥ 0: a training step adds normal numbers of this deviation to the (scaled) inputs;
                              default 0 */
    const double
        *output_weights; /* an array of numbers ≥ 0 with which the loss of each output is multiplied (the
                                     term of output k; of gaussian_nll, of each target); copied; default NULL: all 1 */
    double
        label_smoothing; /* 0 ≤ ε < 1 of the losses with softmax or sigmoid; default 0. In training steps, and not
                                     in evaluations or talus_gradient, a target y is (1 − ε)·y + ε/K for K outputs, or
                                     K = 2 of a sigmoid.   Szegedy et al. 2016, arXiv:1512.00567, section 7 */
    int output_weight_count; /* their number, that of the targets that are values; 0 with NULL */
    int missing_targets; /* 1: a target that is NaN is missing: it has no loss and no gradient, and decides nothing; of
                            the losses of classes, neither has its sample. The cost stays Σ weight·loss over what is
                            there, divided by Σ weight over all samples. Default 0: NaN is an error. */
    /* Several tasks for one network: an array of range_count ranges, which together are all outputs, in their order; copied.
     * The loss of a sample is Σ weight·loss over the ranges. The last layer's activation must be the identity, loss and
     * loss_parameter the defaults; targets are values, those of the ranges beside each other. Default NULL: one loss. */
    const talus_output_range *ranges;
    int range_count; /* 0 with NULL */
    int range_size; /* the caller's sizeof of a talus_output_range, which is the distance between two; 0 with NULL */
    int64_t products; /* a talus_products; default TALUS_PRODUCTS_EXACT, the only one with TALUS_DTYPE_F64 */
} talus_network_spec;

/* Fills a spec with the defaults above; inputs, layers and layer_count are 0 and must be set. size is the caller's
 * sizeof. NULL is allowed. */
TALUS_API void talus_network_defaults_sized(talus_network_spec *spec, size_t size);

static inline void talus_network_defaults(talus_network_spec *spec)
{
    talus_network_defaults_sized(spec, sizeof(talus_network_spec));
}

/* The spec of a network with these inputs, layers and loss, and the defaults for the rest. */
static inline talus_network_spec talus_dense_network(int64_t inputs, const talus_layer *layers,
                                                     int layer_count, int loss)
{
    talus_network_spec spec;
    talus_network_defaults(&spec);
    spec.inputs = inputs;
    spec.layers = layers;
    spec.layer_count = layer_count;
    spec.loss = loss;
    return spec;
}

/* Makes a network and draws its weights with Philox4x32-10 (Salmon et al. 2011), keyed by the seed and the
 * layer and indexed by the element, so they do not depend on threads.
 *   spec_size   the caller's sizeof of the spec
 *   layer_size  the caller's sizeof of a talus_layer, which is the distance between two in the array
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, an option out of its range, a loss that does not fit the last
 * activation, an α or a parameter that the activation or the loss does not have, a size that is too small),
 * TALUS_ERROR_SHAPE (a width or number below 1 or too large, or parameters that no memory could hold),
 * TALUS_ERROR_UNSUPPORTED (the spec or a layer asks for what this version does not know), TALUS_ERROR_MEMORY.
 * *network is set on success only. */
TALUS_API talus_status talus_network_create_sized(talus_context *context, const talus_network_spec *spec,
                                                  size_t spec_size, size_t layer_size,
                                                  talus_network **network);

static inline talus_status talus_network_create(talus_context *context, const talus_network_spec *spec,
                                                talus_network **network)
{
    return talus_network_create_sized(context, spec, sizeof(talus_network_spec), sizeof(talus_layer),
                                      network);
}

/* Frees a network, after its workspaces and trainers. NULL is allowed. */
TALUS_API void talus_network_destroy(talus_network *network);

/* Draws the weights anew, as talus_network_create does with this seed, and gives the other parts their first values.
 * seed may be any number. TALUS_ERROR_ARGUMENT if network is NULL; TALUS_ERROR_MEMORY, which only TALUS_INIT_ORTHOGONAL can
 * come to: then the network is as it was. */
TALUS_API talus_status talus_network_initialize(talus_network *network, int64_t seed);

/* What the network was made of: with these and its scaling (talus/scaling.h) a program can make the same network again.
 *   talus_network_layer_count     L; 0 for NULL
 *   talus_network_width           d_l of layer l = 1 … L, and d_0 for layer 0; 0 for NULL or no such layer
 *   talus_network_activation      a talus_activation; −1 for NULL or no such layer
 *   talus_network_initializer     a talus_initializer, never TALUS_INIT_AUTO; −1 for NULL or no such layer
 *   talus_network_alpha           α; 0 if the activation has none, and for NULL or no such layer
 *   talus_network_loss            a talus_loss; of several ranges, that of the first; −1 for NULL
 *   talus_network_loss_parameter  0 if the loss has none, and for NULL
 *   talus_network_precision       TALUS_DTYPE_F32 or TALUS_DTYPE_F64; −1 for NULL
 *   talus_network_seed            of the spec or the last talus_network_initialize; 0 for NULL */
TALUS_API int talus_network_layer_count(const talus_network *network);
TALUS_API int64_t talus_network_width(const talus_network *network, int layer);
TALUS_API int talus_network_activation(const talus_network *network, int layer);
TALUS_API int talus_network_initializer(const talus_network *network, int layer);
TALUS_API double talus_network_alpha(const talus_network *network, int layer);
TALUS_API int talus_network_loss(const talus_network *network);
TALUS_API double talus_network_loss_parameter(const talus_network *network);
TALUS_API int talus_network_precision(const talus_network *network);
TALUS_API int64_t talus_network_seed(const talus_network *network);

/* The same in structs: layer l = 1 … L with all its options, and what the spec says of the network as a whole, its `layers`
 * being NULL. Options that were left at 0 for a default have it.
 *   size  the caller's sizeof of the struct
 * TALUS_ERROR_ARGUMENT: a NULL, no such layer, a size that is too small. */
TALUS_API talus_status talus_network_get_layer_sized(const talus_network *network, int number,
                                                     talus_layer *layer, size_t size);
TALUS_API talus_status talus_network_get_spec_sized(const talus_network *network, talus_network_spec *spec,
                                                    size_t size);

static inline talus_status talus_network_get_layer(const talus_network *network, int number,
                                                   talus_layer *layer)
{
    return talus_network_get_layer_sized(network, number, layer, sizeof(talus_layer));
}

static inline talus_status talus_network_get_spec(const talus_network *network, talus_network_spec *spec)
{
    return talus_network_get_spec_sized(network, spec, sizeof(talus_network_spec));
}

/* The number of parameters P, those of all parts of all layers: Σ_l d_l·d_{l−1} + d_l where they have weights and biases
 * only. NULL gives 0. */
TALUS_API int64_t talus_network_parameter_count(const talus_network *network);

/* Lends the parameters as one flat vector, 1 × P of the network's precision: the parts of layer 1 as
 * talus_part has them, W_1 by rows, b_1, …, then those of layer 2, …
 * The view stays valid for the life of the network. Write to it freely between calls: nothing is cached.
 * TALUS_ERROR_ARGUMENT on a NULL. */
TALUS_API talus_status talus_network_parameters(talus_network *network, talus_matrix *parameters);

/* The parts of a layer's parameters, in the order of the flat vector. Every layer has weights. Biases start
 * at 0, scales at 1, shifts at 0, slopes at the layer's alpha. */
typedef enum talus_part {
    TALUS_PART_WEIGHTS = 0,     /* W_l, d_l × d_{l−1} */
    TALUS_PART_BIASES = 1,      /* b_l, 1 × d_l, of a layer that is not without them */
    TALUS_PART_NORM_SCALES = 2, /* γ_l of a normalised layer, 1 × d_l */
    TALUS_PART_NORM_SHIFTS = 3, /* β_l of a normalised layer, 1 × d_l */
    TALUS_PART_SLOPES = 4,      /* α_l of an activation that learns it, 1 × d_l */
    TALUS_PART_COUNT = 5        /* known to this header */
} talus_part;

/* The name of a part, such as "weights" or "norm_scales", or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_part_name(int part)
{
    return talus_enumeration_name(TALUS_ENUMERATION_PART, part);
}

static inline int talus_part_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_PART, name);
}

/* The view of a part (a talus_part) of layer l = 1 … L in a flat vector.
 *   flat  a vector laid out as the parameters are, such as a gradient; NULL means the parameters themselves, which
 *         may be written to through the view by whoever may write to the network
 * TALUS_ERROR_ARGUMENT (a NULL, no such layer or part, a dtype other than the network's precision),
 * TALUS_ERROR_SHAPE (flat is not 1 × P). */
TALUS_API talus_status talus_network_part(const talus_network *network, const talus_matrix *flat, int layer,
                                          int part, talus_matrix *view);

/* Short for the parts TALUS_PART_WEIGHTS and TALUS_PART_BIASES. */
TALUS_API talus_status talus_network_weights(const talus_network *network, const talus_matrix *flat,
                                             int layer, talus_matrix *weights);
TALUS_API talus_status talus_network_biases(const talus_network *network, const talus_matrix *flat, int layer,
                                            talus_matrix *biases);

/* Views of the running statistics of layer l = 1 … L with TALUS_NORMALIZATION_BATCH: the mean μ and the variance σ² of each unit,
 * 1 × d_l of f64 whatever the precision is. They begin as 0 and 1, and each step of a trainer that is made moves them to those
 * of its batch of n samples, the last one where a fit takes several together,
 *
 *     μ ← (1 − m)·μ + m·(mean of the batch),   σ² ← (1 − m)·σ² + m·(variance of the batch)·n/(n − 1)
 *
 * They are no parameters: no gradient is taken of them, and they stand outside the flat vector. A program that keeps a network
 * keeps them too, and may write to them through the views.
 *   means, variances  receive the views; or NULL
 * TALUS_ERROR_ARGUMENT: a NULL network, no such layer, another normalisation. */
TALUS_API talus_status talus_network_statistics(const talus_network *network, int layer, talus_matrix *means,
                                                talus_matrix *variances);

/* Makes a network that predicts the same without normalisation over the batch: in each layer that has it,
 *
 *     W ← diag(γ/√(σ² + ε))·W,   b = β − γ ⊙ μ/√(σ² + ε)          with the running μ and σ²,
 *
 * and the layer becomes one with b_l and TALUS_NORMALIZATION_NONE. All else is as in the network, which stays as it is and keeps
 * its workspaces and trainers; the new one needs its own, and is destroyed by talus_network_destroy. A prediction takes a
 * product less for every such layer, and no barrier. Normalisation over the units of a layer depends on each sample: it cannot
 * be folded, and is kept.
 * TALUS_ERROR_ARGUMENT (a NULL, a network without a layer that is normalised over the batch), TALUS_ERROR_MEMORY. *folded is set
 * on success only. */
TALUS_API talus_status talus_network_fold_normalization(const talus_network *network, talus_network **folded);

TALUS_END_C

#endif
