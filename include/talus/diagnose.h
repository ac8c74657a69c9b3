/* Diagnosis: seeing when training goes wrong, and why. */
#ifndef TALUS_DIAGNOSE_H
#define TALUS_DIAGNOSE_H

#include <talus/evaluate.h>
#include <talus/network.h>

TALUS_BEGIN_C

/* What a comparison of a gradient g with central differences finds. For each parameter θ_i that is checked,
 *
 *     d_i = (C(θ + h·e_i) − C(θ − h·e_i))/2h,   h = ε^⅓·max(1, |θ_i|),   ε = 2⁻⁵²
 *     error_i = |g_i − d_i| / max(|g_i|, |d_i|, ε^⅓·max(|C|, max_j |g_j|))
 *
 * The h balances the error of the difference quotient, h²·C‴/6, with that of rounding, ε·C/h; differences resolve no less than
 * about ε^⅔·C, which the last term keeps from counting. So a right gradient has errors of a few times ε^⅓ = 6e-6, and a wrong
 * one of order 1. Where f′ jumps (relu), a z nearer to the jump than h shows as an error, too. */
typedef struct talus_gradient_check_result {
    int64_t checked; /* parameters */
    double
        error; /* the largest error_i; infinite if a cost or gradient is not finite. And of that parameter: */
    double analytic; /* g_i */
    double numeric;  /* d_i */
    int64_t index;   /* i, from 0 */
    int layer;       /* 1 … L; 0 in a function of the caller's */
    int part;        /* a talus_part; −1 in a function of the caller's */
    int64_t row;     /* in the part, from 0; 0 in a function of the caller's */
    int64_t col;     /* the same; i in a function of the caller's */
} talus_gradient_check_result;

/* Checks talus_gradient of a network on a batch. The network's parameters are moved and put back.
 *   count                     parameters to check, drawn at random; 0: all
 *   seed                      of the draw, any number
 *   batch_size, result_size   the caller's sizeof of both structs
 * It costs two forward passes a parameter. TALUS_ERROR_UNSUPPORTED in f32, whose differences have no digits left: make the
 * network in f64 to check it. TALUS_ERROR_ARGUMENT (a NULL, a negative count), TALUS_ERROR_MEMORY, and the errors of
 * talus_gradient. */
TALUS_API talus_status talus_gradient_check_sized(talus_network *network, talus_workspace *workspace,
                                                  const talus_batch *batch, size_t batch_size, int64_t count,
                                                  int64_t seed, talus_gradient_check_result *result,
                                                  size_t result_size);

static inline talus_status talus_gradient_check(talus_network *network, talus_workspace *workspace,
                                                const talus_batch *batch, int64_t count, int64_t seed,
                                                talus_gradient_check_result *result)
{
    return talus_gradient_check_sized(network, workspace, batch, sizeof(talus_batch), count, seed, result,
                                      sizeof(talus_gradient_check_result));
}

/* A function of the caller's: *value = f(x), and gradient[i] = ∂f/∂x_i unless gradient is NULL; x and gradient hold n numbers.
 * A return value other than 0 ends the call that asked. */
typedef int (*talus_checked_function)(int64_t n, const double *x, double *value, double *gradient,
                                      void *user);

/* The same for a function of the caller's at the point x (1 × n of f64), which is not changed. function may make calls with
 * the context. TALUS_ERROR_ARGUMENT (a NULL, another dtype, a negative count), TALUS_ERROR_SHAPE (x is not one row),
 * TALUS_ERROR_STATE (the function did not return 0), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_gradient_check_function_sized(talus_context *context,
                                                           talus_checked_function function, void *user,
                                                           const talus_matrix *x, int64_t count, int64_t seed,
                                                           talus_gradient_check_result *result,
                                                           size_t result_size);

static inline talus_status talus_gradient_check_function(talus_context *context,
                                                         talus_checked_function function, void *user,
                                                         const talus_matrix *x, int64_t count, int64_t seed,
                                                         talus_gradient_check_result *result)
{
    return talus_gradient_check_function_sized(context, function, user, x, count, seed, result,
                                               sizeof(talus_gradient_check_result));
}

TALUS_END_C

#endif
