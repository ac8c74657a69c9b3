/* Training with products of bf16 pieces comes to the same place: on the digits, the mean accuracy of each mode over five seeds is
 * within a standard error of that of exact products. */
#include <stdio.h>

#include "support.h"

enum { SEEDS = 5, EPOCHS = 12, STEP = 32, TRAINED = 1347 };

typedef struct digits {
    talus_context *context;
    talus_dataset *training, *test;
} digits;

static double accuracy_of(const digits *d, int products, int seed)
{
    talus_layer layers[] = {{.width = 64, .activation = TALUS_RELU},
                            {.width = 32, .activation = TALUS_RELU},
                            {.width = 10, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {.inputs = 64,
                               .layers = layers,
                               .layer_count = 3,
                               .loss = TALUS_CROSS_ENTROPY,
                               .seed = seed,
                               .products = products};
    talus_network *network;
    talus_workspace *workspace;
    talus_fit_options options;
    talus_metrics metrics;
    const double scale = 1 / 16.0;
    expect_ok(d->context, talus_network_create(d->context, &spec, &network));
    expect_ok(d->context, talus_network_scale_inputs(network, NULL, &scale, 1));
    talus_fit_options_defaults(&options);
    options.epochs = EPOCHS, options.batch = STEP, options.seed = seed;
    expect_ok(d->context, talus_fit(network, d->training, NULL, &options, NULL));
    expect_ok(d->context, talus_workspace_create(d->context, network, 450, &workspace));
    expect_ok(d->context, talus_evaluate(network, workspace, d->test, &metrics));
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    return metrics.accuracy;
}

typedef struct sample {
    double mean, variance;
} sample;

static sample over_seeds(const digits *d, int products)
{
    double accuracies[SEEDS];
    sample s = {0};
    printf("%-8s", talus_products_name(products));
    for (int i = 0; i < SEEDS; i++) {
        accuracies[i] = accuracy_of(d, products, 1 + i);
        s.mean += accuracies[i] / SEEDS;
        printf("  %.4f", accuracies[i]);
    }
    for (int i = 0; i < SEEDS; i++)
        s.variance += (accuracies[i] - s.mean) * (accuracies[i] - s.mean) / (SEEDS - 1);
    printf("   mean %.4f, standard error %.4f\n", s.mean, sqrt(s.variance / SEEDS));
    return s;
}

START_TEST(every_mode_comes_to_the_same_place)
{
    digits d = {.context = context_with(1, NULL)};
    talus_dataset *all;
    expect_ok(d.context, talus_dataset_read_idx(d.context, TEST_DATA "/digits-inputs.idx",
                                                TEST_DATA "/digits-labels.idx", &all));
    const int64_t samples = talus_dataset_samples(all);
    expect_ok(d.context, talus_dataset_slice(all, 0, TRAINED, &d.training));
    expect_ok(d.context, talus_dataset_slice(all, TRAINED, samples - TRAINED, &d.test));
    const sample exact = over_seeds(&d, TALUS_PRODUCTS_EXACT);
    ck_assert_double_ge(exact.mean, 0.9);
    for (int products = 1; products < TALUS_PRODUCTS_COUNT; products++) {
        const sample other = over_seeds(&d, products);
        ck_assert_double_le(fabs(other.mean - exact.mean), sqrt(exact.variance / SEEDS));
    }
    talus_dataset_destroy(d.training);
    talus_dataset_destroy(d.test);
    talus_dataset_destroy(all);
    talus_context_destroy(d.context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("product_digits");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, every_mode_comes_to_the_same_place);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
