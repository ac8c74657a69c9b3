/* Streams that are described wrongly, that fail, or that give what cannot be used; and what streams cannot do. */
#include "stream_support.h"

static source from;           /* of the stream */
static talus_dataset *stream; /* of labels */
static talus_network *network;
static talus_workspace *workspace;

static void begin(void)
{
    begin_counted();
    from = source_of(TALUS_DTYPE_F64, TALUS_DTYPE_I32, 1, N);
    stream = stream_of(&from, false);
    network = network_for(TALUS_DTYPE_F32, TALUS_DTYPE_I32);
    workspace = workspace_of(network, 10);
}

static void end(void)
{
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(stream);
    end_counted();
    free_numbers();
}

static talus_fit_options options_for(int64_t epochs)
{
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = BATCH;
    options.epochs = epochs;
    return options;
}

/* Arguments ------------------------------------------------------------------------------------------------ */

static void refuse(talus_status status, const talus_stream *wrong, const char *message)
{
    talus_dataset *made = NULL;
    expect_status(context, status, talus_dataset_from_stream(context, wrong, &made));
    expect_message(context, message);
    ck_assert_ptr_null(made);
}

/* A stream that is right but for one field. */
#define REFUSE(status, message, ...)                                                                         \
    do {                                                                                                     \
        talus_stream wrong = stream_from(&from);                                                             \
        __VA_ARGS__;                                                                                         \
        refuse(status, &wrong, message);                                                                     \
    } while (0)

START_TEST(wrong_descriptions_are_refused)
{
    const talus_status argument = TALUS_ERROR_ARGUMENT, shape = TALUS_ERROR_SHAPE;
    REFUSE(shape, "stream: samples must be 1 … 281474976710656, got 0", wrong.samples = 0);
    REFUSE(shape, "got 281474976710657", wrong.samples = (INT64_C(1) << 48) + 1);
    REFUSE(shape, "stream: inputs must be at least 1, got 0", wrong.inputs = 0);
    REFUSE(shape, "stream: targets must be at least 0, got -1", wrong.targets = -1);
    REFUSE(shape, "stream: targets must be 1 for labels (i32), got 2", wrong.targets = 2);
    REFUSE(argument, "stream: read must not be NULL", wrong.read = NULL);
    REFUSE(argument, "stream: missing_targets must be 0 or 1, got 2", wrong.missing_targets = 2);
    REFUSE(argument, "stream: inputs: dtype must be one of f32, f64, u8; got i32",
           wrong.input_dtype = TALUS_DTYPE_I32);
    REFUSE(argument, "stream: inputs: dtype must be one of f32, f64, u8; got 77", wrong.input_dtype = 77);
    REFUSE(argument, "stream: targets: dtype must be one of f32, f64, u8, i32; got -1",
           wrong.target_dtype = -1);
    REFUSE(argument, "stream: targets must be 0 with resident ones, got 1", wrong.resident = &from.y);
    REFUSE(argument, "stream: target_dtype must be 0 without streamed targets, got 3", wrong.targets = 0);
    talus_matrix few = from.y;
    few.rows = N - 1;
    REFUSE(shape, "targets must have 57 rows", wrong.targets = wrong.target_dtype = 0, wrong.resident = &few);
    ((int32_t *)from.y.data)[7] = -1;
    REFUSE(TALUS_ERROR_DATA, "targets: row 7, column 0", wrong.targets = wrong.target_dtype = 0,
           wrong.resident = &from.y);
}
END_TEST

