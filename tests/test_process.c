/* What the library does to the process around it: nothing. And what the process may do to it. */
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "training_bits.h"

/* Interposed: counts calls while it is told to, and lets threads fail. */
static atomic_int counting, threads_left = 1000;

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

#ifndef TEST_KEEPS_MALLOC
static atomic_int allocations;

void *malloc(size_t bytes)
{
    atomic_fetch_add(&allocations, atomic_load(&counting));
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    atomic_fetch_add(&allocations, atomic_load(&counting));
    return __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    atomic_fetch_add(&allocations, atomic_load(&counting));
    return __libc_realloc(memory, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    atomic_fetch_add(&allocations, atomic_load(&counting));
    *memory = __libc_memalign(alignment, bytes);
    return *memory == NULL ? ENOMEM : 0;
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    atomic_fetch_add(&allocations, atomic_load(&counting));
    return __libc_memalign(alignment, bytes);
}
#endif

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument)
{
    if (atomic_fetch_sub(&threads_left, 1) <= 0)
        return EAGAIN;
    return __real_pthread_create(thread, attributes, start, argument);
}

/* A trainer on a small problem. */
typedef struct problem {
    talus_context *context;
    talus_network *network;
    talus_trainer *trainer;
    double *x, *y;
    talus_matrix in, targets;
} problem;

enum { N = 96, INPUTS = 70, OUTPUTS = 3 };

