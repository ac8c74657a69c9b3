/* A program outside the source tree: fits y = 2x + 1 with a linear network, as a user's first try might. */
#include <math.h>
#include <stdio.h>
#include <talus/talus.h>

int main(void)
{
    const float x[4] = {0, 1, 2, 3}, y[4] = {1, 3, 5, 7};
    const float four = 4;
    float nine = 0;
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F32, 4, 1),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F32, 4, 1);
    talus_matrix question = talus_matrix_view(&four, TALUS_DTYPE_F32, 1, 1);
    talus_matrix answer = talus_matrix_view(&nine, TALUS_DTYPE_F32, 1, 1);
    talus_layer line = {.width = 1};
    talus_network_spec spec = {.inputs = 1, .layers = &line, .layer_count = 1, .seed = 1};
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    options.optimizer = &descent;
    options.epochs = 1000;

    talus_context *context = NULL;
    talus_dataset *points = NULL;
    talus_network *network = NULL;
    talus_workspace *workspace = NULL;
    int failed = talus_context_create(NULL, &context) ||
                 talus_dataset_from_matrices(context, &inputs, &targets, &points) ||
                 talus_network_create(context, &spec, &network) ||
                 talus_fit(network, points, NULL, &options, NULL) ||
                 talus_workspace_create(context, network, 1, &workspace) ||
                 talus_predict(network, workspace, &question, &answer);
    if (failed)
        fprintf(stderr, "%s\n", talus_error_message(context));
    else
        printf("talus %s: 2·4 + 1 = %.3f\n", talus_version(), (double)nine);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(points);
    talus_context_destroy(context);
    return failed || fabs((double)nine - 9) > 0.01;
}
