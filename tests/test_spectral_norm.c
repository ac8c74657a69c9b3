/* The limit of the spectral norm of weights. */
#include <stdio.h>
#include <unistd.h>

#include "fixture.h"

enum { N = 40, INPUTS = 12, HIDDEN = 20, OUTPUTS = 3 };
static const double LIMIT = 0.7;

typedef struct pupil {
    talus_context *context;
    talus_network *network;
    talus_trainer *trainer;
    double *x, *y;
} pupil;

static talus_status create(talus_context *with, int precision, double limit, double max_norm,
                           talus_network **network)
{
    talus_layer layers[] = {{.width = HIDDEN,
                             .activation = TALUS_TANH,
                             .spectral_norm = limit,
                             .max_norm = max_norm,
                             .normalization = TALUS_NORMALIZATION_BATCH},
                            {.width = OUTPUTS, .spectral_norm = 2 * limit}};
    talus_network_spec spec = {
        .inputs = INPUTS, .layers = layers, .layer_count = 2, .precision = precision, .seed = 4};
    return talus_network_create(with, &spec, network);
}

static pupil make(int threads, int precision, double limit, int method, double rate)
{
    pupil p = {.context = context_with(threads, NULL)};
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, method);
    if (rate > 0)
        optimizer.rate = rate;
    expect_ok(p.context, create(p.context, precision, limit, 0, &p.network));
    expect_ok(p.context, talus_trainer_create(p.network, &optimizer, N, &p.trainer));
    p.x = random_array(1, N * INPUTS), p.y = random_array(2, N * OUTPUTS);
    for (int i = 0; i < N * OUTPUTS; i++)
        p.y[i] *= 20; /* which pulls outwards */
    return p;
}

static void destroy(pupil *p)
{
    talus_trainer_destroy(p->trainer);
    talus_network_destroy(p->network);
    talus_context_destroy(p->context);
    free(p->x), free(p->y);
}

static void step(pupil *p, int times)
{
    const talus_matrix x = talus_matrix_view(p->x, TALUS_DTYPE_F64, N, INPUTS),
                       y = talus_matrix_view(p->y, TALUS_DTYPE_F64, N, OUTPUTS);
    for (int i = 0; i < times; i++)
        expect_ok(p->context, talus_trainer_step(p->trainer, BATCH(x, y), NULL));
}

static double norm_of(const pupil *p, int layer)
{
    talus_weight_spectrum spectrum;
    expect_ok(p->context, talus_network_weight_spectrum(p->network, layer, NULL, &spectrum));
    return spectrum.largest;
}

static void same_networks(const pupil *a, const pupil *b)
{
    same_parameters(a->network, b->network);
}

/* What is known of the norm is some hundredths below it where singular values crowd, as those of random weights do. */
START_TEST(weights_stay_within_the_limit)
{
    for (int precision = 0; precision < 2; precision++) {
        pupil p = make(2, precision, LIMIT, TALUS_ADAM, 0.01),
              free_one = make(2, precision, 0, TALUS_ADAM, 0.01);
        for (int i = 0; i < 100; i++) {
            step(&p, 1), step(&free_one, 1);
            ck_assert_double_le(norm_of(&p, 1), LIMIT * 1.05);
            ck_assert_double_le(norm_of(&p, 2), 2 * LIMIT * 1.05);
        }
        ck_assert_double_ge(norm_of(&p, 2), 2 * LIMIT * 0.99); /* and it is used */
        ck_assert_double_ge(norm_of(&free_one, 1), 2 * LIMIT);
        ck_assert_double_ge(norm_of(&free_one, 2), 4 * LIMIT);
        destroy(&p), destroy(&free_one);
    }
}
END_TEST

START_TEST(methods_of_all_sorts_keep_to_it)
{
    for (int method = 0; method < talus_enumeration_count(TALUS_ENUMERATION_METHOD); method++) {
        pupil p = make(1, TALUS_DTYPE_F64, LIMIT, method, is_update_rule(method) ? 1e-3 : 0);
        step(&p, 20);
        ck_assert_msg(norm_of(&p, 1) <= LIMIT * 1.05 && norm_of(&p, 2) <= 2 * LIMIT * 1.05,
                      "method %d: %g %g", method, norm_of(&p, 1), norm_of(&p, 2));
        destroy(&p);
    }
}
END_TEST

