/* How much the rate and the weight decay of a trainer's optimiser count for each part and each layer. */
#include "base/call.h"
#include "train/trainer.h"

/* The ranges of all parts, in the order of the flat vector; the number of them. */
static int64_t list_ranges(const talus_trainer *trainer, tl_factor_range *ranges)
{
    const talus_network *network = trainer->network;
    int64_t count = 0;
    for (int l = 1; l <= network->layer_count; l++)
        for (int i = 0; i < network->layers[l].part_count; i++) {
            const tl_part *part = &network->layers[l].parts[i];
            const tl_factor *of_part = &trainer->part_factors[part->kind];
            const tl_factor *of_layer = &trainer->layer_factors[l];
            ranges[count++] = (tl_factor_range){part->offset, of_part->rate * of_layer->rate,
                                                of_part->decay * of_layer->decay};
        }
    return count;
}

talus_status tl_trainer_use_factors(talus_trainer *trainer, const char *call)
{
    talus_context *context = trainer->network->context;
    size_t most = (size_t)trainer->network->layer_count * TALUS_PART_COUNT;
    tl_factor_range *ranges = tl_allocate(context, most * sizeof *ranges);
    bool done = ranges != NULL &&
                tl_optimizer_set_ranges(trainer->optimizer, ranges, list_ranges(trainer, ranges));
    tl_release(context, ranges);
    return done ? TALUS_OK
                : tl_fail(context, TALUS_ERROR_MEMORY, "%s: the allocator returned no memory for factors",
                          call);
}

talus_status tl_trainer_create_factors(talus_trainer *trainer)
{
    talus_context *context = trainer->network->context;
    int layers = trainer->network->layer_count;
    trainer->layer_factors = tl_allocate(context, ((size_t)layers + 1) * sizeof *trainer->layer_factors);
    if (trainer->layer_factors == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "trainer: the allocator returned no memory for factors");
    for (int l = 0; l <= layers; l++)
        trainer->layer_factors[l] = (tl_factor){1, 1};
    for (int part = 0; part < TALUS_PART_COUNT; part++)
        trainer->part_factors[part] = (tl_factor){1, part == TALUS_PART_WEIGHTS ? 1 : 0};
    return tl_trainer_use_factors(trainer, "trainer");
}

/* Changes one of the trainer's factors; what fails changes nothing. */
static talus_status change(talus_trainer *trainer, const char *call, tl_factor *factor, double rate,
                           double decay)
{
    tl_factor before = *factor;
    talus_status status = tl_check_factors(trainer->optimizer, call, rate, decay);
    if (status != TALUS_OK)
        return status;
    *factor = (tl_factor){rate, decay};
    status = tl_trainer_use_factors(trainer, call);
    if (status != TALUS_OK)
        *factor = before;
    return status;
}

static talus_status set_part_factors(talus_trainer *trainer, int part, double rate, double decay)
{
    static const char call[] = "set_part_factors";
    if (part < 0 || part >= TALUS_PART_COUNT)
        return tl_fail(trainer->network->context, TALUS_ERROR_ARGUMENT,
                       "%s: part must be one of the parts of a layer, got %d", call, part);
    return change(trainer, call, &trainer->part_factors[part], rate, decay);
}

talus_status talus_trainer_set_part_factors(talus_trainer *trainer, int part, double rate, double decay)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, trainer == NULL ? NULL : trainer->network->context);
    return status == TALUS_OK ? tl_call_end(&call, set_part_factors(trainer, part, rate, decay)) : status;
}

static talus_status set_layer_factors(talus_trainer *trainer, int layer, double rate, double decay)
{
    static const char call[] = "set_layer_factors";
    int layers = trainer->network->layer_count;
    if (layer < 1 || layer > layers)
        return tl_fail(trainer->network->context, TALUS_ERROR_ARGUMENT, "%s: layer must be 1 … %d, got %d",
                       call, layers, layer);
    return change(trainer, call, &trainer->layer_factors[layer], rate, decay);
}

talus_status talus_trainer_set_layer_factors(talus_trainer *trainer, int layer, double rate, double decay)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, trainer == NULL ? NULL : trainer->network->context);
    return status == TALUS_OK ? tl_call_end(&call, set_layer_factors(trainer, layer, rate, decay)) : status;
}

talus_status talus_trainer_set_weight_decay(talus_trainer *trainer, double weight_decay)
{
    return trainer == NULL ? TALUS_ERROR_ARGUMENT
                           : talus_optimizer_set_weight_decay(trainer->optimizer, weight_decay);
}
