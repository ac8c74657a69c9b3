/* Finds the value that a pass could not use. This is slow and runs only after a tile has complained. */
#include <math.h>

#include "engine/pass.h"

static double value_at(const talus_matrix *matrix, int64_t row, int64_t col)
{
    int64_t at = row * matrix->stride + col;
    switch (matrix->dtype) {
    case TALUS_F32:
        return (double)((const float *)matrix->data)[at];
    case TALUS_F64:
        return ((const double *)matrix->data)[at];
    case TALUS_I32:
        return ((const int32_t *)matrix->data)[at];
    default:
        return ((const uint8_t *)matrix->data)[at];
    }
}

static double scaled_at(const tl_pass *pass, const tl_source *source, int64_t row, int64_t col)
{
    double value = value_at(&source->matrix, row, col);
    if (source->shift != NULL)
        value = (value - source->shift[source->scale_step * col]) * source->scale[source->scale_step * col];
    return pass->network->precision == TALUS_F32 ? (double)(float)value : value;
}

void tl_target_range(int loss, double *least, double *most)
{
    *least = loss == TALUS_SQUARED_ERROR ? -INFINITY : 0;
    *most = loss == TALUS_BINARY_CROSS_ENTROPY ? 1 : INFINITY;
}

static talus_status blame_label(const tl_pass *pass, int64_t row, double label)
{
    int64_t classes = tl_network_outputs(pass->network);
    return tl_fail(pass->workspace->context, TALUS_ERROR_DATA,
                   "targets, row %lld: the label is %.0f; 0 … %lld is wanted (rows are counted from 0)",
                   (long long)row, label, (long long)(classes == 1 ? 1 : classes - 1));
}

static talus_status blame_value(const tl_pass *pass, const char *name, int64_t row, int64_t col, double value,
                                const char *wanted)
{
    return tl_fail(pass->workspace->context, TALUS_ERROR_DATA,
                   "%s, row %lld, column %lld: the value is %g; %s is wanted (counted from 0)", name,
                   (long long)row, (long long)col, value, wanted);
}

static const char *wanted_target(const tl_pass *pass)
{
    if (pass->work & TL_OUTPUT_GRADIENT || pass->network->loss == TALUS_SQUARED_ERROR)
        return "a finite number";
    return pass->network->loss == TALUS_CROSS_ENTROPY ? "a finite number of at least 0" : "a number in 0 … 1";
}

talus_status tl_pass_blame(const tl_pass *pass, bool bad_inputs)
{
    const tl_source *source = bad_inputs ? &pass->inputs : &pass->targets;
    bool labels = source->matrix.dtype == TALUS_I32;
    bool ranged = !bad_inputs && !(pass->work & TL_OUTPUT_GRADIENT);
    double least = -INFINITY, most = INFINITY;
    if (ranged)
        tl_target_range(pass->network->loss, &least, &most);
    if (labels)
        most = tl_network_outputs(pass->network) == 1 ? 1 : (double)tl_network_outputs(pass->network) - 1;
    const char *name = bad_inputs ? "inputs" : ranged ? "targets" : "output_gradient";
    for (int64_t i = 0; i < pass->cut.samples; i++) {
        int64_t row = source->rows == NULL ? i : source->rows[i];
        int64_t named = pass->first_row + row;
        for (int64_t col = 0; col < source->matrix.cols; col++) {
            double value = scaled_at(pass, source, row, col);
            if (isfinite(value) && value >= least && value <= most)
                continue;
            return labels ? blame_label(pass, named, value)
                          : blame_value(pass, name, named, col, value,
                                        bad_inputs ? "a finite number" : wanted_target(pass));
        }
    }
    return tl_fail(pass->workspace->context, TALUS_ERROR_DATA, "%s changed while they were being read", name);
}
