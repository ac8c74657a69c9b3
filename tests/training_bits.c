#include "training_bits.h"

enum { INPUTS = 450, CLASSES = 10, BATCH = 130, SHORT_BATCH = 37 };

static uint64_t hash_bytes(const void *data, size_t count)
{
    const unsigned char *bytes = data;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static talus_context *run_context(const training_run *run)
{
    talus_context_options options = counting_options(run->threads, NULL);
    options.instruction_set = run->instruction_set;
    talus_context *context = NULL;
    expect_ok(NULL, talus_context_create(&options, &context));
    if (run->plan != NULL)
        expect_ok(context, talus_context_set_plan(context, run->plan));
    return context;
}

static talus_network *run_network(talus_context *context, int precision)
{
    talus_layer layers[] = {{.width = 100, .activation = TALUS_TANH},
                            {.width = 37, .activation = TALUS_RELU},
                            {.width = CLASSES, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {.inputs = INPUTS,
                               .layers = layers,
                               .layer_count = 3,
                               .loss = TALUS_CROSS_ENTROPY,
                               .precision = precision,
                               .seed = 21};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

uint64_t training_bits(const training_run *run)
{
    talus_context *context = run_context(run);
    talus_network *network = run_network(context, run->precision);
    double *x = random_array(3, BATCH * INPUTS);
    int32_t labels[BATCH];
    for (int i = 0; i < BATCH; i++)
        labels[i] = i * 7 % CLASSES;
    talus_optimizer_spec spec;
    talus_trainer *trainer = NULL;
    talus_optimizer_defaults(&spec, run->method);
    expect_ok(context, talus_trainer_create(network, &spec, BATCH, &trainer));
    for (int step = 0; step < run->steps; step++) {
        int64_t count = step % 4 == 3 ? SHORT_BATCH : BATCH;
        talus_matrix in = talus_matrix_view(x, TALUS_F64, count, INPUTS),
                     y = talus_matrix_view(labels, TALUS_I32, count, 1);
        double cost;
        expect_ok(context, talus_trainer_step(trainer, &in, &y, &cost));
        ck_assert(isfinite(cost));
    }
    talus_matrix parameters;
    expect_ok(context, talus_network_parameters(network, &parameters));
    uint64_t hash = hash_bytes(parameters.data,
                               (size_t)parameters.cols * (run->precision == TALUS_F64 ? 8 : 4));
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    talus_context_destroy(context);
    free(x);
    return hash;
}
