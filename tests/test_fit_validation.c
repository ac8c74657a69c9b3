/* Validation on a share of the training set, and batches of all sizes. */
#include "fit_support.h"

static talus_network *network_for(const talus_dataset *data)
{
    return data == labelled ? two_layers(TALUS_DTYPE_F32, INPUTS, 6, 3, TALUS_SOFTMAX)
                            : two_layers(TALUS_DTYPE_F32, INPUTS, 6, 1, TALUS_IDENTITY);
}

/* A split in the fit is a split before it, of each class where there are labels. */
START_TEST(a_share_is_held_out)
{
    talus_dataset *data = _i == 0 ? training : labelled, *share, *rest;
    talus_network *a = network_for(data), *b = network_for(data);
    talus_fit_options options = fit_options(4);
    talus_fit_result of_split, of_parts;
    expect_ok(context, talus_dataset_split(data, 0.3, _i, 5, &share, &rest));
    expect_ok(context, talus_fit(b, rest, share, &options, &of_parts));
    options.validation_split = 0.3;
    expect_ok(context, talus_fit(a, data, NULL, &options, &of_split));
    same_parameters(a, b);
    ck_assert_double_eq(of_split.cost, of_parts.cost);
    ck_assert_double_eq(of_split.validation_cost, of_parts.validation_cost);
    ck_assert(_i == 0 || of_split.validation_accuracy == of_parts.validation_accuracy);
    ck_assert_int_eq(of_split.steps, 4 * 5); /* of 53, 16 are held out: 37 = 4·8 + 5 */
    talus_dataset_destroy(share), talus_dataset_destroy(rest);
    talus_network_destroy(a), talus_network_destroy(b);
}
END_TEST

/* Also when it is one fit after the other: the seed draws the same share. */
START_TEST(fits_with_a_split_go_on)
{
    pupil whole = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.01),
          parts = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.01);
    talus_fit_options options = fit_options(6);
    options.validation_split = 0.2;
    (void)run_fit(&whole, NULL, &options);
    options.epochs = 3;
    (void)run_fit(&parts, NULL, &options), (void)run_fit(&parts, NULL, &options);
    same_parameters(whole.network, parts.network);
    for (int64_t i = 1; i <= 6; i++)
        ck_assert_double_eq(epoch_of(&whole, i).validation_cost, epoch_of(&parts, i).validation_cost);
    free_pupil(&whole), free_pupil(&parts);
}
END_TEST

/* The data set's own context may be busy with other things: nothing is asked of it. */
START_TEST(a_split_is_made_in_the_context_of_the_fit)
{
    counting_allocator other_book = {0};
    talus_context *other = context_with(1, &other_book);
    float numbers[2 * INPUTS] = {0};
    talus_matrix x = talus_matrix_view(numbers, TALUS_DTYPE_F32, 2, INPUTS),
                 y = talus_matrix_view(numbers, TALUS_DTYPE_F32, 2, 1);
    talus_dataset *data;
    expect_ok(other, talus_dataset_from_matrices(other, &x, &y, &data));
    int64_t calls = other_book.calls;
    talus_network *network = network_for(training);
    talus_fit_options options = fit_options(1);
    options.validation_split = 0.5;
    expect_ok(context, talus_fit(network, data, NULL, &options, NULL));
    ck_assert_int_eq(other_book.calls, calls);
    talus_network_destroy(network);
    talus_dataset_destroy(data);
    talus_context_destroy(other);
}
END_TEST

START_TEST(splits_that_cannot_be)
{
    talus_network *network = network_for(training);
    talus_dataset *one = slice_of(training, 7, 1);
    talus_fit_options options = fit_options(1);
    options.validation_split = 0.25;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(network, training, held_out, &options, NULL));
    ck_assert_str_eq(talus_error_message(context),
                     "fit: validation_split must be 0 with a validation set, got 0.25");
    expect_status(context, TALUS_ERROR_SHAPE, talus_fit(network, one, NULL, &options, NULL));
    ck_assert_str_eq(talus_error_message(context),
                     "fit: training must have at least 2 samples for a validation_split, got 1");
    options.validation_split = 1;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(network, training, NULL, &options, NULL));
    talus_dataset_destroy(one);
    talus_network_destroy(network);
}
END_TEST

