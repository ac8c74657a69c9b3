/* The precision of products as the user's choice: by name, in specs, files and plans, and where it is refused. */
#include <stdio.h>
#include <unistd.h>

#include "base/processor.h"
#include "fixture.h"

enum { INPUTS = 40, OUTPUTS = 3, SAMPLES = 50 };

static char folder[64], path[96];

static void begin(void)
{
    begin_with_folder(folder);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
}

static void end(void)
{
    end_with_folder(folder, path);
}

static const talus_layer layers[] = {{.width = 70, .activation = TALUS_TANH}, {.width = OUTPUTS}};

static talus_network_spec spec_of(int64_t products)
{
    return (talus_network_spec){.inputs = INPUTS, .layers = layers, .layer_count = 2, .products = products};
}

static talus_network *network_of(int64_t products)
{
    talus_network *network;
    const talus_network_spec spec = spec_of(products);
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

START_TEST(modes_have_names)
{
    static const char *const names[TALUS_PRODUCTS_COUNT] = {"exact", "bf16_x6", "bf16_x3", "bf16"};
    talus_network_spec spec;
    talus_network_defaults(&spec);
    ck_assert_int_eq(spec.products, TALUS_PRODUCTS_EXACT);
    for (int products = 0; products < TALUS_PRODUCTS_COUNT; products++) {
        ck_assert_str_eq(talus_products_name(products), names[products]);
        ck_assert_int_eq(talus_products_value(names[products]), products);
        expect_ok(context,
                  talus_option_set(context, TALUS_STRUCTURE_NETWORK, &spec, "products", names[products]));
        ck_assert_int_eq(spec.products, products);
        talus_network *network = network_of(products);
        expect_ok(context, talus_network_get_spec(network, &spec));
        ck_assert_int_eq(spec.products, products);
        talus_network_destroy(network);
    }
}
END_TEST

static void refuse(const talus_network_spec *spec, const char *message)
{
    talus_network *network = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, spec, &network));
    expect_message(context, message);
    ck_assert_ptr_null(network);
}

START_TEST(what_does_not_apply_is_refused)
{
    talus_network_spec spec = spec_of(TALUS_PRODUCTS_COUNT);
    refuse(&spec, "network: products must be one of exact, bf16_x6, bf16_x3, bf16; got 4");
    spec.products = -1;
    refuse(&spec, "network: products must be one of exact, bf16_x6, bf16_x3, bf16; got -1");
    spec.products = ((int64_t)1 << 32) + 1;
    refuse(&spec, "network: products must be one of exact, bf16_x6, bf16_x3, bf16; got 4294967297");
    spec.products = TALUS_PRODUCTS_BF16_X3, spec.precision = TALUS_DTYPE_F64;
    refuse(&spec, "network: products must be exact with precision f64, got bf16_x3");
}
END_TEST

START_TEST(levenberg_and_marquardt_want_exact_products)
{
    double *x = random_array(1, SAMPLES * INPUTS), *y = random_array(2, SAMPLES * OUTPUTS);
    const talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                       to = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, OUTPUTS);
    talus_dataset *data = dataset_of(&in, &to);
    talus_network *network = network_of(TALUS_PRODUCTS_BF16_X6);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_levenberg_marquardt(network, data, NULL, NULL, NULL));
    expect_message(context, "levenberg_marquardt: products must be exact, since steps are judged by small "
                            "differences of costs, got bf16_x6");
    talus_network_destroy(network);
    talus_dataset_destroy(data);
    free(x), free(y);
}
END_TEST

/* Files --------------------------------------------------------------------------------------------------- */

