/* Derivatives by inputs and parameters against central differences in f64: of every activation, normalised layers, ranges,
 * scaled networks, and in shapes of all kinds. */
#include <stdio.h>

#include "derivative_support.h"

/* (f(x + h) − f(x − h))/2h with h = ε^⅓ errs by h²·f‴/6 and ε·f/h, so by a few ε^⅔ of what f and its derivatives are made of;
 * the few are the third derivatives and the length of sums. */
#define EPSILON 2.220446049250313e-16
#define ERROR   (256 * pow(EPSILON, 2.0 / 3))

static char name[160];

static const char *name_of(const point *p, const char *what)
{
    const point_spec *s = &p->spec;
    (void)snprintf(name, sizeof name, "%s of %s, then %s%s%s, normalised %s%s, %lld samples of %lld → %lld",
                   what, talus_activation_name(s->hidden),
                   s->ranges ? "ranges" : talus_activation_name(s->last), s->scaled ? ", scaled" : "",
                   s->max_batch > 0 ? ", in batches" : "", talus_normalization_name(s->normalization),
                   s->normalizes_last ? " to the last" : "", (long long)s->n, (long long)p->inputs,
                   (long long)p->outputs);
    return name;
}

static void expect_difference(const point *p, const char *what, const double *exact, const double *numeric,
                              int64_t count)
{
    const double error = largest_difference(exact, numeric, count), size = fmax(1, largest(numeric, count));
    ck_assert_msg(error <= ERROR * size, "%s: %g beside %g", name_of(p, what), error, size);
}

/* A function of the points with so many columns. */
typedef double *function(const point *p);

static double *outputs_of(const point *p)
{
    double *found = random_array(3, p->spec.n * p->outputs);
    const talus_matrix x = points_of(p), to = rows_view(found, p->spec.n, p->outputs);
    expect_ok(p->context, talus_predict(p->network, p->workspace, &x, &to));
    return found;
}

/* (f(x + h·e_j) − f(x − h·e_j))/2h */
static double *difference(point *p, function *f, int64_t cols, int64_t j)
{
    const double h = cbrt(EPSILON);
    double *sides[2];
    for (int side = 0; side < 2; side++) {
        double *before = p->x, *moved = malloc((size_t)(p->spec.n * p->inputs) * sizeof *moved);
        memcpy(moved, before, (size_t)(p->spec.n * p->inputs) * sizeof *moved);
        for (int64_t i = 0; i < p->spec.n; i++)
            moved[i * p->inputs + j] += side == 0 ? h : -h;
        p->x = moved;
        sides[side] = f(p);
        p->x = before;
        free(moved);
    }
    for (int64_t i = 0; i < p->spec.n * cols; i++)
        sides[0][i] = (sides[0][i] - sides[1][i]) / (2 * h);
    free(sides[1]);
    return sides[0];
}

static void compare_jacobian(point *p)
{
    const int64_t inputs = p->inputs, count = p->spec.n * p->outputs;
    double *exact = jacobian_of(p), *numeric = random_array(4, count * inputs);
    for (int64_t j = 0; j < inputs; j++) {
        double *column = difference(p, outputs_of, p->outputs, j);
        for (int64_t i = 0; i < count; i++)
            numeric[i * inputs + j] = column[i];
        free(column);
    }
    expect_difference(p, "jacobian", exact, numeric, count * inputs);
    free(exact), free(numeric);
}

/* From differences of the Jacobian, which are as exact as first ones. */
static void compare_second(point *p)
{
    const int64_t inputs = p->inputs, count = p->spec.n * p->outputs;
    double *exact = second_of(p), *laplacian = laplacian_of(p), *numeric = random_array(4, count * inputs),
           *sum = calloc((size_t)count, sizeof *sum);
    for (int64_t j = 0; j < inputs; j++) {
        double *columns = difference(p, jacobian_of, p->outputs * inputs, j);
        for (int64_t i = 0; i < count; i++) {
            numeric[i * inputs + j] = columns[i * inputs + j];
            sum[i] += columns[i * inputs + j];
        }
        free(columns);
    }
    expect_difference(p, "second derivatives", exact, numeric, count * inputs);
    expect_difference(p, "laplacian", laplacian, sum, count);
    free(exact), free(laplacian), free(numeric), free(sum);
}

static void compare_parameters(point *p)
{
    const double h = cbrt(EPSILON);
    talus_matrix theta;
    expect_ok(p->context, talus_network_parameters(p->network, &theta));
    const size_t bytes = (size_t)p->parameters * sizeof(double);
    double *v = random_array(6, p->parameters), *before = malloc(bytes), *sides[2];
    memcpy(before, theta.data, bytes);
    for (int side = 0; side < 2; side++) {
        for (int64_t i = 0; i < p->parameters; i++)
            ((double *)theta.data)[i] = before[i] + (side == 0 ? h : -h) * v[i];
        sides[side] = outputs_of(p);
    }
    memcpy(theta.data, before, bytes);
    const int64_t count = p->spec.n * p->outputs;
    for (int64_t i = 0; i < count; i++)
        sides[0][i] = (sides[0][i] - sides[1][i]) / (2 * h);
    double *exact = parameter_product_of(p, v);
    expect_difference(p, "product by parameters", exact, sides[0], count);
    free(v), free(before), free(sides[0]), free(sides[1]), free(exact);
}

