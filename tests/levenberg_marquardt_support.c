#include "levenberg_marquardt_support.h"

double x[N * INPUTS], y[N * OUTPUTS], w[N];
talus_dataset *data;
talus_levenberg_marquardt_options options;
talus_least_squares_options method;
talus_levenberg_marquardt_result result;

talus_matrix view(const double *values, int64_t rows, int64_t cols)
{
    return talus_matrix_view((void *)values, TALUS_DTYPE_F64, rows, cols);
}

void begin(void)
{
    begin_counted();
    number_stream stream = numbers_from(11);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = 2 * next_number(&stream);
    for (int i = 0; i < N; i++) {
        const double *at = x + i * INPUTS;
        y[2 * i] = sin(at[0] + at[1]) + at[2] * at[2] + 0.05 * next_number(&stream);
        y[2 * i + 1] = at[0] * at[1] + 0.05 * next_number(&stream);
        w[i] = 1 + i % 3;
    }
    talus_matrix in = view(x, N, INPUTS), to = view(y, N, OUTPUTS);
    data = dataset_of(&in, &to);
    talus_levenberg_marquardt_options_defaults(&options);
    talus_least_squares_options_defaults(&method);
    options.method = &method;
}

void end(void)
{
    talus_dataset_destroy(data);
    end_counted();
}

talus_network *network_with(const talus_layer *layers, int count, int64_t inputs, int precision)
{
    talus_network_spec spec;
    talus_network *network;
    talus_network_defaults(&spec);
    spec.inputs = inputs, spec.layers = layers, spec.layer_count = count, spec.precision = precision;
    spec.seed = 5;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

talus_network *tanh_network(int precision)
{
    const talus_layer layers[] = {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    return network_with(layers, 2, INPUTS, precision);
}

void fit(talus_network *network, const talus_dataset *validation)
{
    expect_ok(context, talus_levenberg_marquardt(network, data, validation, &options, &result));
}

double *parameters_of(const talus_network *network, int64_t *count)
{
    talus_matrix theta;
    expect_ok(context, talus_network_parameters((talus_network *)network, &theta));
    *count = theta.cols;
    return theta.data;
}

double cost_and_slope(const talus_network *network, const talus_batch *batch, double *slope)
{
    int64_t count;
    double cost = NAN;
    (void)parameters_of(network, &count);
    double *g = random_array(1, count);
    talus_matrix gradient = view(g, 1, count);
    talus_workspace *workspace = workspace_of(network, N);
    expect_ok(context, talus_gradient(network, workspace, batch, &cost, &gradient));
    *slope = largest(g, count);
    free(g);
    talus_workspace_destroy(workspace);
    return cost;
}

void is_minimum(const talus_network *network, const talus_batch *batch)
{
    double slope;
    const double cost = cost_and_slope(network, batch, &slope);
    ck_assert_double_eq_tol(result.cost, cost, 1e-12 * (1 + cost));
    ck_assert_msg(slope < 1e-6, "the slope is %g after %d iterations, %s", slope, (int)result.iterations,
                  talus_outcome_name(result.outcome));
}

void refused(talus_network *network, talus_status expected, const char *piece)
{
    int64_t count;
    const double *theta = parameters_of(network, &count);
    double *before = malloc((size_t)count * sizeof *before);
    memcpy(before, theta, (size_t)count * sizeof *before);
    expect_status(context, expected, talus_levenberg_marquardt(network, data, NULL, &options, &result));
    expect_message(context, piece);
    ck_assert_int_eq(memcmp(before, theta, (size_t)count * sizeof *before), 0);
    free(before);
}
