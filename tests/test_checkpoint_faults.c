/* Checkpoints when the system or the memory fails, and files that are broken or lie. The argument is how many bits it is to the
 * next one that is changed. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkpoint_support.h"

/* Calls of the system are counted, and number fails_at fails. */
static int calls, fails_at, error;

static int stride = 7; /* which meets every bit of a byte */

static bool refused(void)
{
    errno = error;
    return ++calls == fails_at;
}

#define WRAPPED(type, name, parameters, arguments)                                                           \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        return refused() ? -1 : __real_##name arguments;                                                     \
    }

WRAPPED(int, fsync, (int descriptor), (descriptor))
WRAPPED(int, rename, (const char *from, const char *to), (from, to))
WRAPPED(ssize_t, write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count))
WRAPPED(int, linkat, (int from_folder, const char *from, int to_folder, const char *to, int flags),
        (from_folder, from, to_folder, to, flags))

WRAPPED(int, unlink, (const char *name), (name))
WRAPPED(ssize_t, read, (int descriptor, void *bytes, size_t count), (descriptor, bytes, count))

/* A file is closed also where the system says that something went wrong with it. */
int __real_close(int descriptor);
int __wrap_close(int descriptor);
int __wrap_close(int descriptor)
{
    bool fails = refused();
    int closed = __real_close(descriptor);
    errno = fails ? error : errno;
    return fails ? -1 : closed;
}

static void remove_files(void)
{
    static const char *const ends[] = {"", ".1", ".2"};
    for (int i = 0; i < 3; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static talus_fit_options options_with_files(const fit_case *of)
{
    talus_fit_options options = options_of(of);
    options.checkpoint = path, options.checkpoint_keep = 3, options.checkpoint_notes = "{}";
    return options;
}

/* A fit that could not write goes on from what it wrote before, and ends with the same bits. */
static void go_on(const fit_case *of, pupil *whole, const talus_fit_result *of_whole)
{
    talus_fit_result result;
    pupil p = resume_pupil(NULL);
    expect_ok(context, fit_case_data(of, p.trainer, NULL, &result));
    same_parameters(whole->network, p.network);
    ck_assert(result.cost == of_whole->cost);
    ck_assert_int_eq(result.steps, of_whole->steps);
    free_pupil(&p);
}

START_TEST(every_call_of_the_system_may_fail)
{
    static const int errors[] = {EIO, ENOSPC, EPERM};
    const fit_case *of = &fit_cases[0];
    pupil whole = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM);
    talus_fit_options options = options_of(of);
    talus_fit_result of_whole;
    int failures = 0;
    expect_ok(context, fit_case_data(of, whole.trainer, &options, &of_whole));
    options = options_with_files(of);
    error = errors[_i];
    for (int n = 1;; n++) {
        pupil p = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM);
        remove_files();
        calls = 0, fails_at = n;
        talus_status status = fit_case_data(of, p.trainer, &options, NULL);
        bool is_over = calls < n;
        fails_at = 0;
        free_pupil(&p);
        if (status != TALUS_OK) {
            failures++;
            ck_assert_int_eq(status, TALUS_ERROR_FILE);
        }
        if (access(path, F_OK) == 0)
            go_on(of, &whole, &of_whole);
        else
            ck_assert_int_le(n, 4); /* the write, the sync, the close and the rename of the first one */
        if (is_over)
            break;
    }
    ck_assert_int_ge(failures, error == EPERM ? 26 : 29); /* links may be renamed instead */
    free_pupil(&whole);
}
END_TEST

START_TEST(every_allocation_of_a_fit_may_fail)
{
    const fit_case *of = &fit_cases[FIT_CASE_RETREATS];
    talus_fit_options options = options_with_files(of);
    options.epochs = 2;
    for (int n = 1;; n++) {
        pupil p = make_case(of, TALUS_DTYPE_F32, TALUS_ADAM);
        refuse_from_now(&book, n);
        talus_status status = fit_case_data(of, p.trainer, &options, NULL);
        book.fail_at = 0;
        free_pupil(&p);
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 40);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
    }
}
END_TEST

static void write_run(const fit_case *of, int method, int64_t steps)
{
    pupil p = make_case(of, TALUS_DTYPE_F32, method);
    talus_fit_options options = options_with_files(of);
    stopper by = {.after = steps};
    stop_by(&by, &options);
    options.checkpoint_keep = 1;
    expect_ok(context, fit_case_data(of, p.trainer, &options, NULL));
    free_pupil(&p);
}

