/* Networks with several losses, each of a range of outputs: against networks that have one range alone, with the same
 * parameters. */
#include "network/network.h"
#include "ranges_support.h"

#define TOLERANCE 1e-13

static const int64_t first_output[RANGES + 1] = {0, 3, 5, 6, 8, 10, 12},
                                           first_target[RANGES + 1] = {0, 3, 5, 6, 7, 9, 11};
static const double output_weights[TARGETS] = {1, 2, 0.5, 3, 1, 0.25, 1, 2, 1, 0.5, 1};
/* The network of range r alone, with what the spec of all says and their parameters. */
static talus_network *alone(const talus_network *all, const talus_network_spec *of_all, int r)
{
    talus_layer own[] = {layers[0], talus_dense(ranges[r].outputs, ranges[r].activation)};
    talus_network_spec spec = talus_dense_network(INPUTS, own, 2, ranges[r].loss);
    own[1].alpha = ranges[r].alpha;
    spec.precision = TALUS_DTYPE_F64;
    spec.loss_parameter = ranges[r].loss_parameter;
    spec.missing_targets = of_all->missing_targets;
    if (of_all->output_weights != NULL) {
        spec.output_weights = of_all->output_weights + first_target[r];
        spec.output_weight_count = (int)(first_target[r + 1] - first_target[r]);
    }
    if (tl_loss_kind_of(ranges[r].loss)->fused >= 0)
        spec.label_smoothing = of_all->label_smoothing;
    talus_network *network = made(&spec);
    for (int l = 1; l <= 2; l++)
        for (int part = 0; part < 2; part++) {
            talus_matrix from, to;
            expect_ok(context, talus_network_part(all, NULL, l, part, &from));
            expect_ok(context, talus_network_part(network, NULL, l, part, &to));
            int64_t at = l == 1 ? 0 : first_output[r] * (part == TALUS_PART_WEIGHTS ? from.cols : 1);
            memcpy(to.data, (double *)from.data + at, (size_t)(to.rows * to.cols) * sizeof(double));
        }
    return network;
}

static double weight_of(int r)
{
    return ranges[r].weight == 0 ? 1 : ranges[r].weight;
}

/* Adds a gradient of range r alone, times a factor, to one of all. */
static void add_gradient(const talus_network *all, double *sum, const talus_network *own,
                         const double *gradient, int r, double factor)
{
    talus_matrix of_all = f64(sum, 1, talus_network_parameter_count(all)),
                 of_own = f64(gradient, 1, talus_network_parameter_count(own));
    for (int l = 1; l <= 2; l++)
        for (int part = 0; part < 2; part++) {
            talus_matrix to, from;
            expect_ok(context, talus_network_part(all, &of_all, l, part, &to));
            expect_ok(context, talus_network_part(own, &of_own, l, part, &from));
            int64_t at = l == 1 ? 0 : first_output[r] * (part == TALUS_PART_WEIGHTS ? to.cols : 1);
            for (int64_t i = 0; i < from.rows * from.cols; i++)
                ((double *)to.data)[at + i] += factor * ((double *)from.data)[i];
        }
}

static talus_matrix targets_of(int r)
{
    talus_matrix view = f64(y + first_target[r], N, first_target[r + 1] - first_target[r]);
    view.stride = TARGETS;
    return view;
}

/* Cost and gradient are the sums of those of the ranges. */
static void compare(const talus_network_spec *spec)
{
    talus_network *all = made(spec);
    talus_workspace *workspace = workspace_of(all, N);
    double gradient[MOST], sum[MOST] = {0}, part[MOST], cost, total = 0, costs[RANGES];
    int64_t count = talus_network_parameter_count(all);
    talus_matrix flat = f64(gradient, 1, count), inputs = f64(x, N, INPUTS), targets = f64(y, N, TARGETS);
    talus_dataset *dataset = NULL;
    talus_metrics metrics;
    ck_assert_int_le(count, MOST);
    expect_ok(context, talus_gradient(all, workspace, BATCH(inputs, targets), &cost, &flat));
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &targets, &dataset));
    expect_ok(context, talus_evaluate_ranges(all, workspace, dataset, costs, RANGES));
    expect_ok(context, talus_evaluate(all, workspace, dataset, &metrics));
    for (int r = 0; r < RANGES; r++) {
        talus_network *own = alone(all, spec, r);
        talus_workspace *room = workspace_of(own, N);
        double own_cost;
        talus_matrix view = f64(part, 1, talus_network_parameter_count(own));
        expect_ok(context, talus_gradient(own, room, BATCH(inputs, targets_of(r)), &own_cost, &view));
        ck_assert_double_eq_tol(costs[r], weight_of(r) * own_cost, TOLERANCE);
        total += weight_of(r) * own_cost;
        add_gradient(all, sum, own, part, r, weight_of(r));
        talus_workspace_destroy(room);
        talus_network_destroy(own);
    }
    ck_assert_double_eq_tol(cost, total, TOLERANCE);
    ck_assert_double_eq_tol(metrics.cost, total, TOLERANCE);
    ck_assert_double_le(largest_difference(gradient, sum, count), TOLERANCE);
    talus_dataset_destroy(dataset);
    talus_workspace_destroy(workspace);
    talus_network_destroy(all);
}

