/* Files are written whole or not at all, whatever the system refuses. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/save.h"
#include "fixture.h"

/* The calls of the system that a save makes are counted, and call number `fails_at` fails with `error`; writes give at
 * most `bytes_a_write` bytes at a time. */
static int calls, fails_at, error, bytes_a_write;

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
WRAPPED(int, fchmod, (int descriptor, mode_t mode), (descriptor, mode))

ssize_t __real_write(int descriptor, const void *bytes, size_t count);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t count);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t count)
{
    if (refused())
        return -1;
    bool is_short = bytes_a_write > 0 && count > (size_t)bytes_a_write;
    return __real_write(descriptor, bytes, is_short ? (size_t)bytes_a_write : count);
}

/* A file that is closed is closed, also where close gives an error. */
int __real_close(int descriptor);
int __wrap_close(int descriptor);
int __wrap_close(int descriptor)
{
    int closed = __real_close(descriptor);
    return refused() ? -1 : closed;
}

static char folder[64], path[96];

static void begin(void)
{
    begin_with_folder(folder);
    fails_at = bytes_a_write = 0;
    snprintf(path, sizeof path, "%s/file", folder);
}

static void end(void)
{
    end_with_folder(folder, path);
}

static talus_status save_text(const char *to, const char *text, int times)
{
    tl_save save;
    talus_status status = tl_save_begin(context, to, &save);
    if (status != TALUS_OK)
        return status;
    for (int i = 0; i < times && status == TALUS_OK; i++)
        status = tl_save_write(&save, text, (int64_t)strlen(text));
    return tl_save_end(&save, status);
}

static bool holds(const char *from, const char *text, int times)
{
    FILE *file = fopen(from, "rb");
    ck_assert_ptr_nonnull(file);
    char piece[64];
    size_t length = strlen(text);
    bool same = true;
    for (int i = 0; i < times && same; i++)
        same = fread(piece, 1, length, file) == length && memcmp(piece, text, length) == 0;
    same = same && fgetc(file) == EOF;
    fclose(file);
    return same;
}

static void expect_text(const char *from, const char *text, int times)
{
    ck_assert(holds(from, text, times));
}

static int files_in_folder(void)
{
    int count = 0;
    DIR *entries = opendir(folder);
    while (readdir(entries) != NULL)
        count++;
    closedir(entries);
    return count - 2;
}

START_TEST(content_takes_its_place)
{
    expect_ok(context, save_text(path, "one", 1));
    expect_text(path, "one", 1);
    ck_assert_int_eq(chmod(path, 0640), 0);
    expect_ok(context, save_text(path, "0123456789", 20000)); /* larger than the buffer */
    expect_text(path, "0123456789", 20000);
    struct stat about;
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_eq(about.st_mode & 07777, 0640);
    bytes_a_write = 7;
    expect_ok(context, save_text(path, "0123456789", 10));
    expect_text(path, "0123456789", 10);
    ck_assert_int_eq(files_in_folder(), 1);
}
END_TEST

START_TEST(large_pieces_are_not_gathered)
{
    enum { BYTES = 3 * TL_SAVE_BYTES };
    char *piece = malloc(BYTES);
    memset(piece, 'x', BYTES);
    tl_save save;
    expect_ok(context, tl_save_begin(context, path, &save));
    expect_ok(context, tl_save_write(&save, "abc", 3));
    expect_ok(context, tl_save_write(&save, piece, BYTES));
    expect_ok(context, tl_save_write(&save, "d", 1));
    ck_assert_int_eq(save.length, BYTES + 4);
    expect_ok(context, tl_save_end(&save, TALUS_OK));
    FILE *file = fopen(path, "rb");
    char first[4];
    ck_assert_uint_eq(fread(first, 1, 4, file), 4);
    ck_assert_int_eq(memcmp(first, "abcx", 4), 0);
    ck_assert_int_eq(fseek(file, -2, SEEK_END), 0);
    ck_assert_int_eq(fgetc(file), 'x');
    ck_assert_int_eq(fgetc(file), 'd');
    ck_assert_int_eq(ftell(file), BYTES + 4);
    fclose(file);
    free(piece);
}
END_TEST

