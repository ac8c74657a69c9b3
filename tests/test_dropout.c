/* Dropout and noise: what is drawn, that it depends on samples and units alone, and its gradient. */
#include "base/philox.h"
#include "base/processor.h"
#include "engine/arguments.h"
#include "support.h"
#include "train/trainer.h"

enum { N = 203, INPUTS = 21, HIDDEN = 37, SEED = 5, STEP = 11 };
static const double SHARE = 0.3;

/* A network whose outputs are what its hidden layer hands on: W_2 = 1, b_2 = 0. */
typedef struct masked {
    talus_context *context;
    talus_network *network;
    talus_workspace *workspace;
} masked;

static talus_network *make_network(talus_context *context, int precision, int hidden, double dropout,
                                   double input_dropout, double input_noise)
{
    talus_layer layers[] = {{.width = HIDDEN, .activation = hidden, .dropout = dropout}, {.width = HIDDEN}};
    talus_network_spec spec = {.inputs = INPUTS,
                               .layers = layers,
                               .layer_count = 2,
                               .precision = precision,
                               .seed = SEED,
                               .input_dropout = input_dropout,
                               .input_noise = input_noise};
    talus_network *network;
    talus_matrix w;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 2, &w));
    for (int64_t i = 0; i < HIDDEN; i++)
        for (int64_t j = 0; j < HIDDEN; j++) {
            if (precision == TALUS_DTYPE_F64)
                ((double *)w.data)[i * HIDDEN + j] = i == j;
            else
                ((float *)w.data)[i * HIDDEN + j] = i == j;
        }
    return network;
}

static masked make_masked(int threads, const char *plan, int precision, int hidden, double dropout)
{
    masked m = {.context = context_with(threads, NULL)};
    if (plan != NULL)
        expect_ok(m.context, talus_context_set_plan(m.context, plan));
    m.network = make_network(m.context, precision, hidden, dropout, 0, 0);
    expect_ok(m.context, talus_workspace_create(m.context, m.network, N, &m.workspace));
    return m;
}

static void free_masked(masked *m)
{
    talus_workspace_destroy(m->workspace);
    talus_network_destroy(m->network);
    talus_context_destroy(m->context);
}

static talus_matrix f64_rows(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

/* The outputs of a pass that trains, for n samples. */
static void trained_outputs(masked *m, const double *x, int64_t n, double factor, int64_t step_sample,
                            double *outputs)
{
    tl_pass pass;
    talus_matrix inputs = f64_rows(x, n, INPUTS);
    expect_ok(m->context, tl_pass_begin(m->network, m->workspace, &pass));
    expect_ok(m->context, tl_pass_inputs(&pass, &inputs));
    pass.outputs = f64_rows(outputs, n, talus_network_width(m->network, 2));
    pass.work = TL_FORWARD | TL_KEEP;
    pass.trains = true;
    pass.seed = SEED, pass.step = STEP;
    pass.step_sample = step_sample;
    pass.dropout_factor = factor;
    expect_ok(m->context, tl_pass_run(&pass, NULL));
}

/* M as the header defines it, with the plain generator. */
static double mask_at(int layer, double share, int64_t sample, int64_t unit)
{
    uint64_t bits = tl_random(SEED, TL_PURPOSE_DROPOUT, (uint32_t)layer, STEP).first;
    uint32_t key[2] = {(uint32_t)bits, (uint32_t)(bits >> 32)},
             counter[4] = {(uint32_t)sample, (uint32_t)(unit / 8), 0, 0};
    uint32_t number = tl_philox(counter, key).word[unit % 8 / 2] >> 16 * (unit % 2) & 0xFFFF;
    double threshold = rint(share * 65536);
    return number < threshold ? 0 : 65536 / (65536 - threshold);
}

/* What is drawn ------------------------------------------------------------------------------------------- */

static void check_masks(int threads, const char *plan, int precision, int64_t n)
{
    double *x = random_array(3, N * INPUTS), plain[N * HIDDEN], dropped[N * HIDDEN];
    masked m = make_masked(threads, plan, precision, TALUS_SIGMOID, SHARE);
    talus_matrix inputs = f64_rows(x, n, INPUTS), outputs = f64_rows(plain, n, HIDDEN);
    expect_ok(m.context, talus_predict(m.network, m.workspace, &inputs, &outputs));
    trained_outputs(&m, x, n, 1, 40, dropped);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < HIDDEN; j++) {
            double mask = mask_at(1, SHARE, 40 + i, j), a = plain[i * HIDDEN + j];
            double expected = precision == TALUS_DTYPE_F64 ? a * mask : (double)((float)a * (float)mask);
            ck_assert_double_eq(dropped[i * HIDDEN + j], expected);
        }
    free_masked(&m);
    free(x);
}