START_TEST(nulls_and_sizes_are_refused)
{
    struct {
        talus_stream known;
        int64_t further;
    } longer = {stream_from(&from), 0};
    talus_dataset *made = NULL;
    ck_assert_int_eq(talus_dataset_from_stream(NULL, &longer.known, &made), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_from_stream(context, &longer.known, NULL));
    expect_message(context, "dataset must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_from_stream(context, NULL, &made));
    expect_message(context, "stream must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_dataset_from_stream_sized(context, &longer.known, 40, &made));
    expect_message(context, "the size of its struct must be");
    longer.further = 1;
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_dataset_from_stream_sized(context, &longer.known, sizeof longer, &made));
    ck_assert_ptr_null(made);
    longer.further = 0;
    expect_ok(context, talus_dataset_from_stream_sized(context, &longer.known, sizeof longer, &made));
    talus_dataset_destroy(made);
    expect_ok(context, talus_dataset_from_stream_sized(context, &longer.known,
                                                       offsetof(talus_stream, missing_targets), &made));
    talus_dataset_destroy(made);
}
END_TEST

/* What needs all targets says that they must stand in memory. */
START_TEST(what_needs_all_targets_is_refused)
{
    talus_dataset *a = NULL, *b = NULL;
    talus_report report;
    talus_estimate estimate;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_split(stream, 0.5, 1, 0, &a, &b));
    expect_message(context,
                   "split: the targets of all samples must stand in memory, and are streamed: give them "
                   "as a matrix (resident of a talus_stream)");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_fold(stream, 3, 1, 1, 0, &a, &b));
    expect_message(context, "fold: the targets");
    talus_dataset *parts[2] = {NULL, NULL};
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_dataset_divide(stream, (double[]){0.5, 0.5}, 2, 1, 0, parts));
    expect_message(context, "divide: the targets");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_weight_classes(stream, NULL, 0));
    expect_message(context, "class weights: the targets");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_report(network, workspace, stream, NULL, &report));
    expect_message(context, "report: the targets");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_metric(network, workspace, stream, TALUS_METRIC_LOG_LOSS, NULL, &estimate));
    expect_message(context, "report: the targets");
    talus_fit_options options = options_for(1);
    options.metric = TALUS_METRIC_LOG_LOSS;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(network, stream, stream, &options, NULL));
    expect_message(context, "fit: validation: the targets");
    ck_assert(a == NULL && b == NULL);
    ck_assert_int_eq(from.calls, 0);
}
END_TEST

/* Reads that fail ------------------------------------------------------------------------------------------ */

START_TEST(a_read_that_fails_is_named)
{
    static const int64_t rows[] = {4, 50, 9};
    talus_metrics metrics;
    talus_dataset *part = rows_of(stream, rows, 3);
    from.fail_at = 3;
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate(network, workspace, stream, &metrics));
    expect_message(context, "stream: read must return 0, got 7 for a batch of 10, from row 20 to row 29");
    from.fail_at = 4;
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate(network, workspace, part, &metrics));
    expect_message(context, "got 7 for a batch of 3, from row 4 to row 9");
    talus_dataset_destroy(part);
}
END_TEST

/* Whatever goes through a data set: with it, its status is that of the read that failed. */
static talus_status go_through(int what)
{
    talus_estimate estimate;
    talus_noise_scale noise;
    double costs[1] = {-7};
    talus_status status;
    talus_fit_options options = options_for(2);
    talus_trainer *trainer = NULL;
    talus_rate_range range;
    switch (what) {
    case 0:
        return talus_fit(network, stream, stream, &options, NULL);
    case 1:
        options.accumulate = 3;
        return talus_fit(network, stream, NULL, &options, NULL);
    case 2:
        return talus_evaluate_metric(network, workspace, stream, TALUS_METRIC_COST, NULL, &estimate);
    case 3:
        status = talus_evaluate_ranges(network, workspace, stream, costs, 1);
        ck_assert((costs[0] == -7) == (status != TALUS_OK)); /* an error leaves them as they were */
        return status;
    case 4:
        return talus_noise_scale_over(network, workspace, stream, 10, 2, 0, 0, &noise);
    case 5:
        return talus_network_fit_input_scaling(network, stream, TALUS_SCALING_STANDARD);
    default:
        expect_ok(context, talus_trainer_create(network, NULL, 10, &trainer));
        status = talus_trainer_rate_range(trainer, stream, 10, 1e-3, 1e-2, 9, NULL, &range);
        talus_trainer_destroy(trainer);
        return status;
    }
}

enum { WAYS = 7 };

START_TEST(every_read_may_fail)
{
    for (int64_t fail_at = 1;; fail_at++) {
        from.calls = 0, from.fail_at = fail_at;
        talus_status status = go_through(_i);
        ck_assert_int_eq(status, from.calls >= fail_at ? TALUS_ERROR_DATA : TALUS_OK);
        if (status == TALUS_OK)
            break;
        ck_assert_int_eq(from.calls, fail_at); /* it is not called again */
        expect_message(context, "stream: read must return 0, got 7");
    }
    ck_assert_int_ge(from.calls, 2);
}
END_TEST

