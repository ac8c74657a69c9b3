/* Columns from JSON, which may come from anywhere (columns_json.c says what it
 * is like). */
#include <float.h>
#include <string.h>

#include "base/call.h"
#include "base/json.h"
#include "data/records.h"
#include "data/table_columns.h"
#include "data/table_options.h"

#define KEY_BYTES 32

/* The members of an object: where the value of each key begins; text is NULL
 * for those that are not there. */
static talus_status find_members(tl_json *json, const char *const *keys, int count, tl_json *places)
{
    talus_status status = tl_json_open(json, '{');
    memset(places, 0, (size_t)count * sizeof *places);
    while (tl_json_more(json, &status)) {
        char key[KEY_BYTES];
        int i = 0;
        status = tl_json_key(json, key, sizeof key);
        while (status == TALUS_OK && i < count && strcmp(keys[i], key) != 0)
            i++;
        if (status == TALUS_OK && (i == count || places[i].text != NULL))
            return tl_json_fail(json, "\"%s\" must %s", key, i == count ? "not be here" : "come once");
        if (status != TALUS_OK)
            return status;
        places[i] = *json;
        status = tl_json_skip(json);
    }
    return status;
}

/* A member that must be there, or must not. */
static talus_status check_member(tl_json *json, const char *key, const tl_json *place, bool wanted)
{
    if ((place->text != NULL) == wanted)
        return TALUS_OK;
    return tl_json_fail(json, "\"%s\" must %s of this column", key, wanted ? "be a member" : "be no member");
}

static talus_status read_enumerator(tl_json *json, const tl_names *names, int *value)
{
    char name[KEY_BYTES];
    talus_status status = tl_json_string(json, name, sizeof name, NULL);
    if (status != TALUS_OK)
        return status;
    *value = tl_value(names, name);
    return *value >= 0 ? TALUS_OK : tl_json_fail(json, "\"%s\" is no value that can come here", name);
}

/* A number of a range. */
static talus_status read_number(tl_json *json, double least, double most, double *value)
{
    const int64_t at = json->at;
    talus_status status = tl_json_number(json, value);
    if (status == TALUS_OK && !(*value >= least && *value <= most)) {
        json->at = at;
        return tl_json_fail(json, "a number of %g … %g must come here", least, most);
    }
    return status;
}

/* The next string, in the place where it stands. */
static talus_status read_string(tl_json *json, char **text, size_t *length)
{
    (void)tl_json_peek(json);
    *text = (char *)(uintptr_t)(json->text + json->at); /* the reader's own copy */
    return tl_json_string(json, *text, (size_t)(json->length - json->at), length);
}

static talus_status read_categories(tl_json json, tl_categories *categories)
{
    talus_status status = tl_json_open(&json, '[');
    while (tl_json_more(&json, &status)) {
        char *text;
        size_t length;
        status = read_string(&json, &text, &length);
        if (status == TALUS_OK && tl_category_find(categories, text, length) >= 0)
            return tl_json_fail(&json, "the category \"%.40s\" must come once", text);
        if (status == TALUS_OK)
            status = tl_category_add(categories, text, length);
    }
    if (status == TALUS_OK && categories->count == 0)
        return tl_json_fail(&json, "a column of categories must have one");
    return status;
}

static talus_status read_shares(tl_json json, tl_column *column)
{
    const int64_t count = column->categories.count;
    int64_t got = 0;
    column->shares = tl_allocate(json.context, (size_t)count * sizeof *column->shares);
    if (column->shares == NULL)
        return tl_fail(json.context, TALUS_ERROR_MEMORY, "there is no memory for %lld categories",
                       (long long)count);
    talus_status status = tl_json_open(&json, '[');
    for (; tl_json_more(&json, &status); got++)
        status = got < count ? read_number(&json, 0, 1, &column->shares[got]) : tl_json_skip(&json);
    if (status == TALUS_OK && got != count)
        return tl_json_fail(&json, "shares must be as many as categories");
    return status;
}

enum { NAME, ROLE, KIND, MEAN, CATEGORIES, SHARES, NUMBERS, MEMBERS };

static talus_status read_members(tl_json *places, tl_column *column)
{
    talus_status status = TALUS_OK;
    if (places[MEAN].text != NULL)
        status = read_number(&places[MEAN], -DBL_MAX, DBL_MAX, &column->mean);
    if (status == TALUS_OK && places[CATEGORIES].text != NULL)
        status = read_categories(places[CATEGORIES], &column->categories);
    if (status == TALUS_OK && places[SHARES].text != NULL)
        status = read_shares(places[SHARES], column);
    if (status == TALUS_OK && places[NUMBERS].text != NULL)
        status = tl_json_flag(&places[NUMBERS], &column->numbers);
    return status;
}

static talus_status read_name(tl_json *json, talus_columns *columns, int64_t j)
{
    char *name;
    size_t length;
    talus_status status = read_string(json, &name, &length);
    if (status != TALUS_OK || length == 0)
        return status;
    if (tl_table_column_find(columns, name, length) >= 0)
        return tl_json_fail(json, "the name \"%.40s\" must come once", name);
    return tl_table_column_name(columns, j, name, length);
}

