#include "hessian_support.h"

#define EPSILON 2.220446049250313e-16

/* (g(θ + h·v) − g(θ − h·v))/2h with h = ε^⅓ and ‖v‖ = 1 errs by h²·C⁗/6 + ε·g/h, so by a few ε^⅔ of what H·v and g are made
 * of; the few are the fourth derivative and the length of sums. */
#define ERROR (256 * pow(EPSILON, 2.0 / 3))

static talus_matrix flat(const double *numbers, int64_t count)
{
    return talus_matrix_view(numbers, TALUS_DTYPE_F64, 1, count);
}

int64_t parameters_of(const hessian_case *c)
{
    talus_matrix theta;
    expect_ok(c->context, talus_network_parameters(c->network, &theta));
    return theta.cols;
}

void hessian_times(const hessian_case *c, const double *v, double *product)
{
    int64_t count = parameters_of(c);
    talus_matrix from = flat(v, count), to = flat(product, count);
    expect_ok(c->context, talus_hessian_product(c->network, c->workspace, &c->batch, &from, &to));
}

/* And the largest element of a gradient on the way. */
static void difference_of(const hessian_case *c, const double *v, double *product, double *largest_g)
{
    const double h = cbrt(EPSILON);
    talus_matrix theta;
    expect_ok(c->context, talus_network_parameters(c->network, &theta));
    const size_t bytes = (size_t)theta.cols * sizeof(double);
    double *sides[2], *numbers = theta.data, *before = malloc(bytes);
    memcpy(before, numbers, bytes);
    for (int side = 0; side < 2; side++) {
        sides[side] = malloc(bytes);
        for (int64_t i = 0; i < theta.cols; i++)
            numbers[i] = before[i] + (side == 0 ? h : -h) * v[i];
        talus_matrix view = flat(sides[side], theta.cols);
        expect_ok(c->context, talus_gradient(c->network, c->workspace, &c->batch, NULL, &view));
    }
    memcpy(numbers, before, bytes);
    *largest_g = largest(sides[0], theta.cols);
    for (int64_t i = 0; i < theta.cols; i++)
        product[i] = (sides[0][i] - sides[1][i]) / (2 * h);
    free(sides[0]), free(sides[1]), free(before);
}

/* A random direction. */
static double *random_direction(int64_t count)
{
    double *v = random_array(21, count), squares = 0;
    for (int64_t i = 0; i < count; i++)
        squares += v[i] * v[i];
    for (int64_t i = 0; i < count; i++)
        v[i] /= sqrt(squares);
    return v;
}

void compare_with_differences(const hessian_case *c)
{
    const int64_t count = parameters_of(c);
    double *v = random_direction(count), *exact = random_array(22, count), *numeric = random_array(23, count),
           g;
    hessian_times(c, v, exact);
    difference_of(c, v, numeric, &g);
    double error = largest_difference(exact, numeric, count),
           scale = fmax(1, fmax(g, largest(numeric, count)));
    ck_assert_msg(error <= ERROR * scale, "%s: %g beside %g", c->name, error, scale);
    free(v), free(exact), free(numeric);
}

void expect_symmetry(const hessian_case *c, int64_t longest)
{
    const int64_t count = parameters_of(c);
    double *u = random_array(1, count), *v = random_array(2, count), *hu = random_array(3, count),
           *hv = random_array(4, count), left = 0, right = 0, size = 0;
    hessian_times(c, u, hu);
    hessian_times(c, v, hv);
    for (int64_t i = 0; i < count; i++) {
        left += u[i] * hv[i], right += v[i] * hu[i];
        size += fabs(u[i] * hv[i]);
    }
    ck_assert_msg(fabs(left - right) <= 4 * EPSILON * (double)longest * size, "%s: %g beside %g of %g",
                  c->name, left, right, size);
    free(u), free(v), free(hu), free(hv);
}