START_TEST(a_report_reads_twice_and_may_fail_in_both)
{
    talus_dataset *resident = stream_of(&from, true);
    talus_report report;
    for (int64_t fail_at = 1; fail_at <= 12; fail_at++) {
        from.calls = 0, from.fail_at = fail_at;
        expect_status(context, TALUS_ERROR_DATA,
                      talus_evaluate_report(network, workspace, resident, NULL, &report));
    }
    from.calls = from.samples = 0;
    from.fail_at = 13;
    expect_ok(context, talus_evaluate_report(network, workspace, resident, NULL, &report));
    ck_assert_int_eq(from.samples, 2 * N);
    talus_dataset_destroy(resident);
}
END_TEST

/* The read that looks for what was not finite may fail, too. */
START_TEST(reading_again_may_fail)
{
    source values = source_of(TALUS_DTYPE_F64, TALUS_DTYPE_F64, 1, N);
    talus_network *learns = network_for(TALUS_DTYPE_F64, TALUS_DTYPE_F64);
    talus_dataset *of_values = stream_of(&values, false);
    talus_fit_options options = options_for(1);
    options.accumulate = 4, options.shuffle = 0;
    ((double *)values.y.data)[0] = 1e200; /* whose square is no number: in the first batch */
    values.fail_at = 2;
    expect_status(context, TALUS_ERROR_DATA, talus_fit(learns, of_values, NULL, &options, NULL));
    expect_message(context, "got 7 for a batch of 8, from row 0 to row 7");
    talus_dataset_destroy(of_values);
    talus_network_destroy(learns);
}
END_TEST

/* After an error, the steps before it stand: as many as a fit of so many makes. */
START_TEST(steps_before_an_error_stand)
{
    talus_network *stopped = network_for(TALUS_DTYPE_F32, TALUS_DTYPE_I32);
    talus_fit_options options = options_for(1);
    options.max_steps = 4;
    expect_ok(context, talus_fit(stopped, stream, NULL, &options, NULL));
    from.calls = 0, from.fail_at = 5;
    options.max_steps = 0;
    expect_status(context, TALUS_ERROR_DATA, talus_fit(network, stream, NULL, &options, NULL));
    same_parameters(stopped, network);
    talus_network_destroy(stopped);
}
END_TEST

START_TEST(a_trial_of_rates_that_fails_puts_all_back)
{
    talus_network *before = network_for(TALUS_DTYPE_F32, TALUS_DTYPE_I32);
    from.fail_at = 5;
    ck_assert_int_eq(go_through(WAYS - 1), TALUS_ERROR_DATA);
    same_parameters(before, network);
    talus_network_destroy(before);
}
END_TEST

/* Values --------------------------------------------------------------------------------------------------- */

/* A fit in a shuffled order names the row. */
static void refuse_values(const char *message)
{
    talus_fit_options options = options_for(2);
    talus_metrics metrics;
    expect_status(context, TALUS_ERROR_DATA, talus_fit(network, stream, NULL, &options, NULL));
    expect_message(context, message);
    options.accumulate = 3;
    expect_status(context, TALUS_ERROR_DATA, talus_fit(network, stream, NULL, &options, NULL));
    expect_message(context, message);
    talus_dataset *part = slice_of(stream, 10, 40);
    expect_status(context, TALUS_ERROR_DATA, talus_evaluate(network, workspace, part, &metrics));
    expect_message(context, message);
    talus_dataset_destroy(part);
}

START_TEST(bad_values_are_named)
{
    double *x = from.x.data;
    int32_t *labels = from.y.data;
    const double good = x[33 * INPUTS + 2];
    x[33 * INPUTS + 2] = NAN;
    refuse_values("inputs: row 33, column 2 (counted from 0) must be a finite number, got nan");
    x[33 * INPUTS + 2] = -INFINITY;
    refuse_values("inputs: row 33, column 2 (counted from 0) must be a finite number, got -inf");
    expect_status(context, TALUS_ERROR_DATA, talus_network_fit_input_scaling(network, stream, 0));
    x[33 * INPUTS + 2] = 1e300; /* found by the network */
    refuse_values("inputs, row 33, column 2 (counted from 0): the value must be within the range of f32");
    x[33 * INPUTS + 2] = good;
    labels[17] = -1;
    refuse_values("targets: row 17, column 0 (counted from 0) must be a label of at least 0, got -1");
    labels[17] = OUTPUTS;
    refuse_values("targets, row 17 (counted from 0): the label must be 0 … 2, got 3");
    talus_noise_scale noise;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_noise_scale_over(network, workspace, stream, 10, 2, 0, 3, &noise));
    expect_message(context, "targets, row 17 (counted from 0): the label must be 0 … 2, got 3");
}
END_TEST

