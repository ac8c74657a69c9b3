/* Statistics of a batch: closed forms, when the running ones move, and where they belong. */
#include "network/network.h"
#include "normalization_support.h"

static talus_context *context;

static void begin(void)
{
    context = context_with(1, NULL);
}

static void end(void)
{
    talus_context_destroy(context);
}

enum { SAMPLES = 5, UNITS = 3 };
static const double batch_x[SAMPLES * UNITS] = {1, 10, -4, 2, 10, 4, 3, 10, -4, 4, 10, 4, 5, 15, 0};
static const double batch_means[UNITS] = {3, 11, 0}, batch_variances[UNITS] = {2, 4, 12.8};

static const double *statistics_of(const problem *p, double **variances)
{
    talus_matrix of_means, of_variances;
    expect_ok(p->context, talus_network_statistics(p->network, 1, &of_means, &of_variances));
    ck_assert(of_means.rows == 1 && of_means.cols == p->outputs && of_means.dtype == TALUS_DTYPE_F64);
    ck_assert(of_variances.rows == 1 && of_variances.cols == p->outputs);
    *variances = of_variances.data;
    return of_means.data;
}

/* By hand: with W = I, a step of rate tiny on five samples. The cost is that of the batch's own statistics, Σ (a − y)²/2 = 0 for
 * y = ẑ; the running statistics move by the momentum 0.1 to the means and to 5/4 of the variances; then predictions are made
 * with them. */
START_TEST(a_batch_by_hand)
{
    problem p = bare_layer(TALUS_NORMALIZATION_BATCH, SAMPLES, UNITS, TALUS_DTYPE_F64);
    double y[SAMPLES * UNITS], a[SAMPLES * UNITS], cost, *variances;
    for (int i = 0; i < SAMPLES * UNITS; i++)
        y[i] = (batch_x[i] - batch_means[i % UNITS]) / sqrt(batch_variances[i % UNITS] + 1e-5);
    talus_matrix x = f64_view(batch_x, SAMPLES, UNITS), targets = f64_view(y, SAMPLES, UNITS),
                 out = f64_view(a, SAMPLES, UNITS);
    const double *means = statistics_of(&p, &variances);
    for (int k = 0; k < UNITS; k++)
        ck_assert(means[k] == 0 && variances[k] == 1);
    expect_ok(p.context, talus_gradient(p.network, p.workspace, BATCH(x, targets), &cost, NULL));
    ck_assert_double_le(cost, EPSILON_64 * EPSILON_64 * 100);
    for (int k = 0; k < UNITS; k++)
        ck_assert(means[k] == 0 && variances[k] == 1); /* a gradient is no step */
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    talus_trainer *trainer;
    expect_ok(p.context, talus_trainer_create(p.network, &descent, SAMPLES, &trainer));
    expect_ok(p.context, talus_trainer_step(trainer, BATCH(x, targets), NULL));
    for (int k = 0; k < UNITS; k++) {
        ck_assert_double_eq_tol(means[k], 0.1 * batch_means[k], 4 * EPSILON_64 * 11);
        ck_assert_double_eq_tol(variances[k], 0.9 + 0.1 * 1.25 * batch_variances[k], 4 * EPSILON_64 * 16);
    }
    put_parameters(&p);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &out));
    for (int i = 0; i < SAMPLES * UNITS; i++)
        ck_assert_double_eq_tol(a[i], (batch_x[i] - means[i % UNITS]) / sqrt(variances[i % UNITS] + 1e-5),
                                16 * EPSILON_64 * 15);
    talus_trainer_destroy(trainer);
    free_problem(&p);
}
END_TEST

/* A step that is refused, and one on a single sample, which is normalised by the running statistics, leave those as they are;
 * and so does a unit whose variance overflows. */
START_TEST(statistics_move_with_steps_alone)
{
    problem p = bare_layer(TALUS_NORMALIZATION_BATCH, SAMPLES, UNITS, TALUS_DTYPE_F64);
    double y[SAMPLES * UNITS] = {0}, *variances, cost, evaluated;
    const double *means = statistics_of(&p, &variances);
    talus_matrix x = f64_view(batch_x, SAMPLES, UNITS), zeros = f64_view(y, SAMPLES, UNITS);
    talus_matrix one = f64_view(batch_x, 1, UNITS), one_zero = f64_view(y, 1, UNITS);
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    talus_trainer *trainer;
    talus_metrics metrics;
    expect_ok(p.context, talus_trainer_create(p.network, &descent, SAMPLES, &trainer));
    expect_ok(p.context, talus_evaluate_batch(p.network, p.workspace, BATCH(one, one_zero), &metrics));
    expect_ok(p.context, talus_trainer_step(trainer, BATCH(one, one_zero), &cost));
    evaluated = metrics.cost;
    ck_assert(cost == evaluated);
    p.theta[naive_scales_at(&p.naive, 1)] = 1e200; /* the cost overflows */
    put_parameters(&p);
    expect_ok(p.context, talus_trainer_step(trainer, BATCH(x, zeros), &cost));
    ck_assert(!isfinite(cost));
    for (int k = 0; k < UNITS; k++)
        ck_assert(means[k] == 0 && variances[k] == 1);
    double huge[SAMPLES * UNITS];
    memcpy(huge, batch_x, sizeof huge);
    for (int i = 0; i < SAMPLES; i++)
        huge[i * UNITS] = (i - 2) * 1e200;
    talus_matrix far = f64_view(huge, SAMPLES, UNITS);
    p.theta[naive_scales_at(&p.naive, 1)] = 1;
    put_parameters(&p);
    expect_ok(p.context, talus_trainer_step(trainer, BATCH(far, zeros), &cost));
    ck_assert(isfinite(cost));
    ck_assert(means[0] == 0 && variances[0] == 1 && means[1] != 0 && variances[2] != 1);
    talus_trainer_destroy(trainer);
    free_problem(&p);
}
END_TEST

