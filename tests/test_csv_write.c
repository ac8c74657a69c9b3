/* Matrices as CSV: what is written reads back to the same bits. */
#include <float.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "fixture.h"

static char folder[64], path[96];

static void begin(void)
{
    begin_with_folder(folder);
    snprintf(path, sizeof path, "%s/matrix.csv", folder);
}

static void end(void)
{
    end_with_folder(folder, path);
}

/* A sink that keeps what it gets, and refuses it after `pieces`. */
typedef struct kept_text {
    char text[4096];
    size_t length;
    int pieces;
} kept_text;

static int keep(const char *text, size_t length, void *user)
{
    kept_text *kept = user;
    if (kept->pieces-- == 0)
        return 7;
    if (kept->length + length < sizeof kept->text)
        memcpy(kept->text + kept->length, text, length);
    kept->length += length;
    return 0;
}

static void formats(const talus_matrix *matrix, const char *const *names, const char *text)
{
    kept_text kept = {.pieces = -1};
    expect_ok(context, talus_matrix_format_csv(context, matrix, names, keep, &kept));
    ck_assert_str_eq(kept.text, text);
}

START_TEST(all_types_are_written)
{
    const float singles[] = {0.1f, 1, -2.5f, 16777216, 3e38f, 1e-45f};
    const double doubles[] = {0.1, 1.0 / 3, 5e-324, 1e22, -0.0, 123456.75};
    const uint8_t bytes[] = {0, 255};
    const int32_t integers[] = {INT32_MIN, INT32_MAX};
    const char *const names[] = {"x", "a, b", "say \"hm\""}, *const odd[] = {"", " c"};
    talus_matrix matrix = talus_matrix_view(singles, TALUS_DTYPE_F32, 2, 3);
    formats(&matrix, NULL, "0.1,1,-2.5\n16777216,3e38,1e-45\n");
    matrix = talus_matrix_view(doubles, TALUS_DTYPE_F64, 2, 3);
    formats(&matrix, names,
            "x,\"a, b\",\"say \"\"hm\"\"\"\n0.1,0.3333333333333333,5e-324\n1e22,-0,123456.75\n");
    matrix.cols = 2;
    formats(&matrix, odd, "\"\",\" c\"\n0.1,0.3333333333333333\n1e22,-0\n");
    matrix = talus_matrix_view(bytes, TALUS_DTYPE_U8, 1, 2);
    formats(&matrix, NULL, "0,255\n");
    matrix = talus_matrix_view(integers, TALUS_DTYPE_I32, 2, 1);
    formats(&matrix, NULL, "-2147483648\n2147483647\n");
}
END_TEST

static uint64_t next_bits(number_stream *numbers)
{
    uint64_t high = (uint64_t)(fabs(next_number(numbers)) * 0x1p32);
    return high << 32 | (uint64_t)(fabs(next_number(numbers)) * 0x1p32);
}

START_TEST(numbers_read_back_to_the_same_bits)
{
    enum { ROWS = 5000, COLS = 4 };
    static double values[ROWS * COLS];
    static const char *const names[COLS] = {"a", "b", "c,\nd", "e"};
    number_stream numbers = numbers_from(11);
    for (int i = 0; i < ROWS * COLS; i++) {
        uint64_t bits = next_bits(&numbers) >> i % 3 * 12; /* subnormal ones too */
        memcpy(&values[i], &bits, sizeof bits);
        if (!isfinite(values[i]) || i % 5 == 0)
            values[i] = next_number(&numbers);
    }
    values[0] = DBL_MAX, values[1] = -0.0, values[2] = DBL_MIN, values[3] = nextafter(DBL_MIN, 0);
    talus_matrix matrix = talus_matrix_view(values, TALUS_DTYPE_F64, ROWS, COLS), read;
    talus_dataset *dataset;
    expect_ok(context, talus_matrix_write_csv(context, &matrix, names, path));
    expect_ok(context, talus_dataset_read_table(context, path, NULL, &dataset, NULL));
    expect_ok(context, talus_dataset_matrices(dataset, &read, NULL));
    ck_assert(read.rows == ROWS && read.cols == COLS);
    same_bytes(read.data, values, sizeof values);
    talus_dataset_destroy(dataset);
}
END_TEST

/* As few digits as are read as the same number, found by trying them all; floats are also read as doubles first. */
static void expected_text(double value, bool single, char text[TL_NUMBER_BYTES])
{
    if (fabs(value) < 1e6 && value == trunc(value)) {
        snprintf(text, TL_NUMBER_BYTES, "%.0f", value);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, TL_NUMBER_BYTES, "%.*g", digits, value);
        if (single ? strtof(text, NULL) == (float)value && (float)strtod(text, NULL) == (float)value
                   : strtod(text, NULL) == value)
            break;
    }
    char *exponent = strchr(text, 'e');
    if (exponent != NULL)
        snprintf(exponent + 1, 6, "%d", atoi(exponent + 1));
}

