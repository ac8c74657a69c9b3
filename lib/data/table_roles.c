/* What the columns of a table are for, by the lists of the options. */
#include <string.h>

#include "base/text.h"
#include "data/table.h"

/* The column that a field of a list means; −1. */
static int64_t find_listed(const talus_columns *columns, const tl_field *field)
{
    int64_t number, found = tl_table_column_find(columns, field->text, strlen(field->text));
    if (found < 0 && tl_text_to_integer(field->text, &number))
        found = number > 0 ? number - 1 : number < 0 ? columns->count + number : -1;
    return found < columns->count ? found : -1;
}

typedef struct column_list {
    const char *name; /* of the option */
    const char *text;
    int role;     /* of its columns; −1: they hold categories */
    int64_t most; /* columns */
} column_list;

/* Does what the list says to a column; false if it cannot be. */
static bool apply(const column_list *list, tl_column *column)
{
    bool is_input = column->role == TALUS_ROLE_INPUT;
    if (list->role >= 0) {
        column->role = list->role;
        return is_input;
    }
    column->kind = TALUS_COLUMN_CATEGORY;
    return is_input || column->role == TALUS_ROLE_TARGET;
}

static talus_status apply_record(tl_table *table, const column_list *list, const tl_records *record)
{
    if (record->count > list->most)
        return tl_fail(table->context, TALUS_ERROR_ARGUMENT,
                       "table: %s must name at most %lld column, got \"%.64s\"", list->name,
                       (long long)list->most, list->text);
    for (int64_t i = 0; i < record->count; i++) {
        tl_field_undouble(&record->fields[i]);
        int64_t j = find_listed(table->columns, &record->fields[i]);
        if (j < 0)
            return tl_fail(table->context, TALUS_ERROR_ARGUMENT,
                           "table: %s must name columns of %s, which has %lld, got \"%.64s\"", list->name,
                           table->file.name, (long long)table->columns->count, record->fields[i].text);
        const char *role = tl_name(&tl_role_names, table->columns->columns[j].role);
        if (!apply(list, &table->columns->columns[j]))
            return tl_fail(table->context, TALUS_ERROR_ARGUMENT,
                           "table: %s must not name \"%.64s\", whose role is %s already", list->name,
                           record->fields[i].text, role);
    }
    return TALUS_OK;
}

static talus_status apply_list(tl_table *table, const column_list *list)
{
    tl_records records;
    bool found = false;
    if (list->text == NULL)
        return TALUS_OK;
    talus_status status = tl_records_of_text(&records, table->context, list->name, list->text,
                                             strlen(list->text));
    if (status == TALUS_OK)
        status = tl_records_next(&records, &found);
    if (status == TALUS_OK && found)
        status = apply_record(table, list, &records);
    tl_records_release(&records);
    return status == TALUS_ERROR_FORMAT ? TALUS_ERROR_ARGUMENT : status;
}

static talus_status check_roles(tl_table *table)
{
    int64_t counts[TALUS_ROLE_COUNT] = {0};
    bool classes = false;
    const talus_columns *columns = table->columns;
    for (int64_t j = 0; j < columns->count; j++) {
        const tl_column *column = &columns->columns[j];
        counts[column->role]++;
        classes = classes || (column->role == TALUS_ROLE_TARGET && column->kind == TALUS_COLUMN_CATEGORY);
    }
    const int64_t targets = counts[TALUS_ROLE_TARGET];
    const int task = table->options.task;
    if (counts[TALUS_ROLE_INPUT] == 0)
        return tl_fail(table->context, TALUS_ERROR_ARGUMENT,
                       "table: %s must have a column of inputs, got none", table->file.name);
    if (task == TALUS_TABLE_TASK_CLASSIFICATION && targets != 1)
        return tl_fail(table->context, TALUS_ERROR_ARGUMENT,
                       "table: classification must have one target, got %lld", (long long)targets);
    if (task == TALUS_TABLE_TASK_REGRESSION && targets == 0)
        return tl_fail(table->context, TALUS_ERROR_ARGUMENT, "table: regression must have targets, got none");
    if (classes && (targets > 1 || task == TALUS_TABLE_TASK_REGRESSION))
        return tl_fail(table->context, TALUS_ERROR_ARGUMENT,
                       "table: categories must not name a target of a regression");
    return TALUS_OK;
}

talus_status tl_table_find_roles(tl_table *table)
{
    const talus_table_options *options = &table->options;
    const column_list lists[] = {
        {"targets", options->targets, TALUS_ROLE_TARGET, INT64_MAX},
        {"ignore", options->ignore, TALUS_ROLE_IGNORED, INT64_MAX},
        {"weights", options->weights, TALUS_ROLE_WEIGHT, 1},
        {"categories", options->categories, -1, INT64_MAX},
    };
    talus_status status = TALUS_OK;
    for (size_t i = 0; i < sizeof lists / sizeof *lists && status == TALUS_OK; i++)
        status = apply_list(table, &lists[i]);
    return status == TALUS_OK ? check_roles(table) : status;
}
