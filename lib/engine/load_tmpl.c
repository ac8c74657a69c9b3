/* What a tile begins with: inputs, targets and weights of its samples. */
#include <string.h>

#include "engine/split_operands.h"
#include "engine/tile.h"

void TL(tl_clear_rest)(const TL(tl_tile) * tile, real *features, int64_t rows)
{
    if (tile->samples < tile->columns)
        for (int64_t i = 0; i < rows; i++)
            memset(features + i * tile->width + tile->samples, 0,
                   (size_t)(tile->columns - tile->samples) * sizeof(real));
}

/* The inputs by samples, as gathered or projected. */
static bool read_inputs(const TL(tl_tile) * tile, real *rows, real *features)
{
    const tl_level *level = &tile->levels[0];
    if (tile->pass->workspace->raw.width == 0)
        return tile->kernels->gather(&tile->pass->inputs, tile->first, tile->samples, rows, level->ld,
                                     &tile->extent->activations);
    const bool good = TL(tl_project)(tile, features);
    tile->kernels->transpose(level->width, tile->samples, features, tile->width, rows, level->ld);
    return good;
}

/* A_0: by samples, and turned for what goes forward. */
void TL(tl_load_inputs)(const TL(tl_tile) * tile)
{
    const tl_level *level = &tile->levels[0];
    real *rows = tl_rows_of(tile, level), *features = tl_part_of(tile, level->features, level, 0);
    if (!read_inputs(tile, rows, features))
        tile->report->bad |= TL_BAD_INPUTS;
    if (tile->pass->trains && tile->pass->network->input_noise > 0)
        TL(tl_add_noise)(tile, rows, level->ld);
    if (!(tile->pass->work & TL_FORWARD))
        return;
    tile->kernels->transpose(tile->samples, level->width, rows, level->ld, features, tile->width);
    if (tl_drops(tile->pass, 0)) {
        TL(tl_drop)(tile, 0, 0, level->width, features, NULL);
        tile->kernels->transpose(level->width, tile->samples, features, tile->width, rows, level->ld);
    }
    TL(tl_clear_rest)(tile, features, level->width);
    if (tile->pass->workspace->pieces != NULL && (tile->pass->work & TL_FORWARD))
        tl_split_outputs(tile->pass, 0, tile->index, 0, level->width);
}

/* A label becomes a 1 at its output, or is itself the target of the one output. False for a label that is none. */
static bool load_labels(const TL(tl_tile) * tile, real *targets, int64_t outputs)
{
    const tl_source *source = &tile->pass->targets;
    const tl_loss_kind *loss = tile->pass->network->ranges->loss_kind;
    int64_t count = tl_label_count(loss, outputs);
    bool good = true;
    memset(targets, 0, (size_t)(outputs * tile->width) * sizeof(real));
    for (int64_t j = 0; j < tile->samples; j++) {
        int64_t label = ((const int32_t *)source->matrix
                             .data)[tl_source_row(source, tile->first + j) * source->matrix.stride];
        if (label < 0 || label >= count)
            good = false;
        else if (loss->labels == TL_LABELS_SIDES)
            targets[j] = (real)label;
        else
            targets[label * tile->width + j] = 1;
    }
    return good;
}

static bool in_range(const TL(tl_tile) * tile, const tl_range *range, const real *rows, int64_t ld)
{
    const real low = (real)range->loss_kind->least, high = (real)range->loss_kind->most;
    int outside = 0;
    for (int64_t i = 0; i < tile->samples; i++)
        for (int64_t j = 0; j < range->targets; j++)
            outside |= rows[i * ld + j] < low || rows[i * ld + j] > high;
    return !outside;
}

/* The same where NaN stands for a missing target. gather has not seen to infinities then. */
static bool in_range_or_missing(const TL(tl_tile) * tile, const tl_range *range, const real *rows, int64_t ld)
{
    const real low = (real)range->loss_kind->least, high = (real)range->loss_kind->most;
    int outside = 0;
    for (int64_t i = 0; i < tile->samples; i++)
        for (int64_t j = 0; j < range->targets; j++) {
            real y = rows[i * ld + j];
            outside |= y < low || y > high || (y == y && y - y != 0);
        }
    return !outside;
}

/* Whether targets that were gathered, all of them finite or not, can be used. */
static bool usable(const TL(tl_tile) * tile, bool finite, const real *rows, int64_t ld)
{
    const talus_network *network = tile->pass->network;
    bool good = finite || network->missing_targets;
    for (int r = 0; r < network->range_count; r++) {
        const tl_range *range = &network->ranges[r];
        good &= (network->missing_targets ? in_range_or_missing : in_range)(tile, range,
                                                                            rows + range->first_target, ld);
    }
    return good;
}

/* y ← (1 − ε)·y + ε/K, for K classes or the two sides of an output, where outputs are probabilities */
static void smooth(const TL(tl_tile) * tile, const tl_range *range, real *targets)
{
    const double smoothing = tile->pass->network->label_smoothing;
    const bool sides = range->loss_kind->labels == TL_LABELS_SIDES;
    const real keep = (real)(1 - smoothing), even = (real)(smoothing / (sides ? 2 : (double)range->outputs));
    for (int64_t i = range->first_target; i < range->first_target + range->targets; i++)
        for (int64_t j = 0; j < tile->samples; j++)
            targets[i * tile->width + j] = keep * targets[i * tile->width + j] + even;
}

static void smooth_ranges(const TL(tl_tile) * tile, real *targets)
{
    const talus_network *network = tile->pass->network;
    for (int r = 0; network->label_smoothing > 0 && r < network->range_count; r++)
        if (tl_range_is_fused(&network->ranges[r]))
            smooth(tile, &network->ranges[r], targets);
}

void TL(tl_load_targets)(const TL(tl_tile) * tile, real *to)
{
    const tl_level *level = &tile->levels[tile->pass->network->layer_count];
    const tl_source *source = &tile->pass->targets;
    bool good;
    if (source->matrix.dtype == TALUS_DTYPE_I32) {
        good = load_labels(tile, to, level->width);
    } else {
        double unused = 0;
        good = tile->kernels->gather(source, tile->first, tile->samples, tile->scratch, level->ld, &unused);
        if (!(tile->pass->work & TL_OUTPUT_GRADIENT))
            good = usable(tile, good, tile->scratch, level->ld);
        tile->kernels->transpose(tile->samples, source->matrix.cols, tile->scratch, level->ld, to,
                                 tile->width);
    }
    if (tile->pass->trains)
        smooth_ranges(tile, to);
    if (!good)
        tile->report->bad |= TL_BAD_TARGETS;
}

void TL(tl_load_weights)(const TL(tl_tile) * tile, double *weights, real *scales)
{
    const tl_pass *pass = tile->pass;
    const tl_source *source = &pass->weights;
    double whole = pass->mean_over > 0 ? pass->mean_over : pass->weight;
    if (source->matrix.data != NULL)
        tl_source_numbers(source, tile->first, tile->samples, weights);
    for (int64_t j = 0; j < tile->samples; j++) {
        weights[j] = source->matrix.data != NULL ? weights[j] : 1;
        scales[j] = (real)(weights[j] / whole);
    }
}
