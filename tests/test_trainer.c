/* Trainers that are fitted again and go on where they stopped, their history, and what callbacks may do. */
#include "support.h"

enum { SAMPLES = 53, INPUTS = 4, BATCH_ROWS = 8, STEPS = 7 }; /* 7 steps an epoch: 6·8 + 5 */

static counting_allocator allocator;
static talus_context *context;
static talus_dataset *data, *fewer;
static double *x, *y;

static void setup(void)
{
    allocator = (counting_allocator){0};
    context = context_with(1, &allocator);
    x = random_array(1, SAMPLES * INPUTS);
    y = random_array(2, SAMPLES);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 1);
    expect_ok(context, talus_dataset_from_matrices(context, &in, &targets, &data));
    expect_ok(context, talus_dataset_slice(data, 0, 20, &fewer));
}

static void teardown(void)
{
    talus_dataset_destroy(fewer);
    talus_dataset_destroy(data);
    talus_context_destroy(context);
    ck_assert_int_eq(allocator.alive, 0);
    free(x), free(y);
}

/* A trainer with the network that it trains. */
typedef struct pupil {
    talus_network *network;
    talus_trainer *trainer;
    int64_t stop_after; /* steps of a fit; 0: never */
    int64_t steps;      /* that on_progress has seen */
    talus_progress last;
    talus_status status; /* of a call in a callback */
} pupil;

static pupil make_pupil(int64_t max_batch)
{
    pupil p = {.network = NULL};
    talus_layer layers[] = {talus_dense(6, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    expect_ok(context, talus_network_create(context, &spec, &p.network));
    expect_ok(context, talus_trainer_create(p.network, NULL, max_batch, &p.trainer));
    return p;
}

static void free_pupil(pupil *p)
{
    talus_trainer_destroy(p->trainer);
    talus_network_destroy(p->network);
}

static int count_step(const talus_progress *progress, void *user)
{
    pupil *p = user;
    p->steps++;
    p->last = *progress;
    return p->steps == p->stop_after;
}

static talus_fit_options options_for(pupil *p, int64_t epochs)
{
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = BATCH_ROWS, options.epochs = epochs, options.seed = 5;
    options.on_progress = count_step, options.user = p;
    return options;
}

static talus_fit_result fit(pupil *p, int64_t epochs)
{
    talus_fit_options options = options_for(p, epochs);
    talus_fit_result result;
    p->steps = 0;
    expect_ok(context, talus_trainer_fit(p->trainer, data, NULL, &options, &result));
    return result;
}

/* Parameters and history, but for the times. */
static void expect_equal(const pupil *a, const pupil *b)
{
    talus_matrix of_a, of_b;
    expect_ok(context, talus_network_parameters(a->network, &of_a));
    expect_ok(context, talus_network_parameters(b->network, &of_b));
    ck_assert_mem_eq(of_a.data, of_b.data, (size_t)of_a.cols * sizeof(float));
    ck_assert_int_eq(talus_trainer_epochs(a->trainer), talus_trainer_epochs(b->trainer));
    for (int64_t number = 1; number <= talus_trainer_epochs(a->trainer); number++) {
        talus_epoch epoch_a, epoch_b;
        expect_ok(context, talus_trainer_epoch(a->trainer, number, &epoch_a));
        expect_ok(context, talus_trainer_epoch(b->trainer, number, &epoch_b));
        ck_assert_int_eq(epoch_a.epoch, number);
        ck_assert_double_eq(epoch_a.cost, epoch_b.cost);
    }
}

START_TEST(fits_go_on_where_they_stopped)
{
    pupil whole = make_pupil(BATCH_ROWS), parts = make_pupil(BATCH_ROWS);
    talus_fit_result result = fit(&whole, 100);
    ck_assert_int_eq(result.steps, 100 * STEPS);
    ck_assert_int_eq(fit(&parts, 1).epochs, 1);
    ck_assert_int_eq(fit(&parts, 97).epochs, 97);
    result = fit(&parts, 2);
    ck_assert_int_eq(result.epochs, 2);
    ck_assert_int_eq(parts.last.epoch, 100);
    ck_assert_int_eq(parts.last.epochs, 100);
    expect_equal(&whole, &parts);
    free_pupil(&whole), free_pupil(&parts);
}
END_TEST

/* Stopped after each possible step, the last of an epoch included. */
START_TEST(epochs_go_on_where_they_stopped)
{
    pupil whole = make_pupil(BATCH_ROWS);
    (void)fit(&whole, 3);
    for (int64_t stop = 1; stop <= 2 * STEPS; stop++) {
        pupil parts = make_pupil(BATCH_ROWS);
        parts.stop_after = stop;
        talus_fit_result result = fit(&parts, 3);
        ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STOPPED);
        ck_assert_int_eq(result.steps, stop);
        ck_assert_int_eq(result.epochs, stop / STEPS);
        ck_assert_int_eq(talus_trainer_epochs(parts.trainer), stop / STEPS);
        parts.stop_after = 0;
        result = fit(&parts, 3 - stop / STEPS);
        ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
        ck_assert_int_eq(result.steps, 3 * STEPS - stop);
        expect_equal(&whole, &parts);
        free_pupil(&parts);
    }
    free_pupil(&whole);
}
END_TEST

START_TEST(another_number_of_samples_begins_the_epoch_anew)
{
    pupil p = make_pupil(SAMPLES);
    p.stop_after = 2;
    (void)fit(&p, 1);
    talus_fit_result result;
    expect_ok(context, talus_trainer_fit(p.trainer, fewer, fewer, NULL, &result));
    ck_assert_int_eq(result.epochs, 10);
    ck_assert_int_eq(result.steps, 10);
    ck_assert(isfinite(result.validation_cost));
    ck_assert_int_eq(talus_trainer_epochs(p.trainer), 10);
    free_pupil(&p);
}
END_TEST

/* A rate at which the network diverges, and then one at which it goes on from the parameters before. */
START_TEST(a_fit_that_diverged_goes_on)
{
    pupil p = make_pupil(BATCH_ROWS);
    expect_ok(context, talus_trainer_set_rate(p.trainer, 1e30));
    talus_fit_result result = fit(&p, 5);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_DIVERGED);
    ck_assert_int_eq(result.epochs, 0);
    ck_assert_double_nan(result.cost);
    expect_ok(context, talus_trainer_set_rate(p.trainer, 1e-3));
    expect_ok(context, talus_network_initialize(p.network, 1));
    ck_assert_int_eq(fit(&p, 2).outcome, TALUS_OUTCOME_COMPLETED);
    ck_assert_int_eq(talus_trainer_epochs(p.trainer), 2);
    free_pupil(&p);
}
END_TEST

