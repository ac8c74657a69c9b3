#include "solve_support.h"

talus_network *network_of(talus_context *in, const readout_case *of)
{
    talus_layer layers[] = {{.width = of->hidden, .activation = TALUS_TANH},
                            {.width = of->outputs, .l2 = of->l2, .without_biases = of->without_biases}};
    const int first = of->hidden == 0;
    talus_network_spec spec = {.inputs = of->inputs,
                               .layers = layers + first,
                               .layer_count = 2 - first,
                               .precision = of->precision,
                               .seed = 3};
    talus_network *network = NULL;
    expect_ok(in, talus_network_create(in, &spec, &network));
    return network;
}

static talus_matrix last_part(talus_network *network, int part)
{
    talus_matrix flat, matrix;
    expect_ok(context, talus_network_parameters(network, &flat));
    expect_ok(context, talus_network_part(network, &flat, talus_network_layer_count(network), part, &matrix));
    return matrix;
}

talus_matrix last_weights(talus_network *network)
{
    return last_part(network, TALUS_PART_WEIGHTS);
}

static double number_of(const talus_matrix *matrix, int64_t at)
{
    return matrix->dtype == TALUS_DTYPE_F32 ? (double)((const float *)matrix->data)[at]
                                            : ((const double *)matrix->data)[at];
}

double weight_at(talus_network *network, int64_t output, int64_t input)
{
    talus_matrix weights = last_weights(network);
    return number_of(&weights, output * weights.cols + input);
}

double bias_at(talus_network *network, int64_t output)
{
    talus_matrix biases = last_part(network, TALUS_PART_BIASES);
    return number_of(&biases, output);
}

talus_matrix f64_view(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

double *inputs_of_last(talus_network *network, const talus_matrix *x)
{
    talus_matrix weights = last_weights(network);
    const int64_t d = weights.cols;
    double *h = calloc((size_t)(x->rows * d), sizeof *h);
    if (talus_network_layer_count(network) == 1) {
        memcpy(h, x->data, (size_t)(x->rows * d) * sizeof *h);
        return h;
    }
    talus_matrix flat, w;
    expect_ok(context, talus_network_parameters(network, &flat));
    expect_ok(context, talus_network_part(network, &flat, 1, TALUS_PART_WEIGHTS, &w));
    talus_matrix b;
    expect_ok(context, talus_network_part(network, &flat, 1, TALUS_PART_BIASES, &b));
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < d; j++) {
            double z = number_of(&b, j);
            for (int64_t l = 0; l < x->cols; l++)
                z += number_of(&w, j * w.cols + l) * ((const double *)x->data)[i * x->cols + l];
            h[i * d + j] = tanh(z);
        }
    return h;
}

void eliminate(long double *a, long double *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t pivot = i;
        for (int64_t j = i; j < n; j++)
            if (fabsl(a[j * n + i]) > fabsl(a[pivot * n + i]))
                pivot = j;
        for (int64_t j = 0; j < n; j++) {
            long double kept = a[i * n + j];
            a[i * n + j] = a[pivot * n + j];
            a[pivot * n + j] = kept;
        }
        long double kept = b[i];
        b[i] = b[pivot];
        b[pivot] = kept;
        for (int64_t j = i + 1; j < n; j++) {
            long double factor = a[j * n + i] / a[i * n + i];
            for (int64_t l = i; l < n; l++)
                a[j * n + l] -= factor * a[i * n + l];
            b[j] -= factor * b[i];
        }
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        for (int64_t j = i + 1; j < n; j++)
            b[i] -= a[i * n + j] * b[j];
        b[i] /= a[i * n + i];
    }
}

talus_solve_result solve(talus_network *network, const talus_dataset *data, double ridge, int orthogonal)
{
    talus_solve_options options;
    talus_solve_result result;
    talus_solve_options_defaults(&options);
    options.ridge = ridge, options.orthogonal = orthogonal;
    expect_ok(context, talus_solve_readout(network, data, &options, &result));
    return result;
}
