/* Clipping of the gradient, by value and by norm, in steps on vectors and in those of a trainer; and steps for which a trainer
 * stores the whole gradient first. */
#include <float.h>

#include "run_support.h"

static talus_context *context;

static void setup(void)
{
    context = context_with(1, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

static talus_optimizer_spec spec_of(int method, double clip_value, double clip_norm)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, method);
    spec.clip_value = clip_value, spec.clip_norm = clip_norm;
    return spec;
}

static talus_optimizer *make(const talus_optimizer_spec *spec, int precision, int64_t count)
{
    talus_optimizer *optimizer = NULL;
    expect_ok(context, talus_optimizer_create(context, spec, precision, count, &optimizer));
    return optimizer;
}

/* From θ = 0, gradient descent with η = 1 ends at −g, so that it shows the gradient that the rule has seen. */
static void see_f64(double clip_value, double clip_norm, const double *g, int64_t count, double *seen)
{
    talus_optimizer_spec spec = spec_of(TALUS_GRADIENT_DESCENT, clip_value, clip_norm);
    spec.rate = 1;
    talus_optimizer *optimizer = make(&spec, TALUS_DTYPE_F64, count);
    memset(seen, 0, (size_t)count * sizeof *seen);
    talus_matrix theta = talus_matrix_view(seen, TALUS_DTYPE_F64, 1, count),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, count);
    expect_ok(context, talus_optimizer_step(optimizer, &theta, &gradient));
    for (int64_t i = 0; i < count; i++)
        seen[i] = 0 - seen[i];
    talus_optimizer_destroy(optimizer);
}

START_TEST(clipped_by_hand)
{
    const double g[4] = {3, -4, 0.25, 0};
    double seen[4];
    see_f64(2, 0, g, 4, seen);
    ck_assert(seen[0] == 2 && seen[1] == -2 && seen[2] == 0.25 && seen[3] == 0);
    see_f64(4, 0, g, 4, seen);
    ck_assert_mem_eq(seen, g, sizeof g);
    see_f64(0, 1, g, 2, seen); /* (3, −4) has the norm 5 */
    ck_assert_double_eq_tol(seen[0], 0.6, DBL_EPSILON);
    ck_assert_double_eq_tol(seen[1], -0.8, DBL_EPSILON);
    see_f64(0, 5, g, 2, seen); /* just not clipped */
    ck_assert_mem_eq(seen, g, 2 * sizeof *g);
    see_f64(0, 5.5, g, 2, seen);
    ck_assert_mem_eq(seen, g, 2 * sizeof *g);
}
END_TEST

/* ‖g·c/‖g‖‖ = c, for norms that in float would not be numbers. */
START_TEST(the_norm_becomes_the_threshold)
{
    enum { COUNT = 70001 };
    static const double sizes[] = {1e-15, 1, 1e17, 1e34};
    float *theta = malloc(COUNT * sizeof *theta), *g = malloc(COUNT * sizeof *g);
    for (int k = 0; k < 4; k++)
        for (double threshold = 1e-18; threshold < sizes[k]; threshold *= 1e5) {
            double *drawn = random_array(5, COUNT), squares = 0;
            talus_optimizer_spec spec = spec_of(TALUS_GRADIENT_DESCENT, 0, threshold);
            spec.rate = 1;
            talus_optimizer *optimizer = make(&spec, TALUS_DTYPE_F32, COUNT);
            for (int64_t i = 0; i < COUNT; i++)
                theta[i] = 0, g[i] = (float)(sizes[k] * drawn[i]);
            talus_matrix parameters = talus_matrix_view(theta, TALUS_DTYPE_F32, 1, COUNT),
                         gradient = talus_matrix_view(g, TALUS_DTYPE_F32, 1, COUNT);
            expect_ok(context, talus_optimizer_step(optimizer, &parameters, &gradient));
            for (int64_t i = 0; i < COUNT; i++)
                squares += (double)theta[i] * (double)theta[i];
            ck_assert_double_eq_tol(sqrt(squares) / threshold, 1, (double)FLT_EPSILON);
            talus_optimizer_destroy(optimizer);
            free(drawn);
        }
    free(theta), free(g);
}
END_TEST

/* Every method takes the clipped gradient as if the caller had clipped it. */
static void follow_clipped(int method, double clip_value, double clip_norm)
{
    enum { COUNT = 1003 };
    double *ours = random_array(1, COUNT), *theirs = random_array(1, COUNT), clipped[COUNT];
    talus_optimizer_spec clips = spec_of(method, clip_value, clip_norm), plain = spec_of(method, 0, 0);
    talus_optimizer *a = make(&clips, TALUS_DTYPE_F64, COUNT), *b = make(&plain, TALUS_DTYPE_F64, COUNT);
    for (int step = 0; step < 10; step++) {
        double *g = random_array((uint64_t)step + 2, COUNT);
        see_f64(clip_value, clip_norm, g, COUNT, clipped);
        talus_matrix of_a = talus_matrix_view(ours, TALUS_DTYPE_F64, 1, COUNT),
                     of_b = talus_matrix_view(theirs, TALUS_DTYPE_F64, 1, COUNT),
                     whole = talus_matrix_view(g, TALUS_DTYPE_F64, 1, COUNT),
                     cut = talus_matrix_view(clipped, TALUS_DTYPE_F64, 1, COUNT);
        expect_ok(context, talus_optimizer_step(a, &of_a, &whole));
        expect_ok(context, talus_optimizer_step(b, &of_b, &cut));
        free(g);
    }
    ck_assert_mem_eq(ours, theirs, sizeof clipped);
    talus_optimizer_destroy(a), talus_optimizer_destroy(b);
    free(ours), free(theirs);
}

