/* Three classes: a sigmoid layer and softmax outputs learn which of three spiral arms a point lies on. The
 * network's probabilities are printed for one point of each arm, and its decision for the whole plane. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { ARMS = 3, POINTS = 200, N = ARMS * POINTS, ROWS = 21, COLS = 45 };

static float inputs[N][2], plane[ROWS * COLS][2], chances[ROWS * COLS][ARMS];
static int32_t labels[N];

static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

static void draw_spirals(void)
{
    for (int i = 0; i < N; i++) {
        double r = (double)(i % POINTS + 1) / POINTS, angle = 4 * r + i / POINTS * 2 * acos(-1) / ARMS;
        inputs[i][0] = (float)(r * cos(angle));
        inputs[i][1] = (float)(r * sin(angle));
        labels[i] = i / POINTS;
    }
}

static int largest(const float *p)
{
    int best = 0;
    for (int k = 1; k < ARMS; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

/* Prints the class of each point of the square −1 … 1. */
static void draw_plane(const talus_network *network, talus_workspace *workspace)
{
    for (int i = 0; i < ROWS * COLS; i++) {
        plane[i][0] = 2 * (float)(i % COLS) / (COLS - 1) - 1;
        plane[i][1] = 1 - 2 * (float)(i / COLS) / (ROWS - 1);
    }
    talus_matrix x = talus_matrix_view(plane, TALUS_DTYPE_F32, ROWS * COLS, 2);
    talus_matrix a = talus_matrix_view(chances, TALUS_DTYPE_F32, ROWS * COLS, ARMS);
    must(talus_predict(network, workspace, &x, &a));
    for (int i = 0; i < ROWS * COLS; i++)
        printf("%c%s", ".o#"[largest(chances[i])], i % COLS == COLS - 1 ? "\n" : "");
}

int main(void)
{
    must(talus_context_create(NULL, &context));
    draw_spirals();
    talus_matrix x = talus_matrix_view(inputs, TALUS_DTYPE_F32, N, 2);
    talus_matrix y = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    talus_dataset *spirals;
    must(talus_dataset_from_matrices(context, &x, &y, &spirals));

    talus_layer layers[] = {talus_dense(32, TALUS_SIGMOID), talus_dense(ARMS, TALUS_SOFTMAX)};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_CROSS_ENTROPY);
    spec.seed = 1;
    talus_network *network;
    must(talus_network_create(context, &spec, &network));

    talus_optimizer_spec adam;
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    adam.rate = 0.03;
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 400;
    options.batch = 60;
    options.optimizer = &adam;
    must(talus_fit(network, spirals, NULL, &options, NULL));

    talus_workspace *workspace;
    talus_metrics metrics;
    must(talus_workspace_create(context, network, ROWS * COLS, &workspace));
    must(talus_evaluate(network, workspace, spirals, &metrics));
    talus_matrix a = talus_matrix_view(chances, TALUS_DTYPE_F32, N, ARMS);
    must(talus_predict(network, workspace, &x, &a));
    for (int i = POINTS / 2; i < N; i += POINTS)
        printf("(%5.2f, %5.2f) on arm %d:  P = %.4f %.4f %.4f\n", inputs[i][0], inputs[i][1], labels[i],
               chances[i][0], chances[i][1], chances[i][2]);
    draw_plane(network, workspace);
    printf("loss %.4f, %.1f %% of %d points right\n", metrics.cost, 100 * metrics.accuracy, N);

    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(spirals);
    talus_context_destroy(context);
    return metrics.accuracy > 0.98 ? 0 : 1;
}
