/* Every finite float through every function of kernels/math.h, against libm in double.
 *
 *   exhaustive_math [name…]     the functions named, or all of them
 *
 * Prints the largest error of each in units in the last place, and where. The exit code is 1 if one is above
 * 2 or a floating-point exception is raised that should not be. Takes minutes on all processors. */
#define TL_PRECISION 32

#include <fenv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/math.h"

#define MOST_ULPS 2.0

enum { BLOCK = 4096, MOST_THREADS = 64 };

#include "math_loops.h"

static double sigmoid_of(double x)
{
    return 1 / (1 + exp(-x));
}

static double softplus_of(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

typedef struct function {
    const char *name;
    void (*loop)(const real *restrict x, real *restrict y);
    double (*reference)(double x);
    bool overflows;
} function;

static const function functions[] = {
    {"exp", loop_exp, exp, true},
    {"expm1", loop_expm1, expm1, true},
    {"log", loop_log, log, false},
    {"log1p", loop_log1p, log1p, false},
    {"tanh", loop_tanh, tanh, false},
    {"sigmoid", loop_sigmoid, sigmoid_of, false},
    {"softplus", loop_softplus, softplus_of, false},
};

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
    bool raised;
} part;

static bool forbidden_exception(const function *f, const real *y)
{
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
    p->function->loop(x, y);
    p->raised |= forbidden_exception(p->function, y);
    for (int i = 0; i < BLOCK; i++) {
        double error = ulps(y[i], p->function->reference((double)x[i]));
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
        if (parts[i].most > most.most) {
            most.most = parts[i].most;
            most.at = parts[i].at;
        }
    }
    printf("%-9s %.4f ulps at %a%s\n", f->name, most.most, (double)most.at,
           most.raised ? ", raises exceptions" : "");
    fflush(stdout);
    return most.most <= MOST_ULPS && !most.raised;
}

int main(int count, char **names)
{
    bool good = true;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        bool wanted = count == 1;
        for (int n = 1; n < count; n++)
            wanted |= strcmp(names[n], functions[i].name) == 0;
        if (wanted)
            good &= run(&functions[i]);
    }
    return good ? 0 : 1;
}
