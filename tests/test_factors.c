/* Factors on the rate and on weight decay: of ranges of a vector, and of parts and layers of a network. */
#include "optimize/optimizer.h"
#include "run_support.h"
#include "train/trainer.h"

static talus_context *context;

static void setup(void)
{
    context = context_with(1, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

enum { COUNT = 40009, CUTS = 5, STEPS = 6 };

/* Ranges that begin at these numbers, and one pair of factors each; the parts that threads take begin elsewhere. */
static const int64_t cuts[CUTS + 1] = {0, 7, 8, 1000, 33333, COUNT};
static const double rates[CUTS] = {0.5, 1, 0, 2, 1}, decays[CUTS] = {1, 0, 1, 0.5, 1};

static talus_optimizer *make(talus_context *of, const talus_optimizer_spec *spec, int precision,
                             int64_t count)
{
    talus_optimizer *optimizer = NULL;
    expect_ok(of, talus_optimizer_create(of, spec, precision, count, &optimizer));
    return optimizer;
}

static void *numbers_in(int precision, uint64_t seed)
{
    double *exact = random_array(seed, COUNT);
    if (precision == TALUS_DTYPE_F64)
        return exact;
    float *rounded = to_float(exact, COUNT);
    free(exact);
    return rounded;
}

static void step(talus_context *of, talus_optimizer *optimizer, int method, int precision, void *theta,
                 void *g, int64_t count, int k)
{
    talus_matrix p = talus_matrix_view(theta, precision, 1, count),
                 gradient = talus_matrix_view(g, precision, 1, count);
    if (method == TALUS_IRPROP_PLUS)
        expect_ok(of, talus_optimizer_set_cost(optimizer, k % 3));
    expect_ok(of, talus_optimizer_step(optimizer, &p, &gradient));
}

/* A vector with factors takes the steps that its ranges take alone, each with its rate and decay, to the bit. */
static void compare_with_ranges(int method, int precision, int threads)
{
    size_t size = precision == TALUS_DTYPE_F64 ? 8 : 4;
    talus_context *several = context_with(threads, NULL);
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, method);
    spec.weight_decay = method < TALUS_IRPROP_MINUS ? 0.125 : 0;
    talus_optimizer *whole = make(several, &spec, precision, COUNT), *alone[CUTS];
    char *ours = numbers_in(precision, 1), *theirs = numbers_in(precision, 1),
         *start = numbers_in(precision, 1);
    for (int i = 0; i < CUTS; i++) {
        talus_optimizer_spec of_range = spec;
        of_range.rate *= rates[i] > 0 ? rates[i] : 1, of_range.weight_decay *= decays[i];
        alone[i] = make(context, &of_range, precision, cuts[i + 1] - cuts[i]);
        expect_ok(several,
                  talus_optimizer_set_factors(whole, cuts[i], cuts[i + 1] - cuts[i], rates[i], decays[i]));
    }
    for (int k = 0; k < STEPS; k++) {
        char *g = numbers_in(precision, (uint64_t)k + 2);
        step(several, whole, method, precision, ours, g, COUNT, k);
        for (int i = 0; i < CUTS; i++)
            if (rates[i] > 0)
                step(context, alone[i], method, precision, theirs + (size_t)cuts[i] * size,
                     g + (size_t)cuts[i] * size, cuts[i + 1] - cuts[i], k);
        free(g);
    }
    if (method == TALUS_SCHEDULE_FREE) /* whose weights c come from the rate without its factor */
        ck_assert_mem_eq(ours + 8 * size, start + 8 * size, (1000 - 8) * size);
    else
        ck_assert_mem_eq(ours, theirs, COUNT * size);
    for (int i = 0; i < TL_MOST_STATES && whole->states[i] != NULL; i++)
        for (size_t at = 8 * size; at < 1000 * size; at++)
            ck_assert_int_eq(((const char *)whole->states[i])[at], 0); /* frozen from the start */
    for (int i = 0; i < CUTS; i++)
        talus_optimizer_destroy(alone[i]);
    talus_optimizer_destroy(whole);
    talus_context_destroy(several);
    free(ours), free(theirs), free(start);
}

START_TEST(ranges_step_as_if_alone)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64 && is_update_rule(_i); precision++)
        for (int threads = 1; threads <= 4; threads *= 2)
            compare_with_ranges(_i, precision, threads);
}
END_TEST

