#include "cases/dataset.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 1024

/* The path of a file, which may be compressed. */
static void find_file(const char *directory, const char *name, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%s/%s", directory, name);
    if (access(path, R_OK) != 0)
        snprintf(path, PATH_BYTES, "%s/%s.gz", directory, name);
}

static talus_dataset *read_pair(talus_context *context, const char *directory, const char *inputs,
                                const char *labels)
{
    char inputs_path[PATH_BYTES], labels_path[PATH_BYTES];
    talus_dataset *set = NULL;
    find_file(directory, inputs, inputs_path);
    find_file(directory, labels, labels_path);
    if (talus_dataset_read_idx(context, inputs_path, labels_path, &set))
        fprintf(stderr, "talus-bench: %s\n", talus_error_message(context));
    return set;
}

bool bench_dataset_read(talus_context *context, const char *data, bench_dataset *p)
{
    enum { TEST = 500 };
    *p = (bench_dataset){.name = data};
    if (strcmp(data, "digits") != 0) {
        p->training = read_pair(context, data, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
        if (p->training)
            p->test = read_pair(context, data, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
        return p->test != NULL;
    }
    p->whole = read_pair(context, BENCH_DIGITS, "digits-inputs.idx", "digits-labels.idx");
    int64_t rows = talus_dataset_samples(p->whole);
    if (!p->whole)
        return false;
    if (talus_dataset_slice(p->whole, 0, rows - TEST, &p->training) ||
        talus_dataset_slice(p->whole, rows - TEST, TEST, &p->test))
        fprintf(stderr, "talus-bench: %s\n", talus_error_message(context));
    return p->test != NULL;
}

void bench_dataset_fit(const char *data, bench_setup *setup)
{
    if (!strcmp(data, "digits"))
        setup->shape.d[0] = 64;
}

double bench_dataset_white(const char *data)
{
    return strcmp(data, "digits") ? 255 : 16;
}

bool bench_dataset_scale(const char *data, talus_context *context, talus_network *network)
{
    double scale = 1 / bench_dataset_white(data);
    if (!talus_network_scale_inputs(network, NULL, &scale, 1))
        return true;
    fprintf(stderr, "talus-bench: %s\n", talus_error_message(context));
    return false;
}

void bench_dataset_destroy(bench_dataset *p)
{
    talus_dataset_destroy(p->training);
    talus_dataset_destroy(p->test);
    talus_dataset_destroy(p->whole);
    *p = (bench_dataset){0};
}
