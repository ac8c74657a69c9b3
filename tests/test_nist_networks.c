/* The problems of NIST that are networks of one hidden layer (tests/nist): from both published starts the certified parameters,
 * standard errors and sums of squares. What a network calls its parameters is W₁, b₁, W₂, b₂ in the order of the flat vector. */
#include <stdio.h>
#include <talus/levenberg_marquardt.h>

#include "fixture.h"
#include "nist_problems.h"

/* How the parameters b of a problem are those of a network, and the other way. */
typedef struct network_problem {
    const char *name;
    int activation, hidden, biases, output_biases; /* of the hidden layer; whether layers have biases */
    void (*to_network)(const double *b, double *theta);
    void (*from_network)(const double *theta, double *b);
    bool logarithms; /* the network is given log x */
    bool one_to_one; /* each b is one θ times a sign, in this order: standard errors are the same */
    int order[6];
    double digits; /* that are asked for */
    int first;     /* the first start that is gone from */
} network_problem;

/* y = b₁·(1 − exp(−b₂x)) = −b₁·elu(−b₂x), while b₂x ≥ 0 */
static void elu_to(const double *b, double *theta)
{
    theta[0] = -b[1], theta[1] = -b[0];
}
static void elu_from(const double *theta, double *b)
{
    b[0] = -theta[1], b[1] = -theta[0];
}

/* y = b₁·x^b₂ = b₁·exp(b₂·log x);   y = b₁·b₂x/(1 + b₂x) = b₁·softsign(b₂x), while b₂x ≥ 0 */
static void pair_to(const double *b, double *theta)
{
    theta[0] = b[1], theta[1] = b[0];
}

/* y = b₁/(1 + exp(b₂ − b₃x)) = b₁·sigmoid(b₃x − b₂) */
static void logistic_to(const double *b, double *theta)
{
    theta[0] = b[2], theta[1] = -b[1], theta[2] = b[0];
}
static void logistic_from(const double *theta, double *b)
{
    b[0] = theta[2], b[1] = -theta[1], b[2] = theta[0];
}

/* y = (b₁/b₂)·exp(−½·((x − b₃)/b₂)²) = w₂·gaussian(w₁x + c) with w₁ = 1/(√2·b₂), c = −b₃·w₁, w₂ = b₁/b₂ */
static void peak_to(const double *b, double *theta)
{
    theta[0] = 1 / (sqrt(2) * b[1]), theta[1] = -b[2] * theta[0], theta[2] = b[0] / b[1];
}
static void peak_from(const double *theta, double *b)
{
    b[1] = 1 / (sqrt(2) * fabs(theta[0])), b[2] = -theta[1] / theta[0], b[0] = theta[2] * b[1];
}

/* y = b₁·exp(−b₂x) + b₃·exp(−b₄x) + b₅·exp(−b₆x) */
static void decays_to(const double *b, double *theta)
{
    for (int i = 0; i < 3; i++)
        theta[i] = -b[2 * i + 1], theta[3 + i] = b[2 * i];
}
static void decays_from(const double *theta, double *b)
{
    for (int i = 0; i < 3; i++)
        b[2 * i + 1] = -theta[i], b[2 * i] = theta[3 + i];
}

/* y = b₁ + b₂·exp(−b₄x) + b₃·exp(−b₅x) */
static void offset_to(const double *b, double *theta)
{
    theta[0] = -b[3], theta[1] = -b[4], theta[2] = b[1], theta[3] = b[2], theta[4] = b[0];
}
static void offset_from(const double *theta, double *b)
{
    b[0] = theta[4], b[1] = theta[2], b[2] = theta[3], b[3] = -theta[0], b[4] = -theta[1];
}

/* From its first start BoxBOD is led to b₂ < 0, where an ELU is another model. */
static const network_problem problems[] = {
    {"Misra1a", TALUS_ELU, 1, 0, 0, elu_to, elu_from, false, true, {1, 0}, 8, 0},
    {"BoxBOD", TALUS_ELU, 1, 0, 0, elu_to, elu_from, false, true, {1, 0}, 8, 1},
    {"Misra1d", TALUS_SOFTSIGN, 1, 0, 0, pair_to, pair_to, false, true, {1, 0}, 8, 0},
    {"DanWood", TALUS_EXPONENTIAL, 1, 0, 0, pair_to, pair_to, true, true, {1, 0}, 8, 0},
    {"Rat42", TALUS_SIGMOID, 1, 1, 0, logistic_to, logistic_from, false, true, {2, 1, 0}, 8, 0},
    {"Eckerle4", TALUS_GAUSSIAN, 1, 1, 0, peak_to, peak_from, false, false, {0}, 8, 0},
    {"MGH17", TALUS_EXPONENTIAL, 2, 0, 1, offset_to, offset_from, false, true, {4, 2, 3, 0, 1}, 6, 0},
    {"Lanczos3", TALUS_EXPONENTIAL, 3, 0, 0, decays_to, decays_from, false, true, {3, 0, 4, 1, 5, 2}, 6, 0},
};

