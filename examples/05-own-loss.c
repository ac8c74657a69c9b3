/* A loss and an update of the caller's own, in the caller's own loop: talus_forward gives A, the program
 * makes ∂C/∂A of it, and talus_backward carries that back to the gradient of the parameters.
 *
 * Three outputs learn the 10 %, 50 % and 90 % quantiles of noisy data with the pinball loss
 * (Koenker and Bassett 1978): for the quantile τ and r = y − a,
 *
 *     ρ(r) = max(τ·r, (τ − 1)·r)        ∂ρ/∂a = −τ if y > a, else 1 − τ */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/talus.h>

enum { N = 500, Q = 3, STEPS = 2000 };

static const double tau[Q] = {0.1, 0.5, 0.9};
static double x[N], y[N], a[N][Q], output_gradient[N][Q];

static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

/* y = sin 2x, and noise that grows with x. The sequence i·φ mod 1 fills 0 … 1 evenly. */
static void make_data(void)
{
    for (int i = 0; i < N; i++) {
        double noise = fmod(i * 0.6180339887498949, 1) - 0.5;
        x[i] = 3.0 * i / N - 1.5;
        y[i] = sin(2 * x[i]) + (0.5 + 0.3 * x[i]) * noise;
    }
}

/* Fills ∂C/∂A; returns the cost C, the mean over the samples. */
static double pinball(void)
{
    double cost = 0;
    for (int i = 0; i < N; i++)
        for (int q = 0; q < Q; q++) {
            double r = y[i] - a[i][q];
            cost += fmax(tau[q] * r, (tau[q] - 1) * r) / N;
            output_gradient[i][q] = (r > 0 ? -tau[q] : 1 - tau[q]) / N;
        }
    return cost;
}

/* How far from τ the share of the data is that lies below each quantile; prints these shares. */
static double coverage_error(void)
{
    double worst = 0;
    for (int q = 0; q < Q; q++) {
        int below = 0;
        for (int i = 0; i < N; i++)
            below += y[i] <= a[i][q];
        printf("below the %2.0f %% quantile: %.1f %% of the data\n", 100 * tau[q], 100.0 * below / N);
        worst = fmax(worst, fabs((double)below / N - tau[q]));
    }
    return worst;
}

int main(void)
{
    must(talus_context_create(NULL, &context));
    talus_layer layers[] = {talus_dense(20, TALUS_TANH), talus_dense(20, TALUS_TANH),
                            talus_dense(Q, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(1, layers, 3,
                                                  TALUS_SQUARED_ERROR); /* its loss is not used */
    spec.precision = TALUS_DTYPE_F64;
    spec.seed = 1;
    talus_network *network;
    talus_workspace *workspace;
    must(talus_network_create(context, &spec, &network));
    must(talus_workspace_create(context, network, N, &workspace));

    static double g[1000], v[1000]; /* the gradient, and the velocity of momentum: more room than is needed */
    int64_t count = talus_network_parameter_count(network);
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, N, 1);
    talus_matrix outputs = talus_matrix_view(a, TALUS_DTYPE_F64, N, Q);
    talus_matrix above = talus_matrix_view(output_gradient, TALUS_DTYPE_F64, N, Q), parameters;
    talus_matrix gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, count);
    must(talus_network_parameters(network, &parameters));
    double *theta = parameters.data;

    make_data();
    for (int step = 0; step <= STEPS; step++) {
        must(talus_forward(network, workspace, &inputs, &outputs));
        double cost = pinball(), rate = 0.2 * (1 - (double)step / STEPS); /* falls to 0 */
        must(talus_backward(network, workspace, &above, &gradient, NULL));
        if (step % 500 == 0)
            printf("step %4d   cost %.4f\n", step, cost);
        for (int64_t i = 0; i < count; i++) {
            v[i] = 0.9 * v[i] - rate * g[i];
            theta[i] += v[i];
        }
    }
    double error = coverage_error();
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_context_destroy(context);
    return error < 0.02 ? 0 : 1;
}
