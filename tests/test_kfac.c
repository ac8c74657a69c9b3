/* K-FAC: a trainer against naive loops. */
#include "../bench/naive/naive.h"
#include "support.h"

enum { N = 23, INPUTS = 7, HIDDEN = 6, CLASSES = 3, STEPS = 9, REFRESH = 3 };
#define DECAY 0.6 /* β₂ */

/* A step feels roundings of a factor as many times as its inverse is larger, which is at most 1/√γ for each of two sides. */
#define C_INVERSE 20.0

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

/* The block of number i of a side. Where it is longer than `most`, the side is cut into as few as there can be of units of 16 numbers, or of
 * 1 if most is less, of which the first have one unit more. */
static int block_of(int length, int most, int i)
{
    const int unit = most < 16 ? 1 : 16, units = (length + unit - 1) / unit, of_block = most / unit;
    const int blocks = length <= most ? 1 : (units + of_block - 1) / of_block;
    int block = 0, end = units / blocks + (units % blocks > 0);
    while (i >= end * unit) {
        block++;
        end += units / blocks + (block < units % blocks);
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

/* What a run is made of; a field that is 0 is the default. */
typedef struct run {
    int hidden, precision, block;
    double kl_clip, clip_norm, damping;
    bool adds; /* several batches make a step */
} run;

typedef struct ours {
    talus_context *context;
    talus_network *network;
    talus_trainer *trainer;
    talus_matrix parameters, in, to;
} ours;

/* The naive optimiser: θ, m and the factors of each layer. */
typedef struct theirs {
    naive_network shape;
    naive_pass *pass;
    int64_t count;
    double *theta, *m, *gradient, *direction, *x;
    int32_t labels[N];
    side a[2], s[2];
} theirs;

static talus_optimizer_spec spec_of(const run *r)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_KFAC);
    spec.rate = 0.05, spec.refresh = REFRESH, spec.beta2 = DECAY;
    spec.kl_clip = r->kl_clip, spec.clip_norm = r->clip_norm;
    spec.block = r->block == 0 ? spec.block : r->block;
    spec.damping = r->damping == 0 ? spec.damping : r->damping;
    return spec;
}

static ours make_ours(const run *r, void *x, int32_t *labels)
{
    ours o = {.context = context_with(2, NULL)};
    const talus_optimizer_spec spec = spec_of(r);
    talus_layer layers[] = {{.width = r->hidden, .activation = TALUS_TANH},
                            {.width = CLASSES, .activation = TALUS_SOFTMAX}};
    talus_network_spec of_network = {.inputs = INPUTS,
                                     .layers = layers,
                                     .layer_count = 2,
                                     .loss = TALUS_CROSS_ENTROPY,
                                     .precision = r->precision,
                                     .seed = 3};
    expect_ok(o.context, talus_network_create(o.context, &of_network, &o.network));
    expect_ok(o.context, talus_network_parameters(o.network, &o.parameters));
    expect_ok(o.context, talus_trainer_create(o.network, &spec, N, &o.trainer));
    o.in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS);
    o.to = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    return o;
}

static double parameter_at(const ours *o, int64_t i)
{
    return o->parameters.dtype == TALUS_DTYPE_F32 ? (double)((float *)o->parameters.data)[i]
                                                  : ((double *)o->parameters.data)[i];
}

static theirs make_theirs(const run *r)
{
    theirs t = {.shape = {.L = 2,
                          .d = {INPUTS, r->hidden, CLASSES},
                          .f = {0, TALUS_TANH, TALUS_SOFTMAX},
                          .loss = TALUS_CROSS_ENTROPY},
                .a = {make_side(INPUTS + 1), make_side(r->hidden + 1)},
                .s = {make_side(r->hidden), make_side(CLASSES)}};
    t.count = naive_count(&t.shape);
    t.pass = naive_pass_create(&t.shape, N);
    t.theta = calloc((size_t)t.count, 8), t.m = calloc((size_t)t.count, 8);
    t.gradient = calloc((size_t)t.count, 8), t.direction = calloc((size_t)t.count, 8);
    t.x = random_array(8, N * INPUTS);
    for (int i = 0; i < N; i++)
        t.labels[i] = i * i % CLASSES;
    for (int i = 0; i < N * INPUTS; i++)
        t.x[i] = (double)(float)t.x[i];
    return t;
}

