/* Plans: entries, descriptions, and that any plan computes the same. */
#include <stdio.h>

#include "base/processor.h"
#include "support.h"

static talus_context *context;

static void setup(void)
{
    context = context_with(2, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

static talus_network *make_network(int precision)
{
    talus_layer layers[] = {{.width = 300, .activation = TALUS_TANH}, {.width = 7}};
    talus_network_spec spec = {.inputs = 90, .layers = layers, .layer_count = 2, .precision = precision};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static void refuse(const char *entries, const char *piece)
{
    expect_status(context, TALUS_ERROR_FORMAT, talus_context_set_plan(context, entries));
    expect_message(context, piece);
}

START_TEST(bad_entries_are_refused)
{
    refuse("avx1024 f32 samples=64", "line 1");
    refuse("\n# a comment\navx2 f16 samples=64", "line 3");
    refuse("avx2", "avx2");
    refuse("avx2 f32 samples", "\"samples\"");
    refuse("avx2 f32 samples=", "samples=");
    refuse("avx2 f32 samples=17", "samples=17");
    refuse("avx2 f32 samples=256", "samples=256");
    refuse("avx2 f32 features=0", "features=0");
    refuse("avx2 f32 inner=-5", "inner=-5");
    refuse("avx2 f32 weight_rows=99999999999999999999", "weight_rows=9999");
    refuse("avx2 f32 weight_cols=20", "weight_cols=20");
    refuse("avx2 f32 products=mine", "products=mine");
    refuse("avx2 f32 colour=3", "colour=3");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_context_set_plan(context, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_context_set_plan(NULL, ""));
    expect_status(context, TALUS_ERROR_FILE, talus_context_load_plan(context, "/nowhere/plan"));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_context_load_plan(context, NULL));
}
END_TEST

static void describe(const talus_network *network, int64_t samples, char *text, size_t capacity)
{
    size_t length;
    expect_ok(context, talus_plan_describe(context, network, samples, text, capacity, &length));
    ck_assert_uint_lt(length, capacity);
    ck_assert_uint_eq(strlen(text), length);
}

START_TEST(a_plan_can_be_read)
{
    char text[4000], cut[20];
    size_t length;
    talus_network *network = make_network(TALUS_F32);
    describe(network, 100, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "f32, 100 samples"));
    ck_assert_ptr_nonnull(strstr(text, "samples, 2 threads"));
    ck_assert_ptr_nonnull(strstr(text, "layer 1: 300 x 90, tanh"));
    ck_assert_ptr_nonnull(strstr(text, "layer 2: 7 x 300, identity"));
    char small[4000];
    describe(network, 8, small, sizeof small);
    ck_assert_ptr_nonnull(strstr(small, "samples, 1 threads")); /* too little work to share */
    expect_ok(context, talus_plan_describe(context, network, 100, cut, sizeof cut, &length));
    ck_assert_uint_eq(length, strlen(text));
    ck_assert_int_eq(strncmp(cut, text, 19), 0);
    ck_assert_uint_eq(strlen(cut), 19);
    expect_ok(context, talus_plan_describe(context, network, 100, NULL, 0, &length));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plan_describe(context, NULL, 100, text, 10, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plan_describe(context, network, 100, NULL, 10, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plan_describe(NULL, network, 100, text, 10, NULL));
    expect_status(context, TALUS_ERROR_SHAPE, talus_plan_describe(context, network, 0, text, 10, NULL));
    talus_network_destroy(network);
}
END_TEST

START_TEST(entries_change_the_plan)
{
    char before[4000], after[4000];
    talus_network *network = make_network(TALUS_F64);
    describe(network, 100, before, sizeof before);
    const char *name = tl_instruction_set_name(talus_context_instruction_set(context));
    char entry[200];
    (void)snprintf(entry, sizeof entry, "# mine\n  %s f64 samples=16 features=20\tproducts=blas\r\n", name);
    expect_ok(context, talus_context_set_plan(context, entry));
    describe(network, 100, after, sizeof after);
    ck_assert_str_ne(before, after);
    ck_assert_ptr_nonnull(strstr(after, "7 tiles of 16 columns"));
    ck_assert_ptr_nonnull(strstr(after, "BLAS on tiles"));
    talus_network_destroy(network);
}
END_TEST

START_TEST(entries_can_come_from_a_file)
{
    char path[] = "/tmp/talus-plan-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    FILE *stream = fdopen(file, "w");
    fprintf(stream, "avx512 f32 samples=32\nbaseline f32 samples=32\navx2 f32 samples=32\n");
    fclose(stream);
    talus_network *network = make_network(TALUS_F32);
    char text[4000];
    expect_ok(context, talus_context_load_plan(context, path));
    describe(network, 64, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "2 tiles of 32 columns"));
    stream = fopen(path, "w");
    fprintf(stream, "what is this");
    fclose(stream);
    expect_status(context, TALUS_ERROR_FORMAT, talus_context_load_plan(context, path));
    remove(path);
    talus_network_destroy(network);
}
END_TEST

/* The gradient under a plan. */
static void gradient_with(const char *entries, int precision, double *gradient, int64_t count)
{
    expect_ok(context, talus_context_set_plan(context, entries));
    talus_network *network = make_network(precision);
    talus_workspace *workspace;
    double *x = random_array(1, 100 * 90), *y = random_array(2, 100 * 7);
    float *single = malloc((size_t)count * sizeof *single);
    talus_matrix in = talus_matrix_view(x, TALUS_F64, 100, 90),
                 targets = talus_matrix_view(y, TALUS_F64, 100, 7);
    talus_matrix flat = talus_matrix_view(precision == TALUS_F64 ? (void *)gradient : (void *)single,
                                          precision, 1, count);
    ck_assert_int_eq(talus_network_parameter_count(network), count);
    expect_ok(context, talus_workspace_create(context, network, 100, &workspace));
    expect_ok(context, talus_gradient(network, workspace, &in, &targets, NULL, &flat));
    for (int64_t i = 0; precision == TALUS_F32 && i < count; i++)
        gradient[i] = (double)single[i];
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    free(x), free(y), free(single);
}

/* With products of our own and tiles of the same samples, down to the last bit. */
START_TEST(own_products_give_the_same_bits_in_every_cut)
{
    enum { COUNT = 300 * 90 + 300 + 7 * 300 + 7 };
    static const char *const cuts[] = {
        "features=96 inner=512 inner_across=128 pack=0 weight_rows=120 weight_cols=128 cache=0",
        "features=17 inner=24 inner_across=16 pack=1 weight_rows=13 weight_cols=80 cache=0",
        "features=1000 inner=64 inner_across=1000 pack=2 weight_rows=1000 weight_cols=16 cache=0",
        "features=7 inner=1000 inner_across=8 pack=7 weight_rows=64 weight_cols=1008 cache=99999999"};
    const char *name = tl_instruction_set_name(talus_context_instruction_set(context));
    double *expected = malloc(COUNT * sizeof *expected), *found = malloc(COUNT * sizeof *found);
    for (int precision = TALUS_F32; precision <= TALUS_F64; precision++)
        for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
            char entry[200];
            (void)snprintf(entry, sizeof entry, "%s %s samples=16 products=own %s", name,
                           precision == TALUS_F64 ? "f64" : "f32", cuts[i]);
            gradient_with(entry, precision, i == 0 ? expected : found, COUNT);
            if (i > 0)
                ck_assert_mem_eq(expected, found, COUNT * sizeof *found);
        }
    free(expected), free(found);
}
END_TEST

