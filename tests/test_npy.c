/* NumPy's files: what is read is what they hold, and what is written can be read. */
#include <unistd.h>

#include "array_support.h"
#include "base/crc32.h"
#include "base/half.h"

static void write_blob(const blob *content)
{
    write_file(inputs_path, content->bytes, content->length);
}

static talus_array *array_of(const blob *content, talus_matrix *matrix)
{
    write_blob(content);
    talus_array *array = reads_array(NULL);
    expect_ok(context, talus_array_matrix(array, matrix));
    return array;
}

START_TEST(crc_of_the_standard)
{
    /* The check value of CRC-32/ISO-HDLC in the catalogue of R. Greg Cook. */
    ck_assert_uint_eq(tl_crc32(0, "123456789", 9), 0xCBF43926);
    ck_assert_uint_eq(tl_crc32(tl_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
    ck_assert_uint_eq(tl_crc32(0, "", 0), 0);
}
END_TEST

START_TEST(half_numbers)
{
    static const struct {
        uint16_t bits;
        double number;
    } known[] = {{0x0000, 0},
                 {0x3C00, 1},
                 {0xC000, -2},
                 {0x7BFF, 65504},
                 {0x0001, 0x1p-24},
                 {0x0400, 0x1p-14},
                 {0x3555, 0x1.554p-2},
                 {0x83FF, -0x3FFp-24},
                 {0x7C00, (double)INFINITY},
                 {0xFC00, -(double)INFINITY}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert_double_eq(tl_half_number(known[i].bits), known[i].number);
    ck_assert(isnan(tl_half_number(0x7E00)) && signbit(tl_half_number(0x8000)));
}
END_TEST

/* Types of elements, with three numbers that they hold, as bits, and what they are. */
static const struct {
    const char *type;
    int size, array, value;
    bool counts;
    uint64_t bits[3];
    double numbers[3];
} elements[] = {
    {"b1", 1, TALUS_DTYPE_U8, TALUS_DTYPE_U8, true, {0, 1, 255}, {0, 1, 1}},
    {"u1", 1, TALUS_DTYPE_U8, TALUS_DTYPE_U8, true, {0, 3, 255}, {0, 3, 255}},
    {"i1", 1, TALUS_DTYPE_I32, TALUS_DTYPE_F32, true, {0, 0x7F, 5}, {0, 127, 5}},
    {"i2", 2, TALUS_DTYPE_I32, TALUS_DTYPE_F32, true, {1, 0x7FFF, 258}, {1, 32767, 258}},
    {"u2", 2, TALUS_DTYPE_I32, TALUS_DTYPE_F32, true, {1, 0xFFFF, 258}, {1, 65535, 258}},
    {"i4", 4, TALUS_DTYPE_I32, TALUS_DTYPE_F64, true, {1, 0x7FFFFFFF, 66051}, {1, 2147483647, 66051}},
    {"u4", 4, TALUS_DTYPE_I32, TALUS_DTYPE_F64, true, {1, 0x7FFFFFFF, 66051}, {1, 2147483647, 66051}},
    {"i8", 8, TALUS_DTYPE_I32, TALUS_DTYPE_F64, true, {1, 0x7FFFFFFF, 66051}, {1, 2147483647, 66051}},
    {"u8", 8, TALUS_DTYPE_I32, TALUS_DTYPE_F64, true, {1, 0x7FFFFFFF, 66051}, {1, 2147483647, 66051}},
    {"f2", 2, TALUS_DTYPE_F32, TALUS_DTYPE_F32, false, {0x3C00, 0xC000, 0x0001}, {1, -2, 0x1p-24}},
    {"f4",
     4,
     TALUS_DTYPE_F32,
     TALUS_DTYPE_F32,
     false,
     {0x3F800000, 0xC0490FDB, 1},
     {1, -0x1.921fb6p1, 0x1p-149}},
    {"f8",
     8,
     TALUS_DTYPE_F64,
     TALUS_DTYPE_F64,
     false,
     {0x3FF0000000000000, 0x3FB999999999999A, 0xFFEFFFFFFFFFFFFF},
     {1, 0.1, -0x1.fffffffffffffp1023}},
};
enum { ELEMENTS = sizeof elements / sizeof *elements };

static blob file_of(int e, bool big)
{
    char descr[4];
    blob bytes = {0};
    snprintf(descr, sizeof descr, "%c%s", big ? '>' : '<', elements[e].type);
    for (int i = 0; i < 3; i++)
        for (int b = 0; b < elements[e].size; b++)
            append_little(&bytes, elements[e].bits[i] >> 8 * (big ? elements[e].size - 1 - b : b), 1);
    return npy_of(descr, false, "(3,)", bytes.bytes, bytes.length);
}

static void has_numbers(const talus_matrix *matrix, int dtype, int e)
{
    ck_assert(matrix->rows == 3 && matrix->cols == 1 && matrix->stride == 1);
    ck_assert_int_eq(matrix->dtype, dtype);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(element(matrix, i, 0), elements[e].numbers[i]);
}

START_TEST(elements_of_every_type)
{
    for (int e = 0; e < ELEMENTS; e++)
        for (int big = 0; big < 2; big++) {
            blob content = file_of(e, big);
            talus_matrix matrix, x, y;
            talus_dataset *dataset;
            talus_array *array = array_of(&content, &matrix);
            has_numbers(&matrix, elements[e].array, e);
            talus_array_destroy(array);
            expect_ok(context, talus_dataset_read_npy(context, inputs_path, inputs_path, &dataset));
            expect_ok(context, talus_dataset_matrices(dataset, &x, &y));
            has_numbers(&x, elements[e].value, e);
            has_numbers(&y, elements[e].counts ? TALUS_DTYPE_I32 : elements[e].value, e);
            talus_dataset_destroy(dataset);
        }
}
END_TEST

/* The least and the most of integers, and the first numbers that i32 cannot hold. */
START_TEST(integers_must_fit)
{
    static const struct {
        const char *descr;
        int size;
        uint64_t bits;
        double number; /* NaN: refused */
    } cases[] = {{"|i1", 1, 0x80, -128},
                 {"<i2", 2, 0x8000, -32768},
                 {"<i4", 4, 0x80000000, -2147483648.0},
                 {"<u4", 4, 0x80000000, (double)NAN},
                 {"<i8", 8, 0xFFFFFFFF80000000, -2147483648.0},
                 {"<i8", 8, 0xFFFFFFFF7FFFFFFF, (double)NAN},
                 {"<i8", 8, 0x80000000, (double)NAN},
                 {"<u8", 8, 0xFFFFFFFFFFFFFFFF, (double)NAN},
                 {"<u8", 8, 0x8000000000000001, (double)NAN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        blob bytes = {0};
        append_little(&bytes, 7, cases[i].size);
        append_little(&bytes, cases[i].bits, cases[i].size);
        blob content = npy_of(cases[i].descr, true, "(1, 2)", bytes.bytes, bytes.length);
        write_blob(&content);
        if (isnan(cases[i].number)) {
            refuses_array(NULL, TALUS_ERROR_DATA,
                          "row 0, column 1 (counted from 0) must fit into 32 bits, got");
            continue;
        }
        talus_matrix matrix;
        talus_array *array = array_of(&content, &matrix);
        ck_assert_double_eq(element(&matrix, 0, 1), cases[i].number);
        talus_array_destroy(array);
    }
}
END_TEST

/* Element (i, j, k) of an array of 3 × 4 × 5 is 100·i + 10·j + k, in both orders. Enough for several pieces. */
START_TEST(orders_of_elements)
{
    enum { A = 30, B = 14, C = 9 };
    static uint16_t c_order[A * B * C], fortran[A * B * C];
    for (int i = 0; i < A; i++)
        for (int j = 0; j < B; j++)
            for (int k = 0; k < C; k++) {
                uint16_t number = (uint16_t)(1000 * i + 20 * j + k);
                c_order[(i * B + j) * C + k] = number;
                fortran[i + A * (j + B * k)] = number;
            }
    for (int turned = 0; turned < 2; turned++) {
        blob content = npy_of("<u2", turned, "(30, 14, 9)", turned ? fortran : c_order, sizeof c_order);
        talus_matrix matrix;
        talus_array *array = array_of(&content, &matrix);
        ck_assert(matrix.rows == A && matrix.cols == B * C);
        for (int i = 0; i < A; i++)
            for (int j = 0; j < B * C; j++)
                ck_assert_double_eq(element(&matrix, i, j), 1000 * i + 20 * (j / C) + j % C);
        talus_array_destroy(array);
    }
}
END_TEST

START_TEST(shapes)
{
    static const struct {
        const char *shape;
        int64_t rows, cols;
    } cases[] = {{"(6,)", 6, 1},     {"(6, 1)", 6, 1},    {"(1,6)", 1, 6},           {"( 2 , 3 , )", 2, 3},
                 {"(2L, 3L)", 2, 3}, {"(1, 2, 3)", 1, 6}, {"(2, 1, 1, 3, 1)", 2, 3}, {"(06,)", 6, 1}};
    static const float numbers[] = {0, 1, 2, 3, 4, 5};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int turned = 0; turned < 2; turned++) {
            blob content = npy_of("<f4", turned, cases[i].shape, numbers, sizeof numbers);
            talus_matrix matrix;
            talus_array *array = array_of(&content, &matrix);
            ck_assert(matrix.rows == cases[i].rows && matrix.cols == cases[i].cols);
            bool moves = turned && cases[i].rows == 2;
            for (int64_t r = 0; r < matrix.rows; r++)
                for (int64_t c = 0; c < matrix.cols; c++)
                    if (i != 5 || !turned)
                        ck_assert_double_eq(element(&matrix, r, c),
                                            (double)(moves ? r + 2 * c : r * matrix.cols + c));
                    else
                        ck_assert_double_eq(element(&matrix, r, c), (double)(c / 3 + 2 * (c % 3)));
            talus_array_destroy(array);
        }
}
END_TEST

START_TEST(columns_of_bytes_are_turned)
{
    blob content = npy_of("|u1", true, "(3, 2)", "\0\2\4\1\3\5", 6);
    talus_matrix matrix;
    talus_array *array = array_of(&content, &matrix);
    same_bytes(matrix.data, "\0\1\2\3\4\5", 6);
    talus_array_destroy(array);
}
END_TEST

/* What a Python literal may look like. */
START_TEST(headers)
{
    static const char *const literals[] = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }                    ",
        "{\"shape\":(2,),\"descr\":\"<f4\",\"fortran_order\":False}",
        "  { 'fortran_order' : True , 'shape' : ( 2 , ) , 'descr' : '=f4' , }  ",
    };
    static const float numbers[] = {3, 4};
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
            blob content = npy_with(version, literals[i], numbers, sizeof numbers), packed;
            talus_matrix matrix;
            talus_array *array = array_of(&content, &matrix);
            ck_assert_double_eq(element(&matrix, 1, 0), 4);
            talus_array_destroy(array);
            if (!pack_gzip(&content, &packed))
                continue;
            array = array_of(&packed, &matrix);
            ck_assert_double_eq(element(&matrix, 1, 0), 4);
            talus_array_destroy(array);
        }
}
END_TEST

