/* Derivatives, exact solutions, least squares and what follows from LAPACK. */
#include <math.h>

#include "calls.h"

enum { MOST_ITERATIONS = 20, MOST_RESIDUALS = 20 };

/* Derivatives ---------------------------------------------------------------------------------------------- */

static int64_t outputs_of(const net *n)
{
    return talus_network_width(n->network, talus_network_layer_count(n->network));
}

/* A call that takes inputs and gives a matrix of `cols` columns. */
static talus_status derive(world *w, net *n, int64_t cols,
                           talus_status (*call)(const talus_network *, talus_workspace *,
                                                const talus_matrix *, const talus_matrix *))
{
    int64_t rows = draw(&w->bytes, 1, 20);
    talus_matrix inputs = draw_inputs(w, n, rows), result = draw_outputs(w, rows, cols);
    return checked(n->worker, call(n->network, n->workspace, &inputs, &result));
}

static talus_status derive_outputs(world *w)
{
    net *n = draw_worker(w);
    if (n == NULL)
        return talus_jacobian(NULL, NULL, NULL, NULL);
    int64_t outputs = outputs_of(n), elements = outputs * talus_network_columns(n->network);
    switch (draw(&w->bytes, 0, 2)) {
    case 0:
        return derive(w, n, elements, talus_jacobian);
    case 1:
        return derive(w, n, elements, talus_second_derivatives);
    default:
        return derive(w, n, outputs, talus_laplacian);
    }
}

static talus_status multiply_jacobian(world *w)
{
    net *n = draw_worker(w);
    if (n == NULL)
        return talus_jacobian_product(NULL, NULL, NULL, NULL, NULL);
    int64_t rows = draw(&w->bytes, 1, 20), inputs_of = talus_network_columns(n->network);
    talus_matrix inputs = draw_inputs(w, n, rows), of_inputs = draw_outputs(w, rows, inputs_of),
                 of_outputs = draw_outputs(w, rows, outputs_of(n)),
                 of_parameters = draw_outputs(w, 1, n->parameters.cols);
    talus_status status;
    switch (draw(&w->bytes, 0, 3)) {
    case 0:
        status = talus_jacobian_product(n->network, n->workspace, &inputs, &of_inputs, &of_outputs);
        break;
    case 1:
        status = talus_jacobian_transposed_product(n->network, n->workspace, &inputs, &of_outputs,
                                                   &of_inputs);
        break;
    case 2:
        status = talus_parameter_jacobian_product(n->network, n->workspace, &inputs, &of_parameters,
                                                  &of_outputs);
        break;
    default:
        status = talus_parameter_jacobian_transposed_product(n->network, n->workspace, &inputs, &of_outputs,
                                                             &of_parameters);
    }
    return checked(n->worker, status);
}

/* Weights -------------------------------------------------------------------------------------------------- */

static talus_status make_unit_variance(world *w)
{
    net *n = draw_net(w);
    if (n == NULL)
        return talus_network_unit_variance(NULL, NULL, 0, 0, NULL);
    talus_matrix inputs = draw_inputs(w, n, draw(&w->bytes, 1, 40));
    talus_unit_variance result;
    double tolerance = one_in(&w->bytes, 2) ? 0 : draw_number(w);
    talus_status status = talus_network_unit_variance(n->network, &inputs, tolerance, draw(&w->bytes, -1, 12),
                                                      &result);
    if (status == TALUS_OK)
        require(result.error >= 0 && result.iterations >= 0);
    return status;
}

static talus_status look_at_weights(world *w)
{
    net *n = draw_net(w);
    talus_weight_spectrum spectrum;
    double bound;
    if (n == NULL)
        return talus_network_weight_spectrum(NULL, 1, NULL, &spectrum);
    if (one_in(&w->bytes, 2)) {
        talus_status status = talus_lipschitz_bound(n->network, &bound);
        if (status == TALUS_OK)
            require(bound >= 0);
        return status;
    }
    int layer = (int)draw(&w->bytes, 0, talus_network_layer_count(n->network) + 1);
    int64_t width = talus_network_width(n->network, layer),
            below = talus_network_width(n->network, layer - 1);
    int64_t count = width < below ? width : below; /* −1 where there is no such layer */
    talus_matrix values = draw_matrix(w, TALUS_DTYPE_F64, 1, count > 0 ? count : 1, 1);
    talus_status status = talus_network_weight_spectrum(n->network, layer,
                                                        one_in(&w->bytes, 2) ? &values : NULL, &spectrum);
    if (status == TALUS_OK)
        require(spectrum.largest >= spectrum.smallest && spectrum.smallest >= 0 && spectrum.rank >= 0 &&
                spectrum.rank <= width);
    return status;
}