START_TEST(every_allocation_of_a_resumption_may_fail)
{
    const fit_case *of = &fit_cases[_i];
    write_run(of, TALUS_ADAM, 9);
    for (int n = 1;; n++) {
        pupil p = {NULL, NULL};
        talus_fit_options options;
        int64_t alive = book.alive;
        refuse_from_now(&book, n);
        talus_status status = talus_checkpoint_resume(context, path, &p.network, &p.trainer, &options);
        book.fail_at = 0;
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 15);
            for (n = 1;; n++) { /* the fit waits until it begins */
                refuse_from_now(&book, n);
                status = fit_case_data(of, p.trainer, &options, NULL);
                book.fail_at = 0;
                if (status == TALUS_OK || !talus_trainer_steps(p.trainer) || n > 4)
                    break;
                ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
            }
            free_pupil(&p);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_int_eq(book.alive, alive);
        ck_assert_ptr_null(p.network);
        ck_assert_ptr_null(p.trainer);
    }
}
END_TEST

/* Broken files --------------------------------------------------------------------------------------------- */

static char content[1 << 16];
static size_t length;

static void read_content(void)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    length = fread(content, 1, sizeof content, file);
    ck_assert_uint_lt(length, sizeof content);
    fclose(file);
}

static void write_content(const char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    ck_assert_int_eq(fclose(file), 0);
}

static talus_status resume(void)
{
    pupil p = {NULL, NULL};
    const int64_t alive = book.alive;
    book.largest = 0;
    talus_status status = talus_checkpoint_resume(context, path, &p.network, &p.trainer, NULL);
    ck_assert_uint_le(book.largest, length + (1 << 20));
    if (status == TALUS_OK)
        free_pupil(&p);
    ck_assert_int_eq(book.alive, alive);
    return status;
}

/* The smallest network, two epochs and a step of the third. */
static void write_small(void)
{
    pupil p = make_bowl(TALUS_DTYPE_F64, 0.1);
    talus_fit_options options;
    stopper by = {.after = 5};
    talus_fit_options_defaults(&options);
    stop_by(&by, &options);
    options.batch = 1, options.checkpoint = path, options.checkpoint_keep = 1;
    expect_ok(context, talus_trainer_fit(p.trainer, bowl, NULL, &options, NULL));
    free_pupil(&p);
    read_content();
}

START_TEST(every_read_may_fail)
{
    int failures = 0;
    write_small();
    error = EIO;
    for (fails_at = 1;; fails_at++) {
        calls = 0;
        talus_status status = resume();
        if (calls < fails_at)
            break;
        if (status == TALUS_OK) {
            ck_assert_int_eq(calls, fails_at); /* the close, when all is read */
            continue;
        }
        ck_assert_int_eq(status, TALUS_ERROR_FILE);
        expect_message(context, "cannot be read: Input/output error");
        failures++;
    }
    fails_at = 0;
    ck_assert_int_gt(failures, 3);
    expect_ok(context, resume());
}
END_TEST

START_TEST(truncated_files_are_refused)
{
    write_small();
    expect_ok(context, resume());
    for (size_t left = length; left-- > 0;) {
        ck_assert_int_eq(truncate(path, (off_t)left), 0);
        ck_assert_int_ne(resume(), TALUS_OK);
    }
}
END_TEST

START_TEST(every_changed_bit_is_noticed)
{
    write_small();
    FILE *file = fopen(path, "r+b");
    setvbuf(file, NULL, _IONBF, 0);
    for (size_t bit = 0; bit < 8 * length; bit += (size_t)stride) {
        fseek(file, (long)(bit / 8), SEEK_SET);
        fputc((unsigned char)content[bit / 8] ^ 1 << bit % 8, file);
        ck_assert_msg(resume() != TALUS_OK, "bit %zu of byte %zu", bit % 8, bit / 8);
        fseek(file, (long)(bit / 8), SEEK_SET);
        fputc((unsigned char)content[bit / 8], file);
    }
    fclose(file);
    expect_ok(context, resume());
}
END_TEST

/* A text of the header becomes another one. */
static void replace(const char *from, const char *to)
{
    static char changed[1 << 17];
    uint64_t header;
    memcpy(&header, content, sizeof header);
    content[length] = '\0';
    char *at = NULL;
    for (size_t i = sizeof header; at == NULL && i < sizeof header + header; i++)
        if (strncmp(content + i, from, strlen(from)) == 0)
            at = content + i;
    ck_assert_msg(at != NULL, "%s", from);
    size_t before = (size_t)(at - content), after = before + strlen(from);
    memcpy(changed, content, before);
    memcpy(changed + before, to, strlen(to));
    memcpy(changed + before + strlen(to), content + after, length - after);
    header += strlen(to) - strlen(from);
    memcpy(changed, &header, sizeof header);
    write_content(changed, length + strlen(to) - strlen(from));
}

