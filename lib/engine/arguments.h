/* Checks of the arguments that evaluation and training share. */
#ifndef TL_ENGINE_ARGUMENTS_H
#define TL_ENGINE_ARGUMENTS_H

#include "engine/pass.h"

/* Sets up a pass with no work yet. Checks that the workspace was made for the network. */
talus_status tl_pass_begin(const talus_network *network, talus_workspace *workspace, tl_pass *pass);

/* X: n × d_0, n at most the workspace's batch. */
talus_status tl_pass_inputs(tl_pass *pass, const talus_matrix *inputs);

/* Y: labels or values of as many rows as X has. */
talus_status tl_pass_targets(tl_pass *pass, const talus_matrix *targets);

/* The weights of the samples, one a row; NULL for 1 each. */
talus_status tl_pass_weights(tl_pass *pass, const talus_matrix *weights);

/* A matrix of f32 or f64 with a row for each sample and `cols` columns; *checked is its view. */
talus_status tl_pass_matrix(const tl_pass *pass, const char *name, const talus_matrix *matrix, int64_t cols,
                            talus_matrix *checked);

/* Whether a matrix can be the targets of a network: its dtype and columns. */
talus_status tl_check_targets(talus_context *context, const talus_network *network,
                              const talus_matrix *targets, talus_matrix *checked);

#endif
