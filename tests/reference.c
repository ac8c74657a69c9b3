/* The activations of reference.h. */
#include "reference.h"

#include <math.h>

static long double identity(long double z, long double alpha)
{
    (void)alpha;
    return z;
}

static long double identity_slope(long double z, long double alpha)
{
    (void)z, (void)alpha;
    return 1;
}

static long double relu(long double z, long double alpha)
{
    (void)alpha;
    return z > 0 ? z : 0;
}

static long double relu_slope(long double z, long double alpha)
{
    (void)alpha;
    return z > 0 ? 1 : 0;
}

static long double leaky_relu(long double z, long double alpha)
{
    return z > 0 ? z : alpha * z;
}

static long double leaky_relu_slope(long double z, long double alpha)
{
    return z > 0 ? 1 : alpha;
}

static long double elu(long double z, long double alpha)
{
    return z > 0 ? z : alpha * expm1l(z);
}

static long double elu_slope(long double z, long double alpha)
{
    return z > 0 ? 1 : alpha * expl(z);
}

static long double sigmoid(long double z, long double alpha)
{
    (void)alpha;
    return 1 / (1 + expl(-z));
}

/* σ(z)·σ(−z) */
static long double sigmoid_slope(long double z, long double alpha)
{
    return sigmoid(z, alpha) * sigmoid(-z, alpha);
}

static long double hyperbolic_tangent(long double z, long double alpha)
{
    (void)alpha;
    return tanhl(z);
}

/* 1/cosh² z */
static long double hyperbolic_tangent_slope(long double z, long double alpha)
{
    (void)alpha;
    return 1 / (coshl(z) * coshl(z));
}

static long double softplus(long double z, long double alpha)
{
    (void)alpha;
    return z > 0 ? z + log1pl(expl(-z)) : log1pl(expl(z));
}

static const long double selu_scale = 1.0507009873554804934193349852946L,
                         selu_alpha = 1.6732632423543772848170429916717L;

static long double selu(long double z, long double alpha)
{
    (void)alpha;
    return selu_scale * elu(z, selu_alpha);
}

static long double selu_slope(long double z, long double alpha)
{
    (void)alpha;
    return selu_scale * elu_slope(z, selu_alpha);
}

/* z/(1 + exp(−z)), with exp z where it is the smaller; f(−∞) is 0 */
static long double silu(long double z, long double alpha)
{
    (void)alpha;
    return z < 0 ? fmaxl(z, -1e5L) * expl(z) / (1 + expl(z)) : z / (1 + expl(-z));
}

static long double silu_slope(long double z, long double alpha)
{
    return sigmoid(z, alpha) * (1 + z * sigmoid(-z, alpha));
}

static long double silu_slope_size(long double z, long double alpha)
{
    return sigmoid(z, alpha) * (1 + fabsl(z) * sigmoid(-z, alpha));
}

/* 1 − Φ(−z) with what rounds z/√2 in long double taken into account, for it counts far below 0: the derivative of log erfc(t)
 * nears −2t there */
static long double normal_distribution(long double z)
{
    const long double root = sqrtl(0.5L), rest = fmal(-root, root, 0.5L) / (2 * root); /* √½ is their sum */
    z = fmaxl(z, -1e3L);
    long double t = -z * root, lost = fmal(-z, root, -t) - z * rest;
    return erfcl(t) * expl(t > 0 ? -2 * t * lost : 0) / 2;
}

static long double gelu(long double z, long double alpha)
{
    (void)alpha;
    return fmaxl(z, -1e3L) * normal_distribution(z);
}

static long double density(long double z)
{
    return expl(-z * z / 2) / 2.5066282746310005024157652848110453L; /* √(2π) */
}

static long double gelu_slope(long double z, long double alpha)
{
    (void)alpha;
    return normal_distribution(z) + z * density(z);
}

static long double gelu_slope_size(long double z, long double alpha)
{
    (void)alpha;
    return normal_distribution(z) + fabsl(z) * density(z);
}

/* 2u and its derivative, for z·σ(2u) */
static long double twice_u(long double z)
{
    return 1.5957691216057307117597842397375L * (z + 0.044715L * z * z * z);
}

static long double twice_u_slope(long double z)
{
    return 1.5957691216057307117597842397375L * (1 + 3 * 0.044715L * z * z);
}

