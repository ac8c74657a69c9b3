/* Networks: their shape, their loss, and their parameters.
 *
 * A network of L dense layers with widths d_1 … d_L over d_0 inputs computes, for a batch X = A_0 of n rows,
 *
 *     Z_l = A_{l−1}·W_lᵀ + 1·b_lᵀ,   A_l = f_l(Z_l),   l = 1 … L        (Z_l and A_l are n × d_l)
 *
 * and the cost C of a batch is the mean over its samples of the loss between A_L and the targets Y. */
#ifndef TALUS_NETWORK_H
#define TALUS_NETWORK_H

#include <talus/context.h>
#include <talus/matrix.h>

TALUS_BEGIN_C

typedef struct talus_network talus_network;

typedef enum talus_activation {
    TALUS_IDENTITY = 0,   /* z */
    TALUS_RELU = 1,       /* max(0, z);              f′(0) = 0 */
    TALUS_LEAKY_RELU = 2, /* z if z > 0, else α·z;   f′(0) = α */
    TALUS_ELU = 3,        /* z if z > 0, else α·(exp(z) − 1);   f′(0) = α */
    TALUS_SIGMOID = 4,    /* 1/(1 + exp(−z)) */
    TALUS_TANH = 5,       /* tanh z */
    TALUS_SOFTPLUS = 6,   /* log(1 + exp(z)) */
    TALUS_SOFTMAX = 7,    /* exp(z_k − max z)/Σ_j exp(z_j − max z), over the units of the layer */
    TALUS_ACTIVATION_COUNT = 8
} talus_activation;

typedef enum talus_loss {
    TALUS_SQUARED_ERROR = 0, /* ½·Σ_k (a_k − y_k)²; with any activation of the last layer */
    TALUS_BINARY_CROSS_ENTROPY = 1, /* −Σ_k y_k·log a_k + (1−y_k)·log(1−a_k), 0 ≤ y_k ≤ 1; with sigmoid, where
                                   it is computed from z and Δ_L = (A_L − Y)/n */
    TALUS_CROSS_ENTROPY = 2, /* −Σ_k y_k·log a_k, y_k ≥ 0; with softmax, where it is computed from z and
                                   Δ_L = (A_L·Σ_k y_k − Y)/n, which is (A_L − Y)/n if Y's rows sum to 1 */
    TALUS_LOSS_COUNT = 3
} talus_loss;

/* How the weights of a layer are drawn; biases start at 0. The distribution has mean 0 and variance v,
 * uniform on ±√(3v) or normal. fan_in = d_{l−1}, fan_out = d_l. */
typedef enum talus_initializer {
    TALUS_INIT_AUTO = 0, /* HE_NORMAL for relu, leaky_relu, elu and softplus; GLOROT_UNIFORM otherwise */
    TALUS_INIT_HE_UNIFORM = 1,     /* v = 2/fan_in              He et al. 2015, arXiv:1502.01852, eq. 10 */
    TALUS_INIT_HE_NORMAL = 2,      /* (leaky_relu: v = 2/((1 + α²)·fan_in), eq. 15) */
    TALUS_INIT_GLOROT_UNIFORM = 3, /* v = 2/(fan_in + fan_out)  Glorot and Bengio 2010, eq. 16 */
    TALUS_INIT_GLOROT_NORMAL = 4,
    TALUS_INIT_LECUN_UNIFORM =
        5, /* v = 1/fan_in               LeCun et al. 1998, Efficient BackProp, eq. 16 */
    TALUS_INIT_LECUN_NORMAL = 6,
    TALUS_INITIALIZER_COUNT = 7
} talus_initializer;

typedef struct talus_layer {
    int64_t width;   /* d_l, at least 1 */
    int activation;  /* a talus_activation; default TALUS_IDENTITY */
    int initializer; /* a talus_initializer; default TALUS_INIT_AUTO */
    double alpha;    /* α of leaky_relu and elu, > 0; default 0, which means 0.01 and 1 */
} talus_layer;

/* A spec filled with zeros but for inputs and layers is a regression network in f32. */
typedef struct talus_network_spec {
    int64_t inputs;            /* d_0, at least 1 */
    const talus_layer *layers; /* layer 1 first; read during the call only */
    int layer_count;           /* L, at least 1 */
    int loss;                  /* a talus_loss; default TALUS_SQUARED_ERROR */
    int precision;             /* TALUS_F32 (default) or TALUS_F64 */
    uint64_t seed;             /* of the initial weights; default 0 */
} talus_network_spec;

/* Makes a network and draws its weights with Philox4x32-10 (Salmon et al. 2011), keyed by the seed and the
 * layer and indexed by the element, so they do not depend on threads.
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, an unknown enumerator, softmax before the last layer, a
 * loss that does not fit the last activation, a bad α or precision), TALUS_ERROR_SHAPE (a size below 1, or
 * parameters that no memory could hold), TALUS_ERROR_MEMORY. *network is set on success only. */
TALUS_API talus_status talus_network_create(talus_context *context, const talus_network_spec *spec,
                                            talus_network **network);

/* Frees a network, after its workspaces and trainers. NULL is allowed. */
TALUS_API void talus_network_destroy(talus_network *network);

/* Draws the weights anew, as talus_network_create does with this seed, and sets the biases to 0.
 * TALUS_ERROR_ARGUMENT if network is NULL. */
TALUS_API talus_status talus_network_initialize(talus_network *network, uint64_t seed);

/* What the network was made of. NULL gives 0, and so does a layer outside 1 … L.
 * talus_network_width(network, 0) is the number of inputs d_0. */
TALUS_API int talus_network_layer_count(const talus_network *network);
TALUS_API int64_t talus_network_width(const talus_network *network, int layer);
TALUS_API int talus_network_activation(const talus_network *network, int layer);
TALUS_API int talus_network_loss(const talus_network *network);
TALUS_API int talus_network_precision(const talus_network *network);

/* The number of parameters P = Σ_l d_l·d_{l−1} + d_l. */
TALUS_API int64_t talus_network_parameter_count(const talus_network *network);

/* Lends the parameters as one flat vector, 1 × P of the network's precision: W_1 by rows, b_1, W_2, b_2, …
 * The view stays valid for the life of the network. Write to it freely between calls: nothing is cached.
 * TALUS_ERROR_ARGUMENT on a NULL. */
TALUS_API talus_status talus_network_parameters(talus_network *network, talus_matrix *parameters);

/* The parts of a layer's parameters. */
typedef enum talus_part {
    TALUS_PART_WEIGHTS = 0, /* W_l, d_l × d_{l−1} */
    TALUS_PART_BIASES = 1,  /* b_l, 1 × d_l */
    TALUS_PART_COUNT = 2
} talus_part;

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

/* The names that messages use, such as "relu"; "unknown" for any other number. */
TALUS_API const char *talus_activation_name(int activation);
TALUS_API const char *talus_loss_name(int loss);

TALUS_END_C

#endif
