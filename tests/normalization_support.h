/* Networks with normalised layers. */
#ifndef TESTS_NORMALIZATION_SUPPORT_H
#define TESTS_NORMALIZATION_SUPPORT_H

#include "problem.h"

/* A problem whose scales and shifts are not where they start. With this ε a variance of 0, as one unit or sample has it, makes
 * no more of a rounding error than other variances do. */
problem normalized_problem(int normalization, int activation, int64_t width, int64_t n);

/* One layer with W = I, so that Z is X. */
problem bare_layer(int normalization, int64_t n, int64_t width, int precision);

#endif
