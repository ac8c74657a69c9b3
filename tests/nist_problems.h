/* The problems of nonlinear regression of NIST's Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd: data, two
 * starts and certified results, of the files in nist/, and models with their derivatives. */
#ifndef TESTS_NIST_PROBLEMS_H
#define TESTS_NIST_PROBLEMS_H

#include <stdint.h>

enum { MOST_PARAMETERS = 9, MOST_OBSERVATIONS = 250, MOST_PREDICTORS = 2, NIST_PROBLEMS = 27 };

/* y at parameters b and predictors x; d receives ∂y/∂b_k. */
typedef double (*nist_model)(const double *b, const double *x, double *d);

/* What is known of each beside its file. */
typedef struct nist_row {
    const char *name;
    nist_model model;
    int level;        /* of difficulty, as NIST has it: 1 lower, 2 average, 3 higher */
    int log_response; /* 1: the model is of log y */
    int scaling;      /* a talus_damping */
    /* 1: the certified sum of squares, 1.4e-25 of a response of 2.5 in 14 digits, is below the rounding of f64: the parameters are
     * found to 10 digits all the same, but standard errors, which are proportional to its root, to no more than 3 */
    int residuals_are_rounding;
    int64_t iterations; /* that it takes at most, where a curved valley is long; 0: the default */
} nist_row;
extern const nist_row nist_rows[NIST_PROBLEMS];

typedef struct nist_problem {
    const nist_row *row;
    int64_t n, m, predictors;
    double starts[2][MOST_PARAMETERS], certified[MOST_PARAMETERS], errors[MOST_PARAMETERS];
    double sum_of_squares, deviation;
    double y[MOST_OBSERVATIONS], x[MOST_OBSERVATIONS][MOST_PREDICTORS];
} nist_problem;

/* Reads the file of a problem; fails the test if it is not as it should be. */
void nist_read(int number, nist_problem *problem);

#endif
