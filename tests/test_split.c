/* Random orders and random divisions of data sets. */
#include <stdio.h>

#include "data/dataset.h"
#include "fixture.h"

enum { MOST = 600, MOST_CLASSES = 24 };

static int32_t labels[MOST];

static talus_dataset *make(int64_t n, bool labelled)
{
    ck_assert_int_le(n, MOST);
    talus_matrix y = talus_matrix_view(labels, TALUS_DTYPE_I32, n, 1);
    return numbered(n, labelled ? &y : NULL);
}

static talus_dataset *shuffled(const talus_dataset *whole, uint64_t seed)
{
    talus_dataset *part = NULL;
    expect_ok(context, talus_dataset_shuffle(whole, seed, &part));
    return part;
}

/* Computed apart from the library, from the definitions of Philox and of the method of Fisher and Yates. */
START_TEST(orders_are_the_same_everywhere)
{
    static const struct {
        uint64_t seed;
        int64_t n, order[12];
    } known[] = {{0, 10, {8, 3, 4, 2, 0, 5, 1, 9, 6, 7}},
                 {1, 12, {2, 11, 6, 4, 0, 10, 1, 5, 3, 7, 9, 8}},
                 {0x123456789abcdef0u, 7, {6, 2, 4, 1, 0, 3, 5}}};
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        talus_dataset *whole = make(known[k].n, k == 1), *order = shuffled(whole, known[k].seed);
        ck_assert_int_eq(talus_dataset_samples(order), known[k].n);
        for (int64_t i = 0; i < known[k].n; i++)
            ck_assert_int_eq(number_at(order, i), known[k].order[i]);
        talus_dataset_destroy(order);
        talus_dataset_destroy(whole);
    }
}
END_TEST

START_TEST(a_shuffle_holds_every_sample_once)
{
    for (int64_t n = 1; n <= 300; n += 13) {
        talus_dataset *whole = make(n, false), *order = shuffled(whole, (uint64_t)n),
                      *again = shuffled(order, 7);
        bool seen[2][MOST] = {{0}};
        for (int64_t i = 0; i < n; i++) {
            ck_assert(!seen[0][number_at(order, i)] && !seen[1][number_at(again, i)]);
            seen[0][number_at(order, i)] = seen[1][number_at(again, i)] = true;
        }
        talus_dataset_destroy(again);
        talus_dataset_destroy(order);
        talus_dataset_destroy(whole);
    }
}
END_TEST

/* Walks through the shuffled whole: each sample is the next one of the first or of the second part, so the parts are
 * disjoint and complete, and in its order. Counts how many of each label the first part has. */
static void parts_interleave(const talus_dataset *whole, const talus_dataset *first,
                             const talus_dataset *second, uint64_t seed, int64_t *of_label)
{
    talus_dataset *order = shuffled(whole, seed);
    int64_t n = talus_dataset_samples(whole), at[2] = {0, 0};
    ck_assert_int_eq(talus_dataset_samples(first) + talus_dataset_samples(second), n);
    for (int64_t i = 0; i < n; i++) {
        int64_t row = talus_dataset_row(order, i);
        bool in_first = talus_dataset_row(first, at[0]) == row;
        ck_assert(in_first || talus_dataset_row(second, at[1]) == row);
        at[in_first ? 0 : 1]++;
        if (of_label != NULL && in_first)
            of_label[labels[row]]++;
    }
    ck_assert_int_eq(at[0], talus_dataset_samples(first));
    talus_dataset_destroy(order);
}

static const double fractions[] = {1e-9, 0.1, 0.25, 1 / 3.0, 0.5, 0.7, 0.8, 0.99, 1 - 1e-9};
enum { FRACTIONS = sizeof fractions / sizeof fractions[0] };

static int64_t expected_size(double fraction, int64_t n)
{
    int64_t size = (int64_t)floor(fraction * (double)n + 0.5);
    return size < 1 ? 1 : size > n - 1 ? n - 1 : size;
}

