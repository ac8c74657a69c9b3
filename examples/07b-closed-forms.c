/* Networks without hidden layers are old acquaintances, whose weights can be had without training:
 *
 *     identity and squared error       linear regression: the normal equations (XᵀX)·w = Xᵀy
 *     sigmoid and cross-entropy        logistic regression: Newton's method, w ← w − (XᵀSX)⁻¹·Xᵀ(p − y), S = diag p(1 − p),
 *                                      also known as iteratively reweighted least squares
 *
 * with a column of ones in X for the bias. Trained by L-BFGS on all samples at once, the networks find the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talus/talus.h>

enum { N = 200, INPUTS = 3, WEIGHTS = INPUTS + 1 };

static double x[N][INPUTS], line[N][1], side[N][1];
static talus_context *context;

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

/* A plane with noise, and on which side of another one a noisy point lies. i·φ mod 1 fills 0 … 1 evenly. */
static void make_data(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < INPUTS; j++)
            x[i][j] = 2 * fmod((i * INPUTS + j) * 0.6180339887498949, 1) - 1;
        double noise = fmod(i * 0.7548776662466927, 1) - 0.5;
        line[i][0] = 2 * x[i][0] - x[i][1] + 0.5 * x[i][2] + 1 + noise;
        side[i][0] = 3 * x[i][0] + x[i][1] - 0.5 + 4 * noise > 0;
    }
}

/* a ← a⁻¹·b in place of b, by Gaussian elimination; a is positive definite, so that no rows change places. */
static void solve(double a[WEIGHTS][WEIGHTS], double b[WEIGHTS])
{
    for (int k = 0; k < WEIGHTS; k++)
        for (int i = 0; i < WEIGHTS; i++) {
            double factor = i == k ? 0 : a[i][k] / a[k][k];
            for (int j = k; j < WEIGHTS; j++)
                a[i][j] -= factor * a[k][j];
            b[i] -= factor * b[k];
        }
    for (int k = 0; k < WEIGHTS; k++)
        b[k] /= a[k][k];
}

static double column(int i, int j)
{
    return j < INPUTS ? x[i][j] : 1;
}

/* w ← w − (XᵀSX)⁻¹·Xᵀ(a − y) for a = f(X·w) and S = diag f′: from any w the normal equations, if f is the identity. */
static void newton_step(double w[WEIGHTS], const double y[N][1], int logistic)
{
    double h[WEIGHTS][WEIGHTS] = {{0}}, g[WEIGHTS] = {0};
    for (int i = 0; i < N; i++) {
        double z = 0;
        for (int j = 0; j < WEIGHTS; j++)
            z += w[j] * column(i, j);
        double a = logistic ? 1 / (1 + exp(-z)) : z, slope = logistic ? a * (1 - a) : 1;
        for (int j = 0; j < WEIGHTS; j++) {
            g[j] += (a - y[i][0]) * column(i, j);
            for (int k = 0; k < WEIGHTS; k++)
                h[j][k] += slope * column(i, j) * column(i, k);
        }
    }
    solve(h, g);
    for (int j = 0; j < WEIGHTS; j++)
        w[j] -= g[j];
}

/* The weights and the bias that a network of one unit learns. */
static void train(int activation, int loss, double y[N][1], double w[WEIGHTS])
{
    talus_layer unit = talus_dense(1, activation);
    talus_network_spec spec = talus_dense_network(INPUTS, &unit, 1, loss);
    spec.precision = TALUS_DTYPE_F64;
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS), parameters;
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_F64, N, 1);
    talus_network *network;
    talus_dataset *data;
    talus_optimizer_spec lbfgs;
    talus_fit_options options;
    talus_fit_result result;
    must(talus_network_create(context, &spec, &network));
    must(talus_dataset_from_matrices(context, &inputs, &targets, &data));
    talus_optimizer_defaults(&lbfgs, TALUS_LBFGS);
    talus_fit_options_defaults(&options);
    options.optimizer = &lbfgs;
    options.batch = TALUS_FULL_BATCH;
    options.shuffle = 0;
    options.epochs = 30;
    must(talus_fit(network, data, NULL, &options, &result));
    must(talus_network_parameters(network, &parameters));
    memcpy(w, parameters.data, WEIGHTS * sizeof *w);
    printf("%lld steps of L-BFGS, cost %.6f\n", (long long)result.steps, result.cost);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}

/* Prints both, and gives their largest difference. */
static double compare(const char *name, const double learnt[WEIGHTS], const double exact[WEIGHTS])
{
    double worst = 0;
    printf("%s          w1          w2          w3           b\n  network    ", name);
    for (int j = 0; j < WEIGHTS; j++)
        printf(" %11.7f", learnt[j]);
    printf("\n  closed form");
    for (int j = 0; j < WEIGHTS; j++) {
        printf(" %11.7f", exact[j]);
        worst = fmax(worst, fabs(learnt[j] - exact[j]));
    }
    printf("\n  largest difference %.1e\n\n", worst);
    return worst;
}

int main(void)
{
    double learnt[WEIGHTS], plane[WEIGHTS] = {0}, border[WEIGHTS] = {0};
    must(talus_context_create(NULL, &context));
    make_data();
    newton_step(plane, line, 0);
    train(TALUS_IDENTITY, TALUS_SQUARED_ERROR, line, learnt);
    double worst = compare("linear  ", learnt, plane);
    for (int step = 0; step < 10; step++)
        newton_step(border, side, 1);
    train(TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY, side, learnt);
    worst = fmax(worst, compare("logistic", learnt, border));
    talus_context_destroy(context);
    return worst < 1e-6 ? 0 : 1;
}
