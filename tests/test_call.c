/* A context in use: what a second thread and the child of a fork get that enter it. */
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call.h"
#include "call_support.h"

START_TEST(a_second_thread_is_refused_in_a_sentence)
{
    holder h;
    start_holder(&h);
    talus_context *context = h.things.context;
    talus_network *network = NULL;
    talus_status status = make_network(context, &network);
    char message[TL_MESSAGE_BYTES];
    strcpy(message, talus_error_message(context));
    end_holder(&h);
    ck_assert_int_eq((intptr_t)status, TALUS_ERROR_STATE);
    ck_assert_ptr_null(network);
    ck_assert_msg(strstr(message, "in use by a call in another thread") != NULL, "%s", message);

    expect_message(context, "in use by a call in another thread"); /* until it enters again */
    expect_ok(context, talus_network_initialize(h.things.network, 1));
    expect_message(context, "spec must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &call_spec, NULL));
    expect_message(context, "network must not be NULL");
    free_holder(&h);
}
END_TEST

/* Those of evaluation and training. */
static talus_status enter_training(things *t, int call)
{
    double outputs[N * 2];
    talus_matrix out = talus_matrix_view(outputs, TALUS_DTYPE_F64, N, 2);
    talus_batch batch = talus_batch_of(t->inputs, t->targets);
    talus_metrics metrics;
    talus_trainer *trainer;
    switch (call) {
    case 0:
        return talus_predict(t->network, t->workspace, &t->inputs, &out);
    case 1:
        return talus_forward(t->network, t->workspace, &t->inputs, &out);
    case 2:
        return talus_backward(t->network, t->workspace, &out, NULL, NULL);
    case 3:
        return talus_gradient(t->network, t->workspace, &batch, NULL, NULL);
    case 4:
        return talus_evaluate_batch(t->network, t->workspace, &batch, &metrics);
    case 5:
        return talus_evaluate(t->network, t->workspace, t->dataset, &metrics);
    case 6:
        return talus_trainer_create(t->network, NULL, N, &trainer);
    case 7:
        return talus_trainer_step(t->trainer, &batch, NULL);
    case 8:
        return talus_trainer_set_rate(t->trainer, 0.25);
    case 9:
        return talus_trainer_fit(t->trainer, t->dataset, NULL, NULL, NULL);
    case 10:
        return talus_fit(t->network, t->dataset, NULL, NULL, NULL);
    case 11:
        return talus_network_fit_input_scaling(t->network, t->dataset, TALUS_SCALING_STANDARD);
    case 12:
        return talus_network_fit_target_scaling(t->network, t->dataset, TALUS_SCALING_STANDARD);
    default:
        return TALUS_STATUS_NONE;
    }
}

/* The calls that enter a context, each by its number; TALUS_STATUS_NONE behind the last. */
static talus_status enter(things *t, int call)
{
    talus_context *context = t->context;
    talus_network *network;
    talus_optimizer *optimizer;
    talus_workspace *workspace;
    talus_dataset *one, *other;
    const double scale = 2;
    const int64_t row = 0;
    switch (call) {
    case 0:
        return make_network(context, &network);
    case 1:
        return talus_network_initialize(t->network, 1);
    case 2:
        return talus_network_scale_inputs(t->network, NULL, &scale, 1);
    case 3:
        return talus_network_scale_targets(t->network, NULL, &scale, 1);
    case 4:
        return make_optimizer(context, &optimizer);
    case 5:
        return talus_optimizer_set_rate(t->optimizer, 0.25);
    case 6:
        return talus_optimizer_step(t->optimizer, &t->parameters, &t->gradient);
    case 7:
        return talus_dataset_from_matrices(context, &t->inputs, &t->targets, &one);
    case 8:
        return talus_dataset_read_idx(context, "/", NULL, &one);
    case 9:
        return talus_dataset_slice(t->dataset, 0, 1, &one);
    case 10:
        return talus_dataset_rows(t->dataset, &row, 1, &one);
    case 11:
        return talus_dataset_shuffle(t->dataset, 1, &one);
    case 12:
        return talus_dataset_split(t->dataset, 0.5, 0, 1, &one, &other);
    case 13:
        return talus_context_set_plan(context, "");
    case 14:
        return talus_context_load_plan(context, "/");
    case 15:
        return talus_plan_describe(context, t->network, 1, NULL, 0, NULL);
    case 16:
        return talus_workspace_create(context, t->network, 1, &workspace);
    default:
        return enter_training(t, call - 17);
    }
}

START_TEST(every_call_that_enters_is_refused)
{
    holder h;
    talus_status got[32];
    int calls = 0;
    start_holder(&h);
    while ((got[calls] = enter(&h.things, calls)) != TALUS_STATUS_NONE)
        calls++;
    talus_matrix theta;
    talus_network_parameters(h.things.network, &theta);
    float weight = *(float *)theta.data;
    end_holder(&h);
    ck_assert_int_eq(calls, 30);
    for (int call = 0; call < calls; call++)
        ck_assert_msg(got[call] == TALUS_ERROR_STATE, "call %d gave %s", call, talus_status_name(got[call]));
    ck_assert(h.things.numbers[0][0] == 0);
    expect_ok(h.things.context,
              talus_optimizer_step(h.things.optimizer, &h.things.parameters, &h.things.gradient));
    ck_assert(h.things.numbers[0][0] == -0.5);
    ck_assert(*(float *)theta.data == weight);
    free_holder(&h);
}
END_TEST

START_TEST(who_only_looks_or_destroys_is_not_refused)
{
    holder h;
    start_holder(&h);
    talus_matrix view;
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_ADAM);
    talus_status weights = talus_network_weights(h.things.network, NULL, 1, &view);
    talus_status matrices = talus_dataset_matrices(h.things.dataset, &view, NULL);
    talus_status option = talus_option_set(h.things.context, TALUS_STRUCTURE_OPTIMIZER, &descent, "rate",
                                           "0.5");
    talus_dataset_destroy(h.things.dataset);
    h.things.dataset = NULL;

    /* But to say what is wrong takes the context. */
    talus_status no_layer = talus_network_weights(h.things.network, NULL, 2, &view);
    talus_status no_name = talus_option_set(h.things.context, TALUS_STRUCTURE_OPTIMIZER, &descent, "x", "1");
    end_holder(&h);
    ck_assert_int_eq((intptr_t)weights, TALUS_OK);
    ck_assert_int_eq((intptr_t)matrices, TALUS_OK);
    ck_assert_int_eq((intptr_t)option, TALUS_OK);
    ck_assert_int_eq((intptr_t)no_layer, TALUS_ERROR_STATE);
    ck_assert_int_eq((intptr_t)no_name, TALUS_ERROR_STATE);
    free_holder(&h);
}
END_TEST

