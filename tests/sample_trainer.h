/* A trainer on a small problem, for tests of what goes on around a step. */
#ifndef TESTS_SAMPLE_TRAINER_H
#define TESTS_SAMPLE_TRAINER_H

#include "support.h"

enum { N = 96, INPUTS = 70, OUTPUTS = 3 };

typedef struct problem {
    talus_context *context;
    talus_network *network;
    talus_trainer *trainer;
    double *x, *y;
    talus_matrix in, targets;
} problem;

/* With 400 hidden units or more there is enough work for the threads to share it. plan: entries, or NULL. */
problem make_problem(int threads, int64_t hidden, const char *plan);
void free_problem(problem *p);

/* Allocates nothing of its own: Check's macros do, so look at the status when nothing counts any more. */
talus_status take_steps(problem *p, int steps);

/* Entries for products by calls of the BLAS. */
extern const char *const blas_plan;

#endif