/* Without classes the parts are the beginning and the end of the shuffled whole. */
START_TEST(a_plain_split_cuts_the_shuffle)
{
    for (int64_t n = 2; n < 120; n += n < 12 ? 1 : 17)
        for (int f = 0; f < FRACTIONS; f++) {
            talus_dataset *whole = make(n, false), *first, *second, *order = shuffled(whole, 5);
            int64_t size = expected_size(fractions[f], n);
            expect_ok(context, talus_dataset_split(whole, fractions[f], 0, 5, &first, &second));
            ck_assert_int_eq(talus_dataset_samples(first), size);
            ck_assert_int_eq(talus_dataset_samples(second), n - size);
            for (int64_t i = 0; i < n; i++)
                ck_assert_int_eq(i < size ? number_at(first, i) : number_at(second, i - size),
                                 number_at(order, i));
            parts_interleave(whole, first, second, 5, NULL);
            talus_dataset_destroy(order);
            talus_dataset_destroy(first);
            talus_dataset_destroy(second);
            talus_dataset_destroy(whole);
        }
}
END_TEST

START_TEST(seeds_give_splits)
{
    talus_dataset *whole = make(100, true), *parts[3], *rest[3];
    static const uint64_t seeds[] = {1, 1, (uint64_t)1 << 32};
    for (int i = 0; i < 3; i++)
        expect_ok(context, talus_dataset_split(whole, 0.5, 1, seeds[i], &parts[i], &rest[i]));
    int64_t equal = 0;
    for (int64_t i = 0; i < 50; i++) {
        ck_assert_int_eq(number_at(parts[0], i), number_at(parts[1], i));
        equal += number_at(parts[0], i) == number_at(parts[2], i);
    }
    ck_assert_int_lt(equal, 25);
    for (int i = 0; i < 3; i++)
        talus_dataset_destroy(rest[i]), talus_dataset_destroy(parts[i]);
    talus_dataset_destroy(whole);
}
END_TEST

/* Lays out so many samples of each class, mixed; the number of all. */
static int64_t lay_out(int classes, const int64_t *counts)
{
    int64_t left[MOST_CLASSES], n = 0;
    memcpy(left, counts, (size_t)classes * sizeof *left);
    for (bool more = true; more;) {
        more = false;
        for (int c = classes - 1; c >= 0; c--)
            if (left[c]-- > 0) {
                labels[n++] = c;
                more = true;
            }
    }
    return n;
}

/* How many of each class a stratified split gives to the first part. */
static void split_classes(int64_t n, double fraction, uint64_t seed, int64_t *of_label)
{
    talus_dataset *whole = make(n, true), *first, *second;
    expect_ok(context, talus_dataset_split(whole, fraction, 1, seed, &first, &second));
    memset(of_label, 0, MOST_CLASSES * sizeof *of_label);
    parts_interleave(whole, first, second, seed, of_label);
    ck_assert_int_eq(talus_dataset_samples(first), expected_size(fraction, n));
    talus_dataset_destroy(second);
    talus_dataset_destroy(first);
    talus_dataset_destroy(whole);
}

