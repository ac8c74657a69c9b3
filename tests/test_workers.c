/* The threads of a context as threads of the host's process: their signals and their stacks. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/context.h"
#include "sample_trainer.h"

/* What a processor says of the instruction that a thread runs: for a handler of the host, in this thread. */
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
enum { FAULTS = 6 };
static const int others[] = {SIGTERM, SIGINT, SIGALRM, SIGUSR1, SIGCHLD, SIGPROF};

static pthread_t in_handler;
static atomic_int seen[NSIG];

static void note(int number)
{
    in_handler = pthread_self();
    atomic_fetch_add(&seen[number], 1);
}

typedef struct raising {
    atomic_int done;
    int in_this_thread[FAULTS]; /* handlers that ran in the worker before raise returned */
    sigset_t mask;
} raising;

/* The caller's thread waits until a worker has raised all. */
static void raise_in_a_worker(void *job, int64_t task, int worker)
{
    raising *self = job;
    (void)task;
    for (int i = 0; worker != 0 && i < FAULTS; i++) {
        int before = atomic_load(&seen[faults[i]]);
        raise(faults[i]);
        self->in_this_thread[i] = atomic_load(&seen[faults[i]]) == before + 1 &&
                                  pthread_equal(in_handler, pthread_self());
    }
    if (worker != 0) {
        pthread_sigmask(SIG_BLOCK, NULL, &self->mask);
        atomic_store(&self->done, 1);
    }
    while (!atomic_load(&self->done))
        usleep(100);
}

START_TEST(a_fault_in_a_worker_meets_the_hosts_handler)
{
    struct sigaction action = {.sa_handler = note}, before[FAULTS];
    raising job = {0};
    talus_context *context = context_with(2, NULL);
    for (int i = 0; i < FAULTS; i++)
        ck_assert_int_eq(sigaction(faults[i], &action, &before[i]), 0);
    tl_pool_run(context->pool, raise_in_a_worker, &job, 2);
    talus_context_destroy(context);
    for (int i = 0; i < FAULTS; i++) {
        sigaction(faults[i], &before[i], NULL);
        ck_assert_msg(job.in_this_thread[i], "signal %d did not reach its handler", faults[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(sigismember(&job.mask, others[i]) == 1, "signal %d may reach a worker", others[i]);
}
END_TEST

/* Trains in a child, where threads have stacks of `bytes` unless they ask for more; what wait says of it. */
static int train_with_stacks_of(size_t bytes, const char *plan)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        pthread_attr_t attributes;
        alarm(60);
        pthread_attr_init(&attributes);
        if (pthread_attr_setstacksize(&attributes, bytes) != 0 ||
            pthread_setattr_default_np(&attributes) != 0)
            _exit(2);
        problem p = make_problem(3, 400, plan);
        bool threads = talus_context_threads(p.context) == 3;
        talus_status status = take_steps(&p, 20);
        free_problem(&p);
        _exit(threads && status == TALUS_OK ? 0 : 1);
    }
    int result;
    ck_assert_int_eq(waitpid(child, &result, 0), child);
    return result;
}

/* As after `ulimit -s`; of the stack, what libraries declare as _Thread_local takes its part: 60 KB of OpenBLAS's. */
START_TEST(workers_have_enough_stack)
{
    for (size_t kilobytes = 24; kilobytes <= 96; kilobytes += 8) {
        ck_assert_int_eq(train_with_stacks_of(kilobytes << 10, NULL), 0);
        if (kilobytes >= 72) /* OpenBLAS's own threads do not start with less */
            ck_assert_int_eq(train_with_stacks_of(kilobytes << 10, blas_plan), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("workers");
    add_case(suite, "workers", a_fault_in_a_worker_meets_the_hosts_handler, workers_have_enough_stack);
    return run_suite(suite);
}
