/* Problems for the solution of last layers: numbers, networks, and what they are compared with. */
#ifndef TESTS_SOLVE_SUPPORT_H
#define TESTS_SOLVE_SUPPORT_H

#include "fixture.h"

/* A network of the test's context: `hidden` units of tanh below the last layer, none if it is 0; f64 numbers of its last layer. */
typedef struct readout_case {
    int precision;
    int64_t inputs, hidden, outputs;
    int without_biases;
    double l2;
} readout_case;
talus_network *network_of(talus_context *in, const readout_case *of);
talus_matrix last_weights(talus_network *network);
double weight_at(talus_network *network, int64_t output, int64_t input);
double bias_at(talus_network *network, int64_t output);

/* The inputs of the last layer as f64: n × d, to be freed. */
double *inputs_of_last(talus_network *network, const talus_matrix *x);

talus_matrix f64_view(const double *data, int64_t rows, int64_t cols);

/* The solution of a linear system of n unknowns by elimination with pivots, in long double; a and b are destroyed. */
void eliminate(long double *a, long double *b, int64_t n);

/* Solves with the options of the test, which give no error. */
talus_solve_result solve(talus_network *network, const talus_dataset *data, double ridge, int orthogonal);

#endif
