/* Every finite float through every function of kernels/math.h, and through the smooth activations, against libm in double.
 *
 *   exhaustive_math [name…]     the functions named, or all of them
 *
 * Prints the largest error of each in units in the last place, and where. The exit code is 1 if one is above
 * what is documented, 2 for most, or a floating-point exception is raised that should not be. Takes minutes on all processors. */
#define TL_PRECISION 32

#include <fenv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talus/network.h>
#include <unistd.h>

#include "base/processor.h"
#include "kernels/choose.h"
#include "kernels/kernels.h"
#include "kernels/math.h"

enum { BLOCK = 4096, MOST_THREADS = 64 };
#define SQUARES_FIT 0x1p50f

#include "math_loops.h"

static double sigmoid_of(double x)
{
    return 1 / (1 + exp(-x));
}

static double softplus_of(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double silu(double z)
{
    return z < 0 ? z * (exp(z) / (1 + exp(z))) : z / (1 + exp(-z));
}

static double mish(double z)
{
    return z * tanh(log1p(exp(z)));
}

static double gelu(double z)
{
    return 0.5 * z * erfc(-z / sqrt(2));
}

/* 2u, and z·σ(2u) */
static double twice_u(double z)
{
    return 2 * sqrt(2 / acos(-1)) * (z + 0.044715 * z * z * z);
}

static double gelu_tanh(double z)
{
    double w = twice_u(z);
    return w < 0 ? z * (exp(w) / (1 + exp(w))) : z / (1 + exp(-w));
}

static double gelu_tanh_tail(double z)
{
    return z < 0 ? 3 * fabs(twice_u(z)) : 0;
}

static double softsign(double z)
{
    return z / (1 + fabs(z));
}

static double gaussian(double z)
{
    return exp(-z * z);
}

/* A function of math.h in a loop, or an activation with α = 1 as the library's kernels compute it. */
typedef struct function {
    const char *name;
    void (*loop)(const real *restrict x, real *restrict y); /* NULL: of an activation */
    double (*reference)(double x);
    bool overflows;
    int activation;
    double most;            /* ulps that are allowed; 0: 2 */
    double (*tail)(double); /* and so many more; or NULL */
} function;

static const function functions[] = {
    {.name = "exp", .loop = loop_exp, .reference = exp, .overflows = true},
    {.name = "expm1", .loop = loop_expm1, .reference = expm1, .overflows = true},
    {.name = "log", .loop = loop_log, .reference = log},
    {.name = "log1p", .loop = loop_log1p, .reference = log1p},
    {.name = "tanh", .loop = loop_tanh, .reference = tanh},
    {.name = "sigmoid", .loop = loop_sigmoid, .reference = sigmoid_of},
    {.name = "softplus", .loop = loop_softplus, .reference = softplus_of},
    {.name = "silu", .activation = TALUS_SILU, .reference = silu, .most = 4},
    {.name = "gelu", .activation = TALUS_GELU, .reference = gelu, .most = 12},
    {.name = "gelu_tanh",
     .activation = TALUS_GELU_TANH,
     .reference = gelu_tanh,
     .most = 6,
     .tail = gelu_tanh_tail},
    {.name = "mish", .activation = TALUS_MISH, .reference = mish, .most = 6},
    {.name = "softsign", .activation = TALUS_SOFTSIGN, .reference = softsign},
    {.name = "sine", .activation = TALUS_SINE, .reference = sin},
    {.name = "gaussian", .activation = TALUS_GAUSSIAN, .reference = gaussian},
};

static const tl_kernels_f32 *kernels; /* of the best instruction set here */

static void compute(const function *f, const real *restrict x, real *restrict y)
{
    double squares = 0;
    tl_activation_args_f32 args = {
        .rows = 1, .cols = BLOCK, .ld = BLOCK, .a = y, .alpha = 1, .squares = &squares};
    if (f->loop != NULL) {
        f->loop(x, y);
    } else {
        memcpy(y, x, BLOCK * sizeof *y);
        kernels->activations[f->activation].forward(&args);
    }
}

static double allowed(const function *f, double x)
{
    return (f->most > 0 ? f->most : 2) + (f->tail != NULL ? f->tail(x) : 0);
}

/* The error of a float in units of the spacing of floats at the expected value. */
static double ulps(real got, double expected)
{
    if (isnan(expected) || isnan(got))
        return isnan(expected) && isnan(got) ? 0 : INFINITY;
    if (isinf(got) || fabs(expected) >= 0x1.ffffffp127) /* from here on it rounds to infinity */
        return isinf(got) && fabs(expected) >= 0x1.ffffffp127 && (got > 0) == (expected > 0) ? 0 : INFINITY;
    union {
        double value;
        uint64_t word;
    } both = {.value = expected};
    int exponent = (int)(both.word >> 52 & 2047) - 1023;
    int spacing = (exponent < -126 ? -126 : exponent) - 23;
    both.word = (uint64_t)(1023 - spacing) << 52; /* 1/spacing */
    return fabs((double)got - expected) * both.value;
}

/* A worker takes every `threads`-th block of bit patterns. */
typedef struct part {
    pthread_t thread;
    const function *function;
    int first, threads;
    double most;
    real at;
    bool raised, beyond;
} part;

/* Activations sum up squares, too, which overflow. */
static bool forbidden_exception(const function *f, const real *x, const real *y)
{
    if (f->loop == NULL && real_abs(x[0]) > SQUARES_FIT)
        return false;
    int raised = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
    for (int i = 0; f->overflows && i < BLOCK; i++)
        if (isinf(y[i]))
            raised &= ~FE_OVERFLOW;
    return raised != 0;
}

static void run_block(part *p, uint32_t start)
{
    real x[BLOCK], y[BLOCK];
    for (uint32_t i = 0; i < BLOCK; i++) {
        real value = real_from_word(start + i);
        x[i] = isfinite(value) ? value : 1;
    }
    feclearexcept(FE_ALL_EXCEPT);
    compute(p->function, x, y);
    p->raised |= forbidden_exception(p->function, x, y);
    for (int i = 0; i < BLOCK; i++) {
        double error = ulps(y[i], p->function->reference((double)x[i]));
        p->beyond |= error > allowed(p->function, (double)x[i]);
        if (error > p->most) {
            p->most = error;
            p->at = x[i];
        }
    }
}

static void *run_part(void *argument)
{
    part *p = argument;
    const uint64_t blocks = (UINT64_C(1) << 32) / BLOCK;
    for (uint64_t block = (uint64_t)p->first; block < blocks; block += (uint64_t)p->threads)
        run_block(p, (uint32_t)(block * BLOCK));
    return NULL;
}

static bool run(const function *f)
{
    part parts[MOST_THREADS], most = {.most = -1};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = processors < 1 ? 1 : processors > MOST_THREADS ? MOST_THREADS : (int)processors;
    for (int i = 0; i < threads; i++) {
        parts[i] = (part){.function = f, .first = i, .threads = threads};
        if (pthread_create(&parts[i].thread, NULL, run_part, &parts[i]) != 0) {
            fprintf(stderr, "no thread\n");
            exit(2);
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(parts[i].thread, NULL);
        most.raised |= parts[i].raised;
        most.beyond |= parts[i].beyond;
        if (parts[i].most > most.most) {
            most.most = parts[i].most;
            most.at = parts[i].at;
        }
    }
    printf("%-9s %.4f ulps at %a%s%s\n", f->name, most.most, (double)most.at, most.beyond ? ", too many" : "",
           most.raised ? ", raises exceptions" : "");
    fflush(stdout);
    return !most.beyond && !most.raised;
}

int main(int count, char **names)
{
    bool good = true;
    kernels = tl_kernels_of(tl_processor_best(), TALUS_DTYPE_F32);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        bool wanted = count == 1;
        for (int n = 1; n < count; n++)
            wanted |= strcmp(names[n], functions[i].name) == 0;
        if (wanted)
            good &= run(&functions[i]);
    }
    return good ? 0 : 1;
}
