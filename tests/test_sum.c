/* The sum over bytes: the same however they are cut, and another one for every changed bit. */
#include "base/sum.h"
#include "support.h"

enum { BYTES = 200 };
static unsigned char bytes[BYTES];

static void fill(void)
{
    for (int i = 0; i < BYTES; i++)
        bytes[i] = (unsigned char)(i * i + 7);
}

static uint64_t sum_of(size_t count)
{
    tl_sum sum = tl_sum_begin();
    tl_sum_add(&sum, bytes, count);
    return tl_sum_value(&sum);
}

START_TEST(pieces_have_the_sum_of_the_whole)
{
    for (size_t count = 0; count <= BYTES; count++)
        for (size_t piece = 1; piece <= 70; piece++) {
            tl_sum sum = tl_sum_begin();
            for (size_t at = 0; at < count; at += piece)
                tl_sum_add(&sum, bytes + at, count - at < piece ? count - at : piece);
            tl_sum_add(&sum, NULL, 0);
            ck_assert_uint_eq(tl_sum_value(&sum), sum_of(count));
            ck_assert_uint_eq(tl_sum_value(&sum), sum_of(count)); /* and goes on with it */
        }
}
END_TEST

START_TEST(every_bit_and_every_length_counts)
{
    for (size_t count = 0; count < BYTES; count++) {
        const uint64_t whole = sum_of(count);
        ck_assert_uint_ne(whole, sum_of(count + 1));
        for (size_t bit = 0; bit < 8 * count; bit++) {
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            ck_assert_uint_ne(sum_of(count), whole);
            bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
    }
}
END_TEST

/* Zeros that are added at the end are not lost in those that fill the last words. */
START_TEST(zeros_count)
{
    memset(bytes, 0, sizeof bytes);
    for (size_t count = 0; count < BYTES; count++)
        for (size_t more = count + 1; more <= BYTES; more++)
            ck_assert_uint_ne(sum_of(count), sum_of(more));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sum");
    TCase *all = case_with(suite, fill, NULL);
    tcase_add_test(all, pieces_have_the_sum_of_the_whole);
    tcase_add_test(all, every_bit_and_every_length_counts);
    tcase_add_test(all, zeros_count);
    return run_suite(suite);
}