/* With 400 hidden units or more there is enough work for the threads to share it. */
static problem make_problem(int threads, int64_t hidden, const char *plan)
{
    problem p = {.context = context_with(threads, NULL),
                 .x = random_array(1, N * INPUTS),
                 .y = random_array(2, N * OUTPUTS)};
    talus_layer layers[] = {{.width = hidden, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    talus_network_spec spec = {.inputs = INPUTS, .layers = layers, .layer_count = 2};
    if (plan != NULL)
        expect_ok(p.context, talus_context_set_plan(p.context, plan));
    expect_ok(p.context, talus_network_create(p.context, &spec, &p.network));
    expect_ok(p.context, talus_trainer_create(p.network, NULL, N, &p.trainer));
    p.in = talus_matrix_view(p.x, TALUS_F64, N, INPUTS);
    p.targets = talus_matrix_view(p.y, TALUS_F64, N, OUTPUTS);
    return p;
}

/* Check's own macros allocate, so the status is looked at afterwards. */
static void take_steps(problem *p, int steps)
{
    talus_status status = TALUS_OK;
    for (int i = 0; i < steps && status == TALUS_OK; i++)
        status = talus_trainer_step(p->trainer, &p->in, &p->targets, NULL);
    bool kept = atomic_exchange(&counting, 0);
    expect_ok(p->context, status);
    atomic_store(&counting, kept);
}

static void free_problem(problem *p)
{
    talus_trainer_destroy(p->trainer);
    talus_network_destroy(p->network);
    talus_context_destroy(p->context);
    free(p->x), free(p->y);
}

static const char *const blas_plan =
    "avx512 f32 products=blas\navx512 f64 products=blas\navx2 f32 products=blas\navx2 f64 products=blas\n";

#ifndef TEST_KEEPS_MALLOC
static int allocations_in_steps(int threads, int64_t hidden, int64_t samples)
{
    problem p = make_problem(threads, hidden, NULL);
    p.in.rows = p.targets.rows = samples;
    take_steps(&p, 1); /* what the system does when something is first called */
    atomic_store(&allocations, 0);
    atomic_store(&counting, 1);
    take_steps(&p, 100);
    atomic_store(&counting, 0);
    int found = atomic_load(&allocations);
    free_problem(&p);
    return found;
}

/* With the products of the library's own. Those of OpenBLAS 0.3.21 for small matrices allocate a buffer in calls that
 * end in a narrow edge. */
START_TEST(a_step_allocates_nothing)
{
    atomic_store(&allocations, 0);
    atomic_store(&counting, 1);
    void *volatile memory = malloc(1); /* the counter counts */
    free(memory);
    atomic_store(&counting, 0);
    ck_assert_int_ge(atomic_load(&allocations), 1);
    for (int threads = 1; threads <= 3; threads++)
        for (int64_t hidden = 8; hidden <= 600; hidden *= 5) {
            ck_assert_int_eq(allocations_in_steps(threads, hidden, N), 0);
            ck_assert_int_eq(allocations_in_steps(threads, hidden, 1), 0);
        }
}
END_TEST
#endif

START_TEST(a_context_makes_do_with_the_threads_it_gets)
{
    for (int given = 0; given <= 3; given++) {
        atomic_store(&threads_left, given);
        talus_context *context = context_with(4, NULL);
        atomic_store(&threads_left, 1000);
        ck_assert_int_eq(talus_context_threads(context), 1 + given);
        talus_context_destroy(context);
    }
    atomic_store(&threads_left, 1);
    problem p = make_problem(8, 400, NULL);
    atomic_store(&threads_left, 1000);
    ck_assert_int_eq(talus_context_threads(p.context), 2);
    take_steps(&p, 20);
    free_problem(&p);
}
END_TEST

START_TEST(a_child_of_fork_can_go_on)
{
    problem p = make_problem(3, 400, NULL);
    take_steps(&p, 5);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        alarm(20); /* it must not hang */
        talus_status status = TALUS_OK;
        for (int i = 0; i < 5 && status == TALUS_OK; i++)
            status = talus_trainer_step(p.trainer, &p.in, &p.targets, NULL);
        talus_matrix theta;
        talus_network_parameters(p.network, &theta);
        float first = *(float *)theta.data;
        free_problem(&p);
        _exit(status == TALUS_OK && isfinite(first) ? 0 : 1);
    }
    int result;
    ck_assert_int_eq(waitpid(child, &result, 0), child);
    ck_assert(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    take_steps(&p, 5);
    free_problem(&p);
}
END_TEST

static void *run_bits(void *argument)
{
    training_run run = {
        .threads = 2, .precision = TALUS_F32, .method = TALUS_ADAM, .steps = 60, .plan = argument};
    uint64_t *hash = malloc(sizeof *hash);
    *hash = training_bits(&run);
    return hash;
}

START_TEST(contexts_in_two_threads_work_at_once)
{
    for (int blas = 0; blas < 2; blas++) {
        char *plan = blas ? strdup(blas_plan) : NULL;
        uint64_t *alone = run_bits(plan);
        pthread_t threads[2];
        for (int i = 0; i < 2; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, run_bits, plan), 0);
        for (int i = 0; i < 2; i++) {
            void *hash;
            pthread_join(threads[i], &hash);
            ck_assert(*(uint64_t *)hash == *alone);
            free(hash);
        }
        free(alone), free(plan);
    }
}
END_TEST

/* One network, read by callers in several threads, each with a context and a workspace. */
typedef struct reader {
    const talus_network *network;
    const double *x;
    double outputs[N * OUTPUTS];
} reader;

static void *run_reader(void *argument)
{
    reader *self = argument;
    talus_context *context = context_with(2, NULL);
    talus_workspace *workspace;
    talus_matrix in = talus_matrix_view(self->x, TALUS_F64, N, INPUTS);
    talus_matrix out = talus_matrix_view(self->outputs, TALUS_F64, N, OUTPUTS);
    expect_ok(context, talus_workspace_create(context, self->network, N, &workspace));
    for (int i = 0; i < 50; i++)
        expect_ok(context, talus_predict(self->network, workspace, &in, &out));
    talus_workspace_destroy(workspace);
    talus_context_destroy(context);
    return NULL;
}

START_TEST(a_network_can_be_read_by_many)
{
    static reader readers[3];
    problem p = make_problem(1, 400, NULL);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        readers[i].network = p.network, readers[i].x = p.x;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_reader, &readers[i]), 0);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    for (int i = 1; i < 3; i++)
        ck_assert_mem_eq(readers[0].outputs, readers[i].outputs, sizeof readers[0].outputs);
    free_problem(&p);
}
END_TEST