/* Every metric that the outputs have is watched as talus_evaluate_metric measures it; the best is the largest or the least. */
START_TEST(any_metric_is_watched)
{
    talus_dataset *data = _i < TALUS_METRIC_COUNT ? labelled : training;
    int metric = _i % TALUS_METRIC_COUNT, task = data == labelled ? TALUS_TASK_CLASSES : TALUS_TASK_VALUES;
    talus_network *network = network_for(data);
    talus_fit_options options = fit_options(6);
    talus_fit_result result;
    talus_estimate found;
    options.metric = metric;
    if (talus_metric_applies(metric, task) != 1) {
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(network, data, data, &options, NULL));
        expect_message(context, "is not defined for the outputs of this network, which are ");
        talus_network_destroy(network);
        return;
    }
    talus_trainer *trainer;
    talus_workspace *workspace = workspace_of(network, SAMPLES);
    expect_ok(context, talus_trainer_create(network, NULL, SAMPLES, &trainer));
    expect_ok(context, talus_trainer_fit(trainer, data, data, &options, &result));
    expect_ok(context, talus_evaluate_metric(network, workspace, data, metric, NULL, &found));
    double best = NAN, sign = talus_metric_more_is_better(metric) ? -1 : 1;
    for (int64_t number = 1; number <= 6; number++) {
        talus_epoch epoch;
        expect_ok(context, talus_trainer_epoch(trainer, number, &epoch));
        best = isnan(best) || sign * epoch.watched < sign * best ? epoch.watched : best;
        ck_assert(number < 6 || epoch.watched == found.value);
    }
    ck_assert_double_eq(result.best_value, best);
    options.stop_at_target = 1, options.target = found.value - sign * 100; /* beyond reach */
    expect_ok(context, talus_trainer_fit(trainer, data, data, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
    options.target = found.value + sign * 100;
    expect_ok(context, talus_trainer_fit(trainer, data, data, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_TARGET);
    ck_assert_int_eq(result.epochs, 1);
    talus_trainer_destroy(trainer);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

START_TEST(metrics_need_validation)
{
    talus_network *network = network_for(labelled);
    talus_fit_options options = fit_options(1);
    options.metric = TALUS_METRIC_F1;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(network, labelled, NULL, &options, NULL));
    ck_assert_str_eq(talus_error_message(context), "fit: the metric f1 needs a validation set");
    options.validation_split = 0.2;
    expect_ok(context, talus_fit(network, labelled, NULL, &options, NULL));
    refuse_from_now(&book, 12);
    talus_status status = talus_fit(network, labelled, NULL, &options, NULL);
    for (int n = 13; status == TALUS_ERROR_MEMORY;
         n++) { /* each allocation, those of the metric among them */
        refuse_from_now(&book, n);
        status = talus_fit(network, labelled, NULL, &options, NULL);
    }
    ck_assert_int_eq(status, TALUS_OK);
    talus_network_destroy(network);
}
END_TEST

/* Full batch, mini-batch and one sample a step are steps over such batches. */
START_TEST(batches_of_all_sizes)
{
    static const struct {
        int64_t batch, steps;
    } cases[] = {{TALUS_FULL_BATCH, 1}, {SAMPLES + 1, 1}, {SAMPLES, 1},
                 {SAMPLES - 1, 2},      {ROWS, STEPS},    {1, SAMPLES}};
    talus_matrix x, y;
    expect_ok(context, talus_dataset_matrices(training, &x, &y));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pupil fitted = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01),
              stepped = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
        talus_fit_options options = fit_options(1);
        options.batch = cases[i].batch, options.shuffle = 0;
        ck_assert_int_eq(run_fit(&fitted, NULL, &options).steps, cases[i].steps);
        for (int64_t first = 0; first < SAMPLES; first += options.batch) {
            int64_t left = SAMPLES - first, count = left < options.batch ? left : options.batch;
            talus_matrix of_x = x, of_y = y;
            of_x.data = (double *)x.data + first * x.stride, of_x.rows = count;
            of_y.data = (double *)y.data + first * y.stride, of_y.rows = count;
            expect_ok(context, talus_trainer_step(stepped.trainer, BATCH(of_x, of_y), NULL));
            if (left <= options.batch)
                break;
        }
        same_parameters(fitted.network, stepped.network);
        free_pupil(&fitted), free_pupil(&stepped);
    }
}
END_TEST

/* The error of a validation cost is that of a report at the same parameters, of weighted samples, too. */
START_TEST(costs_have_errors)
{
    double w[HELD_OUT];
    talus_matrix weights = talus_matrix_view(w, TALUS_DTYPE_F64, HELD_OUT, 1);
    for (int i = 0; i < HELD_OUT; i++)
        w[i] = i % 3;
    pupil p = make_pupil(_i, TALUS_ADAM, 0.01);
    talus_workspace *workspace = workspace_of(p.network, SAMPLES);
    talus_fit_options options = fit_options(1);
    talus_estimate cost;
    for (int weighted = 0; weighted < 2; weighted++) {
        (void)run_fit(&p, held_out, &options);
        expect_ok(context,
                  talus_evaluate_metric(p.network, workspace, held_out, TALUS_METRIC_COST, NULL, &cost));
        talus_epoch epoch = epoch_of(&p, weighted + 1);
        ck_assert_double_eq(epoch.validation_cost, cost.value);
        ck_assert_double_eq(epoch.validation_cost_error, cost.error);
        ck_assert_double_gt(cost.error, 0);
        expect_ok(context, talus_dataset_set_weights(held_out, &weights));
    }
    (void)run_fit(&p, NULL, &options);
    ck_assert_double_nan(epoch_of(&p, 3).validation_cost_error);
    refuse_from_now(&book, 2); /* after the order */
    expect_status(context, TALUS_ERROR_MEMORY,
                  talus_trainer_fit(p.trainer, training, held_out, &options, NULL));
    expect_message(context, "no memory for the losses of 30 validation samples");
    talus_workspace_destroy(workspace);
    free_pupil(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_validation");
    TCase *tests = case_with(suite, begin_fits, end_fits);
    tcase_add_loop_test(tests, costs_have_errors, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_loop_test(tests, a_share_is_held_out, 0, 2);
    tcase_add_test(tests, fits_with_a_split_go_on);
    tcase_add_test(tests, a_split_is_made_in_the_context_of_the_fit);
    tcase_add_test(tests, splits_that_cannot_be);
    tcase_add_loop_test(tests, any_metric_is_watched, 0, 2 * TALUS_METRIC_COUNT);
    tcase_add_test(tests, metrics_need_validation);
    tcase_add_test(tests, batches_of_all_sizes);
    return run_suite(suite);
}
