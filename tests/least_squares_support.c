#include "least_squares_support.h"

talus_context *context;

void begin(void)
{
    context = context_with(1, NULL);
}

void finish(void)
{
    talus_context_destroy(context);
}

fit fit_of(int64_t n, int64_t m, void (*r)(const double *, double *, fit *),
           void (*j)(const double *, double *, fit *))
{
    fit f = {.n = n, .m = m, .r = r, .j = j};
    talus_least_squares_options_defaults(&f.options);
    return f;
}

static int residuals(const talus_matrix *x, const talus_matrix *r, void *user)
{
    fit *f = user;
    ck_assert_int_eq(x->cols, f->n);
    ck_assert_int_eq(r->cols, f->m);
    f->r(x->data, r->data, f);
    return ++f->residuals == f->stop_residuals;
}

static int jacobian(const talus_matrix *x, const talus_matrix *j, void *user)
{
    fit *f = user;
    ck_assert_int_eq(j->rows, f->m);
    ck_assert_int_eq(j->stride, f->n);
    f->j(x->data, j->data, f);
    return ++f->jacobians == f->stop_jacobians;
}

talus_status call_fit(fit *f)
{
    f->x = talus_matrix_view(f->at, TALUS_DTYPE_F64, 1, f->n);
    f->e = talus_matrix_view(f->errors, TALUS_DTYPE_F64, 1, f->n);
    f->c = talus_matrix_view(f->covariance, TALUS_DTYPE_F64, f->n, f->n);
    if (f->options.steps != TALUS_STEP_CONJUGATE_GRADIENTS)
        f->options.standard_errors = &f->e, f->options.covariance = &f->c;
    return talus_least_squares(context, residuals, f->j == NULL ? NULL : jacobian, f, &f->x, f->m,
                               &f->options, &f->result);
}

int solve(fit *f)
{
    expect_ok(context, call_fit(f));
    return f->result.outcome;
}

void linear(const double *at, double *r, fit *f)
{
    for (int64_t i = 0; i < f->m; i++) {
        r[i] = -f->response[i];
        for (int64_t c = 0; c < f->n; c++)
            r[i] += f->design[i * f->n + c] * at[c];
    }
}

void linear_slopes(const double *at, double *j, fit *f)
{
    (void)at;
    memcpy(j, f->design, (size_t)(f->m * f->n) * sizeof *j);
}

void rosenbrock(const double *at, double *r, fit *f)
{
    (void)f;
    r[0] = 10 * (at[1] - at[0] * at[0]);
    r[1] = 1 - at[0];
}

void rosenbrock_slopes(const double *at, double *j, fit *f)
{
    (void)f;
    j[0] = -20 * at[0], j[1] = 10;
    j[2] = -1, j[3] = 0;
}

void decay(const double *at, double *r, fit *f)
{
    for (int64_t i = 0; i < f->m; i++)
        r[i] = at[0] * exp(-at[1] * f->design[i]) - f->response[i];
}

void decay_slopes(const double *at, double *j, fit *f)
{
    for (int64_t i = 0; i < f->m; i++) {
        j[2 * i] = exp(-at[1] * f->design[i]);
        j[2 * i + 1] = -at[0] * f->design[i] * j[2 * i];
    }
}

const double decay_times[TIMES] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
const double decay_values[TIMES] = {2.6, 1.6, 1.3, 0.7, 0.6, 0.3, 0.1, 0.05};

fit noisy_decay(void)
{
    fit f = fit_of(2, TIMES, decay, decay_slopes);
    f.design = decay_times, f.response = decay_values;
    f.at[0] = 1, f.at[1] = 3;
    return f;
}

talus_status line_cost(void *user, const double *x, double *cost)
{
    fit *f = user;
    double r[10 * MOST];
    linear(x, r, f);
    *cost = 0;
    for (int64_t i = 0; i < f->m; i++)
        *cost += r[i] * r[i] / 2;
    return TALUS_OK;
}

talus_status line_normal(void *user, const double *x, double *a, double *g)
{
    fit *f = user;
    double r[10 * MOST];
    linear(x, r, f);
    for (int64_t k = 0; k < f->n; k++) {
        g[k] = 0;
        for (int64_t i = 0; i < f->m; i++)
            g[k] += f->design[i * f->n + k] * r[i];
        for (int64_t c = 0; c < f->n; c++) {
            a[k * f->n + c] = c > k ? NAN : 0; /* which is not looked at */
            for (int64_t i = 0; i < f->m; i++)
                a[k * f->n + c] += f->design[i * f->n + k] * f->design[i * f->n + c];
        }
    }
    return TALUS_OK;
}

talus_status minimize_without_rows(fit *f, talus_status (*normal)(void *, const double *, double *, double *))
{
    const tl_squares squares = {.context = context,
                                .name = "test",
                                .n = f->n,
                                .m = f->m,
                                .user = f,
                                .evaluate = line_cost,
                                .normal = normal};
    tl_squares_options options;
    f->e = talus_matrix_view(f->errors, TALUS_DTYPE_F64, 1, f->n);
    f->c = talus_matrix_view(f->covariance, TALUS_DTYPE_F64, f->n, f->n);
    f->options.standard_errors = &f->e, f->options.covariance = &f->c;
    expect_ok(context, tl_squares_take(context, "test", f->n, &f->options, sizeof f->options, &options));
    return tl_squares_minimize(&squares, &options, f->at, &f->result);
}
