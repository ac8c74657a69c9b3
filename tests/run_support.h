/* A trainer of a small network on a batch of random numbers. */
#ifndef TESTS_RUN_SUPPORT_H
#define TESTS_RUN_SUPPORT_H

#include "support.h"

typedef struct run {
    talus_context *context;
    talus_network *network;
    talus_trainer *trainer;
    talus_matrix parameters; /* of the network */
    int64_t samples;
    double *x, *y;
} run;

/* With squared error, in a context that the run destroys. */
run open_run(talus_context *context, int64_t inputs, const talus_layer *layers, int layer_count,
             int precision, const talus_optimizer_spec *optimizer, int64_t samples);
void free_run(run *r);

/* A step on the batch; its cost. */
double step_run(run *r);

#endif
