/* Random divisions of data sets into several parts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/dataset.h"
#include "fixture.h"

enum { MOST = 700, MOST_PARTS = 100, MOST_CLASSES = 12 };

static int32_t labels[MOST];

static talus_dataset *make(int64_t n, bool labelled)
{
    ck_assert_int_le(n, MOST);
    talus_matrix y = talus_matrix_view(labels, TALUS_DTYPE_I32, n, 1);
    return numbered(n, labelled ? &y : NULL);
}

static void destroy_parts(talus_dataset **parts, int count)
{
    for (int p = 0; p < count; p++)
        talus_dataset_destroy(parts[p]);
}

static double drawn(number_stream *stream, double least, double most)
{
    return least + (next_number(stream) + 1) / 2 * (most - least);
}

/* Fractions of sum 1, some of them small. */
static void draw_fractions(number_stream *stream, double *fractions, int count)
{
    double sum = 0;
    for (int p = 0; p < count; p++)
        sum += fractions[p] = drawn(stream, 0, 1) < 0.2 ? drawn(stream, 1e-6, 0.01) : drawn(stream, 0.05, 1);
    for (int p = 0; p < count; p++)
        fractions[p] /= sum;
}

/* Every sample is in one part, and each part is in the order of the shuffle. of_part[row]: the part it is in. */
static void every_sample_has_a_part(const talus_dataset *whole, talus_dataset *const *parts, int count,
                                    uint64_t seed, int *of_part)
{
    talus_dataset *order = NULL;
    int64_t n = talus_dataset_samples(whole), at[MOST_PARTS] = {0};
    expect_ok(context, talus_dataset_shuffle(whole, seed, &order));
    for (int64_t i = 0; i < n; i++) {
        int64_t row = talus_dataset_row(order, i);
        int p = 0;
        while (p < count && talus_dataset_row(parts[p], at[p]) != row)
            p++;
        ck_assert_int_lt(p, count);
        of_part[row] = p;
        at[p]++;
    }
    for (int p = 0; p < count; p++)
        ck_assert(at[p] >= 1 && at[p] == talus_dataset_samples(parts[p]));
    talus_dataset_destroy(order);
}

/* Hamilton's method, from its definition: ⌊share⌋, or one more, and no part has one more before one of a larger remainder. */
static void sizes_are_of_largest_remainders(talus_dataset *const *parts, const double *fractions, int count,
                                            int64_t n)
{
    for (int p = 0; p < count; p++) {
        double share = fractions[p] * (double)n;
        int64_t more = talus_dataset_samples(parts[p]) - (int64_t)floor(share);
        ck_assert(more == 0 || more == 1);
        for (int q = 0; q < count; q++) {
            double other = fractions[q] * (double)n;
            bool other_only = talus_dataset_samples(parts[q]) > (int64_t)floor(other) && more == 0;
            ck_assert(!other_only || other < 1 || fmod(other, 1) >= fmod(share, 1) - 1e-9);
        }
    }
}

/* One part after the other in the order. */
static void parts_stand_in_order(const talus_dataset *whole, talus_dataset *const *parts, uint64_t seed)
{
    talus_dataset *order = NULL;
    expect_ok(context, talus_dataset_shuffle(whole, seed, &order));
    for (int64_t i = 0, p = 0, at = 0; i < talus_dataset_samples(whole); i++, at++) {
        if (at == talus_dataset_samples(parts[p]))
            p++, at = 0;
        ck_assert_int_eq(number_at(parts[p], at), number_at(order, i));
    }
    talus_dataset_destroy(order);
}

START_TEST(parts_are_complete_and_of_the_right_sizes)
{
    number_stream stream = numbers_from(3);
    int of_part[MOST];
    double fractions[MOST_PARTS];
    talus_dataset *parts[MOST_PARTS];
    for (int round = 0; round < 300; round++) {
        int count = round % 50 == 49 ? MOST_PARTS : 2 + round % 9, stratified = round % 2;
        int64_t n = round % 3 == 0 ? count + (int64_t)drawn(&stream, 0, 5)
                                   : 100 + (int64_t)drawn(&stream, 0, 599);
        n = n < count ? count : n;
        draw_fractions(&stream, fractions, count);
        double least = 1;
        for (int p = 0; p < count; p++)
            least = fmin(least, fractions[p]);
        for (int64_t i = 0; i < n; i++)
            labels[i] = (int32_t)drawn(&stream, 0, 1 + round % 7);
        talus_dataset *whole = make(n, true);
        expect_ok(context, talus_dataset_divide(whole, fractions, count, stratified, 5, parts));
        every_sample_has_a_part(whole, parts, count, 5, of_part);
        if (least * (double)n >= 1)
            sizes_are_of_largest_remainders(parts, fractions, count, n);
        if (!stratified)
            parts_stand_in_order(whole, parts, 5);
        destroy_parts(parts, count);
        talus_dataset_destroy(whole);
    }
}
END_TEST

