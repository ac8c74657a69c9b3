/* Bytes as a file of NumPy. The first says whether they are an array, an array that we pack with gzip, or an archive. */
#include <math.h>
#include <talus/array.h>

#include "fuzz.h"

enum { PLAIN, PACKED, ARCHIVE, WAYS };

static talus_status read_array(talus_context *context, const char *path, int way, talus_array **array)
{
    return checked(context, way == ARCHIVE ? talus_array_read_npz(context, path, "x", array)
                                           : talus_array_read_npy(context, path, array));
}

static talus_status read_pair(talus_context *context, const char *path, int way, talus_dataset **dataset)
{
    return checked(context, way == ARCHIVE ? talus_dataset_read_npz(context, path, NULL, "x", dataset)
                                           : talus_dataset_read_npy(context, path, path, dataset));
}

/* What an array is read as can be made a data set, or is refused for its values alone. */
static void use(talus_context *context, const char *path, int way)
{
    talus_array *array = NULL;
    talus_dataset *dataset = NULL;
    talus_matrix matrix, inputs, targets;
    talus_status status = read_array(context, path, way, &array);
    talus_status as_dataset = read_pair(context, path, way, &dataset);
    require((status == TALUS_OK) == (array != NULL) && (as_dataset == TALUS_OK) == (dataset != NULL));
    require(status == as_dataset || as_dataset == TALUS_ERROR_DATA || status == TALUS_ERROR_DATA);
    if (status == TALUS_OK) {
        require(talus_array_matrix(array, &matrix) == TALUS_OK);
        require(matrix.rows >= 1 && matrix.cols >= 1 && matrix.stride == matrix.cols);
        talus_array_destroy(array);
    }
    if (as_dataset == TALUS_OK) {
        require(talus_dataset_matrices(dataset, &inputs, &targets) == TALUS_OK);
        require(inputs.rows == targets.rows && inputs.cols == targets.cols);
        talus_dataset *again = NULL;
        require(talus_dataset_from_matrices(context, &inputs, &targets, &again) == TALUS_OK);
        talus_dataset_destroy(again);
        talus_dataset_destroy(dataset);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_file file = {.descriptor = -1};
    fuzz_bytes bytes = {data, data + size};
    int way = (int)draw(&bytes, PLAIN, WAYS - 1);
    size_t stored = fuzz_file_write_packed(&file, bytes.next, (size_t)(bytes.end - bytes.next),
                                           way == PACKED);
    fuzz_memory memory = {.most = (size_t)1 << 30};
    talus_context_options options = fuzz_options(&memory, 1);
    talus_context *context;
    require(talus_context_create(&options, &context) == TALUS_OK);
    int64_t alive = memory.alive;
    use(context, file.path, way);
    /* Memory is taken for what is there: gzip unpacks a byte to at most 1032, of which each may become four; the rest is what
     * unpacking itself needs. */
    require(memory.largest <= stored * (way == PLAIN ? 4 : 4 * 1032) + 200000);
    require(memory.alive == alive);
    talus_context_destroy(context);
    require(memory.alive == 0);
    return 0;
}
