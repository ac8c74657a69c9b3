/* A process that fits with checkpoints is killed at any moment, again and again: no checkpoint is lost, none is half a one, and
 * the fit that goes on ends with the bits of one that nobody killed. The argument is how many kills there are. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkpoint_support.h"

static int kills = 20;

enum { CHILD_RESUMED_NOT = 3, CHILD_FAILED = 4 };

static bool is_there(void)
{
    return access(path, F_OK) == 0;
}

/* Every step has its checkpoint. */
static int run_child(const fit_case *of, int method)
{
    pupil p;
    talus_fit_options options = options_of(of);
    if (!is_there())
        p = make_case(of, TALUS_DTYPE_F64, method);
    else if (talus_checkpoint_resume(context, path, &p.network, &p.trainer, &options) != TALUS_OK)
        return CHILD_RESUMED_NOT;
    options.checkpoint = path, options.checkpoint_seconds = 1e-9;
    return fit_case_data(of, p.trainer, &options, NULL) == TALUS_OK ? EXIT_SUCCESS : CHILD_FAILED;
}

/* Whether the process came to its end before it was killed. */
static bool run_and_kill(const fit_case *of, int method, double seconds)
{
    int how;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(run_child(of, method));
    usleep((useconds_t)(1e6 * seconds));
    ck_assert_int_eq(kill(child, SIGKILL), 0); /* one that has ended still has its number */
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    if (WIFEXITED(how))
        ck_assert_int_eq(WEXITSTATUS(how), EXIT_SUCCESS);
    return WIFEXITED(how);
}

/* The steps of the newest checkpoint, which is not a fallback; −1 if there is none yet. */
static int64_t steps_kept(void)
{
    int64_t steps = -1;
    pupil p;
    if (!is_there())
        return steps;
    expect_ok(context, talus_checkpoint_resume(context, path, &p.network, &p.trainer, NULL));
    steps = talus_trainer_steps(p.trainer);
    free_pupil(&p);
    return steps;
}

/* One fit, killed until it ends: the number of kills. */
static int fit_and_kill(const fit_case *of, int method, number_stream *at)
{
    double longest = 0.02; /* seconds of a process */
    int64_t kept = -1;
    for (int count = 0;; count++) {
        bool ends = run_and_kill(of, method, longest * (1 + next_number(at)) / 2);
        int64_t now = steps_kept();
        ck_assert_int_ge(now, kept);
        if (ends)
            return count;
        if (now == kept)
            longest *= 1.2; /* on a slow machine */
        kept = now;
    }
}

START_TEST(nothing_is_lost_to_kills)
{
    static const int methods[] = {TALUS_ADAM, TALUS_SCHEDULE_FREE, TALUS_LBFGS};
    const fit_case *of = &fit_cases[1]; /* with a best epoch */
    number_stream at = numbers_from(7);
    for (int count = 0, run = 0; count < kills; run++) {
        const int method = methods[run % 3];
        pupil whole = make_case(of, TALUS_DTYPE_F64, method), p;
        talus_fit_options options = options_of(of);
        talus_fit_result of_whole, result;
        expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
        count += fit_and_kill(of, method, &at);
        p = resume_pupil(&options);
        expect_ok(context, fit_case_data(of, p.trainer, &options, &result));
        same_fits(of, &whole, &of_whole, &p, &result);
        free_pupil(&p), free_pupil(&whole);
        ck_assert_int_eq(unlink(path), 0);
    }
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1)
        kills = atoi(argv[1]);
    Suite *suite = suite_create("checkpoint_kills");
    tcase_add_test(case_with(suite, begin_checkpoints, end_checkpoints), nothing_is_lost_to_kills);
    return run_suite(suite);
}
