/* Same seed, same data, same machine: same bits, on any number of threads. */
#include "base/processor.h"
#include "training_bits.h"

static const char *const plans[] = {NULL, /* what users get */
                                    FOR_ALL_SETS("products=blas"), LAYER_BY_LAYER};
enum { PLANS = sizeof plans / sizeof plans[0] };

/* A step of a method that searches along lines is several passes, and as many vectors as it remembers. */
static void all_methods(training_run run)
{
    const int steps = run.steps;
    for (run.method = 0; run.method < TALUS_METHOD_COUNT; run.method++) {
        run.steps = is_update_rule(run.method) ? steps : steps / 8;
        same_on_all_threads(run, training_bits);
    }
}

START_TEST(threads_do_not_change_a_bit)
{
    all_methods((training_run){.precision = _i / PLANS, .plan = plans[_i % PLANS], .steps = 24});
}
END_TEST

START_TEST(nor_in_any_instruction_set)
{
    for (int set = TALUS_INSTRUCTION_SET_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++)
        if (tl_processor_runs(set))
            all_methods((training_run){.precision = _i, .instruction_set = set, .steps = 24});
}
END_TEST

/* With products of our own, who works on what does not matter either: tiles alone or layer by layer. */
START_TEST(the_order_of_the_work_does_not_change_a_bit)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        training_run run = {.threads = 1, .precision = precision, .method = TALUS_ADAM, .steps = 50};
        uint64_t alone = training_bits(&run);
        run.plan = LAYER_BY_LAYER;
        ck_assert(training_bits(&run) == alone);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bits");
    TCase *all = tcase_create("bits");
    tcase_set_timeout(all, 0);
    tcase_add_loop_test(all, threads_do_not_change_a_bit, 0, 2 * PLANS);
    tcase_add_loop_test(all, nor_in_any_instruction_set, 0, 2);
    tcase_add_test(all, the_order_of_the_work_does_not_change_a_bit);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
