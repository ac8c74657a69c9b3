/* A context in use: what a second thread, a callback and the child of a fork get that enter it. */
#include <fenv.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/call.h"
#include "support.h"

enum { N = 8, INPUTS = 3 };

/* How numbers are rounded in fact: fegetround asks a unit that does not compute on x86. */
static int rounding(void)
{
    volatile double one = 1, tiny = 1e-300;
    volatile double above = one + tiny, below = one - tiny;
    return above > 1 ? FE_UPWARD : below < 1 ? FE_DOWNWARD : FE_TONEAREST;
}

/* What there is to make calls with. */
typedef struct things {
    talus_context *context;
    talus_network *network;
    talus_optimizer *optimizer;
    talus_dataset *dataset;
    talus_workspace *workspace;
    talus_trainer *trainer;
    double x[N * INPUTS], numbers[2][N];
    int32_t labels[N];
    talus_matrix inputs, targets, parameters, gradient;
} things;

static const talus_layer layer = {.width = 2, .activation = TALUS_SOFTMAX};
static const talus_network_spec spec = {
    .inputs = INPUTS, .layers = &layer, .layer_count = 1, .loss = TALUS_CROSS_ENTROPY};

static talus_status make_network(talus_context *context, talus_network **network)
{
    return talus_network_create(context, &spec, network);
}

static talus_status make_optimizer(talus_context *context, talus_optimizer **optimizer)
{
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = 0.5;
    return talus_optimizer_create(context, &descent, TALUS_DTYPE_F64, N, optimizer);
}

static void make_things(things *t, const talus_context_options *options)
{
    *t = (things){.context = NULL};
    ck_assert_int_eq(talus_context_create(options, &t->context), TALUS_OK);
    for (int i = 0; i < N; i++)
        t->labels[i] = i % 2, t->numbers[1][i] = 1;
    t->inputs = talus_matrix_view(t->x, TALUS_DTYPE_F64, N, INPUTS);
    t->targets = talus_matrix_view(t->labels, TALUS_DTYPE_I32, N, 1);
    t->parameters = talus_matrix_view(t->numbers[0], TALUS_DTYPE_F64, 1, N);
    t->gradient = talus_matrix_view(t->numbers[1], TALUS_DTYPE_F64, 1, N);
    expect_ok(t->context, make_network(t->context, &t->network));
    expect_ok(t->context, make_optimizer(t->context, &t->optimizer));
    expect_ok(t->context, talus_dataset_from_matrices(t->context, &t->inputs, &t->targets, &t->dataset));
    expect_ok(t->context, talus_workspace_create(t->context, t->network, N, &t->workspace));
    expect_ok(t->context, talus_trainer_create(t->network, NULL, N, &t->trainer));
}

static void free_things(things *t)
{
    talus_dataset_destroy(t->dataset);
    talus_optimizer_destroy(t->optimizer);
    talus_workspace_destroy(t->workspace);
    talus_trainer_destroy(t->trainer);
    talus_network_destroy(t->network);
    talus_context_destroy(t->context);
}

/* An allocator in which a thread can stop, and so stay in a call. */
typedef struct gate {
    sem_t stopped, go_on;
} gate;
static _Thread_local bool stops;

static void *allocate_at_gate(size_t bytes, void *user)
{
    gate *g = user;
    if (stops) {
        stops = false;
        sem_post(&g->stopped);
        sem_wait(&g->go_on);
    }
    return malloc(bytes);
}

static void release_at_gate(void *memory, void *user)
{
    (void)user;
    free(memory);
}

/* Another thread that is in a call. */
typedef struct holder {
    things things;
    gate gate;
    pthread_t thread;
    talus_status refused, made;
    bool same_message;
} holder;

/* The sentence of a failure of its own is, after a call, what it was. */
static void *hold(void *argument)
{
    holder *h = argument;
    char before[TL_MESSAGE_BYTES];
    talus_network *network = NULL;
    h->refused = talus_network_create(h->things.context, NULL, &network);
    strcpy(before, talus_error_message(h->things.context));
    stops = true;
    h->made = make_network(h->things.context, &network);
    h->same_message = strcmp(before, talus_error_message(h->things.context)) == 0;
    talus_network_destroy(network);
    return NULL;
}

static void start_holder(holder *h)
{
    talus_context_options options = counting_options(1, NULL);
    options.allocate = allocate_at_gate;
    options.release = release_at_gate;
    options.allocator_user = &h->gate;
    sem_init(&h->gate.stopped, 0, 0);
    sem_init(&h->gate.go_on, 0, 0);
    make_things(&h->things, &options);
    ck_assert_int_eq(pthread_create(&h->thread, NULL, hold, h), 0);
    sem_wait(&h->gate.stopped);
}