START_TEST(every_method_sees_the_clipped_gradient)
{
    for (int method = 0; method < TALUS_IRPROP_MINUS; method++) /* irprop sees signs */ {
        follow_clipped(method, 0.3, 0);
        follow_clipped(method, 0, 2.5);
    }
}
END_TEST

static void refuse(double clip_value, double clip_norm, const char *piece)
{
    talus_optimizer_spec spec = spec_of(TALUS_ADAM, clip_value, clip_norm);
    talus_optimizer *optimizer = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_optimizer_create(context, &spec, TALUS_DTYPE_F32, 3, &optimizer));
    expect_message(context, piece);
}

START_TEST(bad_thresholds_are_refused)
{
    refuse(-1, 0, "clip_value must be a finite number at least 0, got -1");
    refuse(0, NAN, "clip_norm must be a finite number at least 0, got nan");
    refuse(1, 2, "optimizer: one of clip_value and clip_norm must be 0, got 1 and 2");
    refuse(1e-40, 0, "clip_value must be at least 1.1754944e-38, the smallest normal number of f32");
    refuse(0, 1e40, "clip_norm must be at most 3.4028235e38, the largest normal number of f32");
}
END_TEST

/* Clipping hides no number that is not finite. */
START_TEST(what_is_not_finite_is_refused)
{
    for (int way = 0; way < 2; way++) {
        talus_optimizer_spec spec = spec_of(TALUS_MOMENTUM, way == 0 ? 1 : 0, way == 1 ? 1 : 0);
        talus_optimizer *optimizer = make(&spec, TALUS_DTYPE_F32, 3);
        const float bad[] = {INFINITY, -INFINITY, NAN};
        for (int k = 0; k < 3; k++) {
            float theta[3] = {1, 2, 3}, g[3] = {1, bad[k], 1};
            talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F32, 1, 3),
                         gradient = talus_matrix_view(g, TALUS_DTYPE_F32, 1, 3);
            expect_status(context, TALUS_ERROR_DATA, talus_optimizer_step(optimizer, &p, &gradient));
            expect_message(context, "gradient must be finite, got");
            ck_assert(theta[0] == 1 && theta[1] == 2 && theta[2] == 3);
        }
        float theta[3] = {FLT_MAX, 2, 3}, g[3] = {-FLT_MAX, FLT_MAX, 1}; /* is clipped to 1, and less */
        talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F32, 1, 3),
                     gradient = talus_matrix_view(g, TALUS_DTYPE_F32, 1, 3);
        expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
        ck_assert(theta[0] == FLT_MAX && theta[1] < 2 && theta[1] > 1.98f);
        talus_optimizer_destroy(optimizer);
    }
}
END_TEST

/* Trainers ------------------------------------------------------------------------------------------------- */

enum { INPUTS = 37, HIDDEN = 65, OUTPUTS = 3, SAMPLES = 41 };

static run make_run(const talus_optimizer_spec *spec, int precision, int threads)
{
    const talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    return open_run(context_with(threads, NULL), INPUTS, layers, 2, precision, spec, SAMPLES);
}

static void same_parameters(const run *a, const run *b)
{
    ck_assert_mem_eq(a->parameters.data, b->parameters.data,
                     (size_t)a->parameters.cols * (a->parameters.dtype == TALUS_DTYPE_F64 ? 8 : 4));
}

/* A threshold that is never reached changes no bit, though the gradient is stored; nor do threads. */
START_TEST(stored_steps_are_the_fused_ones)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int method = 0; method < TALUS_IRPROP_MINUS; method++) /* irprop sees signs */ {
            talus_optimizer_spec plain = spec_of(method, 0, 0), stored = spec_of(method, 0, 1e9),
                                 cut = spec_of(method, 1e9, 0);
            run fused = make_run(&plain, precision, 1), value = make_run(&cut, precision, 2);
            run other[3] = {make_run(&stored, precision, 1), make_run(&stored, precision, 2),
                            make_run(&stored, precision, 4)};
            for (int k = 0; k < 5; k++) {
                double cost = step_run(&fused);
                ck_assert_double_eq(step_run(&value), cost);
                for (int i = 0; i < 3; i++)
                    ck_assert_double_eq(step_run(&other[i]), cost);
            }
            same_parameters(&fused, &value);
            for (int i = 0; i < 3; i++) {
                same_parameters(&fused, &other[i]);
                free_run(&other[i]);
            }
            free_run(&fused), free_run(&value);
        }
}
END_TEST

