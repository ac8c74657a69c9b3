#include "run_support.h"

run open_run(talus_context *context, int64_t inputs, const talus_layer *layers, int layer_count,
             int precision, const talus_optimizer_spec *optimizer, int64_t samples)
{
    run r = {.context = context, .samples = samples};
    talus_network_spec spec = talus_dense_network(inputs, layers, layer_count, TALUS_SQUARED_ERROR);
    spec.precision = precision;
    expect_ok(context, talus_network_create(context, &spec, &r.network));
    expect_ok(context, talus_trainer_create(r.network, optimizer, samples, &r.trainer));
    expect_ok(context, talus_network_parameters(r.network, &r.parameters));
    r.x = random_array(1, samples * inputs);
    r.y = random_array(2, samples * layers[layer_count - 1].width);
    return r;
}

void free_run(run *r)
{
    talus_trainer_destroy(r->trainer);
    talus_network_destroy(r->network);
    talus_context_destroy(r->context);
    free(r->x), free(r->y);
}

double step_run(run *r)
{
    double cost;
    int layers = talus_network_layer_count(r->network);
    talus_matrix inputs = talus_matrix_view(r->x, TALUS_DTYPE_F64, r->samples,
                                            talus_network_width(r->network, 0)),
                 targets = talus_matrix_view(r->y, TALUS_DTYPE_F64, r->samples,
                                             talus_network_width(r->network, layers));
    expect_ok(r->context, talus_trainer_step(r->trainer, BATCH(inputs, targets), &cost));
    return cost;
}
