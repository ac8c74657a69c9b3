/* Folds of data sets: each sample once, of classes equal shares, of groups all or nothing. */
#include "fixture.h"

enum { MOST = 200 };

/* The test set of a fold holds its samples, the training set all others, and both are in the order of a shuffle. */
static void check_parts(const talus_dataset *whole, uint64_t seed, talus_dataset *train, talus_dataset *test,
                        int seen[MOST])
{
    talus_dataset *order;
    int64_t n = talus_dataset_samples(whole), of_train = 0, of_test = 0;
    expect_ok(context, talus_dataset_shuffle(whole, seed, &order));
    ck_assert_int_eq(talus_dataset_samples(train) + talus_dataset_samples(test), n);
    for (int64_t i = 0; i < n; i++) {
        int64_t number = number_at(order, i);
        if (of_test < talus_dataset_samples(test) && number_at(test, of_test) == number)
            of_test++, seen[number]++;
        else
            ck_assert_int_eq(number_at(train, of_train++), number);
    }
    ck_assert_int_eq(of_test, talus_dataset_samples(test));
    talus_dataset_destroy(order);
}

START_TEST(every_sample_is_tested_once)
{
    for (int64_t n = 2; n < 40; n += 5)
        for (int64_t k = 2; k <= n; k = k < 4 || k == n ? k + 1 : n) {
            talus_dataset *whole = numbered(n, NULL), *train, *test;
            int seen[MOST] = {0};
            for (int64_t i = 0; i < k; i++) {
                expect_ok(context, talus_dataset_fold(whole, k, i, 0, 7, &train, &test));
                ck_assert_int_eq(talus_dataset_samples(test), n / k + (i < n % k));
                check_parts(whole, 7, train, test, seen);
                talus_dataset_destroy(train), talus_dataset_destroy(test);
            }
            for (int64_t i = 0; i < n; i++)
                ck_assert_int_eq(seen[i], 1);
            talus_dataset_destroy(whole);
        }
}
END_TEST

/* The sample at place p of the order is in fold p mod k. */
START_TEST(samples_are_dealt_in_the_order)
{
    talus_dataset *whole = numbered(23, NULL), *order, *train, *test;
    expect_ok(context, talus_dataset_shuffle(whole, 3, &order));
    for (int64_t i = 0; i < 5; i++) {
        expect_ok(context, talus_dataset_fold(whole, 5, i, 0, 3, &train, &test));
        for (int64_t j = 0; j < talus_dataset_samples(test); j++)
            ck_assert_int_eq(number_at(test, j), number_at(order, 5 * j + i));
        talus_dataset_destroy(train), talus_dataset_destroy(test);
    }
    talus_dataset_destroy(order), talus_dataset_destroy(whole);
}
END_TEST

static const int64_t class_sizes[] = {50, 1, 17, 8, 3};
enum { CLASSES = 5, LABELLED = 79 };

START_TEST(classes_are_shared_equally)
{
    int32_t labels[LABELLED];
    int64_t n = 0;
    for (int c = 0; c < CLASSES; c++)
        for (int64_t i = 0; i < class_sizes[c]; i++)
            labels[(n++ * 13) % LABELLED] = c == 1 ? 1000 : c;
    talus_matrix y = talus_matrix_view(labels, TALUS_DTYPE_I32, LABELLED, 1);
    for (int64_t k = 2; k < 12; k++) {
        talus_dataset *whole = numbered(LABELLED, &y), *train, *test;
        int seen[MOST] = {0};
        for (int64_t i = 0; i < k; i++) {
            int64_t of_class[CLASSES] = {0};
            expect_ok(context, talus_dataset_fold(whole, k, i, 1, 5, &train, &test));
            check_parts(whole, 5, train, test, seen);
            int64_t size = talus_dataset_samples(test);
            ck_assert(size == LABELLED / k || size == LABELLED / k + 1);
            for (int64_t j = 0; j < size; j++) {
                int32_t label = labels[number_at(test, j)];
                of_class[label == 1000 ? 1 : label]++;
            }
            for (int c = 0; c < CLASSES; c++)
                ck_assert(of_class[c] == class_sizes[c] / k || of_class[c] == (class_sizes[c] + k - 1) / k);
            talus_dataset_destroy(train), talus_dataset_destroy(test);
        }
        for (int64_t i = 0; i < LABELLED; i++)
            ck_assert_int_eq(seen[i], 1);
        talus_dataset_destroy(whole);
    }
}
END_TEST

