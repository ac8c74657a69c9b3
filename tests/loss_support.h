/* Small networks with every loss, and a batch for them. */
#ifndef TESTS_LOSS_SUPPORT_H
#define TESTS_LOSS_SUPPORT_H

#include "fixture.h"
#include "network/kinds.h"

enum { N = 21, INPUTS = 3, OUTPUTS = 4, MOST = 200 };
#define TOLERANCE   1e-13
#define DIFFERENCES 1e-7 /* central differences in f64, h = ∛ε */

extern double x[N * INPUTS], y[N * OUTPUTS]; /* of the batch; y: 0 … 1, which every loss takes */

talus_matrix f64(const double *data, int64_t rows, int64_t cols);
int64_t targets_of(int loss);

/* A setup: the context of the fixture, and the batch. */
void begin_losses(void);

talus_network_spec spec_of(int loss, talus_layer layers[2]);
talus_network *made(const talus_network_spec *spec);

/* Cost and gradient of the batch; gradient may be NULL. */
double gradient_of(const talus_network *network, double *gradient);

/* That gradient is the one of central differences. */
void expect_differences(talus_network *network);

/* Some targets become NaN. */
void lose_some(int loss);

#endif
