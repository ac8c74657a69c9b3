/* Operations on flat vectors: closed forms, the same bits on any number of threads, and the steps of an optimiser. */
#include <float.h>

#include "kernels/choose.h"
#include "optimize/flat_vector.h"
#include "support.h"

static const int64_t lengths[] = {1, 2, 15, 16, 17, 1000, 16384, 16385, 100003, 2000000};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

static tl_vectors space_of(talus_context *context, int precision, int64_t count)
{
    return (tl_vectors){context, precision, count,
                        tl_kernels_of(talus_context_instruction_set(context), precision)};
}

/* Numbers in a precision, of the right alignment. */
static void *numbers_in(int precision, uint64_t seed, int64_t count)
{
    double *exact = random_array(seed, count);
    if (precision == TALUS_DTYPE_F64)
        return exact;
    float *rounded = to_float(exact, count);
    free(exact);
    return rounded;
}

static double number_at(int precision, const void *x, int64_t i)
{
    return precision == TALUS_DTYPE_F64 ? ((const double *)x)[i] : (double)((const float *)x)[i];
}

START_TEST(sums_agree_with_long_double)
{
    talus_context *context = context_with(2, NULL);
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int n = 0; n < LENGTHS; n++) {
            int64_t count = lengths[n];
            tl_vectors space = space_of(context, precision, count);
            void *x = numbers_in(precision, 1, count), *y = numbers_in(precision, 2, count);
            long double dot = 0, size = 0, squares = 0;
            double most = 0;
            for (int64_t i = 0; i < count; i++) {
                long double a = (long double)number_at(precision, x, i),
                            b = (long double)number_at(precision, y, i);
                dot += a * b, size += fabsl(a * b), squares += a * a;
                most = fmax(most, fabs((double)a));
            }
            ck_assert_ldouble_eq_tol((long double)tl_vector_dot(&space, x, y), dot,
                                     DBL_EPSILON * sqrtl((long double)count) * size);
            ck_assert_ldouble_eq_tol((long double)tl_vector_norm(&space, x), sqrtl(squares),
                                     4 * DBL_EPSILON * sqrtl(squares));
            ck_assert_double_eq(tl_vector_largest(&space, x), most);
            free(x);
            free(y);
        }
    talus_context_destroy(context);
}
END_TEST

START_TEST(a_norm_neither_overflows_nor_vanishes)
{
    talus_context *context = context_with(1, NULL);
    double x[3] = {3e300, -4e300, 0}, y[2] = {3e-310, 4e-310}, z[2] = {0, 0}, w[2] = {1, NAN},
           v[2] = {1, -INFINITY};
    tl_vectors three = space_of(context, TALUS_DTYPE_F64, 3), two = space_of(context, TALUS_DTYPE_F64, 2);
    ck_assert_double_eq_tol(tl_vector_norm(&three, x), 5e300, 1e286);
    ck_assert_double_eq_tol(tl_vector_norm(&two, y), 5e-310, 1e-318);
    ck_assert_double_eq(tl_vector_norm(&two, z), 0);
    ck_assert_double_nan(tl_vector_norm(&two, w));
    ck_assert_double_infinite(tl_vector_norm(&two, v));
    talus_context_destroy(context);
}
END_TEST

/* z = 2·x − ½·y, where the products are exact; also over x and over y. A copy keeps every bit. */
static void check_combinations(const tl_vectors *space, const void *x, const void *y)
{
    size_t bytes = (size_t)space->count * tl_dtype_size(space->precision);
    void *z = malloc(bytes), *over = malloc(bytes);
    tl_vector_combine(space, 2, x, -0.5, y, z);
    for (int64_t i = 0; i < space->count; i += 1 + i / 100) {
        double exact = 2 * number_at(space->precision, x, i) - 0.5 * number_at(space->precision, y, i);
        bool f32 = space->precision == TALUS_DTYPE_F32;
        ck_assert_double_eq(number_at(space->precision, z, i), f32 ? (double)(float)exact : exact);
    }
    tl_vector_copy(space, x, over);
    ck_assert_mem_eq(over, x, bytes);
    tl_vector_combine(space, 2, over, -0.5, y, over);
    ck_assert_mem_eq(over, z, bytes);
    tl_vector_copy(space, y, over);
    tl_vector_combine(space, 2, x, -0.5, over, over);
    ck_assert_mem_eq(over, z, bytes);
    free(z);
    free(over);
}