/* Of the frozen, no number is looked at, and none counts in the norm. */
START_TEST(frozen_gradients_do_not_count)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_GRADIENT_DESCENT);
    spec.rate = 1, spec.clip_norm = 1;
    talus_optimizer *optimizer = make(context, &spec, TALUS_DTYPE_F64, 6);
    double theta[6] = {1, 1, 1, 1, 1, 1}, g[6] = {NAN, 3, INFINITY, 4, 0, 1e300};
    expect_ok(context, talus_optimizer_set_factors(optimizer, 0, 1, 0, 1));
    expect_ok(context, talus_optimizer_set_factors(optimizer, 2, 1, 0, 1));
    expect_ok(context, talus_optimizer_set_factors(optimizer, 5, 1, 0, 1));
    step(context, optimizer, TALUS_GRADIENT_DESCENT, TALUS_DTYPE_F64, theta, g, 6, 0);
    const double expected[6] = {1, 0.4, 1, 0.2, 1, 1}; /* g/5 */
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq_tol(theta[i], expected[i], 4e-16);
    expect_ok(context, talus_optimizer_set_factors(optimizer, 0, 6, 0, 1)); /* all */
    step(context, optimizer, TALUS_GRADIENT_DESCENT, TALUS_DTYPE_F64, theta, g, 6, 1);
    ck_assert_double_eq_tol(theta[1], 0.4, 4e-16);
    expect_ok(context, talus_optimizer_set_factors(optimizer, 2, 2, 1, 1));
    talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, 6),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, 6);
    expect_status(context, TALUS_ERROR_DATA, talus_optimizer_step(optimizer, &p, &gradient));
    expect_message(context, "gradient must be finite, got inf");
    talus_optimizer_destroy(optimizer);
}
END_TEST

/* Steps that are rehearsed look at each range with its own coefficients. */
START_TEST(a_factor_may_be_too_large)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_GRADIENT_DESCENT);
    talus_optimizer *optimizer = make(context, &spec, TALUS_DTYPE_F32, 3);
    float theta[3] = {1, 1, 1}, g[3] = {1, 1, 1e10f};
    talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F32, 1, 3),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F32, 1, 3);
    expect_ok(context, talus_optimizer_set_factors(optimizer, 2, 1, 1e30, 1));
    expect_status(context, TALUS_ERROR_DATA, talus_optimizer_step(optimizer, &p, &gradient));
    expect_message(context, "the step would leave parameters or the optimizer's state infinite");
    ck_assert(theta[0] == 1 && theta[1] == 1 && theta[2] == 1);
    expect_ok(context, talus_optimizer_set_factors(optimizer, 1, 2, 1, 1));
    expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
    ck_assert(theta[2] == 1 - 0.1f * 1e10f);
    expect_ok(context, talus_optimizer_set_weight_decay(optimizer, 100)); /* 1 − η·λ = −9 */
    g[0] = g[1] = g[2] = 0;
    expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
    ck_assert_float_eq_tol(theta[0], -9 * 0.9f, 1e-5f);
    talus_optimizer_destroy(optimizer);
}
END_TEST

START_TEST(bad_factors_are_refused)
{
    counting_allocator allocator = {0};
    talus_context *counted = context_with(1, &allocator);
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_ADAM);
    talus_optimizer *o = make(counted, &spec, TALUS_DTYPE_F64, 10);
    expect_status(counted, TALUS_ERROR_ARGUMENT, talus_optimizer_set_factors(NULL, 0, 1, 1, 1));
    expect_status(counted, TALUS_ERROR_ARGUMENT, talus_optimizer_set_factors(o, -1, 1, 1, 1));
    expect_message(counted, "set_factors: first must be 0 … 9, got -1");
    expect_status(counted, TALUS_ERROR_ARGUMENT, talus_optimizer_set_factors(o, 10, 1, 1, 1));
    expect_status(counted, TALUS_ERROR_ARGUMENT, talus_optimizer_set_factors(o, 8, 0, 1, 1));
    expect_message(counted, "set_factors: count must be 1 … 2, got 0");
    expect_status(counted, TALUS_ERROR_ARGUMENT, talus_optimizer_set_factors(o, 8, 3, 1, 1));
    expect_status(counted, TALUS_ERROR_ARGUMENT, talus_optimizer_set_factors(o, 0, 1, -1, 1));
    expect_message(counted, "set_factors: rate must be a finite number of at least 0, got -1");
    expect_status(counted, TALUS_ERROR_ARGUMENT, talus_optimizer_set_factors(o, 0, 1, 1, INFINITY));
    expect_message(counted, "set_factors: decay must be a finite number of at least 0, got inf");
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&allocator, n);
        expect_status(counted, TALUS_ERROR_MEMORY, talus_optimizer_set_factors(o, 3, 3, 0, 1));
        expect_message(counted, "set_factors: the allocator returned no memory");
    }
    allocator.fail_at = 0;
    ck_assert_int_eq(o->factors.place_count, 1);
    expect_ok(counted, talus_optimizer_set_factors(o, 3, 3, 0, 1));
    ck_assert_int_eq(o->factors.place_count, 3);
    expect_ok(counted, talus_optimizer_set_factors(o, 3, 3, 1, 1)); /* is one again */
    ck_assert_int_eq(o->factors.place_count, 1);
    talus_optimizer_destroy(o);
    talus_optimizer_defaults(&spec, TALUS_LBFGS);
    o = make(counted, &spec, TALUS_DTYPE_F64, 10);
    expect_status(counted, TALUS_ERROR_ARGUMENT, talus_optimizer_set_factors(o, 0, 1, 1, 1));
    expect_message(counted, "set_factors: lbfgs has no rate for a factor");
    talus_optimizer_destroy(o);
    talus_context_destroy(counted);
    ck_assert_int_eq(allocator.alive, 0);
}
END_TEST

