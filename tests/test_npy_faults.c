/* Files of arrays and of LIBSVM text on a disk that fails, and in pieces that signals interrupt. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "array_support.h"

/* With `short_reads`, a call gives at most 50 bytes and every other one is interrupted by a signal; after `calls_left` calls
 * (−1: never) reading and seeking fail. */
static bool short_reads;
static int calls_left = -1, read_calls;

/* After so many reads (−1: never) the file is at its end; and at the so-manieth opening (0: never) it becomes another. */
static int reads_to_end = -1, opens_to_change;
static const blob *other;

ssize_t __real_read(int descriptor, void *bytes, size_t count);
ssize_t __wrap_read(int descriptor, void *bytes, size_t count);
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
off_t __real_lseek64(int descriptor, off_t offset, int from);
off_t __wrap_lseek64(int descriptor, off_t offset, int from);

static bool fails_now(void)
{
    if (calls_left == 0) {
        errno = EIO;
        return true;
    }
    calls_left -= calls_left > 0;
    return false;
}

ssize_t __wrap_read(int descriptor, void *bytes, size_t count)
{
    if (fails_now())
        return -1;
    if (reads_to_end == 0)
        return 0;
    reads_to_end -= reads_to_end > 0;
    if (short_reads && read_calls++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_read(descriptor, bytes, short_reads && count > 50 ? 50 : count);
}

int __wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    int mode = (flags & O_CREAT) != 0 ? va_arg(arguments, int) : 0;
    va_end(arguments);
    if (opens_to_change > 0 && --opens_to_change == 0)
        write_file(inputs_path, other->bytes, other->length);
    return __real_open64(path, flags, mode);
}

off_t __wrap_lseek64(int descriptor, off_t offset, int from)
{
    return fails_now() ? -1 : __real_lseek64(descriptor, offset, from);
}

/* Ways to read a data set of the inputs 0, 1, …, 23 as 6 × 4 and of labels, and what they read. */
typedef enum way { NPY, NPY_PACKED, NPZ, NPZ_PACKED, LIBSVM, WAYS } way;

static void write_files(way how)
{
    blob x = floats(6, 4), y = bytes_of(6, 1), all = x, packed;
    archive made = {.count = 0};
    if (how == NPY_PACKED && pack_gzip(&x, &packed))
        all = packed;
    if (how == NPZ || how == NPZ_PACKED) {
#ifdef TL_HAVE_ZLIB
        const bool deflates = how == NPZ_PACKED;
#else
        const bool deflates = false;
#endif
        add_member(&made, &(member){.name = "x.npy", .deflated = deflates}, &x);
        add_member(&made, &(member){.name = "y.npy", .deflated = deflates}, &y);
        all = end_archive(&made, "");
    }
    if (how == LIBSVM) {
        static const char text[] =
            "0 2:1 3:2 4:3\n1 1:4 2:5 3:6 4:7\n2 1:8 2:9 3:10 4:11\n3 1:12 2:13 3:14 4:15\n"
            "4 1:16 2:17 3:18 4:19\n5 1:20 2:21 3:22 4:23\n";
        all.length = 0;
        append(&all, text, sizeof text - 1);
    }
    write_file(inputs_path, all.bytes, all.length);
    write_file(labels_path, y.bytes, y.length);
}

static talus_status read_files(way how, talus_dataset **dataset)
{
    if (how == LIBSVM)
        return talus_dataset_read_libsvm(context, inputs_path, 0, 1, 0, dataset);
    return how == NPZ || how == NPZ_PACKED
               ? talus_dataset_read_npz(context, inputs_path, NULL, "y", dataset)
               : talus_dataset_read_npy(context, inputs_path, labels_path, dataset);
}