/* At a rate of next to nothing W becomes W·c/‖W‖. */
START_TEST(a_matrix_is_scaled_to_the_limit)
{
    for (int precision = 0; precision < 2; precision++) {
        pupil p = make(1, precision, LIMIT, TALUS_GRADIENT_DESCENT, 1e-30);
        talus_matrix w;
        double before[HIDDEN * INPUTS];
        expect_ok(p.context, talus_network_weights(p.network, NULL, 1, &w));
        for (int i = 0; i < HIDDEN * INPUTS; i++) /* singular values 3, 1, …: the iteration gains 9 a time */
            before[i] = i / INPUTS != i % INPUTS ? 0 : i / INPUTS == 5 ? -3 : 1;
        for (int i = 0; i < HIDDEN * INPUTS; i++)
            if (precision == TALUS_DTYPE_F32)
                ((float *)w.data)[i] = (float)before[i];
            else
                ((double *)w.data)[i] = before[i];
        step(&p, 1);
        for (int i = 0; i < HIDDEN * INPUTS; i++) {
            double now = precision == TALUS_DTYPE_F32 ? (double)((float *)w.data)[i] : ((double *)w.data)[i];
            ck_assert_double_le(fabs(now - before[i] * LIMIT / 3),
                                precision == TALUS_DTYPE_F32 ? 1e-6 : 1e-14);
        }
        destroy(&p);
    }
}
END_TEST

/* The average of schedule_free is within the limit too, and to look at it changes no step. */
START_TEST(averages_keep_to_it)
{
    pupil p = make(1, TALUS_DTYPE_F64, LIMIT, TALUS_SCHEDULE_FREE, 0.05),
          other = make(1, TALUS_DTYPE_F64, LIMIT, TALUS_SCHEDULE_FREE, 0.05);
    for (int i = 0; i < 30; i++) {
        step(&p, 1), step(&other, 1);
        expect_ok(p.context, talus_trainer_set_averaged(p.trainer, 1));
        ck_assert(norm_of(&p, 1) <= LIMIT * 1.05 && norm_of(&p, 2) <= 2 * LIMIT * 1.05);
        expect_ok(p.context, talus_trainer_set_averaged(p.trainer, 0));
        same_networks(&p, &other);
    }
    destroy(&p), destroy(&other);
}
END_TEST

/* The limit of a layer that does not reach it changes no bit; nor is one of weights that are 0 or frozen. */
START_TEST(weights_within_it_stay_as_they_are)
{
    pupil wide = make(2, TALUS_DTYPE_F32, 1e6, TALUS_ADAM, 0.01),
          none = make(2, TALUS_DTYPE_F32, 0, TALUS_ADAM, 0.01);
    step(&wide, 20), step(&none, 20);
    same_networks(&wide, &none);
    destroy(&wide), destroy(&none);

    pupil p = make(1, TALUS_DTYPE_F64, 0.01, TALUS_GRADIENT_DESCENT, 1e-30);
    talus_matrix w;
    expect_ok(p.context, talus_trainer_set_layer_factors(p.trainer, 2, 0, 1));
    const double frozen = norm_of(&p, 2);
    expect_ok(p.context, talus_network_weights(p.network, NULL, 1, &w));
    memset(w.data, 0, HIDDEN * INPUTS * sizeof(double));
    step(&p, 2);
    ck_assert(norm_of(&p, 1) < 1e-20 && norm_of(&p, 2) == frozen);
    destroy(&p);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    for (int precision = 0; precision < 2; precision++) {
        pupil one = make(1, precision, LIMIT, TALUS_ADAM, 0.01);
        step(&one, 10);
        for (int threads = 2; threads <= 8; threads *= 2) {
            pupil p = make(threads, precision, LIMIT, TALUS_ADAM, 0.01);
            step(&p, 10);
            same_networks(&one, &p);
            destroy(&p);
        }
        destroy(&one);
    }
}
END_TEST

