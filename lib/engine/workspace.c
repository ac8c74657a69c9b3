#include "engine/workspace.h"

#include "base/call.h"
#include "engine/split_operands.h"
#include "kernels/choose.h"

static int64_t round_up(int64_t value, int64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* A leading dimension of whole cache lines, but not of whole multiples of 1 KB, which collide in the cache. */
static int64_t padded(int64_t width, int64_t size)
{
    int64_t bytes = round_up(width * size, TL_LINE_BYTES);
    return (bytes % 1024 == 0 ? bytes + TL_LINE_BYTES : bytes) / size;
}

/* Hands out pieces of an arena in order. Without an arena it only counts; sizes that overflow are remembered. */
typedef struct arena_carver {
    char *arena;
    int64_t used;
    bool overflow;
} arena_carver;

static void *carve(arena_carver *carver, int64_t count, int64_t size)
{
    int64_t bytes = 0;
    if (!tl_multiply(count, size, &bytes) || bytes > PTRDIFF_MAX / 2 - carver->used) {
        carver->overflow = true;
        return NULL;
    }
    void *piece = carver->arena == NULL ? NULL : carver->arena + carver->used;
    carver->used += round_up(bytes, TL_LINE_BYTES);
    return piece;
}

static void *carve_grid(arena_carver *carver, int64_t rows, int64_t cols, int64_t size)
{
    int64_t count = 0;
    if (!tl_multiply(rows, cols, &count))
        carver->overflow = true;
    return carve(carver, count, size);
}

static void lay_out_statistics(tl_batch_statistics *statistics, arena_carver *carver, int64_t width,
                               int64_t tiles)
{
    double **const of_batch[] = {&statistics->means, &statistics->squares, &statistics->variances,
                                 &statistics->straight, &statistics->along};
    statistics->tile_means = carve_grid(carver, width, tiles, (int64_t)sizeof(double));
    statistics->tile_squares = carve_grid(carver, width, tiles, (int64_t)sizeof(double));
    for (size_t i = 0; i < sizeof of_batch / sizeof *of_batch; i++)
        *of_batch[i] = carve(carver, width, (int64_t)sizeof(double));
}

/* Whether an activation of a layer needs Z for its derivative. */
static bool keeps_slopes(const talus_network *network, int l)
{
    bool keeps = network->layers[l].kind->slope_from_z;
    for (int r = 0; l == network->layer_count && r < network->range_count; r++)
        keeps |= tl_activation_kind_of(network->ranges[r].activation)->slope_from_z;
    return keeps;
}

static void lay_out_level(talus_workspace *workspace, arena_carver *carver, int l, const tl_tiling *tiling)
{
    const talus_network *network = workspace->network;
    int64_t size = (int64_t)tl_dtype_size(network->precision);
    int64_t columns = tiling->tiles * tiling->width;
    bool last = l == network->layer_count;
    tl_level *level = &workspace->levels[l];
    level->width = network->layers[l].width;
    level->ld = padded(level->width, size);
    level->features = carve_grid(carver, level->width, columns, size);
    level->deltas = l == 0 ? level->features : carve_grid(carver, level->width, columns, size);
    level->samples = last ? NULL : carve_grid(carver, level->ld, columns, size);
    const tl_layer *layer = &network->layers[l];
    level->slopes = l > 0 && (keeps_slopes(network, l) || layer->dropout > 0)
                        ? carve_grid(carver, level->width, columns, size)
                        : NULL;
    if (l > 0 && layer->kind->learns_slopes)
        level->negatives = carve_grid(carver, level->width, columns, size);
    if (l > 0 && network->layers[l].norm->normalizes) {
        level->normalized = carve_grid(carver, level->width, columns, size);
        level->inverse = carve(carver, columns, size);
    }
    if (l > 0 && network->layers[l].norm->of_batch)
        lay_out_statistics(&level->statistics, carver, level->width, tiling->tiles);
    if (l > 0 && layer->spectral_penalty > 0) {
        level->spectral.left = carve(carver, level->width, (int64_t)sizeof(double));
        level->spectral.right = carve(carver, layer->inputs, size);
    }
    for (int kind = TALUS_PART_WEIGHTS + 1; l > 0 && kind < TALUS_PART_COUNT; kind++)
        if (kind == TALUS_PART_BIASES || tl_layer_part(&network->layers[l], kind) != NULL)
            level->sums[kind] = carve_grid(carver, level->width, tiling->tiles, size);
}

static void lay_out_split(talus_workspace *workspace, arena_carver *carver, int l, const tl_tiling *tiling)
{
    const tl_plan *plan = &workspace->plan;
    const int64_t width = workspace->network->layers[l].width, inputs = workspace->network->layers[l].inputs;
    const struct {
        uint16_t **place;
        bool has;
        int64_t count, outer, inner;
    } operands[] = {
        {&workspace->levels[l].split.weights, l > 0, 1, width, inputs},
        {&workspace->levels[l].split.across, l > 0, 1, inputs, width},
        {&workspace->levels[l].split.features, true, tiling->tiles, tiling->width, width},
        {&workspace->levels[l].split.samples, l < workspace->network->layer_count, tiling->tiles, width,
         tiling->width},
        {&workspace->levels[l].split.deltas, l > 0, tiling->tiles, width, tiling->width},
    };
    for (size_t i = 0; i < sizeof operands / sizeof *operands; i++)
        if (operands[i].has)
            *operands[i].place = carve_grid(carver, operands[i].count * tl_split_strips(operands[i].outer),
                                            tl_split_strip(plan, operands[i].inner),
                                            (int64_t)sizeof(uint16_t));
}

/* Inputs as a projection takes them: by samples, and in tiles of features × samples, where their gradient takes their place. */
static void lay_out_raw(talus_workspace *workspace, arena_carver *carver, const tl_tiling *tiling)
{
    const int64_t size = (int64_t)tl_dtype_size(workspace->network->precision);
    const int64_t columns = tiling->tiles * tiling->width;
    tl_level *raw = &workspace->raw;
    raw->width = workspace->network->input_projection.columns;
    if (raw->width == 0)
        return;
    raw->ld = padded(raw->width, size);
    raw->features = carve_grid(carver, raw->width, columns, size);
    raw->samples = carve_grid(carver, raw->ld, columns, size);
}

/* What a worker needs at most: for a tile of weights; for inputs or outputs of a tile, by samples; for rows of Wᵀ. */
static int64_t scratch_size(const talus_workspace *workspace, const tl_tiling *tiling)
{
    const tl_plan *plan = &workspace->plan;
    int last = workspace->network->layer_count;
    int64_t ends = tl_larger(workspace->levels[0].ld, workspace->levels[last].ld);
    ends = tl_larger(ends, workspace->raw.ld) * tiling->width;
    int64_t size = tl_larger(plan->sizes.weight_rows * plan->sizes.weight_cols, ends);
    if (tl_plan_packs(plan, tiling->tiles)) {
        int64_t widest = 0;
        for (int l = 0; l <= last; l++)
            widest = tl_larger(widest, workspace->levels[l].width);
        size = tl_larger(size, tl_plan_pack_room(plan, widest));
    }
    return round_up(size, TL_LINE_BYTES);
}

/* The longest direction of power iterations; 0: there are none. */
static int64_t direction_size(const talus_network *network)
{
    int64_t most = 0;
    for (int l = 1; l <= network->layer_count; l++)
        most = tl_layer_has_direction(&network->layers[l]) ? tl_larger(most, network->layers[l].inputs)
                                                           : most;
    return round_up(most, TL_LINE_BYTES);
}

/* Gives every array its place in the arena. */
static void lay_out(talus_workspace *workspace, arena_carver *carver)
{
    const talus_network *network = workspace->network;
    const tl_plan *plan = &workspace->plan;
    int64_t size = (int64_t)tl_dtype_size(network->precision);
    tl_tiling tiling = tl_plan_tiling(plan, plan->max_batch);
    for (int l = 0; l <= network->layer_count; l++)
        lay_out_level(workspace, carver, l, &tiling);
    for (int l = 0; plan->pieces > 0 && l <= network->layer_count; l++)
        lay_out_split(workspace, carver, l, &tiling);
    lay_out_raw(workspace, carver, &tiling);
    int64_t outputs = tl_network_outputs(network);
    workspace->targets = carve_grid(carver, outputs, tiling.tiles * tiling.width, size);
    workspace->weight_tiles = carve(carver, workspace->weight_tile_count, (int64_t)sizeof(tl_weight_tile));
    workspace->schedule.stages = carve(carver, tl_schedule_room(network), (int64_t)sizeof(tl_stage));
    workspace->reports = carve(carver, tiling.tiles, (int64_t)sizeof(tl_tile_report));
    workspace->range_losses = carve_grid(carver, tiling.tiles, network->range_count, (int64_t)sizeof(double));
    if (network->penalised)
        workspace->penalties = carve(carver, workspace->weight_tile_count, (int64_t)sizeof(tl_penalty));
    workspace->direction_size = direction_size(network);
    if (workspace->direction_size > 0)
        workspace->directions = carve_grid(carver, 2 * workspace->direction_size,
                                           talus_context_threads(workspace->context), size);
    workspace->extents = carve(carver, talus_context_threads(workspace->context), (int64_t)sizeof(tl_extent));
    workspace->scratch_size = scratch_size(workspace, &tiling);
    workspace->scratch = carve_grid(carver, workspace->scratch_size,
                                    talus_context_threads(workspace->context), size);
}

/* A workspace without an arena, and the bytes that it is to have. */
static talus_workspace *start(talus_context *context, const talus_network *network, int64_t max_batch,
                              arena_carver *count)
{
    const size_t levels = (size_t)network->layer_count + 1;
    talus_workspace *made = tl_allocate(context, sizeof *made + levels * sizeof made->levels[0]);
    if (made == NULL)
        return NULL;
    made->context = context;
    made->network = network;
    made->kernels = tl_kernels_of(context->options.instruction_set, network->precision);
    made->plan = tl_plan_make(context, network, max_batch);
    made->pieces = made->plan.pieces > 0 ? tl_piece_kernels_of(context->options.instruction_set) : NULL;
    made->weight_tile_count = tl_plan_weight_tiles(&made->plan, network);
    lay_out(made, count);
    made->bytes = count->used + (int64_t)(sizeof *made + levels * sizeof made->levels[0]);
    return made;
}

/* Takes an arena of so many bytes. */
static talus_status fill(talus_workspace *workspace, const char *name, int64_t bytes)
{
    workspace->arena = tl_allocate(workspace->context, (size_t)bytes);
    if (workspace->arena == NULL)
        return tl_fail(workspace->context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for %lld bytes", name, (long long)bytes);
    lay_out(workspace, &(arena_carver){.arena = workspace->arena});
    tl_plan_list_weight_tiles(&workspace->plan, workspace->network, workspace->weight_tiles);
    return TALUS_OK;
}

talus_status tl_workspace_create_within(talus_context *context, const talus_network *network,
                                        int64_t max_batch, const char *name, int64_t most, int64_t *needed,
                                        talus_workspace **workspace)
{
    arena_carver count = {0};
    *workspace = NULL;
    if (max_batch < 1 || max_batch > INT32_MAX)
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s: max_batch must be 1 … %d, got %lld", name, INT32_MAX,
                       (long long)max_batch);
    talus_workspace *made = start(context, network, max_batch, &count);
    if (made == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "%s: the allocator returned no memory", name);
    *needed = count.overflow ? -1 : made->bytes;
    const bool wanted = !count.overflow && made->bytes <= most;
    talus_status status = wanted ? fill(made, name, count.used) : TALUS_OK;
    if (wanted && status == TALUS_OK)
        *workspace = made;
    else
        tl_release(context, made);
    return status;
}

talus_status tl_workspace_create(talus_context *context, const talus_network *network, int64_t max_batch,
                                 const char *name, talus_workspace **workspace)
{
    int64_t needed;
    talus_workspace *made;
    talus_status status = tl_workspace_create_within(context, network, max_batch, name, INT64_MAX, &needed,
                                                     &made);
    if (status == TALUS_OK && made == NULL)
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s: a batch of %lld samples exceeds any memory", name,
                       (long long)max_batch);
    if (status == TALUS_OK)
        *workspace = made;
    return status;
}

static talus_status create(talus_context *context, const talus_network *network, int64_t max_batch,
                           talus_workspace **workspace)
{
    if (network == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "workspace: network must not be NULL");
    if (workspace == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "workspace: workspace must not be NULL");
    return tl_workspace_create(context, network, max_batch, "workspace", workspace);
}

talus_status talus_workspace_create(talus_context *context, const talus_network *network, int64_t max_batch,
                                    talus_workspace **workspace)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, create(context, network, max_batch, workspace)) : status;
}

const tl_schedule *tl_workspace_schedule(talus_workspace *workspace, int64_t samples)
{
    tl_schedule *schedule = &workspace->schedule;
    if (schedule->tiling.samples != samples)
        tl_schedule_make(&workspace->plan, workspace->network, samples,
                         tl_plan_workers(&workspace->plan, workspace->context), schedule->stages, schedule);
    return schedule;
}

void talus_workspace_destroy(talus_workspace *workspace)
{
    if (workspace == NULL)
        return;
    tl_release(workspace->context, workspace->arena);
    tl_release(workspace->context, workspace);
}