static talus_status clip(world *w)
{
    net *n = draw_net(w);
    return talus_network_clip_inputs(n == NULL ? NULL : n->network,
                                     one_in(&w->bytes, 4) ? draw_number(w) : 3);
}

static talus_status project(world *w)
{
    net *n = draw_net(w);
    const talus_dataset *dataset = draw_dataset(w);
    double share = one_in(&w->bytes, 2) ? 1 : draw_number(w),
           epsilon = one_in(&w->bytes, 2) ? 0 : draw_number(w);
    int scaling = (int)draw(&w->bytes, -1, TALUS_SCALING_COUNT),
        kind = draw_value(w, TALUS_ENUMERATION_PROJECTION);
    int64_t count;
    switch (draw(&w->bytes, 0, 3)) {
    case 0: {
        talus_context *context = draw_context(w);
        talus_status status = checked(
            context, talus_projection_components(context, dataset, scaling, epsilon, share, &count));
        if (status == TALUS_OK)
            require(count >= 1 && count <= talus_dataset_inputs(dataset));
        return status;
    }
    case 1:
        return talus_network_project_inputs(n == NULL ? NULL : n->network, NULL, NULL, 0);
    default:
        return talus_network_fit_projection(n == NULL ? NULL : n->network, dataset, scaling, kind, share,
                                            epsilon);
    }
}

static talus_status find_constants(world *w)
{
    enum { CAPACITY = 5 };
    int64_t columns[CAPACITY], count, capacity = draw(&w->bytes, -1, CAPACITY);
    const talus_dataset *dataset = draw_dataset(w);
    talus_context *context = draw_context(w);
    talus_status status = checked(context,
                                  talus_constant_inputs(context, dataset, columns, capacity, &count));
    if (status != TALUS_OK)
        return status;
    require(count >= 0 && count <= talus_dataset_inputs(dataset));
    for (int64_t i = 0; i < count && i < capacity; i++)
        require(columns[i] >= (i == 0 ? 0 : columns[i - 1] + 1) &&
                columns[i] < talus_dataset_inputs(dataset));
    return status;
}

/* Solutions ------------------------------------------------------------------------------------------------ */

static talus_status solve_readout(world *w)
{
    net *n = draw_net(w);
    const talus_dataset *dataset = draw_dataset(w);
    talus_solve_options options;
    talus_solve_result result;
    talus_solve_options_defaults(&options);
    draw_options(w, draw_context(w), TALUS_STRUCTURE_SOLVE, &options);
    talus_status status = talus_solve_readout(n == NULL ? NULL : n->network, dataset,
                                              one_in(&w->bytes, 4) ? NULL : &options, &result);
    if (status == TALUS_OK)
        require(result.rank >= 0 && result.rank <= result.columns && result.cost >= 0);
    return status;
}

/* Residuals r_i = k·x_{i mod n}² + i − c, with a flaw now and then. */
typedef struct hills {
    double centre, curvature, flaw;
    int answer;
    int64_t calls;
} hills;

static int residuals_of(const talus_matrix *x, const talus_matrix *residuals, void *user)
{
    hills *h = user;
    const double *at = x->data;
    double *r = residuals->data;
    for (int64_t i = 0; i < residuals->cols; i++)
        r[i] = h->curvature * at[i % x->cols] * at[i % x->cols] + (double)i - h->centre;
    h->calls++;
    if (h->calls % 5 == 0 && h->flaw != 0)
        r[0] = h->flaw;
    return h->calls > 7 ? h->answer : 0;
}

static int jacobian_of(const talus_matrix *x, const talus_matrix *jacobian, void *user)
{
    const hills *h = user;
    const double *at = x->data;
    double *j = jacobian->data;
    for (int64_t i = 0; i < jacobian->rows; i++)
        for (int64_t k = 0; k < jacobian->cols; k++)
            j[i * jacobian->stride + k] = k == i % x->cols ? 2 * h->curvature * at[k] : 0;
    return h->calls > 7 ? h->answer : 0;
}

static int stop_sometimes(const talus_least_squares_step *step, void *user)
{
    world *w = user;
    require(step->iteration >= 1 && step->cost >= 0 && step->damping >= 0);
    return one_in(&w->bytes, 16);
}

static void require_errors(const talus_matrix *errors)
{
    for (int64_t i = 0; i < errors->cols; i++)
        require(!(((const double *)errors->data)[i] < 0));
}

