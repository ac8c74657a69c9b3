/* Regression: two inputs, three ReLU units, two linear outputs, and the cost C = Σ ½(a − y)².
 * The numbers are small enough to work the gradient by hand; the library must find the same.
 *
 *     x  = (1, 2)                    y  = (½, 3)
 *     z₁ = W₁x + b₁ = (1, −½, 2)     h  = max(0, z₁) = (1, 0, 2)      the second unit is off
 *     a  = W₂h + b₂ = (1, 2)         C  = ½·(½² + 1²) = 0.625
 *
 *     δ₂ = a − y = (½, −1)           ∇W₂ = δ₂·hᵀ,  ∇b₂ = δ₂
 *     δ₁ = (W₂ᵀδ₂) ⊙ [z₁ > 0]        ∇W₁ = δ₁·xᵀ,  ∇b₁ = δ₁
 *        = (−1½, ½, −¾) ⊙ (1, 0, 1) = (−1½, 0, −¾) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talus/talus.h>

static const double x[] = {1, 2}, y[] = {0.5, 3};

/* W₁ by rows, b₁, W₂ by rows, b₂: the order of a network's parameters, and of their gradient. */
static const struct flat {
    double W1[6], b1[3], W2[6], b2[2];
} chosen = {.W1 = {0.5, 0.25, -1, 0.25, 1, -0.25},
            .b1 = {0, 0, 1.5},
            .W2 = {1, 3, -0.5, 2, 1, 0.5},
            .b2 = {1, -1}},
  by_hand = {.W1 = {-1.5, -3, 0, 0, -0.75, -1.5},
             .b1 = {-1.5, 0, -0.75},
             .W2 = {0.5, 0, 1, -1, 0, -2},
             .b2 = {0.5, -1}};

static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

static void print(const char *name, const talus_matrix *m)
{
    const double *data = m->data;
    for (int64_t i = 0; i < m->rows; i++) {
        printf("%9s", i == 0 ? name : "");
        for (int64_t j = 0; j < m->cols; j++)
            printf(" %7.3f", data[i * m->stride + j]);
        printf("\n");
    }
}

int main(void)
{
    talus_layer layers[] = {talus_dense(3, TALUS_RELU), talus_dense(2, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *network;
    talus_workspace *workspace;
    must(talus_context_create(NULL, &context));
    must(talus_network_create(context, &spec, &network));
    must(talus_workspace_create(context, network, 1, &workspace));
    talus_matrix parameters, part;
    must(talus_network_parameters(network, &parameters));
    memcpy(parameters.data, &chosen, sizeof chosen);

    double cost, values[17];
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, 1, 2);
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_F64, 1, 2);
    talus_matrix gradient = talus_matrix_view(values, TALUS_DTYPE_F64, 1, 17);
    talus_batch batch = talus_batch_of(inputs, targets);
    must(talus_gradient(network, workspace, &batch, &cost, &gradient));

    printf("cost C    %7.3f\n", cost);
    for (int l = 1; l <= 2; l++) {
        must(talus_network_weights(network, &gradient, l, &part));
        print(l == 1 ? "dC/dW1" : "dC/dW2", &part);
        must(talus_network_biases(network, &gradient, l, &part));
        print(l == 1 ? "dC/db1" : "dC/db2", &part);
    }
    double distance = fabs(cost - 0.625);
    for (int i = 0; i < 17; i++)
        distance = fmax(distance, fabs(values[i] - ((const double *)&by_hand)[i]));
    printf("largest difference from the values worked by hand: %g\n", distance);

    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_context_destroy(context);
    return distance < 1e-14 ? 0 : 1;
}
