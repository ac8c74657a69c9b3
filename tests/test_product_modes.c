/* Products of bf16 pieces in a whole network: what it computes is what f64 does, but for the error of its mode. */
#include <stdio.h>

#include "fixture.h"
#include "problem.h"

/* The usual size of the relative error of a product of two numbers, half of the largest: each is cut off after 8 bits a piece. Of x6,
 * that of f32. */
static const double errors[TALUS_PRODUCTS_COUNT] = {
    [TALUS_PRODUCTS_EXACT] = 0x1p-24,
    [TALUS_PRODUCTS_BF16_X6] = 0x1p-24,
    [TALUS_PRODUCTS_BF16_X3] = 0x1p-16,
    [TALUS_PRODUCTS_BF16] = 0x1p-8,
};

/* A gradient went through L products forward and L back, whose errors are about independent and so add in squares. A
 * loss of few samples takes small differences of outputs and targets, which doubles them. All else rounds in f32, a few times a
 * layer. */
static double bound_of(int products, int layers)
{
    return 2 * sqrt(2.0 * layers) * errors[products] + 4 * layers * 0x1p-24;
}

/* ‖a − b‖/‖b‖ */
static double relative_error(const double *a, const double *b, int64_t count)
{
    double difference = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(difference / size);
}

/* Against the naive loops in f64, from the same numbers, which f32 has. */
static double gradient_error(const problem_spec *spec)
{
    problem p = make_problem(spec);
    double *ours = malloc((size_t)p.parameters * sizeof *ours),
           *theirs = malloc((size_t)p.parameters * sizeof *theirs);
    naive_targets targets = {.values = p.y};
    for (int64_t i = 0; i < p.parameters; i++)
        p.theta[i] = (double)(float)p.theta[i];
    for (int64_t i = 0; i < p.n * p.inputs; i++)
        p.x[i] = (double)(float)p.x[i];
    for (int64_t i = 0; i < p.n * p.outputs; i++)
        p.y[i] = (double)(float)p.y[i];
    put_parameters(&p);
    library_gradient(&p, ours);
    naive_gradient(p.judge, p.theta, p.x, &targets, theirs);
    const double error = relative_error(ours, theirs, p.parameters);
    free(ours), free(theirs);
    free_problem(&p);
    return error;
}

/* What x6 and f32 are wrong by, in squares over all problems. */
typedef struct sums {
    double exact, six;
} sums;

static void judge(problem_spec spec, int layers, sums *all)
{
    double error[TALUS_PRODUCTS_COUNT];
    for (spec.products = 0; spec.products < TALUS_PRODUCTS_COUNT; spec.products++) {
        error[spec.products] = gradient_error(&spec);
        ck_assert_msg(error[spec.products] <= bound_of(spec.products, layers),
                      "%s, %s, %s, %lld samples: the error is %g", talus_products_name(spec.products),
                      talus_activation_name(spec.hidden), talus_loss_name(spec.loss), (long long)spec.n,
                      error[spec.products]);
    }
    ck_assert_double_gt(error[TALUS_PRODUCTS_BF16],
                        16 * error[TALUS_PRODUCTS_BF16_X3]); /* they are other products */
    ck_assert_double_gt(error[TALUS_PRODUCTS_BF16_X3], 4 * error[TALUS_PRODUCTS_BF16_X6]);
    all->exact += error[TALUS_PRODUCTS_EXACT] * error[TALUS_PRODUCTS_EXACT];
    all->six += error[TALUS_PRODUCTS_BF16_X6] * error[TALUS_PRODUCTS_BF16_X6];
}

START_TEST(gradients_are_those_of_f64_for_activations_and_losses)
{
    sums all = {0};
    for (int hidden = 0; hidden < TALUS_ACTIVATION_COUNT; hidden++)
        if (learns(hidden))
            judge((problem_spec){.n = 100, .widths = {37, 70, 33, 6}, .hidden = hidden}, 3, &all);
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
        const int fused = tl_loss_kind_of(loss)->fused;
        judge((problem_spec){.n = 60,
                             .widths = {33, 65, 6},
                             .hidden = TALUS_TANH,
                             .output = fused < 0 ? TALUS_IDENTITY : fused,
                             .loss = loss},
              2, &all);
    }
    ck_assert_double_le(all.six, all.exact);
}
END_TEST