/* A thread that steps and makes things with a context that another one uses too. */
typedef struct hammer {
    things *things;
    talus_network *network; /* of its own */
    int64_t steps, refused, others;
} hammer;

static void count(hammer *h, talus_status status)
{
    h->refused += status == TALUS_ERROR_STATE;
    h->others += status != TALUS_ERROR_STATE && status != TALUS_OK;
    if (status == TALUS_ERROR_STATE)
        h->others += strstr(talus_error_message(h->things->context), "another thread") == NULL;
}

static void *strike(void *argument)
{
    hammer *h = argument;
    things *t = h->things;
    for (int i = 0; i < 3000; i++) {
        talus_network *network = NULL;
        talus_status status = talus_optimizer_step(t->optimizer, &t->parameters, &t->gradient);
        h->steps += status == TALUS_OK;
        count(h, status);
        count(h, make_network(t->context, &network));
        talus_network_destroy(network);
        count(h, talus_context_set_plan(t->context, "avx2 f32 cache=0"));
        count(h, talus_network_initialize(h->network, i));
    }
    return NULL;
}

/* Each step subtracts ½ from each number, exactly: none is lost, none is taken by two. */
START_TEST(two_threads_that_hammer_one_context_do_not_race)
{
    things t;
    talus_context_options options = counting_options(2, NULL);
    make_things(&t, &options);
    hammer hammers[2] = {{.things = &t}, {.things = &t}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        expect_ok(t.context, make_network(t.context, &hammers[i].network));
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, strike, &hammers[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(hammers[i].others, 0);
        talus_network_destroy(hammers[i].network);
    }
    int64_t steps = hammers[0].steps + hammers[1].steps;
    ck_assert_int_gt(steps, 0);
    for (int i = 0; i < N; i++)
        ck_assert(t.numbers[0][i] == -0.5 * (double)steps);
    expect_ok(t.context, talus_optimizer_step(t.optimizer, &t.parameters, &t.gradient));
    free_things(&t);
}
END_TEST

/* The exit code of a child, which must not hang; −1 if it ended otherwise. */
static int exit_code(pid_t child)
{
    int result;
    bool ended = waitpid(child, &result, 0) == child && WIFEXITED(result);
    return ended ? WEXITSTATUS(result) : -1;
}

static int use(talus_context *context)
{
    talus_network *network = NULL;
    alarm(20);
    talus_status status = make_network(context, &network);
    talus_network_destroy(network);
    return status == TALUS_OK ? 0 : 1;
}

START_TEST(a_child_is_not_kept_out_by_a_thread_of_its_parent)
{
    holder h;
    start_holder(&h);
    pid_t child = fork();
    if (child == 0)
        _exit(use(h.things.context) + use(h.things.context));
    int code = exit_code(child);
    talus_status still_held = in_another_thread(h.things.context);
    end_holder(&h);
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(code, 0);
    ck_assert_int_eq((intptr_t)still_held, TALUS_ERROR_STATE);
    free_holder(&h);
}
END_TEST

/* The child of the holder goes on in its callback, where another thread of the child is refused, and behind it. */
static int go_on_holding(talus_context *context, tl_call *call, tl_call *callback)
{
    int wrong = use(context);
    wrong += in_another_thread(context) != TALUS_ERROR_STATE;
    tl_callback_end(callback);
    wrong += in_another_thread(context) != TALUS_ERROR_STATE;
    tl_call_end(call, TALUS_OK);
    wrong += in_another_thread(context) != TALUS_OK;
    return wrong + use(context);
}

START_TEST(a_child_of_the_holder_holds)
{
    talus_context *context = context_with(1, NULL);
    tl_call call;
    tl_call_begin(&call, context);
    tl_call *callback = tl_callback_begin(context, TL_CALLBACK_OPEN);
    pid_t child = fork();
    if (child == 0)
        _exit(go_on_holding(context, &call, callback));
    int code = exit_code(child);
    tl_callback_end(callback);
    tl_call_end(&call, TALUS_OK);
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(code, 0);
    ck_assert_int_eq(use(context), 0);
    alarm(0);
    talus_context_destroy(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("call");
    add_case(suite, "threads", a_second_thread_is_refused_in_a_sentence, every_call_that_enters_is_refused,
             who_only_looks_or_destroys_is_not_refused, two_threads_that_hammer_one_context_do_not_race);
    add_case(suite, "forks", a_child_is_not_kept_out_by_a_thread_of_its_parent, a_child_of_the_holder_holds);
    return run_suite(suite);
}