static void end_holder(holder *h)
{
    sem_post(&h->gate.go_on);
    pthread_join(h->thread, NULL);
    ck_assert_int_eq((intptr_t)h->refused, TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq((intptr_t)h->made, TALUS_OK);
    ck_assert(h->same_message);
}

static void free_holder(holder *h)
{
    free_things(&h->things);
    sem_destroy(&h->gate.stopped);
    sem_destroy(&h->gate.go_on);
}

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
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, NULL));
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

/* What another thread gets that makes a network. */
static void *try_network(void *argument)
{
    talus_network *network = NULL;
    talus_status status = make_network(argument, &network);
    talus_network_destroy(network);
    return (void *)(intptr_t)status;
}

static talus_status in_another_thread(talus_context *context)
{
    pthread_t thread;
    void *status = NULL;
    if (pthread_create(&thread, NULL, try_network, context) != 0 || pthread_join(thread, &status) != 0)
        return TALUS_STATUS_NONE;
    return (talus_status)(intptr_t)status;
}

START_TEST(calls_within_a_call_are_part_of_it)
{
    talus_context *context = context_with(1, NULL);
    talus_network *network = NULL;
    tl_call call, part;
    fesetround(FE_UPWARD);
    talus_status began = tl_call_begin(&call, context);
    int round_within = rounding();
    talus_status part_began = tl_call_begin(&part, context);
    talus_status made = make_network(context, &network);
    talus_status passed = tl_call_end(&part, TALUS_ERROR_DATA);
    int round_after_part = rounding();
    talus_status held = in_another_thread(context);
    tl_call_end(&call, TALUS_OK);
    int round_after = rounding();
    fesetround(FE_TONEAREST);
    ck_assert_int_eq((intptr_t)began, TALUS_OK);
    ck_assert_int_eq((intptr_t)part_began, TALUS_OK);
    ck_assert_int_eq((intptr_t)made, TALUS_OK);
    ck_assert_int_eq((intptr_t)passed, TALUS_ERROR_DATA);
    ck_assert_int_eq((intptr_t)held, TALUS_ERROR_STATE);
    ck_assert_int_eq(round_within, FE_TONEAREST);
    ck_assert_int_eq(round_after_part, FE_TONEAREST);
    ck_assert_int_eq(round_after, FE_UPWARD);
    ck_assert_int_eq((intptr_t)in_another_thread(context), TALUS_OK);
    talus_network_destroy(network);
    talus_context_destroy(context);
}
END_TEST

START_TEST(a_callback_makes_calls_in_the_mode_of_the_caller)
{
    talus_context *context = context_with(1, NULL);
    talus_network *network = NULL;
    tl_call call;
    fesetround(FE_UPWARD);
    tl_call_begin(&call, context);
    tl_call *callback = tl_callback_begin(context, TL_CALLBACK_OPEN);
    int round = rounding();
    talus_status made = make_network(context, &network);
    talus_network_destroy(network);
    int round_then = rounding();
    talus_status failed = talus_network_create(context, NULL, &network);
    talus_status held = in_another_thread(context);
    fesetround(FE_DOWNWARD);
    tl_callback_end(callback);
    int round_within = rounding();
    tl_call_end(&call, TALUS_OK);
    int round_after = rounding(); /* what the callback chose */
    fesetround(FE_TONEAREST);
    ck_assert_int_eq(round, FE_UPWARD);
    ck_assert_int_eq(round_then, FE_UPWARD);
    ck_assert_int_eq(round_within, FE_TONEAREST);
    ck_assert_int_eq(round_after, FE_DOWNWARD);
    ck_assert_int_eq((intptr_t)made, TALUS_OK);
    ck_assert_int_eq((intptr_t)failed, TALUS_ERROR_ARGUMENT);
    expect_message(context, "spec must not be NULL");
    ck_assert_int_eq((intptr_t)held, TALUS_ERROR_STATE);
    ck_assert_int_eq((intptr_t)in_another_thread(context), TALUS_OK);
    talus_context_destroy(context);
}
END_TEST

/* The mode in which a call computes is after a callback what it was; its checks see numbers that vanish in that mode. */
START_TEST(a_callback_leaves_the_mode_of_the_call)
{
    talus_context *context = context_with(1, NULL);
    volatile double smallest = 2.2250738585072014e-308, half[4];
    tl_call call;
    tl_call_begin(&call, context);
    half[0] = smallest / 2;
    tl_float_mode gradual = tl_float_enter();
    half[1] = smallest / 2;
    tl_call *callback = tl_callback_begin(context, TL_CALLBACK_CLOSED);
    half[2] = smallest / 2;
    tl_callback_end(callback);
    half[3] = smallest / 2;
    tl_float_leave(gradual);
    tl_call_end(&call, TALUS_OK);
    ck_assert(half[0] > 0);
    ck_assert_int_eq(half[1] == 0, tl_float_flushes());
    ck_assert(half[2] > 0);
    ck_assert_int_eq(half[3] == 0, tl_float_flushes());
    talus_context_destroy(context);
}
END_TEST