static long double gelu_tanh(long double z, long double alpha)
{
    long double w = twice_u(z);
    (void)alpha;
    return z < 0 ? fmaxl(z, -1e3L) * expl(w) / (1 + expl(w)) : z / (1 + expl(-w));
}

static long double gelu_tanh_slope(long double z, long double alpha)
{
    long double w = twice_u(z);
    return sigmoid(w, alpha) * (1 + z * twice_u_slope(z) * sigmoid(-w, alpha));
}

/* With the error of u itself, which the exponential multiplies. */
static long double gelu_tanh_slope_size(long double z, long double alpha)
{
    long double w = twice_u(z), steep = fabsl(z) * twice_u_slope(z) * sigmoid(-w, alpha);
    return sigmoid(w, alpha) * (1 + steep) * (1 + fabsl(w) / 2);
}

static double gelu_tanh_tail(long double z)
{
    return z < 0 ? (double)(3 * fabsl(twice_u(z))) : 0;
}

/* n·(n + 2)/(n·(n + 2) + 2) for n = exp z: tanh(log(1 + n)) */
static long double mish(long double z, long double alpha)
{
    (void)alpha;
    return fmaxl(z, -1e5L) * tanhl(log1pl(expl(z)));
}

/* 4n·(n + 1)/(n·(n + 2) + 2)², its derivative */
static long double mish_gate_slope(long double z)
{
    long double n = expl(fminl(z, 100)), w = n * (n + 2) + 2;
    return 4 * n * (n + 1) / (w * w);
}

static long double mish_slope(long double z, long double alpha)
{
    (void)alpha;
    return tanhl(log1pl(expl(z))) + z * mish_gate_slope(z);
}

static long double mish_slope_size(long double z, long double alpha)
{
    (void)alpha;
    return tanhl(log1pl(expl(z))) + fabsl(z) * mish_gate_slope(z);
}

static long double softsign(long double z, long double alpha)
{
    (void)alpha;
    return z / (1 + fabsl(z));
}

static long double softsign_slope(long double z, long double alpha)
{
    (void)alpha;
    return 1 / ((1 + fabsl(z)) * (1 + fabsl(z)));
}

static long double hard_tanh(long double z, long double alpha)
{
    (void)alpha;
    return z > 1 ? 1 : z < -1 ? -1 : z;
}

static long double hard_tanh_slope(long double z, long double alpha)
{
    (void)alpha;
    return fabsl(z) < 1 ? 1 : 0;
}

static long double hard_sigmoid(long double z, long double alpha)
{
    (void)alpha;
    return z > 3 ? 1 : z < -3 ? 0 : (z + 3) / 6;
}

static long double hard_sigmoid_slope(long double z, long double alpha)
{
    return hard_tanh_slope(z / 3, alpha) / 6;
}

/* Of the exact product. */
static long double sine(long double z, long double alpha)
{
    long double x = alpha * z, lost = fmal(alpha, z, -x);
    return sinl(x) + (lost == 0 ? 0 : lost * cosl(x));
}

static long double sine_slope(long double z, long double alpha)
{
    long double x = alpha * z, lost = fmal(alpha, z, -x);
    return alpha * (cosl(x) - lost * sinl(x));
}

static long double gaussian(long double z, long double alpha)
{
    (void)alpha;
    return expl(-z * z);
}

static long double gaussian_slope(long double z, long double alpha)
{
    (void)alpha;
    return -2 * z * expl(-z * z);
}

static long double exponential(long double z, long double alpha)
{
    (void)alpha;
    return expl(z);
}

static long double step(long double z, long double alpha)
{
    (void)alpha;
    return z > 0 ? 1 : 0;
}

/* 0 wherever there is one */
static long double step_slope(long double z, long double alpha)
{
    (void)z, (void)alpha;
    return 0;
}

#define SELU_LEAST -1.7580993408473769 /* −λ·α */

