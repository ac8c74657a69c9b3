/* Status texts, contexts, threads, random numbers. */
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/context.h"
#include "base/philox.h"
#include "support.h"

START_TEST(every_status_has_a_name_and_a_text)
{
    for (int status = 0; status < TALUS_STATUS_COUNT; status++) {
        ck_assert_int_eq(strncmp(talus_status_name(status), "TALUS_", 6), 0);
        ck_assert_int_gt((int)strlen(talus_status_text(status)), 5);
    }
    ck_assert_str_eq(talus_status_name(TALUS_OK), "TALUS_OK");
    ck_assert_str_eq(talus_status_name(TALUS_ERROR_UNSUPPORTED), "TALUS_ERROR_UNSUPPORTED");
    ck_assert_str_eq(talus_status_name(-1), "unknown status");
    ck_assert_str_eq(talus_status_text(TALUS_STATUS_COUNT), "unknown status");
}
END_TEST

START_TEST(a_context_has_the_threads_it_was_asked_for)
{
    talus_context *context = context_with(3, NULL), *automatic = NULL;
    ck_assert_int_eq(talus_context_threads(context), 3);
    expect_ok(NULL, talus_context_create(NULL, &automatic));
    ck_assert_int_eq(talus_context_threads(automatic), tl_processor_count());
    ck_assert_int_eq(talus_context_threads(NULL), 0);
    ck_assert_str_eq(talus_error_message(context), "");
    ck_assert_str_ne(talus_error_message(NULL), "");
    talus_context_destroy(context);
    talus_context_destroy(automatic);
    talus_context_destroy(NULL);
}
END_TEST

static void keep_line(const char *line, void *user)
{
    (void)snprintf(user, 200, "%s", line);
}

static void *allocate_nothing(size_t bytes, void *user)
{
    (void)bytes, (void)user;
    return NULL;
}

START_TEST(bad_options_are_refused)
{
    char line[200] = "";
    talus_context *context = NULL;
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.log = keep_line;
    options.log_user = line;
    options.threads = -1;
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_context_create(&options, &context));
    ck_assert_ptr_nonnull(strstr(line, "threads"));
    options.threads = 1025;
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_context_create(&options, &context));
    options.threads = 1;
    options.allocate = allocate_nothing;
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_context_create(&options, &context));
    ck_assert_ptr_nonnull(strstr(line, "release"));
    ck_assert_ptr_null(context);
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_context_create(NULL, NULL));
}
END_TEST

START_TEST(errors_are_logged_and_kept)
{
    char line[200] = "";
    talus_context_options options = counting_options(1, NULL);
    options.log = keep_line;
    options.log_user = line;
    talus_context *context;
    expect_ok(NULL, talus_context_create(&options, &context));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, NULL, NULL));
    ck_assert_str_eq(line, talus_error_message(context));
    ck_assert_str_ne(line, "");
    talus_context_destroy(context);
}
END_TEST

/* Whatever a name holds, a message is one line that a terminal shows as it is. */
START_TEST(messages_are_one_line)
{
    char line[200] = "";
    talus_context_options options = counting_options(1, NULL);
    options.log = keep_line;
    options.log_user = line;
    talus_context *context;
    expect_ok(NULL, talus_context_create(&options, &context));
    expect_status(context, TALUS_ERROR_FILE, talus_context_load_plan(context, "no\nfile\t\x1b[1m\x7f…\\n"));
    ck_assert_str_eq(line, talus_error_message(context));
    ck_assert_ptr_eq(strstr(line, "\"no\\nfile\\t\\x1b[1m\\x7f…\\n\" cannot be opened"), line);

    char path[4 * TL_MESSAGE_BYTES] = "";
    for (size_t i = 0; i < sizeof path - 1; i++)
        path[i] = '\n';
    for (int length = 0; length < 2 * TL_MESSAGE_BYTES; length++) {
        (void)tl_fail(context, TALUS_ERROR_FORMAT, "%.*s", length, path);
        ck_assert_uint_eq(
            strlen(talus_error_message(context)),
            (size_t)(2 * length < TL_MESSAGE_BYTES ? 2 * length : (TL_MESSAGE_BYTES - 1) / 2 * 2));
    }
    talus_context_destroy(context);
}
END_TEST

START_TEST(an_allocator_without_memory_makes_no_context)
{
    for (int64_t fail_at = 1; fail_at <= 2; fail_at++) {
        counting_allocator allocator = {.fail_at = fail_at};
        talus_context_options options = counting_options(2, &allocator);
        talus_context *context = NULL;
        expect_status(NULL, TALUS_ERROR_MEMORY, talus_context_create(&options, &context));
        ck_assert_ptr_null(context);
        ck_assert_int_eq(allocator.alive, 0);
    }
}
END_TEST

