/* Methods for matrices on the digits: they reach a mean training loss of 0.01 in at most half of Adam's epochs. All have the same
 * network, 64-64-32-10 with ReLU in f64, the same weights at first, batches of 64 of all 1797 samples in the same order, and the
 * defaults of their method but for the rate, of which each has the best of the same seven. */
#include <stdio.h>

#include "support.h"

enum { EPOCHS = 30, STEP = 64 };
static const double target = 0.01, rates[] = {0.003, 0.005, 0.007, 0.01, 0.014, 0.02, 0.03};

/* The first epoch whose mean loss reaches the target; EPOCHS + 1 if none does. */
static int epochs_with(talus_context *context, talus_dataset *digits, int method, double rate)
{
    talus_layer layers[] = {{.width = 64, .activation = TALUS_RELU},
                            {.width = 32, .activation = TALUS_RELU},
                            {.width = 10, .activation = TALUS_SOFTMAX}};
    talus_network_spec of_network = {.inputs = 64,
                                     .layers = layers,
                                     .layer_count = 3,
                                     .loss = TALUS_CROSS_ENTROPY,
                                     .precision = TALUS_DTYPE_F64,
                                     .seed = 1};
    talus_network *network;
    talus_trainer *trainer;
    talus_optimizer_spec spec;
    talus_fit_options options;
    const double scale = 1 / 16.0;
    expect_ok(context, talus_network_create(context, &of_network, &network));
    expect_ok(context, talus_network_scale_inputs(network, NULL, &scale, 1));
    talus_optimizer_defaults(&spec, method);
    spec.rate = rate;
    expect_ok(context, talus_trainer_create(network, &spec, STEP, &trainer));
    talus_fit_options_defaults(&options);
    options.epochs = EPOCHS, options.batch = STEP;
    expect_ok(context, talus_trainer_fit(trainer, digits, NULL, &options, NULL));
    int reached = EPOCHS + 1;
    for (int64_t e = talus_trainer_epochs(trainer); e >= 1; e--) {
        talus_epoch epoch;
        expect_ok(context, talus_trainer_epoch(trainer, e, &epoch));
        reached = epoch.cost <= target ? (int)e : reached;
    }
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    return reached;
}

/* With the best of the rates. */
static int best_epochs(talus_context *context, talus_dataset *digits, int method)
{
    int best = EPOCHS + 1;
    printf("%-5s", talus_method_name(method));
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const int epochs = epochs_with(context, digits, method, rates[i]);
        printf("  %g: %d", rates[i], epochs);
        best = epochs < best ? epochs : best;
    }
    printf("  best: %d epochs\n", best);
    return best;
}

START_TEST(half_of_adams_epochs_are_enough)
{
    talus_context *context = context_with(1, NULL);
    talus_dataset *digits;
    expect_ok(context, talus_dataset_read_idx(context, TEST_DATA "/digits-inputs.idx",
                                              TEST_DATA "/digits-labels.idx", &digits));
    const int adam = best_epochs(context, digits, TALUS_ADAM);
    ck_assert_int_le(adam, EPOCHS);
    for (int method = TALUS_MUON; method <= TALUS_KFAC; method++)
        ck_assert_int_le(2 * best_epochs(context, digits, method), adam);
    talus_dataset_destroy(digits);
    talus_context_destroy(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("epochs_to_loss");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, half_of_adams_epochs_are_enough);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
