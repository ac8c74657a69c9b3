/* A trainer that is watched: the same bits, the health of its steps, and what made it diverge. */
#include <float.h>

#include "fixture.h"

enum { SAMPLES = 150, INPUTS = 6, OUTPUTS = 3 };

static double *x, *y;
static talus_matrix inputs, targets;

static void setup(void)
{
    begin_counted();
    x = random_array(1, SAMPLES * INPUTS), y = random_array(2, SAMPLES * OUTPUTS);
    inputs = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS);
    targets = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, OUTPUTS);
}

static void teardown(void)
{
    free(x), free(y);
    end_counted();
}

static talus_network *network_of(int precision, double dropout)
{
    talus_layer layers[] = {talus_dense(20, TALUS_TANH), talus_dense(17, TALUS_RELU),
                            talus_dense(OUTPUTS, TALUS_IDENTITY)};
    layers[0].dropout = layers[1].dropout = dropout;
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 3, TALUS_SQUARED_ERROR);
    spec.precision = precision, spec.seed = 5;
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static talus_trainer *trainer_of(talus_network *network, int method, double rate)
{
    talus_optimizer_spec spec;
    talus_trainer *trainer = NULL;
    talus_optimizer_defaults(&spec, method);
    if (rate > 0)
        spec.rate = rate;
    expect_ok(context, talus_trainer_create(network, &spec, SAMPLES, &trainer));
    return trainer;
}

/* Five steps of each method, where steps 1, 3 and 5 are looked at in one of the two trainings. */
START_TEST(watching_changes_no_bit)
{
    for (int method = 0; method < TALUS_METHOD_COUNT; method++)
        for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
            double dropout = method % 2 == 0 ? 0.25 : 0, costs[2];
            talus_network *networks[2];
            for (int watched = 0; watched < 2; watched++) {
                networks[watched] = network_of(precision, dropout);
                talus_trainer *trainer = trainer_of(networks[watched], method, 0);
                expect_ok(context, talus_trainer_watch_health(trainer, watched * 2));
                for (int i = 0; i < 5; i++)
                    expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), &costs[watched]));
                talus_trainer_destroy(trainer);
            }
            ck_assert_double_eq(costs[0], costs[1]);
            same_parameters(networks[0], networks[1]);
            talus_network_destroy(networks[0]);
            talus_network_destroy(networks[1]);
        }
}
END_TEST

static double norm_of_change(const float *before, const float *after, int64_t first, int64_t count)
{
    double sum = 0;
    for (int64_t i = first; i < first + count; i++)
        sum += ((double)after[i] - (double)before[i]) * ((double)after[i] - (double)before[i]);
    return sqrt(sum);
}

/* What a call for the same batch finds before the step, and the change of the parameters by the step. */
START_TEST(a_step_has_the_health_of_its_batch)
{
    talus_network *network = network_of(TALUS_DTYPE_F32, 0);
    talus_workspace *workspace = workspace_of(network, SAMPLES);
    talus_trainer *trainer = trainer_of(network, TALUS_ADAM, 0);
    talus_matrix theta;
    talus_health batch[3], health;
    expect_ok(context, talus_network_parameters(network, &theta));
    float *before = malloc((size_t)theta.cols * sizeof *before);
    expect_ok(context, talus_trainer_watch_health(trainer, 3));
    for (int step = 1; step <= 4; step++) {
        bool looked = step == 1 || step == 4;
        if (looked) {
            expect_ok(context, talus_health_of(network, workspace, BATCH(inputs, targets), batch, 3));
            memcpy(before, theta.data, (size_t)theta.cols * sizeof *before);
        }
        expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), NULL));
        for (int l = 1; l <= 3; l++) {
            talus_matrix part;
            expect_ok(context, talus_trainer_health(trainer, l, &health));
            ck_assert_int_eq(health.step, step < 4 ? 1 : 4);
            ck_assert_double_eq(health.gradient, batch[l - 1].gradient);
            ck_assert_double_eq(health.parameters, batch[l - 1].parameters);
            ck_assert_double_eq(health.delta, batch[l - 1].delta);
            ck_assert_int_eq(health.operand, -1);
            expect_ok(context, talus_network_weights(network, NULL, l, &part));
            int64_t first = (float *)part.data - (float *)theta.data, count = (part.cols + 1) * part.rows;
            if (looked) /* f32 differences of f32 numbers */
                ck_assert_double_eq_tol(health.update, norm_of_change(before, theta.data, first, count),
                                        4 * (double)FLT_EPSILON * health.update);
            ck_assert_double_eq(health.ratio, health.update / health.parameters);
        }
    }
    free(before);
    talus_trainer_destroy(trainer);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Half the units drop out, but those that stay are as flat, or as dead, as without dropout. */
