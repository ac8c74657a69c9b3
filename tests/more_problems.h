/* Problems of Moré, Garbow and Hillstrom 1981, Testing unconstrained optimization software, doi:10.1145/355934.355936: sums of
 * squares f(x) = Σ r_i(x)² with their starts and minima. The numbers are those of the paper.
 *
 * Residuals are written once, of complex numbers: ∂r/∂x_j = Im r(x + i·h·e_j)/h is exact to rounding, since nothing is
 * subtracted (Squire and Trapp 1998, doi:10.1137/S003614459631241X). */
#ifndef TESTS_MORE_PROBLEMS_H
#define TESTS_MORE_PROBLEMS_H

#include <complex.h>
#include <stdint.h>

enum { MOST_VARIABLES = 20, MOST_RESIDUALS = 40 };

typedef double complex complex_number;

typedef struct more_problem {
    const char *name;
    int variables;
    int (*residuals)(int n, const complex_number *x, complex_number *r); /* how many there are */
    struct {
        double first[6];
        int period;
        double rise;
    } start;          /* x_j = first[j mod period] + j·rise, j = 0, 1, … */
    double minima[3]; /* f at local minima, as printed in the paper; then NaN */
} more_problem;

extern const more_problem more_problems[];
extern const int more_problem_count;

void more_start(const more_problem *problem, double *x);

/* f and its gradient. */
double more_value(const more_problem *problem, const double *x, double *gradient);

#endif
