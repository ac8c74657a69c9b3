/* Tables by the Arrow C data interface. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <talus/arrow.h>

#include "base/call.h"
#include "data/dataset.h"
#include "data/npy_element.h"

/* A column of a table, and where its first row stands in its buffers. */
typedef struct column {
    const char *name;
    const tl_npy_element *element;
    const unsigned char *numbers, *valid; /* valid: a bit a row, 1 for a value that is there; NULL: all are */
    int64_t first;
    int64_t target; /* its number among the targets; −1: it is an input */
} column;

typedef struct table {
    talus_context *context;
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    const char *const *targets;
    int64_t target_count, column_count;
    column *columns;
    const unsigned char *valid; /* of whole rows; NULL: all are */
    bool missing_targets;
} table;

static talus_status broken(const table *from, const char *what)
{
    return tl_fail(from->context, TALUS_ERROR_FORMAT, "arrow: %s", what);
}

/* The columns -------------------------------------------------------------------------------------------- */

/* The formats of numbers, and what NumPy calls them. */
static const tl_npy_element *element_of(const char *format)
{
    static const struct {
        char format, kind;
        int size;
    } known[] = {{'c', 'i', 1}, {'C', 'u', 1}, {'s', 'i', 2}, {'S', 'u', 2}, {'i', 'i', 4}, {'I', 'u', 4},
                 {'l', 'i', 8}, {'L', 'u', 8}, {'e', 'f', 2}, {'f', 'f', 4}, {'g', 'f', 8}};
    for (size_t i = 0; format[0] != '\0' && format[1] == '\0' && i < sizeof known / sizeof *known; i++)
        if (known[i].format == format[0])
            return tl_npy_element_find(known[i].kind, known[i].size);
    return NULL;
}

static bool sum_fits(int64_t a, int64_t b)
{
    return a >= 0 && b >= 0 && a <= INT64_MAX - b;
}

static talus_status take_column(const table *from, int64_t j)
{
    const struct ArrowSchema *schema = from->schema->children[j];
    const struct ArrowArray *array = from->array->children[j];
    column *taken = &from->columns[j];
    if (schema == NULL || array == NULL || schema->format == NULL)
        return broken(from, "a column must not be NULL");
    *taken = (column){.name = schema->name == NULL ? "" : schema->name,
                      .element = element_of(schema->format),
                      .target = -1};
    if (taken->element == NULL || schema->dictionary != NULL)
        return tl_fail(
            from->context, TALUS_ERROR_UNSUPPORTED,
            "arrow: column \"%.60s\" must hold numbers (format c, C, s, S, i, I, l, L, e, f or g), got "
            "\"%.20s\"%s",
            taken->name, schema->format, schema->dictionary != NULL ? " in a dictionary" : "");
    if (array->n_buffers != 2 || array->buffers == NULL || array->n_children != 0)
        return broken(from, "a column of numbers must have 2 buffers and no children");
    if (!sum_fits(from->array->offset, from->array->length) || !sum_fits(array->offset, array->length) ||
        array->length < from->array->offset + from->array->length)
        return broken(from, "a column must have as many rows as the table");
    if (array->buffers[1] == NULL)
        return broken(from, "the numbers of a column must not be NULL");
    taken->first = array->offset + from->array->offset;
    taken->numbers = array->buffers[1];
    taken->valid = array->null_count == 0 ? NULL : array->buffers[0];
    return TALUS_OK;
}

static talus_status check_table(table *from)
{
    const struct ArrowSchema *schema = from->schema;
    const struct ArrowArray *array = from->array;
    if (schema->format == NULL || strcmp(schema->format, "+s") != 0)
        return tl_fail(from->context, TALUS_ERROR_UNSUPPORTED,
                       "arrow: the array must be one of structs (format +s), got \"%.20s\"",
                       schema->format == NULL ? "NULL" : schema->format);
    if (schema->n_children != array->n_children || array->n_children < 0)
        return broken(from, "schema and array must have equally many columns");
    if (array->n_children > 0 && (schema->children == NULL || array->children == NULL))
        return broken(from, "the columns must not be NULL");
    if (array->n_buffers != 1 || array->buffers == NULL)
        return broken(from, "an array of structs must have 1 buffer");
    if (array->length < 1)
        return tl_fail(from->context, TALUS_ERROR_SHAPE,
                       "arrow: the table must have at least 1 row, got %lld", (long long)array->length);
    from->valid = array->null_count == 0 ? NULL : array->buffers[0];
    return TALUS_OK;
}