static talus_status fit_residuals(world *w)
{
    talus_context *context = draw_context(w);
    talus_least_squares_options options;
    talus_least_squares_result result;
    hills h = {.centre = draw_number(w), .curvature = draw_number(w)};
    h.flaw = one_in(&w->bytes, 4) ? draw_number(w) : 0;
    h.answer = one_in(&w->bytes, 8);
    int64_t n = draw(&w->bytes, 1, 6), m = draw(&w->bytes, 0, MOST_RESIDUALS);
    talus_matrix x = draw_matrix(w, TALUS_DTYPE_F64, 1, n, 1),
                 weights = draw_matrix(w, TALUS_DTYPE_F64, 1, m > 0 ? m : 1, 1),
                 covariance = draw_matrix(w, TALUS_DTYPE_F64, n, n, 1),
                 errors = draw_matrix(w, TALUS_DTYPE_F64, 1, n, 1),
                 history = draw_matrix(w, TALUS_DTYPE_F64, draw(&w->bytes, 1, 9), 5, 1);
    talus_least_squares_options_defaults(&options);
    draw_options(w, context, TALUS_STRUCTURE_LEAST_SQUARES, &options);
    if (options.iterations > MOST_ITERATIONS)
        options.iterations = MOST_ITERATIONS;
    options.weights = one_in(&w->bytes, 2) ? &weights : NULL;
    options.covariance = one_in(&w->bytes, 2) ? &covariance : NULL;
    options.standard_errors = one_in(&w->bytes, 2) ? &errors : NULL;
    options.history = one_in(&w->bytes, 2) ? &history : NULL;
    options.on_step = one_in(&w->bytes, 2) ? stop_sometimes : NULL;
    options.user = w;
    talus_status status = checked(context, talus_least_squares(context, residuals_of,
                                                               one_in(&w->bytes, 2) ? jacobian_of : NULL, &h,
                                                               &x, m, &options, &result));
    if (status == TALUS_OK)
        require(result.iterations <= options.iterations && !(result.cost < 0) && result.rank <= n);
    if (status == TALUS_OK && options.standard_errors != NULL)
        require_errors(&errors);
    return status;
}

static talus_status fit_network(world *w)
{
    enum { MOST_STEPS = 3 };
    net *n = draw_net(w);
    const talus_dataset *training = draw_dataset(w),
                        *validation = one_in(&w->bytes, 2) ? draw_dataset(w) : NULL;
    talus_least_squares_options method;
    talus_levenberg_marquardt_options options;
    talus_levenberg_marquardt_result result;
    talus_least_squares_options_defaults(&method);
    talus_levenberg_marquardt_options_defaults(&options);
    draw_options(w, draw_context(w), TALUS_STRUCTURE_LEAST_SQUARES, &method);
    draw_options(w, draw_context(w), TALUS_STRUCTURE_LEVENBERG_MARQUARDT, &options);
    if (method.iterations > MOST_STEPS)
        method.iterations = MOST_STEPS;
    if (method.evaluations == 0 || method.evaluations > 4 * MOST_STEPS)
        method.evaluations = 4 * MOST_STEPS;
    method.on_step = one_in(&w->bytes, 2) ? stop_sometimes : NULL;
    method.user = w;
    options.method = &method;
    talus_status status = talus_levenberg_marquardt(n == NULL ? NULL : n->network, training, validation,
                                                    &options, &result);
    if (status == TALUS_OK)
        require(!(result.cost < 0) && result.rank <= n->parameters.cols);
    return status;
}

static talus_status find_bands(world *w)
{
    enum { MOST_PARAMETERS = 60 };
    net *n = draw_worker(w);
    double probability = draw_number(w), degrees = draw_number(w),
           t = talus_student_quantile(probability, degrees);
    require(isnan(t) || t >= 0);
    if (n == NULL || n->parameters.cols > MOST_PARAMETERS)
        return talus_prediction_bands(NULL, NULL, NULL, NULL, 0, 1, NULL, NULL);
    int64_t rows = draw(&w->bytes, 1, 20), size = n->parameters.cols;
    talus_matrix inputs = draw_inputs(w, n, rows),
                 covariance = draw_matrix(w, TALUS_DTYPE_F64, size, size, 1),
                 outputs = draw_outputs(w, rows, outputs_of(n)),
                 errors = draw_outputs(w, rows, outputs_of(n));
    return checked(n->worker,
                   talus_prediction_bands(n->network, n->workspace, &inputs, &covariance, draw_number(w),
                                          draw_number(w), one_in(&w->bytes, 2) ? &outputs : NULL, &errors));
}

static const fuzz_call calls[] = {
    {derive_outputs, false}, {multiply_jacobian, false}, {make_unit_variance, true}, {look_at_weights, false},
    {clip, false},           {find_constants, false},    {solve_readout, true},      {fit_residuals, false},
    {project, false},        {fit_network, true},        {find_bands, false},
};
const fuzz_calls exact_calls = {calls, sizeof calls / sizeof *calls};