/* Memory --------------------------------------------------------------------------------------------------- */

static talus_status make_and_use(void)
{
    talus_dataset *whole = NULL, *first = NULL, *rest = NULL, *part = NULL;
    talus_stream described = stream_from(&from);
    talus_metrics metrics;
    talus_fit_options options = options_for(1);
    talus_status status = talus_dataset_from_stream(context, &described, &whole);
    if (status == TALUS_OK)
        status = talus_dataset_split(whole, 0.3, 0, 1, &first, &rest);
    if (status == TALUS_OK)
        status = talus_dataset_slice(whole, 3, 20, &part);
    if (status == TALUS_OK)
        status = talus_network_fit_input_scaling(network, whole, TALUS_SCALING_STANDARD);
    if (status == TALUS_OK)
        status = talus_evaluate(network, workspace, part, &metrics);
    if (status == TALUS_OK)
        status = go_through(4);
    if (status == TALUS_OK)
        status = talus_fit(network, rest, first, &options, NULL);
    talus_dataset_destroy(part);
    talus_dataset_destroy(rest);
    talus_dataset_destroy(first);
    talus_dataset_destroy(whole);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    ck_assert_int_eq(go_through(5), TALUS_OK); /* the network keeps its scaling */
    const int64_t alive = book.alive;
    for (int fail_at = 1;; fail_at++) {
        refuse_from_now(&book, fail_at);
        talus_status status = make_and_use();
        ck_assert_int_eq(book.alive, alive);
        ck_assert_int_eq(status, book.calls >= book.fail_at ? TALUS_ERROR_MEMORY : TALUS_OK);
        if (status == TALUS_OK)
            break;
        ck_assert_str_ne(talus_error_message(context), "");
    }
    ck_assert_int_gt(book.calls, 30);
    book.fail_at = 0;
}
END_TEST

/* Memory as of a machine that has a gibibyte. */
static void *allocate_little(size_t bytes, void *user)
{
    (void)user;
    return bytes > 1 << 30 ? NULL : malloc(bytes);
}

static void release_little(void *memory, void *user)
{
    (void)user;
    free(memory);
}

START_TEST(more_samples_than_memory_lists_are_refused)
{
    talus_context_options of_context = {.allocate = allocate_little, .release = release_little};
    talus_context *little = NULL;
    expect_ok(NULL, talus_context_create(&of_context, &little));
    talus_stream endless = stream_from(&from);
    endless.samples = INT64_C(1) << 48;
    talus_dataset *whole = NULL, *a = NULL, *b = NULL;
    expect_ok(little, talus_dataset_from_stream(little, &endless, &whole));
    expect_status(little, TALUS_ERROR_MEMORY, talus_dataset_slice(whole, 0, INT64_C(1) << 47, &a));
    expect_status(little, TALUS_ERROR_MEMORY, talus_dataset_split(whole, 0.5, 0, 0, &a, &b));
    expect_status(little, TALUS_ERROR_MEMORY, talus_dataset_shuffle(whole, 0, &a));
    talus_layer layer = {.width = OUTPUTS, .activation = TALUS_SOFTMAX};
    talus_network_spec spec = {
        .inputs = INPUTS, .layers = &layer, .layer_count = 1, .loss = TALUS_CROSS_ENTROPY};
    talus_network *learns = NULL;
    expect_ok(little, talus_network_create(little, &spec, &learns));
    talus_fit_options options = options_for(1);
    expect_status(little, TALUS_ERROR_MEMORY, talus_fit(learns, whole, NULL, &options, NULL));
    options.shuffle = 0;
    expect_status(little, TALUS_ERROR_MEMORY, talus_fit(learns, whole, whole, &options, NULL));
    ck_assert(a == NULL && b == NULL);
    ck_assert_int_eq(from.calls, 0);
    options.max_steps = 3; /* a stream without an end is learnt from all the same */
    expect_ok(little, talus_dataset_slice(whole, 0, N, &a));
    expect_ok(little, talus_fit(learns, a, NULL, &options, NULL));
    ck_assert_int_eq(from.calls, 3);
    talus_dataset_destroy(a);
    talus_network_destroy(learns);
    talus_dataset_destroy(whole);
    talus_context_destroy(little);
}
END_TEST