static void step_ours(const run *r, ours *o)
{
    talus_dataset *data;
    talus_fit_options fit;
    if (!r->adds) {
        expect_ok(o->context, talus_trainer_step(o->trainer, BATCH(o->in, o->to), NULL));
        return;
    }
    talus_fit_options_defaults(&fit);
    fit.epochs = 1, fit.batch = 8, fit.accumulate = 3, fit.shuffle = 0;
    expect_ok(o->context, talus_dataset_from_matrices(o->context, &o->in, &o->to, &data));
    expect_ok(o->context, talus_trainer_fit(o->trainer, data, NULL, &fit, NULL));
    talus_dataset_destroy(data);
}

/* The factors of layer l, 0 or 1, as of refresh j of the batch that has passed. */
static void refresh(const talus_optimizer_spec *spec, theirs *t, int l, double j)
{
    const double rho = fmin(1 - 1 / j, DECAY);
    const int block = (int)spec->block;
    learn(&t->a[l], rho, 1.0 / N, block, t->pass->A[l], true);
    learn(&t->s[l], rho, N, block, t->pass->delta[l + 1], false); /* which has 1/N in it */
    const double pi = sqrt(mean_of_diagonal(&t->a[l]) / mean_of_diagonal(&t->s[l]));
    damp_and_invert(&t->a[l], sqrt(spec->damping) * pi);
    damp_and_invert(&t->s[l], sqrt(spec->damping) / pi);
}

/* g ← g·min(1, c/‖g‖) */
static void clip_gradient(double most, theirs *t)
{
    double square = 0;
    for (int64_t i = 0; i < t->count; i++)
        square += t->gradient[i] * t->gradient[i];
    for (int64_t i = 0; i < t->count && most > 0 && sqrt(square) > most; i++)
        t->gradient[i] *= most / sqrt(square);
}

/* Step k = 0, 1, …; gives ν. */
static double step_theirs(const talus_optimizer_spec *spec, theirs *t, int k)
{
    const naive_targets targets = {.labels = t->labels};
    double sum = 0;
    naive_gradient(t->pass, t->theta, t->x, &targets, t->gradient);
    clip_gradient(spec->clip_norm, t);
    for (int l = 0; l < 2; l++) {
        const int64_t at = naive_weights_at(&t->shape, l + 1);
        if (k % REFRESH == 0)
            refresh(spec, t, l, k / REFRESH + 1);
        sum += direct(&t->a[l], &t->s[l], t->gradient + at, t->direction + at);
    }
    const double limit = spec->kl_clip / (spec->rate * spec->rate * sum),
                 nu = spec->kl_clip > 0 && limit < 1 ? sqrt(limit) : 1;
    for (int64_t i = 0; i < t->count; i++) {
        t->m[i] = spec->momentum * t->m[i] + nu * t->direction[i];
        t->theta[i] -= spec->rate * t->m[i];
    }
    return nu;
}

static void destroy(ours *o, theirs *t)
{
    for (int l = 0; l < 2; l++)
        free(t->a[l].moments), free(t->a[l].inverse), free(t->s[l].moments), free(t->s[l].inverse);
    naive_pass_destroy(t->pass);
    free(t->theta), free(t->m), free(t->gradient), free(t->direction), free(t->x);
    talus_trainer_destroy(o->trainer);
    talus_network_destroy(o->network);
    talus_context_destroy(o->context);
}