static talus_network *network_of(const network_problem *p)
{
    const talus_layer layers[] = {
        {.width = p->hidden, .activation = p->activation, .without_biases = !p->biases},
        {.width = 1, .without_biases = !p->output_biases}};
    talus_network_spec spec;
    talus_network *network;
    talus_network_defaults(&spec);
    spec.inputs = 1, spec.layers = layers, spec.layer_count = 2, spec.precision = TALUS_DTYPE_F64;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static double digits(double found, double expected)
{
    return found == expected ? 16 : -log10(fabs(found - expected) / fabs(expected));
}

static void has_digits(const network_problem *p, int start, const char *what, double found, double expected,
                       double least)
{
    ck_assert_msg(digits(found, expected) >= least, "%s from start %d, %s: %.12g for %.12g, %.1f digits",
                  p->name, start + 1, what, found, expected, digits(found, expected));
}

static int number_of(const char *name)
{
    int number = 0;
    while (strcmp(nist_rows[number].name, name) != 0)
        number++;
    return number;
}

/* What is found from a start, beside what is certified. */
static void compare(const network_problem *p, int start, const nist_problem *nist, const double *theta,
                    const double *errors, const talus_levenberg_marquardt_result *result)
{
    double b[MOST_PARAMETERS];
    p->from_network(theta, b);
    for (int i = 0; i < nist->n; i++) {
        has_digits(p, start, "a parameter", b[i], nist->certified[i], p->digits);
        if (p->one_to_one)
            has_digits(p, start, "a standard error", errors[p->order[i]], nist->errors[i], p->digits);
    }
    has_digits(p, start, "the sum of squares", 2 * result->cost * (double)nist->m, nist->sum_of_squares,
               p->digits);
    has_digits(p, start, "the deviation", result->deviation, nist->deviation, p->digits);
    printf("%-9s start %d: %3d iterations, %s\n", p->name, start + 1, (int)result->iterations,
           talus_outcome_name(result->outcome));
}

static void solve(const network_problem *p, int start)
{
    static nist_problem nist;
    double errors[MOST_PARAMETERS], x[MOST_OBSERVATIONS];
    talus_network *network = network_of(p);
    talus_least_squares_options method;
    talus_levenberg_marquardt_options options;
    talus_levenberg_marquardt_result result;
    talus_matrix theta;
    nist_read(number_of(p->name), &nist);
    for (int64_t i = 0; i < nist.m; i++)
        x[i] = p->logarithms ? log(nist.x[i][0]) : nist.x[i][0];
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, nist.m, 1),
                 to = talus_matrix_view(nist.y, TALUS_DTYPE_F64, nist.m, 1),
                 of = talus_matrix_view(errors, TALUS_DTYPE_F64, 1, nist.n);
    talus_dataset *data = dataset_of(&in, &to);
    expect_ok(context, talus_network_parameters(network, &theta));
    ck_assert_int_eq(theta.cols, nist.n);
    p->to_network(nist.starts[start], theta.data);
    talus_least_squares_options_defaults(&method);
    talus_levenberg_marquardt_options_defaults(&options);
    method.standard_errors = &of;
    options.method = &method;
    expect_ok(context, talus_levenberg_marquardt(network, data, NULL, &options, &result));
    compare(p, start, &nist, theta.data, errors, &result);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}

START_TEST(certified_values_are_found)
{
    if (_i % 2 >= problems[_i / 2].first)
        solve(&problems[_i / 2], _i % 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nist_networks");
    TCase *all = case_with(suite, begin_counted, end_counted);
    tcase_add_loop_test(all, certified_values_are_found, 0, 2 * (int)(sizeof problems / sizeof *problems));
    return run_suite(suite);
}
