/* Bytes as plan entries: a text and a file are read alike, a bad one changes nothing, and under a good one a network
 * gives the results that it gives under the standard plan. */
#include <math.h>

#include "fuzz.h"

enum { INPUTS = 37, HIDDEN = 50, OUTPUTS = 3, SAMPLES = 70, MOST_TEXT = 4096 };

static talus_network *make_network(talus_context *context)
{
    talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(OUTPUTS, TALUS_SOFTMAX)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_CROSS_ENTROPY);
    talus_network *network;
    spec.precision = TALUS_DTYPE_F64;
    require(talus_network_create(context, &spec, &network) == TALUS_OK);
    return network;
}

/* The description of the plan for so many samples; in any room it is cut, and ends in a 0. */
static char *describe(talus_context *context, const talus_network *network, int64_t samples)
{
    size_t length, again;
    require(talus_plan_describe(context, network, samples, NULL, 0, &length) == TALUS_OK);
    char *text = malloc(length + 1), *cut = malloc(length / 2 + 1);
    require(text != NULL && cut != NULL);
    require(talus_plan_describe(context, network, samples, text, length + 1, &again) == TALUS_OK);
    require(again == length && strlen(text) == length);
    require(talus_plan_describe(context, network, samples, cut, length / 2 + 1, NULL) == TALUS_OK);
    require(strlen(cut) == length / 2 && memcmp(cut, text, length / 2) == 0);
    free(cut);
    return text;
}

/* The gradient of a batch; false if the plan's tiles ask for more memory than there is. */
static bool gradient(talus_context *context, const talus_network *network, double *gradient)
{
    double x[SAMPLES * INPUTS];
    int32_t labels[SAMPLES];
    for (int i = 0; i < SAMPLES * INPUTS; i++)
        x[i] = (double)(i * 37 % 101) / 101 - 0.5;
    for (int i = 0; i < SAMPLES; i++)
        labels[i] = i % OUTPUTS;
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                 targets = talus_matrix_view(labels, TALUS_DTYPE_I32, SAMPLES, 1),
                 out = talus_matrix_view(gradient, TALUS_DTYPE_F64, 1,
                                         talus_network_parameter_count(network));
    talus_workspace *workspace;
    talus_status status = checked(context, talus_workspace_create(context, network, SAMPLES, &workspace));
    if (status != TALUS_OK) {
        require(status == TALUS_ERROR_MEMORY);
        return false;
    }
    talus_batch batch = talus_batch_of(inputs, targets);
    require(talus_gradient(network, workspace, &batch, NULL, &out) == TALUS_OK);
    talus_workspace_destroy(workspace);
    return true;
}

static void same_results(talus_context *context, const talus_network *network, const double *standard)
{
    enum { PARAMETERS = HIDDEN * (INPUTS + 1) + OUTPUTS * (HIDDEN + 1) };
    double found[PARAMETERS];
    if (!gradient(context, network, found))
        return;
    for (int i = 0; i < PARAMETERS; i++)
        require(fabs(found[i] - standard[i]) <= 1e-12);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_file file = {.descriptor = -1};
    fuzz_memory memory = {.most = (size_t)1 << 28};
    fuzz_bytes bytes = {data, data + size};
    talus_context_options options = fuzz_options(&memory, (int)draw(&bytes, 1, 3));
    if (one_in(&bytes, 4))
        options.instruction_set = TALUS_INSTRUCTION_SET_BASELINE;
    size_t length = (size_t)(bytes.end - bytes.next);
    if (length > MOST_TEXT)
        return 0;
    char text[MOST_TEXT + 1] = {0};
    memcpy(text, bytes.next, length);
    fuzz_file_write(&file, text, length);

    talus_context *context;
    require(talus_context_create(&options, &context) == TALUS_OK);
    talus_network *network = make_network(context);
    double standard[HIDDEN * (INPUTS + 1) + OUTPUTS * (HIDDEN + 1)];
    char *before = describe(context, network, SAMPLES);
    require(gradient(context, network, standard));

    talus_status loaded = checked(context, talus_context_load_plan(context, file.path));
    char *after = describe(context, network, SAMPLES);
    if (strlen(text) == length && memcmp(text, "\x1f\x8b", 2) != 0)
        require(checked(context, talus_context_set_plan(context, text)) == loaded);
    if (loaded == TALUS_OK)
        same_results(context, network, standard);
    else
        require(strcmp(before, after) == 0);
    free(before), free(after);
    free(describe(context, network, 1));
    talus_network_destroy(network);
    talus_context_destroy(context);
    require(memory.alive == 0);
    return 0;
}