/* A normalisation of few samples divides by their small differences, and so magnifies errors. */
START_TEST(gradients_are_those_of_f64_for_shapes_and_batches)
{
    static const int64_t batches[] = {1, 2, 7, 15, 16, 31, 33, 100, 300};
    static const int64_t widths[][5] = {{37, 129, 17, 40, 3}, {1, 31, 32, 33, 1}, {64, 96, 128, 32, 16}};
    sums all = {0};
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++)
        for (size_t k = 0; k < sizeof widths / sizeof *widths; k++)
            for (int norm = 0; norm < TALUS_NORMALIZATION_COUNT; norm++) {
                problem_spec spec = {.n = batches[i], .hidden = TALUS_TANH, .normalization = norm};
                memcpy(spec.widths, widths[k], sizeof widths[k]);
                if (norm != TALUS_NORMALIZATION_BATCH || batches[i] > 8)
                    judge(spec, 4, &all);
            }
    ck_assert_double_le(all.six, all.exact);
}
END_TEST

/* Two networks ---------------------------------------------------------------------------------------------- */

enum { INPUTS = 45, OUTPUTS = 4, SAMPLES = 300, LAYERS = 3 };

/* A network in a mode, and the same in f64, with the same parameters. */
typedef struct pair {
    talus_network *of[2];
    int64_t parameters;
} pair;

static pair pair_of(const talus_network_spec *asked, const talus_layer *layers, int products)
{
    pair both;
    for (int i = 0; i < 2; i++) {
        talus_network_spec spec = *asked;
        spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = LAYERS, spec.seed = 8;
        spec.precision = i == 0 ? TALUS_DTYPE_F32 : TALUS_DTYPE_F64;
        spec.products = i == 0 ? products : TALUS_PRODUCTS_EXACT;
        expect_ok(context, talus_network_create(context, &spec, &both.of[i]));
    }
    talus_matrix from, to;
    expect_ok(context, talus_network_parameters(both.of[0], &from));
    expect_ok(context, talus_network_parameters(both.of[1], &to));
    for (int64_t i = 0; i < from.cols; i++)
        ((double *)to.data)[i] = (double)((float *)from.data)[i];
    both.parameters = from.cols;
    return both;
}

static void free_pair(pair *both)
{
    talus_network_destroy(both->of[0]);
    talus_network_destroy(both->of[1]);
}

/* Parameters as doubles. */
static double *parameters_of(talus_network *network)
{
    talus_matrix view;
    expect_ok(context, talus_network_parameters(network, &view));
    double *numbers = malloc((size_t)view.cols * sizeof *numbers);
    for (int64_t i = 0; i < view.cols; i++)
        numbers[i] = view.dtype == TALUS_DTYPE_F64 ? ((double *)view.data)[i]
                                                   : (double)((float *)view.data)[i];
    return numbers;
}

static const talus_layer plain[LAYERS] = {
    {.width = 70, .activation = TALUS_TANH}, {.width = 33, .activation = TALUS_SIGMOID}, {.width = OUTPUTS}};

/* A batch whose numbers f32 has. */
static talus_batch batch_of(int64_t n, bool weighs)
{
    double *x = random_array(1, n * INPUTS), *y = random_array(2, n * OUTPUTS), *w = random_array(3, n);
    float *x32 = to_float(x, n * INPUTS), *y32 = to_float(y, n * OUTPUTS), *w32 = to_float(w, n);
    for (int64_t i = 0; i < n; i++)
        w32[i] = fabsf(w32[i]);
    talus_batch batch = {.inputs = talus_matrix_view(x32, TALUS_DTYPE_F32, n, INPUTS),
                         .targets = talus_matrix_view(y32, TALUS_DTYPE_F32, n, OUTPUTS)};
    if (weighs)
        batch.weights = talus_matrix_view(w32, TALUS_DTYPE_F32, n, 1);
    else
        free(w32);
    free(x), free(y), free(w);
    return batch;
}

