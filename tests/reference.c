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

static long double log_sum_exp(int64_t rows, const long double *z)
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

/* Losses of one output */

static long double squared_error(long double a, long double y, long double parameter)
{
    (void)parameter;
    return (a - y) * (a - y) / 2;
}

static long double squared_error_slope(long double a, long double y, long double parameter)
{
    (void)parameter;
    return a - y;
}

static long double binary_cross_entropy(long double z, long double y, long double parameter)
{
    (void)parameter;
    return y * softplus(-z, 0) + (1 - y) * softplus(z, 0);
}

static long double binary_cross_entropy_slope(long double z, long double y, long double parameter)
{
    (void)parameter;
    return sigmoid(z, 0) - y;
}

static long double absolute_error(long double a, long double y, long double parameter)
{
    (void)parameter;
    return fabsl(a - y);
}

static long double absolute_error_slope(long double a, long double y, long double parameter)
{
    (void)parameter;
    return a == y ? 0 : copysignl(1, a - y);
}

static long double huber(long double a, long double y, long double delta)
{
    long double size = fabsl(a - y);
    return size <= delta ? size * size / 2 : delta * (size - delta / 2);
}

static long double huber_slope(long double a, long double y, long double delta)
{
    return fmaxl(-delta, fminl(delta, a - y));
}

static long double quantile(long double a, long double y, long double tau)
{
    return fmaxl(tau * (y - a), (tau - 1) * (y - a));
}

static long double quantile_slope(long double a, long double y, long double tau)
{
    return a == y ? 0 : a < y ? -tau : 1 - tau;
}

/* cosh e = 1 + 2·sinh²(e/2) */
static long double log_cosh(long double a, long double y, long double parameter)
{
    (void)parameter;
    long double e = fabsl(a - y), sine = sinhl(e / 2);
    return e > 40 ? e - logl(2) : log1pl(2 * sine * sine);
}

static long double log_cosh_slope(long double a, long double y, long double parameter)
{
    (void)parameter;
    return tanhl(a - y);
}

static long double poisson(long double a, long double y, long double parameter)
{
    (void)parameter;
    return expl(a) - y * a;
}

static long double poisson_slope(long double a, long double y, long double parameter)
{
    (void)parameter;
    return expl(a) - y;
}

/* Losses of a whole sample */

static long double cross_entropy(int64_t rows, const long double *z, const long double *y,
                                 long double parameter)
{
    (void)parameter;
    long double sum = 0;
    for (int64_t i = 0; i < rows; i++)
        sum += y[i] * (log_sum_exp(rows, z) - z[i]);
    return sum;
}

static void cross_entropy_slope(int64_t rows, const long double *z, const long double *y,
                                long double parameter, long double *slope)
{
    (void)parameter;
    long double targets = 0;
    for (int64_t i = 0; i < rows; i++)
        targets += y[i];
    softmax(rows, z, slope);
    for (int64_t i = 0; i < rows; i++)
        slope[i] = slope[i] * targets - y[i];
}

/* means and logarithms of variances */
static long double gaussian_nll(int64_t rows, const long double *a, const long double *y,
                                long double parameter)
{
    (void)parameter;
    const long double *s = a + rows / 2;
    long double sum = 0;
    for (int64_t i = 0; i < rows / 2; i++)
        sum += (s[i] + (y[i] - a[i]) * (y[i] - a[i]) / expl(s[i])) / 2;
    return sum;
}

static void gaussian_nll_slope(int64_t rows, const long double *a, const long double *y,
                               long double parameter, long double *slope)
{
    (void)parameter;
    const long double *s = a + rows / 2;
    for (int64_t i = 0; i < rows / 2; i++) {
        slope[i] = (a[i] - y[i]) / expl(s[i]);
        slope[rows / 2 + i] = (1 - (a[i] - y[i]) * (a[i] - y[i]) / expl(s[i])) / 2;
    }
}

static int64_t largest_of(int64_t rows, const long double *y)
{
    int64_t at = 0;
    for (int64_t i = 1; i < rows; i++)
        at = y[i] > y[at] ? i : at;
    return at;
}

static long double hinge(int64_t rows, const long double *a, const long double *y, long double parameter)
{
    (void)parameter;
    int64_t class = largest_of(rows, y);
    long double sum = 0;
    for (int64_t i = 0; i < rows; i++)
        sum += i == class ? 0 : fmaxl(0, 1 + a[i] - a[class]);
    return sum;
}

