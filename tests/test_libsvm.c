/* Text in the LIBSVM format: what it gives, and what is refused. */
#include "idx_support.h"

static talus_status read_text(const char *text, size_t length, int64_t features, int classes, int64_t most,
                              talus_dataset **dataset)
{
    write_file(inputs_path, text, length);
    return talus_dataset_read_libsvm(context, inputs_path, features, classes, most, dataset);
}

static talus_dataset *dataset_from(const char *text, int64_t features, int classes, talus_matrix *x,
                                   talus_matrix *y)
{
    talus_dataset *dataset = NULL;
    expect_ok(context, read_text(text, strlen(text), features, classes, 0, &dataset));
    expect_ok(context, talus_dataset_matrices(dataset, x, y));
    return dataset;
}

static void is(const talus_matrix *matrix, int dtype, int64_t rows, int64_t cols, const double *numbers)
{
    ck_assert(matrix->dtype == dtype && matrix->rows == rows && matrix->cols == cols);
    for (int64_t i = 0; i < rows * cols; i++)
        ck_assert_double_eq(element(matrix, i / cols, i % cols), numbers[i]);
}

START_TEST(classes_and_features)
{
    static const char *const texts[] = {
        "1 1:0.5 3:-2\n0 2:1e-1\n2\n",
        "1 1:.5 3:-2 # 9:9\n\n# a line\n  0\t2:0.1 \r\n+2#",
        "01 01:+5e-1 2:0 003:-2.0\r\n\r\n0 2:1E-1\n2.0 1:-0",
    };
    static const double inputs[] = {0.5, 0, -2, 0, (double)0.1f, 0, 0, 0, 0}, labels[] = {1, 0, 2};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        talus_matrix x, y;
        talus_dataset *dataset = dataset_from(texts[i], 0, 1, &x, &y);
        is(&x, TALUS_DTYPE_F32, 3, 3, inputs);
        is(&y, TALUS_DTYPE_I32, 3, 1, labels);
        talus_dataset_destroy(dataset);
    }
}
END_TEST

START_TEST(signs_are_two_classes)
{
    talus_matrix x, y;
    talus_dataset *dataset = dataset_from("-1 1:1\n+1 1:2\n-1 1:3\n", 0, 1, &x, &y);
    is(&y, TALUS_DTYPE_I32, 3, 1, (double[]){0, 1, 0});
    talus_dataset_destroy(dataset);
    dataset = dataset_from("1 1:1\n1 1:2\n", 0, 1, &x, &y); /* as in a file that has both */
    is(&y, TALUS_DTYPE_I32, 2, 1, (double[]){1, 1});
    talus_dataset_destroy(dataset);
}
END_TEST

START_TEST(values_and_given_features)
{
    talus_matrix x, y;
    talus_dataset *dataset = dataset_from("0.1 2:4\n-1e300\n", 5, 0, &x, &y);
    is(&x, TALUS_DTYPE_F32, 2, 5, (double[]){0, 4, 0, 0, 0, 0, 0, 0, 0, 0});
    is(&y, TALUS_DTYPE_F64, 2, 1, (double[]){0.1, -1e300});
    talus_dataset_destroy(dataset);
}
END_TEST

/* More than a piece of text, packed too: sample i has 1 … 7 at the features of i modulo 7. */
START_TEST(long_texts)
{
    static char text[16000];
    blob plain = {0}, packed;
    int length = 0;
    for (int i = 0; i < 1200; i++)
        length += sprintf(text + length, "%d %d:%d\n", i % 3, i % 7 + 1, i);
    append(&plain, text, (size_t)length);
    bool packs = pack_gzip(&plain, &packed);
    for (int p = 0; p <= packs; p++) {
        const blob *content = p ? &packed : &plain;
        talus_dataset *dataset = NULL;
        talus_matrix x, y;
        expect_ok(context,
                  read_text((const char *)content->bytes, content->length, 0, 1, 1200 * 7 * 4, &dataset));
        expect_ok(context, talus_dataset_matrices(dataset, &x, &y));
        ck_assert(x.rows == 1200 && x.cols == 7);
        for (int i = 0; i < 1200; i++) {
            ck_assert_double_eq(element(&y, i, 0), i % 3);
            for (int j = 0; j < 7; j++)
                ck_assert_double_eq(element(&x, i, j), j == i % 7 ? i : 0);
        }
        talus_dataset_destroy(dataset);
    }
}
END_TEST

