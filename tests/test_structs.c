/* Structs of the interface: their layout, which never changes, and callers whose structs are longer or shorter. */
#include <stddef.h>
#include <stdio.h>

#include "option_support.h"

/* The structs of version 0.1. Lines are only added: a program that was compiled with these offsets must run on. */
#define AT(structure, field, at) _Static_assert(offsetof(structure, field) == (at), #structure "." #field)
#define SIZE(structure, size)    _Static_assert(sizeof(structure) == (size), #structure)
#if UINTPTR_MAX == UINT64_MAX
AT(talus_matrix, data, 0);
AT(talus_matrix, dtype, 8);
AT(talus_matrix, rows, 16);
AT(talus_matrix, cols, 24);
AT(talus_matrix, stride, 32);
SIZE(talus_matrix, 40);
AT(talus_context_options, threads, 0);
AT(talus_context_options, instruction_set, 4);
AT(talus_context_options, keep_blas_threads, 8);
AT(talus_context_options, allocate, 16);
AT(talus_context_options, release, 24);
AT(talus_context_options, allocator_user, 32);
AT(talus_context_options, log, 40);
AT(talus_context_options, log_user, 48);
SIZE(talus_context_options, 56);
AT(talus_layer, width, 0);
AT(talus_layer, activation, 8);
AT(talus_layer, initializer, 12);
AT(talus_layer, alpha, 16);
AT(talus_layer, dropout, 24);
AT(talus_layer, l1, 32);
AT(talus_layer, l2, 40);
AT(talus_layer, max_norm, 48);
AT(talus_layer, normalization, 56);
AT(talus_layer, without_biases, 60);
AT(talus_layer, normalization_epsilon, 64);
AT(talus_layer, normalization_momentum, 72);
AT(talus_layer, gain, 80);
SIZE(talus_layer, 88);
AT(talus_weight_spectrum, largest, 0);
AT(talus_weight_spectrum, smallest, 8);
AT(talus_weight_spectrum, condition, 16);
AT(talus_weight_spectrum, effective_rank, 24);
AT(talus_weight_spectrum, stable_rank, 32);
AT(talus_weight_spectrum, rank, 40);
SIZE(talus_weight_spectrum, 48);
AT(talus_unit_variance, error, 0);
AT(talus_unit_variance, layer, 8);
AT(talus_unit_variance, converged, 12);
AT(talus_unit_variance, iterations, 16);
SIZE(talus_unit_variance, 24);
AT(talus_network_spec, inputs, 0);
AT(talus_network_spec, layers, 8);
AT(talus_network_spec, layer_count, 16);
AT(talus_network_spec, loss, 20);
AT(talus_network_spec, precision, 24);
AT(talus_network_spec, seed, 32);
AT(talus_network_spec, loss_parameter, 40);
AT(talus_network_spec, input_dropout, 48);
AT(talus_network_spec, input_noise, 56);
AT(talus_network_spec, output_weights, 64);
AT(talus_network_spec, label_smoothing, 72);
AT(talus_network_spec, output_weight_count, 80);
AT(talus_network_spec, missing_targets, 84);
AT(talus_network_spec, ranges, 88);
AT(talus_network_spec, range_count, 96);
AT(talus_network_spec, range_size, 100);
SIZE(talus_network_spec, 104);
AT(talus_output_range, outputs, 0);
AT(talus_output_range, activation, 8);
AT(talus_output_range, loss, 12);
AT(talus_output_range, alpha, 16);
AT(talus_output_range, loss_parameter, 24);
AT(talus_output_range, weight, 32);
SIZE(talus_output_range, 40);
AT(talus_optimizer_spec, method, 0);
AT(talus_optimizer_spec, nesterov, 4);
AT(talus_optimizer_spec, rate, 8);
AT(talus_optimizer_spec, momentum, 16);
AT(talus_optimizer_spec, beta1, 24);
AT(talus_optimizer_spec, beta2, 32);
AT(talus_optimizer_spec, epsilon, 40);
AT(talus_optimizer_spec, clip_value, 48);
AT(talus_optimizer_spec, clip_norm, 56);
AT(talus_optimizer_spec, history, 64);
AT(talus_optimizer_spec, weight_decay, 72);
AT(talus_optimizer_spec, dampening, 80);
AT(talus_optimizer_spec, momentum_decay, 88);
AT(talus_optimizer_spec, centered, 96);
AT(talus_optimizer_spec, increase, 104);
AT(talus_optimizer_spec, decrease, 112);
AT(talus_optimizer_spec, least_step, 120);
AT(talus_optimizer_spec, most_step, 128);
SIZE(talus_optimizer_spec, 136);
AT(talus_fit_options, optimizer, 0);
AT(talus_fit_options, batch, 8);
AT(talus_fit_options, epochs, 16);
AT(talus_fit_options, shuffle, 24);
AT(talus_fit_options, seed, 32);
AT(talus_fit_options, on_epoch, 40);
AT(talus_fit_options, on_progress, 48);
AT(talus_fit_options, user, 56);
AT(talus_fit_options, on_end, 64);
AT(talus_fit_options, stop, 72);
AT(talus_fit_options, validation_split, 80);
AT(talus_fit_options, restore_best, 88);
AT(talus_fit_options, stop_at_target, 92);
AT(talus_fit_options, target, 96);
AT(talus_fit_options, patience, 104);
AT(talus_fit_options, least_change, 112);
AT(talus_fit_options, max_steps, 120);
AT(talus_fit_options, max_seconds, 128);
AT(talus_fit_options, retries, 136);
AT(talus_fit_options, average, 144);
AT(talus_fit_options, keep_average, 152);
AT(talus_fit_options, accumulate, 156);
AT(talus_fit_options, least_gradient_norm, 160);
AT(talus_fit_options, metric, 168);
AT(talus_fit_options, schedule_size, 172);
AT(talus_fit_options, rate_schedule, 176);
AT(talus_fit_options, dropout_schedule, 184);
AT(talus_fit_options, decay_schedule, 192);
AT(talus_fit_options, health_every, 200);
AT(talus_fit_options, shuffle_chunk, 208);
AT(talus_fit_options, shuffle_window, 216);
AT(talus_fit_options, checkpoint, 224);
AT(talus_fit_options, checkpoint_notes, 232);
AT(talus_fit_options, checkpoint_epochs, 240);
AT(talus_fit_options, checkpoint_seconds, 248);
AT(talus_fit_options, checkpoint_keep, 256);
SIZE(talus_fit_options, 264);
AT(talus_fit_result, outcome, 0);
AT(talus_fit_result, epochs, 8);
AT(talus_fit_result, steps, 16);
AT(talus_fit_result, seconds, 24);
AT(talus_fit_result, cost, 32);
AT(talus_fit_result, validation_cost, 40);
AT(talus_fit_result, validation_accuracy, 48);
AT(talus_fit_result, best_epoch, 56);
AT(talus_fit_result, best_value, 64);
AT(talus_fit_result, diverged_step, 72);
AT(talus_fit_result, diverged_layer, 80);
AT(talus_fit_result, diverged_operand, 84);
AT(talus_fit_result, retries, 88);
AT(talus_fit_result, fallback, 96);
SIZE(talus_fit_result, 104);
AT(talus_batch, inputs, 0);
AT(talus_batch, targets, 40);
AT(talus_batch, weights, 80);
SIZE(talus_batch, 120);
AT(talus_stream, samples, 0);
AT(talus_stream, inputs, 8);
AT(talus_stream, input_dtype, 16);
AT(talus_stream, target_dtype, 20);
AT(talus_stream, targets, 24);
AT(talus_stream, resident, 32);
AT(talus_stream, read, 40);
AT(talus_stream, user, 48);
AT(talus_stream, missing_targets, 56);
SIZE(talus_stream, 64);
AT(talus_metrics, samples, 0);
AT(talus_metrics, cost, 8);
AT(talus_metrics, accuracy, 16);
SIZE(talus_metrics, 24);
AT(talus_epoch, epoch, 0);
AT(talus_epoch, cost, 8);
AT(talus_epoch, validation_cost, 16);
AT(talus_epoch, validation_accuracy, 24);
AT(talus_epoch, seconds, 32);
AT(talus_epoch, samples_per_second, 40);
AT(talus_epoch, rate, 48);
AT(talus_epoch, steps, 56);
AT(talus_epoch, gradient_norm, 64);
AT(talus_epoch, watched, 72);
AT(talus_epoch, ranges, 80);
AT(talus_epoch, range_costs, 88);
AT(talus_epoch, range_validation_costs, 96);
AT(talus_epoch, validation_cost_error, 104);
SIZE(talus_epoch, 112);
AT(talus_progress, epoch, 0);
AT(talus_progress, epochs, 8);
AT(talus_progress, sample, 16);
AT(talus_progress, samples, 24);
AT(talus_progress, cost, 32);
AT(talus_progress, seconds, 40);
AT(talus_progress, rate, 48);
AT(talus_progress, steps, 56);
AT(talus_progress, trainer, 64);
AT(talus_progress, gradient_norm, 72);
AT(talus_progress, health_step, 80);
SIZE(talus_progress, 88);
AT(talus_option, name, 0);
AT(talus_option, sentence, 8);
AT(talus_option, unit, 16);
AT(talus_option, type, 24);
AT(talus_option, enumeration, 28);
AT(talus_option, offset, 32);
AT(talus_option, size, 40);
AT(talus_option, standard, 48);
AT(talus_option, least, 56);
AT(talus_option, most, 64);
AT(talus_option, least_open, 72);
AT(talus_option, most_open, 76);
SIZE(talus_option, 80);
AT(talus_gradient_check_result, checked, 0);
AT(talus_gradient_check_result, error, 8);
AT(talus_gradient_check_result, analytic, 16);
AT(talus_gradient_check_result, numeric, 24);
AT(talus_gradient_check_result, index, 32);
AT(talus_gradient_check_result, layer, 40);
AT(talus_gradient_check_result, part, 44);
AT(talus_gradient_check_result, row, 48);
AT(talus_gradient_check_result, col, 56);
SIZE(talus_gradient_check_result, 64);
AT(talus_non_finite, step, 0);
AT(talus_non_finite, found, 8);
AT(talus_non_finite, layer, 12);
AT(talus_non_finite, operand, 16);
AT(talus_non_finite, part, 20);
AT(talus_non_finite, row, 24);
AT(talus_non_finite, col, 32);
SIZE(talus_non_finite, 40);
AT(talus_health, step, 0);
AT(talus_health, layer, 8);
AT(talus_health, activation, 12);
AT(talus_health, gradient, 16);
AT(talus_health, parameters, 24);
AT(talus_health, update, 32);
AT(talus_health, ratio, 40);
AT(talus_health, delta, 48);
AT(talus_health, dead, 56);
AT(talus_health, saturated, 64);
AT(talus_health, operand, 72);
AT(talus_health, part, 76);
AT(talus_health, row, 80);
AT(talus_health, col, 88);
SIZE(talus_health, 96);
AT(talus_spectrum, largest, 0);
AT(talus_spectrum, smallest, 8);
AT(talus_spectrum, largest_bound, 16);
AT(talus_spectrum, smallest_bound, 24);
AT(talus_spectrum, iterations, 32);
AT(talus_spectrum, nature, 40);
AT(talus_spectrum, whole, 44);
SIZE(talus_spectrum, 48);
AT(talus_noise_scale, scale, 0);
AT(talus_noise_scale, signal, 8);
AT(talus_noise_scale, noise, 16);
AT(talus_noise_scale, error, 24);
AT(talus_noise_scale, batches, 32);
SIZE(talus_noise_scale, 40);
AT(talus_rate_range, suggested, 0);
AT(talus_rate_range, lowest, 8);
AT(talus_rate_range, diverged, 16);
AT(talus_rate_range, steps, 24);
SIZE(talus_rate_range, 32);
AT(talus_schedule, kind, 0);
AT(talus_schedule, unit, 4);
AT(talus_schedule, warmup, 8);
AT(talus_schedule, warmup_from, 16);
AT(talus_schedule, length, 24);
AT(talus_schedule, decay, 32);
AT(talus_schedule, power, 40);
AT(talus_schedule, first, 48);
AT(talus_schedule, last, 56);
AT(talus_schedule, share, 64);
AT(talus_schedule, stretch, 72);
AT(talus_schedule, patience, 80);
AT(talus_schedule, cooldown, 88);
AT(talus_schedule, least_change, 96);
AT(talus_schedule, callback, 104);
AT(talus_schedule, user, 112);
SIZE(talus_schedule, 120);
AT(talus_plateau, factor, 0);
AT(talus_plateau, best, 8);
AT(talus_plateau, waited, 16);
AT(talus_plateau, cooling, 24);
SIZE(talus_plateau, 32);
AT(talus_minimize_options, optimizer, 0);
AT(talus_minimize_options, gradient_tolerance, 8);
AT(talus_minimize_options, value_tolerance, 16);
AT(talus_minimize_options, step_tolerance, 24);
AT(talus_minimize_options, target, 32);
AT(talus_minimize_options, iterations, 40);
AT(talus_minimize_options, evaluations, 48);
AT(talus_minimize_options, seconds, 56);
AT(talus_minimize_options, history, 64);
AT(talus_minimize_options, on_step, 72);
AT(talus_minimize_options, user, 80);
SIZE(talus_minimize_options, 88);
AT(talus_minimize_result, outcome, 0);
AT(talus_minimize_result, iterations, 8);
AT(talus_minimize_result, evaluations, 16);
AT(talus_minimize_result, value, 24);
AT(talus_minimize_result, gradient_norm, 32);
AT(talus_minimize_result, seconds, 40);
SIZE(talus_minimize_result, 48);
AT(talus_minimize_step, iteration, 0);
AT(talus_minimize_step, evaluations, 8);
AT(talus_minimize_step, value, 16);
AT(talus_minimize_step, gradient_norm, 24);
AT(talus_minimize_step, step, 32);
AT(talus_minimize_step, seconds, 40);
AT(talus_minimize_step, x, 48);
SIZE(talus_minimize_step, 56);
AT(talus_least_squares_options, scaling, 0);
AT(talus_least_squares_options, differences, 4);
AT(talus_least_squares_options, bayesian, 8);
AT(talus_least_squares_options, steps, 12);
AT(talus_least_squares_options, damping, 16);
AT(talus_least_squares_options, damping_limit, 24);
AT(talus_least_squares_options, gradient_tolerance, 32);
AT(talus_least_squares_options, step_tolerance, 40);
AT(talus_least_squares_options, cost_tolerance, 48);
AT(talus_least_squares_options, target, 56);
AT(talus_least_squares_options, iterations, 64);
AT(talus_least_squares_options, evaluations, 72);
AT(talus_least_squares_options, seconds, 80);
AT(talus_least_squares_options, weights, 88);
AT(talus_least_squares_options, history, 96);
AT(talus_least_squares_options, covariance, 104);
AT(talus_least_squares_options, standard_errors, 112);
AT(talus_least_squares_options, on_step, 120);
AT(talus_least_squares_options, user, 128);
SIZE(talus_least_squares_options, 136);
AT(talus_least_squares_result, outcome, 0);
AT(talus_least_squares_result, errors_known, 4);
AT(talus_least_squares_result, iterations, 8);
AT(talus_least_squares_result, evaluations, 16);
AT(talus_least_squares_result, rank, 24);
AT(talus_least_squares_result, cost, 32);
AT(talus_least_squares_result, gradient, 40);
AT(talus_least_squares_result, damping, 48);
AT(talus_least_squares_result, condition, 56);
AT(talus_least_squares_result, degrees_of_freedom, 64);
AT(talus_least_squares_result, deviation, 72);
AT(talus_least_squares_result, effective_parameters, 80);
AT(talus_least_squares_result, weight_precision, 88);
AT(talus_least_squares_result, noise_precision, 96);
AT(talus_least_squares_result, seconds, 104);
SIZE(talus_least_squares_result, 112);
AT(talus_least_squares_step, iteration, 0);
AT(talus_least_squares_step, evaluations, 8);
AT(talus_least_squares_step, cost, 16);
AT(talus_least_squares_step, gradient, 24);
AT(talus_least_squares_step, step, 32);
AT(talus_least_squares_step, damping, 40);
AT(talus_least_squares_step, effective_parameters, 48);
AT(talus_least_squares_step, seconds, 56);
AT(talus_least_squares_step, x, 64);
SIZE(talus_least_squares_step, 72);
AT(talus_estimate, value, 0);
AT(talus_estimate, error, 8);
SIZE(talus_estimate, 16);
AT(talus_report_options, task, 0);
AT(talus_report_options, bins, 4);
AT(talus_report_options, top_k, 8);
AT(talus_report_options, threshold, 16);
AT(talus_report_options, confusion, 24);
AT(talus_report_options, classes, 32);
SIZE(talus_report_options, 40);
AT(talus_report, samples, 0);
AT(talus_report, weight, 8);
AT(talus_report, cost, 16);
AT(talus_report, accuracy, 32);
AT(talus_report, top_k_accuracy, 48);
AT(talus_report, precision, 64);
AT(talus_report, recall, 80);
AT(talus_report, f1, 96);
AT(talus_report, weighted_precision, 112);
AT(talus_report, weighted_recall, 128);
AT(talus_report, weighted_f1, 144);
AT(talus_report, log_loss, 160);
AT(talus_report, auc, 176);
AT(talus_report, brier_score, 192);
AT(talus_report, calibration_error, 208);
AT(talus_report, r2, 224);
AT(talus_report, rmse, 240);
AT(talus_report, mae, 256);
SIZE(talus_report, 272);
AT(talus_table_options, separator, 0);
AT(talus_table_options, header, 4);
AT(talus_table_options, missing, 8);
AT(talus_table_options, task, 12);
AT(talus_table_options, targets, 16);
AT(talus_table_options, ignore, 24);
AT(talus_table_options, categories, 32);
AT(talus_table_options, weights, 40);
AT(talus_table_options, most_categories, 48);
AT(talus_table_options, optional_targets, 56);
AT(talus_table_options, unknown_categories, 60);
SIZE(talus_table_options, 64);
AT(talus_column, name, 0);
AT(talus_column, role, 8);
AT(talus_column, kind, 12);
AT(talus_column, categories, 16);
AT(talus_column, first, 24);
AT(talus_column, width, 32);
AT(talus_column, mean, 40);
SIZE(talus_column, 48);
#endif