static void free_batch(talus_batch *batch)
{
    free(batch->inputs.data), free(batch->targets.data), free(batch->weights.data);
}

/* θ − θ′ of a step of gradient descent with the rate 1, whose layer 1 may be frozen: the gradient as training has it. */
static double *step_of(talus_network *network, const talus_batch *batch, bool freezes)
{
    talus_optimizer_spec spec;
    talus_trainer *trainer;
    double cost, *before = parameters_of(network);
    talus_optimizer_defaults(&spec, TALUS_GRADIENT_DESCENT);
    spec.rate = 1;
    expect_ok(context, talus_trainer_create(network, &spec, batch->inputs.rows, &trainer));
    if (freezes)
        expect_ok(context, talus_trainer_set_layer_factors(trainer, 1, 0, 0));
    expect_ok(context, talus_trainer_step(trainer, batch, &cost));
    double *after = parameters_of(network);
    for (int64_t i = 0; i < talus_network_parameter_count(network); i++)
        before[i] -= after[i];
    talus_trainer_destroy(trainer);
    free(after);
    return before;
}

/* The step is rounded to the digits of θ, of which it has some less. */
static void compare_steps(const talus_network_spec *spec, const talus_layer *layers, bool weighs,
                          bool freezes)
{
    for (int products = 1; products < TALUS_PRODUCTS_COUNT; products++) {
        pair both = pair_of(spec, layers, products);
        talus_batch batch = batch_of(100, weighs);
        double *ours = step_of(both.of[0], &batch, freezes), *theirs = step_of(both.of[1], &batch, freezes),
               *theta = parameters_of(both.of[1]), rounding = 0, size = 0;
        for (int64_t i = 0; i < both.parameters; i++)
            rounding += 0x1p-48 * theta[i] * theta[i], size += theirs[i] * theirs[i];
        ck_assert_double_le(relative_error(ours, theirs, both.parameters),
                            bound_of(products, LAYERS) + sqrt(rounding / size));
        free(ours), free(theirs), free(theta);
        free_batch(&batch);
        free_pair(&both);
    }
}

START_TEST(steps_are_those_of_f64)
{
    talus_layer dropped[LAYERS], mixed[LAYERS];
    const double weights[OUTPUTS] = {1, 0.5, 2, 0};
    const talus_output_range ranges[] = {{.outputs = 1}, {.outputs = 3, .loss = TALUS_HUBER, .weight = 2}};
    memcpy(dropped, plain, sizeof plain);
    dropped[0].dropout = 0.3, dropped[1].dropout = 0.5;
    memcpy(mixed, plain, sizeof plain);
    mixed[0].activation = TALUS_SOFTMAX, mixed[0].normalization = TALUS_NORMALIZATION_LAYER;
    mixed[1].normalization = TALUS_NORMALIZATION_BATCH, mixed[2].normalization = TALUS_NORMALIZATION_LAYER;
    compare_steps(&(talus_network_spec){0}, plain, false, false);
    compare_steps(&(talus_network_spec){0}, plain, true, false);
    compare_steps(&(talus_network_spec){0}, plain, true, true);
    compare_steps(&(talus_network_spec){.input_dropout = 0.2}, dropped, true, false);
    compare_steps(&(talus_network_spec){.output_weights = weights, .output_weight_count = OUTPUTS}, mixed,
                  false, false);
    compare_steps(&(talus_network_spec){.ranges = ranges, .range_count = 2, .range_size = sizeof *ranges},
                  plain, true, false);
}
END_TEST

/* Rows of the outputs of a network, and of what a call makes of them. */
static double *outputs_of(const talus_network *network, const talus_batch *batch, int64_t max_batch)
{
    talus_workspace *workspace = workspace_of(network, max_batch);
    double *out = malloc((size_t)(batch->inputs.rows * OUTPUTS) * sizeof *out);
    const talus_matrix view = f64_view(out, batch->inputs.rows, OUTPUTS);
    expect_ok(context, talus_predict(network, workspace, &batch->inputs, &view));
    talus_workspace_destroy(workspace);
    return out;
}

