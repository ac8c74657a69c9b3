/* What the options of least squares may say. */
#include <math.h>
#include <stdio.h>

#include "optimize/gauss_newton.h"

static const char *damping_name(int damping)
{
    static const char *const names[] = {[TALUS_DAMPING_DIAGONAL] = "diagonal",
                                        [TALUS_DAMPING_IDENTITY] = "identity",
                                        [TALUS_DAMPING_CURRENT] = "current"};
    return names[damping];
}

static const char *differences_name(int differences)
{
    static const char *const names[] = {
        [TALUS_DIFFERENCES_CENTRAL] = "central", [TALUS_DIFFERENCES_FORWARD] = "forward"};
    return names[differences];
}

static const char *step_method_name(int method)
{
    static const char *const names[] = {[TALUS_STEP_AUTO] = "auto",
                                        [TALUS_STEP_FACTORED] = "factored",
                                        [TALUS_STEP_CONJUGATE_GRADIENTS] = "conjugate_gradients"};
    return names[method];
}

const tl_names tl_damping_names = {TALUS_ENUMERATION_DAMPING, TALUS_DAMPING_CURRENT + 1, damping_name};
const tl_names tl_differences_names = {TALUS_ENUMERATION_DIFFERENCES, TALUS_DIFFERENCES_FORWARD + 1,
                                       differences_name};
const tl_names tl_step_method_names = {TALUS_ENUMERATION_STEP_METHOD, TALUS_STEP_CONJUGATE_GRADIENTS + 1,
                                       step_method_name};

#define ROW(field) TL_FIELD(talus_least_squares_options, field)
#define NAME(list) .type = TALUS_OPTION_TYPE_NAME, .names = &list, .most = INFINITY
#define TOLERANCE  .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY
#define POINTER    .type = TALUS_OPTION_TYPE_POINTER

static const tl_option rows[] = {
    {ROW(scaling), NAME(tl_damping_names), .standard = TALUS_DAMPING_DIAGONAL,
     .sentence = "By what the damping of a parameter is measured."},
    {ROW(differences), NAME(tl_differences_names), .standard = TALUS_DIFFERENCES_CENTRAL,
     .sentence = "How derivatives are found where no Jacobian is given."},
    {ROW(bayesian), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Bayesian regularisation, whose weight is estimated from the data."},
    {ROW(steps), NAME(tl_step_method_names), .standard = TALUS_STEP_AUTO,
     .sentence = "How the equations of a step are solved."},
    {ROW(damping), TOLERANCE, .standard = 1e-3,
     .sentence = "The damping of the first step, relative to the Jacobian; 0: none at all."},
    {ROW(damping_limit), TOLERANCE, .standard = 1e16, .least_open = true,
     .sentence = "It has stalled where no step lowers the cost with a damping up to this."},
    {ROW(gradient_tolerance), TOLERANCE, .standard = 1e-10,
     .sentence = "It has converged where no cosine of an angle between the residuals and a column of the "
                 "Jacobian is larger; 0: not in force."},
    {ROW(step_tolerance), TOLERANCE, .standard = 1e-12,
     .sentence = "It has stalled after a step of at most this part of x; 0: not in force."},
    {ROW(cost_tolerance), TOLERANCE,
     .sentence = "It has stalled after the cost has fallen by at most this part of it; 0: not in force."},
    {ROW(target), TOLERANCE, .sentence = "It ends at a cost of at most this."},
    {ROW(iterations), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INFINITY, .standard = 1000,
     .unit = "iterations", .sentence = "It ends after so many."},
    {ROW(evaluations), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "evaluations",
     .sentence = "It ends after so many of the residuals, without those for differences; 0: not in force."},
    {ROW(seconds), TOLERANCE, .unit = "seconds",
     .sentence = "The residuals are not evaluated again after so long; 0: not in force."},
    {ROW(weights), POINTER, .sentence = "Of the residuals; NULL: all are 1."},
    {ROW(history), POINTER,
     .sentence = "Receives cost, gradient, step, damping and effective parameters of each iteration."},
    {ROW(covariance), POINTER, .sentence = "Receives the covariance of the parameters."},
    {ROW(standard_errors), POINTER, .sentence = "Receives the standard errors of the parameters."},
    {ROW(on_step), POINTER, .sentence = "Called after each iteration; not 0 stops."},
    {ROW(user), POINTER, .sentence = "Handed to on_step."},
};

const tl_options tl_least_squares_table = {
    .name = "least_squares",
    .size = sizeof(talus_least_squares_options),
    .began = TL_END_OF(talus_least_squares_options, user),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_least_squares_options_defaults_sized(talus_least_squares_options *options, size_t size)
{
    tl_options_defaults(&tl_least_squares_table, options, size);
}

/* A view that receives f64 numbers, or none; a height of 0: any number of them. */
static talus_status take_view(talus_context *context, const char *call, const char *field,
                              const talus_matrix **view, talus_matrix *copy, int64_t high, int64_t wide)
{
    char name[64];
    if (*view == NULL)
        return TALUS_OK;
    (void)snprintf(name, sizeof name, "%s: %s", call, field);
    talus_status status = tl_check_matrix(context, name, *view, TL_DTYPE(TALUS_DTYPE_F64), copy);
    if (status != TALUS_OK)
        return status;
    *view = copy;
    if (copy->cols != wide || (high > 0 && copy->rows != high))
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s must be %lld × %lld, got %lld × %lld", name,
                       (long long)(high > 0 ? high : copy->rows), (long long)wide, (long long)copy->rows,
                       (long long)copy->cols);
    return TALUS_OK;
}

talus_status tl_squares_take(talus_context *context, const char *name, int64_t n,
                             const talus_least_squares_options *from, size_t from_size,
                             tl_squares_options *to)
{
    talus_least_squares_options *o = &to->options;
    talus_status status = tl_options_take(context, &tl_least_squares_table, name, o, from, from_size);
    if (status == TALUS_OK)
        status = tl_options_check(context, &tl_least_squares_table, name, o);
    if (status == TALUS_OK)
        status = take_view(context, name, "history", &o->history, &to->history, 0, TL_SQUARES_HISTORY);
    if (status == TALUS_OK)
        status = take_view(context, name, "covariance", &o->covariance, &to->covariance, n, n);
    if (status == TALUS_OK)
        status = take_view(context, name, "standard_errors", &o->standard_errors, &to->standard_errors, 1, n);
    return status;
}