/* A longer struct: what the library does not know must be 0. A shorter one: what it lacks has its default. */
START_TEST(structs_may_be_longer_or_shorter)
{
    struct {
        talus_fit_options known;
        double further;
    } fit;
    memset(&fit, 0x5A, sizeof fit);
    talus_fit_options_defaults_sized(&fit.known, sizeof fit);
    ck_assert_double_eq(fit.further, 0);
    fit.known.epochs = 1;
    struct {
        talus_fit_result known;
        double further, beyond;
    } result;
    memset(&result, 0x5A, sizeof result);
    double canary = result.beyond;
    size_t size = sizeof result - sizeof result.beyond, spec = sizeof(talus_optimizer_spec);
    expect_ok(context,
              talus_fit_sized(network, data, NULL, &fit.known, sizeof fit, spec, &result.known, size));
    ck_assert_int_eq(result.known.epochs, 1);
    ck_assert(isnan(result.known.validation_cost) && isfinite(result.known.cost));
    ck_assert_double_eq(result.further, 0);
    ck_assert_double_eq(result.beyond, canary);
    fit.further = 1;
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_fit_sized(network, data, NULL, &fit.known, sizeof fit, spec, NULL, 0));
    char message[200];
    (void)snprintf(
        message, sizeof message,
        "fit: this version of Talus, 0.1.0, knows the first %zu bytes of its struct; the other 8 must "
        "be 0, and are not",
        sizeof(talus_fit_options));
    ck_assert_str_eq(talus_error_message(context), message);
    for (size_t little = 0; little < offsetof(talus_fit_options, user); little += 8) {
        expect_status(context, TALUS_ERROR_ARGUMENT,
                      talus_fit_sized(network, data, NULL, &fit.known, little, spec, NULL, 0));
        expect_message(context, "fit: the size of its struct must be 64 … 65536 bytes, got");
    }
    size = sizeof(talus_fit_options);
    expect_ok(context, talus_fit_sized(network, data, NULL, &fit.known, size, spec, &result.known, 32));
    ck_assert_int_eq(result.known.epochs, 1);
    result.known.epochs = 42;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_fit_sized(network, data, NULL, &fit.known, size, spec, &result.known, 31));
    ck_assert_int_eq(result.known.epochs, 42);
}
END_TEST