START_TEST(masks_are_those_of_the_plain_generator)
{
    static const char *const plans[] = {NULL, LAYER_BY_LAYER, TILE_BY_TILE,
                                        FOR_ALL_SETS("samples=32 features=12")};
    for (int plan = 0; plan < 4; plan++)
        for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
            for (int threads = 1; threads <= 4; threads *= 2) {
                check_masks(threads, plans[plan], precision, N);
                check_masks(threads, plans[plan], precision, 1);
            }
}
END_TEST

/* Over the 2·203·37 elements of two steps the share is p within five standard deviations, and so is the mean. */
START_TEST(the_share_is_as_asked_and_the_mean_stays)
{
    static const double shares[] = {0.01, 0.3, 0.5, 0.9, 1 - 0x1p-20};
    double *x = random_array(3, N * INPUTS), *a = calloc((size_t)(N * HIDDEN), sizeof *a);
    for (int k = 0; k < 5; k++) {
        masked m = make_masked(1, NULL, TALUS_DTYPE_F64, TALUS_SIGMOID, shares[k]);
        talus_matrix biases, weights; /* all a = 1/2 */
        expect_ok(m.context, talus_network_weights(m.network, NULL, 1, &weights));
        expect_ok(m.context, talus_network_biases(m.network, NULL, 1, &biases));
        memset(weights.data, 0, (size_t)(HIDDEN * INPUTS) * sizeof(double));
        trained_outputs(&m, x, N, 1, 0, a);
        double p = fmin(rint(shares[k] * 65536), 65535) / 65536, count = N * HIDDEN, dropped = 0, sum = 0;
        for (int64_t i = 0; i < N * HIDDEN; i++) {
            dropped += a[i] == 0;
            sum += a[i];
            ck_assert(a[i] == 0 || a[i] == 0.5 / (1 - p));
        }
        ck_assert_double_le(fabs(dropped / count - p), 5 * sqrt(p * (1 - p) / count));
        ck_assert_double_le(fabs(sum / count - 0.5), 5 * 0.5 * sqrt(p / (1 - p) / count));
        free_masked(&m);
    }
    free(x), free(a);
}
END_TEST

START_TEST(inputs_are_dropped_alike)
{
    double *x = random_array(3, N * INPUTS), *outputs = calloc((size_t)(N * HIDDEN), sizeof *outputs),
           *expected = calloc((size_t)(N * HIDDEN), sizeof *expected),
           *dropped = calloc((size_t)(N * INPUTS), sizeof *dropped);
    for (int64_t i = 0; i < N * INPUTS; i++)
        dropped[i] = x[i] * mask_at(0, SHARE, i / INPUTS, i % INPUTS);
    for (int threads = 1; threads <= 4; threads *= 2) {
        masked m = {.context = context_with(threads, NULL)};
        m.network = make_network(m.context, TALUS_DTYPE_F64, TALUS_TANH, 0, SHARE, 0);
        expect_ok(m.context, talus_workspace_create(m.context, m.network, N, &m.workspace));
        talus_matrix inputs = f64_rows(dropped, N, INPUTS), to = f64_rows(expected, N, HIDDEN);
        expect_ok(m.context, talus_predict(m.network, m.workspace, &inputs, &to));
        trained_outputs(&m, x, N, 1, 0, outputs);
        ck_assert_mem_eq(outputs, expected, (size_t)(N * HIDDEN) * sizeof *outputs);
        free_masked(&m);
    }
    free(x), free(outputs), free(expected), free(dropped);
}
END_TEST

/* With W_1 = 1 and the identity the outputs are the inputs with their noise: its mean is 0 and its deviation σ within five
 * standard errors, and it is the same by any tiling. */
