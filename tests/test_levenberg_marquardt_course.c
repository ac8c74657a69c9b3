/* Levenberg and Marquardt's method on networks: what is told on the way, when it ends, the same bits on any threads, and what memory it
 * takes. */
#include "levenberg_marquardt_support.h"
#include "optimize/gauss_newton.h"

/* The course -------------------------------------------------------------------------------------------------- */

typedef struct seen {
    int64_t steps, stop_at;
    double last;
} seen;

static int watch(const talus_least_squares_step *step, void *user)
{
    seen *s = user;
    s->last = step->cost;
    return ++s->steps == s->stop_at;
}

/* Costs of steps are C; it can be stopped. */
START_TEST(steps_are_told)
{
    static double history[4 * 5];
    const talus_matrix rows = view(history, 4, 5);
    seen s = {.stop_at = 3};
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    double slope;
    const talus_batch batch = talus_batch_of(view(x, N, INPUTS), view(y, N, OUTPUTS));
    const double start = cost_and_slope(network, &batch, &slope);
    method.on_step = watch, method.user = &s, method.history = &rows;
    fit(network, NULL);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STOPPED);
    ck_assert_int_eq(s.steps, 3);
    ck_assert_double_eq_tol(history[0], start, 1e-12);
    ck_assert_double_eq(history[15], s.last);
    ck_assert_double_eq_tol(cost_and_slope(network, &batch, &slope), s.last, 1e-12);
    talus_network_destroy(network);
}
END_TEST

