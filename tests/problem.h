/* A network with a batch for it, and the naive reference as its judge. */
#ifndef TESTS_PROBLEM_H
#define TESTS_PROBLEM_H

#include "../bench/naive/naive.h"
#include "engine/workspace.h"
#include "network/kinds.h"
#include "support.h"

/* Tolerances are c·ε·k relative to the largest number compared, with k the length of the longest reduction. */
#define C_PRODUCTS 4.0  /* sums in another order */
#define C_SINGLE   16.0 /* f32 against f64: also the rounding of every layer's input */
#define EPSILON_64 2.3e-16
#define EPSILON_32 1.2e-7

enum { PROBLEM_LAYERS = 7 };

/* Zeros mean f32, one thread, identity, squared error, and the plan that users get. */
typedef struct problem_spec {
    int64_t n, widths[PROBLEM_LAYERS + 1]; /* samples; d_0 … d_L */
    int hidden, output, loss;              /* the activations before the last layer, and in it */
    int precision, threads;
    const char *plan;
    int normalization, output_normalization; /* of the layers before the last, and of it */
    int without_biases;                      /* of every layer */
    double epsilon;                          /* of those that are normalised */
    int instruction_set;
    int products;
} problem_spec;

typedef struct problem {
    talus_context *context;
    talus_network *network;
    talus_workspace *workspace;
    naive_network naive;
    naive_pass *judge;
    int64_t n, inputs, outputs, parameters, longest;
    double *x, *y, *theta;
} problem;

problem make_problem(const problem_spec *spec);
void free_problem(problem *p);

/* Theta becomes the parameters of the network. */
void put_parameters(problem *p);

/* Whether there are gradients through an activation; and whether a loss takes it in the last layer, too. */
bool learns(int activation);
bool goes_together(int output, int loss);

/* Cost and gradient of the library, the gradient as doubles. */
double library_gradient(problem *p, double *gradient);

/* That both are the naive ones, with tolerances as above. */
void compare_with_naive(problem *p);

/* A view of doubles, by rows. */
talus_matrix f64_view(const double *data, int64_t rows, int64_t cols);
talus_matrix inputs_of(const problem *p);
talus_matrix targets_of(const problem *p);

#endif
