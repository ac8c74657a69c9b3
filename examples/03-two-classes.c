/* Two classes: two inputs, three sigmoid units and one sigmoid output a = P(y = 1), with the log loss
 *
 *     C = mean of −y·log a − (1 − y)·log(1 − a)
 *
 * and the formulas of the textbooks, sample by sample, beside what the library gives for the batch:
 *
 *     h  = σ(W₁x + b₁)       a   = σ(w₂·h + b₂)
 *     δ₂ = (a − y)/n         ∇w₂ = Σ δ₂·h,      ∇b₂ = Σ δ₂
 *     δ₁ = δ₂·w₂ ⊙ h ⊙ (1 − h)   ∇W₁ = Σ δ₁·xᵀ,   ∇b₁ = Σ δ₁        (sums over the n samples) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { N = 4, H = 3, P = 2 * H + H + H + 1 };

/* Exclusive or, the first problem that needs a hidden layer. */
static const double inputs[N][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
static const int32_t labels[N] = {0, 1, 1, 0};

static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

static double sigmoid(double z)
{
    return 1 / (1 + exp(-z));
}

/* The gradient by hand, laid out as the parameters are: W₁ by rows, b₁, w₂, b₂. */
static void by_hand(const double *p, double *g)
{
    const double *W1 = p, *b1 = p + 2 * H, *w2 = b1 + H, *b2 = w2 + H;
    double *gW1 = g, *gb1 = g + 2 * H, *gw2 = gb1 + H, *gb2 = gw2 + H;
    for (int s = 0; s < N; s++) {
        const double *x = inputs[s];
        double h[H], z = *b2;
        for (int i = 0; i < H; i++) {
            h[i] = sigmoid(W1[2 * i] * x[0] + W1[2 * i + 1] * x[1] + b1[i]);
            z += w2[i] * h[i];
        }
        double delta2 = (sigmoid(z) - labels[s]) / N;
        *gb2 += delta2;
        for (int i = 0; i < H; i++) {
            double delta1 = delta2 * w2[i] * h[i] * (1 - h[i]);
            gw2[i] += delta2 * h[i];
            gb1[i] += delta1;
            gW1[2 * i] += delta1 * x[0];
            gW1[2 * i + 1] += delta1 * x[1];
        }
    }
}

int main(void)
{
    must(talus_context_create(NULL, &context));
    talus_layer layers[] = {talus_dense(H, TALUS_SIGMOID), talus_dense(1, TALUS_SIGMOID)};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_BINARY_CROSS_ENTROPY);
    spec.precision = TALUS_DTYPE_F64;
    spec.seed = 3;
    talus_network *network;
    talus_workspace *workspace;
    must(talus_network_create(context, &spec, &network));
    must(talus_workspace_create(context, network, N, &workspace));

    double hand[P] = {0}, library[P], distance = 0;
    talus_matrix x = talus_matrix_view(inputs, TALUS_DTYPE_F64, N, 2);
    talus_matrix y = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    talus_matrix gradient = talus_matrix_view(library, TALUS_DTYPE_F64, 1, P), parameters;
    talus_batch batch = talus_batch_of(x, y);
    must(talus_gradient(network, workspace, &batch, NULL, &gradient));
    must(talus_network_parameters(network, &parameters));
    by_hand(parameters.data, hand);

    printf("  derivative by        by hand     the library\n");
    for (int i = 0; i < P; i++) {
        const char *name = i < 2 * H ? "W1" : i < 3 * H ? "b1" : i < 4 * H ? "w2" : "b2";
        printf("%15s %14.10f  %14.10f\n", name, hand[i], library[i]);
        distance = fmax(distance, fabs(hand[i] - library[i]));
    }
    printf("largest difference: %.1e\n", distance);

    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_context_destroy(context);
    return distance < 1e-15 ? 0 : 1;
}