/* A network that is saved and loaded goes on as if it had not been, since the direction is kept. */
START_TEST(a_file_keeps_the_direction)
{
    char place[] = "/tmp/talus-spectral-XXXXXX", file[64];
    ck_assert_ptr_nonnull(mkdtemp(place));
    snprintf(file, sizeof file, "%s/model.safetensors", place);
    pupil p = make(1, TALUS_DTYPE_F32, LIMIT, TALUS_GRADIENT_DESCENT, 0.01),
          again = make(1, TALUS_DTYPE_F32, LIMIT, TALUS_GRADIENT_DESCENT, 0.01);
    step(&p, 5);
    expect_ok(p.context, talus_model_save(p.network, NULL, file));
    talus_trainer_destroy(again.trainer);
    talus_network_destroy(again.network);
    expect_ok(again.context, talus_model_load(again.context, file, &again.network));
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, TALUS_GRADIENT_DESCENT);
    optimizer.rate = 0.01;
    expect_ok(again.context, talus_trainer_create(again.network, &optimizer, N, &again.trainer));
    talus_layer layer;
    expect_ok(again.context, talus_network_get_layer(again.network, 1, &layer));
    ck_assert_double_eq(layer.spectral_norm, LIMIT);
    step(&p, 5), step(&again, 5);
    same_networks(&p, &again);
    expect_ok(p.context, talus_network_initialize(p.network, 4)); /* all is as in a new one */
    destroy(&again);
    again = make(1, TALUS_DTYPE_F32, LIMIT, TALUS_GRADIENT_DESCENT, 0.01);
    step(&p, 3), step(&again, 3);
    same_networks(&p, &again);
    unlink(file), rmdir(place);
    destroy(&p), destroy(&again);
}
END_TEST

/* Without normalisation over the batch a network is folded, exported and scaled as if there were no limit. */
START_TEST(other_calls_go_on)
{
    talus_network *network, *folded;
    talus_matrix means;
    double x[8 * INPUTS] = {1, 2, 3};
    const talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, 8, INPUTS);
    expect_ok(context, create(context, TALUS_DTYPE_F64, LIMIT, 0.5, &network));
    expect_ok(context, talus_network_fold_normalization(network, &folded));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fold_normalization(folded, &network));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_statistics(network, 2, &means, NULL));
    expect_ok(context, talus_network_unit_variance(folded, &inputs, 0, 0, NULL));
    expect_ok(context, talus_network_unit_variance(network, &inputs, 0, 0, NULL));
    talus_network_destroy(folded);
    talus_network_destroy(network);
}
END_TEST

START_TEST(limits_that_are_none_are_refused)
{
    const double bad[] = {-1, NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        talus_network *network = NULL;
        expect_status(context, TALUS_ERROR_ARGUMENT, create(context, 0, bad[i], 0, &network));
        expect_message(context, "layer 1: spectral_norm must be");
    }
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    talus_network *network = NULL, *folded = NULL;
    for (int n = 1; network == NULL; n++) {
        refuse_from_now(&book, n);
        talus_status status = create(context, 0, LIMIT, 0, &network);
        ck_assert(status == (network == NULL ? TALUS_ERROR_MEMORY : TALUS_OK));
    }
    for (int n = 1; folded == NULL; n++) {
        refuse_from_now(&book, n);
        talus_status status = talus_network_fold_normalization(network, &folded);
        ck_assert(status == (folded == NULL ? TALUS_ERROR_MEMORY : TALUS_OK));
    }
    book.fail_at = 0;
    talus_network_destroy(folded);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spectral norm");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, weights_stay_within_the_limit);
    tcase_add_test(tests, methods_of_all_sorts_keep_to_it);
    tcase_add_test(tests, a_matrix_is_scaled_to_the_limit);
    tcase_add_test(tests, averages_keep_to_it);
    tcase_add_test(tests, weights_within_it_stay_as_they_are);
    tcase_add_test(tests, threads_do_not_change_a_bit);
    tcase_add_test(tests, a_file_keeps_the_direction);
    tcase_add_test(tests, other_calls_go_on);
    tcase_add_test(tests, limits_that_are_none_are_refused);
    tcase_add_test(tests, every_allocation_may_fail);
    return run_suite(suite);
}
