/* Levenberg and Marquardt's method on networks: what is refused. */
#include "levenberg_marquardt_support.h"

START_TEST(options_that_are_refused)
{
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    double numbers[38 * 38];
    const talus_matrix some = view(numbers, 38, 38), row = view(numbers, 1, 38);
    method.weights = &row;
    refused(network, TALUS_ERROR_ARGUMENT, "levenberg_marquardt: weights must be NULL");
    method.weights = NULL, method.differences = TALUS_DIFFERENCES_FORWARD;
    refused(network, TALUS_ERROR_ARGUMENT,
            "differences must be at the default, since none are taken, got forward");
    method.differences = TALUS_DIFFERENCES_CENTRAL, options.patience = 3;
    refused(network, TALUS_ERROR_ARGUMENT, "patience must be 0 without a validation set, got 3");
    method.covariance = &some;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_levenberg_marquardt(network, data, data, &options, &result));
    expect_message(context, "covariance and standard_errors must be NULL with patience");
    method.covariance = NULL, options.patience = -1;
    refused(network, TALUS_ERROR_ARGUMENT, "patience");
    options.patience = 0, options.memory = 0;
    refused(network, TALUS_ERROR_ARGUMENT, "memory must be at least 1");
    options.memory = 1 << 30, method.damping = -1;
    refused(network, TALUS_ERROR_ARGUMENT, "levenberg_marquardt: damping");
    method.damping = 0;
    const talus_matrix in = view(x, 10, INPUTS), to = view(y, 10, OUTPUTS);
    talus_dataset *few = dataset_of(&in, &to);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_levenberg_marquardt(network, few, NULL, &options, &result));
    expect_message(context, "levenberg_marquardt: damping must be above 0 where residuals are fewer");
    talus_dataset_destroy(few);
    ck_assert_int_eq(talus_levenberg_marquardt(NULL, data, NULL, NULL, NULL), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_levenberg_marquardt(network, NULL, NULL, NULL, NULL));
    expect_message(context, "training must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_levenberg_marquardt_sized(network, data, NULL, NULL, 0, 0, &result, 8));
    talus_matrix flat;
    expect_ok(context, talus_network_parameters(network, &flat));
    ((double *)flat.data)[3] = NAN;
    method.damping = 1e-3;
    refused(network, TALUS_ERROR_DATA, "finite");
    talus_network_destroy(network);
}
END_TEST

/* Networks whose cost is no sum of squares of single samples. */
START_TEST(networks_that_are_refused)
{
    const struct {
        talus_layer layer;
        double noise;
        int loss;
        const char *piece;
    } cases[] = {
        {{.width = 4, .dropout = 0.5}, 0, TALUS_SQUARED_ERROR, "layer 1 must have no dropout"},
        {{.width = 4, .l1 = 0.5},
         0,
         TALUS_SQUARED_ERROR,
         "layer 1 must have no l1, which is no square; take l2"},
        {{.width = 4, .spectral_penalty = 2},
         0,
         TALUS_SQUARED_ERROR,
         "layer 1 must have no spectral_penalty, which is no square of single weights; take l2"},
        {{.width = 4, .max_norm = 2}, 0, TALUS_SQUARED_ERROR, "layer 1 must have no max_norm"},
        {{.width = 4, .spectral_norm = 2}, 0, TALUS_SQUARED_ERROR, "layer 1 must have no spectral_norm"},
        {{.width = 4, .normalization = TALUS_NORMALIZATION_BATCH},
         0,
         TALUS_SQUARED_ERROR,
         "layer 1 must not be normalised over the batch"},
        {{.width = 4, .activation = TALUS_STEP}, 0, TALUS_SQUARED_ERROR, "step"},
        {{.width = 4}, 0.1, TALUS_SQUARED_ERROR, "input_noise must be 0"},
        {{.width = 4}, 0, TALUS_HUBER, "the loss must be squared_error, the only sum of squares, got huber"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const talus_layer layers[] = {cases[i].layer, {.width = OUTPUTS}};
        talus_network_spec spec;
        talus_network *network;
        talus_network_defaults(&spec);
        spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 2, spec.precision = TALUS_DTYPE_F64;
        spec.input_noise = cases[i].noise, spec.loss = cases[i].loss;
        expect_ok(context, talus_network_create(context, &spec, &network));
        refused(network, TALUS_ERROR_ARGUMENT, cases[i].piece);
        talus_network_destroy(network);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refusals of levenberg_marquardt");
    TCase *all = case_with(suite, begin, end);
    tcase_add_test(all, options_that_are_refused);
    tcase_add_test(all, networks_that_are_refused);
    return run_suite(suite);
}
