#include "loss_support.h"

double x[N * INPUTS], y[N * OUTPUTS];

talus_matrix f64(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

int64_t targets_of(int loss)
{
    return OUTPUTS / tl_loss_kind_of(loss)->outputs;
}

/* Targets in 0 … 1, which every loss takes. */
void begin_losses(void)
{
    begin_counted();
    number_stream numbers = numbers_from(11);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&numbers);
    for (int i = 0; i < N * OUTPUTS; i++)
        y[i] = fabs(next_number(&numbers));
}

talus_network_spec spec_of(int loss, talus_layer layers[2])
{
    int fused = tl_loss_kind_of(loss)->fused;
    layers[0] = talus_dense(5, TALUS_TANH);
    layers[1] = talus_dense(OUTPUTS, fused < 0 ? TALUS_IDENTITY : fused);
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, loss);
    spec.precision = TALUS_DTYPE_F64;
    return spec;
}

talus_network *made(const talus_network_spec *spec)
{
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, spec, &network));
    return network;
}

/* Cost and gradient of the batch; gradient may be NULL. */
double gradient_of(const talus_network *network, double *gradient)
{
    int64_t count = talus_network_parameter_count(network);
    talus_workspace *workspace = workspace_of(network, N);
    talus_matrix flat = f64(gradient, 1, count);
    double cost;
    expect_ok(context,
              talus_gradient(network, workspace,
                             BATCH(f64(x, N, INPUTS), f64(y, N, targets_of(talus_network_loss(network)))),
                             &cost, gradient == NULL ? NULL : &flat));
    talus_workspace_destroy(workspace);
    return cost;
}

void expect_differences(talus_network *network)
{
    talus_matrix parameters;
    double gradient[MOST];
    ck_assert_int_le(talus_network_parameter_count(network), MOST);
    gradient_of(network, gradient);
    expect_ok(context, talus_network_parameters(network, &parameters));
    for (int64_t i = 0; i < parameters.cols; i++) {
        double *at = (double *)parameters.data + i, kept = *at, h = 6e-6;
        *at = kept + h;
        double above = gradient_of(network, NULL);
        *at = kept - h;
        double below = gradient_of(network, NULL);
        *at = kept;
        ck_assert_msg(fabs((above - below) / (2 * h) - gradient[i]) < DIFFERENCES,
                      "%s, parameter %d: %g, not %g", talus_loss_name(talus_network_loss(network)), (int)i,
                      gradient[i], (above - below) / (2 * h));
    }
}

void lose_some(int loss)
{
    for (int64_t i = 0; i < N; i++)
        for (int64_t k = 0; k < targets_of(loss); k++)
            if ((i * 5 + k * 3) % 7 == 0)
                y[i * targets_of(loss) + k] = NAN;
}
