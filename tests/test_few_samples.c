/* Same bits on any number of threads for few samples too, in networks so large that threads share them, and for a last
 * batch of one sample; with every instruction set, plan and precision. */
#include "base/processor.h"
#include "training_bits.h"

static const char *const plans[] = {NULL, /* what users get */
                                    FOR_ALL_SETS("products=blas"), LAYER_BY_LAYER};
enum { PLANS = sizeof plans / sizeof plans[0] };

static const training_run few[] = {
    {.batch = 17, .short_batch = 17, .widths = {450, 250, 100, 10}, .steps = 6},
    {.batch = 15, .short_batch = 15, .widths = {450, 250, 100, 10}, .steps = 6},
    {.batch = 2, .short_batch = 2, .widths = {784, 1024, 300, 10}, .steps = 3},
    {.batch = 1, .short_batch = 1, .widths = {784, 2048, 1024, 10}, .steps = 3},
    {.batch = 17, .short_batch = 1, .widths = {784, 2048, 1024, 10}, .steps = 4},
};
enum {
    FEW = sizeof few / sizeof few[0],
    WAYS = 2 * PLANS * TALUS_INSTRUCTION_SET_COUNT,
};

/* Precision, plan and instruction set number `way`; false if this processor does not run the set. */
static bool choose_way(int way, training_run *run)
{
    run->method = TALUS_ADAM;
    run->precision = way % 2;
    run->plan = plans[way / 2 % PLANS];
    run->instruction_set = way / 2 / PLANS;
#ifdef __SANITIZE_THREAD__ /* threads share work in the same way in every precision and instruction set */
    if (run->precision != TALUS_DTYPE_F32 || run->instruction_set != tl_processor_best())
        return false;
#endif
    return run->instruction_set != TALUS_INSTRUCTION_SET_BEST && tl_processor_runs(run->instruction_set);
}

START_TEST(threads_do_not_change_a_bit_of_few_samples)
{
    training_run run = few[_i / WAYS];
    if (choose_way(_i % WAYS, &run))
        same_on_all_threads(run, training_bits);
}
END_TEST

START_TEST(threads_do_not_change_a_bit_of_one_row)
{
    training_run run = {.batch = 1, .widths = {784, 2048, 1024, 10}};
    if (choose_way(_i, &run))
        same_on_all_threads(run, predict_bits);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("few samples");
    TCase *all = tcase_create("few samples");
    tcase_set_timeout(all, 0);
    tcase_add_loop_test(all, threads_do_not_change_a_bit_of_few_samples, 0, FEW * WAYS);
    tcase_add_loop_test(all, threads_do_not_change_a_bit_of_one_row, 0, WAYS);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
