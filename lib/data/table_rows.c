/* The rows of a table: fields become numbers. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "data/decimal.h"
#include "data/table.h"

/* A text as messages show it. */
#define SHOWN ", got \"%.*s%s\""
static int shown_length(const tl_field *field)
{
    const int64_t length = field->end - field->text;
    int shown = length > 40 ? 40 : (int)length;
    while (length > 40 && shown > 0 && (field->text[shown] & 0xC0) == 0x80)
        shown--;
    return shown;
}

static const char *rest_of(const tl_field *field)
{
    return field->end - field->text > 40 ? "…" : "";
}

static talus_status refuse_value(const tl_table *table, int64_t j, const char *wanted)
{
    const tl_field *field = &table->records.fields[j];
    return tl_table_refuse(table, TALUS_ERROR_DATA, j, "%s" SHOWN, wanted, shown_length(field), field->text,
                           rest_of(field));
}

/* Categories ----------------------------------------------------------------------------------------------- */

/* The first category that is no number: what makes categories of a column that else holds numbers. */
static const char *first_text(const tl_column *column)
{
    double number;
    for (int64_t k = 0; k < column->categories.count; k++) {
        char *text = column->categories.texts.bytes + column->categories.starts[k];
        if (!tl_decimal_read(text, text + strlen(text), &number))
            return text;
    }
    return NULL;
}

/* More categories than a column may have: where it nearly holds numbers, the text is to blame that is none. */
static talus_status refuse_categories(tl_table *table, int64_t j)
{
    const tl_column *column = table->of_field[j];
    const long long most = (long long)table->options.most_categories;
    const char *text = first_text(column);
    const tl_field *field = &table->records.fields[j];
    if (text == NULL || column->text_line == 0)
        return tl_table_refuse(table, TALUS_ERROR_DATA, j,
                               "a column must have at most %lld categories" SHOWN " as one more", most,
                               shown_length(field), field->text, rest_of(field));
    table->records.line = column->text_line;
    return tl_table_refuse(table, TALUS_ERROR_DATA, j,
                           "must be a number, or the column have at most %lld categories, got \"%.40s\"",
                           most, text);
}

static talus_status add_category(tl_table *table, int64_t j, double *cell)
{
    tl_column *column = table->of_field[j];
    const tl_field *field = &table->records.fields[j];
    if (column->categories.count >= table->options.most_categories)
        return refuse_categories(table, j);
    *cell = (double)column->categories.count;
    return tl_category_add(&column->categories, field->text, (size_t)(field->end - field->text));
}

/* A category that the columns do not have. */
static talus_status take_unknown(const tl_table *table, int64_t j, double *cell)
{
    *cell = TL_UNKNOWN_CATEGORY;
    if (table->options.unknown_categories && table->of_field[j]->role == TALUS_ROLE_INPUT)
        return TALUS_OK;
    return refuse_value(table, j, "must be a category that the columns have");
}

static talus_status read_category(tl_table *table, int64_t j, double *cell)
{
    tl_column *column = table->of_field[j];
    tl_field *field = &table->records.fields[j];
    char shortest[TL_NUMBER_BYTES];
    double number;
    tl_field_undouble(field);
    const size_t length = (size_t)(field->end - field->text);
    if (!tl_utf8_is_text(field->text, length))
        return tl_table_refuse(table, TALUS_ERROR_DATA, j, "text must be UTF-8");
    int64_t found = tl_category_find(&column->categories, field->text, length);
    if (found < 0 && column->numbers && tl_decimal_read(field->text, field->end, &number)) {
        tl_text_of_double(number + 0.0, shortest); /* −0 is 0 */
        found = tl_category_find(&column->categories, shortest, strlen(shortest));
    }
    *cell = (double)found;
    if (found >= 0)
        return TALUS_OK;
    return table->infers ? add_category(table, j, cell) : take_unknown(table, j, cell);
}

/* Numbers --------------------------------------------------------------------------------------------------- */

/* A field in a column of numbers that is none. */
static talus_status take_text(tl_table *table, int64_t j, double *cell)
{
    tl_column *column = table->of_field[j];
    if (!table->infers || !tl_table_may_hold_text(table, column))
        return refuse_value(table, j, "must be a number");
    column->kind = TALUS_COLUMN_CATEGORY;
    column->text_line = table->records.line;
    table->turned++;
    return read_category(table, j, cell);
}

static talus_status check_number(const tl_table *table, int64_t j, double number)
{
    if (!isfinite(number))
        return refuse_value(table, j, "must be a finite number");
    if (table->of_field[j]->role == TALUS_ROLE_WEIGHT && number < 0)
        return refuse_value(table, j, "a weight must be at least 0");
    return TALUS_OK;
}

/* Rows ------------------------------------------------------------------------------------------------------ */

static talus_status read_field(tl_table *table, int64_t j, double *cell)
{
    tl_field *field = &table->records.fields[j];
    const tl_column *column = table->of_field[j];
    bool number = column->kind == TALUS_COLUMN_NUMBER && tl_decimal_read(field->text, field->end, cell);
    if (number)
        return isfinite(*cell) && column->role != TALUS_ROLE_WEIGHT ? TALUS_OK
                                                                    : check_number(table, j, *cell);
    *cell = NAN;
    if (tl_is_missing(field))
        return TALUS_OK;
    return column->kind == TALUS_COLUMN_NUMBER ? take_text(table, j, cell) : read_category(table, j, cell);
}

/* What becomes of a row in which field j has no value. */
static talus_status take_missing(const tl_table *table, int64_t j, bool *keep)
{
    const int role = table->of_field[j]->role, missing = table->options.missing;
    *keep = missing == TALUS_MISSING_MEAN;
    if (missing == TALUS_MISSING_ERROR)
        return refuse_value(table, j, "a value must be there");
    if (*keep && role != TALUS_ROLE_INPUT)
        return refuse_value(table, j,
                            role == TALUS_ROLE_TARGET ? "a target must be there" : "a weight must be there");
    return TALUS_OK;
}

static talus_status read_row(tl_table *table, double *cells, bool *keep)
{
    talus_status status = TALUS_OK;
    *keep = true;
    for (int64_t j = 0; j < table->fields && status == TALUS_OK; j++) {
        if (table->of_field[j] == NULL)
            continue;
        status = read_field(table, j, cells);
        if (status == TALUS_OK && isnan(*cells) && *keep && table->turned == 0)
            status = take_missing(table, j, keep);
        cells++;
    }
    return status;
}

static talus_status check_count(const tl_table *table)
{
    if (table->records.count == table->fields)
        return TALUS_OK;
    return tl_fail(table->context, TALUS_ERROR_FORMAT,
                   "%s: line %lld must have %lld fields, as the first one has, got %lld", table->file.name,
                   (long long)table->records.line, (long long)table->fields, (long long)table->records.count);
}

talus_status tl_table_read_rows(tl_table *table)
{
    bool found = true, keep;
    table->turned = 0;
    table->cells = (tl_cells){.context = table->context};
    for (int64_t j = 0; j < table->fields; j++)
        table->cells.width += table->of_field[j] != NULL;
    for (;;) {
        talus_status status = tl_records_next(&table->records, &found);
        if (status != TALUS_OK || !found)
            return status;
        status = check_count(table);
        double *cells = status == TALUS_OK ? tl_cells_room(&table->cells) : NULL;
        if (cells == NULL)
            return status == TALUS_OK ? TALUS_ERROR_MEMORY : status;
        status = read_row(table, cells, &keep);
        if (status != TALUS_OK)
            return status;
        if (keep && table->turned == 0)
            tl_cells_keep(&table->cells);
    }
}