/* Worked by hand. */
START_TEST(classes_are_divided_in_proportion)
{
    static const struct {
        double fraction;
        int classes;
        int64_t counts[MOST_CLASSES], first[MOST_CLASSES];
    } known[] = {
        {0.5, 1, {10}, {5}},
        {0.7, 2, {10, 20}, {7, 14}},
        {0.5, 3, {7, 5, 3}, {4, 3, 1}},          /* 8 of 15: ½ three times, the smallest labels get it */
        {0.25, 3, {5, 6, 7}, {1, 2, 2}},         /* 5 of 18 (4.5): ¼, ½, ¾; two are missing */
        {0.25, 3, {5, 6, 8}, {1, 2, 2}},         /* 5 of 19 (4.75): ¼, ½, 0 */
        {0.8, 4, {10, 10, 10, 1}, {8, 8, 8, 1}}, /* the only one goes to the larger part */
        {0.2, 4, {10, 10, 10, 1}, {2, 2, 2, 0}},
        {0.5, 4, {4, 4, 4, 1}, {2, 2, 2, 1}}, /* 7 of 13: the first part is the larger */
        {0.5, 3, {2, 1, 1}, {1, 1, 0}},       /* equal parts */
        {0.9, 3, {19, 9, 1}, {17, 8, 1}},     /* 26 of 29: the only one, before 0.1 and 0.1 */
        {0.6, 2, {4, 1}, {2, 1}},             /* 3 of 5: the only one, before 0.4 */
        {0.3, 2, {5, 1}, {2, 0}},             /* 2 of 6: ½; the only one stays */
        {0.5, 4, {1, 1, 1, 1}, {1, 1, 0, 0}}, /* all alone: the total decides */
        {0.2, 6, {5, 1, 1, 1, 1, 1}, {2, 0, 0, 0, 0, 0}},
        {0.25, 4, {4, 1, 1, 2}, {1, 0, 0, 1}},
        {0.3, 4, {1, 1, 1, 1}, {1, 0, 0, 0}}, /* none is left but one that is alone */
        {0.99, 1, {2}, {1}},                  /* no part is empty */
        {0.01, 3, {3, 3, 3}, {1, 0, 0}},
        {0.99, 3, {3, 3, 3}, {3, 3, 2}},
    };
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        int64_t of_label[MOST_CLASSES], n = lay_out(known[k].classes, known[k].counts);
        split_classes(n, known[k].fraction, k, of_label);
        for (int c = 0; c < known[k].classes; c++)
            ck_assert_msg(of_label[c] == known[k].first[c], "case %zu, class %d: %lld, not %lld", k, c,
                          (long long)of_label[c], (long long)known[k].first[c]);
    }
}
END_TEST

/* Whether class a is to give one more before class b. */
static bool goes_before(double fraction, bool first_is_larger, int64_t of_a, int64_t of_b)
{
    double rest_a = fmod(fraction * (double)of_a, 1), rest_b = fmod(fraction * (double)of_b, 1);
    if ((of_a == 1) != (of_b == 1))
        return (of_a == 1) == first_is_larger;
    return of_a > 1 && rest_a > rest_b + 1e-12;
}

/* For any classes: the share rounded down or one more, and one more for no class before one that goes before it. */
START_TEST(shares_are_those_of_the_largest_remainders)
{
    number_stream stream = numbers_from(17);
    for (int round = 0; round < 400; round++) {
        int64_t counts[MOST_CLASSES], of_label[MOST_CLASSES];
        double fraction = round % 4 == 0 ? fractions[round / 4 % FRACTIONS] : (next_number(&stream) + 1) / 2;
        int classes = 1 + (int)((next_number(&stream) + 1) / 2 * MOST_CLASSES);
        for (int c = 0; c < classes; c++)
            counts[c] = 1 + (int64_t)((next_number(&stream) + 1) / 2 * (round % 3 == 0 ? 3 : 24));
        counts[0] += counts[0] == 1;
        int64_t n = lay_out(classes, counts);
        bool larger = 2 * expected_size(fraction, n) >= n;
        split_classes(n, fraction, (uint64_t)round, of_label);
        for (int a = 0; a < classes; a++) {
            int64_t down_a = (int64_t)floor(fraction * (double)counts[a]);
            ck_assert(of_label[a] == down_a || of_label[a] == down_a + 1);
            for (int b = 0; b < classes; b++) {
                int64_t down_b = (int64_t)floor(fraction * (double)counts[b]);
                bool only_b = of_label[a] == down_a && of_label[b] > down_b;
                ck_assert(!only_b || !goes_before(fraction, larger, counts[a], counts[b]));
                ck_assert(!only_b || counts[a] != counts[b] || b < a);
            }
        }
    }
}
END_TEST