static talus_status read_column(tl_json *json, talus_columns *columns, int64_t j)
{
    static const char *const keys[MEMBERS] = {"name",       "role",   "kind",   "mean",
                                              "categories", "shares", "numbers"};
    tl_column *column = &columns->columns[j];
    tl_json places[MEMBERS];
    talus_status status = find_members(json, keys, MEMBERS, places);
    for (int i = NAME; i <= KIND && status == TALUS_OK; i++)
        status = check_member(json, keys[i], &places[i], true);
    if (status == TALUS_OK)
        status = read_name(&places[NAME], columns, j);
    if (status == TALUS_OK)
        status = read_enumerator(&places[ROLE], &tl_role_names, &column->role);
    if (status == TALUS_OK)
        status = read_enumerator(&places[KIND], &tl_column_kind_names, &column->kind);
    const bool input = column->role == TALUS_ROLE_INPUT, category = column->kind == TALUS_COLUMN_CATEGORY;
    if (status == TALUS_OK && category && !input && column->role != TALUS_ROLE_TARGET)
        return tl_json_fail(json, "only inputs and targets can hold categories");
    const bool wanted[MEMBERS] = {[MEAN] = input && !category,
                                  [CATEGORIES] = category,
                                  [SHARES] = input && category,
                                  [NUMBERS] = !input && category};
    for (int i = MEAN; i < MEMBERS && status == TALUS_OK; i++)
        status = check_member(json, keys[i], &places[i], wanted[i]);
    return status == TALUS_OK ? read_members(places, column) : status;
}

/* The number of values in an array. */
static talus_status count_values(tl_json json, int64_t *count)
{
    talus_status status = tl_json_open(&json, '[');
    for (*count = 0; tl_json_more(&json, &status); ++*count)
        status = tl_json_skip(&json);
    if (status == TALUS_OK && (*count == 0 || *count > TL_MOST_COLUMNS))
        return tl_json_fail(&json, "there must be 1 … %d columns, got %lld", TL_MOST_COLUMNS,
                            (long long)*count);
    return status;
}

/* What holds of all columns that a table gives. */
static talus_status check_columns(tl_json *json, talus_columns *columns)
{
    tl_table_columns_place(columns);
    const bool labels = columns->class_column >= 0;
    const int task = labels                 ? TALUS_TABLE_TASK_CLASSIFICATION
                     : columns->targets > 0 ? TALUS_TABLE_TASK_REGRESSION
                                            : TALUS_TABLE_TASK_AUTO;
    int64_t weights = 0;
    for (int64_t j = 0; j < columns->count; j++)
        weights += columns->columns[j].role == TALUS_ROLE_WEIGHT;
    if (columns->inputs == 0 || weights > 1 || (labels && columns->targets > 1))
        return tl_json_fail(json, "columns must have an input, at most one of "
                                  "weights, and of categories at most "
                                  "one target, then the only one");
    if (columns->task != task)
        return tl_json_fail(json, "the task of these columns must be %s",
                            tl_name(&tl_table_task_names, task));
    if (!columns->header && columns->names.count > 0)
        return tl_json_fail(json, "columns of a table without a header must have no names");
    return TALUS_OK;
}

enum { HEADER, TASK, REASON, COLUMNS, WHOLE };

static talus_status read_whole(tl_json *json, talus_columns **columns)
{
    static const char *const keys[WHOLE] = {"header", "task", "reason", "columns"};
    tl_json places[WHOLE];
    int64_t count = 0, j = 0;
    talus_status status = find_members(json, keys, WHOLE, places);
    if (status == TALUS_OK)
        status = tl_json_end(json);
    for (int i = 0; i < WHOLE && status == TALUS_OK; i++)
        if (places[i].text == NULL)
            return tl_json_fail(json, "\"%s\" must be a member of columns", keys[i]);
    if (status == TALUS_OK)
        status = count_values(places[COLUMNS], &count);
    if (status == TALUS_OK)
        status = tl_table_columns_create(json->context, count, columns);
    if (status == TALUS_OK)
        status = tl_json_flag(&places[HEADER], &(*columns)->header);
    if (status == TALUS_OK)
        status = read_enumerator(&places[TASK], &tl_table_task_names, &(*columns)->task);
    if (status == TALUS_OK)
        status = tl_json_string(&places[REASON], (*columns)->reason, sizeof(*columns)->reason, NULL);
    if (status == TALUS_OK)
        status = tl_json_open(&places[COLUMNS], '[');
    while (tl_json_more(&places[COLUMNS], &status))
        status = read_column(&places[COLUMNS], *columns, j++);
    return status == TALUS_OK ? check_columns(&places[COLUMNS], *columns) : status;
}

static talus_status from_json(talus_context *context, const char *text, size_t length,
                              talus_columns **columns)
{
    talus_columns *made = NULL;
    if (text == NULL || columns == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "columns_from_json: %s must not be NULL",
                       text == NULL ? "text" : "columns");
    char *copy = length > PTRDIFF_MAX ? NULL : tl_allocate(context, length + 1);
    if (copy == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for %zu bytes of columns", length);
    memcpy(copy, text, length);
    tl_json json = tl_json_of(context, "columns", copy, (int64_t)length);
    talus_status status = read_whole(&json, &made);
    tl_release(context, copy);
    if (status == TALUS_OK)
        *columns = made;
    else
        talus_columns_destroy(made);
    return status;
}

talus_status talus_columns_from_json(talus_context *context, const char *text, size_t length,
                                     talus_columns **columns)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, from_json(context, text, length, columns)) : status;
}