START_TEST(memory_is_aligned_and_zero)
{
    counting_allocator allocator = {0};
    talus_context *context = context_with(1, &allocator);
    int64_t before = allocator.alive;
    for (size_t bytes = 1; bytes < ((size_t)5 << 20); bytes = bytes * 3 + 1) {
        unsigned char *memory = tl_allocate(context, bytes);
        ck_assert_int_eq((uintptr_t)memory % 64, 0);
        ck_assert_int_eq(memory[0] | memory[bytes / 2] | memory[bytes - 1], 0);
        memset(memory, 1, bytes);
        tl_release(context, memory);
    }
    ck_assert_int_eq(allocator.alive, before);
    ck_assert_ptr_null(tl_allocate(context, SIZE_MAX - 100));
    talus_context_destroy(context);
}
END_TEST

START_TEST(products_of_sizes_are_checked)
{
    int64_t product = -1;
    ck_assert(tl_multiply(3, 4, &product) && product == 12);
    ck_assert(tl_multiply(0, INT64_MAX, &product) && product == 0);
    ck_assert(tl_multiply(INT64_MAX, 1, &product) && product == INT64_MAX);
    ck_assert(!tl_multiply(INT64_MAX / 2 + 1, 2, &product));
    ck_assert(!tl_multiply(-1, 2, &product));
}
END_TEST

/* A job in which every task must run once. */
typedef struct job {
    atomic_int runs[1000];
    atomic_int bad_worker;
    int threads;
} job;

static void count_run(void *user, int64_t task, int worker)
{
    job *job_run = user;
    atomic_fetch_add(&job_run->runs[task], 1);
    if (worker < 0 || worker >= job_run->threads)
        atomic_store(&job_run->bad_worker, 1);
}

START_TEST(a_pool_runs_every_task_once)
{
    for (int threads = 1; threads <= 8; threads++) {
        talus_context *context = context_with(threads, NULL);
        for (int round = 0; round < 200; round++) {
            static job all;
            memset(&all, 0, sizeof all);
            all.threads = threads;
            int tasks = round * 5;
            tl_pool_run(context->pool, count_run, &all, tasks);
            for (int i = 0; i < 1000; i++)
                ck_assert_int_eq(atomic_load(&all.runs[i]), i < tasks ? 1 : 0);
            ck_assert_int_eq(atomic_load(&all.bad_worker), 0);
            if (round % 50 == 0)
                usleep(2000); /* long enough that the workers sleep */
        }
        talus_context_destroy(context);
    }
}
END_TEST

/* The known answers of the Random123 distribution, kat_vectors, philox4x32 with 10 rounds. */
START_TEST(philox_gives_its_published_answers)
{
    static const struct {
        uint32_t counter[4], key[2], answer[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        tl_philox_block block = tl_philox(known[i].counter, known[i].key);
        for (int word = 0; word < 4; word++)
            ck_assert_uint_eq(block.word[word], known[i].answer[word]);
    }
}
END_TEST

START_TEST(unit_numbers_are_strictly_inside)
{
    ck_assert_double_gt(tl_unit(0), 0);
    ck_assert_double_lt(tl_unit(UINT64_MAX), 1);
    ck_assert_double_eq(tl_unit((uint64_t)1 << 63), 0.5 + 0x1p-53);
}
END_TEST

/* Orders are part of what a seed means: they stay as they are. */
START_TEST(orders_follow_from_the_stream)
{
    static const struct {
        uint64_t seed;
        uint32_t item;
        int64_t order[12];
    } known[] = {
        {0, 1, {6, 7, 10, 8, 4, 5, 9, 0, 11, 1, 3, 2}},
        {1, 2, {4, 9, 11, 7, 2, 5, 3, 10, 1, 0, 8, 6}},
        {0x123456789abcdef0u, 7, {9, 4, 11, 1, 6, 7, 10, 5, 3, 2, 0, 8}},
    };
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        int64_t order[12], listed[12];
        for (int i = 0; i < 12; i++)
            order[i] = i, listed[i] = 1000 - 7 * i;
        tl_shuffle(known[k].seed, TL_PURPOSE_SHUFFLE, known[k].item, 12, order);
        tl_shuffle(known[k].seed, TL_PURPOSE_SHUFFLE, known[k].item, 12, listed);
        for (int i = 0; i < 12; i++) {
            ck_assert_int_eq(order[i], known[k].order[i]);
            ck_assert_int_eq(listed[i], 1000 - 7 * order[i]);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    add_case(suite, "status", every_status_has_a_name_and_a_text);
    add_case(suite, "context", a_context_has_the_threads_it_was_asked_for, bad_options_are_refused,
             errors_are_logged_and_kept, messages_are_one_line, an_allocator_without_memory_makes_no_context);
    add_case(suite, "memory", memory_is_aligned_and_zero, products_of_sizes_are_checked);
    add_case(suite, "pool", a_pool_runs_every_task_once);
    add_case(suite, "random", philox_gives_its_published_answers, unit_numbers_are_strictly_inside,
             orders_follow_from_the_stream);
    return run_suite(suite);
}
