/* A process that saves is killed before each of its calls of the system in turn: the file is the old or the new one, whole.
 * And files that the system refuses to remove. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <talus/model.h>

#include "checkpoint_support.h"

#ifdef __linux__
#include <sys/ptrace.h>

enum { SKIPPED = 77 };

/* Processes that are traced ------------------------------------------------------------------------------ */

static pid_t begin_traced(void (*act)(void))
{
    pid_t child = fork();
    if (child != 0)
        return child;
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(SKIPPED);
    raise(SIGSTOP);
    act();
    _exit(EXIT_SUCCESS);
}

/* Runs to the next time that it enters a call or leaves it; whether it still lives. */
static bool goes_on(pid_t child)
{
    int how;
    ck_assert_int_eq(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    if (WIFEXITED(how))
        ck_assert_int_eq(WEXITSTATUS(how), EXIT_SUCCESS);
    else
        ck_assert(WIFSTOPPED(how) && WSTOPSIG(how) == (SIGTRAP | 0x80)); /* PTRACE_O_TRACESYSGOOD */
    return !WIFEXITED(how);
}

/* Kills the process as it enters its call number k; whether it came to its end before. */
static bool ends_before_call(int k, void (*act)(void))
{
    int how;
    pid_t child = begin_traced(act);
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert(WIFSTOPPED(how) && WSTOPSIG(how) == SIGSTOP);
    ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD), 0);
    for (int stops = 1; stops < 2 * k; stops++) /* before each call, and after it */
        if (!goes_on(child))
            return true;
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    return false;
}

static void do_nothing(void)
{
}

static bool may_trace(void)
{
    int how = 0;
    pid_t child = begin_traced(do_nothing);
    if (waitpid(child, &how, 0) != child || WIFEXITED(how))
        return false;
    bool may = ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD) == 0 &&
               ptrace(PTRACE_SYSCALL, child, NULL, NULL) == 0 && waitpid(child, &how, 0) == child &&
               WIFSTOPPED(how);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &how, 0);
    return may;
}

/* Files -------------------------------------------------------------------------------------------------- */

enum { MOST_BYTES = 1 << 16 };

typedef struct content {
    size_t length;
    char bytes[MOST_BYTES];
} content;

static content read_file(const char *name)
{
    content found;
    FILE *file = fopen(name, "rb");
    ck_assert_ptr_nonnull(file);
    found.length = fread(found.bytes, 1, MOST_BYTES, file);
    ck_assert_uint_lt(found.length, MOST_BYTES);
    fclose(file);
    return found;
}

static void write_file(const content *is)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(is->bytes, 1, is->length, file), is->length);
    ck_assert_int_eq(fclose(file), 0);
}

static bool file_is(const content *expected)
{
    content found = read_file(path);
    return found.length == expected->length && memcmp(found.bytes, expected->bytes, found.length) == 0;
}

/* Removes all files; the number of those that a save left unfinished. */
static int clear_folder(void)
{
    int unfinished = 0;
    DIR *entries = opendir(folder);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char name[400];
        snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
        unfinished += strstr(entry->d_name, ".part") != NULL;
        unlink(name);
    }
    closedir(entries);
    return unfinished;
}

/* Models ------------------------------------------------------------------------------------------------- */

static talus_network *saved;

static void save_model(void)
{
    if (talus_model_save(saved, NULL, path) != TALUS_OK)
        _exit(EXIT_FAILURE);
}

START_TEST(a_model_is_whole_after_any_kill)
{
    static content old, new;
    saved = two_layers(TALUS_DTYPE_F64, 3, 5, 2, TALUS_IDENTITY);
    expect_ok(context, talus_model_save(saved, NULL, path));
    old = read_file(path);
    talus_network_destroy(saved);
    saved = two_layers(TALUS_DTYPE_F32, 40, 30, 20, TALUS_SOFTMAX);
    expect_ok(context, talus_model_save(saved, NULL, path));
    new = read_file(path);
    int with_old = 0, with_new = 0, unfinished = 0;
    for (int k = 1;; k++) {
        unfinished += clear_folder();
        if (_i == 0)
            write_file(&old);
        bool ends = ends_before_call(k, save_model);
        bool is_there = access(path, F_OK) == 0;
        ck_assert(is_there || _i == 1);
        bool is_new = is_there && file_is(&new);
        ck_assert(is_new || !is_there || file_is(&old));
        ck_assert(is_new || with_new == 0); /* once it is there, it stays */
        with_new += is_new, with_old += !is_new;
        if (ends)
            break;
    }
    ck_assert_int_ge(with_old,
                     5); /* look, open, write, sync, close, and rename, before which there is the old one */
    ck_assert_int_ge(with_new, 3); /* open, sync and close the directory */
    ck_assert_int_ge(unfinished, 3);
    ck_assert_int_eq(clear_folder(), 0);
    talus_network_destroy(saved);
}
END_TEST