START_TEST(predictions_are_those_of_f64_in_batches_of_any_size)
{
    static const int64_t sizes[] = {1, 2, 7, 33, 64, 299, SAMPLES};
    talus_batch batch = batch_of(SAMPLES, false);
    for (int products = 1; products < TALUS_PRODUCTS_COUNT; products++) {
        pair both = pair_of(&(talus_network_spec){0}, plain, products);
        double *theirs = outputs_of(both.of[1], &batch, SAMPLES);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            double *ours = outputs_of(both.of[0], &batch, sizes[i]);
            ck_assert_double_le(relative_error(ours, theirs, SAMPLES * OUTPUTS), bound_of(products, LAYERS));
            free(ours);
        }
        free(theirs);
        free_pair(&both);
    }
    free_batch(&batch);
}
END_TEST

/* Weights are split in every pass: what is written to the parameters counts from the next call on. */
START_TEST(parameters_may_be_written_to)
{
    talus_batch batch = batch_of(20, false);
    pair both = pair_of(&(talus_network_spec){0}, plain, TALUS_PRODUCTS_BF16_X3);
    talus_workspace *workspace = workspace_of(both.of[0], 20);
    double first[20 * OUTPUTS], second[20 * OUTPUTS];
    const talus_matrix one = f64_view(first, 20, OUTPUTS), other = f64_view(second, 20, OUTPUTS);
    talus_matrix theta;
    expect_ok(context, talus_predict(both.of[0], workspace, &batch.inputs, &one));
    expect_ok(context, talus_network_parameters(both.of[0], &theta));
    for (int64_t i = 0; i < OUTPUTS * 34; i++) /* W_3 and b_3, of outputs that are linear in them */
        ((float *)theta.data)[theta.cols - 1 - i] *= 2;
    expect_ok(context, talus_predict(both.of[0], workspace, &batch.inputs, &other));
    for (int i = 0; i < 20 * OUTPUTS; i++)
        ck_assert(second[i] == 2 * first[i]);
    talus_workspace_destroy(workspace);
    free_pair(&both);
    free_batch(&batch);
}
END_TEST

/* talus_forward and talus_backward, the latter twice, and once for inputs alone. */
START_TEST(a_forward_call_serves_several_backward_calls)
{
    enum { N = 77 };
    talus_batch batch = batch_of(N, false);
    for (int products = 1; products < TALUS_PRODUCTS_COUNT; products++) {
        pair both = pair_of(&(talus_network_spec){0}, plain, products);
        double *inputs[2], *flat[2];
        for (int i = 0; i < 2; i++) {
            const int dtype = i == 0 ? TALUS_DTYPE_F32 : TALUS_DTYPE_F64;
            talus_workspace *workspace = workspace_of(both.of[i], N);
            double *gradient = calloc((size_t)both.parameters, sizeof *gradient);
            inputs[i] = malloc(N * INPUTS * sizeof **inputs), flat[i] = gradient;
            const talus_matrix to_inputs = f64_view(inputs[i], N, INPUTS),
                               to = talus_matrix_view(gradient, dtype, 1, both.parameters);
            expect_ok(context, talus_forward(both.of[i], workspace, &batch.inputs, NULL));
            expect_ok(context, talus_backward(both.of[i], workspace, &batch.targets, NULL, &to_inputs));
            expect_ok(context, talus_backward(both.of[i], workspace, &batch.targets, &to, NULL));
            expect_ok(context, talus_backward(both.of[i], workspace, &batch.targets, &to, &to_inputs));
            for (int64_t k = both.parameters - 1; i == 0 && k >= 0; k--) {
                const float number = ((float *)to.data)[k];
                gradient[k] = (double)number;
            }
            talus_workspace_destroy(workspace);
        }
        const double bound = bound_of(products, LAYERS);
        ck_assert_double_le(relative_error(inputs[0], inputs[1], N * INPUTS), bound);
        ck_assert_double_le(relative_error(flat[0], flat[1], both.parameters), bound);
        for (int i = 0; i < 2; i++)
            free(inputs[i]), free(flat[i]);
        free_pair(&both);
    }
    free_batch(&batch);
}
END_TEST