static void refuses_text(const char *text, size_t length, int64_t features, int classes, int64_t most,
                         talus_status status, const char *message)
{
    talus_dataset *dataset = (talus_dataset *)&book;
    expect_status(context, status, read_text(text, length, features, classes, most, &dataset));
    ck_assert_ptr_eq(dataset, (talus_dataset *)&book);
    expect_message(context, message);
    nothing_is_left();
}

START_TEST(texts_must_be_right)
{
    static const struct {
        const char *text;
        talus_status status;
        const char *message;
    } wrong[] = {
        {"", TALUS_ERROR_FORMAT, "holds no samples"},
        {"\n# 1 1:1\n", TALUS_ERROR_FORMAT, "holds no samples"},
        {"1\n2\n", TALUS_ERROR_FORMAT, "holds no features, and their number is not given"},
        {"1 1:1\nx 1:1\n", TALUS_ERROR_FORMAT, "line 2: a label must stand at its beginning, got \"x\""},
        {"1:1\n", TALUS_ERROR_FORMAT, "line 1: a label must stand at its beginning, got \"1:1\""},
        {"0x1 1:1\n", TALUS_ERROR_FORMAT, "a label must stand at its beginning"},
        {"nan 1:1\n", TALUS_ERROR_FORMAT, "a label must stand at its beginning"},
        {"1e999 1:1\n", TALUS_ERROR_FORMAT, "the label must be a finite number"},
        {"1,2 1:1\n", TALUS_ERROR_FORMAT, "a label must stand at its beginning"},
        {"1.5 1:1\n", TALUS_ERROR_FORMAT, "the label of a class must be an integer"},
        {"-2 1:1\n", TALUS_ERROR_FORMAT, "the label of a class must be an integer"},
        {"2147483648 1:1\n", TALUS_ERROR_FORMAT, "the label of a class must be an integer"},
        {"-1 1:1\n0 1:1\n", TALUS_ERROR_DATA, "must be at least 0, or all -1 and 1; got -1 and others"},
        {"1 1\n", TALUS_ERROR_FORMAT, "line 1: a feature must be index:value, got \"1\""},
        {"1 qid:1 1:1\n", TALUS_ERROR_FORMAT, "an index must be an integer of at least 1, got \"qid:1\""},
        {"1 0:1\n", TALUS_ERROR_FORMAT, "an index must be an integer of at least 1, got \"0:1\""},
        {"1 -1:1\n", TALUS_ERROR_FORMAT, "an index must be an integer of at least 1"},
        {"1 :1\n", TALUS_ERROR_FORMAT, "an index must be an integer of at least 1"},
        {"1 99999999999999999999:1\n", TALUS_ERROR_FORMAT, "an index must be an integer of at least 1"},
        {"1 2:1 2:1\n", TALUS_ERROR_FORMAT, "indexes must ascend, got \"2:1\""},
        {"1 2:1 1:1\n", TALUS_ERROR_FORMAT, "indexes must ascend"},
        {"1 1:\n", TALUS_ERROR_FORMAT, "a value must be a finite number"},
        {"1 1:1:1\n", TALUS_ERROR_FORMAT, "a value must be a finite number"},
        {"1 1:inf\n", TALUS_ERROR_FORMAT, "a value must be a finite number"},
        {"1 1:1e39\n", TALUS_ERROR_FORMAT, "a value must be a finite number within the range of f32"},
        {"1 1:0.00000000000000000000000000000000000000000000000000000000000001\n", TALUS_ERROR_FORMAT,
         "must be text of at most 64 characters"},
        {"1 2147483647:1\n", TALUS_ERROR_SHAPE, "1 samples of 2147483647 features need more than 1049"},
        {"1 1:1\n1 9223372036854775807:1\n", TALUS_ERROR_SHAPE, "(most_bytes)"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        refuses_text(wrong[i].text, strlen(wrong[i].text), 0, 1, 0, wrong[i].status, wrong[i].message);
        ck_assert_uint_lt(book.largest, 20000);
    }
    refuses_text("1 1:1\0 \n", 8, 0, 1, 0, TALUS_ERROR_FORMAT, "must be text of at most 64 characters");
    refuses_text("\0", 1, 0, 1, 0, TALUS_ERROR_FORMAT, "must be text of at most 64 characters");
    refuses_text("1 4:1\n", 6, 3, 1, 0, TALUS_ERROR_SHAPE, "indexes must be 1 … 3, the features, got 4");
    refuses_text("1 4:1\n", 6, 0, 1, 15, TALUS_ERROR_SHAPE,
                 "1 samples of 4 features need more than 15 bytes as a dense array");
    refuses_text("1 4:1\n", 6, INT64_MAX, 1, INT64_MAX, TALUS_ERROR_SHAPE, "(most_bytes)");
}
END_TEST

START_TEST(arguments)
{
    talus_dataset *dataset = NULL;
    ck_assert_int_eq(talus_dataset_read_libsvm(NULL, "x", 0, 1, 0, &dataset), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_read_libsvm(context, NULL, 0, 1, 0, &dataset), TALUS_ERROR_ARGUMENT);
    expect_message(context, "path must not be NULL");
    ck_assert_int_eq(talus_dataset_read_libsvm(context, "x", 0, 1, 0, NULL), TALUS_ERROR_ARGUMENT);
    expect_message(context, "dataset must not be NULL");
    ck_assert_int_eq(talus_dataset_read_libsvm(context, "x", -1, 1, 0, &dataset), TALUS_ERROR_ARGUMENT);
    expect_message(context, "features must be at least 0, got -1");
    ck_assert_int_eq(talus_dataset_read_libsvm(context, "x", 0, 2, 0, &dataset), TALUS_ERROR_ARGUMENT);
    expect_message(context, "classes must be 0 or 1, got 2");
    ck_assert_int_eq(talus_dataset_read_libsvm(context, "x", 0, 1, -1, &dataset), TALUS_ERROR_ARGUMENT);
    expect_message(context, "most_bytes must be at least 0, got -1");
    ck_assert_int_eq(talus_dataset_read_libsvm(context, "/none", 0, 1, 0, &dataset), TALUS_ERROR_FILE);
    ck_assert_ptr_null(dataset);
}
END_TEST

/* Whatever stands in the place of a byte: an error, or a data set that can be used. */
START_TEST(every_wrong_byte_is_survived)
{
    char text[] = "1 1:0.5 3:-2 # c\n-1 2:1e-1\n";
    for (size_t i = 0; i < sizeof text - 1; i++)
        for (int value = 0; value < 256; value++) {
            char kept = text[i];
            talus_dataset *dataset = NULL, *again = NULL;
            talus_matrix x, y;
            text[i] = (char)value;
            talus_status status = read_text(text, sizeof text - 1, 0, 1, 0, &dataset);
            if (status == TALUS_OK) {
                expect_ok(context, talus_dataset_matrices(dataset, &x, &y));
                expect_ok(context, talus_dataset_from_matrices(context, &x, &y, &again));
                talus_dataset_destroy(again), talus_dataset_destroy(dataset);
            }
            ck_assert_uint_lt(book.largest, 2000000);
            nothing_is_left();
            text[i] = kept;
        }
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    static const char text[] = "1 1:1\n0 2:1\n";
    talus_status status = TALUS_ERROR_MEMORY;
    for (int n = 1; status != TALUS_OK; n++) {
        talus_dataset *dataset = NULL;
        refuse_from_now(&book, n);
        status = read_text(text, sizeof text - 1, 0, 1, 0, &dataset);
        book.fail_at = 0;
        ck_assert(status == TALUS_OK ? n > 4 && dataset != NULL : dataset == NULL);
        ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
        talus_dataset_destroy(dataset);
        nothing_is_left();
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {classes_and_features,         signs_are_two_classes,
                                  values_and_given_features,    long_texts,
                                  texts_must_be_right,          arguments,
                                  every_wrong_byte_is_survived, every_failing_allocation_is_survived};
    return run_idx_tests("libsvm", tests, sizeof tests / sizeof *tests);
}