/* Bits, NaN and its payload among them, survive the way out and back; a stride stays at home. */
START_TEST(what_is_written_is_read)
{
    static const struct {
        int dtype;
        size_t size;
    } kinds[] = {{TALUS_DTYPE_F32, 4}, {TALUS_DTYPE_F64, 8}, {TALUS_DTYPE_U8, 1}, {TALUS_DTYPE_I32, 4}};
    unsigned char bytes[7 * 5 * 8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 5);
    memcpy(bytes, "\1\0\xA0\x7F\1\0\xF4\x7F", 8); /* signalling NaN of both precisions */
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int64_t cols = 1; cols <= 5; cols += 2) {
            talus_matrix matrix = {bytes, kinds[k].dtype, 7, cols, 5}, read;
            expect_ok(context, talus_array_write_npy(context, &matrix, inputs_path));
            talus_array *array = reads_array(NULL);
            expect_ok(context, talus_array_matrix(array, &read));
            ck_assert(read.rows == 7 && read.cols == cols && read.dtype == kinds[k].dtype);
            for (size_t r = 0; r < 7; r++)
                same_bytes((char *)read.data + r * (size_t)cols * kinds[k].size,
                           bytes + r * 5 * kinds[k].size, (size_t)cols * kinds[k].size);
            talus_array_destroy(array);
        }
}
END_TEST