START_TEST(noise_has_its_deviation)
{
    enum { WIDTH = INPUTS };
    const double deviation = 0.25;
    double *x = random_array(3, N * WIDTH), *first = calloc((size_t)(N * WIDTH), sizeof *first),
           *again = calloc((size_t)(N * WIDTH), sizeof *again), sum = 0, squares = 0;
    for (int run = 0; run < 3; run++) {
        talus_layer layers[] = {{.width = WIDTH}, {.width = WIDTH}};
        talus_network_spec spec = {.inputs = WIDTH,
                                   .layers = layers,
                                   .layer_count = 2,
                                   .precision = TALUS_DTYPE_F64,
                                   .input_noise = deviation};
        masked m = {.context = context_with(1 << run, NULL)};
        expect_ok(m.context, talus_context_set_plan(m.context, run == 0 ? TILE_BY_TILE : LAYER_BY_LAYER));
        expect_ok(m.context, talus_network_create(m.context, &spec, &m.network));
        for (int l = 1; l <= 2; l++) {
            talus_matrix w;
            expect_ok(m.context, talus_network_weights(m.network, NULL, l, &w));
            for (int64_t i = 0; i < WIDTH * WIDTH; i++)
                ((double *)w.data)[i] = i % (WIDTH + 1) == 0;
        }
        expect_ok(m.context, talus_workspace_create(m.context, m.network, N, &m.workspace));
        trained_outputs(&m, x, N, 1, 0, run == 0 ? first : again);
        if (run > 0)
            ck_assert_mem_eq(first, again, (size_t)(N * WIDTH) * sizeof *first);
        free_masked(&m);
    }
    for (int64_t i = 0; i < N * WIDTH; i++) {
        sum += first[i] - x[i];
        squares += (first[i] - x[i]) * (first[i] - x[i]);
    }
    double count = N * WIDTH;
    ck_assert_double_le(fabs(sum / count), 5 * deviation / sqrt(count));
    ck_assert_double_le(fabs(sqrt(squares / count) - deviation), 5 * deviation / sqrt(2 * count));
    free(x), free(first), free(again);
}
END_TEST

/* Where nothing is drawn ---------------------------------------------------------------------------------- */

START_TEST(evaluation_draws_nothing)
{
    double *x = random_array(3, N * INPUTS), *y = random_array(4, N * HIDDEN), costs[2];
    double *outputs[2], *gradients[2];
    talus_metrics metrics[2];
    for (int k = 0; k < 2; k++) {
        masked m = make_masked(1, NULL, TALUS_DTYPE_F64, TALUS_RELU, k == 0 ? 0 : SHARE);
        talus_matrix inputs = f64_rows(x, N, INPUTS), targets = f64_rows(y, N, HIDDEN);
        int64_t parameters = talus_network_parameter_count(m.network);
        outputs[k] = calloc((size_t)(N * HIDDEN), sizeof(double));
        gradients[k] = calloc((size_t)parameters, sizeof(double));
        talus_matrix to = f64_rows(outputs[k], N, HIDDEN), gradient = f64_rows(gradients[k], 1, parameters);
        expect_ok(m.context, talus_predict(m.network, m.workspace, &inputs, &to));
        expect_ok(m.context,
                  talus_gradient(m.network, m.workspace, BATCH(inputs, targets), &costs[k], &gradient));
        expect_ok(m.context,
                  talus_evaluate_batch(m.network, m.workspace, BATCH(inputs, targets), &metrics[k]));
        if (k == 1)
            ck_assert_mem_eq(gradients[0], gradients[1], (size_t)parameters * sizeof(double));
        free_masked(&m);
    }
    ck_assert_mem_eq(outputs[0], outputs[1], (size_t)(N * HIDDEN) * sizeof(double));
    ck_assert(costs[0] == costs[1] && metrics[0].cost == metrics[1].cost);
    for (int k = 0; k < 2; k++)
        free(outputs[k]), free(gradients[k]);
    free(x), free(y);
}
END_TEST

/* Training ------------------------------------------------------------------------------------------------ */

/* Cost of a pass that trains, and its gradient unless that is NULL. */
static double trained_cost(masked *m, const double *x, const double *y, double *gradient)
{
    tl_pass pass;
    tl_totals totals;
    talus_matrix inputs = f64_rows(x, N, INPUTS), targets = f64_rows(y, N, HIDDEN);
    expect_ok(m->context, tl_pass_begin(m->network, m->workspace, &pass));
    expect_ok(m->context, tl_pass_batch(&pass, BATCH(inputs, targets), sizeof(talus_batch)));
    pass.work = TL_FORWARD | TL_KEEP | TL_LOSS | (gradient != NULL ? TL_BACKWARD | TL_WEIGHTS : 0);
    pass.gradient = gradient;
    pass.trains = true;
    pass.seed = SEED, pass.step = STEP;
    pass.dropout_factor = 1;
    expect_ok(m->context, tl_pass_run(&pass, &totals));
    return tl_cost(&totals);
}