START_TEST(other_structs_have_tails_too)
{
    struct {
        talus_layer known;
        int64_t further;
    } layers[2] = {{talus_dense(4, TALUS_RELU), 0}, {talus_dense(2, TALUS_TANH), 0}};
    talus_network_spec spec = talus_dense_network(3, &layers[0].known, 2, TALUS_SQUARED_ERROR);
    talus_network *made = NULL;
    expect_ok(context, talus_network_create_sized(context, &spec, sizeof spec, sizeof layers[0], &made));
    ck_assert_int_eq(talus_network_width(made, 2), 2);
    ck_assert_int_eq(talus_network_activation(made, 2), TALUS_TANH);
    talus_network_destroy(made);
    layers[1].further = 7;
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_network_create_sized(context, &spec, sizeof spec, sizeof layers[0], &made));
    expect_message(context, "layer 2: this version");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_network_create_sized(context, &spec, sizeof spec, 0, &made));
    expect_message(context, "layer 1: the size");
    layers[1].further = 0;
    spec.loss_parameter = 3; /* is beyond the caller's struct, and is not read */
    size_t size = offsetof(talus_network_spec, loss_parameter);
    expect_ok(context, talus_network_create_sized(context, &spec, size, sizeof layers[0], &made));
    talus_network_destroy(made);

    struct {
        talus_optimizer_spec known;
        double further;
    } adam;
    talus_optimizer *optimizer = NULL;
    talus_optimizer_defaults_sized(&adam.known, sizeof adam, TALUS_ADAM);
    expect_ok(context, talus_optimizer_create_sized(context, &adam.known, sizeof adam, TALUS_DTYPE_F32, 1,
                                                    &optimizer));
    talus_optimizer_destroy(optimizer);
    adam.further = -1;
    talus_trainer *trainer = NULL;
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_trainer_create_sized(network, &adam.known, sizeof adam, 1, &trainer));
    adam.known.epsilon = -1; /* is beyond */
    size = offsetof(talus_optimizer_spec, epsilon);
    expect_ok(context, talus_trainer_create_sized(network, &adam.known, size, 1, &trainer));
    talus_trainer_destroy(trainer);

    struct {
        talus_context_options known;
        void *further;
    } options = {small_context(), &options};
    talus_context *other = NULL;
    last_line[0] = '\0';
    expect_status(NULL, TALUS_ERROR_UNSUPPORTED,
                  talus_context_create_sized(&options.known, sizeof options, &other));
    ck_assert_ptr_nonnull(strstr(last_line, "context: this version"));
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_context_create_sized(&options.known, 8, &other));
    size = offsetof(talus_context_options, log), options.known.log = NULL;
    expect_ok(NULL, talus_context_create_sized(&options.known, size, &other));
    talus_context_destroy(other);

    talus_workspace *workspace;
    talus_metrics metrics = {.accuracy = 42};
    expect_ok(context, talus_workspace_create(context, network, 2, &workspace));
    expect_ok(context, talus_evaluate_sized(network, workspace, data, &metrics, 16));
    ck_assert_int_eq(metrics.samples, 2);
    ck_assert_double_eq(metrics.accuracy, 42);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_evaluate_sized(network, workspace, data, &metrics, 15));
    talus_workspace_destroy(workspace);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("structs");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, structs_may_be_longer_or_shorter);
    tcase_add_test(tests, other_structs_have_tails_too);
    return run_suite(suite);
}