START_TEST(fits_that_cannot_be)
{
    pupil p = make_pupil(BATCH_ROWS);
    talus_fit_options options = options_for(&p, 1);
    talus_optimizer_spec adam;
    talus_epoch epoch = {.epoch = 42};
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    options.optimizer = &adam;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_fit(NULL, data, NULL, NULL, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_fit(p.trainer, data, NULL, &options, NULL));
    expect_message(context, "fit: optimizer must be NULL, since the trainer has an optimiser");
    options.optimizer = NULL, options.batch = BATCH_ROWS + 1;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_fit(p.trainer, data, NULL, &options, NULL));
    expect_message(context, "fit: batch must be at most 8, the trainer's max_batch, got 9");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_fit(p.trainer, NULL, NULL, NULL, NULL));
    (void)fit(&p, 2);
    for (int64_t number = 0; number <= 3; number += 3) {
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_epoch(p.trainer, number, &epoch));
        expect_message(context, "number must be 1 … 2, got");
    }
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_epoch(p.trainer, 1, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_epoch(NULL, 1, &epoch));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_epoch_sized(p.trainer, 1, &epoch, 4));
    ck_assert_int_eq(epoch.epoch, 42);
    ck_assert_int_eq(talus_trainer_epochs(NULL), 0);
    free_pupil(&p);
}
END_TEST

/* The history grows before an epoch: what was trained until then stands, and the trainer can go on. */
START_TEST(a_history_without_memory_loses_nothing)
{
    pupil whole = make_pupil(BATCH_ROWS), parts = make_pupil(BATCH_ROWS);
    (void)fit(&whole, 70);
    (void)fit(&parts, 60);
    talus_fit_options options = options_for(&parts, 10);
    refuse_from_now(&allocator, 2); /* the order of the samples comes first */
    expect_status(context, TALUS_ERROR_MEMORY, talus_trainer_fit(parts.trainer, data, NULL, &options, NULL));
    expect_message(context, "a history of 128 epochs");
    allocator.fail_at = 0;
    ck_assert_int_eq(talus_trainer_epochs(parts.trainer), 64);
    (void)fit(&parts, 6);
    expect_equal(&whole, &parts);
    free_pupil(&whole), free_pupil(&parts);
}
END_TEST

