/* Checks of the arguments that evaluation and training share. */
#ifndef TL_ENGINE_ARGUMENTS_H
#define TL_ENGINE_ARGUMENTS_H

#include "engine/pass.h"

/* Sets up a pass with no work yet. Checks that the workspace was made for the network. */
talus_status tl_pass_begin(const talus_network *network, talus_workspace *workspace, tl_pass *pass);

/* X: n × d_0, with any n or one that is at most the workspace's batch. */
talus_status tl_pass_inputs(tl_pass *pass, const talus_matrix *inputs);
talus_status tl_pass_check_batch(const tl_pass *pass);

/* X, Y and the weights of a caller's batch of `size` bytes. */
talus_status tl_pass_batch(tl_pass *pass, const talus_batch *batch, size_t size);

/* A matrix of f32 or f64 with a row for each sample and `cols` columns; *checked is its view. */
talus_status tl_pass_matrix(const tl_pass *pass, const char *name, const talus_matrix *matrix, int64_t cols,
                            talus_matrix *checked);

/* Whether a checked view can be of the targets of a network: its dtype and columns. */
talus_status tl_check_targets(talus_context *context, const talus_network *network,
                              const talus_matrix *targets);

#endif
