/* A process that forks: its child can go on with what the parent has made. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sample_trainer.h"

/* The exit code of a child; −1 if it ended otherwise. Check's macros are for the process that runs the suite. */
static int exit_code(pid_t child)
{
    int result;
    bool ended = waitpid(child, &result, 0) == child && WIFEXITED(result);
    return ended ? WEXITSTATUS(result) : -1;
}

static void give_up(int number)
{
    _exit(100 + number);
}

/* A process that hangs ends after a while; process 1 of a namespace only if it handles the signal. */
static void must_not_hang(void)
{
    signal(SIGALRM, give_up);
    alarm(20);
}

/* What a child does with what its parent has made; its exit code. */
static int go_on(problem *p)
{
    must_not_hang();
    talus_status status = take_steps(p, 5);
    talus_matrix theta;
    talus_network_parameters(p->network, &theta);
    float first = *(float *)theta.data;
    free_problem(p);
    return status == TALUS_OK && isfinite(first) ? 0 : 1;
}

START_TEST(a_child_can_go_on)
{
    problem p = make_problem(3, 400, NULL);
    expect_ok(p.context, take_steps(&p, 5));
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(go_on(&p));
    ck_assert_int_eq(exit_code(child), 0);
    expect_ok(p.context, take_steps(&p, 5));
    free_problem(&p);
}
END_TEST

/* Forks into a process namespace of its own, where the child is process 1; −1 where that is not permitted. */
static pid_t fork_as_process_1(void)
{
    return unshare(CLONE_NEWPID) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWPID) == 0 ? fork() : -1;
}

enum { NOT_PERMITTED = 77 };

/* Process 1 makes a trainer, and its child is process 1 too. */
static int be_process_1(void)
{
    must_not_hang();
    problem p = make_problem(2, 400, NULL);
    if (take_steps(&p, 5) != TALUS_OK)
        return 1;
    usleep(50000); /* until the workers sleep, so that nobody in the child wakes */
    pid_t child = fork_as_process_1();
    if (child == 0)
        _exit(getpid() == 1 ? go_on(&p) : 2);
    if (child < 0)
        return NOT_PERMITTED;
    int code = exit_code(child);
    free_problem(&p);
    return code;
}

START_TEST(a_child_with_the_number_of_its_parent_can_go_on)
{
    pid_t helper = fork(); /* which changes what its own children are, not those of other tests */
    ck_assert_int_ge(helper, 0);
    if (helper == 0) {
        pid_t first = fork_as_process_1();
        if (first == 0)
            _exit(be_process_1());
        _exit(first < 0 ? NOT_PERMITTED : exit_code(first));
    }
    int code = exit_code(helper);
    if (code == NOT_PERMITTED)
        fprintf(stderr, "namespaces of processes are not permitted here\n");
    else
        ck_assert_int_eq(code, 0);
}
END_TEST

__attribute__((weak)) extern int openblas_get_num_threads(void);
__attribute__((weak)) extern void openblas_set_num_threads(int);

static int blas_threads(void)
{
    return openblas_get_num_threads == NULL ? 0 : openblas_get_num_threads();
}

static atomic_bool stop;

static void *train_until_stopped(void *argument)
{
    problem *p = argument;
    talus_status status = TALUS_OK;
    while (status == TALUS_OK && !atomic_load(&stop))
        status = take_steps(p, 1);
    return (void *)(intptr_t)status;
}

/* A fork at any time of a product in another thread: the BLAS of the child has the threads that its host gave it, none of
 * its locks is held for ever, and it multiplies. */
START_TEST(a_child_has_the_blas_of_the_host)
{
    enum { FORKS = 40 };
    if (openblas_set_num_threads != NULL)
        openblas_set_num_threads(2);
    int threads = blas_threads(), codes[FORKS];
    problem busy = make_problem(2, 400, blas_plan), p = make_problem(2, 400, blas_plan);
    expect_ok(p.context, take_steps(&p, 1));
    pthread_t trainer;
    atomic_store(&stop, false);
    ck_assert_int_eq(pthread_create(&trainer, NULL, train_until_stopped, &busy), 0);
    for (int i = 0; i < FORKS; i++) {
        usleep(1000);
        pid_t child = fork();
        if (child == 0)
            _exit(blas_threads() == threads ? go_on(&p) : 50 + blas_threads());
        codes[i] = child < 0 ? -2 : exit_code(child);
    }
    atomic_store(&stop, true);
    void *status;
    pthread_join(trainer, &status);
    for (int i = 0; i < FORKS; i++)
        ck_assert_int_eq(codes[i], 0);
    ck_assert_int_eq((intptr_t)status, TALUS_OK);
    ck_assert_int_eq(blas_threads(), threads);
    free_problem(&busy), free_problem(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fork");
    add_case(suite, "fork", a_child_can_go_on, a_child_has_the_blas_of_the_host,
             a_child_with_the_number_of_its_parent_can_go_on);
    return run_suite(suite);
}
