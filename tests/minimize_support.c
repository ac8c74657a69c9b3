#include "minimize_support.h"

talus_context *context;

void begin(void)
{
    context = context_with(1, NULL);
}

void finish(void)
{
    talus_context_destroy(context);
}

int evaluate(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
{
    watched *w = user;
    w->f(x, value, gradient);
    w->evaluations++;
    w->lowest = w->evaluations == 1 || *value < w->lowest ? *value : w->lowest;
    return w->evaluations == w->stop_after;
}

const double lambda[N] = {1, 4, 10};

void bowl(const talus_matrix *x, double *value, const talus_matrix *gradient)
{
    const double *at = x->data;
    double *g = gradient->data;
    *value = 0;
    for (int i = 0; i < N; i++) {
        g[i] = lambda[i] * at[i];
        *value += g[i] * at[i] / 2;
    }
}

void set_up(setup *s, int method, void (*f)(const talus_matrix *, double *, const talus_matrix *))
{
    *s = (setup){.at = {3, -2, 1}, .watched = {.f = f}};
    s->x = talus_matrix_view(s->at, TALUS_DTYPE_F64, 1, N);
    talus_optimizer_defaults(&s->spec, method);
    talus_minimize_options_defaults(&s->options);
    s->options.optimizer = &s->spec;
    s->options.gradient_tolerance = 0;
    s->options.iterations = 100;
}
