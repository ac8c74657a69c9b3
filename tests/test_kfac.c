/* K-FAC: a trainer against naive loops. */
#include "../bench/naive/naive.h"
#include "support.h"

enum { N = 23, INPUTS = 7, HIDDEN = 6, CLASSES = 3, STEPS = 9, REFRESH = 3 };

static void multiply(int m, int n, int k, const double *a, const double *b, double *c)
{
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            c[i * n + j] = 0;
            for (int p = 0; p < k; p++)
                c[i * n + j] += a[i * k + p] * b[p * n + j];
        }
}

/* A⁻¹ of a positive definite A (n × n) by Gauss and Jordan. */
static void invert(int n, const double *a, double *inverse)
{
    double *work = malloc((size_t)(n * n) * sizeof *work);
    memcpy(work, a, (size_t)(n * n) * sizeof *work);
    for (int i = 0; i < n * n; i++)
        inverse[i] = i % (n + 1) == 0;
    for (int p = 0; p < n; p++) {
        const double pivot = work[p * n + p];
        for (int j = 0; j < n; j++)
            work[p * n + j] /= pivot, inverse[p * n + j] /= pivot;
        for (int i = 0; i < n; i++) {
            const double factor = work[i * n + p];
            for (int j = 0; j < n && i != p; j++) {
                work[i * n + j] -= factor * work[p * n + j];
                inverse[i * n + j] -= factor * inverse[p * n + j];
            }
        }
    }
    free(work);
}

/* A side of a layer: its mean of second moments, which is 0 beyond blocks, and the damped inverse. */
typedef struct side {
    int length;
    double *moments, *inverse;
} side;

static side make_side(int length)
{
    return (side){length, calloc((size_t)(length * length), 8), calloc((size_t)(length * length), 8)};
}

/* The block of number i where a side has ⌈length/most⌉, of which the first are one longer. */
static int block_of(int length, int most, int i)
{
    int blocks = (length + most - 1) / most, block = 0, end = length / blocks + (length % blocks > 0);
    while (i >= end) {
        block++;
        end += length / blocks + (block < length % blocks);
    }
    return block;
}

/* moments ← ρ·moments + (1−ρ)·factor·Σ u·uᵀ; with_one: the last number is 1 */
static void learn(side *s, double rho, double factor, int most, const double *u, bool with_one)
{
    const int d = s->length, given = d - with_one;
    for (int i = 0; i < d; i++)
        for (int j = 0; j < d; j++) {
            double sum = 0;
            for (int n = 0; n < N; n++)
                sum += (i < given ? u[n * given + i] : 1) * (j < given ? u[n * given + j] : 1);
            if (block_of(d, most, i) == block_of(d, most, j))
                s->moments[i * d + j] = rho * s->moments[i * d + j] + (1 - rho) * factor * sum;
        }
}

static double mean_of_diagonal(const side *s)
{
    double sum = 0;
    for (int i = 0; i < s->length; i++)
        sum += s->moments[i * (s->length + 1)];
    return sum / s->length;
}

static void damp_and_invert(side *s, double damping)
{
    double *damped = malloc((size_t)(s->length * s->length) * sizeof *damped);
    memcpy(damped, s->moments, (size_t)(s->length * s->length) * sizeof *damped);
    for (int i = 0; i < s->length; i++)
        damped[i * (s->length + 1)] += damping;
    invert(s->length, damped, s->inverse);
    free(damped);
}

/* D = S⁻¹·(∇W ∇b)·A⁻¹ of a layer into a vector laid out as the gradient; D·∇C */
static double direct(const side *a, const side *s, const double *gradient, double *direction)
{
    const int rows = s->length, width = a->length, cols = width - 1;
    double *g = malloc((size_t)(rows * width) * 8), *half = malloc((size_t)(rows * width) * 8), product = 0;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < width; j++)
            g[i * width + j] = j < cols ? gradient[i * cols + j] : gradient[rows * cols + i];
    multiply(rows, width, width, g, a->inverse, half);
    multiply(rows, width, rows, s->inverse, half, g);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < width; j++) {
            const int at = j < cols ? i * cols + j : rows * cols + i;
            direction[at] = g[i * width + j];
            product += direction[at] * gradient[at];
        }
    free(g), free(half);
    return product;
}

