/* Samples that are never held: a network learns y = sin x from points that are made when a batch needs them.
 *
 *     x_i = 2π·(i·φ mod 1),  φ = (√5 − 1)/2        which fill the circle evenly (Weyl 1916)
 *
 * The number of its row alone makes a sample, so that it is the same each time it is asked for. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { SAMPLES = 200000, GRID = 9 };
static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

static int read_points(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    float *x = inputs, *y = targets;
    (void)user;
    for (int64_t i = 0; i < count; i++) {
        x[i] = (float)(6.283185307179586 * fmod((double)rows[i] * 0.6180339887498949, 1));
        y[i] = sinf(x[i]);
    }
    return 0;
}

int main(void)
{
    talus_stream stream = {.samples = SAMPLES, .inputs = 1, .targets = 1, .read = read_points};
    talus_layer layers[] = {talus_dense(32, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(1, layers, 2, TALUS_SQUARED_ERROR);
    talus_network *network;
    talus_workspace *workspace;
    talus_dataset *points;
    must(talus_context_create(NULL, &context));
    must(talus_network_create(context, &spec, &network));
    must(talus_workspace_create(context, network, GRID, &workspace));
    must(talus_dataset_from_stream(context, &stream, &points));
    must(talus_network_fit_input_scaling(network, points, TALUS_SCALING_STANDARD));
    must(talus_fit(network, points, NULL, NULL, NULL)); /* which keeps 128 samples at a time */
    float x[GRID], y[GRID], worst = 0;
    for (int i = 0; i < GRID; i++)
        x[i] = 6.2831853F * (float)i / (GRID - 1);
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F32, GRID, 1),
                 outputs = talus_matrix_view(y, TALUS_DTYPE_F32, GRID, 1);
    must(talus_predict(network, workspace, &inputs, &outputs));
    for (int i = 0; i < GRID; i++) {
        printf("sin %5.3f = %6.3f, learnt %6.3f\n", (double)x[i], (double)sinf(x[i]), (double)y[i]);
        worst = fmaxf(worst, fabsf(y[i] - sinf(x[i])));
    }
    talus_dataset_destroy(points), talus_workspace_destroy(workspace), talus_network_destroy(network);
    talus_context_destroy(context);
    return worst < 0.05F ? 0 : 1;
}