/* Central differences with h = 1e-5 are good to h² and to ε/h of the cost; parameters that a kink lies near are few. */
static void check_gradient(int hidden)
{
    double *x = random_array(3, N * INPUTS), *y = random_array(4, N * HIDDEN);
    masked m = make_masked(1, TILE_BY_TILE, TALUS_DTYPE_F64, hidden, SHARE);
    talus_matrix theta;
    expect_ok(m.context, talus_network_parameters(m.network, &theta));
    double *parameters = theta.data, *gradient = calloc((size_t)theta.cols, sizeof *gradient);
    double cost = trained_cost(&m, x, y, gradient);
    int64_t off = 0, checked = 0;
    for (int64_t i = 0; i < theta.cols; i += 7, checked++) {
        const double h = 1e-5, at = parameters[i];
        parameters[i] = at + h;
        double above = trained_cost(&m, x, y, NULL);
        parameters[i] = at - h;
        double below = trained_cost(&m, x, y, NULL);
        parameters[i] = at;
        off += fabs((above - below) / (2 * h) - gradient[i]) > 1e-8 * (1 + cost);
    }
    ck_assert_msg(off <= checked / 50, "%s: %lld of %lld", talus_activation_name(hidden), (long long)off,
                  (long long)checked);
    free_masked(&m);
    free(gradient), free(x), free(y);
}

START_TEST(the_gradient_is_that_of_the_masked_cost)
{
    for (int i = 0; i < talus_enumeration_count(TALUS_ENUMERATION_ACTIVATION); i++) {
        int kind = talus_enumeration_value_at(TALUS_ENUMERATION_ACTIVATION, i);
        const tl_activation_kind *row = tl_activation_kind_of(kind);
        if (!row->whole_layer && !row->flat)
            check_gradient(kind);
    }
}
END_TEST

/* The parameters after some steps. */
static double *trained(int threads, int precision, double dropout, double factor, double *last_cost)
{
    double *x = random_array(3, N * INPUTS), *y = random_array(4, N * HIDDEN);
    masked m = make_masked(threads, FOR_ALL_SETS("samples=32 cache=0"), precision, TALUS_TANH, dropout);
    talus_matrix inputs = f64_rows(x, N, INPUTS), targets = f64_rows(y, N, HIDDEN), theta;
    talus_trainer *trainer;
    expect_ok(m.context, talus_trainer_create(m.network, NULL, N, &trainer));
    expect_ok(m.context, talus_trainer_set_dropout_factor(trainer, factor));
    for (int step = 0; step < 20; step++)
        expect_ok(m.context, talus_trainer_step(trainer, BATCH(inputs, targets), last_cost));
    expect_ok(m.context, talus_network_parameters(m.network, &theta));
    size_t bytes = (size_t)theta.cols * (precision == TALUS_DTYPE_F64 ? 8 : 4);
    double *copy = calloc((size_t)theta.cols, sizeof(double));
    memcpy(copy, theta.data, bytes);
    talus_trainer_destroy(trainer);
    free_masked(&m);
    free(x), free(y);
    return copy;
}

enum { PARAMETERS = HIDDEN * INPUTS + HIDDEN + HIDDEN * HIDDEN + HIDDEN };

START_TEST(steps_do_not_depend_on_threads)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        double *one = trained(1, precision, SHARE, 1, NULL);
        for (int threads = 2; threads <= 4; threads++) {
            double *many = trained(threads, precision, SHARE, 1, NULL);
            ck_assert_mem_eq(one, many, PARAMETERS * sizeof *one);
            free(many);
        }
        free(one);
    }
}
END_TEST

START_TEST(the_factor_turns_dropout_off_and_on)
{
    double without_cost, off_cost, on_cost;
    double *without = trained(1, TALUS_DTYPE_F64, 0, 1, &without_cost),
           *off = trained(1, TALUS_DTYPE_F64, SHARE, 0, &off_cost),
           *half = trained(1, TALUS_DTYPE_F64, SHARE, 0.5, &on_cost),
           *same = trained(1, TALUS_DTYPE_F64, SHARE / 2, 1, NULL);
    ck_assert_mem_eq(without, off, PARAMETERS * sizeof *off);
    ck_assert_mem_eq(half, same, PARAMETERS * sizeof *half);
    ck_assert_double_eq(without_cost, off_cost);
    ck_assert_double_ne(on_cost, off_cost);
    free(without), free(off), free(half), free(same);
}
END_TEST

