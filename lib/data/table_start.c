/* The beginning of a table: what parts its fields, its header, and what its
 * columns are. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "data/decimal.h"
#include "data/table.h"

enum { LINES_FOR_SEPARATOR = 100, ROWS_FOR_KINDS = 1000 };

bool tl_is_missing(const tl_field *field)
{
    static const char *const words[] = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"};
    const size_t length = (size_t)(field->end - field->text);
    for (size_t i = 0; i < sizeof words / sizeof *words && length <= 4; i++)
        if (strlen(words[i]) == length && memcmp(words[i], field->text, length) == 0)
            return true;
    return false;
}

void tl_table_column_says(const talus_columns *columns, int64_t index, char text[TL_COLUMN_TEXT_BYTES])
{
    const char *name = tl_table_column_text(columns, &columns->columns[index]);
    int length = (int)strnlen(name, 41);
    while (length > 40 || (length == 40 && (name[length] & 0xC0) == 0x80)) /* a whole character ends it */
        length--;
    if (length == 0)
        (void)snprintf(text, TL_COLUMN_TEXT_BYTES, "column %lld", (long long)index + 1);
    else
        (void)snprintf(text, TL_COLUMN_TEXT_BYTES, "column %lld (\"%.*s%s\")", (long long)index + 1, length,
                       name, name[length] == '\0' ? "" : "…");
}

