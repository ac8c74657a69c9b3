#include "support.h"

#include "optimize/rule.h"

number_stream numbers_from(uint64_t seed)
{
    return (number_stream){seed * 0x9E3779B97F4A7C15u + 1};
}

double next_number(number_stream *numbers)
{
    numbers->state ^= numbers->state >> 12;
    numbers->state ^= numbers->state << 25;
    numbers->state ^= numbers->state >> 27;
    return (double)((numbers->state * 0x2545F4914F6CDD1Du) >> 11) * 0x1p-52 - 1;
}

double *random_array(uint64_t seed, int64_t count)
{
    number_stream stream = numbers_from(seed);
    double *array = malloc((size_t)count * sizeof *array);
    ck_assert_ptr_nonnull(array);
    for (int64_t i = 0; i < count; i++)
        array[i] = next_number(&stream);
    return array;
}

float *to_float(const double *array, int64_t count)
{
    float *copy = malloc((size_t)count * sizeof *copy);
    ck_assert_ptr_nonnull(copy);
    for (int64_t i = 0; i < count; i++)
        copy[i] = (float)array[i];
    return copy;
}

double largest_difference(const double *a, const double *b, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!(fabs(a[i] - b[i]) <= most)) /* a NaN is a difference too */
            most = isnan(a[i] - b[i]) ? INFINITY : fabs(a[i] - b[i]);
    }
    return most;
}

double largest(const double *a, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = fabs(a[i]) > most ? fabs(a[i]) : most;
    return most;
}

static void *counting_allocate(size_t bytes, void *user)
{
    counting_allocator *allocator = user;
    if (bytes > allocator->largest)
        allocator->largest = bytes;
    if (++allocator->calls == allocator->fail_at)
        return NULL;
    void *memory = malloc(bytes);
    allocator->alive += memory != NULL;
    return memory;
}

static void counting_release(void *memory, void *user)
{
    counting_allocator *allocator = user;
    allocator->alive--;
    free(memory);
}

void refuse_from_now(counting_allocator *allocator, int n)
{
    allocator->fail_at = allocator->calls + n;
}

talus_context_options counting_options(int threads, counting_allocator *allocator)
{
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.threads = threads;
    if (allocator != NULL) {
        options.allocate = counting_allocate;
        options.release = counting_release;
        options.allocator_user = allocator;
    }
    return options;
}

talus_context *context_with(int threads, counting_allocator *allocator)
{
    talus_context_options options = counting_options(threads, allocator);
    talus_context *context = NULL;
    ck_assert_int_eq(talus_context_create(&options, &context), TALUS_OK);
    return context;
}

TCase *case_with(Suite *suite, void (*begin)(void), void (*end)(void))
{
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_set_timeout(tests, 0);
    suite_add_tcase(suite, tests);
    return tests;
}

bool is_update_rule(int method)
{
    return tl_rule_of(method)->search == NULL;
}

int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
