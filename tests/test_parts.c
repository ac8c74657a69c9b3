/* Parts of data sets: which samples they hold. */
#include "fixture.h"

static void holds(const talus_dataset *part, int64_t count, const int64_t *numbers)
{
    ck_assert_int_eq(talus_dataset_samples(part), count);
    for (int64_t i = 0; i < count; i++)
        ck_assert_int_eq(number_at(part, i), numbers[i]);
}

START_TEST(lists_hold_the_listed_samples)
{
    int64_t list[] = {4, 0, 4, 11, 7}, long_list[40];
    const int64_t copy[] = {4, 0, 4, 11, 7};
    talus_dataset *whole = numbered(12, NULL), *part = rows_of(whole, list, 5);
    memset(list, 0, sizeof list);
    holds(part, 5, copy);
    ck_assert_int_eq(talus_dataset_inputs(part), 1);
    ck_assert_int_eq(talus_dataset_row(part, 0), 4);
    ck_assert_int_eq(talus_dataset_row(part, 5), -1);
    ck_assert_int_eq(talus_dataset_row(part, -1), -1);
    ck_assert_int_eq(talus_dataset_row(whole, 11), 11);
    ck_assert_int_eq(talus_dataset_row(whole, 12), -1);
    ck_assert_int_eq(talus_dataset_row(NULL, 0), -1);
    talus_dataset_destroy(part);
    for (int i = 0; i < 40; i++)
        long_list[i] = i * 5 % 12;
    part = rows_of(whole, long_list, 40);
    holds(part, 40, long_list);
    talus_dataset_destroy(part);
    talus_dataset_destroy(whole);
}
END_TEST

START_TEST(arrays_of_a_list_are_those_of_the_whole)
{
    double x[12 * 5] = {0};
    int32_t y[12 * 2] = {0};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, 12, 3), seen;
    talus_matrix labels = talus_matrix_view(y, TALUS_DTYPE_I32, 12, 1), seen_labels;
    inputs.stride = 5, labels.stride = 2;
    talus_dataset *whole = dataset_of(&inputs, &labels), *slice = slice_of(whole, 3, 8);
    talus_dataset *part = rows_of(slice, (int64_t[]){7, 1}, 2);
    expect_ok(context, talus_dataset_matrices(part, &seen, &seen_labels));
    ck_assert(seen.data == x + 3 * 5 && seen.rows == 8 && seen.cols == 3 && seen.stride == 5);
    ck_assert(seen_labels.data == y + 3 * 2 && seen_labels.rows == 8 && seen_labels.stride == 2);
    ck_assert_int_eq(talus_dataset_row(part, 0), 7);
    ck_assert_int_eq(talus_dataset_row(part, 1), 1);
    ck_assert_int_eq(talus_dataset_row(slice, 0), 0);
    talus_dataset_destroy(part);
    talus_dataset_destroy(slice);
    talus_dataset_destroy(whole);
}
END_TEST

START_TEST(columns_of_targets_are_counted)
{
    float values[6] = {0};
    int32_t labels[2] = {0};
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F32, 2, 1),
                 y = talus_matrix_view(values, TALUS_DTYPE_F32, 2, 3);
    talus_matrix label_view = talus_matrix_view(labels, TALUS_DTYPE_I32, 2, 1);
    const talus_matrix *const targets[] = {NULL, &y, &label_view};
    static const int64_t cols[] = {0, 3, 1};
    for (int i = 0; i < 3; i++) {
        talus_dataset *whole = dataset_of(&x, targets[i]), *part = rows_of(whole, (int64_t[]){1, 1, 0}, 3);
        ck_assert_int_eq(talus_dataset_targets(whole), cols[i]);
        ck_assert_int_eq(talus_dataset_targets(part), cols[i]);
        talus_dataset_destroy(part);
        talus_dataset_destroy(whole);
    }
    ck_assert_int_eq(talus_dataset_targets(NULL), 0);
}
END_TEST

/* Chains of parts, at each link a slice or a list of the one before. */
START_TEST(parts_of_parts_compose)
{
    enum { CHAINS = 64, LINKS = 6, SAMPLES = 37 };
    number_stream stream = numbers_from(3);
    for (int chain = 0; chain < CHAINS; chain++) {
        talus_dataset *links[LINKS + 1] = {numbered(SAMPLES, NULL)};
        int64_t held[SAMPLES], count = SAMPLES;
        for (int i = 0; i < SAMPLES; i++)
            held[i] = i;
        for (int link = 1; link <= LINKS; link++) {
            int64_t list[SAMPLES], less = count - 1 - link % 2;
            for (int64_t i = 0; i < less; i++)
                list[i] = (int64_t)((next_number(&stream) + 1) / 2 * (double)count);
            if (chain >> (link - 1) & 1) {
                links[link] = rows_of(links[link - 1], list, less);
            } else {
                links[link] = slice_of(links[link - 1], 1, less);
                for (int64_t i = 0; i < less; i++)
                    list[i] = 1 + i;
            }
            for (int64_t i = 0; i < less; i++)
                list[i] = held[list[i]];
            memcpy(held, list, sizeof held);
            count = less;
            holds(links[link], count, held);
        }
        for (int link = LINKS; link >= 0; link--)
            talus_dataset_destroy(links[link]);
    }
}
END_TEST