/* Gradients with statistics that are constants: of one sample. */
START_TEST(one_sample_takes_the_running_statistics)
{
    problem p = normalized_problem(TALUS_NORMALIZATION_BATCH, TALUS_TANH, 17, 1);
    talus_matrix x = inputs_of(&p), y = targets_of(&p), means, variances;
    number_stream numbers = numbers_from(12);
    expect_ok(p.context, talus_network_statistics(p.network, 1, &means, &variances));
    for (int k = 0; k < 17; k++) {
        ((double *)means.data)[k] = next_number(&numbers);
        ((double *)variances.data)[k] = 0.2 + fabs(next_number(&numbers));
    }
    talus_gradient_check_result found;
    expect_ok(p.context, talus_gradient_check(p.network, p.workspace, BATCH(x, y), 0, 7, &found));
    ck_assert_int_gt(found.checked, 100);
    ck_assert_double_lt(found.error, 1e-3);
    free_problem(&p);
}
END_TEST

START_TEST(statistics_belong_to_the_state)
{
    talus_layer layers[2] = {{.width = 3, .normalization = TALUS_NORMALIZATION_BATCH}, {.width = 1}};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    talus_matrix means, variances, again;
    talus_layer said;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_get_layer(network, 1, &said));
    ck_assert(said.without_biases == 1 && said.normalization_momentum == 0.1);
    expect_ok(context, talus_network_statistics(network, 1, &means, NULL));
    expect_ok(context, talus_network_statistics(network, 1, NULL, &variances));
    double *mean = means.data, *variance = variances.data;
    mean[2] = 5, variance[0] = 7;
    void *state = malloc(tl_network_state_bytes(network));
    tl_network_state_save(network, state);
    expect_ok(context, talus_network_initialize(network, 3));
    ck_assert(mean[2] == 0 && variance[0] == 1);
    tl_network_state_restore(network, state);
    ck_assert(mean[2] == 5 && variance[0] == 7);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_statistics(NULL, 1, &again, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_statistics(network, 0, &again, NULL));
    expect_message(context, "layer must be 1 … 2, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_statistics(network, 2, &again, NULL));
    expect_message(context, "layer 2 has no running statistics: its normalization is none, not batch");
    free(state);
    talus_network_destroy(network);
}
END_TEST

/* Two batches that a fit takes together make one step, and a search makes one from several passes: the statistics move once,
 * to those of the batch that came last. */
START_TEST(statistics_move_once_a_step)
{
    double x[8] = {1, 2, 3, 6, 5, 5, 7, 11}, y[8] = {0};
    talus_matrix inputs = f64_view(x, 8, 1), targets = f64_view(y, 8, 1), last = f64_view(x + 4, 4, 1),
                 zeros = f64_view(y, 4, 1), means;
    for (int searches = 0; searches < 2; searches++) {
        problem p = bare_layer(TALUS_NORMALIZATION_BATCH, 8, 1, TALUS_DTYPE_F64);
        talus_optimizer_spec spec;
        talus_optimizer_defaults(&spec, searches ? TALUS_LBFGS : TALUS_GRADIENT_DESCENT);
        talus_trainer *trainer;
        talus_dataset *data;
        talus_fit_options options;
        talus_fit_options_defaults(&options);
        options.epochs = 1, options.batch = 4, options.accumulate = 2, options.shuffle = 0;
        expect_ok(p.context, talus_trainer_create(p.network, &spec, 8, &trainer));
        expect_ok(p.context, talus_dataset_from_matrices(p.context, &inputs, &targets, &data));
        if (searches)
            expect_ok(p.context, talus_trainer_step(trainer, BATCH(last, zeros), NULL));
        else
            expect_ok(p.context, talus_trainer_fit(trainer, data, NULL, &options, NULL));
        ck_assert_int_eq(talus_trainer_steps(trainer), 1);
        expect_ok(p.context, talus_network_statistics(p.network, 1, &means, NULL));
        double moved = searches ? 1e-4 : 0; /* W, of whose size the cost depends through ε alone */
        ck_assert_double_eq_tol(((double *)means.data)[0], 0.1 * 7, moved + 4 * EPSILON_64);
        talus_dataset_destroy(data);
        talus_trainer_destroy(trainer);
        free_problem(&p);
    }
}
END_TEST

START_TEST(no_memory_for_statistics)
{
    counting_allocator failing = {0};
    talus_context *scarce = context_with(1, &failing);
    talus_layer layer = {.width = 3, .normalization = TALUS_NORMALIZATION_BATCH};
    talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    int64_t before = failing.alive;
    for (int n = 1; n <= 3; n++) {
        refuse_from_now(&failing, n);
        expect_status(scarce, TALUS_ERROR_MEMORY, talus_network_create(scarce, &spec, &network));
        ck_assert_int_eq(failing.alive, before);
    }
    failing.fail_at = 0;
    talus_context_destroy(scarce);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batch statistics");
    TCase *steps = case_with(suite, NULL, NULL), *states = case_with(suite, begin, end);
    tcase_add_test(steps, a_batch_by_hand);
    tcase_add_test(steps, statistics_move_with_steps_alone);
    tcase_add_test(steps, one_sample_takes_the_running_statistics);
    tcase_add_test(steps, statistics_move_once_a_step);
    tcase_add_test(steps, no_memory_for_statistics);
    tcase_add_test(states, statistics_belong_to_the_state);
    return run_suite(suite);
}