/* Worked by hand. */
START_TEST(sizes_that_are_known)
{
    static const struct {
        int64_t n;
        int count;
        double fractions[5];
        int64_t sizes[5];
    } known[] = {
        {100, 3, {0.7, 0.15, 0.15}, {70, 15, 15}},
        {10, 3, {0.7, 0.15, 0.15}, {7, 2, 1}},           /* 7, 1½, 1½: of equal remainders the first */
        {100, 3, {0.71, 0.145, 0.145}, {71, 15, 14}},    /* 14½ twice, one of which rounding made less */
        {100, 3, {0.57, 0.285, 0.145}, {57, 29, 14}},    /* 28½ and 14½ */
        {10, 3, {1 / 3.0, 1 / 3.0, 1 / 3.0}, {4, 3, 3}}, /* 3⅓ three times */
        {11, 3, {0.5, 0.3, 0.2}, {6, 3, 2}},             /* 5.5, 3.3, 2.2 */
        {7, 4, {0.4, 0.3, 0.2, 0.1}, {3, 2, 1, 1}},      /* 2.8, 2.1, 1.4, 0.7 */
        {10, 3, {0.98, 0.01, 0.01}, {8, 1, 1}},          /* 9.8, 0.1, 0.1: 10, 0, 0, and none is empty */
        {3, 3, {0.98, 0.01, 0.01}, {1, 1, 1}},
        {5, 5, {0.6, 0.1, 0.1, 0.1, 0.1}, {1, 1, 1, 1, 1}}, /* 3, ½ four times: 3, 1, 1, 0, 0 */
        {100, 3, {0.5 + 5e-10, 0.5, 1e-10}, {49, 50, 1}},   /* the sum is 1 within 1e-9; 50, 50, 0 */
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        for (int stratified = 0; stratified < 2; stratified++) {
            talus_dataset *parts[5];
            memset(labels, 0, sizeof labels);
            talus_dataset *whole = make(known[k].n, true);
            expect_ok(context,
                      talus_dataset_divide(whole, known[k].fractions, known[k].count, stratified, k, parts));
            for (int p = 0; p < known[k].count; p++)
                ck_assert_msg(talus_dataset_samples(parts[p]) == known[k].sizes[p], "case %zu, part %d: %lld",
                              k, p, (long long)talus_dataset_samples(parts[p]));
            destroy_parts(parts, known[k].count);
            talus_dataset_destroy(whole);
        }
}
END_TEST

START_TEST(two_parts_are_those_of_a_split)
{
    static const double fractions[] = {1e-9, 0.1, 0.25, 1 / 3.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.99, 1 - 1e-9};
    number_stream stream = numbers_from(7);
    for (int round = 0; round < 400; round++) {
        int64_t n = round % 2 ? 2 + round % 30 : 2 + (int64_t)drawn(&stream, 0, 400);
        double first = round % 3 ? fractions[round % (int)(sizeof fractions / sizeof *fractions)]
                                 : drawn(&stream, 0.001, 0.999);
        talus_dataset *parts[2], *split[2];
        for (int64_t i = 0; i < n; i++)
            labels[i] = (int32_t)drawn(&stream, 0, 1 + round % 20);
        talus_dataset *whole = make(n, true);
        expect_ok(context,
                  talus_dataset_divide(whole, (double[]){first, 1 - first}, 2, round % 5 != 0, 3, parts));
        expect_ok(context, talus_dataset_split(whole, first, round % 5 != 0, 3, &split[0], &split[1]));
        for (int p = 0; p < 2; p++) {
            ck_assert_int_eq(talus_dataset_samples(parts[p]), talus_dataset_samples(split[p]));
            for (int64_t i = 0; i < talus_dataset_samples(parts[p]); i++)
                ck_assert_int_eq(number_at(parts[p], i), number_at(split[p], i));
        }
        destroy_parts(parts, 2);
        destroy_parts(split, 2);
        talus_dataset_destroy(whole);
    }
}
END_TEST

/* How many of each class each part has. */
static void count_classes(const talus_dataset *whole, const double *fractions, int count, uint64_t seed,
                          int64_t of[MOST_PARTS][MOST_CLASSES])
{
    talus_dataset *parts[MOST_PARTS];
    int of_part[MOST];
    expect_ok(context, talus_dataset_divide(whole, fractions, count, 1, seed, parts));
    every_sample_has_a_part(whole, parts, count, seed, of_part);
    memset(of, 0, MOST_PARTS * sizeof *of);
    for (int64_t i = 0; i < talus_dataset_samples(whole); i++)
        of[of_part[i]][labels[i]]++;
    destroy_parts(parts, count);
}

/* Worked by hand. */
START_TEST(classes_that_are_known)
{
    static const struct {
        int classes, count;
        double fractions[4];
        int64_t counts[3], of[4][3];
    } known[] = {
        {2, 3, {0.5, 0.25, 0.25}, {8, 12}, {{4, 6}, {2, 3}, {2, 3}}},
        /* 8, 3, 3 of 14. 2½ and 5½ owed: the smallest label gives one more, 3 and 5. Then 3¾ − 3 and 8¼ − 5: 0 and 3. */
        {2, 3, {0.5, 0.25, 0.25}, {5, 11}, {{3, 5}, {1, 3}, {1, 3}}},
        /* 9 of 12: 3½, 3½, 1; the only one goes to the larger side before others: 3½ gives 4 once more */
        {3, 3, {0.7, 0.15, 0.15}, {5, 6, 1}, {{3, 4, 1}, {1, 1, 0}, {1, 1, 0}}},
        /* 2 of 8 each, classes of 4, 3 and 1: the part is smaller than what follows, until it is as large */
        {3, 4, {0.25, 0.25, 0.25, 0.25}, {4, 3, 1}, {{1, 1, 0}, {1, 1, 0}, {1, 0, 1}, {1, 1, 0}}},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        int64_t n = 0, of[MOST_PARTS][MOST_CLASSES];
        for (int c = 0; c < known[k].classes; c++)
            for (int64_t i = 0; i < known[k].counts[c]; i++)
                labels[n++] = c;
        talus_dataset *whole = make(n, true);
        count_classes(whole, known[k].fractions, known[k].count, k, of);
        for (int p = 0; p < known[k].count; p++)
            for (int c = 0; c < known[k].classes; c++)
                ck_assert_msg(of[p][c] == known[k].of[p][c], "case %zu, part %d, class %d: %lld", k, p, c,
                              (long long)of[p][c]);
        talus_dataset_destroy(whole);
    }
}
END_TEST

static double size_of(const int64_t *of_label, int classes)
{
    int64_t size = 0;
    for (int c = 0; c < classes; c++)
        size += of_label[c];
    return (double)size;
}

/* What a class gives to a part is less than 2 samples off its share of the part: what it gave with this part, and before it,
 * is each less than 1 off. */
START_TEST(classes_are_divided_in_proportion)
{
    number_stream stream = numbers_from(11);
    for (int round = 0; round < 600; round++) {
        int count = 2 + round % 7, classes = 1 + (int)drawn(&stream, 0, MOST_CLASSES);
        int64_t n = 0, sizes[MOST_CLASSES], of[MOST_PARTS][MOST_CLASSES];
        double fractions[MOST_PARTS], worst = 0;
        draw_fractions(&stream, fractions, count);
        for (int c = 0; c < classes; c++) {
            sizes[c] = 1 + (int64_t)drawn(&stream, 0, round % 3 ? 50 : 6);
            for (int64_t i = 0; i < sizes[c]; i++)
                labels[n++] = c;
        }
        if (n < count)
            continue;
        talus_dataset *whole = make(n, true);
        count_classes(whole, fractions, count, (uint64_t)round, of);
        for (int p = 0; p < count; p++)
            for (int c = 0; c < classes; c++)
                worst = fmax(worst,
                             fabs((double)of[p][c] - size_of(of[p], classes) * (double)sizes[c] / (double)n));
        ck_assert_double_lt(worst, count == 2 ? 1 : 2);
        talus_dataset_destroy(whole);
    }
}
END_TEST

/* A division fails with this status, says this, and sets nothing. */
static void refuses(const talus_dataset *whole, const double *fractions, int count, int stratified,
                    talus_status status, const char *text)
{
    talus_dataset *mark = (talus_dataset *)&book, *parts[3] = {mark, mark, mark};
    int64_t alive = book.alive;
    expect_status(context, status, talus_dataset_divide(whole, fractions, count, stratified, 1, parts));
    ck_assert(parts[0] == mark && parts[1] == mark && parts[2] == mark);
    ck_assert_int_eq(book.alive, alive);
    expect_message(context, text);
}

START_TEST(divisions_that_cannot_be)
{
    static const double good[] = {0.5, 0.25, 0.25}, zero[] = {0.5, 0, 0.5}, less[] = {0.5, 0.7, -0.2},
                        unknown[] = {0.5, 0.5, (double)NAN}, endless[] = {0.5, 0.5, (double)INFINITY},
                        above[] = {0.5, 0.25, 0.25 + 2e-9}, below[] = {0.5, 0.2, 0.2};
    talus_dataset *whole = make(4, true), *bare = make(4, false), *two = make(2, true), *parts[3];
    talus_status argument = TALUS_ERROR_ARGUMENT;
    refuses(whole, NULL, 3, 0, argument, "divide: fractions must not be NULL");
    refuses(whole, good, 1, 0, argument, "divide: count must be 2 … 100, got 1");
    refuses(whole, good, 101, 0, argument, "divide: count must be 2 … 100, got 101");
    refuses(whole, zero, 3, 0, argument, "divide: fractions[1] must be above 0, got 0");
    refuses(whole, less, 3, 0, argument, "divide: fractions[2] must be above 0, got -0.2");
    refuses(whole, unknown, 3, 0, argument, "divide: fractions[2] must be above 0, got nan");
    refuses(whole, endless, 3, 0, argument, "divide: the sum of fractions must be 1, got inf");
    refuses(whole, above, 3, 0, argument, "divide: the sum of fractions must be 1, got 1.000000002");
    refuses(whole, below, 3, 0, argument, "divide: the sum of fractions must be 1, got 0.9");
    refuses(whole, good, 3, 2, argument, "divide: stratified must be 0 or 1, got 2");
    refuses(bare, good, 3, 1, argument, "divide: stratified must be 0 for a data set without targets, got 1");
    refuses(two, good, 3, 0, TALUS_ERROR_SHAPE,
            "divide: the whole must have at least 3 samples, one a part, got 2");
    ck_assert_int_eq(talus_dataset_divide(NULL, good, 3, 0, 1, parts), argument);
    expect_status(context, argument, talus_dataset_divide(whole, good, 3, 0, 1, NULL));
    expect_message(context, "divide: parts must not be NULL");
    talus_dataset_destroy(two);
    talus_dataset_destroy(bare);
    talus_dataset_destroy(whole);
}
END_TEST

/* The order and what part each sample is in, its classes, and the parts. */
START_TEST(every_allocation_may_fail)
{
    static const double fractions[] = {0.5, 0.2, 0.3};
    for (int i = 0; i < 20; i++)
        labels[i] = i % 3;
    talus_dataset *whole = make(20, true);
    int64_t alive = book.alive;
    for (int stratified = 0; stratified < 2; stratified++) {
        int failures = 0;
        for (talus_status status = TALUS_ERROR_MEMORY; status != TALUS_OK; failures++) {
            talus_dataset *parts[3] = {NULL, NULL, NULL};
            refuse_from_now(&book, failures + 1);
            status = talus_dataset_divide(whole, fractions, 3, stratified, 1, parts);
            book.fail_at = 0;
            ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
            ck_assert((status == TALUS_OK) == (parts[0] != NULL && parts[1] != NULL && parts[2] != NULL));
            if (status != TALUS_OK)
                expect_message(context, "there is no memory");
            destroy_parts(parts, 3);
            ck_assert_int_eq(book.alive, alive);
        }
        ck_assert_int_eq(failures - 1, 2 + 1 + 3 * stratified + 3 * 2);
    }
    talus_dataset_destroy(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("divide");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, parts_are_complete_and_of_the_right_sizes);
    tcase_add_test(tests, sizes_that_are_known);
    tcase_add_test(tests, two_parts_are_those_of_a_split);
    tcase_add_test(tests, classes_that_are_known);
    tcase_add_test(tests, classes_are_divided_in_proportion);
    tcase_add_test(tests, divisions_that_cannot_be);
    tcase_add_test(tests, every_allocation_may_fail);
    return run_suite(suite);
}
