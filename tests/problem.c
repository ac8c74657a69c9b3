#include "problem.h"

bool learns(int activation)
{
    return !tl_activation_kind_of(activation)->flat;
}

bool goes_together(int output, int loss)
{
    int fused = tl_loss_kind_of(loss)->fused;
    return learns(output) && (fused < 0 || fused == output);
}

/* Targets that the loss takes, within −1 … 1, and for cross-entropy of any sum. */
static double *make_targets(int loss, int64_t count)
{
    const tl_loss_kind *kind = tl_loss_kind_of(loss);
    double least = fmax(kind->least, -1), most = fmin(kind->most, 1);
    double *y = random_array(77, count);
    for (int64_t i = 0; i < count; i++)
        y[i] = least + (most - least) * (y[i] + 1) / 2;
    return y;
}

/* The root of the mean square; 1 if it is less. */
static double size_of(const double *x, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += x[i] * x[i];
    return fmax(1, sqrt(sum / (double)count));
}

/* Parameters with weights of the size that keeps z of order 1. */
static double *make_parameters(naive_pass *pass, const double *x)
{
    const naive_network *naive = &pass->net;
    double *theta = random_array(9, naive_count(naive));
    for (int l = 1; l <= naive->L; l++) {
        naive_forward(pass, theta, x);
        double size = sqrt(3.0 / (double)naive->d[l - 1]) /
                      size_of(pass->A[l - 1], pass->n * naive->d[l - 1]);
        for (int64_t i = 0; i < naive->d[l] * naive->d[l - 1]; i++)
            theta[naive_weights_at(naive, l) + i] *= size;
    }
    return theta;
}

static naive_network naive_of(const problem_spec *spec)
{
    naive_network naive = {.d = {spec->widths[0]},
                           .loss = spec->loss,
                           .loss_parameter = 1.3 * tl_loss_kind_of(spec->loss)->parameter.standard};
    while (naive.L < PROBLEM_LAYERS && spec->widths[naive.L + 1] != 0) {
        naive.L++;
        naive.d[naive.L] = spec->widths[naive.L];
        naive.f[naive.L] = spec->hidden;
        naive.norm[naive.L] = spec->normalization;
        naive.without_biases[naive.L] = spec->without_biases;
        naive.epsilon[naive.L] = spec->epsilon;
    }
    naive.f[naive.L] = spec->output;
    naive.norm[naive.L] = spec->output_normalization;
    for (int l = 1; l <= naive.L; l++) /* which have none anyway */
        naive.without_biases[l] |= naive.norm[l] == TALUS_NORMALIZATION_BATCH;
    return naive;
}

static void make_network(problem *p, const problem_spec *spec)
{
    talus_layer layers[PROBLEM_LAYERS] = {0};
    for (int l = 1; l <= p->naive.L; l++)
        layers[l - 1] = (talus_layer){.width = p->naive.d[l],
                                      .activation = p->naive.f[l],
                                      .normalization = p->naive.norm[l],
                                      .normalization_epsilon = p->naive.norm[l] ? p->naive.epsilon[l] : 0,
                                      .without_biases = p->naive.without_biases[l]};
    talus_network_spec network = {.inputs = p->inputs,
                                  .layers = layers,
                                  .layer_count = p->naive.L,
                                  .loss = spec->loss,
                                  .precision = spec->precision,
                                  .seed = 3,
                                  .loss_parameter = p->naive.loss_parameter,
                                  .products = spec->products};
    expect_ok(p->context, talus_network_create(p->context, &network, &p->network));
}

static talus_context *context_of(const problem_spec *spec)
{
    talus_context_options options;
    talus_context *context = NULL;
    talus_context_options_defaults(&options);
    options.threads = spec->threads == 0 ? 1 : spec->threads;
    options.instruction_set = spec->instruction_set;
    expect_ok(NULL, talus_context_create(&options, &context));
    return context;
}