START_TEST(threads_do_not_change_a_bit)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int n = 0; n < LENGTHS; n++) {
            int64_t count = lengths[n];
            size_t bytes = (size_t)count * (precision == TALUS_DTYPE_F64 ? 8 : 4);
            void *x = numbers_in(precision, 1, count), *alone = malloc(bytes), *y = malloc(bytes);
            double dot = 0;
            for (int threads = 1; threads <= 8; threads++) {
                talus_context *context = context_with(threads, NULL);
                tl_vectors space = space_of(context, precision, count);
                void *start = numbers_in(precision, 2, count);
                memcpy(y, start, bytes);
                tl_vector_axpy(&space, 0.3, x, y);
                if (threads == 1) {
                    memcpy(alone, y, bytes);
                    dot = tl_vector_dot(&space, x, y);
                }
                ck_assert_mem_eq(y, alone, bytes);
                ck_assert_double_eq(tl_vector_dot(&space, x, y), dot);
                ck_assert_double_eq_tol(
                    number_at(precision, y, count - 1),
                    0.3 * number_at(precision, x, count - 1) + number_at(precision, start, count - 1),
                    4 * (precision == TALUS_DTYPE_F64 ? DBL_EPSILON : (double)FLT_EPSILON));
                check_combinations(&space, x, start);
                free(start);
                talus_context_destroy(context);
            }
            free(x);
            free(y);
            free(alone);
        }
}
END_TEST

static void step_in_threads(int precision, int method, int64_t count)
{
    size_t bytes = (size_t)count * (precision == TALUS_DTYPE_F64 ? 8 : 4);
    void *gradient = numbers_in(precision, 3, count), *alone = malloc(bytes);
    for (int threads = 1; threads <= 4; threads++) {
        talus_context *context = context_with(threads, NULL);
        talus_optimizer_spec spec;
        talus_optimizer *optimizer;
        void *theta = numbers_in(precision, 4, count);
        talus_optimizer_defaults(&spec, method);
        expect_ok(context, talus_optimizer_create(context, &spec, precision, count, &optimizer));
        talus_matrix parameters = talus_matrix_view(theta, precision, 1, count);
        talus_matrix g = talus_matrix_view(gradient, precision, 1, count);
        for (int step = 0; step < 3; step++) {
            if (method == TALUS_IRPROP_PLUS)
                expect_ok(context, talus_optimizer_set_cost(optimizer, step));
            expect_ok(context, talus_optimizer_step(optimizer, &parameters, &g));
        }
        if (threads == 1)
            memcpy(alone, theta, bytes);
        ck_assert_mem_eq(theta, alone, bytes);
        free(theta);
        talus_optimizer_destroy(optimizer);
        talus_context_destroy(context);
    }
    free(gradient);
    free(alone);
}

START_TEST(steps_are_the_same_in_any_number_of_threads)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
            if (!is_update_rule(method))
                continue;
            step_in_threads(precision, method, 17);
            step_in_threads(precision, method, 100003);
        }
}
END_TEST

/* What talus_optimizer_step refuses leaves vectors and state as they were. */
START_TEST(bad_steps_are_refused)
{
    talus_context *context = context_with(1, NULL);
    talus_optimizer_spec spec;
    talus_optimizer *optimizer;
    talus_optimizer_defaults(&spec, TALUS_MOMENTUM);
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F32, 3, &optimizer));
    float theta[6] = {1, 2, 3, 4, 5, 6}, gradient[3] = {1, NAN, 1}, before[6];
    memcpy(before, theta, sizeof before);
    talus_matrix parameters = talus_matrix_view(theta, TALUS_DTYPE_F32, 1, 3),
                 g = talus_matrix_view(gradient, TALUS_DTYPE_F32, 1, 3);
    talus_matrix overlapping = talus_matrix_view(theta + 2, TALUS_DTYPE_F32, 1, 3),
                 beside = talus_matrix_view(theta + 3, TALUS_DTYPE_F32, 1, 3);
    expect_status(context, TALUS_ERROR_DATA, talus_optimizer_step(optimizer, &parameters, &g));
    expect_message(context, "gradient must be finite, got nan");
    gradient[1] = -INFINITY;
    expect_status(context, TALUS_ERROR_DATA, talus_optimizer_step(optimizer, &parameters, &g));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_step(optimizer, &parameters, &parameters));
    expect_message(context, "overlap");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_step(optimizer, &parameters, &overlapping));
    gradient[1] = FLT_MAX;
    theta[1] = -FLT_MAX, before[1] = theta[1];
    expect_ok(context, talus_optimizer_set_rate(optimizer, 1000));
    expect_status(context, TALUS_ERROR_DATA, talus_optimizer_step(optimizer, &parameters, &g));
    expect_message(context, "infinite");
    ck_assert_mem_eq(theta, before, sizeof before);
    expect_ok(context, talus_optimizer_set_rate(optimizer, 0.5));
    expect_ok(context, talus_optimizer_step(optimizer, &parameters, &beside));
    ck_assert_float_eq(theta[0], 1 - 0.5f * 4); /* no velocity was left behind */
    talus_optimizer_destroy(optimizer);
    talus_context_destroy(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vectors");
    add_case(suite, "vectors", sums_agree_with_long_double, a_norm_neither_overflows_nor_vanishes,
             threads_do_not_change_a_bit);
    add_case(suite, "steps", steps_are_the_same_in_any_number_of_threads, bad_steps_are_refused);
    return run_suite(suite);
}
