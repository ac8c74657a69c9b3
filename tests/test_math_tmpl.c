/* kernels/math.h in one precision: accuracy on a dense sample, special values, exceptions. */
#include <fenv.h>

#include "kernels/math.h"
#include "test_math.h"

#define MOST_ULPS 2.0

#if TL_PRECISION == 32
#define DIGITS         FLT_MANT_DIG
#define REAL_DENORMAL  0x1p-149f
#define EXP_OVERFLOWS  0x1.62e43p+6f   /* the least number whose exponential rounds to infinity */
#define EXP_UNDERFLOWS -0x1.9fe36ap+6f /* the largest whose exponential rounds to 0 */
#else
#define DIGITS         DBL_MANT_DIG
#define REAL_DENORMAL  0x1p-1074
#define EXP_OVERFLOWS  0x1.62e42fefa39fp+9
#define EXP_UNDERFLOWS -0x1.74910d52d3052p+9
#endif

/* The functions, in loops as kernels have them ----------------------------------------------------------- */

enum { BLOCK = 1021 }; /* leaves a remainder for every width of vectors */

#include "math_loops.h"

static long double sigmoid_of(long double x)
{
    return 1 / (1 + expl(-x));
}

static long double softplus_of(long double x)
{
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

typedef struct function {
    const char *name;
    void (*loop)(const real *restrict x, real *restrict y);
    long double (*reference)(long double x);
} function;

enum { EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SOFTPLUS, FUNCTIONS };

static const function functions[FUNCTIONS] = {
    {"exp", loop_exp, expl},
    {"expm1", loop_expm1, expm1l},
    {"log", loop_log, logl},
    {"log1p", loop_log1p, log1pl},
    {"tanh", loop_tanh, tanhl},
    {"sigmoid", loop_sigmoid, sigmoid_of},
    {"softplus", loop_softplus, softplus_of},
};

/* The sample --------------------------------------------------------------------------------------------- */

enum { EVEN_RANGES = 4, BLOCKS = 400 };

/* A quarter of the blocks is spread evenly over all bit patterns, the others over ranges in which the
 * functions change their behaviour. Numbers that are not finite are taken as 1. */
static void fill_sample(int block, real *x)
{
    static const double widths[EVEN_RANGES] = {0, 1.5, 20, 760};
    const double width = widths[block % EVEN_RANGES];
    number_stream stream = numbers_from((uint64_t)block + 1);
    for (int i = 0; i < BLOCK; i++) {
        next_number(&stream);
        real_word word = (real_word)(stream.state * 0x9E3779B97F4A7C15u >> (64 - 8 * sizeof(real)));
        real any = real_from_word(word);
        x[i] = width > 0 ? (real)(width * next_number(&stream)) : any;
        if (!isfinite(x[i]))
            x[i] = 1;
    }
}

static void check_block(const function *f, const real *x)
{
    const double most = MOST_ULPS + reference_ulps(DIGITS);
    real y[BLOCK];
    f->loop(x, y);
    for (int i = 0; i < BLOCK; i++) {
        double error = ulps((long double)y[i], f->reference((long double)x[i]), DIGITS);
        expect(error <= most, "%s(%a) = %a is %g ulps off", f->name, (double)x[i], (double)y[i], error);
    }
}

START_TEST(is_accurate)
{
    real x[BLOCK];
    for (int block = 0; block < BLOCKS && reference_is_long(); block++) {
        fill_sample(block, x);
        check_block(&functions[_i], x);
    }
}
END_TEST

/* Neighbours of places where a function changes its path: multiples of ½ ln 2, powers of ½ around 1. */
START_TEST(is_accurate_at_seams)
{
    real x[BLOCK];
    for (int seam = -300; seam <= 300 && reference_is_long(); seam++) {
        real at = seam % 2 == 0 ? (real)(seam * 0.34657359027997264)
                                : (real)((seam < 0 ? -1 : 1) * pow(2, -abs(seam) / 4.0));
        for (int i = 0; i < BLOCK; i++)
            x[i] = real_from_word(real_to_word(at) + (real_word)(i - BLOCK / 2));
        x[0] = R(0.55);
        check_block(&functions[_i], x);
    }
}
END_TEST

/* Special values ----------------------------------------------------------------------------------------- */

static real value_of(int which, real x)
{
    real from[BLOCK], to[BLOCK];
    for (int i = 0; i < BLOCK; i++)
        from[i] = x;
    functions[which].loop(from, to);
    for (int i = 1; i < BLOCK; i++) /* the vectors and the remainder agree */
        expect(memcmp(&to[i], &to[0], sizeof(real)) == 0 || isnan(to[0]), "%s(%a): %a or %a",
               functions[which].name, (double)x, (double)to[0], (double)to[i]);
    return to[0];
}

static void expect_value(int which, real x, real expected)
{
    real got = value_of(which, x);
    bool same = isnan(expected) ? isnan(got) : got == expected && !signbit(got) == !signbit(expected);
    expect(same, "%s(%a) = %a, not %a", functions[which].name, (double)x, (double)got, (double)expected);
}

START_TEST(special_values)
{
    const real inf = (real)INFINITY, nan = (real)NAN, tiny = REAL_DENORMAL;
    const struct {
        int which;
        real x, expected;
    } cases[] = {
        {EXP, inf, inf},
        {EXP, -inf, 0},
        {EXP, 0, 1},
        {EXP, R(-0.0), 1},
        {EXP, REAL_MAX, inf},
        {EXP, -REAL_MAX, 0},
        {EXP, tiny, 1},
        {EXP, EXP_OVERFLOWS, inf},
        {EXPM1, inf, inf},
        {EXPM1, -inf, -1},
        {EXPM1, 0, 0},
        {EXPM1, R(-0.0), R(-0.0)},
        {EXPM1, REAL_MAX, inf},
        {EXPM1, -REAL_MAX, -1},
        {EXPM1, tiny, tiny},
        {EXPM1, -tiny, -tiny},
        {LOG, inf, inf},
        {LOG, 0, -inf},
        {LOG, R(-0.0), -inf},
        {LOG, 1, 0},
        {LOG, -tiny, nan},
        {LOG, -1, nan},
        {LOG, -inf, nan},
        {LOG, -REAL_MAX, nan},
        {LOG1P, inf, inf},
        {LOG1P, -1, -inf},
        {LOG1P, 0, 0},
        {LOG1P, R(-0.0), R(-0.0)},
        {LOG1P, R(-1.5), nan},
        {LOG1P, -inf, nan},
        {LOG1P, tiny, tiny},
        {LOG1P, -tiny, -tiny},
        {TANH, inf, 1},
        {TANH, -inf, -1},
        {TANH, 0, 0},
        {TANH, R(-0.0), R(-0.0)},
        {TANH, REAL_MAX, 1},
        {TANH, -REAL_MAX, -1},
        {TANH, tiny, tiny},
        {TANH, -tiny, -tiny},
        {SIGMOID, inf, 1},
        {SIGMOID, -inf, 0},
        {SIGMOID, 0, R(0.5)},
        {SIGMOID, R(-0.0), R(0.5)},
        {SIGMOID, REAL_MAX, 1},
        {SIGMOID, -REAL_MAX, 0},
        {SIGMOID, tiny, R(0.5)},
        {SOFTPLUS, inf, inf},
        {SOFTPLUS, -inf, 0},
        {SOFTPLUS, REAL_MAX, REAL_MAX},
        {SOFTPLUS, -REAL_MAX, 0},
        {EXP, EXP_UNDERFLOWS, 0},
        {LOG1P, -REAL_MAX, nan},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_value(cases[i].which, cases[i].x, cases[i].expected);
}
END_TEST

START_TEST(nan_gives_nan)
{
    expect_value(_i, (real)NAN, (real)NAN);
    expect_value(_i, -(real)NAN, (real)NAN);
}
END_TEST

/* exp reaches every denormal region: its values there are compared in units of their spacing. */
START_TEST(exp_ends_where_it_should)
{
    ck_assert(isfinite(value_of(EXP, real_from_word(real_to_word(EXP_OVERFLOWS) - 1))));
    ck_assert(value_of(EXP, real_from_word(real_to_word(EXP_UNDERFLOWS) - 1)) == REAL_DENORMAL);
    ck_assert(value_of(SIGMOID, real_from_word(real_to_word(EXP_UNDERFLOWS) - 1)) == REAL_DENORMAL);
    ck_assert(value_of(SOFTPLUS, real_from_word(real_to_word(EXP_UNDERFLOWS) - 1)) == REAL_DENORMAL);
}
END_TEST

/* Exceptions --------------------------------------------------------------------------------------------- */

static void check_exceptions(const function *f, const real *x)
{
    real y[BLOCK];
    bool overflow = false;
    feclearexcept(FE_ALL_EXCEPT);
    f->loop(x, y);
    int raised = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
    for (int i = 0; i < BLOCK; i++)
        overflow |= (f == &functions[EXP] || f == &functions[EXPM1]) && isinf(y[i]);
    expect((raised & FE_INVALID) == 0, "%s raises invalid", f->name);
    expect((raised & FE_DIVBYZERO) == 0, "%s raises division by zero", f->name);
    expect(overflow || (raised & FE_OVERFLOW) == 0, "%s raises overflow", f->name);
}

START_TEST(finite_numbers_raise_nothing)
{
    static const real corners[] = {
        0,  R(-0.0), REAL_DENORMAL, -REAL_DENORMAL, REAL_SMALLEST, -REAL_SMALLEST, REAL_MAX, -REAL_MAX, 1,
        -1, -2,      R(1e30),       R(-1e30),       R(1e10),       R(-1e10)};
    real x[BLOCK];
    for (int block = 0; block < BLOCKS; block++) {
        fill_sample(block, x);
        check_exceptions(&functions[_i], x);
    }
    for (size_t corner = 0; corner < sizeof corners / sizeof corners[0]; corner++) {
        for (int i = 0; i < BLOCK; i++)
            x[i] = corners[corner];
        check_exceptions(&functions[_i], x);
    }
}
END_TEST

void TL(add_math)(Suite *suite)
{
    TCase *math = tcase_create("math f" TEXT(TL_PRECISION));
    tcase_set_timeout(math, 0);
    tcase_add_loop_test(math, is_accurate, 0, FUNCTIONS);
    tcase_add_loop_test(math, is_accurate_at_seams, 0, FUNCTIONS);
    tcase_add_test(math, special_values);
    tcase_add_loop_test(math, nan_gives_nan, 0, FUNCTIONS);
    tcase_add_test(math, exp_ends_where_it_should);
    tcase_add_loop_test(math, finite_numbers_raise_nothing, 0, FUNCTIONS);
    suite_add_tcase(suite, math);
}
