/* Data sets over the caller's arrays. */
#include <stdio.h>

#include "fixture.h"

/* from_matrices fails with this status, says this, and sets nothing. */
static void refuses(const talus_matrix *inputs, const talus_matrix *targets, talus_status status,
                    const char *text)
{
    talus_dataset *dataset = (talus_dataset *)&book;
    ck_assert_int_eq(talus_dataset_from_matrices(context, inputs, targets, &dataset), status);
    ck_assert_ptr_eq(dataset, (talus_dataset *)&book);
    no_memory_is_left();
    expect_message(context, text);
}

START_TEST(borrows_views_of_every_dtype)
{
    static float f32[6] = {1, 2, 3, 4, 5, 6};
    static double f64[6] = {1, 2, 3, 4, 5, 6};
    static uint8_t u8[6] = {1, 2, 3, 4, 5, 255};
    void *const arrays[] = {[TALUS_DTYPE_F32] = f32, [TALUS_DTYPE_F64] = f64, [TALUS_DTYPE_U8] = u8};
    for (int in = TALUS_DTYPE_F32; in <= TALUS_DTYPE_U8; in++)
        for (int out = TALUS_DTYPE_F32; out <= TALUS_DTYPE_U8; out++) {
            talus_matrix x = talus_matrix_view(arrays[in], in, 2, 3);
            talus_matrix y = talus_matrix_view(arrays[out], out, 2, 2), seen_x, seen_y;
            y.stride = 3;
            talus_dataset *dataset = dataset_of(&x, &y);
            ck_assert_int_eq(talus_dataset_samples(dataset), 2);
            ck_assert_int_eq(talus_dataset_inputs(dataset), 3);
            ck_assert_int_eq(talus_dataset_matrices(dataset, &seen_x, &seen_y), TALUS_OK);
            ck_assert(seen_x.data == arrays[in] && seen_x.dtype == in && seen_x.rows == 2);
            ck_assert(seen_x.cols == 3 && seen_x.stride == 3);
            ck_assert(seen_y.data == arrays[out] && seen_y.dtype == out && seen_y.rows == 2);
            ck_assert(seen_y.cols == 2 && seen_y.stride == 3);
            talus_dataset_destroy(dataset);
        }
}
END_TEST

START_TEST(targets_may_be_absent)
{
    float values[4] = {0};
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F32, 4, 1), y = x;
    x.stride = 0;
    talus_dataset *dataset = dataset_of(&x, NULL);
    ck_assert_int_eq(talus_dataset_matrices(dataset, NULL, &y), TALUS_OK);
    ck_assert_ptr_null(y.data);
    ck_assert_int_eq(talus_dataset_matrices(dataset, &y, NULL), TALUS_OK);
    ck_assert_ptr_eq(y.data, values);
    ck_assert_int_eq(y.stride, 1);
    ck_assert_int_eq(talus_dataset_matrices(dataset, NULL, NULL), TALUS_OK);
    talus_dataset_destroy(dataset);
}
END_TEST

START_TEST(null_is_an_argument_error)
{
    float values[4] = {0};
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F32, 2, 2), none = x;
    talus_dataset *dataset, *part;
    none.data = NULL;
    ck_assert_int_eq(talus_dataset_from_matrices(NULL, &x, NULL, &dataset), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_from_matrices(context, &x, NULL, NULL), TALUS_ERROR_ARGUMENT);
    expect_message(context, "dataset must not be NULL");
    refuses(NULL, NULL, TALUS_ERROR_ARGUMENT, "inputs");
    refuses(&none, NULL, TALUS_ERROR_ARGUMENT, "inputs");
    refuses(&x, &none, TALUS_ERROR_ARGUMENT, "targets");
    ck_assert_int_eq(talus_dataset_slice(NULL, 0, 1, &part), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_matrices(NULL, &x, &x), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_samples(NULL), 0);
    ck_assert_int_eq(talus_dataset_inputs(NULL), 0);
    talus_dataset_destroy(NULL);
    x = talus_matrix_view(values, TALUS_DTYPE_F32, 2, 2);
    dataset = dataset_of(&x, NULL);
    ck_assert_int_eq(talus_dataset_slice(dataset, 0, 1, NULL), TALUS_ERROR_ARGUMENT);
    expect_message(context, "slice: part must not be NULL");
    talus_dataset_destroy(dataset);
}
END_TEST

START_TEST(dtypes_must_fit)
{
    int32_t values[4] = {0};
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F32, 2, 2);
    talus_matrix labels = talus_matrix_view(values, TALUS_DTYPE_I32, 2, 2);
    refuses(&labels, NULL, TALUS_ERROR_ARGUMENT, "i32");
    labels.dtype = TALUS_DTYPE_COUNT;
    refuses(&labels, NULL, TALUS_ERROR_ARGUMENT, "inputs");
    refuses(&x, &labels, TALUS_ERROR_ARGUMENT, "targets");
    labels.dtype = -1;
    refuses(&x, &labels, TALUS_ERROR_ARGUMENT, "-1");
}
END_TEST