static void check_numbers(const talus_dataset *dataset)
{
    talus_matrix x, y;
    expect_ok(context, talus_dataset_matrices(dataset, &x, &y));
    ck_assert(x.rows == 6 && x.cols == 4 && y.dtype == TALUS_DTYPE_I32 && y.rows == 6);
    for (int i = 0; i < 24; i++)
        ck_assert_double_eq(element(&x, i / 4, i % 4), i);
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq(element(&y, i, 0), i);
}

START_TEST(interrupted_and_short_reads_go_on)
{
    for (way how = NPY; how < WAYS; how++) {
        talus_dataset *dataset = NULL;
        write_files(how);
        short_reads = true, read_calls = 0;
        talus_status status = read_files(how, &dataset);
        short_reads = false;
        expect_ok(context, status);
        ck_assert_int_gt(read_calls, 6);
        check_numbers(dataset);
        talus_dataset_destroy(dataset);
    }
}
END_TEST

/* Whichever call fails, the error says so, and nothing is set or left. */
START_TEST(a_failing_disk_is_named)
{
    for (way how = NPY; how < WAYS; how++) {
        talus_status status = TALUS_ERROR_FILE;
        write_files(how);
        for (int before = 0; status != TALUS_OK; before++) {
            talus_dataset *dataset = NULL;
            calls_left = before;
            status = read_files(how, &dataset);
            calls_left = -1;
            if (status == TALUS_OK) {
                ck_assert_int_gt(before, 3);
                check_numbers(dataset);
                talus_dataset_destroy(dataset);
                break;
            }
            ck_assert_int_eq(status, TALUS_ERROR_FILE);
            ck_assert_ptr_null(dataset);
            expect_message(context, ": Input/output error");
            nothing_is_left();
        }
    }
}
END_TEST

/* A file that becomes shorter while it is read. */
START_TEST(an_early_end_is_named)
{
    for (way how = NPY; how < WAYS; how++) {
        talus_status status = TALUS_ERROR_FORMAT;
        write_files(how);
        for (int before = 0; status != TALUS_OK; before++) {
            talus_dataset *dataset = NULL;
            reads_to_end = before;
            status = read_files(how, &dataset);
            reads_to_end = -1;
            if (status != TALUS_OK) {
                ck_assert_int_eq(status, TALUS_ERROR_FORMAT);
                ck_assert_ptr_null(dataset);
                nothing_is_left();
                continue;
            }
            check_numbers(dataset);
            talus_dataset_destroy(dataset);
        }
    }
}
END_TEST

static blob text_of(const char *text)
{
    blob made = {0};
    append(&made, text, strlen(text));
    return made;
}

/* A file that is another one when it is read for the second time. */
START_TEST(files_that_change_are_refused)
{
    static const char *const texts[] = {"1 1:1\n0 2:1\n1\n", "1 1:1\n0 3:1\n", "1 1:1 2:2\n"};
    blob before = text_of("1 1:1\n0 2:1\n"), x = floats(6, 4), larger = floats(6, 5), packed, after;
    talus_dataset *dataset = NULL;
    talus_array *array = NULL;
    for (int i = 0; i < 3; i++) {
        after = text_of(texts[i]);
        write_file(inputs_path, before.bytes, before.length);
        other = &after, opens_to_change = 2;
        ck_assert_int_eq(talus_dataset_read_libsvm(context, inputs_path, 0, 1, 0, &dataset),
                         TALUS_ERROR_FORMAT);
        expect_message(context, "the file changed while it was read");
        nothing_is_left();
    }
    if (!pack_gzip(&x, &packed) || !pack_gzip(&larger, &after))
        return;
    write_file(inputs_path, packed.bytes, packed.length);
    other = &after, opens_to_change = 2;
    ck_assert_int_eq(talus_array_read_npy(context, inputs_path, &array), TALUS_ERROR_FORMAT);
    expect_message(context, "the header promises ");
    nothing_is_left();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {interrupted_and_short_reads_go_on, a_failing_disk_is_named,
                                  an_early_end_is_named, files_that_change_are_refused};
    return run_idx_tests("npy_faults", tests, sizeof tests / sizeof *tests);
}
