/* What the options of a minimisation may say. */
#include "optimize/minimize_options.h"

#include <float.h>
#include <math.h>

#define ROW(field) TL_FIELD(talus_minimize_options, field)
#define TOLERANCE  .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY

static const tl_option rows[] = {
    {ROW(optimizer), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "The spec of the method; NULL: lbfgs."},
    {ROW(gradient_tolerance), TOLERANCE, .standard = 1e-5,
     .sentence = "It has converged where no part of the gradient is larger; 0: not in force."},
    {ROW(value_tolerance), TOLERANCE,
     .sentence = "It has stalled where the value changes by no larger part of it; 0: not in force."},
    {ROW(step_tolerance), TOLERANCE,
     .sentence = "It has stalled where no number of x changes by more; 0: not in force."},
    {ROW(target), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY,
     .standard = -DBL_MAX, .sentence = "It ends at a value of at most this."},
    {ROW(iterations), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INFINITY, .standard = 1000,
     .unit = "iterations", .sentence = "It ends after so many."},
    {ROW(evaluations), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "evaluations",
     .sentence = "It ends after so many of the function; 0: not in force."},
    {ROW(seconds), TOLERANCE, .unit = "seconds",
     .sentence = "The function is not evaluated again after so long; 0: not in force."},
    {ROW(history), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "Receives value, gradient norm and step of each iteration."},
    {ROW(on_step), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "Called after each iteration; not 0 stops."},
    {ROW(user), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Handed to on_step."},
};

const tl_options tl_minimize_table = {
    .name = "minimize",
    .size = sizeof(talus_minimize_options),
    .began = TL_END_OF(talus_minimize_options, user),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_minimize_options_defaults_sized(talus_minimize_options *options, size_t size)
{
    tl_options_defaults(&tl_minimize_table, options, size);
}
