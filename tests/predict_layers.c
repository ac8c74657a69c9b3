/* Makes a network of tensors that another program has written, predicts with it, and saves it as a model:
 *
 *     predict_layers TENSORS INPUTS.npy PREDICTIONS.npy MODEL ACTIVATION...
 *
 * in the precision of the inputs. */
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { MOST_LAYERS = 8 };

static talus_context *context;

static void check(talus_status status)
{
    if (status == TALUS_OK)
        return;
    fprintf(stderr, "%s\n", talus_error_message(context));
    exit(1);
}

static talus_network *load(const char *path, int precision, char **activations, int count)
{
    talus_layer layers[MOST_LAYERS];
    talus_network *network = NULL;
    for (int l = 0; l < count; l++)
        layers[l] = talus_dense(0, talus_enumeration_value(TALUS_ENUMERATION_ACTIVATION, activations[l]));
    talus_network_spec spec = talus_dense_network(0, layers, count, TALUS_SQUARED_ERROR);
    spec.precision = precision;
    check(talus_model_load_layers(context, path, &spec, &network));
    return network;
}

int main(int argc, char **argv)
{
    talus_array *array = NULL;
    talus_matrix inputs;
    talus_workspace *workspace = NULL;
    if (argc < 6 || argc > 5 + MOST_LAYERS || talus_context_create(NULL, &context) != TALUS_OK)
        return 2;
    check(talus_array_read_npy(context, argv[2], &array));
    check(talus_array_matrix(array, &inputs));
    talus_network *network = load(argv[1], inputs.dtype, argv + 5, argc - 5);
    int64_t outputs = talus_network_width(network, talus_network_layer_count(network));
    double *predicted = calloc((size_t)(inputs.rows * outputs), sizeof *predicted);
    talus_matrix predictions = talus_matrix_view(predicted, inputs.dtype, inputs.rows, outputs);
    check(talus_workspace_create(context, network, inputs.rows, &workspace));
    check(talus_predict(network, workspace, &inputs, &predictions));
    check(talus_array_write_npy(context, &predictions, argv[3]));
    check(talus_model_save(network, NULL, argv[4]));
    free(predicted);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_array_destroy(array);
    talus_context_destroy(context);
    return 0;
}
