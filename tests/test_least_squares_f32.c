/* Least squares of functions in f32. */
#include <float.h>

#include "least_squares_support.h"

enum { POINTS = 9 };

/* A straight line with noise, of the numbers that f32 has of it. */
static const float times[POINTS] = {-3, -1.5, 0.25, 1, 2, 4, 7, 9, 10.5},
                   heights[POINTS] = {0.3f, -0.8f, 1.1f, 2.4f, 2.2f, 5.9f, 8.1f, 9.3f, 11.6f};

static int line(const talus_matrix *x, const talus_matrix *residuals, void *user)
{
    const float *b = x->data;
    float *r = residuals->data;
    (void)user;
    ck_assert(x->dtype == TALUS_DTYPE_F32 && residuals->dtype == TALUS_DTYPE_F32);
    ck_assert(x->cols == 2 && residuals->cols == POINTS);
    for (int i = 0; i < POINTS; i++)
        r[i] = b[0] + b[1] * times[i] - heights[i];
    return 0;
}

static int line_slopes(const talus_matrix *x, const talus_matrix *jacobian, void *user)
{
    float *j = jacobian->data;
    (void)user;
    ck_assert(x->dtype == TALUS_DTYPE_F32 && jacobian->dtype == TALUS_DTYPE_F32);
    ck_assert(jacobian->rows == POINTS && jacobian->cols == 2);
    for (int i = 0; i < POINTS; i++)
        j[2 * i] = 1, j[2 * i + 1] = times[i];
    return 0;
}

static double mean(const float *numbers)
{
    double sum = 0;
    for (int i = 0; i < POINTS; i++)
        sum += numbers[i];
    return sum / POINTS;
}

/* The regression of heights on times: slope, intercept, and the slope's standard error. Residuals have the roundings of heights,
 * which are at most 12; differences have about four digits. */
START_TEST(a_line_is_the_closed_form)
{
    const double x = mean(times), y = mean(heights);
    double sxx = 0, sxy = 0, squares = 0, numbers[2];
    for (int i = 0; i < POINTS; i++)
        sxx += pow(times[i] - x, 2), sxy += (times[i] - x) * (heights[i] - y);
    const double slope = sxy / sxx, intercept = y - slope * x;
    for (int i = 0; i < POINTS; i++)
        squares += pow(intercept + slope * times[i] - heights[i], 2);
    const talus_matrix errors = talus_matrix_view(numbers, TALUS_DTYPE_F64, 1, 2);
    for (int given = 0; given < 2; given++) {
        float b[2] = {100, -30};
        const talus_matrix view = talus_matrix_view(b, TALUS_DTYPE_F32, 1, 2);
        talus_least_squares_options options;
        talus_least_squares_result result;
        talus_least_squares_options_defaults(&options);
        options.standard_errors = &errors;
        expect_ok(context, talus_least_squares(context, line, given ? line_slopes : NULL, NULL, &view, POINTS,
                                               &options, &result));
        const double digits = given ? 4 * FLT_EPSILON * 12 : 1e-3;
        ck_assert_double_eq_tol(b[1], slope, digits);
        ck_assert_double_eq_tol(b[0], intercept, digits);
        ck_assert_double_eq_tol(2 * result.cost / squares, 1, 1e-5);
        const double error = sqrt(squares / (POINTS - 2) / sxx);
        ck_assert_double_eq_tol(numbers[1] / error, 1, given ? 1e-5 : 1e-3);
        ck_assert_int_eq(result.rank, 2);
    }
}
END_TEST

static int valley(const talus_matrix *x, const talus_matrix *residuals, void *user)
{
    const float *b = x->data;
    float *r = residuals->data;
    (void)user;
    r[0] = 10 * (b[1] - b[0] * b[0]);
    r[1] = 1 - b[0];
    return 0;
}

/* Rosenbrock's function is 0 at (1, 1), which f32 has. */
START_TEST(rosenbrock_is_solved_by_differences)
{
    static const int kinds[] = {TALUS_DIFFERENCES_CENTRAL, TALUS_DIFFERENCES_FORWARD};
    for (int i = 0; i < 2; i++) {
        float b[2] = {-1.2f, 1};
        const talus_matrix view = talus_matrix_view(b, TALUS_DTYPE_F32, 1, 2);
        talus_least_squares_options options;
        talus_least_squares_result result;
        talus_least_squares_options_defaults(&options);
        options.differences = kinds[i];
        expect_ok(context, talus_least_squares(context, valley, NULL, NULL, &view, 2, &options, &result));
        ck_assert_double_le(fabs(b[0] - 1), 16 * FLT_EPSILON);
        ck_assert_double_le(fabs(b[1] - 1), 32 * FLT_EPSILON);
        ck_assert_double_le(result.cost, 1e-9);
    }
}
END_TEST

static int beyond(const talus_matrix *x, const talus_matrix *residuals, void *user)
{
    const float at = *(const float *)x->data;
    (void)user;
    ck_assert(isfinite(at));
    *(float *)residuals->data = 1 - 0x1p-129f * at;
    return 0;
}

static int beyond_slope(const talus_matrix *x, const talus_matrix *jacobian, void *user)
{
    (void)x, (void)user;
    *(float *)jacobian->data = -0x1p-129f;
    return 0;
}

/* The minimum, 2^129, is beyond f32: steps that lead out are not taken, and x stays finite. */
START_TEST(no_step_leaves_the_range)
{
    float x = 0x1p120f;
    const talus_matrix view = talus_matrix_view(&x, TALUS_DTYPE_F32, 1, 1);
    talus_least_squares_options options;
    talus_least_squares_result result;
    talus_least_squares_options_defaults(&options);
    options.gradient_tolerance = 0;
    expect_ok(context, talus_least_squares(context, beyond, beyond_slope, NULL, &view, 1, &options, &result));
    ck_assert(isfinite(x) && x > 0x1p120f);
    ck_assert_double_eq_tol(result.cost, pow(1 - 0x1p-129 * x, 2) / 2, 1e-6);
}
END_TEST

static int silent(const talus_matrix *x, const talus_matrix *residuals, void *user)
{
    (void)x, (void)residuals, (void)user;
    return 0;
}

START_TEST(what_is_not_finite_is_refused)
{
    float x[2] = {1, INFINITY};
    const talus_matrix two = talus_matrix_view(x, TALUS_DTYPE_F32, 1, 2),
                       one = talus_matrix_view(x, TALUS_DTYPE_F32, 1, 1);
    expect_status(context, TALUS_ERROR_DATA,
                  talus_least_squares(context, silent, NULL, NULL, &two, 2, NULL, NULL));
    expect_message(context, "least_squares: x must be finite, got inf at 1");
    expect_status(context, TALUS_ERROR_DATA, /* residuals that are not written are NaN */
                  talus_least_squares(context, silent, NULL, NULL, &one, 2, NULL, NULL));
    ck_assert_double_eq(x[0], 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("least squares in f32");
    TCase *tests = case_with(suite, begin, finish);
    tcase_add_test(tests, a_line_is_the_closed_form);
    tcase_add_test(tests, rosenbrock_is_solved_by_differences);
    tcase_add_test(tests, no_step_leaves_the_range);
    tcase_add_test(tests, what_is_not_finite_is_refused);
    return run_suite(suite);
}