const activation_reference activation_references[TALUS_ACTIVATION_COUNT] = {
    [TALUS_IDENTITY] = {identity, identity_slope, INFINITY, -INFINITY, .slope_at_zero = 1},
    [TALUS_RELU] = {relu, relu_slope, INFINITY, 0, .slope_at_zero = 0},
    [TALUS_LEAKY_RELU] = {leaky_relu, leaky_relu_slope, INFINITY, -INFINITY, .slope_at_zero = 0.5},
    /* the 2 of expm1 may double in the product with α, whose rounding is ½ */
    [TALUS_ELU] = {elu, elu_slope, INFINITY, -0.5, .slope_at_zero = 0.5, .alpha_ulps = 2.5},
    [TALUS_SIGMOID] = {sigmoid, sigmoid_slope, 1, 0, .slope_at_zero = 0.25},
    [TALUS_TANH] = {hyperbolic_tangent, hyperbolic_tangent_slope, 1, -1, .slope_at_zero = 1},
    [TALUS_SOFTPLUS] = {softplus, sigmoid, INFINITY, 0, .slope_at_zero = 0.5},
    [TALUS_SELU] = {selu, selu_slope, INFINITY, SELU_LEAST, .slope_at_zero = -SELU_LEAST, .more_ulps = 3},
    [TALUS_SILU] = {silu, silu_slope, INFINITY, 0, .slope_at_zero = 0.5, .slope_size = silu_slope_size,
                    .more_ulps = 2},
    [TALUS_GELU] = {gelu, gelu_slope, INFINITY, 0, .slope_at_zero = 0.5, .slope_size = gelu_slope_size,
                    .more_ulps = 10},
    [TALUS_GELU_TANH] = {gelu_tanh, gelu_tanh_slope, INFINITY, 0, .slope_at_zero = 0.5,
                         .slope_size = gelu_tanh_slope_size, .more_ulps = 4, .tail_ulps = gelu_tanh_tail},
    [TALUS_MISH] = {mish, mish_slope, INFINITY, 0, .slope_at_zero = 0.6, .slope_size = mish_slope_size,
                    .more_ulps = 4},
    [TALUS_SOFTSIGN] = {softsign, softsign_slope, 1, -1, .slope_at_zero = 1},
    [TALUS_HARD_TANH] = {hard_tanh, hard_tanh_slope, 1, -1, .slope_at_zero = 1, .flat_from = 1},
    [TALUS_HARD_SIGMOID] = {hard_sigmoid, hard_sigmoid_slope, 1, 0, .slope_at_zero = 1 / 6.0, .flat_from = 3},
    [TALUS_SINE] = {sine, sine_slope, NAN, NAN, .slope_at_zero = 0.5},
    [TALUS_GAUSSIAN] = {gaussian, gaussian_slope, 0, 0, .slope_at_zero = 0},
    [TALUS_EXPONENTIAL] = {exponential, exponential, INFINITY, 0, .slope_at_zero = 1,
                           .slope_size = exponential},
    [TALUS_STEP] = {step, step_slope, 1, 0, .slope_at_zero = 0},
    [TALUS_PRELU] = {leaky_relu, leaky_relu_slope, INFINITY, -INFINITY, .slope_at_zero = 0.5},
};

long double log_sum_exp(int64_t rows, const long double *z)
{
    long double most = z[0], sum = 0;
    for (int64_t i = 1; i < rows; i++)
        most = fmaxl(most, z[i]);
    for (int64_t i = 0; i < rows; i++)
        sum += expl(z[i] - most);
    return most + logl(sum);
}

static void softmax(int64_t rows, const long double *z, long double *a)
{
    long double log_sum = log_sum_exp(rows, z);
    for (int64_t i = 0; i < rows; i++)
        a[i] = expl(z[i] - log_sum);
}

/* a ⊙ (g − 1·aᵀg) */
static void softmax_slope(int64_t rows, const long double *a, const long double *g, long double *delta)
{
    long double dot = 0;
    for (int64_t i = 0; i < rows; i++)
        dot += g[i] * a[i];
    for (int64_t i = 0; i < rows; i++)
        delta[i] = a[i] * (g[i] - dot);
}

const whole_reference whole_references[TALUS_ACTIVATION_COUNT] = {
    [TALUS_SOFTMAX] = {softmax, softmax_slope},
};

static int next_of(int activation, bool whole)
{
    do
        activation++;
    while (activation < TALUS_ACTIVATION_COUNT && tl_activation_kind_of(activation)->whole_layer != whole);
    return activation;
}

int next_elementwise(int activation)
{
    return next_of(activation, false);
}

int next_whole(int activation)
{
    return next_of(activation, true);
}

void activate_column(int activation, long double alpha, int64_t rows, const long double *z, long double *a)
{
    if (tl_activation_kind_of(activation)->whole_layer) {
        whole_references[activation].value(rows, z, a);
        return;
    }
    for (int64_t i = 0; i < rows; i++)
        a[i] = activation_references[activation].value(z[i], alpha);
}