START_TEST(files_are_as_numpy_writes_them)
{
    static const float numbers[] = {1, 2};
    talus_matrix matrix = talus_matrix_view(numbers, TALUS_DTYPE_F32, 2, 1);
    unsigned char wanted[128 + 8], got[sizeof wanted + 1];
    memset(wanted, ' ', sizeof wanted);
    memcpy(wanted, "\x93NUMPY\1\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", 69);
    wanted[127] = '\n';
    memcpy(wanted + 128, "\0\0\x80\x3f\0\0\0\x40", 8);
    expect_ok(context, talus_array_write_npy(context, &matrix, inputs_path));
    FILE *file = fopen(inputs_path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(got, 1, sizeof got, file), sizeof wanted);
    fclose(file);
    same_bytes(got, wanted, sizeof wanted);
}
END_TEST

START_TEST(arrays_may_hold_nan)
{
    static const float numbers[] = {1, NAN};
    blob content = npy_of("<f4", false, "(2,)", numbers, sizeof numbers);
    talus_matrix matrix;
    talus_array *array = array_of(&content, &matrix);
    ck_assert(isnan(element(&matrix, 1, 0)));
    talus_array_destroy(array);
    talus_dataset *dataset = NULL;
    expect_status(context, TALUS_ERROR_DATA, talus_dataset_read_npy(context, inputs_path, NULL, &dataset));
    expect_message(context,
                   "inputs.idx\": row 1, column 0 (counted from 0) must be a finite number, got nan");
    ck_assert_ptr_null(dataset);
}
END_TEST

