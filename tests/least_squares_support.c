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
