/* Random features: a hidden layer whose weights are drawn and never trained, and a linear layer that is solved exactly for them,
 *
 *     min over W, b of   ½·Σ ‖W·h_i + b − y_i‖²/n,    h_i = tanh(V·x_i + c)
 *
 * (Rahimi and Recht, Weighted sums of random kitchen sinks, 2008; extreme learning machines, Huang et al. 2006). Gradient descent
 * looks for the same W and b, of the same network: here are the costs that both reach, and their times. The features are nearly
 * dependent on each other, so that the cost is a long valley, which is what gradients are bad at and orthogonal factors are for. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { N = 2000, INPUTS = 2, FEATURES = 100, EPOCHS = 100 };

static double x[N][INPUTS], y[N][1];
static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

/* i·φ mod 1 fills 0 … 1 evenly; here −1 … 1. */
static double spread(int i, double step)
{
    return 2 * fmod((i + 1) * step, 1) - 1;
}

static void make_data(void)
{
    for (int i = 0; i < N; i++) {
        x[i][0] = spread(i, 0.7548776662466927);
        x[i][1] = spread(i, 0.5698402909980532);
        y[i][0] = sin(3 * x[i][0]) * cos(2 * x[i][1]) + 0.3 * x[i][1];
    }
}

/* Features that bend somewhere in the square: V and c wider than the weights that a network begins to train with. */
static talus_network *random_features(void)
{
    talus_layer layers[] = {talus_dense(FEATURES, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *network;
    talus_matrix V, c;
    must(talus_network_create(context, &spec, &network));
    must(talus_network_weights(network, NULL, 1, &V));
    must(talus_network_biases(network, NULL, 1, &c));
    for (int i = 0; i < FEATURES; i++) {
        for (int j = 0; j < INPUTS; j++)
            ((double *)V.data)[i * V.stride + j] = 3 * spread(INPUTS * i + j, 0.6180339887498949);
        ((double *)c.data)[i] = 2 * spread(i, 0.8191725133961645);
    }
    return network;
}

/* Adam on the last layer: the rate of layer 1 is 0. */
static talus_fit_result descend(talus_network *network, const talus_dataset *data)
{
    talus_trainer *trainer;
    talus_fit_options options;
    talus_fit_result result;
    talus_fit_options_defaults(&options);
    options.epochs = EPOCHS;
    must(talus_trainer_create(network, NULL, 128, &trainer));
    must(talus_trainer_set_layer_factors(trainer, 1, 0, 0));
    must(talus_trainer_fit(trainer, data, NULL, &options, &result));
    talus_trainer_destroy(trainer);
    return result;
}

/* The largest element of ∂C/∂W and ∂C/∂b of the last layer, which is 0 at the minimum. */
static double slope(talus_network *network)
{
    talus_workspace *workspace;
    talus_matrix parameters, gradient, part;
    talus_batch all = talus_batch_of(talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                                     talus_matrix_view(y, TALUS_DTYPE_F64, N, 1));
    double most = 0;
    must(talus_network_parameters(network, &parameters));
    double *numbers = calloc((size_t)parameters.cols, sizeof *numbers);
    if (numbers == NULL)
        exit(1);
    gradient = talus_matrix_view(numbers, TALUS_DTYPE_F64, 1, parameters.cols);
    must(talus_workspace_create(context, network, N, &workspace));
    must(talus_gradient(network, workspace, &all, NULL, &gradient));
    must(talus_network_weights(network, &gradient, 2, &part));
    for (int j = 0; j < FEATURES; j++)
        most = fmax(most, fabs(((double *)part.data)[j]));
    must(talus_network_biases(network, &gradient, 2, &part));
    most = fmax(most, fabs(*(double *)part.data));
    talus_workspace_destroy(workspace);
    free(numbers);
    return most;
}

int main(void)
{
    talus_dataset *data;
    talus_solve_result solved;
    make_data();
    must(talus_context_create(NULL, &context));
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F64, N, 1);
    must(talus_dataset_from_matrices(context, &inputs, &targets, &data));
    talus_network *a = random_features(), *b = random_features();

    talus_fit_result descended = descend(a, data);
    must(talus_solve_readout(b, data, NULL, &solved));
    printf("                        cost        |gradient|   milliseconds\n");
    printf("Adam, %d epochs        %.2e    %.0e    %12.1f\n", EPOCHS, descended.cost, slope(a),
           1e3 * descended.seconds);
    printf("solved exactly          %.2e    %.0e    %12.1f\n", solved.cost, slope(b), 1e3 * solved.seconds);
    printf("rank %lld of %lld, condition %.1e, R2 = 1 - %.1e\n", (long long)solved.rank,
           (long long)solved.columns, solved.condition, 1 - solved.r2);

    const int good = solved.cost < descended.cost / 100 && slope(b) < 1e-10;
    talus_network_destroy(a);
    talus_network_destroy(b);
    talus_dataset_destroy(data);
    talus_context_destroy(context);
    return good ? 0 : 1;
}
