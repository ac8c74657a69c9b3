#include <stdio.h>
#include <talus/talus.h>

int main(void)
{
    talus_context *ctx = NULL;
    talus_dataset *all = NULL, *train = NULL, *test = NULL;
    talus_network *net = NULL;
    talus_layer layers[] = {talus_dense(256, TALUS_RELU), talus_dense(64, TALUS_RELU),
                            talus_dense(10, TALUS_SOFTMAX)};
    talus_network_spec spec = talus_dense_network(64, layers, 3, TALUS_CROSS_ENTROPY);
    talus_fit_result fit; /* the options below, NULL, are: Adam, batches of 128, 10 epochs */
    int failed = talus_context_create(NULL, &ctx) ||
                 talus_dataset_read_idx(ctx, "examples/data/digits-inputs.idx",
                                        "examples/data/digits-labels.idx", &all) ||
                 talus_dataset_slice(all, 0, 1297, &train) || talus_dataset_slice(all, 1297, 500, &test) ||
                 talus_network_create(ctx, &spec, &net) || talus_fit(net, train, test, NULL, &fit);
    if (failed)
        fprintf(stderr, "%s\n", talus_error_message(ctx));
    else
        printf("%.1f %% of 500 new digits are read right\n", 100 * fit.validation_accuracy);
    talus_network_destroy(net), talus_dataset_destroy(test), talus_dataset_destroy(train);
    talus_dataset_destroy(all), talus_context_destroy(ctx);
    return failed || fit.validation_accuracy < 0.9;
}