static void has_fewest_digits(double value)
{
    char text[TL_NUMBER_BYTES], expected[TL_NUMBER_BYTES];
    if (!isfinite(value))
        return;
    tl_text_of_double(value, text);
    expected_text(value, false, expected);
    ck_assert_msg(strcmp(text, expected) == 0, "%a is %s, not %s", value, text, expected);
    if (!isfinite((float)value))
        return;
    tl_text_of_float((float)value, text);
    expected_text((double)(float)value, true, expected);
    ck_assert_msg(strcmp(text, expected) == 0, "%a is %s, not %s", (double)(float)value, text, expected);
}

/* Any bits; numbers of sizes that are met, whole multiples of powers of two and of ten, and the neighbours of both. */
START_TEST(digits_are_as_few_as_can_be)
{
    number_stream numbers = numbers_from(5);
    for (int i = 0; i < 5000; i++) {
        const uint64_t bits = next_bits(&numbers), few = bits >> (11 + i % 53);
        const int power = (int)(bits % 140) - 70;
        double value;
        memcpy(&value, &bits, sizeof value);
        has_fewest_digits(value);
        has_fewest_digits((double)(float)value);
        has_fewest_digits(ldexp((double)(bits >> 11), power - 53));
        has_fewest_digits(ldexp((double)(bits >> 40), power - 24));
        has_fewest_digits(-ldexp((double)few, power - 20));
        has_fewest_digits((double)few / pow(10, i % 23));
        has_fewest_digits(nextafter((double)few / pow(10, i % 23), power));
    }
    for (int power = -1074; power < 1024; power++) {
        const double two = ldexp(1, power);
        const float single = ldexpf(1, power);
        has_fewest_digits(two);
        has_fewest_digits(nextafter(two, 0));
        has_fewest_digits(nextafter(two, INFINITY));
        has_fewest_digits((double)nextafterf(single, 0));
        has_fewest_digits((double)nextafterf(single, INFINITY));
    }
    for (int power = -323; power <= 308; power++) {
        const double ten = pow(10, power);
        for (int i = 1; i < 10; i++)
            has_fewest_digits(i * ten);
        has_fewest_digits(nextafter(ten, 0));
        has_fewest_digits(nextafter(ten, INFINITY));
        has_fewest_digits((double)nextafterf((float)ten, 0));
    }
    has_fewest_digits(0), has_fewest_digits(-0.0);
}
END_TEST

START_TEST(strides_are_stepped_over_and_large_rows_written_in_pieces)
{
    enum { COLS = 40000 };
    static double values[2 * COLS];
    for (int i = 0; i < 2 * COLS; i++)
        values[i] = i + 0.5;
    talus_matrix matrix = talus_matrix_view(values, TALUS_DTYPE_F64, 2, COLS - 1), read;
    matrix.stride = COLS;
    talus_dataset *dataset;
    expect_ok(context, talus_matrix_write_csv(context, &matrix, NULL, path));
    expect_ok(context, talus_dataset_read_table(context, path, NULL, &dataset, NULL));
    expect_ok(context, talus_dataset_matrices(dataset, &read, NULL));
    ck_assert(read.rows == 2 && read.cols == COLS - 1);
    ck_assert_double_eq(((double *)read.data)[COLS - 1], COLS + 0.5);
    talus_dataset_destroy(dataset);
    for (int pieces = 0; pieces < 3; pieces++) {
        kept_text kept = {.pieces = pieces};
        expect_status(context, TALUS_ERROR_FILE,
                      talus_matrix_format_csv(context, &matrix, NULL, keep, &kept));
        expect_message(context, "format_csv: the sink must return 0, got 7");
    }
}
END_TEST

START_TEST(what_cannot_be_written_is_refused)
{
    const double one = 1;
    const char *const none[] = {NULL};
    talus_matrix matrix = talus_matrix_view(&one, TALUS_DTYPE_F64, 1, 1);
    ck_assert_int_eq(talus_matrix_write_csv(NULL, &matrix, NULL, path), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_matrix_format_csv(NULL, &matrix, NULL, keep, NULL), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_matrix_write_csv(context, NULL, NULL, path));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_matrix_write_csv(context, &matrix, NULL, NULL));
    expect_message(context, "write_csv: path must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_matrix_write_csv(context, &matrix, none, path));
    expect_message(context, "names must have a text for each column, got NULL for column 0");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_matrix_format_csv(context, &matrix, NULL, NULL, NULL));
    expect_status(context, TALUS_ERROR_FILE, talus_matrix_write_csv(context, &matrix, NULL, "/nowhere/x"));
    for (int n = 1;; n++) {
        refuse_from_now(&book, n);
        talus_status status = talus_matrix_write_csv(context, &matrix, NULL, path);
        book.fail_at = 0;
        if (status == TALUS_OK)
            break;
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_int_ne(access(path, F_OK), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv_write");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_test(tests, all_types_are_written);
    tcase_add_test(tests, numbers_read_back_to_the_same_bits);
    tcase_add_test(tests, digits_are_as_few_as_can_be);
    tcase_add_test(tests, strides_are_stepped_over_and_large_rows_written_in_pieces);
    tcase_add_test(tests, what_cannot_be_written_is_refused);
    return run_suite(suite);
}