/* Labels that differ in any byte are classes of their own. */
START_TEST(labels_may_be_any)
{
    static const int32_t kinds[] = {INT32_MAX, 0, 256, 1, 65536, 16777216, 257, 0x01010101};
    enum { KINDS = sizeof kinds / sizeof kinds[0], EACH = 6 };
    for (int i = 0; i < KINDS * EACH; i++)
        labels[i] = kinds[i % KINDS];
    talus_dataset *whole = make(KINDS * EACH, true), *first, *second;
    expect_ok(context, talus_dataset_split(whole, 1 / 3.0, 1, 3, &first, &second));
    int64_t of_kind[KINDS] = {0};
    for (int64_t i = 0; i < talus_dataset_samples(first); i++)
        of_kind[number_at(first, i) % KINDS]++;
    for (int k = 0; k < KINDS; k++)
        ck_assert_int_eq(of_kind[k], EACH / 3);
    talus_dataset_destroy(second);
    talus_dataset_destroy(first);
    talus_dataset_destroy(whole);
}
END_TEST

/* Parts are split too: the labels are those of their samples. */
START_TEST(parts_are_split_by_their_own_labels)
{
    enum { N = 40 };
    talus_dataset *first, *second, *list;
    int64_t rows[2 * N];
    for (int i = 0; i < N; i++)
        labels[i] = i < 30 ? 0 : i % 3 + 1;
    for (int i = 0; i < 2 * N; i++)
        rows[i] = 25 + i % 15; /* samples 25 … 39: a third of label 0 */
    talus_dataset *whole = make(N, true), *slice;
    expect_ok(context, talus_dataset_slice(whole, 5, 35, &slice));
    for (int i = 0; i < 2 * N; i++)
        rows[i] -= 5;
    expect_ok(context, talus_dataset_rows(slice, rows, 75, &list));
    expect_ok(context, talus_dataset_split(list, 0.2, 1, 9, &first, &second));
    int64_t of_label[4] = {0};
    for (int64_t i = 0; i < talus_dataset_samples(first); i++)
        of_label[labels[number_at(first, i)]]++;
    ck_assert_int_eq(of_label[0], 5); /* of 25 */
    for (int label = 1; label < 4; label++)
        ck_assert(of_label[label] == 3 || of_label[label] == 4); /* of 15 or 20 */
    ck_assert_int_eq(talus_dataset_samples(first), 15);
    parts_interleave(list, first, second, 9, NULL);
    talus_dataset_destroy(first);
    talus_dataset_destroy(second);
    talus_dataset_destroy(list);
    talus_dataset_destroy(slice);
    talus_dataset_destroy(whole);
}
END_TEST

/* A split fails with this status, says this, and sets nothing. */
static void refuses(const talus_dataset *whole, double fraction, int stratified, talus_status status,
                    const char *text)
{
    talus_dataset *mark = (talus_dataset *)&book, *first = mark, *second = mark;
    int64_t alive = book.alive;
    expect_status(context, status, talus_dataset_split(whole, fraction, stratified, 1, &first, &second));
    ck_assert(first == mark && second == mark);
    ck_assert_int_eq(book.alive, alive);
    expect_message(context, text);
}

