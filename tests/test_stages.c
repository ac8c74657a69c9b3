/* The stages of a pass: barriers between them change nothing, and what a pass may be asked for beyond the public calls. */
#include "engine/arguments.h"
#include "problem.h"
#include "train/trainer.h"

enum { SAMPLES = 192 }; /* twelve tiles of 16: the same number for 1 … 4 threads */

static const problem_spec specs[] = {
    {.n = SAMPLES,
     .widths = {70, 120, 90, 5},
     .hidden = TALUS_TANH,
     .output = TALUS_SOFTMAX,
     .loss = TALUS_CROSS_ENTROPY},
    {.n = SAMPLES, .widths = {70, 120, 90, 5}, .hidden = TALUS_SOFTMAX, .output = TALUS_SOFTMAX},
};
enum { SPECS = sizeof specs / sizeof specs[0] };

/* Runs a test in both modes, both precisions and 1 … 4 threads. */
static void for_all_modes(void (*test)(problem *p))
{
    for (int s = 0; s < SPECS; s++)
        for (int alone = 0; alone < 2; alone++)
            for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
                for (int threads = 1; threads <= 4; threads++) {
                    problem_spec spec = specs[s];
                    spec.precision = precision, spec.threads = threads;
                    spec.plan = alone ? TILE_BY_TILE : FOR_ALL_SETS("samples=16 cache=0");
                    problem p = make_problem(&spec);
                    const tl_schedule *schedule = tl_workspace_schedule(p.workspace, SAMPLES);
                    ck_assert_int_eq(schedule->alone, alone);
                    ck_assert_int_eq(schedule->threads, threads);
                    test(&p);
                    free_problem(&p);
                }
}

static size_t real_size(const problem *p)
{
    return talus_network_precision(p->network) == TALUS_DTYPE_F64 ? sizeof(double) : sizeof(float);
}

/* A flat vector of the problem's precision, filled with zeros. */
static talus_matrix flat_of(const problem *p)
{
    void *data = calloc((size_t)p->parameters, real_size(p));
    ck_assert_ptr_nonnull(data);
    return talus_matrix_view(data, talus_network_precision(p->network), 1, p->parameters);
}

static double number_at(const talus_matrix *flat, int64_t i)
{
    return flat->dtype == TALUS_DTYPE_F64 ? ((double *)flat->data)[i] : (double)((float *)flat->data)[i];
}

/* Barriers ------------------------------------------------------------------------------------------------ */

enum { ROOM = 64 };

/* Puts a barrier behind every stage of the schedule at hand, which moves to `room`. */
static void add_barriers(talus_workspace *workspace, tl_stage *room)
{
    tl_schedule *schedule = &workspace->schedule;
    int count = 0;
    ck_assert_int_le(2 * tl_schedule_room(workspace->network), ROOM);
    for (int i = 0; i < schedule->stage_count; i++) {
        room[count++] = schedule->stages[i];
        room[count++] = (tl_stage){.kind = TL_STAGE_BARRIER, .group = 1, .rows = 1, .slabs = 1};
    }
    schedule->stages = room;
    schedule->stage_count = count;
}

/* Gradient, outputs and ∂C/∂X by the public calls, one after the other. */
typedef struct results {
    double cost;
    talus_matrix gradient, backward;
    double *outputs, *input_gradient;
} results;

static results results_of(problem *p)
{
    results found = {.gradient = flat_of(p), .backward = flat_of(p)};
    found.outputs = calloc((size_t)(p->n * p->outputs), sizeof(double));
    found.input_gradient = calloc((size_t)(p->n * p->inputs), sizeof(double));
    talus_matrix x = inputs_of(p), y = targets_of(p), a = f64_view(found.outputs, p->n, p->outputs),
                 dx = f64_view(found.input_gradient, p->n, p->inputs);
    expect_ok(p->context,
              talus_gradient(p->network, p->workspace, BATCH(x, y), &found.cost, &found.gradient));
    expect_ok(p->context, talus_forward(p->network, p->workspace, &x, &a));
    expect_ok(p->context, talus_backward(p->network, p->workspace, &y, &found.backward, &dx));
    return found;
}

static void free_results(results *found)
{
    free(found->gradient.data), free(found->backward.data);
    free(found->outputs), free(found->input_gradient);
}

static void check_barriers(problem *p)
{
    tl_stage room[ROOM];
    size_t bytes = (size_t)p->parameters * real_size(p);
    results without = results_of(p);
    add_barriers(p->workspace, room);
    results with = results_of(p);
    ck_assert_ptr_eq(p->workspace->schedule.stages, room); /* they were there */
    ck_assert(without.cost == with.cost);
    ck_assert_mem_eq(without.gradient.data, with.gradient.data, bytes);
    ck_assert_mem_eq(without.backward.data, with.backward.data, bytes);
    ck_assert_mem_eq(without.outputs, with.outputs, (size_t)(p->n * p->outputs) * sizeof(double));
    ck_assert_mem_eq(without.input_gradient, with.input_gradient,
                     (size_t)(p->n * p->inputs) * sizeof(double));
    free_results(&without);
    free_results(&with);
}

