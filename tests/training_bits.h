/* A training run whose parameters are compared bit for bit. */
#ifndef TESTS_TRAINING_BITS_H
#define TESTS_TRAINING_BITS_H

#include "support.h"

typedef struct training_run {
    int threads, precision, method, instruction_set;
    const char *plan; /* entries for the context; or NULL */
    int steps;
} training_run;

/* A hash (64-bit FNV-1a) of the parameters of 450-100-37-10 after so many steps on batches of 130 and 37 samples. */
uint64_t training_bits(const training_run *run);

#endif