static void compare(const point_spec *spec)
{
    point p = make_point(spec);
    compare_jacobian(&p);
    compare_second(&p);
    compare_parameters(&p);
    free_point(&p);
}

/* An exponential of exponentials has derivatives of any size, unless weights are small. */
static double size_for(int activation)
{
    return activation == TALUS_EXPONENTIAL ? 0.25 : 1;
}

/* Every activation in every layer, with every normalisation; fewer inputs than outputs, and more. */
START_TEST(of_every_activation)
{
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++)
        for (int normalization = 0; has_slope(f) && normalization < TALUS_NORMALIZATION_COUNT;
             normalization++)
            for (int tall = 0; tall < 2; tall++)
                compare(&(point_spec){.n = 5,
                                      .inputs = tall ? 7 : 3,
                                      .widths = {5, 6, tall ? 2 : 4},
                                      .hidden = f,
                                      .last = f,
                                      .size = size_for(f),
                                      .normalization = normalization,
                                      .normalizes_last = tall,
                                      .precision = TALUS_DTYPE_F64});
}
END_TEST

START_TEST(in_the_callers_units)
{
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++)
        for (int tall = 0; has_slope(f) && tall < 2; tall++)
            compare(&(point_spec){.n = 4,
                                  .inputs = tall ? 7 : 3,
                                  .widths = {5, 4, tall ? 2 : 4},
                                  .hidden = f,
                                  .last = is_whole(f) ? TALUS_TANH : f,
                                  .scaled = 1,
                                  .size = size_for(f),
                                  .precision = TALUS_DTYPE_F64});
}
END_TEST

START_TEST(of_ranges)
{
    for (int scaled = 0; scaled < 2; scaled++)
        for (int normalization = 0; normalization < TALUS_NORMALIZATION_COUNT; normalization++)
            for (int tall = 0; tall < 2; tall++)
                compare(&(point_spec){.n = 9,
                                      .inputs = tall ? 25 : 4,
                                      .widths = {7, 5, 6},
                                      .hidden = TALUS_SILU,
                                      .ranges = 1,
                                      .scaled = scaled,
                                      .normalization = normalization,
                                      .normalizes_last = 1,
                                      .precision = TALUS_DTYPE_F64});
}
END_TEST

/* One sample, several tiles, batches; one unit, one layer; more directions than go together, both ways. */
START_TEST(in_any_shape)
{
    static const point_spec shapes[] = {
        {.n = 1, .inputs = 1, .widths = {1}, .last = TALUS_SINE},
        {.n = 1, .inputs = 5, .widths = {3}, .last = TALUS_SOFTMAX},
        {.n = 17, .inputs = 1, .widths = {1, 1, 1}, .hidden = TALUS_TANH},
        {.n = 4, .inputs = 3, .widths = {4, 2}, .hidden = TALUS_SELU, .without_biases = 1},
        {.n = 4, .inputs = 3, .widths = {4, 2}, .hidden = TALUS_SELU, .keep_blas_threads = 1},
        {.n = 4, .inputs = 3, .widths = {4, 2}, .hidden = TALUS_SELU, .scaled = 2},
        {.n = 9, .inputs = 3, .widths = {7, 4}, .hidden = TALUS_TANH, .clip = 0.5},
        {.n = 20, .inputs = 40, .widths = {7, 5, 4}, .hidden = TALUS_SILU, .scaled = 1, .clip = 0.75},
        {.n = 9, .inputs = 3, .widths = {2}, .scaled = 2, .clip = 3},
        {.n = 9, .inputs = 3, .raw = 5, .widths = {7, 9}, .hidden = TALUS_TANH},
        {.n = 20,
         .inputs = 30,
         .raw = 40,
         .widths = {7, 5, 4},
         .hidden = TALUS_SILU,
         .scaled = 1,
         .clip = 0.75},
        {.n = 5, .inputs = 30, .raw = 40, .widths = {7}, .last = TALUS_SINE, .scaled = 1},
        {.n = 31, .inputs = 2, .widths = {17, 31, 3}, .hidden = TALUS_GELU},
        {.n = 131, .inputs = 3, .widths = {5, 4, 2}, .hidden = TALUS_TANH, .plan = TILE_BY_TILE},
        {.n = 300, .inputs = 2, .widths = {9, 8, 3}, .hidden = TALUS_SOFTPLUS, .plan = LAYER_BY_LAYER},
        {.n = 50, .inputs = 3, .widths = {6, 5, 4}, .hidden = TALUS_MISH, .max_batch = 7},
        {.n = 3, .inputs = 131, .widths = {4, 5, 100}, .hidden = TALUS_SIGMOID, .last = TALUS_SOFTMAX},
        {.n = 2, .inputs = 100, .widths = {3, 3, 2}, .hidden = TALUS_SINE},
        {.n = 2, .inputs = 2, .widths = {3, 3, 150}, .hidden = TALUS_SINE},
        {.n = 3,
         .inputs = 100,
         .widths = {3, 6, 70},
         .hidden = TALUS_TANH,
         .normalization = TALUS_NORMALIZATION_LAYER},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        point_spec shape = shapes[i];
        shape.precision = TALUS_DTYPE_F64;
        compare(&shape);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("derivatives");
    add_case(suite, "differences", of_every_activation, in_the_callers_units, of_ranges, in_any_shape);
    return run_suite(suite);
}