/* Products of other kinds are exact, at activations that are made in the mode. */
START_TEST(derivatives_are_those_of_f64)
{
    enum { N = 40 };
    talus_batch batch = batch_of(N, false);
    for (int products = 1; products < TALUS_PRODUCTS_COUNT; products++) {
        pair both = pair_of(&(talus_network_spec){0}, plain, products);
        double *curved[2], *moved[2], *pulled[2], *slopes[2];
        for (int i = 0; i < 2; i++) {
            const int dtype = i == 0 ? TALUS_DTYPE_F32 : TALUS_DTYPE_F64;
            talus_workspace *workspace = workspace_of(both.of[i], N);
            double *v = random_array(4, both.parameters),
                   *room = malloc((size_t)both.parameters * sizeof *room);
            float *narrow = to_float(v, both.parameters);
            for (int64_t k = 0; k < both.parameters; k++)
                v[k] = (double)narrow[k];
            const talus_matrix along = talus_matrix_view(i == 0 ? (void *)narrow : (void *)v, dtype, 1,
                                                         both.parameters),
                               flat = talus_matrix_view(room, dtype, 1, both.parameters);
            double *to[2];
            moved[i] = malloc(N * OUTPUTS * sizeof **moved);
            slopes[i] = malloc(N * OUTPUTS * INPUTS * sizeof **slopes);
            const talus_matrix moves = f64_view(moved[i], N, OUTPUTS),
                               all = f64_view(slopes[i], N, OUTPUTS * INPUTS);
            expect_ok(context,
                      talus_parameter_jacobian_product(both.of[i], workspace, &batch.inputs, &along, &moves));
            expect_ok(context, talus_jacobian(both.of[i], workspace, &batch.inputs, &all));
            for (int k = 0; k < 2; k++) {
                if (k == 0)
                    expect_ok(context, talus_hessian_product(both.of[i], workspace, &batch, &along, &flat));
                else
                    expect_ok(context, talus_parameter_jacobian_transposed_product(
                                           both.of[i], workspace, &batch.inputs, &batch.targets, &flat));
                to[k] = malloc((size_t)both.parameters * sizeof **to);
                for (int64_t at = 0; at < both.parameters; at++)
                    to[k][at] = i == 0 ? (double)((float *)flat.data)[at] : room[at];
            }
            curved[i] = to[0], pulled[i] = to[1];
            free(v), free(narrow), free(room);
            talus_workspace_destroy(workspace);
        }
        const double bound = 2 * bound_of(products, LAYERS); /* twice as many products */
        ck_assert_double_le(relative_error(curved[0], curved[1], both.parameters), bound);
        ck_assert_double_le(relative_error(moved[0], moved[1], N * OUTPUTS), bound);
        ck_assert_double_le(relative_error(pulled[0], pulled[1], both.parameters), bound);
        ck_assert_double_le(relative_error(slopes[0], slopes[1], N * OUTPUTS * INPUTS), bound);
        for (int i = 0; i < 2; i++)
            free(curved[i]), free(moved[i]), free(pulled[i]), free(slopes[i]);
        free_pair(&both);
    }
    free_batch(&batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("product_modes");
    add_case(suite, "gradients", gradients_are_those_of_f64_for_activations_and_losses,
             gradients_are_those_of_f64_for_shapes_and_batches);
    TCase *pairs = case_with(suite, begin_counted, end_counted);
    tcase_add_test(pairs, steps_are_those_of_f64);
    tcase_add_test(pairs, predictions_are_those_of_f64_in_batches_of_any_size);
    tcase_add_test(pairs, parameters_may_be_written_to);
    tcase_add_test(pairs, a_forward_call_serves_several_backward_calls);
    tcase_add_test(pairs, derivatives_are_those_of_f64);
    return run_suite(suite);
}
