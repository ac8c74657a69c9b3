#include "normalization_support.h"

problem normalized_problem(int normalization, int activation, int64_t width, int64_t n)
{
    return make_problem(&(problem_spec){.n = n,
                                        .widths = {5, width, 4},
                                        .hidden = activation,
                                        .output = TALUS_IDENTITY,
                                        .precision = TALUS_DTYPE_F64,
                                        .normalization = normalization,
                                        .epsilon = 0.1});
}

problem bare_layer(int normalization, int64_t n, int64_t width, int precision)
{
    problem p = make_problem(&(problem_spec){.n = n,
                                             .widths = {width, width},
                                             .precision = precision,
                                             .output_normalization = normalization,
                                             .without_biases = 1});
    memset(p.theta, 0, (size_t)p.parameters * sizeof *p.theta);
    for (int64_t k = 0; k < width; k++) {
        p.theta[k * width + k] = 1;
        p.theta[naive_scales_at(&p.naive, 1) + k] = 1;
    }
    put_parameters(&p);
    return p;
}
