/* Plans that are read from files. */
#include <stdio.h>
#include <unistd.h>

#ifdef TL_HAVE_ZLIB
#include <zlib.h>
#endif

#include "support.h"

static talus_context *context;
static char path[] = "/tmp/talus-test-plan-XXXXXX";

static void setup(void)
{
    context = context_with(1, NULL);
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
}

static void teardown(void)
{
    talus_context_destroy(context);
    unlink(path);
}

static talus_status load(const char *text, size_t length)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, length, file), length);
    fclose(file);
    return talus_context_load_plan(context, path);
}

/* Nothing after a byte 0 is ignored, wherever it stands. */
START_TEST(a_byte_0_is_no_text)
{
    static const char texts[][40] = {"\navx2 f32 samples=64\0avx2 f32 nonsense", "\n\0", "\n# a comment\0\n",
                                     "\navx2\0f32 samples=64", "\navx2 f32 sam\0ples=64"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        expect_status(context, TALUS_ERROR_FORMAT, load(texts[i], sizeof texts[i]));
        expect_message(context, "plan, line 2: it must be text, got a byte 0");
    }
    expect_ok(context, load("avx2 f32 samples=64\n", 20));
    expect_ok(context, load("avx2 f32 samples=64", 19));
    expect_ok(context, load("", 0));
}
END_TEST

START_TEST(the_size_is_limited)
{
    enum { MOST = 1 << 20 };
    char *text = malloc(MOST + 1);
    memset(text, '\n', MOST + 1);
    expect_ok(context, load(text, MOST));
    expect_status(context, TALUS_ERROR_FORMAT, load(text, MOST + 1));
    expect_message(context, "must be at most 1 MB large, got more");
#ifdef TL_HAVE_ZLIB
    number_stream numbers = numbers_from(1);
    for (int packed = 0; packed < 2; packed++) {
        gzFile file = gzopen(path, "wb");
        memset(text, '#', 100000);
        for (int i = 1; i < 99999; i++) /* that does not pack to less than a thousandth */
            text[i] = (char)('a' + (int)(10 + 10 * next_number(&numbers)));
        ck_assert_int_eq(gzwrite(file, text, packed ? MOST + 1 : 100000), packed ? MOST + 1 : 100000);
        gzclose(file);
        expect_status(context, packed ? TALUS_ERROR_FORMAT : TALUS_OK,
                      talus_context_load_plan(context, path));
    }
    expect_message(context, "must be at most 1 MB large, got more");
#endif
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan files");
    const TTest *const tests[] = {a_byte_0_is_no_text, the_size_is_limited};
    TCase *all = tcase_create("plan files");
    tcase_add_checked_fixture(all, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
