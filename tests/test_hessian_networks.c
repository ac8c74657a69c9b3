/* Hessian products of all that can stand in a network: normalised layers, slopes that are learnt, and what a spec says of
 * losses; each with the others. */
#include <stdio.h>

#include "fixture.h"
#include "hessian_support.h"
#include "network/network.h"

enum { INPUTS = 3, OUTPUTS = 4, RANGES = -1, RANGE_OUTPUTS = 12, RANGE_TARGETS = 11 };

/* A kind of network: three layers, the second and, if last_normalization says so, the third normalised alike. */
typedef struct kind {
    int hidden, loss; /* an activation; a loss, or RANGES */
    int normalization, normalizes_last, without_biases;
    int output_weights, missing, penalties, sample_weights; /* 0 or 1 */
    int64_t n;
    int precision, threads;
    double epsilon; /* of the normalisation; 0: 0.1 */
} kind;

/* A softmax that is fused with its loss and one that is not; a loss with two outputs a target. */
static const talus_output_range ranges[] = {
    {.outputs = 3, .activation = TALUS_SOFTMAX, .loss = TALUS_CROSS_ENTROPY, .weight = 0.5},
    {.outputs = 2, .activation = TALUS_TANH, .loss = TALUS_SQUARED_ERROR, .weight = 3},
    {.outputs = 2, .loss = TALUS_GAUSSIAN_NLL},
    {.outputs = 1, .activation = TALUS_SIGMOID, .loss = TALUS_BINARY_CROSS_ENTROPY},
    {.outputs = 3, .activation = TALUS_SOFTMAX, .loss = TALUS_LOG_COSH, .weight = 2},
    {.outputs = 1, .activation = TALUS_SINE, .alpha = 2, .loss = TALUS_HUBER, .loss_parameter = 0.5},
};

typedef struct made {
    hessian_case c;
    char name[160];
    double *x, *y, *weights;
} made;

static void name_it(made *m, const kind *k)
{
    (void)snprintf(m->name, sizeof m->name, "%s under %s, normalised %s%s, %lld samples%s%s%s%s",
                   talus_activation_name(k->hidden), k->loss == RANGES ? "ranges" : talus_loss_name(k->loss),
                   talus_normalization_name(k->normalization), k->normalizes_last ? " to the last" : "",
                   (long long)k->n, k->output_weights ? ", output weights" : "",
                   k->missing ? ", missing" : "", k->penalties ? ", penalties" : "",
                   k->sample_weights ? ", sample weights" : "");
    m->c.name = m->name;
}

static int targets_of(const kind *k)
{
    return k->loss == RANGES ? RANGE_TARGETS : OUTPUTS / tl_loss_kind_of(k->loss)->outputs;
}

