#include "scaling_support.h"

const int input_dtypes[3] = {TALUS_DTYPE_F32, TALUS_DTYPE_F64, TALUS_DTYPE_U8};

talus_network *network_of(int precision, int last)
{
    return two_layers(precision, INPUTS, HIDDEN, OUTPUTS, last);
}

talus_matrix typed(int dtype, const double *values, int64_t rows, int64_t cols)
{
    int64_t count = rows * cols;
    void *data = malloc((size_t)count * sizeof(double));
    ck_assert_ptr_nonnull(data);
    for (int64_t i = 0; i < count; i++)
        if (dtype == TALUS_DTYPE_F32)
            ((float *)data)[i] = (float)values[i];
        else if (dtype == TALUS_DTYPE_F64)
            ((double *)data)[i] = values[i];
        else
            ((uint8_t *)data)[i] = (uint8_t)values[i];
    return talus_matrix_view(data, dtype, rows, cols);
}

double value_at(const talus_matrix *m, int64_t i)
{
    return m->dtype == TALUS_DTYPE_F32   ? (double)((float *)m->data)[i]
           : m->dtype == TALUS_DTYPE_F64 ? ((double *)m->data)[i]
                                         : (double)((uint8_t *)m->data)[i];
}

talus_matrix scaled_by_hand(const talus_matrix *raw, int precision, const double *shift, const double *scale)
{
    double *values = malloc((size_t)(raw->rows * raw->cols) * sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (int64_t i = 0; i < raw->rows * raw->cols; i++)
        values[i] = (value_at(raw, i) - shift[i % raw->cols]) * scale[i % raw->cols];
    talus_matrix scaled = typed(precision, values, raw->rows, raw->cols);
    free(values);
    return scaled;
}

const double in_shift[INPUTS] = {100, -3, 0.1}, in_scale[INPUTS] = {1 / 64.0, 0.007, -0.01};
const double out_shift[OUTPUTS] = {-7, 1000}, out_scale[OUTPUTS] = {0.7, 1 / 300.0};

void scale_inputs(talus_network *network)
{
    expect_ok(context, talus_network_scale_inputs(network, in_shift, in_scale, INPUTS));
}

void scale_targets(talus_network *network)
{
    expect_ok(context, talus_network_scale_targets(network, out_shift, out_scale, OUTPUTS));
}

talus_matrix raw_inputs(int dtype, uint64_t seed)
{
    double *values = random_array(seed, N * INPUTS);
    for (int i = 0; i < N * INPUTS; i++)
        values[i] = dtype == TALUS_DTYPE_U8 ? floor(127.5 + 127 * values[i]) : 127.5 + 127 * values[i];
    talus_matrix matrix = typed(dtype, values, N, INPUTS);
    free(values);
    return matrix;
}

talus_matrix raw_targets(int dtype)
{
    double *values = random_array(8, N * OUTPUTS);
    for (int i = 0; i < N * OUTPUTS; i++)
        values[i] = out_shift[i % OUTPUTS] + values[i] / out_scale[i % OUTPUTS];
    talus_matrix matrix = typed(dtype, values, N, OUTPUTS);
    free(values);
    return matrix;
}

talus_network *network_for(int64_t columns, int precision)
{
    talus_layer layer = {.width = columns};
    talus_network_spec spec = {.inputs = columns, .layers = &layer, .layer_count = 1, .precision = precision};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

void input_scaling_is(const talus_network *network, int64_t count, const double *shift, const double *scale)
{
    int64_t got;
    const double *shifts, *scales;
    expect_ok(context, talus_network_input_scaling(network, &got, &shifts, &scales));
    ck_assert_int_eq(got, count);
    if (count == 0)
        ck_assert(shifts == NULL && scales == NULL);
    for (int64_t j = 0; j < count; j++) {
        ck_assert_double_eq(shifts[j], shift[j]);
        ck_assert_double_eq(scales[j], scale[j]);
    }
}

void fit_inputs(talus_network *network, const talus_dataset *dataset, int kind)
{
    expect_ok(context, talus_network_fit_input_scaling(network, dataset, kind));
}
