/* What the tests of scaling share: a network, raw numbers for it, and a scaling of them. */
#ifndef TESTS_SCALING_SUPPORT_H
#define TESTS_SCALING_SUPPORT_H

#include "fixture.h"

enum { N = 45, INPUTS = 3, HIDDEN = 7, OUTPUTS = 2 };

extern const int input_dtypes[3];

/* INPUTS-HIDDEN-OUTPUTS as two_layers makes it; and so many inputs and as many outputs, of squared error. */
talus_network *network_of(int precision, int last);
talus_network *network_for(int64_t columns, int precision);

/* An array of a dtype holding these numbers, rounded; free its data. */
talus_matrix typed(int dtype, const double *values, int64_t rows, int64_t cols);
double value_at(const talus_matrix *m, int64_t i);

/* What a network of the precision is to read: (x_j − shift_j)·scale_j, computed in double and rounded; free its data. */
talus_matrix scaled_by_hand(const talus_matrix *raw, int precision, const double *shift, const double *scale);

/* Numbers 0 … 255, whole for bytes, and targets that their scaling brings to −1 … 1; free their data. */
talus_matrix raw_inputs(int dtype, uint64_t seed);
talus_matrix raw_targets(int dtype);

extern const double in_shift[INPUTS], in_scale[INPUTS], out_shift[OUTPUTS], out_scale[OUTPUTS];
void scale_inputs(talus_network *network);
void scale_targets(talus_network *network);
void fit_inputs(talus_network *network, const talus_dataset *dataset, int kind);

/* That inputs have this scaling; count 0: none. */
void input_scaling_is(const talus_network *network, int64_t count, const double *shift, const double *scale);

#endif
