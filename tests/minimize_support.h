/* What tests of talus_minimize begin from. */
#ifndef TESTS_MINIMIZE_SUPPORT_H
#define TESTS_MINIMIZE_SUPPORT_H

#include "support.h"

enum { N = 3 };

/* Of the test that runs, with one thread. */
extern talus_context *context;
void begin(void);
void finish(void);

/* A function that is counted and can be ended: the lowest value that it has given, and after how many evaluations it stops. */
typedef struct watched {
    int evaluations, stop_after;
    double lowest;
    void (*f)(const talus_matrix *x, double *value, const talus_matrix *gradient);
} watched;

/* The function of a watched, for talus_minimize. */
int evaluate(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user);

/* ½·Σ λ_i·x_i² */
extern const double lambda[N];
void bowl(const talus_matrix *x, double *value, const talus_matrix *gradient);

/* What the tests begin from: x, a method with its defaults, options with nothing in force but 100 iterations. */
typedef struct setup {
    double at[N];
    talus_matrix x;
    talus_optimizer_spec spec;
    talus_minimize_options options;
    talus_minimize_result result;
    watched watched;
} setup;

void set_up(setup *s, int method, void (*f)(const talus_matrix *, double *, const talus_matrix *));

#endif
