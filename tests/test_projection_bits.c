/* Projections that are fitted by several threads and to streams: the same bits. */
#include <float.h>

#include "projection_support.h"

typedef struct stream_source {
    const double *values;
    int64_t cols, reads;
} stream_source;

static int read_rows(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    stream_source *from = user;
    (void)targets;
    for (int64_t i = 0; i < count; i++)
        memcpy((double *)inputs + i * from->cols, from->values + rows[i] * from->cols,
               (size_t)from->cols * sizeof(double));
    from->reads++;
    return 0;
}

/* Contexts of 1, 2 and 3 threads, and streams. */
START_TEST(bits_do_not_depend_on_threads_or_streams)
{
    double *x = mixed(N, P), first[P * P];
    for (int run = 0; run < 4; run++) {
        stream_source from = {x, P, 0};
        talus_stream stream = {
            .samples = N, .inputs = P, .input_dtype = TALUS_DTYPE_F64, .read = read_rows, .user = &from};
        talus_matrix view = talus_matrix_view(x, TALUS_DTYPE_F64, N, P);
        talus_context *own = context_with(run == 3 ? 2 : run + 1, NULL);
        talus_dataset *data;
        talus_network *network;
        talus_layer layer = {.width = 1};
        talus_network_spec spec = {.inputs = P, .layers = &layer, .layer_count = 1};
        const double *matrix;
        expect_ok(own, run == 3 ? talus_dataset_from_stream(own, &stream, &data)
                                : talus_dataset_from_matrices(own, &view, NULL, &data));
        expect_ok(own, talus_network_create(own, &spec, &network));
        expect_ok(own, talus_network_fit_projection(network, data, TALUS_SCALING_RANGE,
                                                    TALUS_PROJECTION_ZCA_WHITENING, 0, 1e-3));
        expect_ok(own, talus_network_projection(network, NULL, &matrix, NULL));
        if (run == 0)
            memcpy(first, matrix, sizeof first);
        same_bytes(first, matrix, sizeof first);
        if (run == 3)
            ck_assert_int_eq(from.reads,
                             (1 + 2) * 4); /* a range; means and products: of 4 batches */
        talus_network_destroy(network);
        talus_dataset_destroy(data);
        talus_context_destroy(own);
    }
    free(x);
}
END_TEST

/* Columns that are several tasks of a covariance, of its sums and of quartiles: Tᵀ·diag(λ)·T is the covariance, and the bits are those
 * of one thread. */
START_TEST(wide_covariances_are_shared_by_threads)
{
    enum { WIDE = 300, ROWS = 700 };
    double *x = mixed(ROWS, WIDE), *first = NULL;
    for (int threads = 1; threads <= 4; threads++) {
        talus_context *own = context_with(threads, NULL);
        talus_matrix view = talus_matrix_view(x, TALUS_DTYPE_F64, ROWS, WIDE);
        talus_dataset *data;
        talus_layer layer = {.width = 1};
        talus_network_spec spec = {.inputs = WIDE, .layers = &layer, .layer_count = 1};
        talus_network *network;
        const double *t, *variances, *shift, *scale;
        const size_t bytes = (size_t)WIDE * WIDE * sizeof *t;
        expect_ok(own, talus_dataset_from_matrices(own, &view, NULL, &data));
        expect_ok(own, talus_network_create(own, &spec, &network));
        expect_ok(own, talus_network_fit_projection(network, data, TALUS_SCALING_ROBUST, TALUS_PROJECTION_PCA,
                                                    0, 0));
        expect_ok(own, talus_network_projection(network, NULL, &t, NULL));
        expect_ok(own, talus_network_projection_variances(network, NULL, &variances, NULL));
        expect_ok(own, talus_network_input_scaling(network, NULL, &shift, &scale));
        if (threads == 1)
            first = memcpy(malloc(bytes), t, bytes);
        same_bytes(first, t, bytes);
        for (int64_t i = 0; i < WIDE && threads == 1; i += 43)
            for (int64_t j = 0; j < WIDE; j += 37) {
                double product = 0;
                for (int64_t k = 0; k < WIDE; k++)
                    product += variances[k] * t[k * WIDE + i] * t[k * WIDE + j];
                const double wanted = covariance(x, ROWS, WIDE, i, j) * scale[i] * scale[j];
                ck_assert_double_le(fabs(product - wanted), 4 * WIDE * DBL_EPSILON * variances[0]);
            }
        talus_network_destroy(network);
        talus_dataset_destroy(data);
        talus_context_destroy(own);
    }
    free(x), free(first);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bits of projections");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, bits_do_not_depend_on_threads_or_streams);
    tcase_add_test(tests, wide_covariances_are_shared_by_threads);
    return run_suite(suite);
}