static talus_status take_columns(table *from)
{
    int64_t bytes;
    talus_status status = check_table(from);
    if (status != TALUS_OK)
        return status;
    from->column_count = from->array->n_children;
    if (tl_multiply(from->column_count, (int64_t)sizeof *from->columns, &bytes))
        from->columns = tl_allocate(from->context, (size_t)bytes);
    if (from->columns == NULL)
        return tl_fail(from->context, TALUS_ERROR_MEMORY,
                       "there is no memory for the %lld columns of a table", (long long)from->column_count);
    for (int64_t j = 0; status == TALUS_OK && j < from->column_count; j++)
        status = take_column(from, j);
    return status;
}

static talus_status find_target(const table *from, int64_t t)
{
    int64_t found = 0;
    if (from->targets[t] == NULL)
        return tl_fail(from->context, TALUS_ERROR_ARGUMENT, "arrow: targets[%lld] must not be NULL",
                       (long long)t);
    for (int64_t j = 0; j < from->column_count; j++)
        if (strcmp(from->columns[j].name, from->targets[t]) == 0 && from->columns[j].target < 0) {
            from->columns[j].target = t;
            found++;
        }
    return found == 1 ? TALUS_OK
                      : tl_fail(from->context, TALUS_ERROR_ARGUMENT,
                                "arrow: targets must each name one column, once; \"%.60s\" names %lld",
                                from->targets[t], (long long)found);
}

/* The numbers -------------------------------------------------------------------------------------------- */

static bool is_there(const unsigned char *valid, int64_t i)
{
    return valid == NULL || (valid[i / 8] >> i % 8 & 1) != 0;
}

static bool has_value(const table *from, const column *of, int64_t row)
{
    return is_there(of->valid, of->first + row) && is_there(from->valid, from->array->offset + row);
}

/* The number of a row; NaN if it is missing. */
static double number_at(const table *from, const column *of, int64_t row)
{
    const uint16_t one = 1;
    unsigned char low;
    memcpy(&low, &one, 1);
    return has_value(from, of, row)
               ? tl_npy_number(of->element, low == 0, of->numbers + (of->first + row) * of->element->size)
               : NAN;
}

static talus_status refuse(const table *from, const column *of, int64_t row, const char *wanted)
{
    const double number = number_at(from, of, row);
    char got[40] = "a missing value";
    if (has_value(from, of, row))
        (void)snprintf(got, sizeof got, "%g", number);
    return tl_fail(from->context, TALUS_ERROR_DATA,
                   "arrow: column \"%.60s\", row %lld (counted from 0) must be %s, got %s", of->name,
                   (long long)row, wanted, got);
}

/* Copies a column into a column of a matrix. */
static talus_status copy_column(const table *from, const column *of, const talus_matrix *to, int64_t col)
{
    const bool may_miss = from->missing_targets && of->target >= 0;
    for (int64_t i = 0; i < to->rows; i++) {
        double number = number_at(from, of, i);
        const int64_t at = i * to->stride + col;
        if (to->dtype == TALUS_DTYPE_I32) {
            if (!(number >= 0 && number <= INT32_MAX))
                return refuse(from, of, i, "a label of 0 … 2147483647");
            ((int32_t *)to->data)[at] = (int32_t)number;
            continue;
        }
        if (!isfinite(number) && !(isnan(number) && may_miss))
            return refuse(from, of, i, "a finite number");
        if (to->dtype == TALUS_DTYPE_F32)
            ((float *)to->data)[at] = (float)number;
        else
            ((double *)to->data)[at] = number;
    }
    return TALUS_OK;
}

/* What the inputs, or the targets, become. */
static talus_matrix shape_of(const table *from, bool targets)
{
    talus_matrix shape = talus_matrix_view(NULL, TALUS_DTYPE_F32, from->array->length, 0);
    bool counts = false;
    for (int64_t j = 0; j < from->column_count; j++)
        if ((from->columns[j].target >= 0) == targets) {
            const tl_npy_element *element = from->columns[j].element;
            shape.cols++;
            counts = tl_npy_element_counts(element);
            if (element->as_value == TALUS_DTYPE_F64)
                shape.dtype = TALUS_DTYPE_F64;
        }
    if (targets && shape.cols == 1 && counts)
        shape.dtype = TALUS_DTYPE_I32;
    shape.stride = shape.cols;
    return shape;
}