START_TEST(costs_and_gradients_add_up)
{
    talus_network_spec spec = several();
    compare(&spec);
    spec.output_weights = output_weights, spec.output_weight_count = TARGETS;
    compare(&spec);
    spec.missing_targets = 1;
    for (int i = 0; i < N * TARGETS; i += 13)
        y[i] = NAN;
    compare(&spec);
    spec.output_weights = NULL, spec.output_weight_count = 0;
    compare(&spec);
}
END_TEST

/* Outputs stand beside each other, and the caller's own gradient goes back through each range. */
START_TEST(passes_are_those_of_the_ranges)
{
    talus_network_spec spec = several();
    talus_network *all = made(&spec);
    talus_workspace *workspace = workspace_of(all, N);
    double out[N * OUTPUTS], own_out[N * OUTPUTS], gradient[MOST], sum[MOST] = {0}, part[MOST];
    double *g = random_array(3, N * OUTPUTS);
    int64_t count = talus_network_parameter_count(all);
    talus_matrix inputs = f64(x, N, INPUTS), outputs = f64(out, N, OUTPUTS), flat = f64(gradient, 1, count),
                 output_gradient = f64(g, N, OUTPUTS);
    expect_ok(context, talus_forward(all, workspace, &inputs, &outputs));
    expect_ok(context, talus_backward(all, workspace, &output_gradient, &flat, NULL));
    for (int r = 0; r < RANGES; r++) {
        talus_network *own = alone(all, &spec, r);
        talus_workspace *room = workspace_of(own, N);
        talus_matrix view = f64(own_out, N, ranges[r].outputs), own_gradient = output_gradient,
                     own_flat = f64(part, 1, talus_network_parameter_count(own));
        own_gradient.data = g + first_output[r], own_gradient.cols = ranges[r].outputs;
        expect_ok(context, talus_forward(own, room, &inputs, &view));
        expect_ok(context, talus_backward(own, room, &own_gradient, &own_flat, NULL));
        for (int64_t i = 0; i < N; i++)
            for (int64_t k = 0; k < ranges[r].outputs; k++)
                ck_assert_double_eq_tol(out[i * OUTPUTS + first_output[r] + k],
                                        own_out[i * ranges[r].outputs + k], TOLERANCE);
        add_gradient(all, sum, own, part, r, 1);
        talus_workspace_destroy(room);
        talus_network_destroy(own);
    }
    ck_assert_double_le(largest_difference(gradient, sum, count), TOLERANCE * N);
    free(g);
    talus_workspace_destroy(workspace);
    talus_network_destroy(all);
}
END_TEST

/* Only the targets of probabilities are smoothed, each range by its own number of classes. */
START_TEST(smoothing_is_of_each_range)
{
    const double smoothing = 0.2;
    double soft[N * TARGETS], cost, expected;
    talus_network_spec spec = several();
    for (int i = 0; i < N; i++)
        for (int k = 0; k < TARGETS; k++) {
            double t = y[i * TARGETS + k], even = k < 3 ? smoothing / 3 : smoothing / 2;
            soft[i * TARGETS + k] = k < 3 || k == 5 ? (1 - smoothing) * t + even : t;
        }
    for (int smooth = 0; smooth < 2; smooth++) {
        talus_trainer *trainer = NULL;
        spec.label_smoothing = smooth ? smoothing : 0;
        talus_network *network = made(&spec);
        expect_ok(context, talus_trainer_create(network, NULL, N, &trainer));
        expect_ok(context,
                  talus_trainer_step(trainer, BATCH(f64(x, N, INPUTS), f64(smooth ? y : soft, N, TARGETS)),
                                     smooth ? &cost : &expected));
        talus_trainer_destroy(trainer);
        talus_network_destroy(network);
    }
    ck_assert_double_eq_tol(cost, expected, TOLERANCE);
}
END_TEST