START_TEST(data_sets_from_two_files)
{
    blob x = floats(6, 4), y = bytes_of(6, 1), values = bytes_of(6, 2), short_y = bytes_of(5, 1);
    talus_dataset *dataset, *part;
    talus_matrix inputs, targets;
    write_blob(&x);
    write_file(labels_path, y.bytes, y.length);
    expect_ok(context, talus_dataset_read_npy(context, inputs_path, labels_path, &dataset));
    expect_ok(context, talus_dataset_slice(dataset, 2, 3, &part));
    expect_ok(context, talus_dataset_matrices(part, &inputs, &targets));
    ck_assert_double_eq(element(&inputs, 1, 2), 14);
    ck_assert(targets.dtype == TALUS_DTYPE_I32 && element(&targets, 2, 0) == 4);
    talus_dataset_destroy(part), talus_dataset_destroy(dataset);

    write_file(labels_path, values.bytes, values.length);
    expect_ok(context, talus_dataset_read_npy(context, inputs_path, labels_path, &dataset));
    expect_ok(context, talus_dataset_matrices(dataset, NULL, &targets));
    ck_assert(targets.dtype == TALUS_DTYPE_U8 && targets.cols == 2);
    talus_dataset_destroy(dataset);

    write_file(labels_path, short_y.bytes, short_y.length);
    expect_status(context, TALUS_ERROR_FORMAT,
                  talus_dataset_read_npy(context, inputs_path, labels_path, &dataset));
    expect_message(context, "the inputs have 6 rows, the targets have 5");
    nothing_is_left();
    y = npy_of("|i1", false, "(6,)", "\1\2\xFF\0\0\0", 6);
    write_file(labels_path, y.bytes, y.length);
    expect_status(context, TALUS_ERROR_DATA,
                  talus_dataset_read_npy(context, inputs_path, labels_path, &dataset));
    expect_message(context, "row 2, column 0 (counted from 0) must be a label of at least 0, got -1");
    unlink(labels_path);
    expect_status(context, TALUS_ERROR_FILE,
                  talus_dataset_read_npy(context, inputs_path, labels_path, &dataset));
    nothing_is_left();
}
END_TEST

START_TEST(arguments)
{
    talus_array *array = NULL;
    talus_dataset *dataset = NULL;
    talus_matrix matrix = {.data = NULL};
    ck_assert_int_eq(talus_array_read_npy(NULL, "x", &array), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_array_read_npz(NULL, "x", "x", &array), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_array_write_npy(NULL, &matrix, "x"), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_read_npy(NULL, "x", NULL, &dataset), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_read_npz(NULL, "x", NULL, NULL, &dataset), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_array_read_npy(context, NULL, &array), TALUS_ERROR_ARGUMENT);
    expect_message(context, "path must not be NULL");
    ck_assert_int_eq(talus_array_read_npy(context, "x", NULL), TALUS_ERROR_ARGUMENT);
    expect_message(context, "array must not be NULL");
    ck_assert_int_eq(talus_array_read_npz(context, "x", NULL, &array), TALUS_ERROR_ARGUMENT);
    expect_message(context, "name must not be NULL");
    ck_assert_int_eq(talus_dataset_read_npy(context, NULL, NULL, &dataset), TALUS_ERROR_ARGUMENT);
    expect_message(context, "inputs_path must not be NULL");
    ck_assert_int_eq(talus_dataset_read_npz(context, "x", "x", NULL, NULL), TALUS_ERROR_ARGUMENT);
    expect_message(context, "dataset must not be NULL");
    ck_assert_int_eq(talus_array_write_npy(context, NULL, "x"), TALUS_ERROR_ARGUMENT);
    expect_message(context, "matrix must not be NULL");
    static const float number = 1;
    matrix = talus_matrix_view(&number, TALUS_DTYPE_F32, 1, 1);
    ck_assert_int_eq(talus_array_write_npy(context, &matrix, NULL), TALUS_ERROR_ARGUMENT);
    expect_message(context, "path must not be NULL");
    ck_assert_int_eq(talus_array_write_npy(context, &matrix, folder), TALUS_ERROR_FILE);
    ck_assert_int_eq(talus_array_matrix(NULL, &matrix), TALUS_ERROR_ARGUMENT);
    talus_array_destroy(NULL);
    blob content = floats(1, 1);
    array = array_of(&content, &matrix);
    ck_assert_int_eq(talus_array_matrix(array, NULL), TALUS_ERROR_ARGUMENT);
    talus_array_destroy(array);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {crc_of_the_standard,
                                  half_numbers,
                                  elements_of_every_type,
                                  integers_must_fit,
                                  orders_of_elements,
                                  columns_of_bytes_are_turned,
                                  shapes,
                                  headers,
                                  what_is_written_is_read,
                                  files_are_as_numpy_writes_them,
                                  arrays_may_hold_nan,
                                  data_sets_from_two_files,
                                  arguments};
    return run_idx_tests("npy", tests, sizeof tests / sizeof *tests);
}