/* In a callback: other calls work, a second fit or a step of the trainer is refused, and the rate may change. */
static int use_everything(const talus_progress *progress, void *user)
{
    pupil *p = user;
    double outputs[SAMPLES];
    talus_workspace *workspace;
    talus_metrics metrics;
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                 out = talus_matrix_view(outputs, TALUS_DTYPE_F64, SAMPLES, 1),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 1);
    (void)progress;
    expect_ok(context, talus_workspace_create(context, p->network, BATCH_ROWS, &workspace));
    expect_ok(context, talus_predict(p->network, workspace, &in, &out));
    expect_ok(context, talus_evaluate(p->network, workspace, data, &metrics));
    expect_ok(context, talus_trainer_set_rate(p->trainer, 1e-3));
    talus_workspace_destroy(workspace);
    expect_status(context, TALUS_ERROR_STATE, talus_trainer_fit(p->trainer, data, NULL, NULL, NULL));
    expect_message(context, "fit: the trainer must not be in a fit");
    expect_status(context, TALUS_ERROR_STATE, talus_trainer_step(p->trainer, BATCH(in, targets), NULL));
    expect_message(context, "step: the trainer must not be in a fit");
    p->steps++;
    return 0;
}

START_TEST(callbacks_may_make_other_calls)
{
    pupil plain = make_pupil(BATCH_ROWS), busy = make_pupil(BATCH_ROWS);
    (void)fit(&plain, 2);
    talus_fit_options options = options_for(&busy, 2);
    options.on_progress = use_everything;
    expect_ok(context, talus_trainer_fit(busy.trainer, data, NULL, &options, NULL));
    ck_assert_int_eq(busy.steps, 2 * STEPS);
    expect_equal(&plain, &busy);
    free_pupil(&plain), free_pupil(&busy);
}
END_TEST

static int stop_at_second(const talus_epoch *epoch, void *user)
{
    pupil *p = user;
    p->status = talus_trainer_epoch(p->trainer, epoch->epoch, &(talus_epoch){.epoch = 0});
    return epoch->epoch == 2;
}

START_TEST(an_epoch_stands_in_the_history_when_it_is_reported)
{
    pupil p = make_pupil(BATCH_ROWS);
    talus_fit_options options = options_for(&p, 5);
    talus_fit_result result;
    options.on_epoch = stop_at_second;
    p.status = TALUS_ERROR_STATE;
    expect_ok(context, talus_trainer_fit(p.trainer, data, data, &options, &result));
    ck_assert_int_eq(p.status, TALUS_OK);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STOPPED);
    ck_assert_int_eq(result.epochs, 2);
    ck_assert_int_eq(talus_trainer_epochs(p.trainer), 2);
    free_pupil(&p);
}
END_TEST

/* talus_fit is a trainer that is made, fitted and destroyed. */
START_TEST(one_call_makes_the_same_steps)
{
    pupil p = make_pupil(BATCH_ROWS), other = make_pupil(BATCH_ROWS);
    talus_fit_result result = fit(&p, 3), of_call;
    talus_fit_options options = options_for(&other, 3);
    expect_ok(context, talus_fit(other.network, data, NULL, &options, &of_call));
    ck_assert_double_eq(of_call.cost, result.cost);
    ck_assert_int_eq(of_call.steps, result.steps);
    ck_assert_int_eq(talus_trainer_epochs(other.trainer), 0);
    talus_matrix a, b;
    expect_ok(context, talus_network_parameters(p.network, &a));
    expect_ok(context, talus_network_parameters(other.network, &b));
    ck_assert_mem_eq(a.data, b.data, (size_t)a.cols * sizeof(float));
    free_pupil(&p), free_pupil(&other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trainer");
    TCase *all = tcase_create("trainer");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, fits_go_on_where_they_stopped);
    tcase_add_test(all, epochs_go_on_where_they_stopped);
    tcase_add_test(all, another_number_of_samples_begins_the_epoch_anew);
    tcase_add_test(all, a_fit_that_diverged_goes_on);
    tcase_add_test(all, fits_that_cannot_be);
    tcase_add_test(all, a_history_without_memory_loses_nothing);
    tcase_add_test(all, callbacks_may_make_other_calls);
    tcase_add_test(all, an_epoch_stands_in_the_history_when_it_is_reported);
    tcase_add_test(all, one_call_makes_the_same_steps);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
