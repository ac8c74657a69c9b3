/* The losses of reference.h. */
#include <math.h>

#include "reference.h"

/* Of one output ------------------------------------------------------------------------------------------ */

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
    const activation_reference *softplus = &activation_references[TALUS_SOFTPLUS];
    return y * softplus->value(-z, 0) + (1 - y) * softplus->value(z, 0);
}

static long double binary_cross_entropy_slope(long double z, long double y, long double parameter)
{
    (void)parameter;
    return activation_references[TALUS_SIGMOID].value(z, 0) - y;
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

/* Of a whole sample ----------------------------------------------------------------------------------------- */

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
    whole_references[TALUS_SOFTMAX].value(rows, z, slope);
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
