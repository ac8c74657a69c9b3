/* Bytes as a safetensors file: as a model, as layers that another program has written, and as a checkpoint. */
#include <talus/checkpoint.h>
#include <talus/model.h>

#include "fuzz.h"

static void check_parameters(talus_network *network)
{
    talus_matrix parameters;
    require(talus_network_parameters(network, &parameters) == TALUS_OK);
    require(parameters.cols == talus_network_parameter_count(network));
}

static void load_model(talus_context *context, const char *path)
{
    talus_network *network = NULL;
    size_t length = 0;
    talus_status status = checked(context, talus_model_load(context, path, &network));
    require((status == TALUS_OK) == (network != NULL));
    if (status != TALUS_OK)
        return;
    check_parameters(network);
    require(talus_model_notes(context, path, NULL, 0, &length) == TALUS_OK);
    talus_network_destroy(network);
}

/* Layers with one activation; the first two layer counts are tried, whatever the file has. */
static void load_layers(talus_context *context, const char *path)
{
    for (int count = 1; count <= 2; count++) {
        talus_layer layers[2];
        talus_network *network = NULL;
        for (int l = 0; l < count; l++)
            talus_layer_defaults(&layers[l]);
        talus_network_spec spec = talus_dense_network(0, layers, count, TALUS_SQUARED_ERROR);
        talus_status status = checked(context, talus_model_load_layers(context, path, &spec, &network));
        require((status == TALUS_OK) == (network != NULL));
        talus_network_destroy(network);
    }
}

static void resume(talus_context *context, const char *path)
{
    talus_network *network = NULL;
    talus_trainer *trainer = NULL;
    talus_status status = checked(context, talus_checkpoint_resume(context, path, &network, &trainer, NULL));
    require((status == TALUS_OK) == (network != NULL && trainer != NULL));
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_file file = {.descriptor = -1};
    fuzz_file_write(&file, data, size);
    fuzz_memory memory = {.most = (size_t)1 << 30};
    talus_context_options options = fuzz_options(&memory, 1);
    talus_context *context;
    require(talus_context_create(&options, &context) == TALUS_OK);
    int64_t alive = memory.alive;
    load_model(context, file.path);
    load_layers(context, file.path);
    require(memory.largest <= size + ((size_t)1 << 20));
    resume(context, file.path);
    require(memory.alive == alive);
    talus_context_destroy(context);
    require(memory.alive == 0);
    return 0;
}
