/* Training on streams: the same bits as on matrices with the same numbers. */
#include <stdio.h>
#include <unistd.h>

#include "stream_support.h"

/* Of each test: numbers that stand in memory, and are freed with it. */
static void begin(void)
{
    begin_counted();
}

static void end(void)
{
    end_counted();
    free_numbers();
}

/* Fits ----------------------------------------------------------------------------------------------------- */

enum { EPOCHS = 3, MAX_BATCH = N };

/* A fit to be made both ways. */
typedef struct variant {
    const char *name;
    int precision, inputs, targets; /* dtypes */
    bool resident, validated, weighted;
    int method;
    void (*set)(talus_fit_options *options); /* NULL: defaults */
} variant;

static void in_order(talus_fit_options *options)
{
    options->shuffle = 0;
}

static void in_chunks(talus_fit_options *options)
{
    options->shuffle_chunk = 4;
    options->shuffle_window = 3;
}

static void with_split(talus_fit_options *options)
{
    options->validation_split = 0.25;
    options->patience = 2;
}

static void on_several_batches(talus_fit_options *options)
{
    options->accumulate = 3;
    options->least_gradient_norm = 1e-9;
}

static void averaged(talus_fit_options *options)
{
    options->average = 0.9;
    options->keep_average = 1;
}

static void looked_at(talus_fit_options *options)
{
    options->health_every = 2;
    options->accumulate = 2;
}

static void full(talus_fit_options *options)
{
    options->batch = TALUS_FULL_BATCH;
}

static void retried(talus_fit_options *options)
{
    options->retries = 2;
}

static const variant variants[] = {
    {"shuffled", 0, TALUS_DTYPE_F32, TALUS_DTYPE_F32, false, false, false, TALUS_ADAM, NULL},
    {"in order", 1, TALUS_DTYPE_F64, TALUS_DTYPE_F64, false, false, false, TALUS_ADAM, in_order},
    {"bytes", 0, TALUS_DTYPE_U8, TALUS_DTYPE_U8, false, true, false, TALUS_ADAM, NULL},
    {"labels", 0, TALUS_DTYPE_U8, TALUS_DTYPE_I32, false, true, false, TALUS_ADAM, NULL},
    {"resident labels", 0, TALUS_DTYPE_F64, TALUS_DTYPE_I32, true, false, false, TALUS_ADAM, with_split},
    {"resident values", 1, TALUS_DTYPE_F32, TALUS_DTYPE_F64, true, true, false, TALUS_ADAM, in_chunks},
    {"chunks", 0, TALUS_DTYPE_F64, TALUS_DTYPE_F32, false, true, false, TALUS_ADAM, in_chunks},
    {"split", 1, TALUS_DTYPE_F32, TALUS_DTYPE_F64, false, false, false, TALUS_ADAM, with_split},
    {"accumulated", 0, TALUS_DTYPE_F32, TALUS_DTYPE_F32, false, true, false, TALUS_ADAM, on_several_batches},
    {"average", 1, TALUS_DTYPE_F64, TALUS_DTYPE_U8, false, true, false, TALUS_ADAM, averaged},
    {"weights", 0, TALUS_DTYPE_F32, TALUS_DTYPE_F32, false, false, true, TALUS_ADAM, NULL},
    {"weights of several batches", 1, TALUS_DTYPE_F32, TALUS_DTYPE_I32, false, false, true, TALUS_ADAM,
     on_several_batches},
    {"health", 0, TALUS_DTYPE_F32, TALUS_DTYPE_F32, false, false, false, TALUS_ADAM, looked_at},
    {"full batch", 1, TALUS_DTYPE_F32, TALUS_DTYPE_F64, false, false, false, TALUS_ADAM, full},
    {"lbfgs", 1, TALUS_DTYPE_F64, TALUS_DTYPE_F64, false, true, false, TALUS_LBFGS, full},
    {"lbfgs on labels", 0, TALUS_DTYPE_U8, TALUS_DTYPE_I32, false, false, false, TALUS_LBFGS, full},
    {"schedule-free", 0, TALUS_DTYPE_F32, TALUS_DTYPE_F32, false, true, false, TALUS_SCHEDULE_FREE, NULL},
    {"retries", 0, TALUS_DTYPE_F32, TALUS_DTYPE_F32, false, false, false, TALUS_GRADIENT_DESCENT, retried},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

typedef struct outcome {
    talus_network *network;
    talus_epoch epochs[EPOCHS];
    talus_fit_result result;
} outcome;

static outcome fit(const variant *v, talus_dataset *training, talus_dataset *validation)
{
    outcome made = {.network = network_for(v->precision, v->targets)};
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, v->method);
    if (v->set == retried)
        optimizer.rate = 1e30;
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = BATCH;
    options.epochs = EPOCHS;
    options.seed = 5;
    if (v->set != NULL)
        v->set(&options);
    talus_trainer *trainer = NULL;
    expect_ok(context, talus_trainer_create(made.network, &optimizer, MAX_BATCH, &trainer));
    expect_ok(context, talus_trainer_fit(trainer, training, validation, &options, &made.result));
    for (int64_t i = 0; i < talus_trainer_epochs(trainer) && i < EPOCHS; i++)
        expect_ok(context, talus_trainer_epoch(trainer, i + 1, &made.epochs[i]));
    talus_trainer_destroy(trainer);
    return made;
}

