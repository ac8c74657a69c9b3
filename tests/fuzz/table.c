/* Bytes as tables in text, read by themselves and as one another, and as columns in JSON. The first say how. */
#include <math.h>

#include "fuzz.h"

static const char *const lists[] = {NULL, "1", "-1", "y", "1,-1", "\"y\",2"};
enum { LISTS = sizeof lists / sizeof *lists };

static talus_table_options draw_options(fuzz_bytes *bytes)
{
    talus_table_options options;
    talus_table_options_defaults(&options);
    options.separator = (int)draw(bytes, 0, TALUS_SEPARATOR_COUNT - 1);
    options.header = (int)draw(bytes, 0, TALUS_HEADER_COUNT - 1);
    options.missing = (int)draw(bytes, 0, TALUS_MISSING_COUNT - 1);
    options.task = (int)draw(bytes, 0, TALUS_TABLE_TASK_COUNT - 1);
    options.targets = lists[draw(bytes, 0, LISTS - 1)];
    options.ignore = lists[draw(bytes, 0, LISTS - 1)];
    options.categories = lists[draw(bytes, 0, LISTS - 1)];
    options.weights = lists[draw(bytes, 0, LISTS - 1)];
    options.most_categories = draw(bytes, 2, 9);
    return options;
}

/* Every input is finite, every label is a class, and every weight at least 0. */
static void look_at(const talus_dataset *dataset, const talus_columns *columns)
{
    talus_matrix x, y, w;
    require(talus_dataset_matrices(dataset, &x, &y) == TALUS_OK);
    require(talus_dataset_weights(dataset, &w) == TALUS_OK);
    require(x.dtype == TALUS_DTYPE_F64 && x.cols == talus_columns_inputs(columns));
    for (int64_t i = 0; i < x.rows * x.cols; i++)
        require(isfinite(((const double *)x.data)[i]));
    for (int64_t i = 0; y.data != NULL && i < y.rows * y.cols; i++)
        require(y.dtype == TALUS_DTYPE_I32 ? ((const int32_t *)y.data)[i] >= 0 &&
                                                 ((const int32_t *)y.data)[i] < talus_columns_classes(columns)
                                           : isfinite(((const double *)y.data)[i]));
    for (int64_t i = 0; w.data != NULL && i < w.rows; i++)
        require(((const double *)w.data)[i] >= 0);
}

/* Columns are the same after a round as JSON. */
static void go_round(talus_context *context, const talus_columns *columns)
{
    static char text[2][1 << 18];
    size_t length;
    talus_columns *again = NULL;
    require(talus_columns_to_json(columns, text[0], sizeof text[0], &length) == TALUS_OK);
    if (length >= sizeof text[0])
        return;
    require(checked(context, talus_columns_from_json(context, text[0], length, &again)) == TALUS_OK);
    require(talus_columns_to_json(again, text[1], sizeof text[1], NULL) == TALUS_OK);
    require(strcmp(text[0], text[1]) == 0);
    talus_columns_destroy(again);
}

static void read_further(talus_context *context, const char *path, const talus_columns *columns, int how)
{
    talus_table_options options;
    talus_dataset *dataset = NULL;
    talus_table_options_defaults(&options);
    options.missing = how % TALUS_MISSING_COUNT;
    options.optional_targets = how / 4 % 2, options.unknown_categories = how / 8 % 2;
    if (checked(context, talus_dataset_read_table_as(context, path, columns, &options, &dataset)) == TALUS_OK)
        look_at(dataset, columns);
    talus_dataset_destroy(dataset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_file first = {.descriptor = -1}, further = {.descriptor = -1};
    fuzz_bytes bytes = {data, data + size};
    const talus_table_options how = draw_options(&bytes);
    const int as = (int)draw(&bytes, 0, 15);
    const int64_t tail = draw(&bytes, 0, 255), left = bytes.end - bytes.next;
    const int64_t count = left - (tail < left ? tail : left);
    fuzz_file_write(&first, bytes.next, (size_t)count);
    fuzz_file_write(&further, bytes.next + count, (size_t)(left - count));

    fuzz_memory memory = {.most = (size_t)1 << 30};
    talus_context_options options = fuzz_options(&memory, 1);
    talus_context *context;
    talus_dataset *dataset = NULL;
    talus_columns *columns = NULL, *parsed = NULL;
    require(talus_context_create(&options, &context) == TALUS_OK);
    const int64_t alive = memory.alive;
    if (checked(context, talus_dataset_read_table(context, first.path, &how, &dataset, &columns)) ==
        TALUS_OK) {
        look_at(dataset, columns);
        go_round(context, columns);
        read_further(context, further.path, columns, as);
    }
    require((dataset != NULL) == (columns != NULL));
    if (checked(context, talus_columns_from_json(context, (const char *)bytes.next, (size_t)count,
                                                 &parsed)) == TALUS_OK)
        go_round(context, parsed);
    talus_dataset_destroy(dataset);
    talus_columns_destroy(columns);
    talus_columns_destroy(parsed);
    require(memory.alive == alive);
    talus_context_destroy(context);
    require(memory.alive == 0);
    return 0;
}
