/* What is refused in a sentence, and leaves everything as it was: plans without memory, what is no file, batches that no
 * memory could hold, options of no structure. */
#include <stdio.h>
#include <unistd.h>

#include "support.h"

static counting_allocator book;
static talus_context *context;

static void begin(void)
{
    book = (counting_allocator){0};
    context = context_with(1, &book);
}

static void end(void)
{
    talus_context_destroy(context);
    ck_assert_int_eq(book.alive, 0);
}

START_TEST(a_plan_needs_memory)
{
    char path[] = "/tmp/talus-test-refusals-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_eq(write(descriptor, "# a plan\n", 9), 9);
    close(descriptor);
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_context_set_plan(context, "# a plan"));
    expect_message(context, "no memory for its entries");
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_context_load_plan(context, path));
    expect_message(context, path);
    refuse_from_now(&book, 2);
    expect_status(context, TALUS_ERROR_MEMORY, talus_context_load_plan(context, path));
    expect_ok(context, talus_context_load_plan(context, path));
    unlink(path);
}
END_TEST

START_TEST(a_device_is_no_file)
{
    expect_status(context, TALUS_ERROR_FILE, talus_context_load_plan(context, "/dev/null"));
    expect_message(context, "\"/dev/null\" must be a regular file");
}
END_TEST

START_TEST(a_batch_fits_in_some_memory)
{
    talus_layer layer = talus_dense(3, TALUS_RELU);
    talus_network_spec spec = talus_dense_network(1000, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *network;
    talus_workspace *workspace = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    for (int64_t batch = INT64_MAX; batch > (int64_t)1 << 53; batch /= 2) {
        expect_status(context, TALUS_ERROR_SHAPE,
                      talus_workspace_create(context, network, batch, &workspace));
        ck_assert_ptr_null(workspace);
    }
    talus_network_destroy(network);
}
END_TEST

START_TEST(options_are_of_a_structure)
{
    char text[8] = "as was";
    size_t length = 77;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_option_get(context, -1, &length, "rate", text, sizeof text, &length));
    ck_assert_str_eq(text, "as was");
    ck_assert_uint_eq(length, 77);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refusals");
    TCase *all = tcase_create("refusals");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, a_plan_needs_memory);
    tcase_add_test(all, a_device_is_no_file);
    tcase_add_test(all, a_batch_fits_in_some_memory);
    tcase_add_test(all, options_are_of_a_structure);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
