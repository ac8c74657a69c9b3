#include "call_support.h"

static const talus_layer layer = {.width = 2, .activation = TALUS_SOFTMAX};
const talus_network_spec call_spec = {
    .inputs = INPUTS, .layers = &layer, .layer_count = 1, .loss = TALUS_CROSS_ENTROPY};

talus_status make_network(talus_context *context, talus_network **network)
{
    return talus_network_create(context, &call_spec, network);
}

talus_status make_optimizer(talus_context *context, talus_optimizer **optimizer)
{
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = 0.5;
    return talus_optimizer_create(context, &descent, TALUS_DTYPE_F64, N, optimizer);
}

void make_things(things *t, const talus_context_options *options)
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

void free_things(things *t)
{
    talus_dataset_destroy(t->dataset);
    talus_optimizer_destroy(t->optimizer);
    talus_workspace_destroy(t->workspace);
    talus_trainer_destroy(t->trainer);
    talus_network_destroy(t->network);
    talus_context_destroy(t->context);
}

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

void start_holder(holder *h)
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

void end_holder(holder *h)
{
    sem_post(&h->gate.go_on);
    pthread_join(h->thread, NULL);
    ck_assert_int_eq((intptr_t)h->refused, TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq((intptr_t)h->made, TALUS_OK);
    ck_assert(h->same_message);
}

void free_holder(holder *h)
{
    free_things(&h->things);
    sem_destroy(&h->gate.stopped);
    sem_destroy(&h->gate.go_on);
}

/* What another thread gets that makes a network. */
static void *try_network(void *argument)
{
    talus_network *network = NULL;
    talus_status status = make_network(argument, &network);
    talus_network_destroy(network);
    return (void *)(intptr_t)status;
}

talus_status in_another_thread(talus_context *context)
{
    pthread_t thread;
    void *status = NULL;
    if (pthread_create(&thread, NULL, try_network, context) != 0 || pthread_join(thread, &status) != 0)
        return TALUS_STATUS_NONE;
    return (talus_status)(intptr_t)status;
}