START_TEST(shapes_must_fit)
{
    int32_t values[6] = {0};
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F32, 3, 2), bad = x;
    talus_matrix labels = talus_matrix_view(values, TALUS_DTYPE_I32, 3, 2);
    refuses(&x, &labels, TALUS_ERROR_SHAPE, "targets: labels (i32) must have 1 column, got 2");
    labels = talus_matrix_view(values, TALUS_DTYPE_I32, 2, 1);
    refuses(&x, &labels, TALUS_ERROR_SHAPE, "targets must have 3 rows, one for each row of inputs, got 2");
    labels = talus_matrix_view(values, TALUS_DTYPE_I32, 4, 1);
    refuses(&x, &labels, TALUS_ERROR_SHAPE, "targets must have 3 rows, one for each row of inputs, got 4");
    bad.rows = 0;
    refuses(&bad, NULL, TALUS_ERROR_SHAPE, "inputs");
    bad = x, bad.cols = -2;
    refuses(&bad, NULL, TALUS_ERROR_SHAPE, "inputs");
    refuses(&x, &bad, TALUS_ERROR_SHAPE, "targets");
    bad = x, bad.stride = 1;
    refuses(&bad, NULL, TALUS_ERROR_SHAPE, "stride");
    bad = x, bad.stride = INT64_MAX;
    refuses(&bad, NULL, TALUS_ERROR_SHAPE, "inputs");
}
END_TEST

static void put(void *array, int dtype, int i, double value)
{
    if (dtype == TALUS_DTYPE_F32)
        ((float *)array)[i] = (float)value;
    else
        ((double *)array)[i] = value;
}

/* Every place of a view in turn gets a value that is not finite; the padding between rows may hold one. */
static void every_place_is_checked(int dtype, int stride)
{
    enum { ROWS = 5, COLS = 19 };
    static const struct {
        double value;
        const char *text;
    } bad[] = {{(double)NAN, "nan"}, {(double)INFINITY, "got inf"}, {-(double)INFINITY, "got -inf"}};
    void *array = malloc(ROWS * 23 * sizeof(double));
    ck_assert_ptr_nonnull(array);
    talus_matrix view = talus_matrix_view(array, dtype, ROWS, COLS);
    view.stride = stride;
    for (int i = 0; i < ROWS * stride; i++)
        put(array, dtype, i, i % stride >= COLS ? (double)NAN : i % 2 ? -1e30 : 1e-42);
    talus_dataset_destroy(dataset_of(&view, &view));
    for (int i = 0; i < ROWS * COLS; i++) {
        char place[96];
        int at = i / COLS * stride + i % COLS;
        snprintf(place, sizeof place,
                 "inputs: row %d, column %d (counted from 0) must be a finite number, got ", i / COLS,
                 i % COLS);
        put(array, dtype, at, bad[i % 3].value);
        refuses(&view, NULL, TALUS_ERROR_DATA, place);
        expect_message(context, bad[i % 3].text);
        put(array, dtype, at, 1);
    }
    free(array);
}

START_TEST(inputs_must_be_finite)
{
    every_place_is_checked(TALUS_DTYPE_F32, 19);
    every_place_is_checked(TALUS_DTYPE_F32, 23);
    every_place_is_checked(TALUS_DTYPE_F64, 19);
    every_place_is_checked(TALUS_DTYPE_F64, 23);
}
END_TEST

START_TEST(targets_must_be_finite)
{
    float x[2] = {0};
    double y[4] = {0, 1, 2, -INFINITY};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F32, 2, 1);
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_F64, 2, 2);
    refuses(&inputs, &targets, TALUS_ERROR_DATA,
            "targets: row 1, column 1 (counted from 0) must be a finite number, got -inf");
}
END_TEST

START_TEST(largest_numbers_are_finite)
{
    float x[2] = {3.40282347e38f, -3.40282347e38f};
    double y[2] = {1.7976931348623157e308, -1.7976931348623157e308};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F32, 2, 1);
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_F64, 2, 1);
    talus_dataset_destroy(dataset_of(&inputs, &targets));
}
END_TEST

START_TEST(labels_must_not_be_negative)
{
    uint8_t x[40] = {0};
    int32_t y[40 * 3];
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_U8, 40, 1);
    talus_matrix labels = talus_matrix_view(y, TALUS_DTYPE_I32, 40, 1);
    for (int stride = 1; stride <= 3; stride += 2) {
        labels.stride = stride;
        for (int i = 0; i < 120; i++)
            y[i] = i % stride == 0 ? INT32_MAX - i : -1;
        talus_dataset_destroy(dataset_of(&inputs, &labels));
        for (int i = 0; i < 40; i++) {
            char place[128];
            snprintf(place, sizeof place,
                     "targets: row %d, column 0 (counted from 0) must be a label of at least 0, got %d", i,
                     -7 - i);
            y[i * stride] = -7 - i;
            refuses(&inputs, &labels, TALUS_ERROR_DATA, place);
            y[i * stride] = 0;
        }
    }
}
END_TEST

