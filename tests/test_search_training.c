/* Training by methods that search along lines: the steps are those of talus_minimize on the cost of the batch; batches may
 * change; errors and costs that are not finite change nothing; nothing is allocated. */
#include "fixture.h"

enum { SAMPLES = 48, HALF = SAMPLES / 2, INPUTS = 4, OUTPUTS = 2, STEPS = 12 };

static double x[SAMPLES * INPUTS], y[SAMPLES * OUTPUTS];

static void fill(void)
{
    number_stream stream = numbers_from(5);
    for (int i = 0; i < SAMPLES * INPUTS; i++)
        x[i] = next_number(&stream);
    for (int i = 0; i < SAMPLES; i++) {
        y[i * OUTPUTS] = sin(2 * x[i * INPUTS]) + x[i * INPUTS + 1];
        y[i * OUTPUTS + 1] = x[i * INPUTS + 2] * x[i * INPUTS + 3];
    }
}

/* Samples first … first + count − 1. */
static talus_batch batch_at(int first, int count)
{
    return talus_batch_of(talus_matrix_view(x + first * INPUTS, TALUS_DTYPE_F64, count, INPUTS),
                          talus_matrix_view(y + first * OUTPUTS, TALUS_DTYPE_F64, count, OUTPUTS));
}

static talus_trainer *train_by(talus_network *net, int method)
{
    talus_trainer *trainer;
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, method);
    expect_ok(context, talus_trainer_create(net, &spec, SAMPLES, &trainer));
    return trainer;
}

static int methods_from(int i)
{
    return i % 2 == 0 ? TALUS_LBFGS : TALUS_CONJUGATE_GRADIENT;
}

/* The cost of all samples as a function of the parameters of a network. */
typedef struct cost_function {
    talus_network *net;
    talus_workspace *workspace;
} cost_function;

static int cost_of(const talus_matrix *at, double *value, const talus_matrix *gradient, void *user)
{
    cost_function *f = user;
    talus_batch all = batch_at(0, SAMPLES);
    (void)at; /* is the network's parameters */
    expect_ok(context, talus_gradient(f->net, f->workspace, &all, value, gradient));
    return 0;
}

START_TEST(steps_are_iterations_of_a_minimisation)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        talus_network *net = two_layers(precision, INPUTS, 7, OUTPUTS, TALUS_IDENTITY);
        cost_function f = {.net = two_layers(precision, INPUTS, 7, OUTPUTS, TALUS_IDENTITY)};
        talus_trainer *trainer = train_by(net, methods_from(_i));
        talus_batch all = batch_at(0, SAMPLES);
        talus_matrix parameters;
        talus_optimizer_spec spec;
        talus_minimize_options options;
        talus_minimize_result result;
        double history[STEPS + 1][3], cost;
        talus_matrix rows = talus_matrix_view(history, TALUS_DTYPE_F64, STEPS + 1, 3);
        talus_optimizer_defaults(&spec, methods_from(_i));
        talus_minimize_options_defaults(&options);
        options.optimizer = &spec, options.iterations = STEPS, options.history = &rows;
        options.gradient_tolerance = 0;
        expect_ok(context, talus_workspace_create(context, f.net, SAMPLES, &f.workspace));
        expect_ok(context, talus_network_parameters(f.net, &parameters));
        expect_ok(context, talus_minimize(context, cost_of, &f, &parameters, &options, &result));
        ck_assert_int_eq(result.outcome, TALUS_OUTCOME_LIMIT);
        for (int step = 0; step < STEPS; step++) {
            expect_ok(context, talus_trainer_step(trainer, &all, &cost));
            ck_assert_double_eq(cost, history[step][0]);
        }
        same_parameters(net, f.net);
        ck_assert_int_eq(talus_trainer_steps(trainer), STEPS);
        talus_workspace_destroy(f.workspace);
        talus_trainer_destroy(trainer);
        talus_network_destroy(net);
        talus_network_destroy(f.net);
    }
}
END_TEST

