/* Trains on a real data set and reports as it goes. tools/quickstart runs this.
 *
 *     06-fashion-mnist [fashion-mnist|digits|recipe] [directory of the data]
 *
 * fashion-mnist  pictures of clothes, 28 × 28 bytes: 60000 to train on and 10000 to test
 *                (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747; Debian package dataset-fashion-mnist)
 * digits         handwritten digits, 8 × 8 bytes: of the 1797 in examples/data, the last 500 are the test
 * recipe         the clothes again, as well as a dense network learns them in 20 epochs: three trainings from different seeds,
 *                and their mean. It was found on a sixth of the training pictures, held out, never on the test */
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

/* Trains a network on the pictures, 0 … white, which it reads as 0 … 1; in memory they stay bytes. */
static talus_fit_result train(talus_network_spec *spec, double white, talus_fit_options *options)
{
    talus_network *network = NULL;
    spec->inputs = talus_dataset_inputs(training);
    must(talus_network_create(context, spec, &network));
    double scale = 1 / white;
    must(talus_network_scale_inputs(network, NULL, &scale, 1));
    progress_view view;
    progress_attach(&view, options);
    printf("%lld-%lld-%lld-10: training on %lld pictures, testing on %lld others, %d threads\n",
           (long long)spec->inputs, (long long)spec->layers[0].width, (long long)spec->layers[1].width,
           (long long)talus_dataset_samples(training), (long long)talus_dataset_samples(test),
           talus_context_threads(context));
    talus_fit_result result;
    must(talus_fit(network, training, test, options, &result));
    talus_network_destroy(network);
    return result;
}

/* Adam, with this number of samples a step, for this number of epochs, at this rate. */
static talus_fit_result train_quickly(double white, int64_t batch, int64_t epochs, double rate)
{
    talus_layer layers[] = {talus_dense(256, TALUS_RELU), talus_dense(128, TALUS_RELU),
                            talus_dense(10, TALUS_SOFTMAX)};
    talus_network_spec spec = talus_dense_network(1, layers, 3, TALUS_CROSS_ENTROPY);
    spec.seed = 1;
    talus_optimizer_spec adam;
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    adam.rate = rate;
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = batch;
    options.epochs = epochs;
    options.optimizer = &adam;
    return train(&spec, white, &options);
}

/* A wider network that forgets a fifth of its units in each step, smoothed labels, and a rate that rises and falls once. */
static talus_fit_result train_well(int64_t seed)
{
    talus_layer layers[] = {talus_dense(512, TALUS_RELU), talus_dense(256, TALUS_RELU),
                            talus_dense(10, TALUS_SOFTMAX)};
    layers[0].dropout = layers[1].dropout = 0.2;
    talus_network_spec spec = talus_dense_network(1, layers, 3, TALUS_CROSS_ENTROPY);
    spec.seed = seed;
    spec.label_smoothing = 0.05;
    talus_optimizer_spec adam;
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    adam.rate = 0.002;
    talus_schedule one_cycle;
    talus_schedule_defaults(&one_cycle, TALUS_SCHEDULE_ONE_CYCLE);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 20;
    options.seed = seed;
    options.optimizer = &adam;
    options.rate_schedule = &one_cycle;
    return train(&spec, 255, &options);
}

/* The recipe, three times: the sum of all, with their mean accuracy. */
static talus_fit_result train_well_and_again(void)
{
    enum { SEEDS = 3 };
    talus_fit_result all = {.seconds = 0};
    for (int64_t seed = 1; seed <= SEEDS; seed++) {
        talus_fit_result one = train_well(seed);
        printf("seed %lld: test accuracy %.4f\n\n", (long long)seed, one.validation_accuracy);
        all.epochs += one.epochs;
        all.seconds += one.seconds;
        all.validation_accuracy += one.validation_accuracy / SEEDS;
    }
    return all;
}

int main(int argc, char **argv)
{
    const char *data = argc > 1 ? argv[1] : "fashion-mnist";
    int digits = strcmp(data, "digits") == 0, recipe = strcmp(data, "recipe") == 0;
    if (argc > 3 || (!digits && !recipe && strcmp(data, "fashion-mnist") != 0)) {
        fprintf(stderr, "usage: %s [fashion-mnist|digits|recipe] [directory of the data]\n", argv[0]);
        return 2;
    }
    must(talus_context_create(NULL, &context));
    if (digits)
        read_digits(argc > 2 ? argv[2] : "examples/data");
    else
        read_fashion_mnist(argc > 2 ? argv[2] : "/usr/share/datasets/fashion-mnist");
    talus_fit_result result = digits   ? train_quickly(16, 16, 20, 0.003)
                              : recipe ? train_well_and_again()
                                       : train_quickly(255, 128, 5, 0.0007);

    double accuracy = result.validation_accuracy;
    double samples = (double)(result.epochs * talus_dataset_samples(training));
    printf("\nNext, type   build/examples/01-first    the first of ten examples: examples/01-first.c\n"
           "             %s\n\n",
           digits   ? "tools/quickstart           the same on 60000 pictures of clothes"
           : recipe ? "tools/test                 to run every test of the library"
                    : "build/examples/06-fashion-mnist recipe   0.90 of the test pictures in 20 epochs");
    printf("data=%s test_accuracy=%.4f epochs=%lld seconds=%.2f samples_per_second=%.0f\n", data, accuracy,
           (long long)result.epochs, result.seconds, samples / result.seconds);

    talus_dataset_destroy(training);
    talus_dataset_destroy(test);
    talus_dataset_destroy(whole);
    talus_context_destroy(context);
    return accuracy >= (digits ? 0.96 : recipe ? 0.9 : 0.85) ? 0 : 1;
}
