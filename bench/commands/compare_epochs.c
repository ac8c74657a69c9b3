/* talus-bench compare --epoch: shuffling, training and validation of an epoch over a data set. */
#include <math.h>
#include <stdlib.h>

#include "cases/dataset.h"
#include "commands/compare.h"
#include "measure/numbers.h"
#include "peers/directory.h"
#include "trial/comparison.h"
#include "verify/against_naive.h"

/* Both reach about the same accuracy after equally many epochs, or they do not do the same. */
#define ACCURACY_APART 0.04

typedef struct runner {
    talus_context *context;
    talus_network *network;
    bench_dataset dataset;
    talus_fit_options options;
    talus_optimizer_spec optimizer; /* that they point to */
    double accuracy;
} runner;

static double measure_fit(void *context, int64_t repetitions)
{
    runner *r = context;
    talus_fit_result result;
    r->options.epochs = repetitions;
    r->options.seed++;
    double start = bench_now();
    if (talus_fit(r->network, r->dataset.training, r->dataset.test, &r->options, &result))
        return -1;
    r->accuracy = result.validation_accuracy;
    return bench_now() - start;
}

/* The inputs of a data set as the peer gets them: scaled numbers of the precision; and its labels. */
static bool write_set(const talus_dataset *set, double white, int precision, const char *directory,
                      const char *inputs_name, const char *labels_name)
{
    talus_matrix inputs, labels;
    talus_dataset_matrices(set, &inputs, &labels);
    int64_t count = inputs.rows * inputs.cols;
    size_t bytes = (size_t)count * bench_number_bytes(precision);
    const uint8_t *from = inputs.data;
    void *numbers = inputs.dtype == TALUS_DTYPE_U8 ? malloc(bytes) : NULL;
    for (int64_t i = 0; i < count && numbers; i++)
        bench_number_set(numbers, precision, i, from[i] / white);
    bool good = numbers && bench_file_write(directory, inputs_name, numbers, bytes) &&
                bench_file_write(directory, labels_name, labels.data, (size_t)labels.rows * sizeof(int32_t));
    free(numbers);
    return good;
}

static bool write_files(const runner *r, const bench_setup *setup, const char *directory)
{
    double white = bench_dataset_white(r->dataset.name);
    talus_matrix theta;
    talus_network_parameters(r->network, &theta);
    return bench_file_write(directory, "parameters.bin", theta.data,
                            (size_t)theta.cols * bench_number_bytes(setup->precision)) &&
           write_set(r->dataset.training, white, setup->precision, directory, "train-inputs.bin",
                     "train-labels.bin") &&
           write_set(r->dataset.test, white, setup->precision, directory, "test-inputs.bin",
                     "test-labels.bin") &&
           write_set(r->dataset.test, white, setup->precision, directory, "inputs.bin", "targets.bin");
}

static bool open_runner(runner *r, bench_setup *setup, bench_peer *peer, const char *directory,
                        const bench_options *options)
{
    if (!bench_setup_network(setup, &r->context, &r->network) ||
        !bench_dataset_scale(options->data, r->context, r->network) ||
        !bench_dataset_read(r->context, options->data, &r->dataset) || !write_files(r, setup, directory))
        return false;
    talus_fit_options_defaults(&r->options);
    talus_optimizer_defaults(&r->optimizer, setup->method);
    r->options.optimizer = &r->optimizer;
    r->options.batch = setup->n;
    return bench_peer_case(peer, setup, &r->optimizer, directory, false) == BENCH_TAKEN;
}

static bool measure(runner *r, const bench_setup *setup, bench_peer *peer, const bench_options *options,
                    bench_report *report)
{
    int rounds = options->rounds;
    double *memory = calloc(2 * (size_t)rounds, sizeof *memory);
    const double *const samples[] = {memory, memory + rounds};
    const bench_case cases[] = {
        {.measure = measure_fit, .context = r, .samples = memory},
        {.measure = bench_peer_epochs,
         .context = peer,
         .usage = bench_peer_usage,
         .samples = memory ? memory + rounds : NULL},
    };
    bench_timing timings[2];
    bool good = memory && bench_rounds(cases, 2, rounds, options->seed, timings);
    double apart = fabs(r->accuracy - peer->accuracy);
    if (good && !(apart <= ACCURACY_APART)) {
        fprintf(stderr, "talus-bench: accuracies of %g and %g do not agree\n", r->accuracy, peer->accuracy);
        good = false;
    }
    if (good) {
        double count = (double)talus_dataset_samples(r->dataset.training);
        bench_report_comparison(report, setup, peer, timings, samples, apart);
        bench_report_text(report, "data", NULL, 0, r->dataset.name);
        bench_report_number(report, "talus_accuracy", "talus acc", 9, 4, r->accuracy);
        bench_report_number(report, "peer_accuracy", "peer acc", 8, 4, peer->accuracy);
        bench_report_number(report, "talus_samples_per_second", NULL, 0, 0,
                            count / timings[0].seconds.median);
        bench_report_number(report, "peer_samples_per_second", NULL, 0, 0, count / timings[1].seconds.median);
        bench_report_end(report);
    }
    free(memory);
    return good;
}

static bool run_setup(bench_setup setup, bench_peer *peer, const char *directory,
                      const bench_options *options, bench_report *report)
{
    runner r = {0};
    double error;
    bench_dataset_fit(options->data, &setup);
    bool good = bench_verify(&setup, &error) && open_runner(&r, &setup, peer, directory, options) &&
                measure(&r, &setup, peer, options, report);
    bench_dataset_destroy(&r.dataset);
    talus_network_destroy(r.network);
    talus_context_destroy(r.context);
    return good;
}

bool bench_compare_epochs(bench_peer *peer, const char *directory, const bench_options *given,
                          bench_report *report)
{
    bench_options options = *given;
    bool good = true;
    options.net_count = options.net_count ? options.net_count : 1; /* without --net the usual one */
    for (int i = 0; i < bench_setup_count(&options) && good; i++)
        good = run_setup(bench_setup_at(&options, i), peer, directory, &options, report);
    return good;
}