/* With patience the network has the parameters with the least validation cost. */
START_TEST(patience_keeps_the_best)
{
    talus_dataset *training = slice_of(data, 0, 20), *validation = slice_of(data, 20, 40);
    const talus_layer layers[] = {{.width = 12, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    talus_network *network = network_with(layers, 2, INPUTS, TALUS_DTYPE_F64);
    talus_workspace *workspace = workspace_of(network, N);
    talus_metrics before, after, on_training;
    expect_ok(context, talus_evaluate(network, workspace, validation, &before));
    options.patience = 5;
    expect_ok(context, talus_levenberg_marquardt(network, training, validation, &options, &result));
    expect_ok(context, talus_evaluate(network, workspace, validation, &after));
    expect_ok(context, talus_evaluate(network, workspace, training, &on_training));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STALLED);
    ck_assert_double_lt(after.cost, before.cost);
    ck_assert_double_eq_tol(after.cost, result.validation_cost, 1e-13);
    ck_assert_double_eq_tol(on_training.cost, result.cost, 1e-13);
    /* without it training goes on, and what is validated gets worse */
    options.patience = 0;
    expect_ok(context, talus_levenberg_marquardt(network, training, validation, &options, &result));
    ck_assert_double_gt(result.validation_cost, after.cost);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(training);
    talus_dataset_destroy(validation);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    static double found[4][64];
    const talus_layer layers[] = {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    for (int steps = TALUS_STEP_FACTORED; steps <= TALUS_STEP_CONJUGATE_GRADIENTS; steps++)
        for (int threads = 1; threads <= 4; threads++) {
            talus_context *of = context_with(threads, NULL);
            talus_network_spec spec;
            talus_network *network;
            talus_matrix theta;
            talus_network_defaults(&spec);
            spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 2,
            spec.precision = TALUS_DTYPE_F64;
            expect_ok(of, talus_network_create(of, &spec, &network));
            method.iterations = 10, method.steps = steps;
            expect_ok(of, talus_levenberg_marquardt(network, data, NULL, &options, &result));
            expect_ok(of, talus_network_parameters(network, &theta));
            memcpy(found[threads - 1], theta.data, (size_t)theta.cols * sizeof(double));
            ck_assert_int_eq(memcmp(found[threads - 1], found[0], (size_t)theta.cols * sizeof(double)), 0);
            talus_network_destroy(network);
            talus_context_destroy(of);
        }
}
END_TEST

/* Memory ---------------------------------------------------------------------------------------------------- */

/* An allocator that knows how much is alive. */
typedef struct meter {
    int64_t alive, most;
} meter;

static void *take_memory(size_t size, void *user)
{
    meter *m = user;
    char *block = aligned_alloc(64, 64 + (size + 63) / 64 * 64);
    if (block == NULL)
        return NULL;
    memcpy(block, &size, sizeof size);
    m->alive += (int64_t)size;
    m->most = m->alive > m->most ? m->alive : m->most;
    return block + 64;
}

static void give_memory(void *memory, void *user)
{
    size_t size;
    memcpy(&size, (char *)memory - 64, sizeof size);
    ((meter *)user)->alive -= (int64_t)size;
    free((char *)memory - 64);
}

/* What is asked for is kept, down to few rows of J: beside the matrices of P × P, and without them. */
START_TEST(memory_is_kept)
{
    enum { MANY = 700, WIDE = 15, P = 15 * 100 + 100 + 2 * 100 + 2 };
    static double wide[MANY * WIDE], to[MANY * OUTPUTS];
    const int64_t matrices = tl_squares_bytes(P, false),
                  bounds[] = {matrices + 52000000, matrices + 42000000, 8000000, 500000};
    const talus_layer layers[] = {{.width = 100, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    number_stream stream = numbers_from(3);
    for (int i = 0; i < MANY * WIDE; i++)
        wide[i] = next_number(&stream);
    for (int i = 0; i < MANY * OUTPUTS; i++)
        to[i] = next_number(&stream);
    talus_matrix in = view(wide, MANY, WIDE), out = view(to, MANY, OUTPUTS);
    talus_dataset *many = dataset_of(&in, &out);
    for (int i = 0; i < 4; i++) {
        meter m = {0};
        talus_context_options of;
        talus_context *metered;
        talus_network_spec spec;
        talus_network *network;
        talus_context_options_defaults(&of);
        of.threads = 2, of.allocate = take_memory, of.release = give_memory, of.allocator_user = &m;
        expect_ok(context, talus_context_create(&of, &metered));
        talus_network_defaults(&spec);
        spec.inputs = WIDE, spec.layers = layers, spec.layer_count = 2, spec.precision = TALUS_DTYPE_F64;
        expect_ok(metered, talus_network_create(metered, &spec, &network));
        const int64_t before = m.most = m.alive;
        options.memory = bounds[i], method.iterations = 1;
        expect_ok(metered, talus_levenberg_marquardt(network, many, NULL, &options, &result));
        ck_assert_int_eq(result.steps, i < 2 ? TALUS_STEP_FACTORED : TALUS_STEP_CONJUGATE_GRADIENTS);
        ck_assert_msg(m.most - before <= bounds[i], "it took %lld bytes of %lld",
                      (long long)(m.most - before), (long long)bounds[i]);
        ck_assert_int_eq(m.alive, before);
        talus_network_destroy(network);
        talus_context_destroy(metered);
    }
    talus_dataset_destroy(many);
}
END_TEST

START_TEST(too_little_memory_is_refused)
{
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    options.memory = 10000;
    method.steps = TALUS_STEP_FACTORED;
    refused(network, TALUS_ERROR_SHAPE, "JTJ of 38 parameters needs at least");
    expect_message(context, "take the steps conjugate_gradients");
    method.steps = TALUS_STEP_AUTO;
    options.memory = 100;
    refused(network, TALUS_ERROR_SHAPE, "got memory for 100; take a method of talus_fit");
    talus_network_destroy(network);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    static double numbers[38 * 38];
    const talus_matrix covariance = view(numbers, 38, 38);
    method.iterations = 2;
    for (int steps = TALUS_STEP_FACTORED; steps <= TALUS_STEP_CONJUGATE_GRADIENTS; steps++) {
        talus_network *network = tanh_network(TALUS_DTYPE_F64);
        bool failed = true;
        int n = 1;
        method.steps = steps;
        method.covariance = steps == TALUS_STEP_FACTORED ? &covariance : NULL;
        for (; failed; n++) {
            refuse_from_now(&book, n);
            const talus_status status = talus_levenberg_marquardt(network, data, data, &options, &result);
            failed = book.calls >= book.fail_at;
            book.fail_at = 0;
            ck_assert_int_eq(status, failed ? TALUS_ERROR_MEMORY : TALUS_OK);
            if (failed)
                expect_message(context, "no memory");
        }
        ck_assert_int_gt(n, 8);
        talus_network_destroy(network);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("courses of levenberg_marquardt");
    TCase *all = case_with(suite, begin, end);
    tcase_add_test(all, steps_are_told);
    tcase_add_test(all, patience_keeps_the_best);
    tcase_add_test(all, threads_do_not_matter);
    tcase_add_test(all, memory_is_kept);
    tcase_add_test(all, too_little_memory_is_refused);
    tcase_add_test(all, every_allocation_may_fail);
    return run_suite(suite);
}
