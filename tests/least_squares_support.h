/* What tests of talus_least_squares begin from. */
#ifndef TESTS_LEAST_SQUARES_SUPPORT_H
#define TESTS_LEAST_SQUARES_SUPPORT_H

#include "optimize/gauss_newton.h"
#include "support.h"

/* Of the test that runs, with one thread. */
extern talus_context *context;
void begin(void);
void finish(void);

enum { MOST = 8 }; /* parameters, and residuals in tens */

/* A problem and what has been asked of it: r and J in terms of the numbers `at`. */
typedef struct fit {
    int64_t n, m;
    double at[MOST], errors[MOST], covariance[MOST * MOST];
    void (*r)(const double *at, double *r, struct fit *fit);
    void (*j)(const double *at, double *j, struct fit *fit); /* m × n; NULL: by differences */
    const double *design, *response;                         /* for r of data */
    int residuals, jacobians;                                /* that were asked for */
    int stop_residuals, stop_jacobians; /* the number of that which says to stop; 0: none */
    talus_matrix x, e, c;
    talus_least_squares_options options;
    talus_least_squares_result result;
} fit;

/* The defaults, with covariance and standard errors wanted. */
fit fit_of(int64_t n, int64_t m, void (*r)(const double *, double *, fit *),
           void (*j)(const double *, double *, fit *));

/* The call, which points the views at the numbers of `f`. */
talus_status call_fit(fit *f);

/* The same, which must succeed; the outcome. */
int solve(fit *f);

/* r = X·b − y of the design X (m × n) and the response y. */
void linear(const double *at, double *r, fit *f);
void linear_slopes(const double *at, double *j, fit *f);

/* 10·(b₂ − b₁²), 1 − b₁: Rosenbrock's function is r₁² + r₂². */
void rosenbrock(const double *at, double *r, fit *f);
void rosenbrock_slopes(const double *at, double *j, fit *f);

/* b₁·e^(−b₂·t) − y at the numbers t of the design, m × 1. */
void decay(const double *at, double *r, fit *f);
void decay_slopes(const double *at, double *j, fit *f);

/* A decay with noise, from b = (1, 3). */
enum { TIMES = 8 };
extern const double decay_times[TIMES], decay_values[TIMES];
fit noisy_decay(void);

/* The linear problem at the seam of the method: its cost, and JᵀJ and Jᵀr. */
talus_status line_cost(void *user, const double *x, double *cost);
talus_status line_normal(void *user, const double *x, double *a, double *g);

/* Minimises it so, where only JᵀJ is known and no rows; covariance and standard errors are wanted. */
talus_status minimize_without_rows(fit *f,
                                   talus_status (*normal)(void *, const double *, double *, double *));

#endif