static void same_number(double a, double b)
{
    ck_assert_msg(a == b || (isnan(a) && isnan(b)), "%.17g is not %.17g", a, b);
}

static void same_outcomes(const outcome *a, const outcome *b)
{
    same_parameters(a->network, b->network);
    ck_assert_int_eq(a->result.outcome, b->result.outcome);
    ck_assert_int_eq(a->result.steps, b->result.steps);
    ck_assert_int_eq(a->result.diverged_layer, b->result.diverged_layer);
    for (int i = 0; i < EPOCHS; i++) {
        same_number(a->epochs[i].cost, b->epochs[i].cost);
        same_number(a->epochs[i].validation_cost, b->epochs[i].validation_cost);
        same_number(a->epochs[i].validation_cost_error, b->epochs[i].validation_cost_error);
        same_number(a->epochs[i].validation_accuracy, b->epochs[i].validation_accuracy);
        same_number(a->epochs[i].gradient_norm, b->epochs[i].gradient_norm);
    }
}

static void weigh(talus_dataset *dataset)
{
    talus_matrix weights = numbers_of(TALUS_DTYPE_F64, 9, N, 1);
    expect_ok(context, talus_dataset_set_weights(dataset, &weights));
}

START_TEST(a_fit_has_the_same_bits)
{
    const variant *v = &variants[_i];
    source from = source_of(v->inputs, v->targets, 1, N),
           others = source_of(v->inputs, v->targets, 3, HELD_OUT);
    talus_dataset *whole = matrices_of(&from), *held_out = matrices_of(&others);
    talus_dataset *streamed = stream_of(&from, v->resident), *streamed_out = stream_of(&others, v->resident);
    if (v->weighted)
        weigh(whole), weigh(streamed);
    outcome expected = fit(v, whole, v->validated ? held_out : NULL);
    ck_assert_int_eq(from.calls, 0);
    outcome got = fit(v, streamed, v->validated ? streamed_out : NULL);
    same_outcomes(&expected, &got);
    if (v->set == NULL) { /* each sample once an epoch, batch by batch */
        ck_assert_int_eq(from.samples, got.result.epochs * N);
        ck_assert_int_eq(from.most, BATCH);
        ck_assert_int_eq(others.samples, v->validated ? got.result.epochs * HELD_OUT : 0);
    }
    talus_network_destroy(expected.network), talus_network_destroy(got.network);
    talus_dataset_destroy(streamed_out), talus_dataset_destroy(streamed);
    talus_dataset_destroy(held_out), talus_dataset_destroy(whole);
}
END_TEST

/* A step of several batches that cannot be made is read again, to see where: the same layer and operand are found. */
START_TEST(a_step_that_diverges_is_found_in_its_batch)
{
    source from = source_of(TALUS_DTYPE_F64, TALUS_DTYPE_F64, 1, N);
    double *y = from.y.data;
    y[20 * OUTPUTS] = 1e200; /* whose square is no number: in the third batch */
    talus_dataset *of[] = {matrices_of(&from), stream_of(&from, false)};
    talus_non_finite found[2];
    for (int k = 0; k < 2; k++) {
        talus_network *network = network_for(TALUS_DTYPE_F64, TALUS_DTYPE_F64);
        talus_trainer *trainer = NULL;
        talus_fit_options options;
        talus_fit_options_defaults(&options);
        options.batch = BATCH, options.accumulate = 4, options.shuffle = 0;
        expect_ok(context, talus_trainer_create(network, NULL, BATCH, &trainer));
        expect_ok(context, talus_trainer_fit(trainer, of[k], NULL, &options, NULL));
        expect_ok(context, talus_trainer_non_finite(trainer, &found[k]));
        talus_trainer_destroy(trainer);
        talus_network_destroy(network);
        talus_dataset_destroy(of[k]);
    }
    ck_assert_int_eq(found[0].found, 1);
    ck_assert_int_eq(found[0].layer, found[1].layer);
    ck_assert_int_eq(found[0].operand, found[1].operand);
    ck_assert_int_eq(found[0].row, found[1].row);
    ck_assert_int_eq(from.samples, 6 * BATCH); /* batches 1, 2, 3, and again */
}
END_TEST

