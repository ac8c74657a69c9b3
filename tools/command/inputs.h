/* How inputs come to the networks of the command: scaled, clipped and projected as the data have it that they learn from. */
#ifndef TALUS_COMMAND_INPUTS_H
#define TALUS_COMMAND_INPUTS_H

#include "data.h"

typedef struct input_options {
    int scaling;    /* a talus_scaling that is fitted; −1: none */
    double white;   /* by which the bytes of pictures are multiplied instead; 0: they are not */
    double clip;    /* 0: none */
    int projection; /* a talus_projection_kind; −1: none */
    double share;   /* of the variance that is kept; 0: all components are */
    double epsilon;
} input_options;

/* Takes them from what is given, and from what the inputs of the data are. False after a message. */
int read_input_options(command_line *line, const input_data *data, input_options *options);

/* The inputs d_0 of a network for these data; and the scaling, clipping and projection of one that has them. */
talus_status count_features(talus_context *context, const input_data *data, const input_options *options,
                            int64_t *count);
talus_status fit_inputs(talus_network *network, const input_data *data, const input_options *options);

/* With --unit-variance, scales the weights layer after layer until their sums have the variance 1 on samples of the data. */
int scale_weights(const command_line *line, talus_context *context, const input_data *data,
                  talus_network *network);

#endif