/* After some steps, for each batch and plan. */
static void compare_threads(const talus_network_spec *spec, int64_t batch, const char *plan)
{
    double *in = random_array(1, batch * INPUTS), *out = random_array(2, batch * TARGETS);
    talus_network *networks[3];
    talus_context *contexts[3];
    for (int64_t i = 0; i < batch * TARGETS; i++)
        out[i] = fabs(out[i]);
    for (int t = 0; t < 3; t++) {
        talus_trainer *trainer = NULL;
        contexts[t] = context_with(1 << t, NULL);
        if (plan != NULL)
            expect_ok(contexts[t], talus_context_set_plan(contexts[t], plan));
        expect_ok(contexts[t], talus_network_create(contexts[t], spec, &networks[t]));
        expect_ok(contexts[t], talus_trainer_create(networks[t], NULL, batch, &trainer));
        for (int step = 0; step < 3; step++)
            expect_ok(
                contexts[t],
                talus_trainer_step(trainer, BATCH(f64(in, batch, INPUTS), f64(out, batch, TARGETS)), NULL));
        talus_trainer_destroy(trainer);
        same_parameters(networks[0], networks[t]);
    }
    for (int t = 0; t < 3; t++) {
        talus_network_destroy(networks[t]);
        talus_context_destroy(contexts[t]);
    }
    free(in), free(out);
}

START_TEST(ranges_have_the_same_bits_on_all_threads_and_plans)
{
    static const char *const plans[] = {NULL, LAYER_BY_LAYER, TILE_BY_TILE, FOR_ALL_SETS("products=blas")};
    static const int64_t batches[] = {1, 17, 130};
    talus_network_spec spec = several();
    layers[0].width = 300;
    spec.precision = _i;
    for (int plan = 0; plan < 4; plan++)
        for (int b = 0; b < 3; b++)
            compare_threads(&spec, batches[b], plans[plan]);
}
END_TEST

START_TEST(ranges_learn_together)
{
    talus_network_spec spec = several(), got;
    talus_network *network = made(&spec);
    talus_matrix inputs = f64(x, N, INPUTS), targets = f64(y, N, TARGETS);
    talus_dataset *dataset = dataset_of(&inputs, &targets);
    talus_workspace *workspace = workspace_of(network, 5);
    talus_fit_options options;
    talus_fit_result result;
    double before[RANGES], after[RANGES], sum = 0;
    talus_fit_options_defaults(&options);
    options.epochs = 300, options.batch = N;
    expect_ok(context, talus_evaluate_ranges(network, workspace, dataset, before, RANGES));
    expect_ok(context, talus_fit(network, dataset, NULL, &options, &result));
    expect_ok(context, talus_evaluate_ranges(network, workspace, dataset, after, RANGES));
    for (int r = 0; r < RANGES; r++) {
        ck_assert_double_lt(after[r], before[r]);
        sum += before[r];
    }
    ck_assert_double_lt(result.cost, sum);
    expect_ok(context, talus_network_get_spec(network, &got));
    ck_assert(got.range_count == RANGES && got.range_size == (int)sizeof *ranges &&
              got.loss == TALUS_SQUARED_ERROR);
    ck_assert_ptr_ne(got.ranges, ranges);
    for (int r = 0; r < RANGES; r++) {
        ck_assert(got.ranges[r].outputs == ranges[r].outputs &&
                  got.ranges[r].activation == ranges[r].activation);
        ck_assert(got.ranges[r].loss == ranges[r].loss && got.ranges[r].weight == weight_of(r));
    }
    ck_assert(got.ranges[4].alpha == 0.7 && got.ranges[4].loss_parameter == 0.3);
    ck_assert_int_eq(talus_network_loss(network), TALUS_CROSS_ENTROPY);
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
}
END_TEST