/* Arguments ----------------------------------------------------------------------------------------------- */

static void refuse(const talus_layer *layers, talus_network_spec spec, const char *message)
{
    talus_context *context = context_with(1, NULL);
    talus_network *network = NULL;
    spec.inputs = 3, spec.layers = layers, spec.layer_count = 2;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, &network));
    expect_message(context, message);
    talus_context_destroy(context);
}

START_TEST(what_does_not_apply_is_refused)
{
    talus_layer layers[] = {{.width = 2}, {.width = 2, .dropout = 0.5}};
    talus_network_spec none = {.inputs = 3};
    refuse(layers, none, "layer 2: dropout must be 0 in the last layer, got 0.5");
    layers[1].dropout = 0;
    layers[0].dropout = 1;
    refuse(layers, none, "layer 1: dropout must be at least 0 and below 1, got 1");
    layers[0] = (talus_layer){.width = 2, .activation = TALUS_SOFTMAX, .dropout = 0.5};
    refuse(layers, none, "layer 1: dropout must be 0 with softmax, got 0.5");
    layers[0].dropout = 0;
    refuse(layers, (talus_network_spec){.input_dropout = -0.5}, "network: input_dropout must be at least 0");
    refuse(layers, (talus_network_spec){.input_noise = -1},
           "network: input_noise must be a finite number at least 0, got -1");
    refuse(layers, (talus_network_spec){.input_noise = NAN},
           "network: input_noise must be a finite number at least 0, got nan");
}
END_TEST

START_TEST(factors_out_of_range_are_refused)
{
    masked m = make_masked(1, NULL, TALUS_DTYPE_F32, TALUS_RELU, 0.5);
    talus_trainer *trainer;
    expect_ok(m.context, talus_trainer_create(m.network, NULL, N, &trainer));
    expect_status(m.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_dropout_factor(trainer, 2));
    expect_message(m.context,
                   "trainer: the factor of dropout must leave the share of layer 1, 0.5, below 1, got 2");
    expect_status(m.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_dropout_factor(trainer, -1));
    expect_message(m.context, "must be a finite number of at least 0, got -1");
    expect_status(m.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_dropout_factor(trainer, INFINITY));
    expect_status(m.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_dropout_factor(NULL, 1));
    talus_trainer_destroy(trainer);
    free_masked(&m);
}
END_TEST

START_TEST(networks_tell_what_they_were_made_of)
{
    talus_context *context = context_with(1, NULL);
    talus_network *network = make_network(context, TALUS_DTYPE_F64, TALUS_ELU, 0.25, 0.125, 2);
    talus_layer layer;
    talus_network_spec spec;
    expect_ok(context, talus_network_get_layer(network, 1, &layer));
    ck_assert(layer.width == HIDDEN && layer.activation == TALUS_ELU && layer.dropout == 0.25);
    ck_assert(layer.initializer == TALUS_INIT_HE_NORMAL && layer.alpha == 1);
    expect_ok(context, talus_network_get_spec(network, &spec));
    ck_assert(spec.inputs == INPUTS && spec.layer_count == 2 && spec.layers == NULL && spec.seed == SEED);
    ck_assert(spec.precision == TALUS_DTYPE_F64 && spec.input_dropout == 0.125 && spec.input_noise == 2);
    ck_assert_int_eq(talus_network_get_layer(NULL, 1, &layer), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_get_spec(NULL, &spec), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_get_layer(network, 3, &layer));
    expect_message(context, "the number of a layer must be 1 … 2, got 3");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_get_layer(network, 1, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_get_spec(network, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_get_layer_sized(network, 1, &layer, 8));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_get_spec_sized(network, &spec, 8));
    talus_network_destroy(network);
    talus_context_destroy(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dropout");
    add_case(suite, "what is drawn", masks_are_those_of_the_plain_generator,
             the_share_is_as_asked_and_the_mean_stays, inputs_are_dropped_alike, noise_has_its_deviation,
             evaluation_draws_nothing);
    add_case(suite, "training", the_gradient_is_that_of_the_masked_cost, steps_do_not_depend_on_threads,
             the_factor_turns_dropout_off_and_on);
    add_case(suite, "arguments", what_does_not_apply_is_refused, factors_out_of_range_are_refused,
             networks_tell_what_they_were_made_of);
    return run_suite(suite);
}
