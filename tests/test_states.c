/* The states of networks and optimisers, saved and restored: what follows is the same bits. */
#include "fixture.h"
#include "network/network.h"
#include "optimize/optimizer.h"
#include "train/trainer.h"

enum { N = 16, INPUTS = 5, OUTPUTS = 3, STEPS = 4 };

typedef struct example {
    talus_network *network;
    talus_trainer *trainer;
    double *x, *y;
} example;

static example make_example(int precision, int method)
{
    example e = {.network = two_layers(precision, INPUTS, 7, OUTPUTS, TALUS_IDENTITY),
                 .x = random_array(1, N * INPUTS),
                 .y = random_array(2, N * OUTPUTS)};
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, method);
    expect_ok(context, talus_trainer_create(e.network, &spec, N, &e.trainer));
    return e;
}

static void free_example(example *e)
{
    talus_trainer_destroy(e->trainer);
    talus_network_destroy(e->network);
    free(e->x), free(e->y);
}

static void take_steps(example *e)
{
    talus_matrix x = talus_matrix_view(e->x, TALUS_DTYPE_F64, N, INPUTS),
                 y = talus_matrix_view(e->y, TALUS_DTYPE_F64, N, OUTPUTS);
    for (int step = 0; step < STEPS; step++)
        expect_ok(context, talus_trainer_step(e->trainer, BATCH(x, y), NULL));
}

/* For every method in each precision: steps, a state, more steps, and from the state the same steps once more. */
START_TEST(restored_states_go_on_with_the_same_bits)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        example e = make_example(precision, _i), twin = make_example(precision, _i);
        size_t of_network = tl_network_state_bytes(e.network),
               of_optimizer = tl_optimizer_state_bytes(e.trainer->optimizer);
        void *network = malloc(of_network), *optimizer = malloc(of_optimizer);
        take_steps(&e), take_steps(&twin);
        tl_network_state_save(e.network, network);
        tl_optimizer_state_save(e.trainer->optimizer, optimizer);
        take_steps(&e), take_steps(&twin);
        same_parameters(e.network, twin.network);
        take_steps(&e);
        tl_network_state_restore(e.network, network);
        tl_optimizer_state_restore(e.trainer->optimizer, optimizer);
        ck_assert_int_eq(e.trainer->optimizer->steps, STEPS);
        take_steps(&e);
        same_parameters(e.network, twin.network);
        free(network), free(optimizer);
        free_example(&e), free_example(&twin);
    }
}
END_TEST

START_TEST(the_rate_is_no_state)
{
    example e = make_example(TALUS_DTYPE_F32, TALUS_ADAM);
    void *state = malloc(tl_optimizer_state_bytes(e.trainer->optimizer));
    tl_optimizer_state_save(e.trainer->optimizer, state);
    expect_ok(context, talus_trainer_set_rate(e.trainer, 0.5));
    tl_optimizer_state_restore(e.trainer->optimizer, state);
    ck_assert_double_eq(e.trainer->optimizer->spec.rate, 0.5);
    free(state);
    free_example(&e);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("states");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_loop_test(tests, restored_states_go_on_with_the_same_bits, 0, TALUS_METHOD_COUNT);
    tcase_add_test(tests, the_rate_is_no_state);
    return run_suite(suite);
}
