/* Arrays in mapped files: their numbers are those of the file, and what cannot be mapped is refused. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array_support.h"

static bool map_fails;

void *__real_mmap64(void *at, size_t length, int protection, int flags, int descriptor, off_t offset);
void *__wrap_mmap64(void *at, size_t length, int protection, int flags, int descriptor, off_t offset);

void *__wrap_mmap64(void *at, size_t length, int protection, int flags, int descriptor, off_t offset)
{
    if (!map_fails)
        return __real_mmap64(at, length, protection, flags, descriptor, offset);
    errno = ENODEV;
    return MAP_FAILED;
}

static void write_blob(const blob *content)
{
    write_file(inputs_path, content->bytes, content->length);
}

static const struct {
    const char *type;
    int dtype;
    size_t size;
} kinds[] = {{"f4", TALUS_DTYPE_F32, 4},
             {"f8", TALUS_DTYPE_F64, 8},
             {"u1", TALUS_DTYPE_U8, 1},
             {"i4", TALUS_DTYPE_I32, 4}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The byte order of this machine, or the other one. */
static char order_of(bool own)
{
    const uint16_t one = 1;
    unsigned char low;
    memcpy(&low, &one, 1);
    return (low == 1) == own ? '<' : '>';
}

/* A file of 6 numbers, whose elements begin at a multiple of 64. */
static blob file_of(int k, bool own, bool fortran, const char *shape, const void *numbers)
{
    char literal[200];
    int length = snprintf(literal, sizeof literal, "{'descr': '%c%s', 'fortran_order': %s, 'shape': %s, }",
                          order_of(own), kinds[k].type, fortran ? "True" : "False", shape);
    memset(literal + length, ' ', (size_t)(117 - length));
    literal[117] = '\0';
    return npy_with(1, literal, numbers, 6 * kinds[k].size);
}

static talus_array *maps(talus_matrix *matrix)
{
    talus_array *array = NULL;
    expect_ok(context, talus_array_map_npy(context, inputs_path, &array));
    expect_ok(context, talus_array_matrix(array, matrix));
    return array;
}

START_TEST(mapped_numbers_are_those_of_the_file)
{
    unsigned char numbers[48];
    for (int i = 0; i < 48; i++)
        numbers[i] = (unsigned char)(i * 11 + 3);
    for (int k = 0; k < KINDS; k++)
        for (int line = 0; line < 2; line++) { /* of one row, Fortran's order is that of C */
            blob content = file_of(k, true, line, line ? "(1, 6)" : "(3, 2)", numbers);
            talus_matrix matrix;
            write_blob(&content);
            talus_array *array = maps(&matrix);
            ck_assert(matrix.dtype == kinds[k].dtype && matrix.rows == (line ? 1 : 3));
            ck_assert(matrix.cols == (line ? 6 : 2) && matrix.stride == matrix.cols);
            same_bytes(matrix.data, numbers, 6 * kinds[k].size);
            ck_assert_uint_lt(book.largest, 1000);
            unlink(inputs_path); /* the file lives as long as it is mapped */
            same_bytes(matrix.data, numbers, 6 * kinds[k].size);
            talus_array_destroy(array);
            nothing_is_left();
        }
}
END_TEST

static void refuses_map(const char *text)
{
    talus_array *array = NULL;
    expect_status(context, TALUS_ERROR_UNSUPPORTED, talus_array_map_npy(context, inputs_path, &array));
    ck_assert_ptr_null(array);
    expect_message(context, text);
    nothing_is_left();
}

START_TEST(what_is_no_memory_is_refused)
{
    static const unsigned char numbers[48];
    static const char text[] = "inputs.idx\" cannot be mapped: its numbers must be f4, f8, u1 or i4 labels";
    blob content = file_of(0, false, false, "(3, 2)", numbers), packed;
    write_blob(&content), refuses_map(text);
    content = file_of(0, true, true, "(3, 2)", numbers);
    write_blob(&content), refuses_map(text);
    content = npy_of("<f2", false, "(3,)", numbers, 6);
    write_blob(&content), refuses_map(text);
    content = npy_of("|b1", false, "(3,)", numbers, 3);
    write_blob(&content), refuses_map(text);
    content = npy_with(1, "{'descr': '=f4', 'fortran_order': False, 'shape': (1,)}", numbers, 4);
    ck_assert_uint_ne((content.length - 4) % 4, 0); /* the numbers do not stand at multiples of 4 */
    write_blob(&content), refuses_map(text);
    content = file_of(0, true, false, "(3, 2)", numbers);
    if (pack_gzip(&content, &packed))
        write_blob(&packed), refuses_map(text);
    content = floats(2, 2);
    content.length--;
    write_blob(&content);
    talus_array *array = NULL;
    ck_assert_int_eq(talus_array_map_npy(context, inputs_path, &array), TALUS_ERROR_FORMAT);
    expect_message(context, "the header promises ");
    nothing_is_left();
}
END_TEST

