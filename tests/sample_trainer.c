#include "sample_trainer.h"

const char *const blas_plan =
    "avx512 f32 products=blas\navx512 f64 products=blas\navx2 f32 products=blas\navx2 f64 products=blas\n";

problem make_problem(int threads, int64_t hidden, const char *plan)
{
    problem p = {.context = context_with(threads, NULL),
                 .x = random_array(1, N * INPUTS),
                 .y = random_array(2, N * OUTPUTS)};
    talus_layer layers[] = {{.width = hidden, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    talus_network_spec spec = {.inputs = INPUTS, .layers = layers, .layer_count = 2};
    if (plan != NULL)
        expect_ok(p.context, talus_context_set_plan(p.context, plan));
    expect_ok(p.context, talus_network_create(p.context, &spec, &p.network));
    expect_ok(p.context, talus_trainer_create(p.network, NULL, N, &p.trainer));
    p.in = talus_matrix_view(p.x, TALUS_DTYPE_F64, N, INPUTS);
    p.targets = talus_matrix_view(p.y, TALUS_DTYPE_F64, N, OUTPUTS);
    return p;
}

void free_problem(problem *p)
{
    talus_trainer_destroy(p->trainer);
    talus_network_destroy(p->network);
    talus_context_destroy(p->context);
    free(p->x), free(p->y);
}

talus_status take_steps(problem *p, int steps)
{
    talus_status status = TALUS_OK;
    for (int i = 0; i < steps && status == TALUS_OK; i++)
        status = talus_trainer_step(p->trainer, BATCH(p->in, p->targets), NULL);
    return status;
}
