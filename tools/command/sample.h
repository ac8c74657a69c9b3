/* What a network says of samples, beside what it should: for the drawings of a report. */
#ifndef TALUS_COMMAND_SAMPLE_H
#define TALUS_COMMAND_SAMPLE_H

#include "model.h"

enum { MOST_SAMPLES = 5000 }; /* that are looked at */

typedef struct samples {
    int64_t count, inputs, outputs, targets;
    const talus_network *network;
    int classes; /* targets are labels, and outputs say them */
    double *x;   /* count × inputs */
    double *out; /* count × outputs */
    double *y;   /* count × targets; labels are numbers */
    double *
        badness; /* of each: −log p of its class, how far another's margin is above its own, or the largest error in deviations of the target */
    int64_t *rows; /* of the data set */
} samples;

/* Takes up to MOST_SAMPLES, evenly spaced. False if there is no memory or a call fails. Free them in any case. */
int take_samples(talus_context *context, const talus_network *network, const talus_dataset *data,
                 samples *of);
void free_samples(samples *of);

/* The class that is predicted. */
int64_t predicted(const samples *of, int64_t i);

/* How much the cost of the network rises if the values of input columns first … first+width−1 change places at random
 * between samples; NaN if it fails.   Breiman, Random forests, 2001; Fisher, Rudin and Dominici 2019, arXiv:1801.01489 */
double importance(talus_context *context, const talus_network *network, const samples *of, int64_t first,
                  int64_t width);

#endif
