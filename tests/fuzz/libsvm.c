/* Bytes as text in the LIBSVM format. The first says whether labels are classes, the second how many features there are. */
#include <math.h>

#include "fuzz.h"

/* Every input is finite, and every label one. */
static void read_all(const talus_dataset *dataset)
{
    talus_matrix x, y;
    require(talus_dataset_matrices(dataset, &x, &y) == TALUS_OK);
    require(x.rows == y.rows && x.dtype == TALUS_DTYPE_F32 && y.cols == 1);
    for (int64_t i = 0; i < x.rows; i++) {
        for (int64_t j = 0; j < x.cols; j++)
            require(isfinite(((const float *)x.data)[i * x.cols + j]));
        require(y.dtype == TALUS_DTYPE_I32 ? ((const int32_t *)y.data)[i] >= 0
                                           : isfinite(((const double *)y.data)[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_file file = {.descriptor = -1};
    fuzz_bytes bytes = {data, data + size};
    int classes = (int)draw(&bytes, 0, 1);
    int64_t features = draw(&bytes, 0, 255);
    size_t count = (size_t)(bytes.end - bytes.next);
    fuzz_file_write(&file, bytes.next, count);
    fuzz_memory memory = {.most = (size_t)1 << 30};
    talus_context_options options = fuzz_options(&memory, 1);
    talus_context *context;
    talus_dataset *dataset = NULL;
    require(talus_context_create(&options, &context) == TALUS_OK);
    int64_t alive = memory.alive;
    if (checked(context, talus_dataset_read_libsvm(context, file.path, features, classes, 0, &dataset)) ==
        TALUS_OK)
        read_all(dataset);
    else
        require(dataset == NULL);
    /* What it may take by default, times what gzip unpacks to; the rest is what reading itself needs. */
    bool packed = count > 1 && data[size - count] == 0x1f;
    require(memory.largest <= count * (packed ? 1032 : 1) * 64 + ((size_t)1 << 20) + 200000);
    talus_dataset_destroy(dataset);
    require(memory.alive == alive);
    talus_context_destroy(context);
    require(memory.alive == 0);
    return 0;
}
