/* Runs whose results are compared bit for bit. */
#ifndef TESTS_TRAINING_BITS_H
#define TESTS_TRAINING_BITS_H

#include "support.h"

typedef struct training_run {
    int threads, precision, method, instruction_set;
    const char *plan; /* entries for the context; or NULL */
    int steps;
    int64_t widths[5];          /* d_0 … d_L; zeros: 450-100-37-10 */
    int64_t batch, short_batch; /* of steps, and of every fourth; zeros: 130 and 37 */
    const struct training_kinds {
        int hidden, output, loss;
    } * kinds; /* NULL: tanh, then ReLU, and softmax with cross-entropy */
    int products;
} training_run;

/* A hash (64-bit FNV-1a) of the parameters after so many steps. Targets are labels where the loss has them. */
uint64_t training_bits(const training_run *run);

/* A hash of the outputs for one batch with the initial weights. */
uint64_t predict_bits(const training_run *run);

/* That such bits are on 2, 3, 4 and 8 threads what they are on one. */
void same_on_all_threads(training_run run, uint64_t (*bits)(const training_run *run));

#endif