START_TEST(slices_of_slices_are_rows_of_the_whole)
{
    double x[12 * 5] = {0};
    int32_t y[12 * 2] = {0};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, 12, 3), seen;
    talus_matrix labels = talus_matrix_view(y, TALUS_DTYPE_I32, 12, 1), seen_labels;
    inputs.stride = 5;
    labels.stride = 2;
    talus_dataset *whole = dataset_of(&inputs, &labels), *part, *piece;
    ck_assert_int_eq(talus_dataset_slice(whole, 2, 9, &part), TALUS_OK);
    ck_assert_int_eq(talus_dataset_slice(part, 3, 6, &piece), TALUS_OK);
    ck_assert_int_eq(talus_dataset_samples(part), 9);
    ck_assert_int_eq(talus_dataset_samples(piece), 6);
    ck_assert_int_eq(talus_dataset_inputs(piece), 3);
    ck_assert_int_eq(talus_dataset_matrices(piece, &seen, &seen_labels), TALUS_OK);
    ck_assert(seen.data == x + 5 * 5 && seen.rows == 6 && seen.cols == 3 && seen.stride == 5);
    ck_assert(seen_labels.data == y + 5 * 2 && seen_labels.rows == 6 && seen_labels.stride == 2);
    talus_dataset_destroy(piece);
    talus_dataset_destroy(part);
    talus_dataset_destroy(whole);
}
END_TEST

START_TEST(slices_stay_within_the_whole)
{
    static const struct {
        int64_t first, count;
        const char *text;
    } outside[] = {
        {-1, 1, "slice: first must be 0 … 3, got -1"},
        {4, 1, "slice: first must be 0 … 3, got 4"},
        {INT64_MAX, INT64_MAX, "slice: first must be 0 … 3, got 9223372036854775807"},
        {0, 0, "slice: count must be 1 … 4 from row 0 on, got 0"},
        {0, -1, "slice: count must be 1 … 4 from row 0 on, got -1"},
        {0, 5, "slice: count must be 1 … 4 from row 0 on, got 5"},
        {3, 2, "slice: count must be 1 … 1 from row 3 on, got 2"},
        {1, INT64_MAX, "slice: count must be 1 … 3 from row 1 on, got 9223372036854775807"},
    };
    uint8_t x[4] = {0};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_U8, 4, 1), targets;
    talus_dataset *whole = dataset_of(&inputs, NULL), *part = whole;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        ck_assert_int_eq(talus_dataset_slice(whole, outside[i].first, outside[i].count, &part),
                         TALUS_ERROR_SHAPE);
        ck_assert_ptr_eq(part, whole);
        expect_message(context, outside[i].text);
    }
    for (int64_t first = 0; first < 4; first++) {
        ck_assert_int_eq(talus_dataset_slice(whole, first, 4 - first, &part), TALUS_OK);
        ck_assert_int_eq(talus_dataset_matrices(part, &inputs, &targets), TALUS_OK);
        ck_assert_ptr_eq(inputs.data, x + first);
        ck_assert_ptr_null(targets.data);
        talus_dataset_destroy(part);
    }
    talus_dataset_destroy(whole);
}
END_TEST

START_TEST(memory_may_run_out)
{
    float x[6] = {0};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F32, 2, 3);
    refuse_from_now(&book, 1);
    refuses(&inputs, NULL, TALUS_ERROR_MEMORY, "data set");
    talus_dataset *dataset = dataset_of(&inputs, NULL), *part = NULL;
    refuse_from_now(&book, 1);
    ck_assert_int_eq(talus_dataset_slice(dataset, 0, 1, &part), TALUS_ERROR_MEMORY);
    ck_assert_ptr_null(part);
    talus_dataset_destroy(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, borrows_views_of_every_dtype);
    tcase_add_test(tests, targets_may_be_absent);
    tcase_add_test(tests, null_is_an_argument_error);
    tcase_add_test(tests, dtypes_must_fit);
    tcase_add_test(tests, shapes_must_fit);
    tcase_add_test(tests, inputs_must_be_finite);
    tcase_add_test(tests, targets_must_be_finite);
    tcase_add_test(tests, largest_numbers_are_finite);
    tcase_add_test(tests, labels_must_not_be_negative);
    tcase_add_test(tests, slices_of_slices_are_rows_of_the_whole);
    tcase_add_test(tests, slices_stay_within_the_whole);
    tcase_add_test(tests, memory_may_run_out);
    return run_suite(suite);
}
