/* Arrays from files, alone and as data sets. */
#include "data/owned_array.h"

#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "data/dataset.h"

/* "name.npy"; NULL of memory that lacks, with a message */
static char *member_of(talus_context *context, const char *name)
{
    size_t bytes = strlen(name) + sizeof ".npy";
    char *member = tl_allocate(context, bytes);
    if (member == NULL)
        (void)tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for the name of an array");
    else
        (void)snprintf(member, bytes, "%s.npy", name);
    return member;
}

static talus_status read_content(const char *path, const char *member, tl_npy_role role, talus_array *array)
{
    tl_content content;
    talus_status status = tl_content_open(array->context, path, member, &content);
    if (status != TALUS_OK)
        return status;
    status = tl_npy_read(&content, role, &array->matrix);
    if (status == TALUS_OK && role != TL_NPY_ARRAY)
        status = tl_check_values(array->context, content.name, &array->matrix);
    tl_content_close(&content);
    return status;
}

/* Arrays ------------------------------------------------------------------------------------------------- */

talus_status tl_array_create(talus_context *context, talus_array **array)
{
    talus_array *made = tl_allocate(context, sizeof *made);
    if (made == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for an array");
    made->context = context;
    *array = made;
    return TALUS_OK;
}

talus_status tl_array_read(talus_context *context, const char *path, const char *name, tl_npy_role role,
                           talus_array **array)
{
    char *member = name == NULL ? NULL : member_of(context, name);
    talus_array *made = NULL;
    talus_status status = name != NULL && member == NULL ? TALUS_ERROR_MEMORY
                                                         : tl_array_create(context, &made);
    if (status == TALUS_OK)
        status = read_content(path, member, role, made);
    tl_release(context, member);
    if (status == TALUS_OK)
        *array = made;
    else
        talus_array_destroy(made);
    return status;
}

talus_status tl_check_given(talus_context *context, int count, const char *const *names,
                            const void *const *given)
{
    for (int i = 0; i < count; i++)
        if (given[i] == NULL)
            return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must not be NULL", names[i]);
    return TALUS_OK;
}

talus_status talus_array_read_npy(talus_context *context, const char *path, talus_array **array)
{
    static const char *const names[] = {"path", "array"};
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    status = tl_check_given(context, 2, names, (const void *[]){path, array});
    return tl_call_end(&call,
                       status == TALUS_OK ? tl_array_read(context, path, NULL, TL_NPY_ARRAY, array) : status);
}

talus_status talus_array_read_npz(talus_context *context, const char *path, const char *name,
                                  talus_array **array)
{
    static const char *const names[] = {"path", "name", "array"};
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    status = tl_check_given(context, 3, names, (const void *[]){path, name, array});
    return tl_call_end(&call,
                       status == TALUS_OK ? tl_array_read(context, path, name, TL_NPY_ARRAY, array) : status);
}

talus_status talus_array_matrix(const talus_array *array, talus_matrix *matrix)
{
    if (array == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (matrix == NULL)
        return tl_fail(array->context, TALUS_ERROR_ARGUMENT, "matrix must not be NULL");
    *matrix = array->matrix;
    return TALUS_OK;
}

void talus_array_destroy(talus_array *array)
{
    if (array == NULL)
        return;
    if (array->mapping.bytes == NULL)
        tl_release(array->context, array->matrix.data);
    tl_unmap(&array->mapping);
    tl_release(array->context, array);
}

/* Data sets ---------------------------------------------------------------------------------------------- */

/* The files and the names of inputs and targets; there are no targets without a path. */
typedef struct pair {
    const char *paths[2], *names[2];
} pair;

static talus_status make_dataset(talus_context *context, talus_array *inputs, talus_array *targets,
                                 talus_dataset **dataset)
{
    if (targets != NULL && targets->matrix.rows != inputs->matrix.rows)
        return tl_fail(context, TALUS_ERROR_FORMAT, "the inputs have %lld rows, the targets have %lld",
                       (long long)inputs->matrix.rows, (long long)targets->matrix.rows);
    return tl_dataset_create(context, &inputs->matrix, targets == NULL ? NULL : &targets->matrix, dataset);
}

talus_status tl_dataset_of_arrays(talus_context *context, talus_status status, talus_array *inputs,
                                  talus_array *targets, talus_dataset **dataset)
{
    if (status == TALUS_OK)
        status = make_dataset(context, inputs, targets, dataset);
    if (status == TALUS_OK) {
        (*dataset)->owned_arrays[0] = inputs;
        (*dataset)->owned_arrays[1] = targets;
    } else {
        talus_array_destroy(inputs);
        talus_array_destroy(targets);
    }
    return status;
}

static talus_status read_pair(talus_context *context, const pair *from, talus_dataset **dataset)
{
    talus_array *inputs = NULL, *targets = NULL;
    talus_status status = tl_array_read(context, from->paths[0], from->names[0], TL_NPY_INPUTS, &inputs);
    if (status == TALUS_OK && from->paths[1] != NULL)
        status = tl_array_read(context, from->paths[1], from->names[1], TL_NPY_TARGETS, &targets);
    return tl_dataset_of_arrays(context, status, inputs, targets, dataset);
}

talus_status talus_dataset_read_npy(talus_context *context, const char *inputs_path, const char *targets_path,
                                    talus_dataset **dataset)
{
    static const char *const names[] = {"inputs_path", "dataset"};
    pair from = {{inputs_path, targets_path}, {NULL, NULL}};
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    status = tl_check_given(context, 2, names, (const void *[]){inputs_path, dataset});
    return tl_call_end(&call, status == TALUS_OK ? read_pair(context, &from, dataset) : status);
}

talus_status talus_dataset_read_npz(talus_context *context, const char *path, const char *inputs_name,
                                    const char *targets_name, talus_dataset **dataset)
{
    static const char *const names[] = {"path", "dataset"};
    pair from = {{path, targets_name == NULL ? NULL : path},
                 {inputs_name == NULL ? "x" : inputs_name, targets_name}};
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    status = tl_check_given(context, 2, names, (const void *[]){path, dataset});
    return tl_call_end(&call, status == TALUS_OK ? read_pair(context, &from, dataset) : status);
}