/* Calls that a read makes ---------------------------------------------------------------------------------- */

typedef struct nested {
    source *from;
    talus_dataset *matrices; /* of the same samples, with labels in memory */
    talus_workspace *own;
    talus_trainer *trainer; /* that is at work; or NULL */
    talus_matrix x, outputs;
    double cost;
} nested;

static int read_and_call(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    nested *of = user;
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(network, of->own, of->matrices, &metrics));
    of->cost = metrics.cost;
    expect_ok(context, talus_forward(network, workspace, &of->x, &of->outputs));
    if (of->trainer != NULL) {
        talus_batch batch = talus_batch_of(of->x, of->x);
        expect_status(context, TALUS_ERROR_STATE, talus_trainer_step(of->trainer, &batch, NULL));
        expect_status(context, TALUS_ERROR_STATE,
                      talus_trainer_fit(of->trainer, of->matrices, NULL, NULL, NULL));
    }
    return read_source(rows, count, inputs, targets, of->from);
}

START_TEST(a_read_may_make_calls)
{
    static float outputs[5 * OUTPUTS];
    nested of = {.from = &from, .matrices = matrices_of(&from), .own = workspace_of(network, 3)};
    of.x = talus_matrix_view(from.x.data, from.x.dtype, 5, INPUTS);
    of.outputs = talus_matrix_view(outputs, TALUS_DTYPE_F32, 5, OUTPUTS);
    talus_stream calls = stream_from(&from);
    calls.read = read_and_call;
    calls.user = &of;
    talus_dataset *calling = NULL;
    talus_metrics metrics, expected;
    expect_ok(context, talus_dataset_from_stream(context, &calls, &calling));
    expect_ok(context, talus_evaluate(network, workspace, of.matrices, &expected));
    expect_ok(context, talus_evaluate(network, workspace, calling, &metrics));
    ck_assert_double_eq(metrics.cost, expected.cost);
    ck_assert_double_eq_tol(of.cost, expected.cost, 1e-6); /* in batches of 3 */
    /* what the read's forward kept in the workspace is gone */
    expect_status(context, TALUS_ERROR_STATE, talus_backward(network, workspace, &of.outputs, NULL, NULL));
    talus_rate_range range;
    talus_fit_options options = options_for(1);
    expect_ok(context, talus_trainer_create(network, NULL, 10, &of.trainer));
    expect_ok(context, talus_trainer_rate_range(of.trainer, calling, 10, 1e-3, 1e-2, 3, NULL, &range));
    expect_ok(context, talus_trainer_fit(of.trainer, calling, NULL, &options, NULL));
    talus_trainer_destroy(of.trainer);
    talus_dataset_destroy(calling);
    talus_workspace_destroy(of.own);
    talus_dataset_destroy(of.matrices);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream faults");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_test(tests, wrong_descriptions_are_refused);
    tcase_add_test(tests, nulls_and_sizes_are_refused);
    tcase_add_test(tests, what_needs_all_targets_is_refused);
    tcase_add_test(tests, a_read_that_fails_is_named);
    tcase_add_loop_test(tests, every_read_may_fail, 0, WAYS);
    tcase_add_test(tests, a_report_reads_twice_and_may_fail_in_both);
    tcase_add_test(tests, reading_again_may_fail);
    tcase_add_test(tests, steps_before_an_error_stand);
    tcase_add_test(tests, a_trial_of_rates_that_fails_puts_all_back);
    tcase_add_test(tests, bad_values_are_named);
    tcase_add_test(tests, every_allocation_may_fail);
    tcase_add_test(tests, more_samples_than_memory_lists_are_refused);
    tcase_add_test(tests, a_read_may_make_calls);
    return run_suite(suite);
}