static talus_status copy_part(const table *from, bool targets, talus_matrix *part)
{
    int64_t count, bytes, input = 0;
    *part = shape_of(from, targets);
    if (tl_multiply(part->rows, part->cols, &count) &&
        tl_multiply(count, (int64_t)tl_dtype_size(part->dtype), &bytes))
        part->data = tl_allocate(from->context, (size_t)bytes);
    if (part->data == NULL)
        return tl_fail(from->context, TALUS_ERROR_MEMORY, "there is no memory for the %lld rows of a table",
                       (long long)part->rows);
    talus_status status = TALUS_OK;
    for (int64_t j = 0; status == TALUS_OK && j < from->column_count; j++) {
        const column *of = &from->columns[j];
        if ((of->target >= 0) == targets)
            status = copy_column(from, of, part, targets ? of->target : input++);
    }
    return status;
}

/* The call ----------------------------------------------------------------------------------------------- */

static talus_status copy_table(const table *from, talus_dataset **dataset)
{
    talus_matrix inputs = {.data = NULL}, targets = {.data = NULL};
    if (from->target_count == from->column_count)
        return tl_fail(from->context, TALUS_ERROR_SHAPE, "arrow: no column is left for the inputs");
    talus_status status = copy_part(from, false, &inputs);
    if (status == TALUS_OK && from->target_count > 0)
        status = copy_part(from, true, &targets);
    if (status == TALUS_OK)
        status = tl_dataset_create(from->context, &inputs, &targets, dataset);
    if (status == TALUS_OK) {
        (*dataset)->owned_inputs = inputs.data;
        (*dataset)->owned_targets = targets.data;
    } else {
        tl_release(from->context, inputs.data);
        tl_release(from->context, targets.data);
    }
    return status;
}

static talus_status check_arguments(const table *from, int missing_targets, talus_dataset *const *dataset)
{
    if (from->schema == NULL || from->array == NULL || dataset == NULL)
        return tl_fail(from->context, TALUS_ERROR_ARGUMENT, "arrow: %s must not be NULL",
                       from->schema == NULL  ? "schema"
                       : from->array == NULL ? "array"
                                             : "dataset");
    if (from->schema->release == NULL || from->array->release == NULL)
        return tl_fail(from->context, TALUS_ERROR_ARGUMENT, "arrow: %s must not be released already",
                       from->schema->release == NULL ? "schema" : "array");
    if (from->target_count < 0 || (from->target_count > 0) != (from->targets != NULL))
        return tl_fail(from->context, TALUS_ERROR_ARGUMENT,
                       "arrow: target_count must be at least 1 with targets and 0 without, got %lld",
                       (long long)from->target_count);
    if (missing_targets != 0 && missing_targets != 1)
        return tl_fail(from->context, TALUS_ERROR_ARGUMENT, "arrow: missing_targets must be 0 or 1, got %d",
                       missing_targets);
    return TALUS_OK;
}

static talus_status read_table(table *from, int missing_targets, talus_dataset **dataset)
{
    talus_status status = check_arguments(from, missing_targets, dataset);
    from->missing_targets = missing_targets;
    if (status == TALUS_OK)
        status = take_columns(from);
    for (int64_t t = 0; status == TALUS_OK && t < from->target_count; t++)
        status = find_target(from, t);
    if (status == TALUS_OK)
        status = copy_table(from, dataset);
    tl_release(from->context, from->columns);
    return status;
}

static void release(talus_context *context, struct ArrowSchema *schema, struct ArrowArray *array)
{
    tl_call *call = tl_callback_begin(context, TL_CALLBACK_CLOSED);
    if (array != NULL && array->release != NULL)
        array->release(array);
    if (schema != NULL && schema->release != NULL)
        schema->release(schema);
    tl_callback_end(call);
}

talus_status talus_dataset_from_arrow(talus_context *context, struct ArrowSchema *schema,
                                      struct ArrowArray *array, const char *const *targets,
                                      int64_t target_count, int missing_targets, talus_dataset **dataset)
{
    table from = {.context = context,
                  .schema = schema,
                  .array = array,
                  .targets = targets,
                  .target_count = target_count};
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    status = read_table(&from, missing_targets, dataset);
    release(context, schema, array);
    return tl_call_end(&call, status);
}