/* 12 groups of sizes 1 … 12, mixed, with numbers of any size. */
enum { GROUPS = 12, GROUPED = 78 };

static void make_groups(int64_t groups[GROUPED])
{
    int64_t n = 0;
    for (int64_t g = 1; g <= GROUPS; g++)
        for (int64_t i = 0; i < g; i++)
            groups[(n++ * 31) % GROUPED] = g % 2 == 0 ? -g : INT64_MAX - g;
}

START_TEST(groups_are_on_one_side)
{
    int64_t groups[GROUPED];
    make_groups(groups);
    for (int64_t k = 2; k <= GROUPS; k++) {
        talus_dataset *whole = numbered(GROUPED, NULL), *train, *test;
        int seen[MOST] = {0};
        for (int64_t i = 0; i < k; i++) {
            expect_ok(context, talus_dataset_group_fold(whole, groups, k, i, 9, &train, &test));
            check_parts(whole, 9, train, test, seen);
            int64_t size = 0; /* the groups have the sizes 12, 11, …, and are dealt in this order */
            for (int64_t g = i; g < GROUPS; g += k)
                size += GROUPS - g;
            ck_assert_int_eq(talus_dataset_samples(test), size);
            for (int64_t a = 0; a < size; a++)
                for (int64_t b = 0; b < talus_dataset_samples(train); b++)
                    ck_assert(groups[number_at(test, a)] != groups[number_at(train, b)]);
            talus_dataset_destroy(train), talus_dataset_destroy(test);
        }
        for (int64_t i = 0; i < GROUPED; i++)
            ck_assert_int_eq(seen[i], 1);
        talus_dataset_destroy(whole);
    }
}
END_TEST

/* Groups of one sample each are samples. */
START_TEST(groups_of_one_are_samples)
{
    int64_t groups[30];
    for (int64_t i = 0; i < 30; i++)
        groups[i] = -i;
    talus_dataset *whole = numbered(30, NULL), *train, *test, *same_train, *same_test;
    for (int64_t i = 0; i < 4; i++) {
        expect_ok(context, talus_dataset_fold(whole, 4, i, 0, 11, &train, &test));
        expect_ok(context, talus_dataset_group_fold(whole, groups, 4, i, 11, &same_train, &same_test));
        ck_assert_int_eq(talus_dataset_samples(test), talus_dataset_samples(same_test));
        for (int64_t j = 0; j < talus_dataset_samples(test); j++)
            ck_assert_int_eq(number_at(test, j), number_at(same_test, j));
        talus_dataset_destroy(train), talus_dataset_destroy(test);
        talus_dataset_destroy(same_train), talus_dataset_destroy(same_test);
    }
    talus_dataset_destroy(whole);
}
END_TEST

/* Folds of a part are folds of its samples; groups are numbered as these are. */
START_TEST(folds_of_parts)
{
    static const int64_t rows[] = {9, 3, 5, 7, 1, 0}, groups[] = {1, 2, 1, 2, 3, 3};
    talus_dataset *whole = numbered(10, NULL), *part = rows_of(whole, rows, 6), *train, *test;
    int seen[MOST] = {0};
    for (int64_t i = 0; i < 3; i++) {
        expect_ok(context, talus_dataset_group_fold(part, groups, 3, i, 1, &train, &test));
        check_parts(part, 1, train, test, seen);
        ck_assert_int_eq(talus_dataset_samples(test), 2);
        int64_t a = number_at(test, 0), b = number_at(test, 1);
        ck_assert((a + b == 14 && a * b == 45) || (a + b == 10 && a * b == 21) || (a + b == 1));
        talus_dataset_destroy(train), talus_dataset_destroy(test);
    }
    talus_dataset_destroy(part), talus_dataset_destroy(whole);
}
END_TEST

static void refuses(talus_status got, talus_status status, const char *text)
{
    ck_assert_int_eq(got, status);
    expect_message(context, text);
}