START_TEST(a_save_given_up_leaves_what_was)
{
    expect_ok(context, save_text(path, "old", 1));
    tl_save save;
    expect_ok(context, tl_save_begin(context, path, &save));
    expect_ok(context, tl_save_write(&save, "new", 3));
    ck_assert_int_eq(tl_save_end(&save, TALUS_ERROR_DATA), TALUS_ERROR_DATA);
    expect_text(path, "old", 1);
    ck_assert_int_eq(files_in_folder(), 1);
}
END_TEST

START_TEST(a_link_stays_and_its_file_is_replaced)
{
    char link[96];
    snprintf(link, sizeof link, "%s/link", folder);
    expect_ok(context, save_text(path, "old", 1));
    ck_assert_int_eq(symlink("file", link), 0);
    expect_ok(context, save_text(link, "new", 1));
    expect_text(path, "new", 1);
    struct stat about;
    ck_assert_int_eq(lstat(link, &about), 0);
    ck_assert(S_ISLNK(about.st_mode));
    unlink(link);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused)
{
    char nowhere[128];
    expect_status(context, TALUS_ERROR_FILE, save_text(folder, "x", 1));
    expect_message(context, "must be a regular file to be replaced, got a directory");
    expect_status(context, TALUS_ERROR_FILE, save_text("/dev/null", "x", 1));
    expect_message(context, "\"/dev/null\" must be a regular file to be replaced, got a device or a pipe");
    snprintf(nowhere, sizeof nowhere, "%s/none/file", folder);
    expect_status(context, TALUS_ERROR_FILE, save_text(nowhere, "x", 1));
    expect_message(context, "none/file\" cannot be written: No such file or directory");
    expect_ok(context, save_text(path, "x", 1));
    snprintf(nowhere, sizeof nowhere, "%s/file", path);
    expect_status(context, TALUS_ERROR_FILE, save_text(nowhere, "x", 1));
    expect_message(context, "Not a directory");
}
END_TEST

/* Before the content took its place the old one stands, afterwards the new one; nothing else is left. */
START_TEST(every_call_of_the_system_may_fail)
{
    static const int errors[] = {EIO, ENOSPC, EDQUOT};
    error = errors[_i];
    int failures = 0, new_ones = 0;
    for (int n = 1;; n++) {
        fails_at = 0;
        expect_ok(context, save_text(path, "old", 1));
        calls = 0, fails_at = n;
        talus_status status = save_text(path, "0123456789", 20000);
        fails_at = 0;
        ck_assert_int_eq(files_in_folder(), 1);
        if (status == TALUS_OK && calls < n)
            break;
        if (status == TALUS_OK)
            continue; /* the directory's descriptor, whose close tells nothing */
        failures++;
        ck_assert_int_eq(status, TALUS_ERROR_FILE);
        expect_message(context, strerror(error));
        bool is_old = holds(path, "old", 1);
        ck_assert(is_old || holds(path, "0123456789", 20000));
        new_ones += !is_old;
    }
    ck_assert_int_eq(new_ones, 1); /* whose directory could not be synced */
    ck_assert_int_ge(failures, 6); /* fchmod, writes, fsync, close, rename, fsync of the directory */
    expect_text(path, "0123456789", 20000);
}
END_TEST

START_TEST(an_interrupted_write_goes_on)
{
    expect_ok(context, save_text(path, "old", 1));
    calls = 0, fails_at = 2, error = EINTR; /* after fchmod */
    expect_ok(context, save_text(path, "new", 1));
    fails_at = 0;
    expect_text(path, "new", 1);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    expect_ok(context, save_text(path, "old", 1));
    for (int n = 1; n <= 3; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY, save_text(path, "new", 1));
        book.fail_at = 0;
        expect_text(path, "old", 1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save");
    TCase *all = case_with(suite, begin, end);
    tcase_add_test(all, content_takes_its_place);
    tcase_add_test(all, large_pieces_are_not_gathered);
    tcase_add_test(all, a_save_given_up_leaves_what_was);
    tcase_add_test(all, a_link_stays_and_its_file_is_replaced);
    tcase_add_test(all, what_is_no_regular_file_is_refused);
    tcase_add_loop_test(all, every_call_of_the_system_may_fail, 0, 3);
    tcase_add_test(all, an_interrupted_write_goes_on);
    tcase_add_test(all, every_allocation_may_fail);
    return run_suite(suite);
}
