#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "data.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "config.h"
#include "format.h"
#include "labels.h"

/* A file without a name, which is gone when the process is. */
static FILE *make_nameless(const char *directory)
{
    char path[4096];
    const int length = snprintf(path, sizeof path, "%s/talus-input-XXXXXX", directory);
    const int descriptor = length < (int)sizeof path ? mkstemp(path) : -1;
    if (descriptor >= 0)
        unlink(path);
    return descriptor < 0 ? NULL : fdopen(descriptor, "wb");
}

/* Copies standard input to a file, since readers may go over a file twice. */
static int copy_input(input_data *data)
{
    const char *asked = getenv("TMPDIR"), *directory = asked == NULL ? "/tmp" : asked;
    char bytes[65536];
    size_t got;
    data->copy = make_nameless(directory);
    while (data->copy != NULL && (got = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        fwrite(bytes, 1, got, data->copy);
    if (data->copy == NULL || fflush(data->copy) != 0 || ferror(data->copy) || ferror(stdin)) {
        fprintf(stderr, "talus: standard input cannot be kept in \"%s\": %s\n", directory, strerror(errno));
        return 0;
    }
    snprintf(data->path, sizeof data->path, "/dev/fd/%d", fileno(data->copy));
    return 1;
}

/* Where the bytes are. */
static const char *path_of(const input_data *data, const char *path)
{
    return data->copy == NULL ? path : data->path;
}

/* What the data are, after their bytes are where they can be read twice; −1 after a message. */
static int find_format(command_line *line, const char *path, input_data *data)
{
    const char *asked = text_of(line, "format");
    const int format = asked == NULL ? 0 : format_value(asked);
    if (format < 0) {
        fprintf(stderr, "talus: --format must be table, idx, npy, npz or libsvm, got \"%s\"\n", asked);
        line->wrong = 1;
        return -1;
    }
    if (strcmp(path, "-") == 0 && !copy_input(data))
        return -1;
    return asked != NULL ? format : format_of(path, path_of(data, path));
}

/* Options that data of a format do not have are refused. */
static int check_format_options(command_line *line, const char *path, int format)
{
    static const char *const own[] = {"target", "ignore", "categories", "weights"};
    const char *refused = NULL;
    for (int i = 0; format != FORMAT_TABLE && i < option_count; i++)
        if (option_rows[i].structure == TALUS_STRUCTURE_TABLE && line->values[i] != NULL &&
            !(format == FORMAT_LIBSVM && strcmp(option_rows[i].name, "task") == 0))
            refused = option_rows[i].name;
    for (size_t i = 0; format != FORMAT_TABLE && i < sizeof own / sizeof *own; i++)
        refused = is_given(line, own[i]) ? own[i] : refused;
    if (refused != NULL)
        fprintf(stderr, "talus: --%s is for tables, and \"%s\" is taken for %s\n", refused, path,
                format_name(format));
    else if (is_given(line, "labels") && format != FORMAT_IDX && format != FORMAT_NPY)
        fprintf(stderr, "talus: --labels is for inputs in idx or npy, and \"%s\" is taken for %s\n", path,
                format_name(format));
    else
        return 1;
    line->wrong = 1;
    return 0;
}

/* Reads a file that is no table, of so many inputs, 0 for as many as there are. */
static talus_status read_array(talus_context *context, const char *path, int format, const data_shape *like,
                               talus_dataset **dataset)
{
    if (format == FORMAT_NPZ)
        return talus_dataset_read_npz(context, path, "x", like->with_targets ? "y" : NULL, dataset);
    if (format == FORMAT_NPY)
        return talus_dataset_read_npy(context, path, like->labels, dataset);
    if (format == FORMAT_IDX)
        return talus_dataset_read_idx(context, path, like->labels, dataset);
    return talus_dataset_read_libsvm(context, path, like->inputs, like->with_targets && like->classes, 0,
                                     dataset);
}

/* Reads labels as values, and once more if they are classes. */
static int read_libsvm(talus_context *context, const char *path, int task, input_data *data)
{
    data_shape like = {.with_targets = 1};
    talus_matrix labels;
    if (read_array(context, path, FORMAT_LIBSVM, &like, &data->dataset) != TALUS_OK ||
        talus_dataset_matrices(data->dataset, NULL, &labels) != TALUS_OK)
        return report_failure(context), 0;
    like.classes = are_classes(&labels, task, data->reason, sizeof data->reason);
    if (!like.classes)
        return 1;
    talus_dataset_destroy(data->dataset);
    data->dataset = NULL;
    return read_array(context, path, FORMAT_LIBSVM, &like, &data->dataset) == TALUS_OK ||
           (report_failure(context), 0);
}

static int read_table(command_line *line, talus_context *context, const char *path,
                      talus_table_options *options, input_data *data)
{
    const char *target = text_of(line, "target");
    options->targets = target == NULL ? "-1" : target;
    options->ignore = text_of(line, "ignore");
    options->categories = text_of(line, "categories");
    options->weights = text_of(line, "weights");
    if (!is_given(line, "missing"))
        options->missing = TALUS_MISSING_MEAN;
    if (talus_dataset_read_table(context, path, options, &data->dataset, &data->columns) != TALUS_OK)
        return report_failure(context), 0;
    snprintf(data->reason, sizeof data->reason, "%s", talus_columns_reason(data->columns));
    options->task = talus_columns_task(data->columns);
    return use_options(line, context, TALUS_STRUCTURE_TABLE, options) &&
           use_text(line, "target", options->targets);
}

/* The copy of standard input has been read, or could not be. */
static int remove_copy(input_data *data, int result)
{
    if (data->copy != NULL)
        fclose(data->copy);
    data->copy = NULL;
    return result;
}

static int read_to_learn(command_line *line, talus_context *context, const char *path, input_data *data)
{
    talus_table_options options;
    const data_shape like = {.with_targets = 1, .labels = text_of(line, "labels")};
    const int format = data->format = find_format(line, path, data);
    talus_table_options_defaults(&options);
    if (format < 0 || !check_format_options(line, path, format) ||
        !apply_options(line, context, TALUS_STRUCTURE_TABLE, &options))
        return 0;
    if (format == FORMAT_TABLE)
        return read_table(line, context, path_of(data, path), &options, data);
    if (format == FORMAT_LIBSVM)
        return read_libsvm(context, path_of(data, path), options.task, data);
    if (read_array(context, path_of(data, path), format, &like, &data->dataset) != TALUS_OK)
        return report_failure(context), 0;
    const int64_t classes = class_count(data), targets = talus_dataset_targets(data->dataset);
    if (targets == 0 && line->command != FOR_DATA)
        return fprintf(stderr, "talus: \"%s\" has no targets; --labels FILE is for those of idx and npy\n",
                       path),
               0;
    snprintf(data->reason, sizeof data->reason,
             classes > 0   ? "classification: labels of %lld classes"
             : targets > 0 ? "regression of %lld numbers"
                           : "%lld targets",
             (long long)(classes > 0 ? classes : targets));
    return 1;
}

int read_training(command_line *line, talus_context *context, const char *path, input_data *data)
{
    return remove_copy(data, read_to_learn(line, context, path, data));
}

static int read_like(command_line *line, talus_context *context, const char *path, const data_shape *like,
                     input_data *data)
{
    talus_table_options options;
    const int format = data->format = find_format(line, path, data);
    if (format < 0 || (line->command != FOR_TRAIN && !check_format_options(line, path, format)))
        return 0;
    if ((like->columns != NULL) != (format == FORMAT_TABLE)) {
        fprintf(stderr, "talus: the network was trained on %s, and \"%s\" is taken for %s\n",
                like->columns != NULL ? "a table" : "arrays", path, format_name(format));
        return 0;
    }
    if (like->with_targets && like->labels == NULL && (format == FORMAT_IDX || format == FORMAT_NPY))
        return fprintf(stderr, "talus: \"%s\" needs a file of labels: --%s FILE\n", path,
                       line->command == FOR_TRAIN ? "test-labels" : "labels"),
               0;
    if (format != FORMAT_TABLE)
        return read_array(context, path_of(data, path), format, like, &data->dataset) == TALUS_OK ||
               (report_failure(context), 0);
    talus_table_options_defaults(&options);
    options.missing = TALUS_MISSING_MEAN;
    options.optional_targets = !like->with_targets;
    options.unknown_categories = 1;
    if (!apply_options(line, context, TALUS_STRUCTURE_TABLE, &options))
        return 0;
    options.task = TALUS_TABLE_TASK_AUTO; /* which the columns tell */
    return talus_dataset_read_table_as(context, path_of(data, path), like->columns, &options,
                                       &data->dataset) == TALUS_OK ||
           (report_failure(context), 0);
}

int read_further(command_line *line, talus_context *context, const char *path, const data_shape *like,
                 input_data *data)
{
    return remove_copy(data, read_like(line, context, path, like, data));
}

void free_data(input_data *data)
{
    talus_dataset_destroy(data->dataset);
    talus_dataset_destroy(data->whole);
    talus_columns_destroy(data->columns);
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
