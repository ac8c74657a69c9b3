#include "data/table_columns.h"

#include "base/options.h"

talus_status tl_table_columns_create(talus_context *context, int64_t count, talus_columns **columns)
{
    talus_columns *made = tl_allocate(context, sizeof *made);
    if (made != NULL) {
        made->context = made->names.context = context;
        made->class_column = -1;
        made->columns = tl_allocate(context, (size_t)count * sizeof *made->columns);
        made->named = tl_allocate(context, (size_t)count * sizeof *made->named);
    }
    if (made == NULL || made->columns == NULL || made->named == NULL) {
        talus_columns_destroy(made);
        return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for %lld columns", (long long)count);
    }
    made->count = count;
    for (int64_t j = 0; j < count; j++)
        made->columns[j] = (tl_column){.name = -1, .categories.context = context};
    *columns = made;
    return TALUS_OK;
}

void talus_columns_destroy(talus_columns *columns)
{
    if (columns == NULL)
        return;
    talus_context *context = columns->context;
    for (int64_t j = 0; j < columns->count; j++) {
        tl_categories_release(&columns->columns[j].categories);
        tl_release(context, columns->columns[j].shares);
    }
    tl_categories_release(&columns->names);
    tl_release(context, columns->columns);
    tl_release(context, columns->named);
    tl_release(context, columns);
}

talus_status tl_table_column_name(talus_columns *columns, int64_t index, const char *name, size_t length)
{
    talus_status status = tl_category_add(&columns->names, name, length);
    if (status != TALUS_OK)
        return status;
    columns->columns[index].name = columns->names.count - 1;
    columns->named[columns->names.count - 1] = index;
    return TALUS_OK;
}

int64_t tl_table_column_find(const talus_columns *columns, const char *name, size_t length)
{
    int64_t number = tl_category_find(&columns->names, name, length);
    return number < 0 ? -1 : columns->named[number];
}

const char *tl_table_column_text(const talus_columns *columns, const tl_column *column)
{
    return column->name < 0 ? "" : tl_category(&columns->names, column->name);
}

void tl_table_columns_place(talus_columns *columns)
{
    int64_t *const ends[TALUS_ROLE_COUNT] = {
        [TALUS_ROLE_INPUT] = &columns->inputs, [TALUS_ROLE_TARGET] = &columns->targets};
    columns->inputs = columns->targets = 0;
    columns->class_column = -1;
    for (int64_t j = 0; j < columns->count; j++) {
        tl_column *column = &columns->columns[j];
        bool categories = column->kind == TALUS_COLUMN_CATEGORY;
        column->first = -1, column->width = 0;
        if (ends[column->role] == NULL)
            continue;
        column->first = *ends[column->role];
        column->width = categories && column->role == TALUS_ROLE_INPUT ? column->categories.count : 1;
        *ends[column->role] += column->width;
        if (categories && column->role == TALUS_ROLE_TARGET)
            columns->class_column = j;
    }
}

/* What is asked of them --------------------------------------------------------------------------------------- */

int64_t talus_columns_count(const talus_columns *columns)
{
    return columns == NULL ? 0 : columns->count;
}

static const tl_column *column_at(const talus_columns *columns, int64_t index)
{
    return columns == NULL || index < 0 || index >= columns->count ? NULL : &columns->columns[index];
}

talus_status talus_columns_get_sized(const talus_columns *columns, int64_t index, talus_column *column,
                                     size_t size)
{
    const tl_column *from = column_at(columns, index);
    if (columns == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (column == NULL)
        return tl_fail(columns->context, TALUS_ERROR_ARGUMENT, "column must not be NULL");
    if (from == NULL)
        return tl_fail(columns->context, TALUS_ERROR_ARGUMENT, "index must be 0 … %lld, got %lld",
                       (long long)columns->count - 1, (long long)index);
    talus_status status = tl_result_check(columns->context, "column", size, sizeof *column);
    if (status != TALUS_OK)
        return status;
    talus_column known = {.name = tl_table_column_text(columns, from),
                          .role = from->role,
                          .kind = from->kind,
                          .categories = from->categories.count,
                          .first = from->first,
                          .width = from->width,
                          .mean = from->mean};
    tl_result_give(&known, sizeof known, column, size);
    return TALUS_OK;
}

const char *talus_columns_category(const talus_columns *columns, int64_t index, int64_t k)
{
    const tl_column *column = column_at(columns, index);
    bool there = column != NULL && k >= 0 && k < column->categories.count;
    return there ? tl_category(&column->categories, k) : NULL;
}

double talus_columns_share(const talus_columns *columns, int64_t index, int64_t k)
{
    const tl_column *column = column_at(columns, index);
    bool there = column != NULL && column->shares != NULL && k >= 0 && k < column->categories.count;
    return there ? column->shares[k] : 0;
}

int64_t talus_columns_inputs(const talus_columns *columns)
{
    return columns == NULL ? 0 : columns->inputs;
}

int64_t talus_columns_targets(const talus_columns *columns)
{
    return columns == NULL ? 0 : columns->targets;
}

int64_t talus_columns_classes(const talus_columns *columns)
{
    bool labels = columns != NULL && columns->class_column >= 0;
    return labels ? columns->columns[columns->class_column].categories.count : 0;
}

const char *talus_columns_class(const talus_columns *columns, int64_t k)
{
    return columns == NULL ? NULL : talus_columns_category(columns, columns->class_column, k);
}

int talus_columns_task(const talus_columns *columns)
{
    return columns == NULL ? -1 : columns->task;
}

const char *talus_columns_reason(const talus_columns *columns)
{
    return columns == NULL ? "" : columns->reason;
}