static double cost_at(talus_network *net, const talus_batch *batch)
{
    talus_workspace *workspace;
    double cost;
    expect_ok(context, talus_workspace_create(context, net, SAMPLES, &workspace));
    expect_ok(context, talus_gradient(net, workspace, batch, &cost, NULL));
    talus_workspace_destroy(workspace);
    return cost;
}

/* A step on either half lowers the cost of that half, and in the end that of all. */
START_TEST(batches_may_change_between_steps)
{
    talus_network *net = two_layers(TALUS_DTYPE_F64, INPUTS, 7, OUTPUTS, TALUS_IDENTITY);
    talus_trainer *trainer = train_by(net, methods_from(_i));
    talus_batch all = batch_at(0, SAMPLES);
    double before = cost_at(net, &all), cost;
    for (int step = 0; step < 20; step++) {
        talus_batch half = batch_at(step % 2 * HALF, HALF);
        double at_first = cost_at(net, &half);
        expect_ok(context, talus_trainer_step(trainer, &half, &cost));
        ck_assert_double_eq(cost, at_first);
        ck_assert_double_lt(cost_at(net, &half), cost);
    }
    ck_assert_double_lt(cost_at(net, &all), before / 4);
    talus_trainer_destroy(trainer);
    talus_network_destroy(net);
}
END_TEST

/* A linear network has one minimum, where the gradient is 0 to rounding; there steps change nothing more. */
START_TEST(at_a_minimum_steps_change_nothing)
{
    talus_layer layer = talus_dense(OUTPUTS, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(INPUTS, &layer, 1, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *net;
    talus_workspace *workspace;
    expect_ok(context, talus_network_create(context, &spec, &net));
    expect_ok(context, talus_workspace_create(context, net, SAMPLES, &workspace));
    talus_trainer *trainer = train_by(net, methods_from(_i));
    talus_batch all = batch_at(0, SAMPLES);
    double g[(INPUTS + 1) * OUTPUTS], cost, later;
    talus_matrix gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, (INPUTS + 1) * OUTPUTS);
    for (int step = 0; step < 100; step++)
        expect_ok(context, talus_trainer_step(trainer, &all, NULL));
    expect_ok(context, talus_gradient(net, workspace, &all, &cost, &gradient));
    ck_assert_double_le(largest(g, gradient.cols),
                        1e-8); /* √ε: where rounding hides that the cost still falls */
    for (int step = 0; step < 3; step++)
        expect_ok(context, talus_trainer_step(trainer, &all, &later));
    ck_assert_double_eq_tol(later, cost, 4e-16 * SAMPLES * cost);
    talus_trainer_destroy(trainer);
    talus_workspace_destroy(workspace);
    talus_network_destroy(net);
}
END_TEST

/* The batch with one bad input is refused; targets too large for the square give a cost that is not finite. */
START_TEST(steps_that_cannot_be_made_change_nothing)
{
    static double bad[SAMPLES * INPUTS], huge[SAMPLES * OUTPUTS];
    talus_network *net = two_layers(TALUS_DTYPE_F64, INPUTS, 7, OUTPUTS, TALUS_IDENTITY);
    talus_network *twin = two_layers(TALUS_DTYPE_F64, INPUTS, 7, OUTPUTS, TALUS_IDENTITY);
    talus_trainer *trainer = train_by(net, methods_from(_i)), *other = train_by(twin, methods_from(_i));
    talus_batch all = batch_at(0, SAMPLES), with_bad = all, too_large = all;
    memcpy(bad, x, sizeof bad), memcpy(huge, y, sizeof huge);
    bad[17] = NAN, huge[3] = 1e200;
    with_bad.inputs.data = bad, too_large.targets.data = huge;
    expect_ok(context, talus_trainer_watch_health(trainer, 2));
    double cost = 0;
    for (int step = 0; step < 4; step++) {
        expect_status(context, TALUS_ERROR_DATA, talus_trainer_step(trainer, &with_bad, NULL));
        expect_ok(context, talus_trainer_step(trainer, &too_large, &cost));
        ck_assert(!isfinite(cost));
        ck_assert_int_eq(talus_trainer_steps(trainer), step);
        same_parameters(net, twin);
        expect_ok(context, talus_trainer_step(trainer, &all, NULL));
        expect_ok(context, talus_trainer_step(other, &all, NULL));
        same_parameters(net, twin);
    }
    talus_non_finite found;
    talus_health health;
    expect_ok(context, talus_trainer_non_finite(trainer, &found));
    ck_assert_int_eq(found.found, 1);
    expect_ok(context, talus_trainer_health(trainer, 1, &health));
    ck_assert(health.gradient > 0 && health.update > 0);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_set_rate(trainer, 0.1));
    talus_trainer_destroy(trainer), talus_trainer_destroy(other);
    talus_network_destroy(net), talus_network_destroy(twin);
}
END_TEST