/* Puts a text of the same length in the place of one in the file. */
static void replace_in_file(const char *what, const char *by)
{
    static char bytes[1 << 16];
    FILE *file = fopen(path, "r+b");
    const size_t size = fread(bytes, 1, sizeof bytes, file), length = strlen(what);
    size_t at = 0;
    ck_assert_uint_eq(length, strlen(by));
    while (at + length <= size && memcmp(bytes + at, what, length) != 0)
        at++;
    ck_assert_uint_le(at + length, size);
    ck_assert_int_eq(fseek(file, (long)at, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(by, 1, length, file), length);
    fclose(file);
}

static int64_t loaded_products(void)
{
    talus_network *network;
    talus_network_spec spec;
    expect_ok(context, talus_model_load(context, path, &network));
    expect_ok(context, talus_network_get_spec(network, &spec));
    talus_network_destroy(network);
    return spec.products;
}

START_TEST(files_keep_the_mode)
{
    for (int products = 0; products < TALUS_PRODUCTS_COUNT; products++) {
        talus_network *network = network_of(products);
        expect_ok(context, talus_model_save(network, NULL, path));
        ck_assert_int_eq(loaded_products(), products);
        talus_network_destroy(network);
    }
}
END_TEST

/* The text is a string in the header, so its quotes have backslashes. */
START_TEST(older_files_are_exact)
{
    talus_network *network = network_of(TALUS_PRODUCTS_BF16);
    expect_ok(context, talus_model_save(network, NULL, path));
    replace_in_file(",\\\"products\\\":\\\"bf16\\\"", "                      ");
    ck_assert_int_eq(loaded_products(), TALUS_PRODUCTS_EXACT);
    talus_network_destroy(network);
}
END_TEST

START_TEST(hostile_files_are_refused)
{
    talus_network *network = network_of(TALUS_PRODUCTS_BF16_X3), *none = NULL;
    expect_ok(context, talus_model_save(network, NULL, path));
    replace_in_file("bf16_x3", "bf16_x9");
    expect_status(context, TALUS_ERROR_FORMAT, talus_model_load(context, path, &none));
    expect_message(context, "products must be one of exact, bf16_x6, bf16_x3, bf16; got \"bf16_x9\"");
    ck_assert_ptr_null(none);
    expect_ok(context, talus_model_save(network, NULL, path));
    replace_in_file("\\\"precision\\\":\\\"f32\\\"", "\\\"precision\\\":\\\"f64\\\"");
    ck_assert_int_ne(talus_model_load(context, path, &none), TALUS_OK);
    expect_message(context, "products must be exact with precision f64, got bf16_x3");
    ck_assert_ptr_null(none);
    talus_network_destroy(network);
}
END_TEST

/* Plans and memory ---------------------------------------------------------------------------------------- */

START_TEST(the_plan_says_what_multiplies)
{
    static char text[1 << 14];
    for (int set = TALUS_INSTRUCTION_SET_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++) {
        talus_context_options options = counting_options(1, NULL);
        talus_context *other = NULL;
        talus_network *network;
        const talus_network_spec spec = spec_of(TALUS_PRODUCTS_BF16_X3);
        options.instruction_set = set;
        if (!tl_processor_runs(set))
            continue;
        expect_ok(NULL, talus_context_create(&options, &other));
        expect_ok(other, talus_network_create(other, &spec, &network));
        expect_ok(other, talus_plan_describe(other, network, 100, text, sizeof text, NULL));
        ck_assert_ptr_nonnull(strstr(text, "products: bf16_x3, of 2 bf16 pieces of each number, by "));
        ck_assert_ptr_null(strstr(text, "packed"));
        talus_network_destroy(network);
        talus_context_destroy(other);
    }
}
END_TEST

START_TEST(memory_that_is_lacking_is_an_error)
{
    talus_network *network = network_of(TALUS_PRODUCTS_BF16_X6);
    talus_workspace *workspace = NULL;
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY,
                      talus_workspace_create(context, network, SAMPLES, &workspace));
        ck_assert_ptr_null(workspace);
    }
    book.fail_at = 0;
    talus_network_destroy(network);
}
END_TEST

/* 3 pieces of 2 bytes each of 2¹⁷ numbers, as left tiles of W and of Wᵀ; one piece has a third. */
START_TEST(workspaces_hold_the_pieces_of_weights)
{
    const talus_layer wide = {.width = 1 << 9};
    size_t bytes[TALUS_PRODUCTS_COUNT];
    for (int products = 0; products < TALUS_PRODUCTS_COUNT; products++) {
        const talus_network_spec spec = {
            .inputs = 1 << 8, .layers = &wide, .layer_count = 1, .products = products};
        talus_network *network;
        expect_ok(context, talus_network_create(context, &spec, &network));
        book.largest = 0;
        talus_workspace *workspace = workspace_of(network, 1);
        bytes[products] = book.largest;
        talus_workspace_destroy(workspace);
        talus_network_destroy(network);
    }
    ck_assert_uint_ge(bytes[TALUS_PRODUCTS_BF16_X6], bytes[TALUS_PRODUCTS_EXACT] + 2 * 3 * 2 * (1 << 17));
    ck_assert_uint_ge(bytes[TALUS_PRODUCTS_BF16_X6], bytes[TALUS_PRODUCTS_BF16] + 2 * 2 * 2 * (1 << 17));
    ck_assert_uint_lt(bytes[TALUS_PRODUCTS_BF16], bytes[TALUS_PRODUCTS_BF16_X3]);
    ck_assert_uint_lt(bytes[TALUS_PRODUCTS_BF16], bytes[TALUS_PRODUCTS_EXACT] + 2 * 3 * 2 * (1 << 17));
}
END_TEST

START_TEST(a_step_allocates_nothing)
{
    double *x = random_array(1, SAMPLES * INPUTS), *y = random_array(2, SAMPLES * OUTPUTS), cost[20];
    const talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                       to = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, OUTPUTS);
    talus_network *network = network_of(TALUS_PRODUCTS_BF16_X3);
    talus_trainer *trainer;
    expect_ok(context, talus_trainer_create(network, NULL, SAMPLES, &trainer));
    const int64_t calls = book.calls;
    for (int step = 0; step < 20; step++)
        expect_ok(context, talus_trainer_step(trainer, BATCH(in, to), &cost[step]));
    ck_assert_int_eq(book.calls, calls);
    ck_assert_double_lt(cost[19], cost[0]);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    free(x), free(y);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("product_choice");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_test(tests, modes_have_names);
    tcase_add_test(tests, what_does_not_apply_is_refused);
    tcase_add_test(tests, levenberg_and_marquardt_want_exact_products);
    tcase_add_test(tests, files_keep_the_mode);
    tcase_add_test(tests, older_files_are_exact);
    tcase_add_test(tests, hostile_files_are_refused);
    tcase_add_test(tests, the_plan_says_what_multiplies);
    tcase_add_test(tests, memory_that_is_lacking_is_an_error);
    tcase_add_test(tests, workspaces_hold_the_pieces_of_weights);
    tcase_add_test(tests, a_step_allocates_nothing);
    return run_suite(suite);
}
