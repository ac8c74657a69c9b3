/* Trains on a real data set and reports as it goes. tools/quickstart runs this.
 *
 *     06-fashion-mnist [fashion-mnist|digits] [directory of the data]
 *
 * fashion-mnist  pictures of clothes, 28 × 28 bytes: 60000 to train on and 10000 to test
 *                (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747; Debian package dataset-fashion-mnist)
 * digits         handwritten digits, 8 × 8 bytes: of the 1797 in examples/data, the last 500 are the test */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talus/talus.h>

#include "progress.h"

static talus_context *context;
static talus_dataset *training, *test, *whole; /* whole: what the other two are parts of, or NULL */

static void must(talus_status status)
{
    if (status != TALUS_OK) {
        fprintf(stderr, "%s\n", talus_error_message(context));
        exit(1);
    }
}

static talus_dataset *read_pictures(const char *directory, const char *inputs, const char *labels)
{
    char inputs_path[4096], labels_path[4096];
    snprintf(inputs_path, sizeof inputs_path, "%s/%s", directory, inputs);
    snprintf(labels_path, sizeof labels_path, "%s/%s", directory, labels);
    talus_dataset *pictures = NULL;
    must(talus_dataset_read_idx(context, inputs_path, labels_path, &pictures));
    return pictures;
}

static void read_fashion_mnist(const char *directory)
{
    training = read_pictures(directory, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz");
    test = read_pictures(directory, "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz");
}

static void read_digits(const char *directory)
{
    whole = read_pictures(directory, "digits-inputs.idx", "digits-labels.idx");
    must(talus_dataset_slice(whole, 0, 1297, &training));
    must(talus_dataset_slice(whole, 1297, 500, &test));
}

/* Adam, with this number of samples a step, for this number of epochs, at this rate. The network reads pixels
 * 0 … white as 0 … 1; in memory they stay bytes. */
static talus_fit_result train(double white, int64_t batch, int64_t epochs, double rate)
{
    long long inputs = talus_dataset_inputs(training);
    talus_layer layers[] = {talus_dense(256, TALUS_RELU), talus_dense(128, TALUS_RELU),
                            talus_dense(10, TALUS_SOFTMAX)};
    talus_network_spec spec = talus_dense_network(inputs, layers, 3, TALUS_CROSS_ENTROPY);
    spec.seed = 1;
    talus_network *network = NULL;
    must(talus_network_create(context, &spec, &network));
    double scale = 1 / white;
    must(talus_network_scale_inputs(network, NULL, &scale, 1));

    talus_optimizer_spec adam;
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    adam.rate = rate;
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = batch;
    options.epochs = epochs;
    options.optimizer = &adam;
    progress_view view;
    progress_attach(&view, &options);
    printf("%lld-256-128-10: training on %lld pictures, testing on %lld others, %d threads\n", inputs,
           (long long)talus_dataset_samples(training), (long long)talus_dataset_samples(test),
           talus_context_threads(context));
    talus_fit_result result;
    must(talus_fit(network, training, test, &options, &result));
    talus_network_destroy(network);
    return result;
}

int main(int argc, char **argv)
{
    const char *data = argc > 1 ? argv[1] : "fashion-mnist";
    int digits = strcmp(data, "digits") == 0;
    if (argc > 3 || (!digits && strcmp(data, "fashion-mnist") != 0)) {
        fprintf(stderr, "usage: %s [fashion-mnist|digits] [directory of the data]\n", argv[0]);
        return 2;
    }
    must(talus_context_create(NULL, &context));
    if (digits)
        read_digits(argc > 2 ? argv[2] : "examples/data");
    else
        read_fashion_mnist(argc > 2 ? argv[2] : "/usr/share/datasets/fashion-mnist");
    talus_fit_result result = digits ? train(16, 16, 20, 0.003) : train(255, 128, 5, 0.0007);

    double accuracy = result.validation_accuracy;
    double samples = (double)(result.epochs * talus_dataset_samples(training));
    printf("\nNext, type   build/examples/01-first    the first of six examples: examples/01-first.c\n"
           "             %s\n\n",
           digits ? "tools/quickstart           the same on 60000 pictures of clothes"
                  : "tools/test                 to run every test of the library");
    printf("data=%s test_accuracy=%.4f epochs=%lld seconds=%.2f samples_per_second=%.0f\n", data, accuracy,
           (long long)result.epochs, result.seconds, samples / result.seconds);

    talus_dataset_destroy(training);
    talus_dataset_destroy(test);
    talus_dataset_destroy(whole);
    talus_context_destroy(context);
    return accuracy >= (digits ? 0.96 : 0.85) ? 0 : 1;
}
