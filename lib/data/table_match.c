/* The columns of one table in another. */
#include <string.h>

#include "data/table.h"

static bool may_lack(const tl_table *table, const tl_column *column)
{
    return column->role == TALUS_ROLE_IGNORED ||
           (table->options.optional_targets && column->role != TALUS_ROLE_INPUT);
}

static talus_status match_names(tl_table *table)
{
    for (int64_t j = 0; j < table->fields; j++) {
        tl_field *field = &table->records.fields[j];
        tl_field_undouble(field);
        const size_t length = (size_t)(field->end - field->text);
        if (memchr(field->text, '\0', length) != NULL)
            return tl_table_refuse(table, TALUS_ERROR_FORMAT, j, "the name of a column must be UTF-8");
        const int64_t found = length == 0 ? -1 : tl_table_column_find(table->columns, field->text, length);
        tl_column *column = found < 0 ? NULL : &table->columns->columns[found];
        if (column != NULL && column->role != TALUS_ROLE_IGNORED)
            table->of_field[j] = column;
    }
    return TALUS_OK;
}

/* Without names, all columns must be there, or all but those that may lack. */
static talus_status match_places(tl_table *table)
{
    const talus_columns *columns = table->columns;
    int64_t needed = 0, j = 0;
    for (int64_t c = 0; c < columns->count; c++)
        needed += columns->columns[c].role == TALUS_ROLE_IGNORED || !may_lack(table, &columns->columns[c]);
    if (table->fields != columns->count && table->fields != needed)
        return tl_fail(table->context, TALUS_ERROR_FORMAT, "%s must have %lld columns, got %lld",
                       table->file.name, (long long)columns->count, (long long)table->fields);
    const bool all = table->fields == columns->count;
    for (int64_t c = 0; c < columns->count; c++) {
        tl_column *column = &columns->columns[c];
        const bool ignored = column->role == TALUS_ROLE_IGNORED;
        if (!all && !ignored && may_lack(table, column))
            continue;
        table->of_field[j++] = ignored ? NULL : column;
    }
    return TALUS_OK;
}

/* How often each column was found. */
static void count_found(const tl_table *table, int *found)
{
    for (int64_t j = 0; j < table->fields; j++)
        if (table->of_field[j] != NULL)
            found[table->of_field[j] - table->columns->columns]++;
}

static talus_status check_found(tl_table *table, const int *found)
{
    const talus_columns *columns = table->columns;
    bool targets = true;
    for (int64_t c = 0; c < columns->count; c++) {
        const tl_column *column = &columns->columns[c];
        char name[TL_COLUMN_TEXT_BYTES];
        tl_table_column_says(columns, c, name);
        if (found[c] > 1)
            return tl_fail(table->context, TALUS_ERROR_FORMAT,
                           "%s must have %s of the first table once, got %d", table->file.name, name,
                           found[c]);
        if (found[c] == 0 && !may_lack(table, column))
            return tl_fail(table->context, TALUS_ERROR_FORMAT, "%s must have %s of the first table, got none",
                           table->file.name, name);
        targets = targets && (found[c] == 1 || column->role != TALUS_ROLE_TARGET);
    }
    for (int64_t j = 0; j < table->fields && !targets; j++) /* one is not there, so none is used */
        if (table->of_field[j] != NULL && table->of_field[j]->role == TALUS_ROLE_TARGET)
            table->of_field[j] = NULL;
    return TALUS_OK;
}

talus_status tl_table_match(tl_table *table)
{
    talus_status status = tl_table_make_fields(table);
    if (status != TALUS_OK)
        return status;
    int *found = tl_allocate(table->context, (size_t)table->columns->count * sizeof *found);
    if (found == NULL)
        return tl_fail(table->context, TALUS_ERROR_MEMORY, "there is no memory for the columns of %s",
                       table->file.name);
    status = table->has_header && table->columns->header ? match_names(table) : match_places(table);
    count_found(table, found);
    if (status == TALUS_OK)
        status = check_found(table, found);
    tl_release(table->context, found);
    return status;
}
