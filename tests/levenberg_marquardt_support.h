/* What tests of talus_levenberg_marquardt begin from. */
#ifndef TESTS_LEVENBERG_MARQUARDT_SUPPORT_H
#define TESTS_LEVENBERG_MARQUARDT_SUPPORT_H

#include <talus/levenberg_marquardt.h>

#include "fixture.h"

enum { N = 60, INPUTS = 3, OUTPUTS = 2 };

/* y₁ = sin(x₁ + x₂) + x₃², y₂ = x₁·x₂, and noise; weights that the data set does not have yet. */
extern double x[N * INPUTS], y[N * OUTPUTS], w[N];
extern talus_dataset *data;

/* Of the test that runs: the defaults, where it does not change them, and how it went. */
extern talus_levenberg_marquardt_options options;
extern talus_least_squares_options method;
extern talus_levenberg_marquardt_result result;
void begin(void);
void end(void);

talus_matrix view(const double *values, int64_t rows, int64_t cols);
talus_network *network_with(const talus_layer *layers, int count, int64_t inputs, int precision);
talus_network *tanh_network(int precision); /* INPUTS-6-OUTPUTS: 38 parameters */
double *parameters_of(const talus_network *network, int64_t *count);

/* The call on the data, which must succeed; and one that must not, and changes nothing. */
void fit(talus_network *network, const talus_dataset *validation);
void refused(talus_network *network, talus_status expected, const char *piece);

/* C and max |∂C/∂θ_j| over the whole data set; and that the result is such a C, with a slope of 0. */
double cost_and_slope(const talus_network *network, const talus_batch *batch, double *slope);
void is_minimum(const talus_network *network, const talus_batch *batch);

#endif
