/* Same seed, same data, same machine: same bits, on any number of threads. */
#include "base/processor.h"
#include "training_bits.h"

static const char *const plans[] = {
    NULL, /* what users get */
    "avx512 f32 products=blas\navx512 f64 products=blas\navx2 f32 products=blas\navx2 f64 products=blas\n",
    "avx512 f32 cache=0\navx512 f64 cache=0\navx2 f32 cache=0\navx2 f64 cache=0\n", /* layer by layer */
};

static void same_on_all_threads(int precision, const char *plan, int instruction_set)
{
    static const int threads[] = {2, 3, 4, 8};
    for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
        training_run run = {.threads = 1,
                            .precision = precision,
                            .method = method,
                            .plan = plan,
                            .steps = 200,
                            .instruction_set = instruction_set};
        uint64_t alone = training_bits(&run);
        for (int i = 0; i < 4; i++) {
            run.threads = threads[i];
            ck_assert_msg(training_bits(&run) == alone,
                          "precision %d, method %d, instruction set %d, %d threads", precision, method,
                          instruction_set, threads[i]);
        }
    }
}

START_TEST(threads_do_not_change_a_bit)
{
    same_on_all_threads(_i / 3, plans[_i % 3], TALUS_BEST);
}
END_TEST

START_TEST(nor_in_any_instruction_set)
{
    for (int set = TALUS_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++)
        if (tl_processor_runs(set))
            same_on_all_threads(_i, NULL, set);
}
END_TEST

/* With products of our own, who works on what does not matter either: tiles alone or layer by layer. */
START_TEST(the_order_of_the_work_does_not_change_a_bit)
{
    for (int precision = TALUS_F32; precision <= TALUS_F64; precision++) {
        training_run run = {.threads = 1, .precision = precision, .method = TALUS_ADAM, .steps = 50};
        uint64_t alone = training_bits(&run);
        run.plan = plans[2];
        ck_assert(training_bits(&run) == alone);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bits");
    TCase *all = tcase_create("bits");
    tcase_set_timeout(all, 0);
    tcase_add_loop_test(all, threads_do_not_change_a_bit, 0, 6);
    tcase_add_loop_test(all, nor_in_any_instruction_set, 0, 2);
    tcase_add_test(all, the_order_of_the_work_does_not_change_a_bit);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
