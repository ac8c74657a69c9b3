/* Options of every structure by name. */
#include <stdio.h>

#include "data/table_options.h"
#include "network/network.h"
#include "optimize/gauss_newton.h"
#include "optimize/minimize_options.h"
#include "optimize/rate_schedule.h"
#include "optimize/rule.h"
#include "train/fit_options.h"
#include "train/levenberg_marquardt.h"
#include "train/metric_table.h"
#include "train/readout.h"

static const tl_options *table_of(int structure)
{
    static const tl_options *const tables[] = {
        [TALUS_STRUCTURE_CONTEXT] = &tl_context_table,
        [TALUS_STRUCTURE_NETWORK] = &tl_network_table,
        [TALUS_STRUCTURE_LAYER] = &tl_layer_table,
        [TALUS_STRUCTURE_OPTIMIZER] = &tl_optimizer_table,
        [TALUS_STRUCTURE_FIT] = &tl_fit_table,
        [TALUS_STRUCTURE_SCHEDULE] = &tl_schedule_table,
        [TALUS_STRUCTURE_MINIMIZE] = &tl_minimize_table,
        [TALUS_STRUCTURE_REPORT] = &tl_report_table,
        [TALUS_STRUCTURE_RANGE] = &tl_range_table,
        [TALUS_STRUCTURE_TABLE] = &tl_table_options,
        [TALUS_STRUCTURE_LEAST_SQUARES] = &tl_least_squares_table,
        [TALUS_STRUCTURE_SOLVE] = &tl_solve_table,
        [TALUS_STRUCTURE_LEVENBERG_MARQUARDT] = &tl_levenberg_marquardt_table,
    };
    return structure >= 0 && structure < (int)(sizeof tables / sizeof *tables) ? tables[structure] : NULL;
}

int talus_option_count(int structure)
{
    const tl_options *table = table_of(structure);
    return table == NULL ? 0 : table->count;
}

talus_status talus_option_info_sized(int structure, int index, talus_option *info, size_t size)
{
    const tl_options *table = table_of(structure);
    if (table == NULL || index < 0 || index >= table->count || info == NULL ||
        size < TL_END_OF(talus_option, enumeration))
        return TALUS_ERROR_ARGUMENT;
    const tl_option *row = &table->rows[index];
    talus_option known = {
        .name = row->name,
        .sentence = row->sentence,
        .unit = row->unit == NULL ? "" : row->unit,
        .type = row->type,
        .enumeration = row->names == NULL ? -1 : row->names->enumeration,
        .offset = (int64_t)row->offset,
        .size = (int64_t)row->size,
        .standard = row->standard,
        .least = row->least,
        .most = row->names != NULL && row->most > row->names->end - 1 ? row->names->end - 1 : row->most,
        .least_open = row->least_open,
        .most_open = row->most_open,
    };
    tl_result_give(&known, sizeof known, info, size);
    return TALUS_OK;
}

static talus_status refuse_structure(talus_context *context, int structure)
{
    char names[TL_RANGE_BYTES];
    size_t length = 0;
    for (int i = 0; i < talus_enumeration_count(TALUS_ENUMERATION_STRUCTURE) && length < sizeof names; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i == 0 ? "" : ", ",
                                   talus_enumeration_name(TALUS_ENUMERATION_STRUCTURE, i));
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "option: structure must be one of %s; got %d", names,
                   structure);
}

talus_status talus_option_set_sized(talus_context *context, int structure, void *options, size_t size,
                                    const char *name, const char *text)
{
    const tl_options *table = table_of(structure);
    return table == NULL ? refuse_structure(context, structure)
                         : tl_option_set(context, table, options, size, name, text);
}

talus_status talus_option_get_sized(talus_context *context, int structure, const void *options, size_t size,
                                    const char *name, char *text, size_t capacity, size_t *length)
{
    const tl_options *table = table_of(structure);
    return table == NULL ? refuse_structure(context, structure)
                         : tl_option_get(context, table, options, size, name, text, capacity, length);
}