/* A fit that was stopped and resumed with the data set of a new stream ends with the bits of one that was not. */
START_TEST(a_checkpoint_goes_on_with_a_stream)
{
    char folder[] = "/tmp/talus-stream-XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/c", folder);
    source from = source_of(TALUS_DTYPE_F32, TALUS_DTYPE_I32, 1, N);
    talus_dataset *first = stream_of(&from, false), *second = stream_of(&from, false);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = BATCH;
    options.epochs = 4;
    talus_network *whole = network_for(0, TALUS_DTYPE_I32), *halved = network_for(0, TALUS_DTYPE_I32);
    expect_ok(context, talus_fit(whole, first, NULL, &options, NULL));
    options.max_steps = 13; /* within the second epoch */
    options.checkpoint = path;
    expect_ok(context, talus_fit(halved, first, NULL, &options, NULL));
    talus_network *resumed = NULL;
    talus_trainer *trainer = NULL;
    expect_ok(context, talus_checkpoint_resume(context, path, &resumed, &trainer, &options));
    options.max_steps = 0;
    options.checkpoint = NULL;
    expect_ok(context, talus_trainer_fit(trainer, second, NULL, &options, NULL));
    same_parameters(whole, resumed);
    talus_trainer_destroy(trainer);
    talus_network_destroy(resumed), talus_network_destroy(halved), talus_network_destroy(whole);
    talus_dataset_destroy(second), talus_dataset_destroy(first);
    (void)remove(path);
    (void)snprintf(path, sizeof path, "%s/c.1", folder);
    (void)remove(path);
    ck_assert_int_eq(remove(folder), 0);
}
END_TEST

/* Data that is never held ---------------------------------------------------------------------------------- */

/* A fit on samples that are made up: what it has asked for. */
typedef struct made_up {
    int64_t samples, next;
    int64_t before, in_steps; /* allocations before the last step, and between steps */
} made_up;

/* y = x₀ − 2·x₁, at points made from the row. */
static int make_up(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    float *x = inputs, *y = targets;
    made_up *of = user;
    for (int64_t i = 0; i < count; i++) {
        ck_assert_int_eq(rows[i], of->next); /* as they stand */
        of->next = (rows[i] + 1) % of->samples;
        x[2 * i] = (float)(rows[i] * 7919 % 1000) / 1000;
        x[2 * i + 1] = (float)(rows[i] * 104729 % 997) / 997;
        y[i] = x[2 * i] - 2 * x[2 * i + 1];
    }
    return 0;
}

static int count_allocations(const talus_progress *progress, void *user)
{
    made_up *of = user;
    if (progress->sample > 1000)
        of->in_steps += book.calls - of->before;
    of->before = book.calls;
    return 0;
}

static void fit_made_up(talus_network *network, made_up *of)
{
    talus_dataset *dataset = NULL;
    talus_stream stream = {.samples = of->samples, .inputs = 2, .targets = 1, .read = make_up, .user = of};
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, TALUS_ADAM);
    optimizer.rate = 0.02;
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = 1000, options.epochs = 1, options.shuffle = 0;
    options.optimizer = &optimizer;
    options.on_progress = count_allocations;
    options.user = of;
    expect_ok(context, talus_dataset_from_stream(context, &stream, &dataset));
    expect_ok(context, talus_fit(network, dataset, NULL, &options, NULL));
    ck_assert_int_eq(of->in_steps, 0);
    talus_dataset_destroy(dataset);
}

/* A fit on a million samples allocates what one on two thousand does. */
START_TEST(data_that_is_made_up_takes_the_memory_of_a_batch)
{
    made_up few = {.samples = 2000}, many = {.samples = 1000000};
    talus_layer layer = {.width = 1};
    talus_network_spec spec = {.inputs = 2, .layers = &layer, .layer_count = 1};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    int64_t calls = book.calls;
    fit_made_up(network, &few);
    const int64_t calls_of_few = book.calls - calls;
    const size_t largest_of_few = book.largest;
    book.largest = 0;
    calls = book.calls;
    fit_made_up(network, &many);
    ck_assert_int_eq(book.calls - calls, calls_of_few);
    ck_assert_uint_eq(book.largest, largest_of_few);
    talus_matrix w;
    expect_ok(context, talus_network_weights(network, NULL, 1, &w));
    ck_assert_float_eq_tol(((float *)w.data)[0], 1, 1e-3F);
    ck_assert_float_eq_tol(((float *)w.data)[1], -2, 1e-3F);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_loop_test(tests, a_fit_has_the_same_bits, 0, VARIANTS);
    tcase_add_test(tests, a_step_that_diverges_is_found_in_its_batch);
    tcase_add_test(tests, a_checkpoint_goes_on_with_a_stream);
    tcase_add_test(tests, data_that_is_made_up_takes_the_memory_of_a_batch);
    return run_suite(suite);
}