talus_status tl_table_refuse(const tl_table *table, talus_status status, int64_t field, const char *format,
                             ...)
{
    char reason[TL_MESSAGE_BYTES], column[TL_COLUMN_TEXT_BYTES], name[TL_COLUMN_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    (void)snprintf(column, sizeof column, "column %lld", (long long)field + 1);
    if (table->of_field != NULL && table->of_field[field] != NULL) {
        tl_table_column_says(table->columns, table->of_field[field] - table->columns->columns, name);
        if (strchr(name, '(') != NULL)
            (void)snprintf(column, sizeof column, "column %lld %s", (long long)field + 1, strchr(name, '('));
    }
    return tl_fail(table->context, status, "%s: line %lld, %s: %s", table->file.name,
                   (long long)table->records.line, column, reason);
}

/* What parts fields
 * ----------------------------------------------------------------------------------------
 */

static const char characters[TALUS_SEPARATOR_COUNT] = {[TALUS_SEPARATOR_COMMA] = ',',
                                                       [TALUS_SEPARATOR_SEMICOLON] = ';',
                                                       [TALUS_SEPARATOR_TAB] = '\t',
                                                       [TALUS_SEPARATOR_BAR] = '|'};

/* The number of fields into which a separator parts each of the first lines; 1
 * if they differ. */
static talus_status count_fields(tl_table *table, char separator, int64_t *fields)
{
    const tl_place place = tl_records_place(&table->records);
    bool found = true;
    talus_status status = TALUS_OK;
    *fields = 0;
    tl_records_part(&table->records, separator);
    for (int line = 0; line < LINES_FOR_SEPARATOR && status == TALUS_OK && *fields != 1; line++) {
        status = tl_records_peek(&table->records, &found);
        if (status != TALUS_OK || !found)
            break;
        *fields = line == 0 || table->records.count == *fields ? table->records.count : 1;
    }
    tl_records_go_back(&table->records, place);
    return status;
}

static talus_status find_separator(tl_table *table)
{
    char best = characters[TALUS_SEPARATOR_COMMA];
    int64_t most = 1, fields;
    for (int i = TALUS_SEPARATOR_COMMA; i < TALUS_SEPARATOR_COUNT; i++) {
        talus_status status = count_fields(table, characters[i], &fields);
        if (status != TALUS_OK)
            return status;
        if (fields > most)
            most = fields, best = characters[i];
    }
    tl_records_part(&table->records, best);
    return TALUS_OK;
}

/* Whether there is a header
 * -----------------------------------------------------------------------------------
 */

/* Of the record that was read last: no field is a number, some are not empty,
 * and all of these differ. */
static talus_status looks_like_header(tl_table *table, bool *header)
{
    tl_categories names = {.context = table->context};
    talus_status status = TALUS_OK;
    double number;
    *header = true;
    for (tl_field *field = table->records.fields, *end = field + table->records.count;
         field < end && *header && status == TALUS_OK; field++) {
        const size_t length = (size_t)(field->end - field->text);
        *header = !tl_decimal_read(field->text, field->end, &number) &&
                  memchr(field->text, '\0', length) == NULL;
        if (*header && length > 0 && tl_category_find(&names, field->text, length) < 0)
            status = tl_category_add(&names, field->text, length);
        else if (length > 0)
            *header = false;
    }
    *header = *header && names.count > 0;
    tl_categories_release(&names);
    return status;
}

talus_status tl_table_open(tl_table *table, const char *path)
{
    bool found;
    talus_status status = tl_file_open(table->context, path, &table->file);
    if (status != TALUS_OK)
        return status;
    status = tl_records_of_file(&table->records, &table->file);
    if (status == TALUS_OK && table->options.separator == TALUS_SEPARATOR_AUTO)
        status = find_separator(table);
    else if (status == TALUS_OK)
        tl_records_part(&table->records, characters[table->options.separator]);
    if (status == TALUS_OK)
        status = tl_records_next(&table->records, &found);
    if (status == TALUS_OK && !found)
        return tl_fail(table->context, TALUS_ERROR_FORMAT, "%s must have at least one row, got none",
                       table->file.name);
    if (status != TALUS_OK)
        return status;
    table->fields = table->records.count;
    table->has_header = table->options.header == TALUS_HEADER_YES;
    if (table->options.header == TALUS_HEADER_AUTO)
        status = looks_like_header(table, &table->has_header);
    if (!table->has_header)
        tl_records_again(&table->records);
    return status;
}

/* Names
 * ----------------------------------------------------------------------------------------------------
 */

static talus_status take_name(tl_table *table, int64_t j)
{
    tl_field *field = &table->records.fields[j];
    tl_field_undouble(field);
    const size_t length = (size_t)(field->end - field->text);
    if (length == 0)
        return TALUS_OK;
    if (!tl_utf8_is_text(field->text, length))
        return tl_table_refuse(table, TALUS_ERROR_FORMAT, j, "the name of a column must be UTF-8");
    const int64_t same = tl_table_column_find(table->columns, field->text, length);
    if (same >= 0)
        return tl_table_refuse(table, TALUS_ERROR_FORMAT, j, "is named \"%.40s\", as column %lld is",
                               field->text, (long long)same + 1);
    return tl_table_column_name(table->columns, j, field->text, length);
}

/* Kinds
 * -------------------------------------------------------------------------------------------------------
 */

bool tl_table_may_hold_text(const tl_table *table, const tl_column *column)
{
    return column->role == TALUS_ROLE_INPUT ||
           (column->role == TALUS_ROLE_TARGET && table->columns->targets == 1 &&
            table->options.task != TALUS_TABLE_TASK_REGRESSION);
}

static void guess_from_record(tl_table *table)
{
    double number;
    for (int64_t j = 0; j < table->fields && j < table->records.count; j++) {
        tl_column *column = &table->columns->columns[j];
        tl_field *field = &table->records.fields[j];
        if (column->kind == TALUS_COLUMN_NUMBER && tl_table_may_hold_text(table, column) &&
            !tl_decimal_read(field->text, field->end, &number) && !tl_is_missing(field)) {
            column->kind = TALUS_COLUMN_CATEGORY;
            column->text_line = table->records.line;
        }
    }
}

static talus_status guess_kinds(tl_table *table)
{
    const tl_place place = tl_records_place(&table->records);
    bool found = true;
    talus_status status = TALUS_OK;
    for (int row = 0; row < ROWS_FOR_KINDS && status == TALUS_OK && found; row++) {
        status = tl_records_peek(&table->records, &found);
        if (status == TALUS_OK && found)
            guess_from_record(table);
    }
    tl_records_go_back(&table->records, place);
    return status;
}

/* -------------------------------------------------------------------------------------------------------------
 */

talus_status tl_table_make_fields(tl_table *table)
{
    table->of_field = tl_allocate(table->context, (size_t)table->fields * sizeof *table->of_field);
    if (table->of_field != NULL)
        return TALUS_OK;
    return tl_fail(table->context, TALUS_ERROR_MEMORY, "there is no memory for the columns of %s",
                   table->file.name);
}

talus_status tl_table_start(tl_table *table)
{
    talus_status status = tl_table_columns_create(table->context, table->fields, &table->columns);
    if (status == TALUS_OK)
        status = tl_table_make_fields(table);
    if (status != TALUS_OK)
        return status;
    table->columns->header = table->has_header;
    for (int64_t j = 0; table->has_header && j < table->fields && status == TALUS_OK; j++)
        status = take_name(table, j);
    if (status == TALUS_OK)
        status = tl_table_find_roles(table);
    if (status != TALUS_OK)
        return status;
    tl_table_columns_place(table->columns);
    for (int64_t j = 0; j < table->fields; j++) {
        tl_column *column = &table->columns->columns[j];
        table->of_field[j] = column->role == TALUS_ROLE_IGNORED ? NULL : column;
    }
    return guess_kinds(table);
}