START_TEST(dropout_is_not_taken_for_death)
{
    talus_network *network = network_of(TALUS_DTYPE_F64, 0.5);
    talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, 1e-9);
    talus_health tanh_layer, relu_layer;
    talus_matrix biases;
    expect_ok(context, talus_network_biases(network, NULL, 1, &biases));
    for (int64_t i = 0; i < 5; i++)
        ((double *)biases.data)[i] = 10;
    expect_ok(context, talus_network_biases(network, NULL, 2, &biases));
    for (int64_t i = 0; i < 4; i++)
        ((double *)biases.data)[i] = -100;
    for (int64_t i = 4; i < 17; i++)
        ((double *)biases.data)[i] = 100;
    expect_ok(context, talus_trainer_watch_health(trainer, 1));
    expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), NULL));
    expect_ok(context, talus_trainer_health(trainer, 1, &tanh_layer));
    expect_ok(context, talus_trainer_health(trainer, 2, &relu_layer));
    ck_assert_double_eq(tanh_layer.dead, 0);
    ck_assert_double_eq_tol(tanh_layer.saturated, 0.25, 0.05); /* 5 of 20 units, and of others hardly any */
    ck_assert_double_eq(relu_layer.dead, 4.0 / 17);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

/* Divergence ------------------------------------------------------------------------------------------------ */

/* One unit, a = w·x + b, in f32, trained once from w and b = 0 on 40 samples x = 0 but for sample 33. */
static talus_non_finite diverge(double w, double x33, double y33, int method, double rate)
{
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(1, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    talus_matrix theta;
    double in[40] = {0}, out[40] = {0}, cost = 0;
    in[33] = x33, out[33] = y33;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_parameters(network, &theta));
    ((float *)theta.data)[0] = (float)w;
    talus_trainer *trainer = trainer_of(network, method, rate);
    talus_non_finite found;
    expect_ok(context, talus_trainer_non_finite(trainer, &found));
    ck_assert_int_eq(found.found, 0);
    talus_matrix zero = talus_matrix_view(in, TALUS_DTYPE_F64, 5, 1), one = zero;
    zero.rows = 5, one.rows = 40;
    expect_ok(context, talus_trainer_watch_health(trainer, 2));
    expect_ok(context, talus_trainer_step(trainer, BATCH(zero, zero), &cost)); /* no change: all is 0 */
    talus_matrix target = talus_matrix_view(out, TALUS_DTYPE_F64, 40, 1);
    expect_ok(context, talus_trainer_step(trainer, BATCH(one, target), &cost));
    ck_assert(!isfinite(cost));
    expect_ok(context, talus_trainer_non_finite(trainer, &found));
    ck_assert_int_eq(found.found, 1);
    ck_assert_int_eq(found.step, isnan(w) ? 1 : 2); /* NaN·0 is NaN already */
    ck_assert_int_eq(found.layer, 1);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    return found;
}

static void expect_found(talus_non_finite found, int operand, int part, int64_t row, int64_t col)
{
    ck_assert_str_eq(talus_operand_name(found.operand), talus_operand_name(operand));
    ck_assert_int_eq(found.part, part);
    ck_assert_int_eq(found.row, row);
    ck_assert_int_eq(found.col, col);
}

START_TEST(what_made_a_step_diverge_is_named)
{
    int descent = TALUS_GRADIENT_DESCENT;
    expect_found(diverge(1e20, 1e20, 0, descent, 0), TALUS_OPERAND_Z, -1, 33, 0);
    expect_found(diverge(NAN, 1, 0, descent, 0), TALUS_OPERAND_PARAMETERS, TALUS_PART_WEIGHTS, 0, 0);
    expect_found(diverge(3e38, 1, -3e38, descent, 0), TALUS_OPERAND_DELTAS, -1, 33, 0); /* a − y overflows */
    expect_found(diverge(1, 1e21, 0, descent, 0), TALUS_OPERAND_GRADIENT, TALUS_PART_WEIGHTS, 0, 0);
    expect_found(diverge(1, 1e10, 0, descent, 1e35), TALUS_OPERAND_UPDATE, TALUS_PART_WEIGHTS, 0, 0);
    expect_found(diverge(1, 1e12, 0, TALUS_ADAM, 0), TALUS_OPERAND_UPDATE, TALUS_PART_WEIGHTS, 0, 0); /* v */
}
END_TEST

