#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "data.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

/* Copies standard input to a file, since readers may go over a file twice. */
static int copy_input(input_data *data)
{
    const char *directory = getenv("TMPDIR");
    char bytes[65536];
    size_t got, length = strlen(directory == NULL ? "/tmp" : directory) + 32;
    data->path = malloc(length);
    if (data->path == NULL)
        return 0;
    snprintf(data->path, length, "%s/talus-input-XXXXXX", directory == NULL ? "/tmp" : directory);
    int descriptor = mkstemp(data->path);
    FILE *copy = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
    while (copy != NULL && (got = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        fwrite(bytes, 1, got, copy);
    int failed = copy == NULL || ferror(copy) || ferror(stdin);
    if (copy != NULL && fclose(copy) != 0)
        failed = 1;
    if (failed)
        fprintf(stderr, "talus: standard input cannot be kept in \"%s\": %s\n", data->path, strerror(errno));
    return !failed;
}

static int ends_with(const char *path, const char *end)
{
    const size_t length = strlen(path), of_end = strlen(end);
    return length >= of_end && strcmp(path + length - of_end, end) == 0;
}

/* What a file is, by its name. */
static int is_idx(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    return strstr(name, "idx") != NULL || strstr(name, "ubyte") != NULL;
}

static int table_options(const command_line *line, talus_context *context, talus_table_options *options)
{
    talus_table_options_defaults(options);
    return apply_options(line, context, TALUS_STRUCTURE_TABLE, options);
}

/* Reads a file that is no table. */
static talus_status read_array(const command_line *line, talus_context *context, const char *path,
                               int with_targets, talus_dataset **dataset)
{
    const char *labels = with_targets ? text_of(line, "labels") : NULL;
    if (ends_with(path, ".npz"))
        return talus_dataset_read_npz(context, path, "x", with_targets ? "y" : NULL, dataset);
    if (ends_with(path, ".npy"))
        return talus_dataset_read_npy(context, path, labels, dataset);
    return talus_dataset_read_idx(context, path, labels, dataset);
}

static int is_table(const char *path)
{
    return !is_idx(path) && !ends_with(path, ".npy") && !ends_with(path, ".npz");
}

int read_training(const command_line *line, talus_context *context, const char *path, input_data *data)
{
    talus_table_options options;
    const char *target = text_of(line, "target");
    if (strcmp(path, "-") == 0 && !copy_input(data))
        return 0;
    const char *from = data->path == NULL ? path : data->path;
    if (!is_table(from)) {
        if (target != NULL)
            return fprintf(stderr, "talus: --target is for tables; arrays have --labels FILE\n"), 0;
        return read_array(line, context, from, 1, &data->dataset) == TALUS_OK || (report_failure(context), 0);
    }
    if (!table_options(line, context, &options))
        return 0;
    options.targets = target == NULL ? "-1" : target;
    options.ignore = text_of(line, "ignore");
    options.categories = text_of(line, "categories");
    options.weights = text_of(line, "weights");
    if (!is_given(line, "missing"))
        options.missing = TALUS_MISSING_MEAN;
    return talus_dataset_read_table(context, from, &options, &data->dataset, &data->columns) == TALUS_OK ||
           (report_failure(context), 0);
}

int read_further(const command_line *line, talus_context *context, const char *path,
                 const talus_columns *columns, int with_targets, input_data *data)
{
    talus_table_options options;
    if (strcmp(path, "-") == 0 && !copy_input(data))
        return 0;
    const char *from = data->path == NULL ? path : data->path;
    if (columns == NULL)
        return read_array(line, context, from, with_targets, &data->dataset) == TALUS_OK ||
               (report_failure(context), 0);
    talus_table_options_defaults(&options);
    options.missing = TALUS_MISSING_MEAN;
    options.optional_targets = !with_targets;
    options.unknown_categories = 1;
    if (!apply_options(line, context, TALUS_STRUCTURE_TABLE, &options))
        return 0;
    return talus_dataset_read_table_as(context, from, columns, &options, &data->dataset) == TALUS_OK ||
           (report_failure(context), 0);
}

void free_data(input_data *data)
{
    talus_dataset_destroy(data->dataset);
    talus_dataset_destroy(data->whole);
    talus_columns_destroy(data->columns);
    if (data->path != NULL)
        unlink(data->path);
    free(data->path);
}

typedef struct notes_reader {
    talus_context *context;
    talus_columns **columns;
    talus_status status;
} notes_reader;

static int take_columns(const char *name, const char *value, void *user)
{
    notes_reader *reader = user;
    if (strcmp(name, "columns") != 0)
        return 0;
    reader->status = talus_columns_from_json(reader->context, value, strlen(value), reader->columns);
    return 1;
}

int read_columns(talus_context *context, const char *model, talus_columns **columns)
{
    notes_reader reader = {context, columns, TALUS_OK};
    char *text = read_notes(context, model);
    if (text == NULL)
        return report_failure(context), 0;
    if (text[0] == '{' && talus_json_each(context, text, take_columns, &reader) != TALUS_OK)
        reader.status = TALUS_ERROR_FORMAT;
    free(text);
    return reader.status == TALUS_OK || (report_failure(context), 0);
}

int64_t class_count(const input_data *data)
{
    talus_matrix targets;
    int64_t count = 0;
    if (data->columns != NULL)
        return talus_columns_classes(data->columns);
    if (talus_dataset_matrices(data->dataset, NULL, &targets) != TALUS_OK || targets.dtype != TALUS_DTYPE_I32)
        return 0;
    for (int64_t i = 0; targets.data != NULL && i < targets.rows; i++) {
        const int64_t label = ((const int32_t *)targets.data)[i * (targets.stride == 0 ? 1 : targets.stride)];
        count = label >= count ? label + 1 : count;
    }
    return count;
}

const char *class_name(const talus_columns *columns, int64_t label, char text[64])
{
    const char *name = columns == NULL ? NULL : talus_columns_class(columns, label);
    if (name != NULL)
        return name;
    snprintf(text, 64, "%lld", (long long)label);
    return text;
}

/* `talus data describe`: a line a column. */
static const char *role_name(int role)
{
    static const char *const names[] = {"input", "target", "weight", "ignored"};
    return names[role];
}

static void describe(const talus_columns *columns)
{
    for (int64_t i = 0; i < talus_columns_count(columns); i++) {
        talus_column column;
        if (talus_columns_get(columns, i, &column) != TALUS_OK)
            continue;
        printf("  %3lld  %-24s %-8s", (long long)i + 1, column.name[0] == '\0' ? "-" : column.name,
               role_name(column.role));
        if (column.kind == TALUS_COLUMN_NUMBER) {
            printf(column.role == TALUS_ROLE_INPUT ? "number, mean %.5g\n" : "number\n", column.mean);
            continue;
        }
        printf("%lld categories:", (long long)column.categories);
        for (int64_t k = 0; k < column.categories && k < 8; k++)
            printf("%s %s", k == 0 ? "" : ",", talus_columns_category(columns, i, k));
        printf(column.categories > 8 ? ", ...\n" : "\n");
    }
}

int run_data(command_line *line)
{
    input_data data = {0};
    if (!check_operands(line, 2, 2, "`describe` and a file with data"))
        return WRONG_USAGE;
    if (strcmp(line->operands[0], "describe") != 0) {
        fprintf(stderr, "talus: data does `describe`, got \"%s\"\n", line->operands[0]);
        return WRONG_USAGE;
    }
    talus_context *context = open_context(line);
    int status = context != NULL && read_training(line, context, line->operands[1], &data) ? DONE : FAILED;
    if (status == DONE) {
        printf("%lld rows give %lld inputs and %lld targets\n",
               (long long)talus_dataset_samples(data.dataset), (long long)talus_dataset_inputs(data.dataset),
               (long long)talus_dataset_targets(data.dataset));
        if (data.columns != NULL) {
            describe(data.columns);
            printf("%s\n", talus_columns_reason(data.columns));
        }
    }
    free_data(&data);
    talus_context_destroy(context);
    return status;
}