START_TEST(arguments)
{
    static const float values[4];
    static const int64_t groups[] = {5, 5, 6, 6};
    talus_matrix y = talus_matrix_view(values, TALUS_DTYPE_F32, 4, 1);
    talus_dataset *whole = numbered(4, &y), *bare = numbered(4, NULL), *train = NULL, *test = NULL;
    ck_assert_int_eq(talus_dataset_fold(NULL, 2, 0, 0, 1, &train, &test), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_group_fold(NULL, groups, 2, 0, 1, &train, &test), TALUS_ERROR_ARGUMENT);
    refuses(talus_dataset_fold(whole, 2, 0, 0, 1, NULL, &test), TALUS_ERROR_ARGUMENT,
            "fold: train must not be NULL");
    refuses(talus_dataset_fold(whole, 2, 0, 0, 1, &train, NULL), TALUS_ERROR_ARGUMENT,
            "fold: test must not be NULL");
    refuses(talus_dataset_fold(whole, 2, 0, 0, 1, &train, &train), TALUS_ERROR_ARGUMENT,
            "fold: train and test must be two places");
    refuses(talus_dataset_fold(whole, 1, 0, 0, 1, &train, &test), TALUS_ERROR_SHAPE,
            "fold: folds must be 2 … 4, the number of samples, got 1");
    refuses(talus_dataset_fold(whole, 5, 0, 0, 1, &train, &test), TALUS_ERROR_SHAPE, "got 5");
    refuses(talus_dataset_fold(whole, 2, -1, 0, 1, &train, &test), TALUS_ERROR_SHAPE,
            "fold: fold must be 0 … 1, got -1");
    refuses(talus_dataset_fold(whole, 2, 2, 0, 1, &train, &test), TALUS_ERROR_SHAPE, "got 2");
    refuses(talus_dataset_fold(whole, 2, 0, 2, 1, &train, &test), TALUS_ERROR_ARGUMENT,
            "fold: stratified must be 0 or 1, got 2");
    refuses(talus_dataset_fold(whole, 2, 0, 1, 1, &train, &test), TALUS_ERROR_ARGUMENT,
            "fold: stratified must be 0 for targets of f32");
    refuses(talus_dataset_fold(bare, 2, 0, 1, 1, &train, &test), TALUS_ERROR_ARGUMENT,
            "fold: stratified must be 0 for a data set without targets");
    refuses(talus_dataset_group_fold(whole, NULL, 2, 0, 1, &train, &test), TALUS_ERROR_ARGUMENT,
            "fold: groups must not be NULL");
    refuses(talus_dataset_group_fold(whole, groups, 3, 0, 1, &train, &test), TALUS_ERROR_SHAPE,
            "fold: folds must be 2 … 2, the number of groups, got 3");
    refuses(talus_dataset_group_fold(whole, groups, 1, 0, 1, &train, &test), TALUS_ERROR_SHAPE, "got 1");
    ck_assert(train == NULL && test == NULL);
    talus_dataset_destroy(whole), talus_dataset_destroy(bare);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    static const int64_t groups[] = {1, 2, 3, 4, 5, 6};
    static const int32_t labels[] = {1, 0, 1, 0, 1, 0};
    talus_matrix y = talus_matrix_view(labels, TALUS_DTYPE_I32, 6, 1);
    talus_dataset *whole = numbered(6, &y);
    int64_t alive = book.alive;
    for (int grouped = 0; grouped < 2; grouped++) {
        talus_status status = TALUS_ERROR_MEMORY;
        for (int n = 1; status != TALUS_OK; n++) {
            talus_dataset *train = NULL, *test = NULL;
            refuse_from_now(&book, n);
            status = grouped ? talus_dataset_group_fold(whole, groups, 3, 1, 1, &train, &test)
                             : talus_dataset_fold(whole, 3, 1, 1, 1, &train, &test);
            book.fail_at = 0;
            ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
            ck_assert((status == TALUS_OK) == (train != NULL) && (train != NULL) == (test != NULL));
            ck_assert(status != TALUS_OK || n > 7);
            talus_dataset_destroy(train), talus_dataset_destroy(test);
            ck_assert_int_eq(book.alive, alive);
        }
    }
    talus_dataset_destroy(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("folds");
    TCase *all = case_with(suite, begin_counted, end_counted);
    const TTest *const tests[] = {every_sample_is_tested_once,
                                  samples_are_dealt_in_the_order,
                                  classes_are_shared_equally,
                                  groups_are_on_one_side,
                                  groups_of_one_are_samples,
                                  folds_of_parts,
                                  arguments,
                                  every_failing_allocation_is_survived};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(all, tests[i]);
    return run_suite(suite);
}