problem make_problem(const problem_spec *spec)
{
    problem p = {.context = context_of(spec), .naive = naive_of(spec), .n = spec->n, .longest = spec->n};
    p.inputs = p.naive.d[0];
    p.outputs = p.naive.d[p.naive.L];
    for (int l = 0; l <= p.naive.L; l++)
        p.longest = p.naive.d[l] > p.longest ? p.naive.d[l] : p.longest;
    if (spec->plan != NULL)
        expect_ok(p.context, talus_context_set_plan(p.context, spec->plan));
    make_network(&p, spec);
    expect_ok(p.context, talus_workspace_create(p.context, p.network, p.n, &p.workspace));
    p.parameters = talus_network_parameter_count(p.network);
    p.judge = naive_pass_create(&p.naive, p.n);
    ck_assert_ptr_nonnull(p.judge);
    p.x = random_array(5, p.n * p.inputs);
    p.y = make_targets(spec->loss, p.n * p.outputs); /* of gaussian_nll more than are read */
    p.theta = make_parameters(p.judge, p.x);
    put_parameters(&p);
    return p;
}

void free_problem(problem *p)
{
    talus_workspace_destroy(p->workspace);
    talus_network_destroy(p->network);
    talus_context_destroy(p->context);
    naive_pass_destroy(p->judge);
    free(p->x);
    free(p->y);
    free(p->theta);
}

void put_parameters(problem *p)
{
    talus_matrix view;
    expect_ok(p->context, talus_network_parameters(p->network, &view));
    for (int64_t i = 0; i < p->parameters; i++) {
        if (view.dtype == TALUS_DTYPE_F64)
            ((double *)view.data)[i] = p->theta[i];
        else
            ((float *)view.data)[i] = (float)p->theta[i];
    }
}

talus_matrix f64_view(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

talus_matrix inputs_of(const problem *p)
{
    return f64_view(p->x, p->n, p->inputs);
}

talus_matrix targets_of(const problem *p)
{
    return f64_view(p->y, p->n, naive_target_count(&p->naive));
}

double library_gradient(problem *p, double *gradient)
{
    talus_matrix x = inputs_of(p), y = targets_of(p);
    int precision = talus_network_precision(p->network);
    float *single = malloc((size_t)p->parameters * sizeof *single);
    talus_matrix view = precision == TALUS_DTYPE_F64
                            ? f64_view(gradient, 1, p->parameters)
                            : talus_matrix_view(single, TALUS_DTYPE_F32, 1, p->parameters);
    double cost = NAN;
    expect_ok(p->context, talus_gradient(p->network, p->workspace, BATCH(x, y), &cost, &view));
    for (int64_t i = 0; precision == TALUS_DTYPE_F32 && i < p->parameters; i++)
        gradient[i] = (double)single[i];
    free(single);
    return cost;
}

void compare_with_naive(problem *p)
{
    double *ours = malloc((size_t)p->parameters * sizeof *ours),
           *theirs = malloc((size_t)p->parameters * sizeof *theirs);
    bool single = talus_network_precision(p->network) == TALUS_DTYPE_F32;
    naive_targets targets = {.values = p->y};
    double cost = library_gradient(p, ours);
    double judged = naive_gradient(p->judge, p->theta, p->x, &targets, theirs);
    double tolerance = (single ? C_SINGLE * EPSILON_32 : C_PRODUCTS * EPSILON_64) * (double)p->longest;
    ck_assert_double_le(fabs(cost - judged), tolerance * (1 + fabs(judged)));
    for (int l = 1; l <= p->naive.L; l++) { /* each relative to the gradient of its own layer */
        int64_t at = naive_weights_at(&p->naive, l), count = naive_weights_at(&p->naive, l + 1) - at;
        ck_assert_double_le(largest_difference(ours + at, theirs + at, count),
                            tolerance * largest(theirs + at, count));
    }
    free(ours);
    free(theirs);
}