START_TEST(siblings_may_be_destroyed_in_any_order)
{
    static const int64_t numbers[] = {5, 1, 0};
    for (int order = 0; order < 6; order++) {
        talus_dataset *whole = numbered(6, NULL);
        talus_dataset *parts[] = {rows_of(whole, (int64_t[]){5, 2}, 2), slice_of(whole, 1, 2),
                                  rows_of(whole, (int64_t[]){0}, 1)};
        int first = order / 2, second = (first + 1 + order % 2) % 3, last = 3 - first - second;
        talus_dataset_destroy(parts[first]);
        talus_dataset_destroy(parts[second]);
        ck_assert_int_eq(number_at(parts[last], 0), numbers[last]);
        talus_dataset_destroy(parts[last]);
        talus_dataset_destroy(whole);
    }
}
END_TEST

START_TEST(lists_that_cannot_be)
{
    talus_dataset *whole = numbered(4, NULL), *part = whole, *wide = rows_of(whole, (int64_t[6]){3}, 6);
    static const struct {
        int64_t rows[3];
        const char *text;
    } outside[] = {{{4, 0, 0}, "rows: rows[0] must be 0 … 3, got 4"},
                   {{0, -1, 9}, "rows: rows[1] must be 0 … 3, got -1"},
                   {{3, 0, INT64_MAX}, "rows: rows[2] must be 0 … 3, got 9223372036854775807"},
                   {{INT64_MIN, 0, 0}, "rows: rows[0] must be 0 … 3, got -9223372036854775808"}};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_rows(whole, outside[i].rows, 3, &part));
        expect_message(context, outside[i].text);
    }
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_rows(wide, (int64_t[]){6}, 1, &part));
    expect_message(context, "rows: rows[0] must be 0 … 5, got 6");
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_rows(whole, (int64_t[]){0}, 0, &part));
    expect_message(context, "rows: count must be at least 1, got 0");
    expect_status(context, TALUS_ERROR_SHAPE, talus_dataset_rows(whole, (int64_t[]){0}, INT64_MIN, &part));
    expect_message(context, "rows: count must be at least 1, got -9223372036854775808");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_rows(whole, NULL, 2, &part));
    expect_message(context, "rows: rows must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_rows(whole, (int64_t[]){0}, 1, NULL));
    expect_message(context, "rows: part must not be NULL");
    ck_assert_int_eq(talus_dataset_rows(NULL, (int64_t[]){0}, 1, &part), TALUS_ERROR_ARGUMENT);
    ck_assert_ptr_eq(part, whole);
    talus_dataset_destroy(wide);
    talus_dataset_destroy(whole);
}
END_TEST

/* What is made of a whole, and given back; the status of the first call that failed. */
static talus_status make_parts(const talus_dataset *whole, talus_dataset *parts[2])
{
    talus_status status = talus_dataset_rows(whole, (int64_t[]){3, 1, 3}, 3, &parts[0]);
    if (status == TALUS_OK)
        status = talus_dataset_slice(parts[0], 1, 2, &parts[1]);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    talus_dataset *whole = numbered(5, NULL);
    int64_t alive = book.alive;
    int fail_at = 1;
    for (bool failed = true; failed; fail_at++) {
        talus_dataset *parts[2] = {NULL, NULL};
        refuse_from_now(&book, fail_at);
        talus_status status = make_parts(whole, parts);
        failed = book.calls >= book.fail_at;
        ck_assert_int_eq(status, failed ? TALUS_ERROR_MEMORY : TALUS_OK);
        if (failed)
            expect_message(context, "there is no memory for");
        ck_assert(!failed || parts[1] == NULL);
        talus_dataset_destroy(parts[1]);
        talus_dataset_destroy(parts[0]);
        ck_assert_int_eq(book.alive, alive);
    }
    ck_assert_int_eq(fail_at, 2 + 1 + 2); /* list, part; part; and the time when nothing failed */
    talus_dataset_destroy(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parts");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, lists_hold_the_listed_samples);
    tcase_add_test(tests, arrays_of_a_list_are_those_of_the_whole);
    tcase_add_test(tests, columns_of_targets_are_counted);
    tcase_add_test(tests, parts_of_parts_compose);
    tcase_add_test(tests, siblings_may_be_destroyed_in_any_order);
    tcase_add_test(tests, lists_that_cannot_be);
    tcase_add_test(tests, every_allocation_may_fail);
    return run_suite(suite);
}