/* Texts within the string of the metadata, whose quotes have a backslash before them. */
#define KEY(name) "\\\"" name "\\\":"

static const struct {
    const char *from, *to, *message;
} lies[] = {
    {KEY("format") "1", KEY("format") "2", "format must be 1 … 1, got 2"},
    {KEY("completed") "2", KEY("completed") "9007199254740993", "more epochs than the file can hold"},
    {KEY("completed") "2", KEY("completed") "1", "must be \"checkpoint.trainer.history\" of the shape"},
    {KEY("max_batch") "2", KEY("max_batch") "0", "max_batch must be 1 …"},
    {KEY("samples") "2", KEY("samples") "-2", "samples must be 1 …"},
    {KEY("done") "1", KEY("done") "3", "done must be 0 … 2, got 3"},
    {KEY("outcome") "1", KEY("outcome") "99", "outcome must be 0 … 7, got 99"},
    {KEY("dropout_factor") "1", KEY("dropout_facto") "1", "\"dropout_factor\" must come here"},
    {KEY("dropout_factor") "1", KEY("dropout_factor") "-1", "the factor of dropout must be"},
    {KEY("part_factors") "[1", KEY("part_factors") "[1,1", "there are too many numbers here"},
    {KEY("part_factors") "[1,", KEY("part_factors") "[", "there are too few numbers here"},
    {KEY("part_factors") "[1,", KEY("part_factors") "[-1,", "rate"},
    {KEY("best") "null," KEY("waited") "0", KEY("best") "null," KEY("waited") "-1", "waited must be 0 …"},
    {"{" KEY("factor") "1", "{" KEY("factor") "7", "the factor of a plateau must be 0 … 1"},
    {KEY("rate") "0.1", KEY("rate") "-0.1", "rate must be"},
    {KEY("method") "\\\"gradient_descent\\\"", KEY("method") "\\\"adam\\\"", "optimizer.state0"},
    {KEY("method") "\\\"gradient_descent\\\"", KEY("method") "\\\"lbfgs\\\"",
     "must have the vectors of lbfgs"},
    {KEY("retries") "0", KEY("retries") "1", "\"guard\" must come here"},
    {KEY("patience") "0", KEY("patience") "1", "\"network\" must come here"},
    {KEY("moves") "true", KEY("moves") "true," KEY("more") "1", "\"ranges\" must come here"},
    {KEY("began") "0", KEY("began") "3", "began must be 0 … 2, got 3"},
    {KEY("checkpoint") "{", KEY("other") "{", "\"other\" is not known to this version"},
    {"\"sum\":{", "\"sam\":{", "tensors and then its sum, got "},
    {"{\"__metadata__\":", "{ \"__metadata__\":", "its bytes do not have the sum that it ends with"},
    {"checkpoint.trainer.history\"", "checkpoint.trainer.histories\"", "checkpoint.trainer.history"},
};

START_TEST(lies_are_refused)
{
    write_small();
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        replace(lies[i].from, lies[i].to);
        ck_assert_msg(resume() == TALUS_ERROR_FORMAT, "%s: %s", lies[i].to, talus_error_message(context));
        expect_message(context, lies[i].message);
    }
}
END_TEST

START_TEST(numbers_must_be_finite)
{
    write_run(&fit_cases[2], TALUS_ADAM, 9);
    read_content();
    uint64_t header;
    memcpy(&header, content, sizeof header);
    for (size_t at = sizeof header + header; at + 4 <= length; at += 4) {
        char changed[sizeof content];
        const float nan = NAN;
        memcpy(changed, content, length);
        memcpy(changed + at, &nan, sizeof nan);
        write_content(changed, length);
        talus_status status = resume();
        ck_assert(status == TALUS_ERROR_DATA || status == TALUS_ERROR_FORMAT);
        if (at == sizeof header + header)
            expect_message(context, "element 0 of \"layers.0.weight\" must be finite, got nan");
    }
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1)
        stride = atoi(argv[1]);
    Suite *suite = suite_create("checkpoint_faults");
    TCase *all = case_with(suite, begin_checkpoints, end_checkpoints);
    tcase_add_loop_test(all, every_call_of_the_system_may_fail, 0, 3);
    tcase_add_test(all, every_allocation_of_a_fit_may_fail);
    tcase_add_loop_test(all, every_allocation_of_a_resumption_may_fail, 0, fit_case_count);
    tcase_add_test(all, every_read_may_fail);
    tcase_add_test(all, truncated_files_are_refused);
    tcase_add_test(all, every_changed_bit_is_noticed);
    tcase_add_test(all, lies_are_refused);
    tcase_add_test(all, numbers_must_be_finite);
    return run_suite(suite);
}
