/* How a last layer is solved. */
#include <math.h>

#include "train/readout.h"

#define ROW(field) TL_FIELD(talus_solve_options, field)

static const tl_option rows[] = {
    {ROW(ridge), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "Of half the sum of squares of the weights, added to the l2 of the last layer."},
    {ROW(rank_tolerance), .type = TALUS_OPTION_TYPE_DOUBLE, .most = 1, .most_open = true,
     .sentence =
         "Singular values up to this times the largest do not count; 0: the inputs of the layer times "
         "the precision's epsilon."},
    {ROW(orthogonal), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether orthogonal factors are used in any case."},
    {ROW(full_rank), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether a matrix that is not of full rank is refused."},
};

const tl_options tl_solve_table = {
    .name = "solve",
    .size = sizeof(talus_solve_options),
    .began = TL_END_OF(talus_solve_options, full_rank),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_solve_options_defaults_sized(talus_solve_options *options, size_t size)
{
    tl_options_defaults(&tl_solve_table, options, size);
}
