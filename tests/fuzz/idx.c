/* Bytes as IDX files, plain or packed. The first says what the rest is: with labels or without, packed by us or as it
 * stands; the next two where the labels begin. */
#include <math.h>

#include "fuzz.h"

enum { WITH_LABELS = 1, PACK_INPUTS = 2, PACK_LABELS = 4 };

static double value_at(const talus_matrix *matrix, int64_t row, int64_t col)
{
    int64_t i = row * matrix->stride + col;
    switch (matrix->dtype) {
    case TALUS_DTYPE_F32:
        return (double)((const float *)matrix->data)[i];
    case TALUS_DTYPE_F64:
        return ((const double *)matrix->data)[i];
    case TALUS_DTYPE_U8:
        return ((const uint8_t *)matrix->data)[i];
    default:
        require(matrix->dtype == TALUS_DTYPE_I32);
        return ((const int32_t *)matrix->data)[i];
    }
}

/* Every value can be read, is finite, and a label is at least 0. */
static void read_all(const talus_dataset *dataset, bool with_labels)
{
    int64_t samples = talus_dataset_samples(dataset);
    talus_matrix inputs, targets;
    require(talus_dataset_matrices(dataset, &inputs, &targets) == TALUS_OK);
    require(inputs.rows == samples && inputs.cols == talus_dataset_inputs(dataset));
    require((targets.data != NULL) == with_labels && talus_dataset_targets(dataset) == with_labels);
    for (int64_t i = 0; i < samples; i++) {
        int64_t row = talus_dataset_row(dataset, i);
        for (int64_t j = 0; j < inputs.cols; j++)
            require(isfinite(value_at(&inputs, row, j)));
        require(!with_labels || value_at(&targets, row, 0) >= 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_file inputs = {.descriptor = -1}, labels = {.descriptor = -1};
    fuzz_bytes bytes = {data, data + size};
    int how = (int)draw(&bytes, 0, 7);
    int64_t count = draw(&bytes, 0, 65535), left = bytes.end - bytes.next;
    count = (how & WITH_LABELS) == 0 || count > left ? left : count;
    size_t stored = fuzz_file_write_packed(&inputs, bytes.next, (size_t)count, how & PACK_INPUTS) +
                    fuzz_file_write_packed(&labels, bytes.next + count, (size_t)(left - count),
                                           how & PACK_LABELS);

    fuzz_memory memory = {.most = (size_t)1 << 30};
    talus_context_options options = fuzz_options(&memory, 1);
    talus_context *context;
    talus_dataset *dataset = NULL;
    require(talus_context_create(&options, &context) == TALUS_OK);
    int64_t alive = memory.alive;
    if (checked(context, talus_dataset_read_idx(context, inputs.path, how & WITH_LABELS ? labels.path : NULL,
                                                &dataset)) == TALUS_OK)
        read_all(dataset, how & WITH_LABELS);
    else
        require(dataset == NULL);
    /* No file gets more memory than it has paid for: gzip unpacks a byte to at most 1032, and a byte may become a
     * float; the rest is what unpacking itself needs. */
    require(memory.largest <= stored * 1032 * sizeof(double) + 200000);
    talus_dataset_destroy(dataset);
    require(memory.alive == alive);
    talus_context_destroy(context);
    require(memory.alive == 0);
    return 0;
}