/* In f32 the gradient may overflow where the cost does not: no step, and the gradient is named. */
START_TEST(a_gradient_that_overflows_is_no_step)
{
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(1, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *net;
    talus_matrix parameters;
    expect_ok(context, talus_network_create(context, &spec, &net));
    expect_ok(context, talus_network_parameters(net, &parameters));
    float *w = parameters.data, one = 1e20f, zero = 0;
    double cost;
    w[0] = 1e10f;
    talus_trainer *trainer = train_by(net, methods_from(_i));
    talus_batch batch = talus_batch_of(talus_matrix_view(&one, TALUS_DTYPE_F32, 1, 1),
                                       talus_matrix_view(&zero, TALUS_DTYPE_F32, 1, 1));
    expect_ok(context, talus_trainer_step(trainer, &batch, &cost));
    ck_assert(!isfinite(cost) && w[0] == 1e10f);
    talus_non_finite found;
    expect_ok(context, talus_trainer_non_finite(trainer, &found));
    ck_assert_int_eq(found.operand, TALUS_OPERAND_GRADIENT);
    talus_trainer_destroy(trainer);
    talus_network_destroy(net);
}
END_TEST

/* The longest norm of a unit's weights holds after every step. */
START_TEST(constraints_hold_after_a_step)
{
    talus_layer layers[2] = {talus_dense(5, TALUS_TANH), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    layers[0].max_norm = 0.5;
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *net;
    talus_matrix weights;
    expect_ok(context, talus_network_create(context, &spec, &net));
    talus_trainer *trainer = train_by(net, methods_from(_i));
    talus_batch all = batch_at(0, SAMPLES);
    for (int step = 0; step < STEPS; step++)
        expect_ok(context, talus_trainer_step(trainer, &all, NULL));
    expect_ok(context, talus_network_weights(net, NULL, 1, &weights));
    double longest = 0;
    for (int64_t i = 0; i < weights.rows; i++) {
        const double *row = (const double *)weights.data + i * weights.stride;
        double squares = 0;
        for (int j = 0; j < INPUTS; j++)
            squares += row[j] * row[j];
        longest = fmax(longest, sqrt(squares));
    }
    ck_assert_double_le(longest, 0.5 * (1 + 1e-15 * INPUTS));
    ck_assert_double_ge(longest, 0.5 * (1 - 1e-15 * INPUTS)); /* it was needed */
    talus_trainer_destroy(trainer);
    talus_network_destroy(net);
}
END_TEST

/* Trains until a step finds nothing lower, which leaves running statistics as they are, too: those of its last trial are not the
 * network's. False if none of 500 does. */
static bool stalls(int method)
{
    talus_layer layer = talus_dense(OUTPUTS, TALUS_IDENTITY);
    layer.normalization = TALUS_NORMALIZATION_BATCH;
    talus_network_spec spec = talus_dense_network(INPUTS, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *net;
    talus_matrix parameters, means, variances;
    expect_ok(context, talus_network_create(context, &spec, &net));
    expect_ok(context, talus_network_parameters(net, &parameters));
    expect_ok(context, talus_network_statistics(net, 1, &means, &variances));
    talus_trainer *trainer = train_by(net, method);
    talus_batch all = batch_at(0, SAMPLES);
    const size_t bytes = (size_t)parameters.cols * sizeof(float);
    float *before = malloc(bytes);
    double moments[2][OUTPUTS];
    bool stalled = false;
    for (int step = 0; !stalled && step < 500; step++) {
        memcpy(before, parameters.data, bytes);
        memcpy(moments[0], means.data, sizeof moments[0]);
        memcpy(moments[1], variances.data, sizeof moments[1]);
        expect_ok(context, talus_trainer_step(trainer, &all, NULL));
        stalled = memcmp(before, parameters.data, bytes) == 0;
        ck_assert_int_eq(memcmp(moments[0], means.data, sizeof moments[0]) == 0, stalled);
        ck_assert_int_eq(memcmp(moments[1], variances.data, sizeof moments[1]) == 0, stalled);
    }
    free(before);
    talus_trainer_destroy(trainer);
    talus_network_destroy(net);
    return stalled;
}

/* By rounding, a method may go round and round where another has stalled. */
START_TEST(statistics_move_with_steps_only)
{
    int count = 0;
    for (int i = 0; i < 2; i++)
        count += stalls(methods_from(i));
    ck_assert_int_ge(count, 1);
}
END_TEST

static talus_dataset *all_samples(void)
{
    talus_batch all = batch_at(0, SAMPLES);
    return dataset_of(&all.inputs, &all.targets);
}

static talus_fit_result fit_for(talus_trainer *trainer, const talus_dataset *data, int64_t epochs,
                                int (*on_epoch)(const talus_epoch *, void *), void *user)
{
    talus_fit_options options;
    talus_fit_result result;
    talus_fit_options_defaults(&options);
    options.epochs = epochs, options.on_epoch = on_epoch, options.user = user;
    expect_ok(context, talus_trainer_fit(trainer, data, NULL, &options, &result));
    return result;
}

/* By default all samples are in each step, in their order, so that fits are steps on the whole batch; where a fit knows the
 * cost of its next step already, it makes the same steps as one that has to find it. */
START_TEST(a_fit_is_steps_on_all_samples)
{
    talus_dataset *data = all_samples();
    talus_network *nets[3];
    talus_trainer *trainers[3];
    for (int i = 0; i < 3; i++) {
        nets[i] = two_layers(TALUS_DTYPE_F32, INPUTS, 7, OUTPUTS, TALUS_IDENTITY);
        trainers[i] = train_by(nets[i], methods_from(_i));
    }
    talus_batch all = batch_at(0, SAMPLES);
    double cost = 0;
    for (int step = 0; step < STEPS; step++)
        expect_ok(context, talus_trainer_step(trainers[0], &all, &cost));
    talus_fit_result result = fit_for(trainers[1], data, STEPS, NULL, NULL);
    ck_assert_int_eq(result.steps, STEPS);
    ck_assert_double_eq(result.cost, cost);
    same_parameters(nets[0], nets[1]);
    fit_for(trainers[2], data, 2, NULL, NULL);
    fit_for(trainers[2], data, STEPS - 2, NULL, NULL);
    same_parameters(nets[0], nets[2]);
    for (int i = 0; i < 3; i++) {
        talus_trainer_destroy(trainers[i]);
        talus_network_destroy(nets[i]);
    }
    talus_dataset_destroy(data);
}
END_TEST

/* A callback that doubles the parameters after the third epoch, and keeps the cost at which the fourth begins. */
typedef struct meddling {
    talus_network *net;
    double expected, found;
} meddling;

static int meddle(const talus_epoch *epoch, void *user)
{
    meddling *m = user;
    talus_matrix parameters;
    talus_batch all = batch_at(0, SAMPLES);
    expect_ok(context, talus_network_parameters(m->net, &parameters));
    for (int64_t i = 0; epoch->epoch == 3 && i < parameters.cols; i++)
        ((double *)parameters.data)[i] *= 2;
    if (epoch->epoch == 3)
        m->expected = cost_at(m->net, &all);
    if (epoch->epoch == 4)
        m->found = epoch->cost;
    return 0;
}

START_TEST(parameters_that_a_callback_changes_are_seen)
{
    talus_dataset *data = all_samples();
    talus_network *net = two_layers(TALUS_DTYPE_F64, INPUTS, 7, OUTPUTS, TALUS_IDENTITY);
    talus_trainer *trainer = train_by(net, methods_from(_i));
    meddling m = {.net = net};
    fit_for(trainer, data, 5, meddle, &m);
    ck_assert_double_eq(m.found, m.expected);
    talus_trainer_destroy(trainer);
    talus_network_destroy(net);
    talus_dataset_destroy(data);
}
END_TEST

/* With dropout each step has a cost of its own, and its trials have the same masks: it still goes down. */
START_TEST(masks_stay_within_a_step)
{
    talus_layer layers[2] = {talus_dense(12, TALUS_TANH), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    layers[0].dropout = 0.2;
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_network *net;
    expect_ok(context, talus_network_create(context, &spec, &net));
    talus_trainer *trainer = train_by(net, methods_from(_i));
    talus_dataset *data = all_samples();
    talus_batch all = batch_at(0, SAMPLES);
    double before = cost_at(net, &all);
    talus_fit_result result = fit_for(trainer, data, 20, NULL, NULL);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
    ck_assert_double_lt(cost_at(net, &all), before / 2);
    talus_trainer_destroy(trainer);
    talus_network_destroy(net);
    talus_dataset_destroy(data);
}
END_TEST

START_TEST(steps_allocate_nothing_and_trainers_say_that_there_is_no_memory)
{
    for (int fail_at = 1; fail_at > 0; fail_at++) {
        counting_allocator few = {0};
        talus_context *own = context_with(1, &few);
        talus_layer layer = talus_dense(OUTPUTS, TALUS_TANH);
        talus_network_spec spec = talus_dense_network(INPUTS, &layer, 1, TALUS_SQUARED_ERROR);
        talus_network *net;
        talus_trainer *trainer = NULL;
        talus_optimizer_spec method;
        talus_batch all = batch_at(0, SAMPLES);
        talus_optimizer_defaults(&method, methods_from(_i));
        expect_ok(own, talus_network_create(own, &spec, &net));
        refuse_from_now(&few, fail_at);
        talus_status status = talus_trainer_create(net, &method, SAMPLES, &trainer);
        if (status == TALUS_OK) {
            int64_t calls = few.calls;
            for (int step = 0; step < STEPS; step++)
                expect_ok(own, talus_trainer_step(trainer, &all, NULL));
            ck_assert_int_eq(few.calls, calls);
            ck_assert_int_ge(fail_at, 6); /* trainer, optimiser, workspace, minimiser, its vectors */
            fail_at = -1;
        } else {
            ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
            expect_message(own, "no memory");
        }
        talus_trainer_destroy(trainer);
        talus_network_destroy(net);
        talus_context_destroy(own);
        ck_assert_int_eq(few.alive, 0);
    }
}
END_TEST

int main(void)
{
    fill();
    Suite *suite = suite_create("training by searches");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_loop_test(tests, steps_are_iterations_of_a_minimisation, 0, 2);
    tcase_add_loop_test(tests, batches_may_change_between_steps, 0, 2);
    tcase_add_loop_test(tests, at_a_minimum_steps_change_nothing, 0, 2);
    tcase_add_loop_test(tests, steps_that_cannot_be_made_change_nothing, 0, 2);
    tcase_add_loop_test(tests, a_gradient_that_overflows_is_no_step, 0, 2);
    tcase_add_loop_test(tests, constraints_hold_after_a_step, 0, 2);
    tcase_add_test(tests, statistics_move_with_steps_only);
    tcase_add_loop_test(tests, a_fit_is_steps_on_all_samples, 0, 2);
    tcase_add_loop_test(tests, parameters_that_a_callback_changes_are_seen, 0, 2);
    tcase_add_loop_test(tests, masks_stay_within_a_step, 0, 2);
    tcase_add_loop_test(tests, steps_allocate_nothing_and_trainers_say_that_there_is_no_memory, 0, 2);
    return run_suite(suite);
}
