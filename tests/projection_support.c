#include "projection_support.h"

talus_network *identity_of(int64_t d, int precision)
{
    talus_layer layer = {.width = d};
    talus_network_spec spec = {.inputs = d, .layers = &layer, .layer_count = 1, .precision = precision};
    talus_network *network;
    talus_matrix weights;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 1, &weights));
    for (int64_t i = 0; i < d * d; i++)
        if (precision == TALUS_DTYPE_F32)
            ((float *)weights.data)[i] = i % (d + 1) == 0;
        else
            ((double *)weights.data)[i] = i % (d + 1) == 0;
    return network;
}

talus_dataset *rows_in(const double *x, int64_t n, int64_t p)
{
    talus_matrix view = talus_matrix_view(x, TALUS_DTYPE_F64, n, p);
    return dataset_of(&view, NULL);
}

double *features_of(const talus_network *network, const double *x, int64_t n)
{
    const int64_t p = talus_network_columns(network), d = talus_network_width(network, 0);
    double *out = malloc((size_t)(n * d) * sizeof *out);
    talus_workspace *workspace = workspace_of(network, 100);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, n, p),
                 to = talus_matrix_view(out, TALUS_DTYPE_F64, n, d);
    expect_ok(context, talus_predict(network, workspace, &in, &to));
    talus_workspace_destroy(workspace);
    return out;
}

double *mixed(int64_t n, int64_t p)
{
    double *x = random_array(7, n * p), *y = malloc((size_t)(n * p) * sizeof *y);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < p; j++)
            y[i * p + j] = 20 + (double)j + x[i * p + j] * (1 + (double)j / 4) +
                           (j > 0 ? x[i * p + j - 1] : 0) + 2 * x[i * p + j / 2];
    free(x);
    return y;
}

talus_network *deep(talus_context *own, int precision)
{
    talus_layer layers[] = {{.width = HIDDEN, .activation = TALUS_TANH}, {.width = 2}};
    talus_network_spec spec = {
        .inputs = FEATURES, .layers = layers, .layer_count = 2, .precision = precision, .input_noise = 0};
    talus_network *network;
    expect_ok(own, talus_network_create(own, &spec, &network));
    return network;
}

double covariance(const double *x, int64_t n, int64_t p, int64_t i, int64_t j)
{
    double a = 0, b = 0, sum = 0;
    for (int64_t k = 0; k < n; k++)
        a += x[k * p + i] / (double)n, b += x[k * p + j] / (double)n;
    for (int64_t k = 0; k < n; k++)
        sum += (x[k * p + i] - a) * (x[k * p + j] - b);
    return sum / (double)n;
}
