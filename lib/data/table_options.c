/* How a table is read. */
#include <math.h>

#include "data/table_options.h"

static const char *separator_name(int separator)
{
    static const char *const names[TALUS_SEPARATOR_COUNT] = {[TALUS_SEPARATOR_AUTO] = "auto",
                                                             [TALUS_SEPARATOR_COMMA] = "comma",
                                                             [TALUS_SEPARATOR_SEMICOLON] = "semicolon",
                                                             [TALUS_SEPARATOR_TAB] = "tab",
                                                             [TALUS_SEPARATOR_BAR] = "bar"};
    return names[separator];
}

static const char *header_name(int header)
{
    static const char *const names[TALUS_HEADER_COUNT] = {
        [TALUS_HEADER_AUTO] = "auto", [TALUS_HEADER_YES] = "yes", [TALUS_HEADER_NO] = "no"};
    return names[header];
}

static const char *task_name(int task)
{
    static const char *const names[TALUS_TABLE_TASK_COUNT] = {
        [TALUS_TABLE_TASK_AUTO] = "auto",
        [TALUS_TABLE_TASK_CLASSIFICATION] = "classification",
        [TALUS_TABLE_TASK_REGRESSION] = "regression"};
    return names[task];
}

static const char *missing_name(int missing)
{
    static const char *const names[TALUS_MISSING_COUNT] = {
        [TALUS_MISSING_ERROR] = "error", [TALUS_MISSING_MEAN] = "mean", [TALUS_MISSING_DROP] = "drop"};
    return names[missing];
}

static const char *role_name(int role)
{
    static const char *const names[TALUS_ROLE_COUNT] = {[TALUS_ROLE_INPUT] = "input",
                                                        [TALUS_ROLE_TARGET] = "target",
                                                        [TALUS_ROLE_WEIGHT] = "weight",
                                                        [TALUS_ROLE_IGNORED] = "ignored"};
    return names[role];
}

static const char *kind_name(int kind)
{
    static const char *const names[TALUS_COLUMN_KIND_COUNT] = {
        [TALUS_COLUMN_NUMBER] = "number", [TALUS_COLUMN_CATEGORY] = "category"};
    return names[kind];
}

const tl_names tl_separator_names = {TALUS_ENUMERATION_SEPARATOR, TALUS_SEPARATOR_COUNT, separator_name};
const tl_names tl_header_names = {TALUS_ENUMERATION_HEADER, TALUS_HEADER_COUNT, header_name};
const tl_names tl_table_task_names = {TALUS_ENUMERATION_TABLE_TASK, TALUS_TABLE_TASK_COUNT, task_name};
const tl_names tl_missing_names = {TALUS_ENUMERATION_MISSING, TALUS_MISSING_COUNT, missing_name};
const tl_names tl_role_names = {TALUS_ENUMERATION_ROLE, TALUS_ROLE_COUNT, role_name};
const tl_names tl_column_kind_names = {TALUS_ENUMERATION_COLUMN_KIND, TALUS_COLUMN_KIND_COUNT, kind_name};

#define ROW(field) TL_FIELD(talus_table_options, field)
#define NAME(list) .type = TALUS_OPTION_TYPE_NAME, .names = &(list), .most = INFINITY
#define LIST       .type = TALUS_OPTION_TYPE_POINTER
#define FLAG       .type = TALUS_OPTION_TYPE_FLAG, .most = 1

static const tl_option rows[] = {
    {ROW(separator), NAME(tl_separator_names), .sentence = "What parts the fields of a row."},
    {ROW(header), NAME(tl_header_names), .sentence = "Whether the first line holds the names of columns."},
    {ROW(missing), NAME(tl_missing_names),
     .sentence = "What becomes of missing values: an error, the mean, or their rows are left out."},
    {ROW(task), NAME(tl_table_task_names), .sentence = "What is to be learnt."},
    {ROW(targets), LIST, .sentence = "The columns of targets, by name or number."},
    {ROW(ignore), LIST, .sentence = "The columns to leave out."},
    {ROW(categories), LIST, .sentence = "The columns of categories, also where they are numbers."},
    {ROW(weights), LIST, .sentence = "The column of the samples' weights."},
    {ROW(most_categories), .type = TALUS_OPTION_TYPE_INT64, .least = 2, .most = INFINITY, .standard = 100,
     .sentence = "The most categories that a column may have."},
    {ROW(optional_targets), FLAG,
     .sentence = "Of a further table: the columns of targets and weights need not be there."},
    {ROW(unknown_categories), FLAG,
     .sentence = "Of a further table: input categories that the first one did not have give zeros."},
};

const tl_options tl_table_options = {
    .name = "table",
    .size = sizeof(talus_table_options),
    .began = sizeof(talus_table_options),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_table_options_defaults_sized(talus_table_options *options, size_t size)
{
    tl_options_defaults(&tl_table_options, options, size);
}

talus_status tl_table_take(talus_context *context, talus_table_options *options,
                           const talus_table_options *from, size_t size, bool as)
{
    static const char *const of_all[] = {"separator", "header", "missing", NULL};
    static const char *const of_first[] = {"task",    "targets",         "ignore", "categories",
                                           "weights", "most_categories", NULL};
    static const char *const of_further[] = {"optional_targets", "unknown_categories", NULL};
    talus_status status = tl_options_take(context, &tl_table_options, NULL, options, from, size);
    if (status == TALUS_OK)
        status = tl_options_check(context, &tl_table_options, NULL, options);
    if (status != TALUS_OK)
        return status;
    return tl_options_check_unused(context, &tl_table_options, NULL,
                                   as ? "a table that is read as another" : "a table that is read by itself",
                                   of_all, as ? of_further : of_first, options);
}
