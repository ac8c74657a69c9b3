/* What a network says of samples, beside what it should: for the drawings of a report. */
#ifndef TALUS_COMMAND_SAMPLE_H
#define TALUS_COMMAND_SAMPLE_H

#include "model.h"

enum { MOST_SAMPLES = 5000 }; /* that are looked at */

typedef struct samples {
    int64_t count, all; /* of so many that there are */
    int64_t inputs, outputs, targets;
    const talus_network *network;
    int classes;        /* targets are labels, and outputs say them */
    double *x;          /* count × inputs */
    double *out;        /* count × outputs */
    double *y;          /* count × targets; labels are numbers */
    double *deviations; /* of the targets */
    double *badness; /* of each: −log p of its class, or another's margin less its own; or the worst error */
    int64_t *rows;   /* of the data set */
} samples;

/* Takes up to MOST_SAMPLES, evenly spaced. False if there is no memory or a call fails. Free them in any case. */
int take_samples(talus_context *context, const talus_network *network, const talus_dataset *data,
                 samples *of);
void free_samples(samples *of);

/* The error of a target in its deviations; and the target with the largest. */
double error_of(const samples *of, int64_t i, int64_t target);
int64_t worst_target(const samples *of, int64_t i);

/* The class that is predicted. */
int64_t predicted(const samples *of, int64_t i);

/* How much the cost of the network rises if the values of input columns first … first+width−1 change places at random
 * between samples; NaN if it fails.   Breiman, Random forests, 2001; Fisher, Rudin and Dominici 2019, arXiv:1801.01489 */
double importance(talus_context *context, const talus_network *network, const samples *of, int64_t first,
                  int64_t width);

#endif
