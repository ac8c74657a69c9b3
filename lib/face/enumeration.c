/* face: the doors by name, which know the tables of all floors. This one: enumerations. */
#include <stddef.h>

#include "data/table_options.h"
#include "diagnose/health.h"
#include "diagnose/lanczos.h"
#include "diagnose/non_finite.h"
#include "network/kinds.h"
#include "network/projection.h"
#include "network/scaling.h"
#include "optimize/gauss_newton.h"
#include "optimize/rate_schedule.h"
#include "optimize/rule.h"
#include "train/fit_options.h"
#include "train/metric_table.h"

static const char *structure_name(int structure)
{
    static const char *const names[] = {
        [TALUS_STRUCTURE_CONTEXT] = "context",
        [TALUS_STRUCTURE_NETWORK] = "network",
        [TALUS_STRUCTURE_LAYER] = "layer",
        [TALUS_STRUCTURE_OPTIMIZER] = "optimizer",
        [TALUS_STRUCTURE_FIT] = "fit",
        [TALUS_STRUCTURE_SCHEDULE] = "schedule",
        [TALUS_STRUCTURE_MINIMIZE] = "minimize",
        [TALUS_STRUCTURE_REPORT] = "report",
        [TALUS_STRUCTURE_RANGE] = "range",
        [TALUS_STRUCTURE_TABLE] = "table",
        [TALUS_STRUCTURE_LEAST_SQUARES] = "least_squares",
        [TALUS_STRUCTURE_SOLVE] = "solve",
        [TALUS_STRUCTURE_LEVENBERG_MARQUARDT] = "levenberg_marquardt",
    };
    return names[structure];
}

static const char *option_type_name(int type)
{
    static const char *const names[] = {
        [TALUS_OPTION_TYPE_INT] = "int",       [TALUS_OPTION_TYPE_INT64] = "int64",
        [TALUS_OPTION_TYPE_DOUBLE] = "double", [TALUS_OPTION_TYPE_FLAG] = "flag",
        [TALUS_OPTION_TYPE_NAME] = "name",     [TALUS_OPTION_TYPE_POINTER] = "pointer",
    };
    return names[type];
}

static const tl_names structure_names = {TALUS_ENUMERATION_STRUCTURE, TALUS_STRUCTURE_LEVENBERG_MARQUARDT + 1,
                                         structure_name};
static const tl_names option_type_names = {TALUS_ENUMERATION_OPTION_TYPE, TALUS_OPTION_TYPE_POINTER + 1,
                                           option_type_name};

static const tl_names *names_of(int enumeration)
{
    static const tl_names *const all[] = {
        &tl_activation_names,    &tl_loss_names,        &tl_initializer_names,
        &tl_method_names,        &tl_dtype_names,       &tl_instruction_set_names,
        &tl_outcome_names,       &tl_part_names,        &tl_status_names,
        &structure_names,        &option_type_names,    &tl_scaling_names,
        &tl_operand_names,       &tl_verdict_names,     &tl_schedule_kind_names,
        &tl_unit_names,          &tl_metric_names,      &tl_task_names,
        &tl_normalization_names, &tl_nature_names,      &tl_separator_names,
        &tl_header_names,        &tl_table_task_names,  &tl_missing_names,
        &tl_role_names,          &tl_column_kind_names, &tl_damping_names,
        &tl_differences_names,   &tl_step_method_names, &tl_projection_names,
        &tl_products_names,
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->enumeration == enumeration)
            return all[i];
    return NULL;
}

const char *talus_enumeration_name(int enumeration, int value)
{
    const tl_names *names = names_of(enumeration);
    return names == NULL ? "unknown" : tl_name(names, value);
}

int talus_enumeration_value(int enumeration, const char *name)
{
    const tl_names *names = names_of(enumeration);
    return names == NULL ? -1 : tl_value(names, name);
}

int talus_enumeration_value_at(int enumeration, int index)
{
    const tl_names *names = names_of(enumeration);
    for (int value = 0; names != NULL && index >= 0 && value < names->end; value++)
        if (names->of(value) != NULL && index-- == 0)
            return value;
    return -1;
}

int talus_enumeration_count(int enumeration)
{
    int count = 0;
    while (talus_enumeration_value_at(enumeration, count) >= 0)
        count++;
    return count;
}
