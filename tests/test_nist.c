/* Least squares on NIST's problems of nonlinear regression: from both starts to the certified digits. */
#include "nist_problems.h"
#include "support.h"

static int model(const talus_matrix *x, const talus_matrix *residuals, void *user)
{
    const nist_problem *p = user;
    double d[MOST_PARAMETERS], *r = residuals->data;
    for (int64_t i = 0; i < p->m; i++)
        r[i] = p->row->model(x->data, p->x[i], d) - p->y[i];
    return 0;
}

static int derivatives(const talus_matrix *x, const talus_matrix *jacobian, void *user)
{
    const nist_problem *p = user;
    double *j = jacobian->data;
    for (int64_t i = 0; i < p->m; i++)
        (void)p->row->model(x->data, p->x[i], j + i * jacobian->stride);
    return 0;
}

/* Correct digits: −log₁₀ of the relative error, at most the 11 that are certified. */
static double digits(const double *found, const double *certified, int64_t count)
{
    double fewest = 11;
    for (int64_t i = 0; i < count; i++) {
        double error = fabs(found[i] - certified[i]) / fabs(certified[i]);
        fewest = error > 0 ? fmin(fewest, -log10(error)) : fewest;
        if (!(error < INFINITY))
            fewest = 0;
    }
    return fewest;
}

/* From one start, as far as rounding goes. */
static void solve(nist_problem *p, int start, talus_residual_jacobian jacobian, double most_lost)
{
    talus_context *context = context_with(1, NULL);
    double at[MOST_PARAMETERS], errors[MOST_PARAMETERS];
    memcpy(at, p->starts[start], sizeof at);
    talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, p->n),
                 e = talus_matrix_view(errors, TALUS_DTYPE_F64, 1, p->n);
    talus_least_squares_options options;
    talus_least_squares_result result;
    talus_least_squares_options_defaults(&options);
    options.gradient_tolerance = 0;
    options.scaling = p->row->scaling;
    if (p->row->iterations > 0)
        options.iterations = p->row->iterations;
    options.standard_errors = &e;
    expect_ok(context, talus_least_squares(context, model, jacobian, p, &x, p->m, &options, &result));
    const double squares = 2 * result.cost, enough = 8 - most_lost;
    const char *name = p->row->name;
    ck_assert_int_eq(result.rank, p->n);
    ck_assert_msg(digits(at, p->certified, p->n) >= enough, "%s %d: parameters have %g digits", name, start,
                  digits(at, p->certified, p->n));
    if (!p->row->residuals_are_rounding) {
        ck_assert_int_eq(result.errors_known, 1);
        ck_assert_msg(digits(errors, p->errors, p->n) >= enough, "%s %d: standard errors have %g digits",
                      name, start, digits(errors, p->errors, p->n));
        ck_assert_msg(digits(&squares, &p->sum_of_squares, 1) >= 8, "%s: the sum of squares is %.17g", name,
                      squares);
        ck_assert_msg(digits(&result.deviation, &p->deviation, 1) >= 8, "%s: the deviation is %.17g", name,
                      result.deviation);
    }
    talus_context_destroy(context);
}

/* Eight digits with derivatives; seven without, where the Jacobian itself has no more than ten. */
START_TEST(certified_digits)
{
    nist_problem p;
    nist_read(_i / 2, &p);
    solve(&p, _i % 2, derivatives, 0);
    solve(&p, _i % 2, NULL, 1.1);
}
END_TEST

/* ∂y/∂b against central differences of the models, at the certified values. */
START_TEST(models_have_their_derivatives)
{
    nist_problem p;
    nist_read(_i, &p);
    for (int64_t i = 0; i < p.m; i += 7)
        for (int64_t k = 0; k < p.n; k++) {
            double b[MOST_PARAMETERS], d[MOST_PARAMETERS], unused[MOST_PARAMETERS];
            memcpy(b, p.certified, sizeof b);
            double h = 1e-6 * fabs(b[k]), size = fabs(p.row->model(b, p.x[i], d));
            b[k] = p.certified[k] + h;
            double above = p.row->model(b, p.x[i], unused);
            b[k] = p.certified[k] - h;
            double slope = (above - p.row->model(b, p.x[i], unused)) / (2 * h);
            ck_assert_double_le(fabs(d[k] - slope) * fabs(b[k]), 1e-6 * (size + fabs(d[k] * b[k])));
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("NIST");
    TCase *problems = tcase_create("problems");
    tcase_set_timeout(problems, 0);
    tcase_add_loop_test(problems, certified_digits, 0, 2 * NIST_PROBLEMS);
    tcase_add_loop_test(problems, models_have_their_derivatives, 0, NIST_PROBLEMS);
    suite_add_tcase(suite, problems);
    return run_suite(suite);
}