/* Trainers ------------------------------------------------------------------------------------------------- */

enum { INPUTS = 19, HIDDEN = 33, OUTPUTS = 4, SAMPLES = 29 };

static run make_run(const talus_optimizer_spec *spec, int threads, counting_allocator *allocator)
{
    const talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(HIDDEN, TALUS_TANH),
                                  talus_dense(OUTPUTS, TALUS_IDENTITY)};
    return open_run(context_with(threads, allocator), INPUTS, layers, 3, TALUS_DTYPE_F64, spec, SAMPLES);
}

static void train(run *r)
{
    ck_assert(isfinite(step_run(r)));
}

static talus_matrix part_of(const run *r, int layer, int part)
{
    talus_matrix view;
    expect_ok(r->context, talus_network_part(r->network, NULL, layer, part, &view));
    return view;
}

/* How far a part has come from where a twin that was not trained stands, as a share of its size. */
static double moved(const run *r, const run *still, int layer, int part)
{
    talus_matrix now = part_of(r, layer, part), then = part_of(still, layer, part);
    return largest_difference(now.data, then.data, now.rows * now.cols);
}

/* Fused, and stored. */
START_TEST(parts_and_layers_are_frozen_to_the_bit)
{
    for (double clip = 0; clip < 2; clip += 1)
        for (int threads = 1; threads <= 2; threads++) {
            talus_optimizer_spec spec;
            talus_optimizer_defaults(&spec, TALUS_ADAMW);
            spec.clip_norm = clip;
            run r = make_run(&spec, threads, NULL), still = make_run(&spec, 1, NULL);
            expect_ok(r.context, talus_trainer_set_part_factors(r.trainer, TALUS_PART_BIASES, 0, 1));
            expect_ok(r.context, talus_trainer_set_layer_factors(r.trainer, 2, 0, 1));
            for (int k = 0; k < 4; k++)
                train(&r);
            for (int layer = 1; layer <= 3; layer++) {
                ck_assert(moved(&r, &still, layer, TALUS_PART_BIASES) == 0);
                ck_assert_int_eq(moved(&r, &still, layer, TALUS_PART_WEIGHTS) == 0, layer == 2);
            }
            expect_ok(r.context, talus_trainer_set_layer_factors(r.trainer, 2, 1, 1)); /* thaws */
            train(&r);
            ck_assert(moved(&r, &still, 2, TALUS_PART_WEIGHTS) > 0);
            free_run(&r), free_run(&still);
        }
}
END_TEST

/* The way back ends at the lowest layer that learns, whose bits are those of the whole way, which a look at the health goes;
 * and a stored gradient is 0 where nothing learns. With every layer frozen nothing moves. */
START_TEST(nothing_is_computed_below_what_learns)
{
    for (double clip = 0; clip < 2; clip += 1)
        for (int frozen = 0; frozen <= 3; frozen++) {
            talus_optimizer_spec spec;
            talus_optimizer_defaults(&spec, TALUS_ADAM);
            spec.clip_norm = clip;
            run r = make_run(&spec, 1, NULL), whole = make_run(&spec, 1, NULL);
            for (int l = 1; l <= frozen; l++) {
                expect_ok(r.context, talus_trainer_set_layer_factors(r.trainer, l, 0, 1));
                expect_ok(whole.context, talus_trainer_set_layer_factors(whole.trainer, l, 0, 1));
            }
            expect_ok(whole.context, talus_trainer_watch_health(whole.trainer, 1));
            for (int l = 1; l <= 3; l++)
                *(double *)r.trainer->workspace->levels[l].deltas = 42;
            for (int k = 0; k < 3; k++)
                train(&r), train(&whole);
            for (int l = 1; l <= 3; l++) {
                talus_health health;
                expect_ok(whole.context, talus_trainer_health(whole.trainer, l, &health));
                ck_assert_int_eq(health.gradient == 0, l <= frozen);
                ck_assert_int_eq(health.update == 0, l <= frozen);
                ck_assert_double_gt(health.parameters, 0);
                ck_assert_double_gt(health.delta, 0);
                ck_assert(moved(&r, &whole, l, TALUS_PART_WEIGHTS) == 0);
                ck_assert(moved(&r, &whole, l, TALUS_PART_BIASES) == 0);
                ck_assert_int_eq(*(double *)r.trainer->workspace->levels[l].deltas == 42,
                                 l <= frozen && l < 3);
            }
            free_run(&r), free_run(&whole);
        }
}
END_TEST