/* The loss alone: f64 numbers whose square exceeds any number. */
START_TEST(an_infinite_loss_is_named)
{
    talus_network *network = network_of(TALUS_DTYPE_F64, 0);
    talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, 0);
    talus_non_finite found;
    double cost;
    expect_ok(context, talus_trainer_watch_health(trainer, 1));
    y[7] = 1e200;
    expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), &cost));
    ck_assert(!isfinite(cost));
    expect_ok(context, talus_trainer_non_finite(trainer, &found));
    expect_found(found, TALUS_OPERAND_LOSS, -1, -1, -1);
    ck_assert_int_eq(found.layer, 3);
    talus_health health;
    expect_ok(context, talus_trainer_health(trainer, 3, &health));
    ck_assert_int_eq(health.step, 1);
    ck_assert_int_eq(health.operand, TALUS_OPERAND_LOSS);
    ck_assert_double_eq(health.update, 0); /* the step was not made */
    expect_ok(context, talus_trainer_health(trainer, 1, &health));
    ck_assert_int_eq(health.operand, -1);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

static int ask_in_fit(const talus_progress *progress, void *user)
{
    talus_health health;
    int64_t *steps = user;
    expect_ok(context, talus_trainer_health(progress->trainer, 2, &health));
    ck_assert_int_eq(health.step, *steps / 4 * 4 + 1);
    ++*steps;
    return 0;
}

START_TEST(a_fit_is_watched_too)
{
    talus_network *network = network_of(TALUS_DTYPE_F32, 0);
    talus_trainer *trainer = trainer_of(network, TALUS_ADAM, 0);
    talus_dataset *data = dataset_of(&inputs, &targets);
    talus_fit_options options;
    int64_t steps = 0;
    talus_fit_options_defaults(&options);
    options.batch = 16, options.epochs = 2, options.on_progress = ask_in_fit, options.user = &steps;
    expect_ok(context, talus_trainer_watch_health(trainer, 4));
    expect_ok(context, talus_trainer_fit(trainer, data, NULL, &options, NULL));
    ck_assert_int_eq(steps, 20);
    talus_dataset_destroy(data);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

/* The same of a fit's own option, which ends with it. */
static int ask_of_progress(const talus_progress *progress, void *user)
{
    int64_t *looks = user;
    talus_health health;
    ck_assert_int_eq(progress->health_step, (progress->steps - 1) / 4 * 4 + 1);
    expect_ok(context, talus_trainer_health(progress->trainer, 3, &health));
    ck_assert_int_eq(health.step, progress->health_step);
    *looks += health.step == progress->steps;
    return 0;
}

static int expect_none(const talus_progress *progress, void *user)
{
    (void)user;
    ck_assert_int_eq(progress->health_step, 0);
    return 0;
}

START_TEST(a_fit_looks_by_its_option)
{
    talus_network *network = network_of(TALUS_DTYPE_F32, 0), *twin = network_of(TALUS_DTYPE_F32, 0);
    talus_trainer *trainer = trainer_of(network, TALUS_ADAM, 0);
    talus_dataset *data = dataset_of(&inputs, &targets);
    talus_fit_options options;
    talus_health health;
    int64_t looks = 0;
    talus_fit_options_defaults(&options);
    options.batch = 16, options.epochs = 2, options.on_progress = expect_none;
    expect_ok(context, talus_fit(twin, data, NULL, &options, NULL));
    options.health_every = 4, options.on_progress = ask_of_progress, options.user = &looks;
    expect_ok(context, talus_trainer_fit(trainer, data, NULL, &options, NULL));
    ck_assert_int_eq(looks, 5); /* of 20 steps: 1, 5, 9, 13, 17 */
    same_parameters(network, twin);
    for (int i = 0; i < 4; i++)
        expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), NULL));
    expect_ok(context, talus_trainer_health(trainer, 1, &health));
    ck_assert_int_eq(health.step, 17);
    options.health_every = -1;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_fit(trainer, data, NULL, &options, NULL));
    expect_message(context, "health_every must be");
    talus_trainer_destroy(trainer);
    trainer = trainer_of(network, TALUS_ADAM, 0);
    options.health_every = 1, options.shuffle = 0, options.on_progress = NULL;
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_trainer_fit(trainer, data, NULL, &options, NULL));
    expect_message(context, "fit: the allocator returned no memory for the health of");
    book.fail_at = 0;
    talus_dataset_destroy(data);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network), talus_network_destroy(twin);
}
END_TEST

/* Several batches a step ------------------------------------------------------------------------------------- */

