/* Finds the value that a pass could not use. This is slow and runs only after a tile has complained. */
#include <float.h>
#include <math.h>

#include "engine/pass.h"

/* A source of values, the range that they must lie in, and both in words. */
typedef struct suspect {
    const tl_source *source;
    const char *name, *wanted;
    double least, most;
    bool missing; /* NaN is a value that is missing */
} suspect;

/* What the caller calls row i of the batch. */
static int64_t row_number(const tl_pass *pass, int64_t i)
{
    return pass->numbers == NULL ? pass->first_row + i : pass->numbers[i];
}

/* What the engine made of the value at (row, col): scaled, and in the network's precision. */
static double value_read(const tl_pass *pass, const tl_source *source, int64_t row, int64_t col)
{
    double value = tl_source_scaled(source, row, col);
    return pass->network->precision == TALUS_DTYPE_F32 ? (double)(float)value : value;
}

/* A value that is finite itself, but not as it was read. */
static talus_status fail_beyond_range(const tl_pass *pass, const suspect *found, int64_t sample, int64_t row,
                                      int64_t col)
{
    talus_context *context = pass->workspace->context;
    const char *precision = tl_dtype_name(pass->network->precision);
    double value = tl_source_value(found->source, row, col);
    if (found->source->scale == NULL)
        return tl_fail(
            context, TALUS_ERROR_DATA,
            "%s, row %lld, column %lld (counted from 0): the value must be within the range of %s, "
            "got %g",
            found->name, (long long)sample, (long long)col, precision, value);
    return tl_fail(
        context, TALUS_ERROR_DATA,
        "%s, row %lld, column %lld (counted from 0): the value must be within the range of %s when "
        "it is scaled, got %g, which becomes %g",
        found->name, (long long)sample, (long long)col, precision, value,
        tl_source_scaled(found->source, row, col));
}

static suspect suspect_of(const tl_pass *pass, int bad)
{
    suspect any = {&pass->inputs, "inputs", "a finite number", -INFINITY, INFINITY, false};
    if (bad & TL_BAD_INPUTS)
        return any;
    any.source = &pass->targets;
    any.name = "output_gradient";
    if (pass->work & TL_OUTPUT_GRADIENT)
        return any;
    any.name = "targets";
    any.missing = pass->network->missing_targets;
    return any;
}

/* What a target of a column must be. */
static void look_at_column(const tl_pass *pass, suspect *found, int64_t col)
{
    const tl_range *range = pass->network->ranges;
    if (found->source != &pass->targets || (pass->work & TL_OUTPUT_GRADIENT))
        return;
    while (col >= range->first_target + range->targets)
        range++;
    found->wanted = range->loss_kind->targets;
    found->least = range->loss_kind->least;
    found->most = range->loss_kind->most;
    if (pass->targets.matrix.dtype == TALUS_DTYPE_I32)
        found->most = (double)tl_network_label_count(pass->network) - 1;
}

/* sample is the number of the row for the caller. */
static talus_status fail_at(const tl_pass *pass, const suspect *found, int64_t sample, int64_t row,
                            int64_t col)
{
    talus_context *context = pass->workspace->context;
    double value = tl_source_value(found->source, row, col);
    if (isfinite(value) && !isfinite(value_read(pass, found->source, row, col)))
        return fail_beyond_range(pass, found, sample, row, col);
    if (found->source->matrix.dtype == TALUS_DTYPE_I32)
        return tl_fail(context, TALUS_ERROR_DATA,
                       "targets, row %lld (counted from 0): the label must be 0 … %.0f, got %.0f",
                       (long long)sample, found->most, value);
    return tl_fail(context, TALUS_ERROR_DATA,
                   "%s, row %lld, column %lld (counted from 0): the value must be %s, got %g", found->name,
                   (long long)sample, (long long)col, found->wanted, value);
}

/* Names a row that is finite itself, but not when it is projected: the sizes of its terms tell, up to what is rounded of them. */
static talus_status find_bad_projection(const tl_pass *pass)
{
    const tl_projection *projection = &pass->network->input_projection;
    const double range = pass->network->precision == TALUS_DTYPE_F32 ? (double)FLT_MAX : DBL_MAX,
                 most = range - range / 1024;
    for (int64_t i = 0; i < pass->samples; i++)
        for (int64_t k = 0; k < projection->features; k++) {
            const double *t = projection->matrix + k * projection->columns;
            double terms = 0;
            for (int64_t j = 0; j < projection->columns; j++)
                terms += fabs(t[j] * value_read(pass, &pass->inputs, tl_source_row(&pass->inputs, i), j));
            if (!(terms < most))
                return tl_fail(
                    pass->workspace->context, TALUS_ERROR_DATA,
                    "inputs, row %lld (counted from 0): component %lld of its projection must be within "
                    "the range of %s, but its terms add up to %g",
                    (long long)row_number(pass, i), (long long)k, tl_dtype_name(pass->network->precision),
                    terms);
        }
    return TALUS_OK;
}

talus_status tl_find_bad_value(const tl_pass *pass, int bad)
{
    suspect found = suspect_of(pass, bad);
    for (int64_t i = 0; i < pass->samples; i++) {
        int64_t row = tl_source_row(found.source, i);
        for (int64_t col = 0; col < found.source->matrix.cols; col++) {
            double value = value_read(pass, found.source, row, col);
            look_at_column(pass, &found, col);
            if (isnan(value) && found.missing)
                continue;
            if (!isfinite(value) || value < found.least || value > found.most)
                return fail_at(pass, &found, row_number(pass, i), row, col);
        }
    }
    talus_status status = bad & TL_BAD_INPUTS ? find_bad_projection(pass) : TALUS_OK;
    if (status != TALUS_OK)
        return status;
    return tl_fail(pass->workspace->context, TALUS_ERROR_DATA, "%s changed while they were being read",
                   found.name);
}
