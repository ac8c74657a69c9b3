/* Columns as JSON:
 *
 *     {"header": true, "task": "classification", "reason": "…", "columns": [
 *         {"name": "width", "role": "input", "kind": "number", "mean": 5.8},
 *         {"name": "colour", "role": "input", "kind": "category", "categories":
 * ["blue", "red"], "shares": [0.25, 0.75]},
 *         {"name": "species", "role": "target", "kind": "category",
 * "categories": ["a", "b"], "numbers": false}]} */
#include <string.h>

#include "base/call.h"
#include "base/json_text.h"
#include "data/table_columns.h"
#include "data/table_options.h"

static void put_name(tl_buffer *text, const char *key, const tl_names *names, int value)
{
    tl_json_put_key(text, key);
    tl_json_put_string(text, tl_name(names, value));
}

static void put_categories(tl_buffer *text, const tl_column *column)
{
    tl_json_put_key(text, "categories");
    tl_json_put_open(text, '[');
    for (int64_t k = 0; k < column->categories.count; k++)
        tl_json_put_string(text, tl_category(&column->categories, k));
    tl_json_put_close(text, ']');
    if (column->role == TALUS_ROLE_TARGET) {
        tl_json_put_key(text, "numbers");
        tl_json_put_flag(text, column->numbers);
        return;
    }
    tl_json_put_key(text, "shares");
    tl_json_put_open(text, '[');
    for (int64_t k = 0; k < column->categories.count; k++)
        tl_json_put_number(text, column->shares[k]);
    tl_json_put_close(text, ']');
}

static void put_column(tl_buffer *text, const talus_columns *columns, const tl_column *column)
{
    tl_json_put_open(text, '{');
    tl_json_put_key(text, "name");
    tl_json_put_string(text, tl_table_column_text(columns, column));
    put_name(text, "role", &tl_role_names, column->role);
    put_name(text, "kind", &tl_column_kind_names, column->kind);
    if (column->kind == TALUS_COLUMN_CATEGORY)
        put_categories(text, column);
    else if (column->role == TALUS_ROLE_INPUT) {
        tl_json_put_key(text, "mean");
        tl_json_put_number(text, column->mean);
    }
    tl_json_put_close(text, '}');
}

static void put_columns(tl_buffer *text, const talus_columns *columns)
{
    tl_json_put_open(text, '{');
    tl_json_put_key(text, "header");
    tl_json_put_flag(text, columns->header);
    put_name(text, "task", &tl_table_task_names, columns->task);
    tl_json_put_key(text, "reason");
    tl_json_put_string(text, columns->reason);
    tl_json_put_key(text, "columns");
    tl_json_put_open(text, '[');
    for (int64_t j = 0; j < columns->count; j++)
        put_column(text, columns, &columns->columns[j]);
    tl_json_put_close(text, ']');
    tl_json_put_close(text, '}');
}

static talus_status to_json(const talus_columns *columns, char *text, size_t capacity, size_t *length)
{
    tl_buffer made = {.context = columns->context};
    if (text == NULL && capacity > 0)
        return tl_fail(columns->context, TALUS_ERROR_ARGUMENT,
                       "columns_to_json: text must have room for %zu characters, got NULL", capacity);
    put_columns(&made, columns);
    talus_status status = tl_buffer_check(&made, "the text of columns");
    if (status == TALUS_OK && capacity > 0) {
        const size_t count = made.length < capacity ? made.length : capacity - 1;
        memcpy(text, made.bytes, count);
        text[count] = '\0';
    }
    if (status == TALUS_OK && length != NULL)
        *length = made.length;
    tl_buffer_release(&made);
    return status;
}

talus_status talus_columns_to_json(const talus_columns *columns, char *text, size_t capacity, size_t *length)
{
    if (columns == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, columns->context);
    return status == TALUS_OK ? tl_call_end(&call, to_json(columns, text, capacity, length)) : status;
}