/* A fit of one step that takes 50 of the samples at once. */
static talus_fit_result fit_one_step(talus_trainer *trainer)
{
    talus_dataset *data = dataset_of(&inputs, &targets);
    talus_fit_options options;
    talus_fit_result result;
    talus_fit_options_defaults(&options);
    options.batch = 50, options.accumulate = 3, options.epochs = 1, options.shuffle = 0;
    options.health_every = 1;
    expect_ok(context, talus_trainer_fit(trainer, data, NULL, &options, &result));
    talus_dataset_destroy(data);
    return result;
}

static void same_to_rounding(double a, double b)
{
    ck_assert_msg((isnan(a) && isnan(b)) || fabs(a - b) <= 256 * DBL_EPSILON * fabs(b), "%.17g is not %.17g",
                  a, b);
}

/* They have the health of one large batch. Units of layer 2 are dead, and some are so in the first batch only. */
START_TEST(batches_together_have_the_health_of_a_large_one)
{
    talus_network *networks[2];
    talus_trainer *trainers[2];
    for (int i = 50; i < 100; i++)
        x[i * INPUTS] *= 1000;
    for (int i = 0; i < 2; i++) {
        talus_matrix b;
        networks[i] = network_of(TALUS_DTYPE_F64, 0);
        expect_ok(context, talus_network_biases(networks[i], NULL, 2, &b));
        for (int k = 0; k < 4; k++)
            ((double *)b.data)[k] = k < 2 ? -100 : -1;
        trainers[i] = trainer_of(networks[i], TALUS_GRADIENT_DESCENT, 1e-3);
    }
    ck_assert_int_eq(fit_one_step(trainers[0]).steps, 1);
    expect_ok(context, talus_trainer_watch_health(trainers[1], 1));
    expect_ok(context, talus_trainer_step(trainers[1], BATCH(inputs, targets), NULL));
    for (int l = 1; l <= 3; l++) {
        talus_health a, b;
        expect_ok(context, talus_trainer_health(trainers[0], l, &a));
        expect_ok(context, talus_trainer_health(trainers[1], l, &b));
        ck_assert_int_eq(a.step, 1);
        same_to_rounding(a.gradient, b.gradient);
        same_to_rounding(a.parameters, b.parameters);
        same_to_rounding(a.update, b.update);
        same_to_rounding(a.delta, b.delta);
        same_to_rounding(a.dead, b.dead);
        same_to_rounding(a.saturated, b.saturated);
        ck_assert(l != 2 || a.dead > 0);
    }
    for (int i = 0; i < 2; i++) {
        talus_trainer_destroy(trainers[i]);
        talus_network_destroy(networks[i]);
    }
}
END_TEST

/* A_1 = 0, A_2 has one unit of 1e-30, and Δ_2 of it is 1e27·Δ_3: a large target in a sample of the second batch overflows in
 * Δ_2, three smaller ones only in their sum, and with a large rate the change of b_2 overflows. */
static talus_non_finite diverge_in_batches(const int *rows, double y_of_rows, double rate)
{
    talus_network *network = network_of(TALUS_DTYPE_F32, 0);
    talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, rate);
    talus_matrix theta, part;
    talus_non_finite found;
    expect_ok(context, talus_network_parameters(network, &theta));
    memset(theta.data, 0, (size_t)theta.cols * sizeof(float));
    expect_ok(context, talus_network_biases(network, NULL, 2, &part));
    ((float *)part.data)[0] = 1e-30F;
    expect_ok(context, talus_network_weights(network, NULL, 3, &part));
    ((float *)part.data)[0] = 1e27F;
    memset(y, 0, SAMPLES * OUTPUTS * sizeof *y);
    for (int i = 0; rows[i] >= 0; i++)
        y[rows[i] * OUTPUTS] = y_of_rows;
    talus_fit_result result = fit_one_step(trainer);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_DIVERGED);
    ck_assert_int_eq(result.diverged_layer, 2);
    expect_ok(context, talus_trainer_non_finite(trainer, &found));
    ck_assert_int_eq(found.found, 1);
    ck_assert_int_eq(found.step, 1);
    ck_assert_int_eq(found.layer, 2);
    talus_health health;
    expect_ok(context, talus_trainer_health(trainer, 2, &health));
    ck_assert_int_eq(health.operand, found.operand);
    ck_assert_double_eq(health.update, 0);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    return found;
}

