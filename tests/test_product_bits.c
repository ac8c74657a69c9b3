/* Products of bf16 pieces: same seed, same data, same machine, same bits, on any number of threads and in any order of the work. */
#include "base/processor.h"
#include "training_bits.h"

static const char *const plans[] = {NULL /* what users get */, LAYER_BY_LAYER, TILE_BY_TILE};
enum { PLANS = sizeof plans / sizeof *plans, STEPS = 8 };

START_TEST(threads_do_not_change_a_bit)
{
    static const int methods[] = {TALUS_ADAM, TALUS_LBFGS};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        for (int plan = 0; plan < PLANS; plan++)
            same_on_all_threads((training_run){.products = _i,
                                               .method = methods[i],
                                               .plan = plans[plan],
                                               .steps = is_update_rule(methods[i]) ? STEPS : 2},
                                training_bits);
}
END_TEST

START_TEST(nor_in_any_instruction_set)
{
    for (int set = TALUS_INSTRUCTION_SET_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++)
        if (tl_processor_runs(set))
            same_on_all_threads(
                (training_run){
                    .products = _i, .method = TALUS_ADAM, .instruction_set = set, .plan = LAYER_BY_LAYER, .steps = 4},
                training_bits);
}
END_TEST

/* Nor who works on what: tiles alone or layer by layer. */
START_TEST(the_order_of_the_work_does_not_change_a_bit)
{
    training_run run = {.threads = 1, .products = _i, .method = TALUS_ADAM, .steps = STEPS};
    const uint64_t alone = training_bits(&run);
    run.plan = LAYER_BY_LAYER;
    ck_assert(training_bits(&run) == alone);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("product_bits");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 0);
    tcase_add_loop_test(all, threads_do_not_change_a_bit, 1, TALUS_PRODUCTS_COUNT);
    tcase_add_loop_test(all, nor_in_any_instruction_set, 1, TALUS_PRODUCTS_COUNT);
    tcase_add_loop_test(all, the_order_of_the_work_does_not_change_a_bit, 1, TALUS_PRODUCTS_COUNT);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
