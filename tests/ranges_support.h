/* A network with several losses, each of a range of outputs, and its data. */
#ifndef TESTS_RANGES_SUPPORT_H
#define TESTS_RANGES_SUPPORT_H

#include "fixture.h"

enum { N = 23, INPUTS = 4, HIDDEN = 6, RANGES = 6, OUTPUTS = 12, TARGETS = 11, MOST = 200 };

extern const talus_output_range ranges[RANGES];

/* Of the test that runs. */
extern talus_layer layers[2];
extern double x[N * INPUTS], y[N * TARGETS];

void begin_ranges(void);

talus_matrix f64(const double *data, int64_t rows, int64_t cols);
talus_network_spec several(void); /* of all ranges, over the layers */
talus_network *made(const talus_network_spec *spec);

#endif