START_TEST(splits_that_cannot_be)
{
    static const double outside[] = {0, 1, -0.5, 2, (double)NAN, (double)INFINITY};
    talus_dataset *whole = make(4, true), *bare = make(4, false), *one = make(1, true), *first = whole;
    uint8_t bytes[4] = {0};
    talus_matrix x = talus_matrix_view(bytes, TALUS_DTYPE_U8, 4, 1);
    talus_dataset *valued;
    expect_ok(context, talus_dataset_from_matrices(context, &x, &x, &valued));
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        char text[80];
        snprintf(text, sizeof text, "split: fraction must be above 0 and below 1, got %g", outside[i]);
        refuses(whole, outside[i], 0, TALUS_ERROR_ARGUMENT, text);
    }
    refuses(whole, 0.5, 2, TALUS_ERROR_ARGUMENT, "split: stratified must be 0 or 1, got 2");
    refuses(whole, 0.5, -1, TALUS_ERROR_ARGUMENT, "split: stratified must be 0 or 1, got -1");
    refuses(bare, 0.5, 1, TALUS_ERROR_ARGUMENT,
            "split: stratified must be 0 for a data set without targets, got 1");
    refuses(valued, 0.5, 1, TALUS_ERROR_ARGUMENT,
            "split: stratified must be 0 for targets of u8, which are not labels (i32), got 1");
    refuses(one, 0.5, 0, TALUS_ERROR_SHAPE, "split: the whole must have at least 2 samples, got 1");
    refuses(one, 0.5, 1, TALUS_ERROR_SHAPE, "split: the whole must have at least 2 samples, got 1");
    ck_assert_int_eq(talus_dataset_split(NULL, 0.5, 0, 1, &first, &bare), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_split(whole, 0.5, 0, 1, NULL, &first));
    expect_message(context, "split: first must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_split(whole, 0.5, 0, 1, &first, NULL));
    expect_message(context, "split: second must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_split(whole, 0.5, 0, 1, &first, &first));
    expect_message(context, "split: first and second must be two places, got the same one twice");
    ck_assert_int_eq(talus_dataset_shuffle(NULL, 1, &first), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_shuffle(whole, 1, NULL));
    expect_message(context, "shuffle: part must not be NULL");
    ck_assert_ptr_eq(first, whole);
    talus_dataset_destroy(valued);
    talus_dataset_destroy(one);
    talus_dataset_destroy(bare);
    talus_dataset_destroy(whole);
}
END_TEST

/* Every allocation of a call is made to fail in turn; the number of its allocations. */
static int fail_in_turn(const talus_dataset *whole, int stratified)
{
    int fail_at = 1;
    for (bool failed = true; failed; fail_at++) {
        talus_dataset *first = NULL, *second = NULL;
        int64_t alive = book.alive;
        refuse_from_now(&book, fail_at);
        talus_status status = stratified < 0
                                  ? talus_dataset_shuffle(whole, 1, &first)
                                  : talus_dataset_split(whole, 0.4, stratified, 1, &first, &second);
        failed = book.calls >= book.fail_at;
        ck_assert_int_eq(status, failed ? TALUS_ERROR_MEMORY : TALUS_OK);
        if (failed) {
            expect_message(context, "there is no memory");
            ck_assert(first == NULL && second == NULL && book.alive == alive);
        }
        talus_dataset_destroy(second);
        talus_dataset_destroy(first);
        ck_assert_int_eq(book.alive, alive);
    }
    return fail_at - 2;
}

START_TEST(every_allocation_may_fail)
{
    talus_dataset *whole = make(20, true);
    ck_assert_int_eq(fail_in_turn(whole, -1), 2);
    ck_assert_int_eq(fail_in_turn(whole, 0), 2 + 1 + 2 * 2);
    ck_assert_int_eq(fail_in_turn(whole, 1), 2 + 1 + 3 + 2 * 2);
    talus_dataset_destroy(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("split");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, orders_are_the_same_everywhere);
    tcase_add_test(tests, a_shuffle_holds_every_sample_once);
    tcase_add_test(tests, a_plain_split_cuts_the_shuffle);
    tcase_add_test(tests, seeds_give_splits);
    tcase_add_test(tests, classes_are_divided_in_proportion);
    tcase_add_test(tests, shares_are_those_of_the_largest_remainders);
    tcase_add_test(tests, labels_may_be_any);
    tcase_add_test(tests, parts_are_split_by_their_own_labels);
    tcase_add_test(tests, splits_that_cannot_be);
    tcase_add_test(tests, every_allocation_may_fail);
    return run_suite(suite);
}
