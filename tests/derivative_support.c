#include "derivative_support.h"

#include "network/kinds.h"

bool has_slope(int activation)
{
    return !tl_activation_kind_of(activation)->flat;
}

bool is_whole(int activation)
{
    return tl_activation_kind_of(activation)->whole_layer;
}

talus_matrix rows_view(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

talus_matrix points_of(const point *p)
{
    return rows_view(p->x, p->spec.n, p->inputs);
}

/* A softmax, one of a unit each, and two outputs for a target. */
static const talus_output_range ranges[] = {
    {.outputs = 3, .activation = TALUS_SOFTMAX, .loss = TALUS_SQUARED_ERROR},
    {.outputs = 1, .activation = TALUS_SINE, .alpha = 2, .loss = TALUS_SQUARED_ERROR},
    {.outputs = 2, .loss = TALUS_GAUSSIAN_NLL},
};

/* The same without a softmax, under which targets have no scaling. */
static const talus_output_range scaled_ranges[] = {
    {.outputs = 3, .activation = TALUS_TANH, .loss = TALUS_SQUARED_ERROR},
    {.outputs = 1, .activation = TALUS_SINE, .alpha = 2, .loss = TALUS_SQUARED_ERROR},
    {.outputs = 2, .loss = TALUS_GAUSSIAN_NLL},
};

static int fill_layers(const point_spec *spec, talus_layer *layers)
{
    int count = 0;
    while (count < MOST_LAYERS && spec->widths[count] != 0)
        count++;
    for (int l = 0; l < count; l++) {
        const bool last = l == count - 1;
        layers[l] = talus_dense(spec->widths[l], last ? spec->last : spec->hidden);
        if (l == 1 || (last && spec->normalizes_last))
            layers[l].normalization = spec->normalization;
        if (layers[l].normalization != TALUS_NORMALIZATION_NONE)
            layers[l].normalization_epsilon = 0.1;
    }
    for (int l = 0; l < count; l++)
        layers[l].without_biases = spec->without_biases;
    return count;
}

static void make_network(point *p)
{
    talus_layer layers[MOST_LAYERS];
    const int count = fill_layers(&p->spec, layers);
    talus_network_spec spec = talus_dense_network(p->spec.inputs, layers, count, TALUS_SQUARED_ERROR);
    if (p->spec.ranges) {
        layers[count - 1].activation = TALUS_IDENTITY;
        spec.ranges = p->spec.scaled ? scaled_ranges : ranges;
        spec.range_count = 3;
        spec.range_size = sizeof *ranges;
    }
    spec.precision = p->spec.precision;
    expect_ok(p->context, talus_network_create(p->context, &spec, &p->network));
    p->inputs = p->spec.raw > 0 ? p->spec.raw : p->spec.inputs;
    p->outputs = p->spec.widths[count - 1];
    for (int l = 0; l < count; l++)
        p->longest += l == 0 ? p->spec.inputs + p->spec.raw : p->spec.widths[l - 1];
}

/* Also of scales, shifts and slopes, which begin all alike. */
static void move_parameters(point *p)
{
    talus_matrix theta;
    expect_ok(p->context, talus_network_parameters(p->network, &theta));
    p->parameters = theta.cols;
    const double size = p->spec.size > 0 ? p->spec.size : 1;
    double *moves = random_array(5, theta.cols);
    for (int64_t i = 0; i < theta.cols; i++)
        if (theta.dtype == TALUS_DTYPE_F64)
            ((double *)theta.data)[i] = (double)(float)(size * (((double *)theta.data)[i] + 0.25 * moves[i]));
        else
            ((float *)theta.data)[i] = (float)(size * ((double)((float *)theta.data)[i] + 0.25 * moves[i]));
    free(moves);
}

/* Means and variances that are not those of the beginning. */
static void move_statistics(point *p)
{
    for (int l = 1; l <= MOST_LAYERS; l++) {
        talus_matrix means, variances;
        if (p->spec.normalization != TALUS_NORMALIZATION_BATCH ||
            talus_network_statistics(p->network, l, &means, &variances) != TALUS_OK)
            continue;
        for (int64_t i = 0; i < means.cols; i++) {
            ((double *)means.data)[i] = 0.1 * (double)(i % 3);
            ((double *)variances.data)[i] = 0.5 + 0.25 * (double)(i % 4);
        }
    }
}

static void scale_network(point *p)
{
    const bool one = p->spec.scaled == 2;
    double shift[64], scale[64];
    ck_assert_int_le(p->inputs, 64);
    for (int i = 0; i < 64; i++) {
        shift[i] = 0.1 * i;
        scale[i] = i % 2 == 0 ? 0.5 + 0.1 * (i % 5) : -1.5;
    }
    expect_ok(p->context, talus_network_scale_inputs(p->network, shift, scale, one ? 1 : p->inputs));
    const int64_t targets = p->spec.ranges ? p->outputs - 1 : p->outputs;
    expect_ok(p->context, talus_network_scale_targets(p->network, shift, scale, one ? 1 : targets));
}

static void project(point *p)
{
    if (p->spec.raw == 0)
        return;
    double *matrix = random_array(11, p->spec.inputs * p->spec.raw), *mean = random_array(12, p->spec.raw);
    for (int64_t i = 0; i < p->spec.inputs * p->spec.raw; i++)
        matrix[i] = 0.25 * (double)(float)matrix[i];
    expect_ok(p->context, talus_network_project_inputs(p->network, matrix, mean, p->spec.raw));
    free(matrix), free(mean);
}

point make_point(const point_spec *spec)
{
    talus_context_options options = counting_options(spec->threads > 0 ? spec->threads : 1, NULL);
    point p = {.spec = *spec};
    options.keep_blas_threads = spec->keep_blas_threads;
    ck_assert_int_eq(talus_context_create(&options, &p.context), TALUS_OK);
    if (spec->plan != NULL)
        expect_ok(p.context, talus_context_set_plan(p.context, spec->plan));
    make_network(&p);
    move_parameters(&p);
    move_statistics(&p);
    project(&p);
    if (spec->scaled)
        scale_network(&p);
    expect_ok(p.context, talus_network_clip_inputs(p.network, spec->clip));
    p.x = random_array(1, spec->n * p.inputs);
    for (int64_t i = 0; i < spec->n * p.inputs; i++)
        p.x[i] = (double)(float)p.x[i];
    const int64_t batch = spec->max_batch > 0 ? spec->max_batch : spec->n;
    expect_ok(p.context, talus_workspace_create(p.context, p.network, batch, &p.workspace));
    return p;
}

void free_point(point *p)
{
    talus_workspace_destroy(p->workspace);
    talus_network_destroy(p->network);
    talus_context_destroy(p->context);
    free(p->x);
}

/* Derivatives ------------------------------------------------------------------------------------------------- */

typedef talus_status by_points(const talus_network *network, talus_workspace *workspace,
                               const talus_matrix *inputs, const talus_matrix *result);
typedef talus_status of_vector(const talus_network *network, talus_workspace *workspace,
                               const talus_matrix *inputs, const talus_matrix *from,
                               const talus_matrix *product);

static double *of_points(const point *p, by_points *call, int64_t cols)
{
    double *found = random_array(31, p->spec.n * cols);
    const talus_matrix x = points_of(p), to = rows_view(found, p->spec.n, cols);
    expect_ok(p->context, call(p->network, p->workspace, &x, &to));
    return found;
}

double *jacobian_of(const point *p)
{
    return of_points(p, talus_jacobian, p->outputs * p->inputs);
}

double *second_of(const point *p)
{
    return of_points(p, talus_second_derivatives, p->outputs * p->inputs);
}

double *laplacian_of(const point *p)
{
    return of_points(p, talus_laplacian, p->outputs);
}

/* Vectors laid out as the parameters are of the network's precision. */
static void *to_precision(const point *p, const double *v)
{
    double *copy = malloc((size_t)p->parameters * sizeof *copy);
    if (p->spec.precision == TALUS_DTYPE_F32) {
        free(copy);
        return to_float(v, p->parameters);
    }
    memcpy(copy, v, (size_t)p->parameters * sizeof *copy);
    return copy;
}

static double *of_vectors(const point *p, of_vector *call, const talus_matrix *from, const talus_matrix *to)
{
    const talus_matrix x = points_of(p);
    expect_ok(p->context, call(p->network, p->workspace, &x, from, to));
    return to->data;
}

double *product_of(const point *p, const double *v)
{
    const talus_matrix from = rows_view(v, p->spec.n, p->inputs),
                       to = rows_view(random_array(32, p->spec.n * p->outputs), p->spec.n, p->outputs);
    return of_vectors(p, talus_jacobian_product, &from, &to);
}

double *transposed_product_of(const point *p, const double *u)
{
    const talus_matrix from = rows_view(u, p->spec.n, p->outputs),
                       to = rows_view(random_array(33, p->spec.n * p->inputs), p->spec.n, p->inputs);
    return of_vectors(p, talus_jacobian_transposed_product, &from, &to);
}

double *parameter_product_of(const point *p, const double *v)
{
    void *own = to_precision(p, v);
    const talus_matrix from = talus_matrix_view(own, p->spec.precision, 1, p->parameters),
                       to = rows_view(random_array(34, p->spec.n * p->outputs), p->spec.n, p->outputs);
    double *found = of_vectors(p, talus_parameter_jacobian_product, &from, &to);
    free(own);
    return found;
}

double *parameter_transposed_product_of(const point *p, const double *u)
{
    double *found = random_array(35, p->parameters);
    void *own = to_precision(p, found);
    const talus_matrix from = rows_view(u, p->spec.n, p->outputs),
                       to = talus_matrix_view(own, p->spec.precision, 1, p->parameters);
    (void)of_vectors(p, talus_parameter_jacobian_transposed_product, &from, &to);
    for (int64_t i = 0; i < p->parameters; i++)
        found[i] = p->spec.precision == TALUS_DTYPE_F32 ? (double)((float *)own)[i] : ((double *)own)[i];
    free(own);
    return found;
}

void expect_near(const char *name, const double *found, const double *expected, int64_t count, double share)
{
    const double error = largest_difference(found, expected, count), size = largest(expected, count);
    ck_assert_msg(error <= share * size, "%s: %g beside %g", name, error, size);
    ck_assert_msg(size > 0, "%s: all are 0", name);
}