START_TEST(what_made_one_of_several_batches_diverge_is_named)
{
    static const int one[] = {60, -1}, three[] = {10, 60, 110, -1};
    expect_found(diverge_in_batches(one, 1e15, 1e-3), TALUS_OPERAND_DELTAS, -1, 60, 0);
    expect_found(diverge_in_batches(three, 1.95e13, 1e-3), TALUS_OPERAND_GRADIENT, TALUS_PART_BIASES, 0, 0);
    expect_found(diverge_in_batches(one, 1e5, 1e37), TALUS_OPERAND_UPDATE, TALUS_PART_BIASES, 0, 0);
}
END_TEST

/* In any number of threads, of a network that is worth them. */
START_TEST(threads_do_not_change_a_health)
{
    talus_health healths[2][3];
    for (int i = 0; i < 2; i++) {
        talus_context *several = context_with(i + 1, NULL);
        talus_layer layers[] = {talus_dense(150, TALUS_TANH), talus_dense(131, TALUS_RELU),
                                talus_dense(OUTPUTS, TALUS_IDENTITY)};
        talus_network_spec spec = talus_dense_network(INPUTS, layers, 3, TALUS_SQUARED_ERROR);
        talus_network *network = NULL;
        talus_trainer *trainer = NULL;
        expect_ok(several, talus_network_create(several, &spec, &network));
        expect_ok(several, talus_trainer_create(network, NULL, SAMPLES, &trainer));
        expect_ok(several, talus_trainer_watch_health(trainer, 1));
        expect_ok(several, talus_trainer_step(trainer, BATCH(inputs, targets), NULL));
        for (int l = 1; l <= 3; l++)
            expect_ok(several, talus_trainer_health(trainer, l, &healths[i][l - 1]));
        talus_trainer_destroy(trainer);
        talus_network_destroy(network);
        talus_context_destroy(several);
    }
    ck_assert_mem_eq(healths[0], healths[1], sizeof healths[0]);
}
END_TEST

START_TEST(watching_allocates_nothing_in_a_step_and_is_refused_in_sentences)
{
    talus_network *network = network_of(TALUS_DTYPE_F32, 0);
    talus_trainer *trainer = trainer_of(network, TALUS_ADAM, 0);
    talus_health health;
    talus_non_finite found;
    ck_assert_int_eq(talus_trainer_watch_health(NULL, 1), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_trainer_health(NULL, 1, &health), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_trainer_non_finite(NULL, &found), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_watch_health(trainer, -1));
    expect_message(context, "every must be at least 0, got -1");
    expect_status(context, TALUS_ERROR_STATE, talus_trainer_health(trainer, 1, &health));
    expect_message(context, "a step must have been looked at");
    for (int n = 1; n <= 3; n++) { /* the parameters; the healths, twice: what was got is kept */
        refuse_from_now(&book, n == 2 ? 2 : 1);
        expect_status(context, TALUS_ERROR_MEMORY, talus_trainer_watch_health(trainer, 1));
        expect_message(context, "watch_health: the allocator returned no memory");
    }
    book.fail_at = 0;
    expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), NULL));
    expect_status(context, TALUS_ERROR_STATE, talus_trainer_health(trainer, 1, &health));
    expect_ok(context, talus_trainer_watch_health(trainer, 1));
    int64_t calls = book.calls;
    expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), NULL));
    ck_assert_int_eq(book.calls, calls);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_health(trainer, 0, &health));
    expect_message(context, "layer must be 1 … 3, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_health(trainer, 4, &health));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_health(trainer, 1, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_health_sized(trainer, 1, &health, 8));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_non_finite(trainer, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_non_finite_sized(trainer, &found, 8));
    expect_ok(context, talus_trainer_watch_health(trainer, 0));
    expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), NULL));
    expect_ok(context, talus_trainer_health(trainer, 1, &health));
    ck_assert_int_eq(health.step, 2);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("watch");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, watching_changes_no_bit);
    tcase_add_test(tests, a_step_has_the_health_of_its_batch);
    tcase_add_test(tests, dropout_is_not_taken_for_death);
    tcase_add_test(tests, what_made_a_step_diverge_is_named);
    tcase_add_test(tests, an_infinite_loss_is_named);
    tcase_add_test(tests, a_fit_is_watched_too);
    tcase_add_test(tests, a_fit_looks_by_its_option);
    tcase_add_test(tests, batches_together_have_the_health_of_a_large_one);
    tcase_add_test(tests, what_made_one_of_several_batches_diverge_is_named);
    tcase_add_test(tests, threads_do_not_change_a_health);
    tcase_add_test(tests, watching_allocates_nothing_in_a_step_and_is_refused_in_sentences);
    return run_suite(suite);
}