START_TEST(every_plan_computes_the_same)
{
    enum { COUNT = 300 * 90 + 300 + 7 * 300 + 7 };
    static const char *const sizes[] = {
        "samples=16 features=1 inner=8 inner_across=8 pack=0 weight_rows=1 weight_cols=16",
        "samples=128 features=1000 inner=1000 weight_rows=1000 weight_cols=1008 cache=0",
        "samples=48 features=17 inner=24 weight_rows=31 weight_cols=48 products=blas",
        "samples=112 features=50 inner=56 weight_rows=13 weight_cols=80 products=own"};
    double *expected = malloc(COUNT * sizeof *expected), *found = malloc(COUNT * sizeof *found);
    const char *name = tl_instruction_set_name(talus_context_instruction_set(context));
    for (int precision = TALUS_F32; precision <= TALUS_F64; precision++) {
        gradient_with("", precision, expected, COUNT);
        double epsilon = precision == TALUS_F64 ? 2.3e-16 : 1.2e-7;
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            char entry[200];
            (void)snprintf(entry, sizeof entry, "%s %s %s", name, precision == TALUS_F64 ? "f64" : "f32",
                           sizes[i]);
            gradient_with(entry, precision, found, COUNT);
            ck_assert_double_le(largest_difference(expected, found, COUNT),
                                4 * epsilon * 300 * largest(expected, COUNT));
        }
    }
    free(expected), free(found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    const TTest *const tests[] = {bad_entries_are_refused,
                                  a_plan_can_be_read,
                                  entries_change_the_plan,
                                  entries_can_come_from_a_file,
                                  own_products_give_the_same_bits_in_every_cut,
                                  every_plan_computes_the_same};
    TCase *all = tcase_create("plan");
    tcase_add_checked_fixture(all, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