/* Weights and biases, all set to 1, with a gradient that vanishes: only the decay is left. */
START_TEST(weight_decay_spares_biases)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_GRADIENT_DESCENT);
    spec.rate = 0.5, spec.weight_decay = 0.25; /* 1 − η·λ = 7/8 */
    run r = make_run(&spec, 1, NULL);
    memset(r.x, 0, sizeof(double) * SAMPLES * INPUTS);
    talus_matrix w = part_of(&r, 1, TALUS_PART_WEIGHTS), b = part_of(&r, 1, TALUS_PART_BIASES);
    double *weights = w.data, *biases = b.data;
    expect_ok(r.context, talus_trainer_set_layer_factors(r.trainer, 3, 0, 1)); /* the others wait */
    for (int64_t i = 0; i < w.rows * w.cols; i++)
        weights[i] = 1;
    expect_ok(r.context, talus_trainer_set_part_factors(r.trainer, TALUS_PART_BIASES, 1, 0));
    for (int64_t i = 0; i < HIDDEN; i++)
        biases[i] = 100; /* tanh′ is 0 there */
    train(&r);
    ck_assert_double_eq(weights[7], 0.875);
    ck_assert_double_eq(biases[7], 100);
    expect_ok(r.context, talus_trainer_set_layer_factors(r.trainer, 1, 2, 2)); /* 1 − 2·η·2·λ = ½ */
    train(&r);
    ck_assert_double_eq(weights[7], 0.4375);
    ck_assert_double_eq(biases[7], 100);
    expect_ok(r.context, talus_trainer_set_part_factors(r.trainer, TALUS_PART_BIASES, 0.5, 1)); /* ¾ */
    expect_ok(r.context, talus_trainer_set_weight_decay(r.trainer, 0.25));
    train(&r);
    ck_assert_double_eq(biases[7], 75);
    free_run(&r);
}
END_TEST

START_TEST(bad_factors_of_trainers_are_refused)
{
    counting_allocator allocator = {0};
    run r = make_run(NULL, 1, &allocator);
    talus_trainer *t = r.trainer;
    expect_status(r.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_part_factors(NULL, 0, 1, 1));
    expect_status(r.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_layer_factors(NULL, 1, 1, 1));
    expect_status(r.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_weight_decay(NULL, 1));
    expect_status(r.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_part_factors(t, TALUS_PART_COUNT, 1, 1));
    expect_message(r.context, "set_part_factors: part must be one of the parts of a layer, got 5");
    expect_status(r.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_part_factors(t, -1, 1, 1));
    for (int layer = 0; layer <= 4; layer += 4) {
        expect_status(r.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_layer_factors(t, layer, 1, 1));
        expect_message(r.context, "set_layer_factors: layer must be 1 … 3, got");
    }
    expect_status(r.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_layer_factors(t, 1, NAN, 1));
    expect_message(r.context, "set_layer_factors: rate must be a finite number of at least 0, got nan");
    expect_status(r.context, TALUS_ERROR_ARGUMENT, talus_trainer_set_part_factors(t, 0, 1, -1));
    expect_message(r.context, "set_part_factors: decay must be a finite number of at least 0, got -1");
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&allocator, n);
        expect_status(r.context, TALUS_ERROR_MEMORY, talus_trainer_set_layer_factors(t, 1, 0, 1));
        expect_message(r.context, "set_layer_factors: the allocator returned no memory for factors");
    }
    allocator.fail_at = 0;
    run still = make_run(NULL, 1, NULL);
    train(&r); /* nothing is frozen */
    ck_assert(moved(&r, &still, 1, TALUS_PART_WEIGHTS) > 0);
    free_run(&r), free_run(&still);
    ck_assert_int_eq(allocator.alive, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("factors");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_loop_test(tests, ranges_step_as_if_alone, 0, TALUS_METHOD_COUNT);
    tcase_add_test(tests, frozen_gradients_do_not_count);
    tcase_add_test(tests, a_factor_may_be_too_large);
    tcase_add_test(tests, bad_factors_are_refused);
    tcase_add_test(tests, parts_and_layers_are_frozen_to_the_bit);
    tcase_add_test(tests, nothing_is_computed_below_what_learns);
    tcase_add_test(tests, weight_decay_spares_biases);
    tcase_add_test(tests, bad_factors_of_trainers_are_refused);
    return run_suite(suite);
}
