/* Activations of one unit: f′(z) and f″(z), in double. Only curvature_tmpl.c includes it. */
#ifndef TL_KERNELS_BENDS_H
#define TL_KERNELS_BENDS_H

#include <math.h>
#include <stddef.h>
#include <talus/network.h>

typedef struct bend {
    double slope, curve;
} bend;

static double logistic(double z)
{
    return 1 / (1 + exp(-z));
}

static bend identity(double z, double alpha)
{
    (void)z, (void)alpha;
    return (bend){1, 0};
}

static bend relu(double z, double alpha)
{
    (void)alpha;
    return (bend){z > 0 ? 1 : 0, 0};
}

static bend leaky_relu(double z, double alpha)
{
    return (bend){z > 0 ? 1 : alpha, 0};
}

static bend elu(double z, double alpha)
{
    double below = alpha * exp(z);
    return z > 0 ? (bend){1, 0} : (bend){below, below};
}

/* f = σ: f″ = f′·(1 − 2σ) */
static bend sigmoid(double z, double alpha)
{
    double s = logistic(z), slope = s * (1 - s);
    (void)alpha;
    return (bend){slope, slope * (1 - 2 * s)};
}

static bend hyperbolic_tangent(double z, double alpha)
{
    double t = tanh(z), slope = (1 - t) * (1 + t);
    (void)alpha;
    return (bend){slope, -2 * t * slope};
}

static bend softplus(double z, double alpha)
{
    double s = logistic(z);
    (void)alpha;
    return (bend){s, s * (1 - s)};
}

/* λ and α of Klambauer et al. 2017 */
static bend selu(double z, double alpha)
{
    const double scale = 1.0507009873554804934;
    bend inner = elu(z, 1.6732632423543772848);
    (void)alpha;
    return (bend){scale * inner.slope, scale * inner.curve};
}

/* f = z·g: f′ = g + z·g′, f″ = 2g′ + z·g″ */
static bend gated(double z, double gate, bend g)
{
    return (bend){gate + z * g.slope, 2 * g.slope + z * g.curve};
}

static bend silu(double z, double alpha)
{
    return gated(z, logistic(z), sigmoid(z, alpha));
}

/* g = Φ: g′ = φ, g″ = −z·φ */
static bend gelu(double z, double alpha)
{
    double density = exp(-z * z / 2) * 0.39894228040143267794;
    (void)alpha;
    return gated(z, erfc(-z * 0.70710678118654752440) / 2, (bend){density, -z * density});
}

/* g = σ(w) for w = p·(z + c·z³): g′ = σ′·w′, g″ = σ″·w′² + σ′·w″ */
static bend gelu_tanh(double z, double alpha)
{
    const double p = 1.5957691216057307118, c = 0.044715;
    double w = p * (z + c * z * z * z), steep = p * (1 + 3 * c * z * z);
    bend s = sigmoid(w, alpha);
    return gated(z, logistic(w), (bend){s.slope * steep, s.curve * steep * steep + s.slope * 6 * p * c * z});
}

/* g = tanh s for s = log(1 + exp z): g′ = tanh′·s′, g″ = tanh″·s′² + tanh′·s″ */
static bend mish(double z, double alpha)
{
    double s_value = fmax(z, 0) + log1p(exp(-fabs(z)));
    bend s = softplus(z, alpha), t = hyperbolic_tangent(s_value, alpha);
    return gated(z, tanh(s_value),
                 (bend){t.slope * s.slope, t.curve * s.slope * s.slope + t.slope * s.curve});
}

static bend softsign(double z, double alpha)
{
    double r = 1 / (1 + fabs(z));
    (void)alpha;
    return (bend){r * r, (z > 0 ? -2 : 2) * r * r * r};
}

static bend hard_tanh(double z, double alpha)
{
    (void)alpha;
    return (bend){fabs(z) < 1 ? 1 : 0, 0};
}

static bend hard_sigmoid(double z, double alpha)
{
    (void)alpha;
    return (bend){fabs(z) < 3 ? 1 / 6.0 : 0, 0};
}

static bend sine(double z, double alpha)
{
    return (bend){alpha * cos(alpha * z), -alpha * alpha * sin(alpha * z)};
}

static bend gaussian(double z, double alpha)
{
    double a = exp(-z * z);
    (void)alpha;
    return (bend){-2 * z * a, (4 * z * z - 2) * a};
}

static bend exponential(double z, double alpha)
{
    (void)alpha;
    return (bend){exp(z), exp(z)};
}

/* A row a kind; NULL for those of whole layers and for those that nothing is learned through. */
static bend (*const bends[TALUS_ACTIVATION_COUNT])(double z, double alpha) = {
    [TALUS_IDENTITY] = identity, [TALUS_RELU] = relu,           [TALUS_LEAKY_RELU] = leaky_relu,
    [TALUS_ELU] = elu,           [TALUS_SIGMOID] = sigmoid,     [TALUS_TANH] = hyperbolic_tangent,
    [TALUS_SOFTPLUS] = softplus, [TALUS_SELU] = selu,           [TALUS_SILU] = silu,
    [TALUS_GELU] = gelu,         [TALUS_GELU_TANH] = gelu_tanh, [TALUS_MISH] = mish,
    [TALUS_SOFTSIGN] = softsign, [TALUS_HARD_TANH] = hard_tanh, [TALUS_HARD_SIGMOID] = hard_sigmoid,
    [TALUS_SINE] = sine,         [TALUS_GAUSSIAN] = gaussian,   [TALUS_EXPONENTIAL] = exponential,
    [TALUS_PRELU] = leaky_relu,
};

#endif