START_TEST(files_without_a_header)
{
    double numbers[12];
    for (int i = 0; i < 12; i++)
        numbers[i] = i - 0.25;
    numbers[0] = 0;
    memcpy(numbers, "\x1f\x8b", 2); /* not packed, whatever it looks like */
    write_file(inputs_path, numbers, sizeof numbers);
    talus_array *array = NULL;
    talus_matrix matrix;
    expect_ok(context, talus_array_map_raw(context, inputs_path, TALUS_DTYPE_F64, 5, 2, 16, &array));
    expect_ok(context, talus_array_matrix(array, &matrix));
    ck_assert(matrix.rows == 5 && matrix.cols == 2 && matrix.stride == 2 && matrix.dtype == TALUS_DTYPE_F64);
    for (int i = 0; i < 10; i++)
        ck_assert_double_eq(element(&matrix, i / 2, i % 2), numbers[i + 2]);
    talus_array_destroy(array);
    nothing_is_left();
}
END_TEST

START_TEST(raw_arguments)
{
    static const struct {
        int dtype;
        int64_t rows, cols, offset;
        talus_status status;
        const char *text;
    } cases[] = {
        {TALUS_DTYPE_COUNT, 1, 1, 0, TALUS_ERROR_ARGUMENT,
         "map: dtype must be one of f32, f64, u8, i32; got 4"},
        {TALUS_DTYPE_F32, 0, 1, 0, TALUS_ERROR_SHAPE, "map: rows and cols must be at least 1, got 0 and 1"},
        {TALUS_DTYPE_F32, 1, -1, 0, TALUS_ERROR_SHAPE, "map: rows and cols must be at least 1"},
        {TALUS_DTYPE_F32, INT64_MAX, 8, 0, TALUS_ERROR_SHAPE, "exceed any memory"},
        {TALUS_DTYPE_F32, 1, 1, -4, TALUS_ERROR_ARGUMENT,
         "map: offset must be at least 0 and a multiple of 4"},
        {TALUS_DTYPE_F32, 1, 1, 6, TALUS_ERROR_ARGUMENT, "the bytes of a number, got 6"},
        {TALUS_DTYPE_F32, 2, 3, 4, TALUS_ERROR_FORMAT,
         "must have at least 24 bytes after the first 4, got 24 in all"},
        {TALUS_DTYPE_U8, 1, 1, INT64_MAX, TALUS_ERROR_FORMAT,
         "must have at least 1 bytes after the first 9223"},
        {TALUS_DTYPE_U8, 1, 1, 24, TALUS_ERROR_FORMAT, "must have at least 1 bytes after the first 24"},
    };
    static const char bytes[24];
    talus_array *array = NULL;
    talus_dataset *dataset = NULL;
    write_file(inputs_path, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_status(context, cases[i].status,
                      talus_array_map_raw(context, inputs_path, cases[i].dtype, cases[i].rows, cases[i].cols,
                                          cases[i].offset, &array));
        expect_message(context, cases[i].text);
        nothing_is_left();
    }
    ck_assert_int_eq(talus_array_map_raw(context, labels_path, 0, 1, 1, 0, &array), TALUS_ERROR_FILE);
    ck_assert_int_eq(talus_array_map_raw(context, NULL, 0, 1, 1, 0, &array), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_array_map_raw(NULL, inputs_path, 0, 1, 1, 0, &array), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_array_map_npy(NULL, inputs_path, &array), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_array_map_npy(context, inputs_path, NULL), TALUS_ERROR_ARGUMENT);
    expect_message(context, "array must not be NULL");
    ck_assert_int_eq(talus_array_map_npy(context, labels_path, &array), TALUS_ERROR_FILE);
    ck_assert_int_eq(talus_dataset_map_npy(NULL, inputs_path, NULL, &dataset), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_map_npy(context, NULL, NULL, &dataset), TALUS_ERROR_ARGUMENT);
    expect_message(context, "inputs_path must not be NULL");
    ck_assert_int_eq(talus_dataset_map_npy(context, inputs_path, NULL, &dataset), TALUS_ERROR_FORMAT);
    ck_assert(array == NULL && dataset == NULL);
}
END_TEST

