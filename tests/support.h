/* What the tests share: numbers, an allocator that counts and fails, a main program. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <talus/talus.h>

/* A repeatable stream of numbers, uniform on (−1, 1). */
typedef struct number_stream {
    uint64_t state;
} number_stream;
number_stream numbers_from(uint64_t seed);
double next_number(number_stream *numbers);

/* An array of count such numbers; free it. */
double *random_array(uint64_t seed, int64_t count);
float *to_float(const double *array, int64_t count);

/* max |a_i − b_i| */
double largest_difference(const double *a, const double *b, int64_t count);
double largest(const double *a, int64_t count); /* max |a_i| */

/* An allocator that counts what is alive, keeps the largest request, and lets the allocation number fail_at (1, 2, …)
 * fail; 0: none. */
typedef struct counting_allocator {
    int64_t calls, alive, fail_at;
    size_t largest;
} counting_allocator;
void refuse_from_now(counting_allocator *allocator, int n); /* the n-th allocation from now on */
talus_context *context_with(int threads,
                            counting_allocator *allocator); /* allocator may be NULL; aborts on failure */
talus_context_options counting_options(int threads, counting_allocator *allocator);

/* The batch of two views, for a call. */
#define BATCH(x, y) (&(talus_batch){.inputs = (x), .targets = (y)})

/* Plan entries with the same sizes for all instruction sets; all tiles take each stage together; small tiles go alone
 * through all stages, if they are as many as 4 a thread or a multiple of the threads. */
#define FOR_ALL_SETS(sizes)                                                                                  \
    "baseline f32 " sizes "\nbaseline f64 " sizes "\navx2 f32 " sizes "\navx2 f64 " sizes                    \
    "\navx512 f32 " sizes "\navx512 f64 " sizes "\n"
#define LAYER_BY_LAYER FOR_ALL_SETS("cache=0")
#define TILE_BY_TILE   FOR_ALL_SETS("samples=16 cache=99999999")

/* A status that is not the expected one fails the test with the context's message. */
#define expect_status(context, expected, call)                                                               \
    do {                                                                                                     \
        talus_status got_ = (call);                                                                          \
        ck_assert_msg(got_ == (expected), "%s gave %s (%s), not %s", #call, talus_status_name(got_),         \
                      talus_error_message(context), talus_status_name(expected));                            \
    } while (0)
#define expect_ok(context, call) expect_status(context, TALUS_OK, call)

/* The last message contains a piece of text. */
#define expect_message(context, piece)                                                                       \
    ck_assert_msg(strstr(talus_error_message(context), piece) != NULL, "\"%s\" does not contain \"%s\"",     \
                  talus_error_message(context), piece)

/* Whether a method is an update rule: one step of it needs one gradient, and has a rate. */
bool is_update_rule(int method);

/* Runs a suite as a program: the number of failures is the exit code. */
int run_suite(Suite *suite);

/* A test case of a suite, without a time limit, each of whose tests stands between begin and end. */
TCase *case_with(Suite *suite, void (*begin)(void), void (*end)(void));

/* Adds a test case with the given tests. */
#define add_case(suite, name, ...)                                                                           \
    do {                                                                                                     \
        const TTest *const tests_[] = {__VA_ARGS__};                                                         \
        TCase *case_ = tcase_create(name);                                                                   \
        tcase_set_timeout(case_, 0);                                                                         \
        for (size_t i_ = 0; i_ < sizeof tests_ / sizeof tests_[0]; i_++)                                     \
            tcase_add_test(case_, tests_[i_]);                                                               \
        suite_add_tcase(suite, case_);                                                                       \
    } while (0)

#endif