/* A network whose normalisation is folded has the same losses. */
START_TEST(ranges_are_folded_too)
{
    talus_network_spec spec = several();
    layers[0].normalization = TALUS_NORMALIZATION_BATCH;
    spec.output_weights = output_weights, spec.output_weight_count = TARGETS;
    talus_network *network = made(&spec), *folded = NULL;
    talus_matrix inputs = f64(x, N, INPUTS), targets = f64(y, N, TARGETS);
    talus_dataset *dataset = dataset_of(&inputs, &targets);
    double costs[RANGES], same[RANGES];
    expect_ok(context, talus_network_fold_normalization(network, &folded));
    talus_workspace *workspace = workspace_of(network, N), *room = workspace_of(folded, N);
    expect_ok(context, talus_evaluate_ranges(network, workspace, dataset, costs, RANGES));
    expect_ok(context, talus_evaluate_ranges(folded, room, dataset, same, RANGES));
    for (int r = 0; r < RANGES; r++)
        ck_assert_double_eq_tol(costs[r], same[r], TOLERANCE);
    talus_dataset_destroy(dataset);
    talus_workspace_destroy(workspace);
    talus_workspace_destroy(room);
    talus_network_destroy(network);
    talus_network_destroy(folded);
}
END_TEST

/* One range is a network with its activation and its loss. */
START_TEST(one_range_is_a_network_of_its_own)
{
    const talus_output_range *range = &ranges[_i];
    talus_layer own[] = {layers[0], talus_dense(range->outputs, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(INPUTS, own, 2, TALUS_SQUARED_ERROR), all = several();
    spec.precision = TALUS_DTYPE_F64;
    spec.ranges = range, spec.range_count = 1, spec.range_size = sizeof *range;
    talus_network *several_ranges = made(&all), *plain = alone(several_ranges, &all, _i), *one = made(&spec);
    talus_network *both[] = {one, plain};
    double out[2][N * OUTPUTS], gradient[2][MOST], cost[2];
    talus_matrix inputs = f64(x, N, INPUTS), to, from;
    expect_ok(context, talus_network_parameters(one, &to));
    expect_ok(context, talus_network_parameters(plain, &from));
    memcpy(to.data, from.data, (size_t)to.cols * sizeof(double));
    for (int i = 0; i < 2; i++) {
        talus_workspace *workspace = workspace_of(both[i], N);
        talus_matrix outputs = f64(out[i], N, range->outputs), flat = f64(gradient[i], 1, to.cols);
        expect_ok(context, talus_predict(both[i], workspace, &inputs, &outputs));
        expect_ok(context,
                  talus_gradient(both[i], workspace, BATCH(inputs, targets_of(_i)), &cost[i], &flat));
        talus_workspace_destroy(workspace);
    }
    ck_assert_double_eq_tol(cost[0], weight_of(_i) * cost[1], TOLERANCE);
    for (int64_t i = 0; i < to.cols; i++)
        gradient[1][i] *= weight_of(_i);
    ck_assert_double_le(largest_difference(gradient[0], gradient[1], to.cols), TOLERANCE);
    ck_assert_double_le(largest_difference(out[0], out[1], N * range->outputs), TOLERANCE);
    talus_network_destroy(several_ranges);
    talus_network_destroy(plain);
    talus_network_destroy(one);
}
END_TEST

START_TEST(a_plan_names_the_losses)
{
    char text[4000];
    talus_network_spec spec = several();
    talus_network *network = made(&spec);
    expect_ok(context, talus_plan_describe(context, network, N, text, sizeof text, NULL));
    ck_assert_ptr_nonnull(strstr(text,
                                 "outputs   stored, or cross_entropy, squared_error, binary_cross_entropy, "
                                 "gaussian_nll, huber, squared_error\n"));
    talus_network_destroy(network);
    talus_output_range range;
    talus_output_range_defaults(&range);
    ck_assert(range.outputs == 0 && range.loss == TALUS_SQUARED_ERROR && range.weight == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranges");
    TCase *all = case_with(suite, begin_ranges, end_counted);
    tcase_add_test(all, costs_and_gradients_add_up);
    tcase_add_test(all, passes_are_those_of_the_ranges);
    tcase_add_loop_test(all, one_range_is_a_network_of_its_own, 0, RANGES);
    tcase_add_test(all, smoothing_is_of_each_range);
    tcase_add_loop_test(all, ranges_have_the_same_bits_on_all_threads_and_plans, TALUS_DTYPE_F32,
                        TALUS_DTYPE_F64 + 1);
    tcase_add_test(all, ranges_learn_together);
    tcase_add_test(all, ranges_are_folded_too);
    tcase_add_test(all, a_plan_names_the_losses);
    return run_suite(suite);
}
