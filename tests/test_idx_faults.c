/* Reading files in the IDX format when the system refuses: memory, and bytes of the disk. */
#include <errno.h>
#include <unistd.h>

#include "idx_support.h"

/* Reading: with `bytes_a_read` > 0, a call gives at most so many and every other one is interrupted by a signal; after
 * `reads_left` calls the disk fails. */
static int bytes_a_read, reads_left = -1, read_calls;

ssize_t __real_read(int descriptor, void *bytes, size_t count);
ssize_t __wrap_read(int descriptor, void *bytes, size_t count);

ssize_t __wrap_read(int descriptor, void *bytes, size_t count)
{
    if (reads_left == 0) {
        errno = EIO;
        return -1;
    }
    reads_left -= reads_left > 0;
    if (bytes_a_read > 0 && read_calls++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    bool short_read = bytes_a_read > 0 && count > (size_t)bytes_a_read;
    return __real_read(descriptor, bytes, short_read ? (size_t)bytes_a_read : count);
}

START_TEST(every_failing_allocation_is_survived)
{
    blob inputs = simple(0x0B, 50, 9), labels = simple(0x08, 50, 1), packed;
    if (pack_gzip(&inputs, &packed))
        inputs = packed;
    if (pack_gzip(&labels, &packed))
        labels = packed;
    for (int n = 1;; n++) {
        talus_dataset *dataset = NULL;
        refuse_from_now(&book, n);
        talus_status status = read_blobs(&inputs, &labels, &dataset);
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 3); /* at least two arrays and the data set were refused */
            ck_assert_int_gt(book.fail_at, book.calls);
            book.fail_at = 0;
            talus_dataset_destroy(dataset);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_ptr_null(dataset);
        expect_message(context, "there is no memory");
        nothing_is_left();
    }
}
END_TEST

static talus_status read_digits(talus_dataset **digits)
{
    return talus_dataset_read_idx(context, TEST_DATA "/digits-inputs.idx", TEST_DATA "/digits-labels.idx",
                                  digits);
}

START_TEST(interrupted_and_short_reads_go_on)
{
    talus_dataset *whole, *pieces;
    talus_matrix x, y, same_x, same_y;
    expect_ok(context, read_digits(&whole));
    bytes_a_read = 1000;
    expect_ok(context, read_digits(&pieces));
    bytes_a_read = 0;
    ck_assert_int_gt(read_calls, 100);
    expect_ok(context, talus_dataset_matrices(whole, &x, &y));
    expect_ok(context, talus_dataset_matrices(pieces, &same_x, &same_y));
    ck_assert(x.rows == same_x.rows && x.cols == same_x.cols && x.dtype == TALUS_DTYPE_U8);
    ck_assert_mem_eq(x.data, same_x.data, (size_t)(x.rows * x.cols));
    ck_assert_mem_eq(y.data, same_y.data, (size_t)y.rows * sizeof(int32_t));
    talus_dataset_destroy(whole), talus_dataset_destroy(pieces);
}
END_TEST

/* Whichever read fails, the call says so, and sets nothing. */
START_TEST(a_failing_disk_is_named)
{
    talus_dataset *digits = NULL;
    talus_status status = TALUS_ERROR_FILE;
    bytes_a_read = 5000;
    for (int before = 0; status != TALUS_OK && before < 1000; before++) {
        reads_left = before;
        status = read_digits(&digits);
        if (status == TALUS_OK)
            continue;
        ck_assert_int_eq(status, TALUS_ERROR_FILE);
        ck_assert(digits == NULL);
        ck_assert(strstr(talus_error_message(context), "cannot be read: Input/output error") != NULL);
        ck_assert(strstr(talus_error_message(context), "digits-") != NULL);
    }
    bytes_a_read = 0, reads_left = -1;
    ck_assert_int_eq(status, TALUS_OK);
    talus_dataset_destroy(digits);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_failing_allocation_is_survived, interrupted_and_short_reads_go_on,
                                  a_failing_disk_is_named};
    return run_idx_tests("idx_faults", tests, sizeof tests / sizeof *tests);
}
