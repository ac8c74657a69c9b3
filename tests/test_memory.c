/* Every allocation of create – fit – predict is made to fail in turn: a clean error, no leak, and the network as
 * it was. */
#include "optimize/matrices.h"
#include "optimize/rule.h"
#include "support.h"

enum { N = 40, INPUTS = 5, OUTPUTS = 3 };

static double x[N * INPUTS];
static int32_t labels[N];

static void fill(void)
{
    number_stream stream = numbers_from(1);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&stream);
    for (int i = 0; i < N; i++)
        labels[i] = i % OUTPUTS;
}

/* What is made on the way. */
typedef struct made {
    talus_context *context;
    talus_dataset *data, *part;
    talus_network *network;
    talus_workspace *workspace;
    talus_optimizer *optimizer;
} made;

/* The fit is validated on a part; or on a share of the training set, with early stopping. */
static talus_status make_and_fit(made *all, counting_allocator *allocator, bool splits)
{
    talus_context_options options = counting_options(2, allocator);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                 y = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    talus_layer layers[] = {{.width = 9, .activation = TALUS_TANH},
                            {.width = OUTPUTS, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {
        .inputs = INPUTS, .layers = layers, .layer_count = 2, .loss = TALUS_CROSS_ENTROPY};
    talus_optimizer_spec adam;
    talus_fit_options fit;
    double scale[INPUTS] = {1, 2, 3, 4, 5}, out[N * OUTPUTS];
    talus_matrix outputs = talus_matrix_view(out, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    talus_fit_options_defaults(&fit);
    fit.epochs = 2, fit.batch = 16;
    if (splits)
        fit.validation_split = 0.25, fit.patience = 1;

    talus_status status = talus_context_create(&options, &all->context);
    if (status == TALUS_OK)
        status = talus_dataset_from_matrices(all->context, &in, &y, &all->data);
    if (status == TALUS_OK)
        status = talus_dataset_slice(all->data, 0, N, &all->part);
    if (status == TALUS_OK)
        status = talus_network_create(all->context, &spec, &all->network);
    if (status == TALUS_OK)
        status = talus_network_scale_inputs(all->network, NULL, scale, INPUTS);
    if (status == TALUS_OK)
        status = talus_network_fit_input_scaling(all->network, all->data, TALUS_SCALING_STANDARD);
    if (status == TALUS_OK)
        status = talus_optimizer_create(all->context, &adam, TALUS_DTYPE_F32, 100, &all->optimizer);
    if (status == TALUS_OK)
        status = talus_workspace_create(all->context, all->network, N, &all->workspace);
    if (status == TALUS_OK)
        status = talus_plan_describe(all->context, all->network, N, NULL, 0, NULL);
    if (status == TALUS_OK)
        status = talus_fit(all->network, all->data, splits ? NULL : all->part, &fit, NULL);
    if (status == TALUS_OK)
        status = talus_predict(all->network, all->workspace, &in, &outputs);
    return status;
}

static void unmake(made *all)
{
    talus_workspace_destroy(all->workspace);
    talus_optimizer_destroy(all->optimizer);
    talus_network_destroy(all->network);
    talus_dataset_destroy(all->part);
    talus_dataset_destroy(all->data);
    talus_context_destroy(all->context);
}

/* A network that fit has failed on holds its initial weights. */
static void check_untouched(const made *all)
{
    talus_matrix now, fresh;
    talus_layer layers[] = {{.width = 9, .activation = TALUS_TANH},
                            {.width = OUTPUTS, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {
        .inputs = INPUTS, .layers = layers, .layer_count = 2, .loss = TALUS_CROSS_ENTROPY};
    talus_context *context = context_with(1, NULL);
    talus_network *twin;
    expect_ok(context, talus_network_create(context, &spec, &twin));
    expect_ok(context, talus_network_parameters(twin, &fresh));
    expect_ok(context, talus_network_parameters(all->network, &now));
    ck_assert_int_eq(memcmp(now.data, fresh.data, (size_t)now.cols * sizeof(float)), 0);
    talus_network_destroy(twin);
    talus_context_destroy(context);
}

START_TEST(every_allocation_may_fail)
{
    int64_t fail_at = 1;
    for (bool failed = true; failed; fail_at++) {
        counting_allocator allocator = {.fail_at = fail_at};
        made all = {0};
        talus_status status = make_and_fit(&all, &allocator, _i == 1);
        failed = allocator.calls >= fail_at;
        ck_assert_int_eq(status, failed ? TALUS_ERROR_MEMORY : TALUS_OK);
        if (failed && all.context != NULL)
            expect_message(all.context, "no memory");
        if (failed && all.network != NULL)
            check_untouched(&all);
        unmake(&all);
        ck_assert_int_eq(allocator.alive, 0);
    }
    ck_assert_int_gt(fail_at, 15); /* there was something to fail */
}
END_TEST

START_TEST(calls_on_a_batch_allocate_nothing)
{
    counting_allocator allocator = {0};
    made all = {0};
    ck_assert_int_eq(make_and_fit(&all, &allocator, false), TALUS_OK);
    talus_trainer *trainer;
    expect_ok(all.context, talus_trainer_create(all.network, NULL, N, &trainer));
    int64_t calls = allocator.calls;
    double out[N * OUTPUTS], cost;
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                 y = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    talus_matrix outputs = talus_matrix_view(out, TALUS_DTYPE_F64, N, OUTPUTS);
    for (int i = 0; i < 10; i++) {
        expect_ok(all.context, talus_trainer_step(trainer, BATCH(in, y), &cost));
        expect_ok(all.context, talus_predict(all.network, all.workspace, &in, &outputs));
        expect_ok(all.context, talus_forward(all.network, all.workspace, &in, NULL));
        expect_ok(all.context, talus_backward(all.network, all.workspace, &outputs, NULL, NULL));
        expect_ok(all.context, talus_gradient(all.network, all.workspace, BATCH(in, y), &cost, NULL));
    }
    ck_assert_int_eq(allocator.calls, calls);
    talus_trainer_destroy(trainer);
    unmake(&all);
}
END_TEST

/* A trainer of a method, and an optimiser of it that is given matrices if it has any. */
static talus_status make_trainer(made *all, counting_allocator *allocator, int method,
                                 talus_trainer **trainer)
{
    talus_context_options options = counting_options(2, allocator);
    talus_layer layers[] = {{.width = 9, .activation = TALUS_TANH},
                            {.width = OUTPUTS, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {
        .inputs = INPUTS, .layers = layers, .layer_count = 2, .loss = TALUS_CROSS_ENTROPY};
    talus_optimizer_spec optimizer;
    const tl_matrix_rule *rule = tl_rule_of(method)->matrices;
    const bool takes = rule != NULL && !rule->needs_network;
    talus_optimizer_defaults(&optimizer, method);
    talus_status status = talus_context_create(&options, &all->context);
    if (status == TALUS_OK)
        status = talus_network_create(all->context, &spec, &all->network);
    if (status == TALUS_OK)
        status = talus_trainer_create(all->network, &optimizer, N, trainer);
    if (status == TALUS_OK)
        status = talus_optimizer_create(all->context, &optimizer, TALUS_DTYPE_F32, 100, &all->optimizer);
    if (status == TALUS_OK && takes)
        status = talus_optimizer_add_matrix(all->optimizer, 50, 5, 10);
    if (status == TALUS_OK && takes)
        status = talus_optimizer_add_matrix(all->optimizer, 0, 5, 10);
    return status;
}

START_TEST(trainers_of_every_method)
{
    enum { STEPS = 25 };
    for (int64_t fail_at = 1, failed = 1; failed; fail_at++) {
        counting_allocator allocator = {.fail_at = fail_at};
        made all = {0};
        talus_trainer *trainer = NULL;
        talus_status status = make_trainer(&all, &allocator, _i, &trainer);
        const int64_t calls = allocator.calls;
        failed = calls >= fail_at;
        ck_assert_int_eq(status, failed ? TALUS_ERROR_MEMORY : TALUS_OK);
        if (failed && all.context != NULL)
            expect_message(all.context, "no memory");
        talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                     y = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
        for (int i = 0; !failed && i < STEPS; i++)
            expect_ok(all.context, talus_trainer_step(trainer, BATCH(in, y), NULL));
        ck_assert_int_eq(allocator.calls, calls);
        talus_trainer_destroy(trainer);
        unmake(&all);
        ck_assert_int_eq(allocator.alive, 0);
    }
}
END_TEST

int main(void)
{
    fill();
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_add_loop_test(tests, every_allocation_may_fail, 0, 2);
    tcase_add_loop_test(tests, trainers_of_every_method, 0, TALUS_METHOD_COUNT);
    tcase_add_test(tests, calls_on_a_batch_allocate_nothing);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