/* The pair of data sets, mapped and read, is the same; labels of another type are read. */
START_TEST(mapped_data_sets)
{
    static const float x[] = {1, 2, 3, 4, 5, 6};
    static const int32_t labels[] = {1, 0, 1, 2, 3, 0};
    static const char *const kinds_of_labels[] = {"i4", "u1", "i8"};
    blob inputs = file_of(0, true, false, "(6, 1)", x);
    write_blob(&inputs);
    for (int t = 0; t < 3; t++) {
        blob numbers = {0}, targets;
        talus_dataset *mapped, *read;
        talus_matrix a, b;
        for (int i = 0; i < 6; i++)
            append_little(&numbers, (uint64_t)labels[i], t == 0 ? 4 : t == 1 ? 1 : 8);
        targets = t == 0 ? file_of(3, true, false, "(6,)", labels)
                         : npy_of(t == 1 ? "|u1" : "<i8", false, "(6,)", numbers.bytes, numbers.length);
        ck_assert_ptr_nonnull(strstr((const char *)targets.bytes + 10, kinds_of_labels[t]));
        write_file(labels_path, targets.bytes, targets.length);
        expect_ok(context, talus_dataset_map_npy(context, inputs_path, labels_path, &mapped));
        expect_ok(context, talus_dataset_read_npy(context, inputs_path, labels_path, &read));
        expect_ok(context, talus_dataset_matrices(mapped, &a, &b));
        ck_assert(a.rows == 6 && b.dtype == TALUS_DTYPE_I32);
        same_bytes(a.data, x, sizeof x);
        same_bytes(b.data, labels, sizeof labels);
        talus_dataset_destroy(mapped), talus_dataset_destroy(read);
        nothing_is_left();
    }
    talus_dataset *dataset = NULL;
    expect_ok(context, talus_dataset_map_npy(context, inputs_path, NULL, &dataset));
    ck_assert_int_eq(talus_dataset_targets(dataset), 0);
    talus_dataset_destroy(dataset), dataset = NULL;
    float bad[6] = {0};
    bad[4] = (float)INFINITY;
    blob targets = file_of(0, true, false, "(6, 1)", bad);
    write_file(labels_path, targets.bytes, targets.length);
    ck_assert_int_eq(talus_dataset_map_npy(context, inputs_path, labels_path, &dataset), TALUS_ERROR_DATA);
    expect_message(context,
                   "labels.idx\": row 4, column 0 (counted from 0) must be a finite number, got inf");
    nothing_is_left();
    targets = npy_of("|u1", false, "(5,)", "\0\1\0\1\0", 5);
    write_file(labels_path, targets.bytes, targets.length);
    ck_assert_int_eq(talus_dataset_map_npy(context, inputs_path, labels_path, &dataset), TALUS_ERROR_FORMAT);
    expect_message(context, "the inputs have 6 rows, the targets have 5");
    nothing_is_left();
    inputs = npy_of("<i8", false, "(1,)", "01234567", 8); /* inputs are not read instead */
    write_blob(&inputs);
    ck_assert_int_eq(talus_dataset_map_npy(context, inputs_path, NULL, &dataset), TALUS_ERROR_UNSUPPORTED);
    ck_assert_ptr_null(dataset);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    static const float x[6];
    blob inputs = file_of(0, true, false, "(6, 1)", x), targets = bytes_of(6, 1);
    talus_status status = TALUS_ERROR_MEMORY;
    write_blob(&inputs);
    write_file(labels_path, targets.bytes, targets.length);
    for (int n = 1; status != TALUS_OK; n++) {
        talus_dataset *dataset = NULL;
        refuse_from_now(&book, n);
        status = talus_dataset_map_npy(context, inputs_path, labels_path, &dataset);
        book.fail_at = 0;
        ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
        ck_assert((status == TALUS_OK) == (dataset != NULL) && (dataset == NULL || n > 6));
        talus_dataset_destroy(dataset);
        nothing_is_left();
    }
}
END_TEST

START_TEST(a_system_that_does_not_map_is_named)
{
    static const float x[6];
    blob inputs = file_of(0, true, false, "(6, 1)", x);
    talus_array *array = NULL;
    write_blob(&inputs);
    map_fails = true;
    talus_status status = talus_array_map_npy(context, inputs_path, &array);
    map_fails = false;
    ck_assert_int_eq(status, TALUS_ERROR_FILE);
    expect_message(context, "inputs.idx\" cannot be mapped into memory: No such device");
    ck_assert_ptr_null(array);
    nothing_is_left();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {mapped_numbers_are_those_of_the_file,
                                  what_is_no_memory_is_refused,
                                  files_without_a_header,
                                  raw_arguments,
                                  mapped_data_sets,
                                  a_system_that_does_not_map_is_named,
                                  every_failing_allocation_is_survived};
    return run_idx_tests("mapped", tests, sizeof tests / sizeof *tests);
}
