/* Plans: entries, descriptions, and that any plan computes the same. */
#include <stdio.h>

#include "base/processor.h"
#include "engine/schedule.h"
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

static talus_network *normalized_network(int precision, int normalization)
{
    talus_layer layers[] = {{.width = 300, .activation = TALUS_TANH, .normalization = normalization},
                            {.width = 7}};
    talus_network_spec spec = {.inputs = 90, .layers = layers, .layer_count = 2, .precision = precision};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static talus_network *make_network(int precision)
{
    return normalized_network(precision, TALUS_NORMALIZATION_NONE);
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
    talus_network *network = make_network(TALUS_DTYPE_F32);
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

/* The next line of a text, without its end. */
static const char *next_line(const char **text)
{
    static char line[200];
    size_t length = strcspn(*text, "\n");
    ck_assert_uint_lt(length, sizeof line);
    memcpy(line, *text, length);
    line[length] = '\0';
    *text += length + ((*text)[length] == '\n');
    return line;
}

/* What a stage's line says: the product and its sizes, or a piece of text. */
static void check_stage(const char *line, const tl_plan *plan, const talus_network *network,
                        const tl_schedule *schedule, const tl_stage *stage)
{
    static const char *const pieces[] = {
        [TL_STAGE_INPUTS] = "inputs",
        [TL_STAGE_FORWARD] = "forward",
        [TL_STAGE_OUTPUTS] = "outputs",
        [TL_STAGE_WHOLE_FORWARD] = "of the whole layer",
        [TL_STAGE_BACKWARD] = "backward",
        [TL_STAGE_WHOLE_BACKWARD] = "derivative of",
        [TL_STAGE_BARRIER] = "barrier",
        [TL_STAGE_NORMALIZE] = "normalised over the ",
        [TL_STAGE_NORMALIZE_BACKWARD] = "derivative of the normalisation over the ",
        [TL_STAGE_STATISTICS] = "barrier: mean and variance over the batch",
        [TL_STAGE_SUMS] = "barrier: sums of D over the batch",
    };
    int layer;
    long long rows, columns, step;
    const char *last = strrchr(line, ' ');
    ck_assert_msg(strstr(line, pieces[stage->kind]) != NULL, "\"%s\" for a stage of kind %d", line,
                  stage->kind);
    bool whole = stage->kind == TL_STAGE_WHOLE_FORWARD || stage->kind == TL_STAGE_WHOLE_BACKWARD;
    if (whole)
        ck_assert_ptr_nonnull(strstr(line, network->layers[stage->layer].kind->name));
    if (stage->kind == TL_STAGE_NORMALIZE || stage->kind == TL_STAGE_NORMALIZE_BACKWARD)
        ck_assert_ptr_nonnull(strstr(line, network->layers[stage->layer].norm->name));
    if (stage->kind == TL_STAGE_OUTPUTS)
        ck_assert_ptr_nonnull(strstr(line, network->ranges->loss_kind->name));
    if (stage->kind != TL_STAGE_FORWARD && stage->kind != TL_STAGE_BACKWARD)
        return;
    for (int words = 0; words < 4; words++) /* back to the first of "rows x columns x step" */
        do
            last--;
        while (*last != ' ');
    ck_assert_int_eq(sscanf(line, " layer %d", &layer), 1);
    ck_assert_int_eq(sscanf(last, "%lld x %lld x %lld", &rows, &columns, &step), 3);
    ck_assert_int_eq(layer, stage->layer);
    ck_assert_int_eq(rows, tl_plan_slab_row(plan, stage->rows, stage->slabs, 1));
    ck_assert_int_eq(columns, schedule->tiling.width);
    ck_assert_int_eq(step, tl_smaller(stage->step, stage->inner));
    ck_assert_int_eq(strstr(line, "packed") != NULL, stage->packs);
}

/* Line by line what the engine will run: all stages but those that only ∂C/∂X needs. */
static void check_description(const talus_network *network, int64_t samples, int threads)
{
    char text[4000];
    const char *at = text;
    long long tiles, columns;
    int said;
    tl_plan plan = tl_plan_make(context, network, samples);
    tl_stage stages[64];
    tl_schedule schedule;
    ck_assert_int_le(tl_schedule_room(network), 64);
    tl_schedule_make(&plan, network, samples, threads, stages, &schedule);
    ck_assert_int_le(schedule.stage_count, tl_schedule_room(network));
    describe(network, samples, text, sizeof text);
    ck_assert_int_eq(sscanf(strstr(text, "samples, "), "samples, %d threads", &said), 1);
    ck_assert_int_eq(said, schedule.threads);
    const char *line = next_line(&at);
    while (strncmp(line, "phase A: ", 9) != 0)
        line = next_line(&at);
    ck_assert_int_eq(sscanf(line, "phase A: %lld tiles of %lld columns", &tiles, &columns), 2);
    ck_assert(tiles == schedule.tiling.tiles && columns == schedule.tiling.width);
    ck_assert_int_eq(strstr(line, "alone") != NULL, schedule.alone);
    ck_assert_int_eq(strstr(line, "together") != NULL, !schedule.alone);
    for (int i = 0; i < schedule.stage_count; i++)
        if (stages[i].work != TL_INPUT_GRADIENT)
            check_stage(next_line(&at), &plan, network, &schedule, &stages[i]);
    ck_assert_int_eq(sscanf(next_line(&at), "phase B: %lld tiles of weights", &tiles), 1);
    ck_assert_int_eq(tiles, tl_plan_weight_tiles(&plan, network));
    for (int l = 1; l <= network->layer_count; l++)
        ck_assert_ptr_nonnull(strstr(next_line(&at), "dW"));
    ck_assert_uint_eq(strlen(at), 0);
}

START_TEST(a_description_is_the_schedule)
{
    static const char *const plans[] = {"", LAYER_BY_LAYER, TILE_BY_TILE, FOR_ALL_SETS("products=blas"),
                                        FOR_ALL_SETS("pack=1 features=24 inner=64 inner_across=16 cache=0")};
    static const int64_t samples[] = {1, 15, 17, 130, 1000};
    talus_layer layers[] = {{.width = 300, .activation = TALUS_TANH, .normalization = _i},
                            {.width = 90, .activation = TALUS_SOFTMAX},
                            {.width = 8, .activation = TALUS_SOFTMAX, .normalization = _i}};
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
        for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
            for (int n = 0; n < 5; n++) {
                int fused = tl_loss_kind_of(loss)->fused;
                talus_network_spec spec = {.inputs = 90, .layers = layers, .layer_count = 3, .loss = loss};
                talus_network *network = NULL;
                layers[2].activation = fused < 0 ? TALUS_SOFTMAX : fused;
                expect_ok(context, talus_context_set_plan(context, plans[i]));
                expect_ok(context, talus_network_create(context, &spec, &network));
                check_description(network, samples[n], talus_context_threads(context));
                talus_network_destroy(network);
            }
}
END_TEST

/* The slabs of a product cover its rows once, in order, for every group of tiles. */
START_TEST(slabs_cover_the_rows)
{
    talus_network *network = normalized_network(TALUS_DTYPE_F32, _i);
    for (int64_t samples = 1; samples < 5000; samples *= 3)
        for (int threads = 1; threads <= 8; threads++) {
            tl_plan plan = tl_plan_make(context, network, samples);
            tl_stage stages[64];
            tl_schedule schedule;
            tl_schedule_make(&plan, network, samples, threads, stages, &schedule);
            for (int i = 0; i < schedule.stage_count; i++) {
                int64_t tile = 0, row = 0;
                for (int64_t task = 0; task < tl_stage_tasks(&schedule, &stages[i]); task++) {
                    tl_slab slab = tl_stage_slab(&plan, &schedule, &stages[i], task);
                    ck_assert(slab.first_tile == tile && slab.row == row);
                    ck_assert(slab.rows >= 1 && slab.tiles >= 1 && slab.tiles <= TL_GROUP_TILES);
                    row += slab.rows;
                    if (row == stages[i].rows)
                        row = 0, tile += slab.tiles;
                }
                ck_assert(tile == schedule.tiling.tiles && row == 0);
            }
        }
    talus_network_destroy(network);
}
END_TEST

START_TEST(entries_change_the_plan)
{
    char before[4000], after[4000];
    talus_network *network = make_network(TALUS_DTYPE_F64);
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
    talus_network *network = make_network(TALUS_DTYPE_F32);
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
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, 100, 90),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F64, 100, 7);
    talus_matrix flat = talus_matrix_view(precision == TALUS_DTYPE_F64 ? (void *)gradient : (void *)single,
                                          precision, 1, count);
    ck_assert_int_eq(talus_network_parameter_count(network), count);
    expect_ok(context, talus_workspace_create(context, network, 100, &workspace));
    expect_ok(context, talus_gradient(network, workspace, BATCH(in, targets), NULL, &flat));
    for (int64_t i = 0; precision == TALUS_DTYPE_F32 && i < count; i++)
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
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
            char entry[200];
            (void)snprintf(entry, sizeof entry, "%s %s samples=16 products=own %s", name,
                           precision == TALUS_DTYPE_F64 ? "f64" : "f32", cuts[i]);
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
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        gradient_with("", precision, expected, COUNT);
        double epsilon = precision == TALUS_DTYPE_F64 ? 2.3e-16 : 1.2e-7;
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            char entry[200];
            (void)snprintf(entry, sizeof entry, "%s %s %s", name,
                           precision == TALUS_DTYPE_F64 ? "f64" : "f32", sizes[i]);
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
    tcase_add_loop_test(all, slabs_cover_the_rows, 0, TALUS_NORMALIZATION_COUNT);
    tcase_add_loop_test(all, a_description_is_the_schedule, 0, TALUS_NORMALIZATION_COUNT);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