static void make_network(made *m, const kind *k)
{
    static const double factors[RANGE_OUTPUTS] = {2, 0.5, 1, 0, 3, 0.25, 1, 2, 1.5, 0.75, 1, 4};
    talus_layer layers[3] = {talus_dense(5, k->hidden), talus_dense(6, k->hidden),
                             talus_dense(OUTPUTS, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 3, TALUS_SQUARED_ERROR);
    if (k->loss == RANGES) {
        spec.ranges = ranges;
        spec.range_count = sizeof ranges / sizeof *ranges;
        spec.range_size = sizeof *ranges;
        layers[2].width = RANGE_OUTPUTS;
    } else {
        const int fused = tl_loss_kind_of(k->loss)->fused;
        spec.loss = k->loss;
        layers[2].activation = fused >= 0 ? fused : TALUS_IDENTITY;
    }
    for (int l = 0; l < 3; l++) {
        const int normalization = l == 1 || (l == 2 && k->normalizes_last) ? k->normalization : 0;
        layers[l].normalization = normalization;
        layers[l].normalization_epsilon = normalization == TALUS_NORMALIZATION_NONE ? 0
                                          : k->epsilon > 0                          ? k->epsilon
                                                                                    : 0.1;
        layers[l].without_biases = k->without_biases;
        layers[l].l2 = k->penalties ? 0.1 * l : 0;
        layers[l].l1 = k->penalties ? 0.3 : 0;
    }
    if (k->output_weights) {
        spec.output_weights = factors;
        spec.output_weight_count = targets_of(k);
    }
    spec.missing_targets = k->missing;
    spec.precision = k->precision;
    expect_ok(m->c.context, talus_network_create(m->c.context, &spec, &m->c.network));
}

/* Also of scales, shifts and slopes, which begin all alike. */
static void move_parameters(made *m)
{
    talus_matrix theta;
    expect_ok(m->c.context, talus_network_parameters(m->c.network, &theta));
    double *moves = random_array(5, theta.cols);
    for (int64_t i = 0; i < theta.cols; i++)
        if (theta.dtype == TALUS_DTYPE_F64)
            ((double *)theta.data)[i] += 0.25 * moves[i];
        else
            ((float *)theta.data)[i] += 0.25F * (float)moves[i];
    free(moves);
}

/* Targets in 0 … 1, which every loss takes. */
static void make_batch(made *m, const kind *k)
{
    const int64_t targets = targets_of(k);
    m->x = random_array(1, k->n * INPUTS);
    m->y = random_array(2, k->n * targets);
    m->weights = random_array(3, k->n);
    for (int64_t i = 0; i < k->n * targets; i++)
        m->y[i] = k->missing && i % 7 == 3 ? NAN : fabs(m->y[i]);
    for (int64_t i = 0; i < k->n; i++)
        m->weights[i] = 1 + m->weights[i];
    m->c.batch = talus_batch_of(talus_matrix_view(m->x, TALUS_DTYPE_F64, k->n, INPUTS),
                                talus_matrix_view(m->y, TALUS_DTYPE_F64, k->n, targets));
    if (k->sample_weights)
        m->c.batch.weights = talus_matrix_view(m->weights, TALUS_DTYPE_F64, k->n, 1);
}

static void make(made *m, const kind *k)
{
    *m = (made){.c = {.context = context_with(k->threads, NULL)}};
    name_it(m, k);
    make_network(m, k);
    move_parameters(m);
    make_batch(m, k);
    expect_ok(m->c.context, talus_workspace_create(m->c.context, m->c.network, k->n, &m->c.workspace));
}

static void unmake(made *m)
{
    talus_workspace_destroy(m->c.workspace);
    talus_network_destroy(m->c.network);
    talus_context_destroy(m->c.context);
    free(m->x), free(m->y), free(m->weights);
}

/* Every kind in turn, each of which stands in a hidden layer and with every normalisation. */
static void for_each(const kind *base, void (*check)(const kind *))
{
    static const int activations[] = {TALUS_TANH, TALUS_PRELU};
    for (int loss = RANGES; loss < TALUS_LOSS_COUNT; loss++)
        for (int normalization = 0; normalization < TALUS_NORMALIZATION_COUNT; normalization++)
            for (int f = 0; f < 2; f++) {
                kind k = *base;
                k.loss = loss;
                k.normalization = normalization;
                k.hidden = activations[f];
                check(&k);
            }
}

/* All options at once. */
static void for_all_together(int64_t n, void (*check)(const kind *))
{
    for_each(&(kind){.n = n,
                     .output_weights = 1,
                     .missing = 1,
                     .penalties = 1,
                     .sample_weights = 1,
                     .normalizes_last = 1,
                     .precision = TALUS_DTYPE_F64,
                     .threads = 1},
             check);
}

static void compare(const kind *k)
{
    made m;
    make(&m, k);
    compare_with_differences(&m.c);
    unmake(&m);
}

START_TEST(products_are_differences_of_gradients)
{
    for_each(&(kind){.n = 7, .precision = TALUS_DTYPE_F64, .threads = 1}, compare);
    for (int option = 0; option < 6; option++)
        for_each(&(kind){.n = 9,
                         .output_weights = option == 0,
                         .missing = option == 1,
                         .penalties = option == 2,
                         .sample_weights = option == 3,
                         .normalizes_last = option == 4,
                         .without_biases = option == 5,
                         .precision = TALUS_DTYPE_F64,
                         .threads = 1},
                 compare);
}
END_TEST

/* One sample, whose running statistics are constants; one tile; several. */
START_TEST(products_of_all_together)
{
    static const int64_t samples[] = {1, 2, 50, 300};
    for (int i = 0; i < 4; i++)
        for_all_together(samples[i], compare);
}
END_TEST

static void expect_symmetric(const kind *k)
{
    made m;
    make(&m, k);
    expect_symmetry(&m.c, k->n);
    unmake(&m);
}

START_TEST(hessians_are_symmetric)
{
    for_all_together(150, expect_symmetric);
}
END_TEST

/* What is normalised forgets its scale: with θ = (W_2, b_2) C(α·θ) = C(θ), and so ∇C(α·θ) = ∇C(θ)/α. In α = 1 that has the
 * derivatives H·θ = −∇C for θ itself, and 0 for all other parameters. */
static void expect_no_scale(const kind *k)
{
    if (k->normalization == TALUS_NORMALIZATION_NONE)
        return;
    made m;
    make(&m, k);
    const int64_t count = parameters_of(&m.c);
    double *v = calloc((size_t)count, sizeof *v), *expected = calloc((size_t)count, sizeof *v),
           *gradient = random_array(6, count), *product = random_array(7, count);
    talus_matrix theta, view = talus_matrix_view(gradient, TALUS_DTYPE_F64, 1, count);
    expect_ok(m.c.context, talus_network_parameters(m.c.network, &theta));
    expect_ok(m.c.context, talus_gradient(m.c.network, m.c.workspace, &m.c.batch, NULL, &view));
    const tl_layer *layer = &m.c.network->layers[2];
    for (int part = 0; part < layer->part_count; part++) {
        const tl_part *p = &layer->parts[part];
        bool scaled = p->kind == TALUS_PART_WEIGHTS || p->kind == TALUS_PART_BIASES;
        for (int64_t i = p->offset; scaled && i < p->offset + p->rows * p->cols; i++) {
            v[i] = ((const double *)theta.data)[i];
            expected[i] = -gradient[i];
        }
    }
    hessian_times(&m.c, v, product);
    double error = largest_difference(product, expected, count),
           scale = fmax(largest(gradient, count), largest(v, count));
    ck_assert_msg(error <= 64 * 2.3e-16 * (double)k->n * scale, "%s: %g beside %g", m.name, error, scale);
    unmake(&m);
    free(v), free(expected), free(gradient), free(product);
}

START_TEST(the_scale_of_normalised_layers_does_not_matter)
{
    for_each(&(kind){.n = 40, .precision = TALUS_DTYPE_F64, .threads = 1, .epsilon = 1e-30}, expect_no_scale);
}
END_TEST

static float *single_product(const kind *k, const double *v, int64_t count)
{
    made m;
    make(&m, k);
    float *from = to_float(v, count), *to = to_float(v, count);
    talus_matrix in = talus_matrix_view(from, TALUS_DTYPE_F32, 1, count),
                 out = talus_matrix_view(to, TALUS_DTYPE_F32, 1, count);
    expect_ok(m.c.context, talus_hessian_product(m.c.network, m.c.workspace, &m.c.batch, &in, &out));
    unmake(&m);
    free(from);
    return to;
}

/* The parameters of f32 are not those of f64, but their roundings: the products differ by what third derivatives make of
 * that, and by sums of n terms. */
static void compare_precisions(const kind *base)
{
    made m;
    kind k = *base;
    make(&m, &k);
    const int64_t count = parameters_of(&m.c);
    double *v = random_array(9, count), *exact = random_array(10, count), error = 0;
    hessian_times(&m.c, v, exact);
    k.precision = TALUS_DTYPE_F32;
    float *first = single_product(&k, v, count);
    for (int64_t i = 0; i < count; i++)
        error = fmax(error, fabs((double)first[i] - exact[i]));
    ck_assert_msg(error <= 16 * 1.2e-7 * (double)k.n * fmax(1, largest(exact, count)), "%s: %g beside %g",
                  m.name, error, largest(exact, count));
    for (k.threads = 2; k.threads <= 3; k.threads++) {
        float *other = single_product(&k, v, count);
        same_bytes(other, first, (size_t)count * sizeof *other);
        free(other);
    }
    unmake(&m);
    free(v), free(exact), free(first);
}

START_TEST(precisions_agree_and_threads_do_not_matter)
{
    for_all_together(130, compare_precisions);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hessian_networks");
    add_case(suite, "networks", products_are_differences_of_gradients, products_of_all_together,
             hessians_are_symmetric, the_scale_of_normalised_layers_does_not_matter,
             precisions_agree_and_threads_do_not_matter);
    return run_suite(suite);
}
