/* Normalisation over the batch, folded into the layer before it. */
#include "problem.h"

static talus_context *context;

static void begin(void)
{
    context = context_with(1, NULL);
}

static void end(void)
{
    talus_context_destroy(context);
}

/* Four layers, the second and the last normalised over the batch with statistics and parameters away from their first values,
 * the third over its units; both sides scaled. */
static talus_network *network_to_fold(talus_context *of, int precision)
{
    talus_layer layers[4] = {
        {.width = 9, .activation = TALUS_TANH},
        {.width = 17, .activation = TALUS_SOFTPLUS, .normalization = TALUS_NORMALIZATION_BATCH},
        {.width = 6, .activation = TALUS_TANH, .normalization = TALUS_NORMALIZATION_LAYER},
        {.width = 3, .normalization = TALUS_NORMALIZATION_BATCH, .normalization_epsilon = 0.01}};
    talus_network_spec spec = talus_dense_network(5, layers, 4, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    talus_matrix all, means, variances;
    number_stream numbers = numbers_from(31);
    const double shift = 0.5, scale = 2;
    spec.precision = precision;
    expect_ok(of, talus_network_create(of, &spec, &network));
    expect_ok(of, talus_network_scale_inputs(network, &shift, &scale, 1));
    expect_ok(of, talus_network_scale_targets(network, &shift, &scale, 1));
    expect_ok(of, talus_network_parameters(network, &all));
    for (int64_t i = 0; i < all.cols; i++) {
        double more = next_number(&numbers) / 4;
        if (precision == TALUS_DTYPE_F64)
            ((double *)all.data)[i] += more;
        else
            ((float *)all.data)[i] += (float)more;
    }
    for (int l = 2; l <= 4; l += 2) {
        expect_ok(of, talus_network_statistics(network, l, &means, &variances));
        for (int64_t k = 0; k < means.cols; k++) {
            ((double *)means.data)[k] = next_number(&numbers);
            ((double *)variances.data)[k] = 0.3 + fabs(next_number(&numbers));
        }
    }
    return network;
}

static void predict_with(const talus_network *network, const double *x, int64_t n, double *a)
{
    talus_workspace *workspace = NULL;
    talus_matrix in = f64_view(x, n, 5), out = f64_view(a, n, 3);
    expect_ok(context, talus_workspace_create(context, network, n, &workspace));
    expect_ok(context, talus_predict(network, workspace, &in, &out));
    talus_workspace_destroy(workspace);
}

START_TEST(a_folded_network_predicts_the_same)
{
    enum { N = 70 };
    double *x = random_array(3, N * 5), before[N * 3], after[N * 3];
    talus_network *network = network_to_fold(context, _i), *folded = NULL;
    talus_layer said;
    talus_matrix view;
    expect_ok(context, talus_network_fold_normalization(network, &folded));
    predict_with(network, x, N, before);
    predict_with(folded, x, N, after);
    double epsilon = _i == TALUS_DTYPE_F64 ? EPSILON_64 : EPSILON_32;
    ck_assert_double_le(largest_difference(before, after, N * 3),
                        C_PRODUCTS * epsilon * 17 * largest(before, N * 3));
    for (int l = 2; l <= 4; l += 2) {
        expect_ok(context, talus_network_get_layer(folded, l, &said));
        ck_assert(said.normalization == TALUS_NORMALIZATION_NONE && said.without_biases == 0);
        expect_ok(context, talus_network_biases(folded, NULL, l, &view));
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_statistics(folded, l, &view, NULL));
        expect_status(context, TALUS_ERROR_ARGUMENT,
                      talus_network_part(folded, NULL, l, TALUS_PART_NORM_SCALES, &view));
    }
    expect_ok(context, talus_network_get_layer(folded, 3, &said));
    ck_assert_int_eq(said.normalization, TALUS_NORMALIZATION_LAYER);
    talus_network *again = NULL; /* nothing is left that could be folded */
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fold_normalization(folded, &again));
    expect_message(context,
                   "layer 3 is normalised over its units, which depends on each sample and cannot be folded");
    expect_ok(context, talus_network_initialize(folded, 4));
    talus_network_destroy(network);
    talus_network_destroy(folded);
    free(x);
}
END_TEST

START_TEST(what_cannot_be_folded_is_refused)
{
    talus_layer layer = {.width = 3};
    talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *network = NULL, *folded = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fold_normalization(NULL, &folded));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fold_normalization(network, NULL));
    expect_message(context, "fold_normalization: folded must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fold_normalization(network, &folded));
    expect_message(context, "a layer must be normalised over the batch, but none is normalised");
    ck_assert_ptr_null(folded);
    talus_network_destroy(network);
}
END_TEST

START_TEST(no_memory_for_folding)
{
    counting_allocator failing = {0};
    talus_context *scarce = context_with(1, &failing);
    talus_network *network = network_to_fold(scarce, TALUS_DTYPE_F32), *folded = NULL;
    int64_t before = failing.alive;
    for (int n = 1; n <= 4; n++) { /* the network, its parameters, both scalings */
        refuse_from_now(&failing, n);
        expect_status(scarce, TALUS_ERROR_MEMORY, talus_network_fold_normalization(network, &folded));
        ck_assert_int_eq(failing.alive, before);
    }
    failing.fail_at = 0;
    talus_network_destroy(network);
    talus_context_destroy(scarce);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("folding");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_loop_test(tests, a_folded_network_predicts_the_same, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_test(tests, what_cannot_be_folded_is_refused);
    tcase_add_test(tests, no_memory_for_folding);
    return run_suite(suite);
}
