/* Data sets from tables. */
#include "base/call.h"
#include "data/table.h"

/* The header of a further table is as that of the first. */
static int header_of(const talus_columns *columns, int header)
{
    if (header != TALUS_HEADER_AUTO)
        return header;
    return columns->header ? TALUS_HEADER_YES : TALUS_HEADER_NO;
}

static void close_table(tl_table *table)
{
    tl_cells_release(&table->cells);
    tl_records_release(&table->records);
    tl_file_close(&table->file);
    tl_release(table->context, table->of_field);
}

/* Comes back to the first row, now that the columns are known to hold text. */
static talus_status begin_again(tl_table *table, const char *path)
{
    const char separator = table->records.separator;
    bool found = true;
    for (int64_t j = 0; j < table->columns->count; j++)
        tl_categories_release(&table->columns->columns[j].categories);
    tl_cells_release(&table->cells);
    tl_records_release(&table->records);
    tl_file_close(&table->file);
    talus_status status = tl_file_open(table->context, path, &table->file);
    if (status == TALUS_OK)
        status = tl_records_of_file(&table->records, &table->file);
    tl_records_part(&table->records, separator);
    return status == TALUS_OK && table->has_header ? tl_records_next(&table->records, &found) : status;
}

static talus_status read_rows(tl_table *table, const char *path)
{
    talus_status status = tl_table_read_rows(table);
    if (status != TALUS_OK || table->turned == 0)
        return status;
    status = begin_again(table, path);
    if (status == TALUS_OK)
        status = tl_table_read_rows(table);
    if (status == TALUS_OK && table->turned > 0)
        return tl_fail(table->context, TALUS_ERROR_FILE, "%s was changed while it was read",
                       table->file.name);
    return status;
}

static talus_status check_arguments(talus_context *context, const char *path, talus_dataset **dataset)
{
    if (path != NULL && dataset != NULL)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "read_table: %s must not be NULL",
                   path == NULL ? "path" : "dataset");
}

static talus_status read_table(talus_context *context, const char *path, const talus_table_options *options,
                               size_t size, talus_dataset **dataset, talus_columns **columns)
{
    tl_table table = {.context = context, .file.descriptor = -1, .records.context = context, .infers = true};
    talus_status status = check_arguments(context, path, dataset);
    if (status == TALUS_OK)
        status = tl_table_take(context, &table.options, options, size, false);
    if (status != TALUS_OK)
        return status;
    status = tl_table_open(&table, path);
    if (status == TALUS_OK)
        status = tl_table_start(&table);
    if (status == TALUS_OK)
        status = read_rows(&table, path);
    if (status == TALUS_OK)
        status = tl_table_finish(&table, dataset);
    close_table(&table);
    if (status == TALUS_OK && columns != NULL)
        *columns = table.columns;
    else
        talus_columns_destroy(table.columns);
    return status;
}

talus_status talus_dataset_read_table_sized(talus_context *context, const char *path,
                                            const talus_table_options *options, size_t options_size,
                                            talus_dataset **dataset, talus_columns **columns)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    return tl_call_end(&call, read_table(context, path, options, options_size, dataset, columns));
}

static talus_status read_table_as(talus_context *context, const char *path, const talus_columns *columns,
                                  const talus_table_options *options, size_t size, talus_dataset **dataset)
{
    tl_table table = {.context = context, .file.descriptor = -1, .records.context = context};
    talus_status status = check_arguments(context, path, dataset);
    if (status == TALUS_OK && columns == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "read_table: columns must not be NULL");
    if (status == TALUS_OK)
        status = tl_table_take(context, &table.options, options, size, true);
    if (status != TALUS_OK)
        return status;
    table.options.header = header_of(columns, table.options.header);
    table.columns = (talus_columns *)(uintptr_t)columns; /* not written to: table.infers is false */
    status = tl_table_open(&table, path);
    if (status == TALUS_OK)
        status = tl_table_match(&table);
    if (status == TALUS_OK)
        status = tl_table_read_rows(&table);
    if (status == TALUS_OK)
        status = tl_table_finish(&table, dataset);
    close_table(&table);
    return status;
}

talus_status talus_dataset_read_table_as_sized(talus_context *context, const char *path,
                                               const talus_columns *columns,
                                               const talus_table_options *options, size_t options_size,
                                               talus_dataset **dataset)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    return tl_call_end(&call, read_table_as(context, path, columns, options, options_size, dataset));
}
