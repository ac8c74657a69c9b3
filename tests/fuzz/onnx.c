/* Bytes as ONNX files: an error in a sentence, or a network, which is exported and imported again. */
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_file file = {.descriptor = -1};
    static char path[64];
    fuzz_memory memory = {.most = (size_t)1 << 28};
    talus_context_options options = fuzz_options(&memory, 1);
    talus_context *context;
    talus_network *network = NULL, *again = NULL;
    fuzz_file_write(&file, data, size);
    (void)snprintf(path, sizeof path, "/tmp/talus-fuzz-%ld.onnx", (long)getpid());
    require(talus_context_create(&options, &context) == TALUS_OK);
    const int64_t alive = memory.alive;
    talus_status status = checked(context, talus_model_import_onnx(context, file.path, &network));
    require((status == TALUS_OK) == (network != NULL));
    /* No file gets more memory than it has paid for: a number becomes at most a double, of a part of a layer that has 7 of
     * them a unit, and 1 MiB stands for what is known of nodes. */
    require(memory.largest <= size * 7 * sizeof(double) + ((size_t)1 << 20));
    if (status == TALUS_OK && checked(context, talus_model_export_onnx(network, path)) == TALUS_OK) {
        require(checked(context, talus_model_import_onnx(context, path, &again)) == TALUS_OK);
        require(talus_network_layer_count(network) == talus_network_layer_count(again));
        (void)unlink(path);
    }
    talus_network_destroy(again);
    talus_network_destroy(network);
    require(memory.alive == alive);
    talus_context_destroy(context);
    require(memory.alive == 0);
    return 0;
}
