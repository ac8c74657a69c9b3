#include "ranges_support.h"

const talus_output_range ranges[RANGES] = {
    {.outputs = 3, .activation = TALUS_SOFTMAX, .loss = TALUS_CROSS_ENTROPY},
    {.outputs = 2, .weight = 0.5},
    {.outputs = 1, .activation = TALUS_SIGMOID, .loss = TALUS_BINARY_CROSS_ENTROPY, .weight = 3},
    {.outputs = 2, .loss = TALUS_GAUSSIAN_NLL},
    {.outputs = 2, .activation = TALUS_ELU, .alpha = 0.7, .loss = TALUS_HUBER, .loss_parameter = 0.3},
    {.outputs = 2, .activation = TALUS_SOFTMAX, .weight = 2},
};
talus_layer layers[2];
double x[N * INPUTS], y[N * TARGETS];

talus_matrix f64(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

void begin_ranges(void)
{
    begin_counted();
    layers[0] = talus_dense(HIDDEN, TALUS_TANH), layers[1] = talus_dense(OUTPUTS, TALUS_IDENTITY);
    number_stream numbers = numbers_from(17);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&numbers);
    for (int i = 0; i < N * TARGETS; i++)
        y[i] = fabs(next_number(&numbers));
}

talus_network_spec several(void)
{
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    spec.ranges = ranges, spec.range_count = RANGES, spec.range_size = sizeof *ranges;
    return spec;
}

talus_network *made(const talus_network_spec *spec)
{
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, spec, &network));
    return network;
}
