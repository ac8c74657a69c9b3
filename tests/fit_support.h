/* A small problem for tests of the fit loop: data, and networks that learn it. */
#ifndef TESTS_FIT_SUPPORT_H
#define TESTS_FIT_SUPPORT_H

#include "fixture.h"

enum { SAMPLES = 53, HELD_OUT = 30, INPUTS = 4, ROWS = 8, STEPS = 7 }; /* 7 steps an epoch: 6·8 + 5 */

/* Of the test that runs: training data with values as targets, other such data, and training data with labels 0 … 2. */
extern talus_dataset *training, *held_out, *labelled;

void begin_fits(void);
void end_fits(void);

/* A network with a trainer. */
typedef struct pupil {
    talus_network *network;
    talus_trainer *trainer;
} pupil;

/* The cost ½(w² + b²) of two parameters, as a network with its data: w begins at 1, b at 0, and gradient descent at a rate η
 * multiplies both by 1 − η in each step. */
extern talus_dataset *bowl;
pupil make_bowl(int precision, double rate);
pupil make_bowl_of(int precision, int method, double rate);
double bowl_weight(const pupil *p);
talus_fit_result fit_bowl(pupil *p, const talus_fit_options *options);

/* Trained by a method at a rate, for the data with values. */
pupil make_pupil(int precision, int method, double rate);

/* The same in f64 by Adam at 0.02, with a layer that is normalised over the batch, and its max_norm (0: none). */
pupil make_normalized(double max_norm);
void free_pupil(pupil *p);

/* Defaults, but for the batch of ROWS, the seed, and so many epochs. */
talus_fit_options fit_options(int64_t epochs);
talus_fit_result run_fit(pupil *p, const talus_dataset *validation, const talus_fit_options *options);

/* Epoch `number` of the history. */
talus_epoch epoch_of(const pupil *p, int64_t number);

/* Of the held-out data. */
double cost_of(const talus_network *network);

#endif
