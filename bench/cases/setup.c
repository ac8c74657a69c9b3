#include "cases/setup.h"

#include <stdio.h>
#include <talus/plan.h>

int bench_setup_count(const bench_options *o)
{
    return o->net_count * o->batch_count * o->activation_count * o->optimizer_count * o->precision_count *
           o->thread_count;
}

/* Takes the digit of base `base` off a mixed-radix number. */
static int digit(int *index, int base)
{
    int value = *index % base;
    *index /= base;
    return value;
}

bench_setup bench_setup_at(const bench_options *o, int index)
{
    bench_setup setup = {.squared = o->squared, .seed = o->seed, .plan_file = o->plan[0] ? o->plan : NULL};
    setup.threads = o->threads[digit(&index, o->thread_count)];
    setup.precision = o->precisions[digit(&index, o->precision_count)];
    setup.method = o->optimizers[digit(&index, o->optimizer_count)];
    setup.activation = o->activations[digit(&index, o->activation_count)];
    setup.n = o->batches[digit(&index, o->batch_count)];
    setup.shape = o->nets[digit(&index, o->net_count)];
    return setup;
}

naive_network bench_setup_naive(const bench_setup *setup)
{
    naive_network net = {.L = setup->shape.L};
    bool single = setup->shape.d[net.L] == 1;
    for (int l = 0; l <= net.L; l++) {
        net.d[l] = setup->shape.d[l];
        net.f[l] = setup->activation;
    }
    if (setup->squared) {
        net.f[net.L] = TALUS_IDENTITY;
        net.loss = TALUS_SQUARED_ERROR;
    } else {
        net.f[net.L] = single ? TALUS_SIGMOID : TALUS_SOFTMAX;
        net.loss = single ? TALUS_BINARY_CROSS_ENTROPY : TALUS_CROSS_ENTROPY;
    }
    return net;
}

bool bench_setup_network(const bench_setup *setup, talus_context **context, talus_network **network)
{
    naive_network net = bench_setup_naive(setup);
    talus_layer layers[NAIVE_MAX_LAYERS];
    for (int l = 1; l <= net.L; l++)
        layers[l - 1] = (talus_layer){.width = net.d[l], .activation = net.f[l]};
    talus_network_spec spec = {.inputs = net.d[0],
                               .layers = layers,
                               .layer_count = net.L,
                               .loss = net.loss,
                               .precision = setup->precision,
                               .seed = (int64_t)setup->seed};
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.threads = setup->threads;
    *network = NULL;
    *context = NULL;
    if (!talus_context_create(&options, context) &&
        (!setup->plan_file || !talus_context_load_plan(*context, setup->plan_file)) &&
        (!setup->plan || !talus_context_set_plan(*context, setup->plan)) &&
        !talus_network_create(*context, &spec, network))
        return true;
    fprintf(stderr, "talus-bench: %s\n", talus_error_message(*context));
    talus_context_destroy(*context);
    *context = NULL;
    return false;
}
