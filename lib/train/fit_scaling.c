/* The scaling of a network that fits a data set. */
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "engine/arguments.h"
#include "train/batches.h"
#include "train/fit_scaling.h"

typedef talus_status scale_call(talus_network *network, const double *shift, const double *scale,
                                int64_t count);

/* The shift of a column, and the spread that becomes 1. */
typedef struct pair {
    double shift, spread;
} pair;

static pair standard(const tl_columns *columns, int64_t j)
{
    return (pair){columns->mean[j], columns->deviation[j]};
}

static pair range(const tl_columns *columns, int64_t j)
{
    return (pair){columns->least[j], columns->most[j] - columns->least[j]};
}

static pair robust(const tl_columns *columns, int64_t j)
{
    const double *q = columns->quartiles + 3 * j;
    bool one = tl_columns_are_one(columns, q[0], q[2]);
    return (pair){q[1], one ? (columns->most[j] - columns->least[j]) / 2 : q[2] - q[0]};
}

/* What the kinds of scaling are made of. */
static const struct {
    unsigned wanted;
    pair (*of)(const tl_columns *columns, int64_t j);
} kinds[TALUS_SCALING_COUNT] = {
    [TALUS_SCALING_STANDARD] = {TL_COLUMNS_MOMENTS, standard},
    [TALUS_SCALING_RANGE] = {0, range},
    [TALUS_SCALING_ROBUST] = {TL_COLUMNS_QUARTILES, robust},
};

void tl_note_constants(talus_context *context, const char *call, const tl_columns *columns,
                       const char *become)
{
    enum { NAMED = 10 };
    char names[NAMED * 24] = "";
    int64_t count = 0;
    for (int64_t j = 0; j < columns->count; j++)
        if (tl_columns_is_constant(columns, j) && count++ < NAMED) {
            size_t used = strlen(names);
            (void)snprintf(names + used, sizeof names - used, "%s%lld", count == 1 ? "" : ", ", (long long)j);
        }
    if (count > 0)
        tl_note(context, "%s: %lld of %lld columns do not vary and %s: %s%s (counted from 0)", call,
                (long long)count, (long long)columns->count, become, names, count > NAMED ? " …" : "");
}

/* scale = 1/spread; 1 of a column that does not vary */
static void find_pairs(tl_columns *columns, int kind)
{
    for (int64_t j = 0; j < columns->count; j++) {
        const pair of = kinds[kind].of(columns, j);
        const bool varies = !tl_columns_is_constant(columns, j) && of.spread >= 0x1p-1022;
        columns->least[j] = of.shift;
        columns->most[j] = varies ? 1 / of.spread : 1;
    }
}

talus_status tl_scaling_fit(talus_context *context, const char *call, const talus_dataset *dataset,
                            bool of_targets, int kind, tl_columns *columns)
{
    talus_status status = tl_columns_compute(context, call, dataset, of_targets, kinds[kind].wanted, columns);
    if (status != TALUS_OK)
        return status;
    tl_note_constants(context, call, columns, "get the scale 1");
    find_pairs(columns, kind);
    return TALUS_OK;
}

/* call is the name that messages begin with. */
static talus_status fit(talus_network *network, const char *call, const talus_dataset *dataset,
                        bool of_targets, int kind, scale_call *scale)
{
    tl_columns columns;
    talus_status status = tl_scaling_fit(network->context, call, dataset, of_targets, kind, &columns);
    if (status == TALUS_OK)
        status = scale(network, columns.least, columns.most, columns.count);
    tl_columns_destroy(network->context, &columns);
    return status;
}

talus_status tl_check_scaling_kind(talus_context *context, const char *call, const char *name, int kind)
{
    if (kind >= 0 && kind < TALUS_SCALING_COUNT)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s must be one of standard, range, robust; got %d",
                   call, name, kind);
}

static talus_status check(talus_context *context, const char *call, const talus_dataset *dataset, int kind)
{
    if (dataset == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: dataset must not be NULL", call);
    return tl_check_scaling_kind(context, call, "kind", kind);
}

static talus_status fit_inputs(talus_network *network, const talus_dataset *dataset, int kind)
{
    static const char call[] = "fit_input_scaling";
    talus_status status = check(network->context, call, dataset, kind);
    if (status == TALUS_OK)
        status = tl_check_columns(network->context, network, "fit_input_scaling: dataset", dataset);
    if (status != TALUS_OK)
        return status;
    return fit(network, call, dataset, false, kind, talus_network_scale_inputs);
}

talus_status talus_network_fit_input_scaling(talus_network *network, const talus_dataset *dataset, int kind)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, network == NULL ? NULL : network->context);
    return status == TALUS_OK ? tl_call_end(&call, fit_inputs(network, dataset, kind)) : status;
}

static talus_status fit_targets(talus_network *network, const talus_dataset *dataset, int kind)
{
    static const char call[] = "fit_target_scaling";
    talus_status status = check(network->context, call, dataset, kind);
    if (status == TALUS_OK)
        status = tl_check_target_scaling(network, call);
    if (status != TALUS_OK)
        return status;
    if (dataset->targets.cols == 0)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "%s: dataset must have targets, got a data set without", call);
    status = tl_check_targets(network->context, network, &dataset->targets);
    if (status != TALUS_OK)
        return status;
    return fit(network, call, dataset, true, kind, talus_network_scale_targets);
}

talus_status talus_network_fit_target_scaling(talus_network *network, const talus_dataset *dataset, int kind)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, network == NULL ? NULL : network->context);
    return status == TALUS_OK ? tl_call_end(&call, fit_targets(network, dataset, kind)) : status;
}

static talus_status list_constants(talus_context *context, const talus_dataset *dataset, int64_t *columns,
                                   int64_t capacity, int64_t *count)
{
    static const char call[] = "constant_inputs";
    tl_columns found;
    int64_t constants = 0;
    if (dataset == NULL || (columns == NULL && capacity > 0))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s must not be NULL", call,
                       dataset == NULL ? "dataset" : "columns");
    if (capacity < 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: capacity must be at least 0, got %lld", call,
                       (long long)capacity);
    talus_status status = tl_columns_compute(context, call, dataset, false, 0, &found);
    for (int64_t j = 0; status == TALUS_OK && j < found.count; j++)
        if (tl_columns_is_constant(&found, j) && constants++ < capacity)
            columns[constants - 1] = j;
    tl_columns_destroy(context, &found);
    if (status == TALUS_OK && count != NULL)
        *count = constants;
    return status;
}

talus_status talus_constant_inputs(talus_context *context, const talus_dataset *dataset, int64_t *columns,
                                   int64_t capacity, int64_t *count)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, list_constants(context, dataset, columns, capacity, count))
                              : status;
}