static void follow(run r)
{
    r.hidden = r.hidden == 0 ? HIDDEN : r.hidden;
    r.precision = r.precision == 0 ? TALUS_DTYPE_F64 : r.precision - 1;
    const talus_optimizer_spec spec = spec_of(&r);
    const double epsilon = r.precision == TALUS_DTYPE_F64 ? 2.3e-16 : 1.2e-7;
    theirs t = make_theirs(&r);
    ours o = make_ours(&r, t.x, t.labels);
    bool clipped = false, whole = false;
    ck_assert_int_eq(o.parameters.cols, t.count);
    for (int64_t i = 0; i < t.count; i++)
        t.theta[i] = parameter_at(&o, i);
    for (int k = 0; k < STEPS; k++) {
        step_ours(&r, &o);
        const double nu = step_theirs(&spec, &t, k);
        clipped |= nu < 1, whole |= nu == 1;
        double apart = 0;
        for (int64_t i = 0; i < t.count; i++)
            apart = fmax(apart, fabs(parameter_at(&o, i) - t.theta[i]));
        ck_assert_double_le(apart, C_INVERSE / spec.damping * epsilon * (k + 1));
    }
    ck_assert(r.kl_clip > 0 ? clipped : whole);
    destroy(&o, &t);
}

START_TEST(steps_are_the_naive_ones)
{
    follow((run){.kl_clip = 0});
    follow((run){.kl_clip = 1e-4});
    follow((run){.block = 3});
    follow((run){.kl_clip = 1e-4, .block = 1});
}
END_TEST

/* More rows than a tile has, in blocks that do not end with it; and one block that is longer. */
START_TEST(tiles_make_the_naive_step)
{
    follow((run){.hidden = 150, .block = 40});
    follow((run){.hidden = 150, .block = 5, .kl_clip = 1e-4});
    follow((run){.hidden = 150, .block = 1000});
}
END_TEST

START_TEST(gradients_are_clipped_first)
{
    follow((run){.clip_norm = 0.05});
    follow((run){.clip_norm = 0.05, .block = 3, .kl_clip = 1e-5});
}
END_TEST

/* In single precision, with enough damping for the roundings. */
START_TEST(single_precision_follows)
{
    follow((run){.precision = 1 + TALUS_DTYPE_F32, .damping = 0.1});
    follow((run){.precision = 1 + TALUS_DTYPE_F32, .damping = 0.1, .block = 4, .kl_clip = 1e-4});
}
END_TEST

/* A step on several batches is that on all of their samples. */
START_TEST(batches_add_up)
{
    follow((run){.adds = true});
    follow((run){.adds = true, .kl_clip = 1e-4, .block = 4});
}
END_TEST

/* Inputs that are all the same have moments of rank 1, whose roundings exceed little damping: it grows until there is an inverse. Where it
 * would have to grow too much, or moments overflow, no step is made, and nothing changes. */
START_TEST(damping_grows_where_roundings_need_it)
{
    static const struct {
        double damping, input;
        bool refused;
    } cases[] = {{1e-3, 10, false}, {1e-14, 10, false}, {1e-36, 1000, true}, {1e-3, 1e20, true}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const run r = {.hidden = HIDDEN, .precision = TALUS_DTYPE_F32, .damping = cases[c].damping};
        theirs t = make_theirs(&r);
        for (int i = 0; i < N * INPUTS; i++)
            t.x[i] = cases[c].input;
        ours o = make_ours(&r, t.x, t.labels);
        for (int64_t i = 0; i < t.count; i++)
            t.theta[i] = parameter_at(&o, i);
        double cost = 0, moved = 0;
        expect_ok(o.context, talus_trainer_step(o.trainer, BATCH(o.in, o.to), &cost));
        ck_assert_int_eq(!isfinite(cost), cases[c].refused);
        for (int64_t i = 0; i < t.count; i++)
            moved = fmax(moved, fabs(parameter_at(&o, i) - t.theta[i]));
        ck_assert(isfinite(moved) && (moved > 0) == !cases[c].refused);
        destroy(&o, &t);
    }
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
    tcase_add_test(tests, tiles_make_the_naive_step);
    tcase_add_test(tests, gradients_are_clipped_first);
    tcase_add_test(tests, single_precision_follows);
    tcase_add_test(tests, damping_grows_where_roundings_need_it);
    tcase_add_test(tests, batches_add_up);
    tcase_add_test(tests, frozen_layers_stay);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
