/* A process that forks: its child can go on with what the parent has made. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "problem.h"

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

int main(void)
{
    Suite *suite = suite_create("fork");
    add_case(suite, "fork", a_child_can_go_on, a_child_with_the_number_of_its_parent_can_go_on);
    return run_suite(suite);
}