/* The parameters after some steps from the same beginning. */
static talus_matrix trained(problem *p, bool barriers)
{
    tl_stage room[ROOM];
    talus_matrix x = inputs_of(p), y = targets_of(p), theta, copy = flat_of(p);
    talus_trainer *trainer;
    put_parameters(p);
    expect_ok(p->context, talus_trainer_create(p->network, NULL, SAMPLES, &trainer));
    tl_workspace_schedule(trainer->workspace, SAMPLES);
    if (barriers)
        add_barriers(trainer->workspace, room);
    for (int step = 0; step < 5; step++)
        expect_ok(p->context, talus_trainer_step(trainer, BATCH(x, y), NULL));
    expect_ok(p->context, talus_network_parameters(p->network, &theta));
    memcpy(copy.data, theta.data, (size_t)p->parameters * real_size(p));
    talus_trainer_destroy(trainer);
    return copy;
}

static void check_training(problem *p)
{
    talus_matrix without = trained(p, false), with = trained(p, true);
    ck_assert_mem_eq(without.data, with.data, (size_t)p->parameters * real_size(p));
    free(without.data), free(with.data);
}

START_TEST(barriers_do_not_change_a_bit)
{
    for_all_modes(check_barriers);
    for_all_modes(check_training);
}
END_TEST

/* What passes may be asked for ----------------------------------------------------------------------------- */

static tl_pass gradient_pass(problem *p, const talus_matrix *gradient)
{
    tl_pass pass;
    talus_matrix x = inputs_of(p), y = targets_of(p);
    expect_ok(p->context, tl_pass_begin(p->network, p->workspace, &pass));
    expect_ok(p->context, tl_pass_batch(&pass, BATCH(x, y), sizeof(talus_batch)));
    pass.work = TL_FORWARD | TL_KEEP | TL_LOSS | TL_BACKWARD | TL_WEIGHTS;
    pass.gradient = gradient->data;
    return pass;
}

static void check_add(problem *p)
{
    talus_matrix plain = flat_of(p), added = flat_of(p);
    number_stream stream = numbers_from(8);
    double *before = malloc((size_t)p->parameters * sizeof *before);
    for (int64_t i = 0; i < p->parameters; i++) {
        before[i] = (double)(float)next_number(&stream);
        if (added.dtype == TALUS_DTYPE_F64)
            ((double *)added.data)[i] = before[i];
        else
            ((float *)added.data)[i] = (float)before[i];
    }
    tl_pass pass = gradient_pass(p, &plain), adding = gradient_pass(p, &added);
    adding.add = true;
    expect_ok(p->context, tl_pass_run(&pass, NULL));
    expect_ok(p->context, tl_pass_run(&adding, NULL));
    for (int64_t i = 0; i < p->parameters; i++) {
        double sum = before[i] + number_at(&plain, i);
        ck_assert(number_at(&added, i) == (added.dtype == TALUS_DTYPE_F64 ? sum : (double)(float)sum));
    }
    free(before), free(plain.data), free(added.data);
}

START_TEST(a_gradient_is_added_to_what_stands_there)
{
    for_all_modes(check_add);
}
END_TEST

/* Samples with the weight 2 or 0 are samples that stand there twice or not at all. The weights add up to n, as those of
 * equal samples do. */
static void check_weights(problem *p)
{
    double weights[SAMPLES], plain_cost,
        tolerance = p->network->precision == TALUS_DTYPE_F64 ? C_PRODUCTS * EPSILON_64 * SAMPLES
                                                             : C_SINGLE * EPSILON_32 * SAMPLES;
    talus_matrix weighted = flat_of(p), plain = flat_of(p);
    tl_totals totals;
    for (int i = 0; i < SAMPLES; i++)
        weights[i] = i % 2 == 0 ? 2 : 0;
    tl_pass pass = gradient_pass(p, &weighted);
    pass.weights.matrix = f64_view(weights, SAMPLES, 1);
    pass.weights.matrix.stride = 1;
    expect_ok(p->context, tl_pass_run(&pass, &totals));
    for (int64_t i = 1; i < SAMPLES; i += 2) { /* each as the one before it */
        memcpy(p->x + i * p->inputs, p->x + (i - 1) * p->inputs, (size_t)p->inputs * sizeof *p->x);
        memcpy(p->y + i * p->outputs, p->y + (i - 1) * p->outputs, (size_t)p->outputs * sizeof *p->y);
    }
    talus_matrix x = inputs_of(p), y = targets_of(p);
    expect_ok(p->context, talus_gradient(p->network, p->workspace, BATCH(x, y), &plain_cost, &plain));
    ck_assert_double_eq(totals.weight, SAMPLES);
    ck_assert_double_eq_tol(tl_cost(&totals), plain_cost, tolerance * (1 + fabs(plain_cost)));
    double size = 0, difference = 0;
    for (int64_t i = 0; i < p->parameters; i++) {
        size = fmax(size, fabs(number_at(&plain, i)));
        difference = fmax(difference, fabs(number_at(&plain, i) - number_at(&weighted, i)));
    }
    ck_assert_double_le(difference, tolerance * size);
    free(weighted.data), free(plain.data);
}

START_TEST(a_weight_is_a_number_of_equal_samples)
{
    for_all_modes(check_weights);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stages");
    add_case(suite, "barriers", barriers_do_not_change_a_bit);
    add_case(suite, "passes", a_gradient_is_added_to_what_stands_there,
             a_weight_is_a_number_of_equal_samples);
    return run_suite(suite);
}