static void hinge_slope(int64_t rows, const long double *a, const long double *y, long double parameter,
                        long double *slope)
{
    (void)parameter;
    int64_t class = largest_of(rows, y), broken = 0;
    for (int64_t i = 0; i < rows; i++) {
        slope[i] = i != class && 1 + a[i] - a[class] > 0;
        broken += slope[i] > 0;
    }
    slope[class] = -(long double)broken;
}

static long double kullback_leibler(int64_t rows, const long double *z, const long double *y,
                                    long double parameter)
{
    long double sum = cross_entropy(rows, z, y, parameter);
    for (int64_t i = 0; i < rows; i++)
        sum += y[i] > 0 ? y[i] * logl(y[i]) : 0;
    return sum;
}

/* Σ_k y_k·q_k^γ·l_k with l_k = −log a_k, q_k = 1 − a_k */
static long double focal(int64_t rows, const long double *z, const long double *y, long double gamma)
{
    long double sum = 0;
    for (int64_t i = 0; i < rows; i++) {
        long double l = log_sum_exp(rows, z) - z[i];
        sum += y[i] * powl(-expm1l(-l), gamma) * l;
    }
    return sum;
}

/* ∂/∂z_i = Σ_k ∂/∂a_k·a_k·(δ_ik − a_i) with ∂/∂a_k = y_k·(γ·q_k^(γ−1)·log a_k − q_k^γ/a_k) */
static void focal_slope(int64_t rows, const long double *z, const long double *y, long double gamma,
                        long double *slope)
{
    long double all = log_sum_exp(rows, z);
    for (int64_t i = 0; i < rows; i++)
        slope[i] = 0;
    for (int64_t k = 0; k < rows; k++) {
        long double l = all - z[k], q = -expm1l(-l), a = expl(-l);
        long double moved = q > 0 ? y[k] * (-gamma * powl(q, gamma - 1) * l * a - powl(q, gamma)) : 0;
        for (int64_t i = 0; i < rows; i++)
            slope[i] += moved * (i == k ? q : -expl(z[i] - all));
    }
}

const loss_reference loss_references[TALUS_LOSS_COUNT] = {
    [TALUS_SQUARED_ERROR] = {.one = squared_error, .one_slope = squared_error_slope},
    [TALUS_BINARY_CROSS_ENTROPY] = {.one = binary_cross_entropy, .one_slope = binary_cross_entropy_slope},
    [TALUS_CROSS_ENTROPY] = {.whole = cross_entropy, .whole_slope = cross_entropy_slope},
    [TALUS_ABSOLUTE_ERROR] = {.one = absolute_error, .one_slope = absolute_error_slope},
    [TALUS_HUBER] = {.one = huber, .one_slope = huber_slope},
    [TALUS_QUANTILE] = {.one = quantile, .one_slope = quantile_slope},
    [TALUS_LOG_COSH] = {.one = log_cosh, .one_slope = log_cosh_slope},
    [TALUS_POISSON] = {.one = poisson, .one_slope = poisson_slope},
    [TALUS_GAUSSIAN_NLL] = {.whole = gaussian_nll, .whole_slope = gaussian_nll_slope},
    [TALUS_HINGE] = {.whole = hinge, .whole_slope = hinge_slope},
    [TALUS_KULLBACK_LEIBLER] = {.whole = kullback_leibler, .whole_slope = cross_entropy_slope},
    [TALUS_FOCAL] = {.whole = focal, .whole_slope = focal_slope},
};

long double loss_value(int loss, long double parameter, int64_t rows, const long double *z,
                       const long double *y)
{
    const loss_reference *reference = &loss_references[loss];
    long double sum = 0;
    if (reference->whole != NULL)
        return reference->whole(rows, z, y, parameter);
    for (int64_t i = 0; i < rows; i++)
        sum += reference->one(z[i], y[i], parameter);
    return sum;
}

void loss_slope(int loss, long double parameter, int64_t rows, const long double *z, const long double *y,
                long double *slope)
{
    const loss_reference *reference = &loss_references[loss];
    if (reference->whole != NULL) {
        reference->whole_slope(rows, z, y, parameter, slope);
        return;
    }
    for (int64_t i = 0; i < rows; i++)
        slope[i] = reference->one_slope(z[i], y[i], parameter);
}

double loss_parameter_for(int loss)
{
    return 1.3 * tl_loss_kind_of(loss)->parameter.standard;
}

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