__attribute__((weak)) extern int openblas_get_num_threads(void);
__attribute__((weak)) extern void openblas_set_num_threads(int);

START_TEST(settings_are_afterwards_what_they_were)
{
    bool openblas = openblas_get_num_threads != NULL && openblas_set_num_threads != NULL;
    if (openblas)
        openblas_set_num_threads(2);
    int before = openblas ? openblas_get_num_threads() : 0;
    sigset_t mask_before, mask_after;
    sigemptyset(&mask_before), sigemptyset(&mask_after);
    fesetround(FE_UPWARD);
    pthread_sigmask(SIG_BLOCK, NULL, &mask_before);
    for (int blas = 0; blas < 2; blas++) {
        problem p = make_problem(2, 400, blas ? blas_plan : NULL);
        take_steps(&p, 3);
        free_problem(&p);
    }
    pthread_sigmask(SIG_BLOCK, NULL, &mask_after);
    ck_assert_int_eq(fegetround(), FE_UPWARD);
    fesetround(FE_TONEAREST);
    for (int number = 1; number < 32; number++)
        ck_assert_int_eq(sigismember(&mask_before, number), sigismember(&mask_after, number));
    ck_assert_int_eq(openblas ? openblas_get_num_threads() : 0, before);
}
END_TEST

/* The smallest subnormal number, made in a way that no compiler foresees. */
static float half_of(volatile float x)
{
    return x / 2;
}

START_TEST(subnormal_numbers_are_the_callers_again)
{
    problem p = make_problem(2, 400, NULL);
    take_steps(&p, 2);
    ck_assert(half_of(1.17549435e-38f) > 0);
    free_problem(&p);
}
END_TEST

/* Finite data of any size raises nothing beyond inexact and underflow. */
START_TEST(no_floating_point_exceptions_are_raised)
{
    static const int activations[] = {TALUS_RELU, TALUS_ELU, TALUS_SIGMOID, TALUS_TANH, TALUS_SOFTPLUS};
    for (int i = 0; i < 5; i++) {
        talus_context *context = context_with(2, NULL);
        talus_layer layers[] = {{.width = 33, .activation = activations[i]},
                                {.width = 3, .activation = TALUS_SOFTMAX}};
        talus_network_spec spec = {
            .inputs = INPUTS, .layers = layers, .layer_count = 2, .loss = TALUS_CROSS_ENTROPY};
        talus_network *network;
        talus_trainer *trainer;
        double *x = random_array(5, N * INPUTS), cost;
        int32_t labels[N] = {0};
        for (int j = 0; j < N * INPUTS; j++)
            x[j] *= 1e4;
        talus_matrix in = talus_matrix_view(x, TALUS_F64, N, INPUTS),
                     y = talus_matrix_view(labels, TALUS_I32, N, 1);
        expect_ok(context, talus_network_create(context, &spec, &network));
        expect_ok(context, talus_trainer_create(network, NULL, N, &trainer));
        feclearexcept(FE_ALL_EXCEPT);
        for (int step = 0; step < 5; step++)
            expect_ok(context, talus_trainer_step(trainer, &in, &y, &cost));
        ck_assert_int_eq(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        talus_trainer_destroy(trainer);
        talus_network_destroy(network);
        talus_context_destroy(context);
        free(x);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("process");
#ifndef TEST_KEEPS_MALLOC
    add_case(suite, "allocations", a_step_allocates_nothing);
#endif
    add_case(suite, "threads", a_context_makes_do_with_the_threads_it_gets, a_child_of_fork_can_go_on,
             contexts_in_two_threads_work_at_once, a_network_can_be_read_by_many);
    add_case(suite, "settings", settings_are_afterwards_what_they_were,
             subnormal_numbers_are_the_callers_again, no_floating_point_exceptions_are_raised);
    return run_suite(suite);
}