static void follow(double kl_clip, int block, bool add)
{
    talus_context *context = context_with(2, NULL);
    talus_layer layers[] = {{.width = HIDDEN, .activation = TALUS_TANH},
                            {.width = CLASSES, .activation = TALUS_SOFTMAX}};
    talus_network_spec of_network = {.inputs = INPUTS,
                                     .layers = layers,
                                     .layer_count = 2,
                                     .loss = TALUS_CROSS_ENTROPY,
                                     .precision = TALUS_DTYPE_F64,
                                     .seed = 3};
    naive_network shape = {.L = 2,
                           .d = {INPUTS, HIDDEN, CLASSES},
                           .f = {0, TALUS_TANH, TALUS_SOFTMAX},
                           .loss = TALUS_CROSS_ENTROPY};
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_KFAC);
    spec.rate = 0.05, spec.refresh = REFRESH, spec.kl_clip = kl_clip, spec.block = block, spec.beta2 = 0.6;
    talus_network *network;
    talus_trainer *trainer;
    talus_matrix parameters;
    expect_ok(context, talus_network_create(context, &of_network, &network));
    expect_ok(context, talus_network_parameters(network, &parameters));
    expect_ok(context, talus_trainer_create(network, &spec, N, &trainer));
    const int64_t count = parameters.cols;
    double *theta = malloc((size_t)count * 8), *gradient = malloc((size_t)count * 8),
           *direction = calloc((size_t)count, 8), *m = calloc((size_t)count, 8),
           *x = random_array(8, N * INPUTS);
    int32_t labels[N];
    memcpy(theta, parameters.data, (size_t)count * 8);
    for (int i = 0; i < N; i++)
        labels[i] = i * i % CLASSES;
    side a[2] = {make_side(INPUTS + 1), make_side(HIDDEN + 1)},
         s[2] = {make_side(HIDDEN), make_side(CLASSES)};
    naive_pass *pass = naive_pass_create(&shape, N);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                 y = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    naive_targets targets = {.labels = labels};
    bool clipped = false, whole = false;
    for (int k = 0; k < STEPS; k++) {
        double sum = 0;
        if (add) {
            talus_dataset *data;
            talus_fit_options fit;
            talus_fit_options_defaults(&fit);
            fit.epochs = 1, fit.batch = 8, fit.accumulate = 3, fit.shuffle = 0;
            expect_ok(context, talus_dataset_from_matrices(context, &in, &y, &data));
            expect_ok(context, talus_trainer_fit(trainer, data, NULL, &fit, NULL));
            talus_dataset_destroy(data);
        } else {
            expect_ok(context, talus_trainer_step(trainer, BATCH(in, y), NULL));
        }
        naive_gradient(pass, theta, x, &targets, gradient);
        for (int l = 0; l < 2; l++) {
            if (k % REFRESH == 0) {
                const double j = k / REFRESH + 1, rho = fmin(1 - 1 / j, 0.6);
                learn(&a[l], rho, 1.0 / N, block, pass->A[l], true);
                learn(&s[l], rho, N, block, pass->delta[l + 1], false); /* which has 1/N in it */
                const double pi = sqrt(mean_of_diagonal(&a[l]) / mean_of_diagonal(&s[l]));
                damp_and_invert(&a[l], sqrt(spec.damping) * pi);
                damp_and_invert(&s[l], sqrt(spec.damping) / pi);
            }
            const int64_t at = naive_weights_at(&shape, l + 1);
            sum += direct(&a[l], &s[l], gradient + at, direction + at);
        }
        const double limit = kl_clip / (spec.rate * spec.rate * sum),
                     nu = kl_clip > 0 && limit < 1 ? sqrt(limit) : 1;
        clipped |= nu < 1, whole |= nu == 1;
        for (int64_t i = 0; i < count; i++) {
            m[i] = spec.momentum * m[i] + nu * direction[i];
            theta[i] -= spec.rate * m[i];
        }
        ck_assert_double_le(largest_difference(parameters.data, theta, count), 1e-10);
    }
    ck_assert(kl_clip > 0 ? clipped : whole);
    for (int l = 0; l < 2; l++)
        free(a[l].moments), free(a[l].inverse), free(s[l].moments), free(s[l].inverse);
    naive_pass_destroy(pass);
    free(theta), free(gradient), free(direction), free(m), free(x);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    talus_context_destroy(context);
}

START_TEST(steps_are_the_naive_ones)
{
    follow(0, 128, false);
    follow(1e-4, 128, false);
    follow(0, 3, false);
    follow(1e-4, 1, false);
}
END_TEST

/* A step on several batches is that on all of their samples. */
START_TEST(batches_add_up)
{
    follow(0, 128, true);
    follow(1e-4, 4, true);
}
END_TEST

/* A frozen layer learns nothing; once it moves again, its factors are those of the batch alone, as at the first time. */
START_TEST(frozen_layers_stay)
{
    talus_context *context = NULL;
    expect_ok(NULL, talus_context_create(NULL, &context));
    talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(CLASSES, TALUS_IDENTITY)};
    talus_network_spec of_network = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    of_network.precision = TALUS_DTYPE_F64;
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_KFAC);
    spec.refresh = 1, spec.kl_clip = 0, spec.momentum = 0, spec.rate = 1e-9;
    talus_network *networks[2];
    talus_trainer *trainers[2];
    talus_matrix parameters[2];
    double *x = random_array(8, N * INPUTS), *y = random_array(9, N * CLASSES), moved[2];
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                 to = talus_matrix_view(y, TALUS_DTYPE_F64, N, CLASSES);
    for (int which = 0; which < 2; which++) {
        expect_ok(context, talus_network_create(context, &of_network, &networks[which]));
        expect_ok(context, talus_network_parameters(networks[which], &parameters[which]));
        expect_ok(context, talus_trainer_create(networks[which], &spec, N, &trainers[which]));
        expect_ok(context, talus_trainer_set_layer_factors(trainers[which], 1, which,
                                                           1)); /* the first one is frozen */
        for (int k = 0; k < 5; k++)
            expect_ok(context, talus_trainer_step(trainers[which], BATCH(in, to), NULL));
        expect_ok(context, talus_trainer_set_layer_factors(trainers[which], 1, 1, 1));
        const double before = ((double *)parameters[which].data)[0];
        expect_ok(context, talus_trainer_step(trainers[which], BATCH(in, to), NULL));
        moved[which] = ((double *)parameters[which].data)[0] - before;
    }
    /* The rate is so small that all batches have the same moments. */
    ck_assert_double_eq_tol(moved[0] / moved[1], 1, 1e-5);
    for (int which = 0; which < 2; which++) {
        talus_trainer_destroy(trainers[which]);
        talus_network_destroy(networks[which]);
    }
    talus_context_destroy(context);
    free(x), free(y);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kfac");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, steps_are_the_naive_ones);
    tcase_add_test(tests, batches_add_up);
    tcase_add_test(tests, frozen_layers_stay);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