/* Makes calls from the functions of a fit. */
typedef struct visitor {
    things *things;
    talus_status made, failed;
    int round;
} visitor;

static int visit(const talus_epoch *epoch, void *user)
{
    visitor *v = user;
    talus_network *network = NULL;
    (void)epoch;
    v->round = rounding();
    v->made = make_network(v->things->context, &network);
    talus_network_destroy(network);
    v->failed = talus_network_create(v->things->context, NULL, &network);
    return 0;
}

START_TEST(functions_of_a_fit_make_calls)
{
    things t;
    make_things(&t, NULL);
    visitor v = {.things = &t};
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.on_epoch = visit;
    options.user = &v;
    fesetround(FE_UPWARD);
    talus_status fitted = talus_fit(t.network, t.dataset, NULL, &options, NULL);
    fesetround(FE_TONEAREST);
    expect_ok(t.context, fitted);
    ck_assert_int_eq((intptr_t)v.made, TALUS_OK);
    ck_assert_int_eq((intptr_t)v.failed, TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(v.round, FE_UPWARD);
    free_things(&t);
}
END_TEST

/* A log and an allocator that make calls, with the context that they serve and with another one. */
typedef struct prober {
    talus_context *served, *other;
    int lines, round;
    talus_status made, made_with_other;
    bool has_message;
} prober;

static void probe(prober *p)
{
    talus_network *network = NULL;
    p->round = rounding();
    p->made = make_network(p->served, &network);
    p->has_message = strstr(talus_error_message(p->served), "must make no calls") != NULL;
    p->made_with_other = make_network(p->other, &network);
    talus_network_destroy(network);
}

static void log_and_probe(const char *line, void *user)
{
    prober *p = user;
    (void)line;
    p->lines++;
    probe(p);
}

static void *allocate_and_probe(size_t bytes, void *user)
{
    prober *p = user;
    if (p->served != NULL)
        probe(p);
    return malloc(bytes);
}

static void release_and_probe(void *memory, void *user)
{
    (void)user;
    free(memory);
}

static void expect_refused(const prober *p)
{
    ck_assert_int_eq((intptr_t)p->made, TALUS_ERROR_STATE);
    ck_assert_int_eq((intptr_t)p->made_with_other, TALUS_OK);
    ck_assert(p->has_message);
    ck_assert_int_eq(p->round, FE_UPWARD);
}

START_TEST(the_log_makes_no_calls)
{
    prober p = {.other = context_with(1, NULL)};
    talus_context_options options = counting_options(1, NULL);
    talus_network *network = NULL;
    options.log = log_and_probe;
    options.log_user = &p;
    ck_assert_int_eq(talus_context_create(&options, &p.served), TALUS_OK);
    fesetround(FE_UPWARD);
    talus_status status = talus_network_create(p.served, NULL, &network);
    int round = rounding();
    fesetround(FE_TONEAREST);
    expect_refused(&p);
    ck_assert_int_eq(p.lines, 1);
    ck_assert_int_eq(round, FE_UPWARD);
    ck_assert_int_eq((intptr_t)status, TALUS_ERROR_ARGUMENT);
    expect_message(p.served, "spec must not be NULL");
    expect_ok(p.served, make_network(p.served, &network));
    talus_network_destroy(network);
    talus_context_destroy(p.served);
    talus_context_destroy(p.other);
}
END_TEST

START_TEST(the_allocator_makes_no_calls)
{
    prober p = {.other = context_with(1, NULL)};
    talus_context_options options = counting_options(1, NULL);
    talus_context *context = NULL;
    talus_network *network = NULL;
    options.allocate = allocate_and_probe;
    options.release = release_and_probe;
    options.allocator_user = &p;
    ck_assert_int_eq(talus_context_create(&options, &context), TALUS_OK);
    p.served = context;
    fesetround(FE_UPWARD);
    talus_status status = make_network(context, &network);
    fesetround(FE_TONEAREST);
    p.served = NULL;
    expect_refused(&p);
    expect_ok(context, status);
    ck_assert_str_eq(talus_error_message(context), "");
    talus_network_destroy(network);
    talus_context_destroy(context);
    talus_context_destroy(p.other);
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
    add_case(suite, "callbacks", calls_within_a_call_are_part_of_it,
             a_callback_makes_calls_in_the_mode_of_the_caller, functions_of_a_fit_make_calls,
             a_callback_leaves_the_mode_of_the_call, the_log_makes_no_calls, the_allocator_makes_no_calls);
    add_case(suite, "forks", a_child_is_not_kept_out_by_a_thread_of_its_parent, a_child_of_the_holder_holds);
    return run_suite(suite);
}
