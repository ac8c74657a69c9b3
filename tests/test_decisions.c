/* Accuracy: the fraction of right decisions, worked by hand. The networks copy their inputs to the last layer's Z. */
#include "support.h"

enum { SAMPLES = 4 };

/* A network of one layer with W = I and b = 0. */
static talus_network *make_network(talus_context *context, int64_t width, int activation, int loss)
{
    talus_layer layer = talus_dense(width, activation);
    talus_network_spec spec = talus_dense_network(width, &layer, 1, loss);
    talus_network *network;
    talus_matrix weights;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 1, &weights));
    for (int64_t i = 0; i < width * width; i++)
        ((float *)weights.data)[i] = i % (width + 1) == 0;
    return network;
}

static double accuracy(int64_t width, int activation, int loss, const float *z, const talus_matrix *targets)
{
    talus_context *context = context_with(1, NULL);
    talus_network *network = make_network(context, width, activation, loss);
    talus_matrix inputs = talus_matrix_view(z, TALUS_DTYPE_F32, SAMPLES, width);
    talus_workspace *workspace;
    talus_dataset *dataset;
    talus_metrics metrics;
    expect_ok(context, talus_workspace_create(context, network, 3, &workspace)); /* in two batches */
    expect_ok(context, talus_dataset_from_matrices(context, &inputs, targets, &dataset));
    expect_ok(context, talus_evaluate(network, workspace, dataset, &metrics));
    ck_assert_int_eq(metrics.samples, SAMPLES);
    talus_dataset_destroy(dataset);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_context_destroy(context);
    return metrics.accuracy;
}

/* Each output decides for itself: on which side of ½ it is, so on which side of 0 z is. */
START_TEST(binary_cross_entropy_counts_outputs)
{
    static const float z[] = {-1, 2, 3, 1, -2, -1, 1, -3};
    static const float y[] = {0, 1, 0.25f, 0.75f, 1, 0.125f, 1, 1}; /* right: 1 1, 0 1, 0 1, 1 0 */
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_F32, SAMPLES, 2);
    ck_assert(accuracy(2, TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY, z, &targets) == 5.0 / 8);
}
END_TEST

START_TEST(binary_cross_entropy_takes_labels)
{
    static const float z[] = {-1, 2, 3, 1};
    static const int32_t y[] = {0, 1, 0, 0};
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_I32, SAMPLES, 1);
    ck_assert(accuracy(1, TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY, z, &targets) == 2.0 / 4);
}
END_TEST

/* A sample decides for its largest output. */
START_TEST(cross_entropy_counts_samples)
{
    static const float z[] = {0, 1, 2, 5, 1, 0, -1, -2, -3, 0, 3, 1};
    static const float y[] = {0.2f, 0.2f, 0.6f, 0, 1, 0, 1, 0, 0, 0.3f, 0.4f, 0.3f}; /* right: 1 0 1 1 */
    static const int32_t labels[] = {2, 1, 0, 2};                                    /* right: 1 0 1 0 */
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_F32, SAMPLES, 3);
    ck_assert(accuracy(3, TALUS_SOFTMAX, TALUS_CROSS_ENTROPY, z, &targets) == 3.0 / 4);
    targets = talus_matrix_view(labels, TALUS_DTYPE_I32, SAMPLES, 1);
    ck_assert(accuracy(3, TALUS_SOFTMAX, TALUS_CROSS_ENTROPY, z, &targets) == 2.0 / 4);
}
END_TEST

START_TEST(squared_error_decides_nothing)
{
    static const float z[] = {0, 1, 2, 3};
    talus_matrix targets = talus_matrix_view(z, TALUS_DTYPE_F32, SAMPLES, 1);
    ck_assert(isnan(accuracy(1, TALUS_IDENTITY, TALUS_SQUARED_ERROR, z, &targets)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decisions");
    add_case(suite, "accuracy", binary_cross_entropy_counts_outputs, binary_cross_entropy_takes_labels,
             cross_entropy_counts_samples, squared_error_decides_nothing);
    return run_suite(suite);
}