/* The steps of a trainer that clips are those of an optimiser that is given the network's gradient. */
START_TEST(trainers_clip_as_optimizers_do)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int way = 0; way < 2; way++) {
            talus_optimizer_spec spec = spec_of(TALUS_ADAM, way == 0 ? 0.01 : 0, way == 1 ? 0.05 : 0);
            run trained = make_run(&spec, precision, 2), by_hand = make_run(&spec, precision, 1);
            int64_t count = by_hand.parameters.cols;
            void *g = malloc((size_t)count * sizeof(double));
            talus_matrix gradient = talus_matrix_view(g, precision, 1, count),
                         inputs = talus_matrix_view(by_hand.x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                         targets = talus_matrix_view(by_hand.y, TALUS_DTYPE_F64, SAMPLES, OUTPUTS);
            talus_workspace *workspace;
            talus_optimizer *optimizer;
            expect_ok(by_hand.context,
                      talus_workspace_create(by_hand.context, by_hand.network, SAMPLES, &workspace));
            expect_ok(by_hand.context,
                      talus_optimizer_create(by_hand.context, &spec, precision, count, &optimizer));
            for (int k = 0; k < 5; k++) {
                (void)step_run(&trained);
                expect_ok(by_hand.context, talus_gradient(by_hand.network, workspace, BATCH(inputs, targets),
                                                          NULL, &gradient));
                expect_ok(by_hand.context, talus_optimizer_step(optimizer, &by_hand.parameters, &gradient));
            }
            same_parameters(&trained, &by_hand);
            talus_optimizer_destroy(optimizer);
            talus_workspace_destroy(workspace);
            free_run(&trained), free_run(&by_hand);
            free(g);
        }
}
END_TEST

/* The gradient overflows before the cost does: the step is left out, clipped or not. */
START_TEST(clipped_trainers_leave_out_what_is_not_finite)
{
    for (int way = 0; way < 2; way++) {
        talus_optimizer_spec spec = spec_of(TALUS_GRADIENT_DESCENT, way == 0 ? 1 : 0, way == 1 ? 1 : 0);
        run r = make_run(&spec, TALUS_DTYPE_F32, 2);
        for (int64_t i = 0; i < SAMPLES * OUTPUTS; i++)
            r.y[i] *= 1e37;
        for (int64_t i = 0; i < SAMPLES * INPUTS; i++)
            r.x[i] *= 1e4;
        memset(r.parameters.data, 0, HIDDEN * INPUTS * sizeof(float)); /* W_1, so that tanh′ is 1 */
        size_t bytes = (size_t)r.parameters.cols * sizeof(float);
        void *before = malloc(bytes);
        memcpy(before, r.parameters.data, bytes);
        ck_assert(!isfinite(step_run(&r)));
        ck_assert_mem_eq(before, r.parameters.data, bytes);
        free(before);
        free_run(&r);
    }
}
END_TEST

START_TEST(the_stored_gradient_needs_memory)
{
    counting_allocator allocator = {0};
    talus_context *counted = context_with(1, &allocator);
    talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 1, TALUS_SQUARED_ERROR);
    talus_optimizer_spec plain = spec_of(TALUS_ADAM, 0, 0), stored = spec_of(TALUS_ADAM, 0, 1);
    talus_network *network;
    talus_trainer *trainer = NULL;
    expect_ok(counted, talus_network_create(counted, &spec, &network));
    int64_t before = allocator.calls;
    expect_ok(counted, talus_trainer_create(network, &plain, SAMPLES, &trainer));
    int64_t made = allocator.calls - before, alive = allocator.alive;
    talus_trainer_destroy(trainer);
    expect_ok(counted, talus_trainer_create(network, &stored, SAMPLES, &trainer));
    ck_assert_int_eq(allocator.alive, alive + 1);
    talus_trainer_destroy(trainer);
    trainer = NULL;
    refuse_from_now(&allocator, (int)made + 1);
    expect_status(counted, TALUS_ERROR_MEMORY, talus_trainer_create(network, &stored, SAMPLES, &trainer));
    expect_message(counted, "trainer: the allocator returned no memory for a gradient of 2470 numbers");
    ck_assert_ptr_null(trainer);
    allocator.fail_at = 0;
    talus_network_destroy(network);
    talus_context_destroy(counted);
    ck_assert_int_eq(allocator.alive, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clipping");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, clipped_by_hand);
    tcase_add_test(tests, the_norm_becomes_the_threshold);
    tcase_add_test(tests, every_method_sees_the_clipped_gradient);
    tcase_add_test(tests, bad_thresholds_are_refused);
    tcase_add_test(tests, what_is_not_finite_is_refused);
    tcase_add_test(tests, stored_steps_are_the_fused_ones);
    tcase_add_test(tests, trainers_clip_as_optimizers_do);
    tcase_add_test(tests, clipped_trainers_leave_out_what_is_not_finite);
    tcase_add_test(tests, the_stored_gradient_needs_memory);
    return run_suite(suite);
}
