/* What the library does to the process around it: nothing. And what the process may do to it. */
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "sample_trainer.h"
#include "training_bits.h"

/* Interposed: counts allocations while it is told to, and lets threads fail. */
static atomic_int threads_left = 1000;

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

#ifndef TEST_KEEPS_MALLOC
static atomic_int counting, allocations;

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

#ifndef TEST_KEEPS_MALLOC
static int allocations_in_steps(int threads, int64_t hidden, int64_t samples)
{
    problem p = make_problem(threads, hidden, NULL);
    p.in.rows = p.targets.rows = samples;
    expect_ok(p.context, take_steps(&p, 1)); /* what the system does when something is first called */
    atomic_store(&allocations, 0);
    atomic_store(&counting, 1);
    talus_status status = take_steps(&p, 100);
    atomic_store(&counting, 0);
    expect_ok(p.context, status);
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
    expect_ok(p.context, take_steps(&p, 20));
    free_problem(&p);
}
END_TEST

static void *run_bits(void *argument)
{
    training_run run = {
        .threads = 2, .precision = TALUS_DTYPE_F32, .method = TALUS_ADAM, .steps = 60, .plan = argument};
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
    talus_matrix in = talus_matrix_view(self->x, TALUS_DTYPE_F64, N, INPUTS);
    talus_matrix out = talus_matrix_view(self->outputs, TALUS_DTYPE_F64, N, OUTPUTS);
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
        expect_ok(p.context, take_steps(&p, 3));
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

int main(void)
{
    Suite *suite = suite_create("process");
#ifndef TEST_KEEPS_MALLOC
    add_case(suite, "allocations", a_step_allocates_nothing);
#endif
    add_case(suite, "threads", a_context_makes_do_with_the_threads_it_gets,
             contexts_in_two_threads_work_at_once, a_network_can_be_read_by_many);
    add_case(suite, "settings", settings_are_afterwards_what_they_were);
    return run_suite(suite);
}