/* Checkpoints -------------------------------------------------------------------------------------------- */

static const fit_case *kind;
static int64_t keep;

/* Goes on from the checkpoint, which this replaces. */
static void go_on(void)
{
    pupil p;
    talus_fit_options options;
    if (talus_checkpoint_resume(context, path, &p.network, &p.trainer, &options) != TALUS_OK)
        _exit(EXIT_FAILURE);
    options.checkpoint = path, options.checkpoint_keep = keep;
    if (fit_case_data(kind, p.trainer, &options, NULL) != TALUS_OK)
        _exit(EXIT_FAILURE);
}

/* The steps of the fit that this file alone holds, whose sum says whether it is whole. */
static int64_t steps_in(const char *name)
{
    pupil p;
    expect_ok(context, talus_checkpoint_resume(context, name, &p.network, &p.trainer, NULL));
    int64_t steps = talus_trainer_steps(p.trainer);
    free_pupil(&p);
    return steps;
}

START_TEST(a_checkpoint_is_whole_after_any_kill)
{
    static content old;
    kind = &fit_cases[0], keep = _i;
    pupil p = make_case(kind, TALUS_DTYPE_F64, TALUS_ADAM);
    talus_fit_options options = options_of(kind);
    stopper by = {.after = 2 * STEPS - 2};
    stop_by(&by, &options);
    options.checkpoint = path, options.checkpoint_keep = 1;
    expect_ok(context, fit_case_data(kind, p.trainer, &options, NULL));
    free_pupil(&p);
    old = read_file(path);
    int64_t first = steps_in(path), last = first;
    int unfinished = 0, with_older = 0;
    ck_assert_int_eq(first, 2 * STEPS - 2);
    for (int k = 1;; k++) {
        char older[128];
        unfinished += clear_folder();
        write_file(&old);
        bool ends = ends_before_call(k, go_on);
        snprintf(older, sizeof older, "%s.1", path);
        if (access(older, F_OK) == 0) {
            char aside[128];
            snprintf(aside, sizeof aside, "%s/older", folder); /* so that the newest is read itself */
            ck_assert_int_eq(rename(older, aside), 0);
            ck_assert_int_le(steps_in(aside), steps_in(path));
            with_older++;
        }
        int64_t steps = steps_in(path);
        ck_assert_int_ge(steps, last);
        last = steps;
        if (ends)
            break;
    }
    ck_assert_int_eq(last, 3 * STEPS);
    ck_assert_int_ge(unfinished, 6);
    ck_assert((with_older > 0) == (keep > 1));
}
END_TEST

/* Refused removals --------------------------------------------------------------------------------------- */

static bool refuses_writes, refuses_removals;

ssize_t __real_write(int descriptor, const void *bytes, size_t count);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t count);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t count)
{
    errno = ENOSPC;
    return refuses_writes ? -1 : __real_write(descriptor, bytes, count);
}

int __real_unlink(const char *name);
int __wrap_unlink(const char *name);
int __wrap_unlink(const char *name)
{
    errno = EBUSY;
    return refuses_removals ? -1 : __real_unlink(name);
}

/* What went wrong first is told; the old file stays, and the next save is not in the way of what is left. */
START_TEST(a_save_that_cannot_clear_away_tells_why_it_failed)
{
    talus_network *one = two_layers(TALUS_DTYPE_F64, 3, 5, 2, TALUS_IDENTITY),
                  *other = two_layers(TALUS_DTYPE_F32, 3, 5, 2, TALUS_IDENTITY);
    expect_ok(context, talus_model_save(one, NULL, path));
    content old = read_file(path);
    refuses_writes = refuses_removals = true;
    talus_status status = talus_model_save(other, NULL, path);
    refuses_writes = refuses_removals = false;
    expect_status(context, TALUS_ERROR_FILE, status);
    expect_message(context, strerror(ENOSPC));
    ck_assert(file_is(&old));
    expect_ok(context, talus_model_save(other, NULL, path));
    ck_assert(!file_is(&old));
    ck_assert_int_eq(clear_folder(), 1);
    talus_network_destroy(other);
    talus_network_destroy(one);
}
END_TEST

int main(void)
{
    if (!may_trace()) {
        puts("processes may not be traced here");
        return SKIPPED;
    }
    Suite *suite = suite_create("save_kills");
    TCase *all = case_with(suite, begin_checkpoints, end_checkpoints);
    tcase_add_loop_test(all, a_model_is_whole_after_any_kill, 0,
                        2); /* over another, and where there is none */
    tcase_add_loop_test(all, a_checkpoint_is_whole_after_any_kill, 1, 3);
    tcase_add_test(all, a_save_that_cannot_clear_away_tells_why_it_failed);
    return run_suite(suite);
}
#else
int main(void)
{
    return 77;
}
#endif
