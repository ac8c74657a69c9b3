#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "table_support.h"

#include <unistd.h>

char folder[64], path[96];
talus_table_options options;
talus_dataset *data;
talus_columns *columns;

static void begin(void)
{
    begin_counted();
    strcpy(folder, "/tmp/talus-test-table-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/data.csv", folder);
    talus_table_options_defaults(&options);
}

static void forget(void)
{
    talus_dataset_destroy(data);
    talus_columns_destroy(columns);
    data = NULL, columns = NULL;
}

void nothing_is_left(void)
{
    forget();
    no_memory_is_left();
    no_descriptor_is_left();
}

static void end(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
    nothing_is_left();
    end_counted();
}

void write_bytes(const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    ck_assert_int_eq(fclose(file), 0);
}

talus_status read_text(const char *text)
{
    forget();
    write_bytes(text, strlen(text));
    return talus_dataset_read_table(context, path, &options, &data, &columns);
}

void reads(const char *text)
{
    expect_ok(context, read_text(text));
}

void refuses(const char *text, talus_status status, const char *message)
{
    expect_status(context, status, read_text(text));
    ck_assert(data == NULL && columns == NULL);
    expect_message(context, message);
    nothing_is_left();
}

talus_status read_text_as(const char *text)
{
    talus_dataset_destroy(data);
    data = NULL;
    write_bytes(text, strlen(text));
    return talus_dataset_read_table_as(context, path, columns, &options, &data);
}

static talus_matrix inputs_of(void)
{
    talus_matrix inputs;
    expect_ok(context, talus_dataset_matrices(data, &inputs, NULL));
    return inputs;
}

static talus_matrix targets_of(void)
{
    talus_matrix targets;
    expect_ok(context, talus_dataset_matrices(data, NULL, &targets));
    return targets;
}

void has_inputs(int64_t rows, int64_t cols, const double *inputs)
{
    talus_matrix got = inputs_of();
    ck_assert_int_eq(got.dtype, TALUS_DTYPE_F64);
    ck_assert_int_eq(got.rows, rows);
    ck_assert_int_eq(got.cols, cols);
    for (int64_t i = 0; i < rows * cols; i++)
        ck_assert_msg(((double *)got.data)[i] == inputs[i], "row %d, column %d: %.17g, not %.17g",
                      (int)(i / cols), (int)(i % cols), ((double *)got.data)[i], inputs[i]);
}

void has_values(int64_t cols, const double *values)
{
    talus_matrix got = targets_of();
    ck_assert_int_eq(talus_dataset_targets(data), values == NULL ? 0 : cols);
    if (values == NULL)
        return;
    ck_assert_int_eq(got.dtype, TALUS_DTYPE_F64);
    ck_assert_int_eq(got.rows, talus_dataset_samples(data));
    for (int64_t i = 0; i < got.rows * cols; i++)
        ck_assert_double_eq(((double *)got.data)[i], values[i]);
}

void has_labels(const int32_t *labels)
{
    talus_matrix got = targets_of();
    ck_assert_int_eq(got.dtype, TALUS_DTYPE_I32);
    ck_assert_int_eq(got.cols, 1);
    ck_assert_int_eq(got.rows, talus_dataset_samples(data));
    ck_assert_int_eq(talus_columns_task(columns), TALUS_TABLE_TASK_CLASSIFICATION);
    for (int64_t i = 0; i < got.rows; i++)
        ck_assert_int_eq(((int32_t *)got.data)[i], labels[i]);
}

int run_table_tests(const char *name, const TTest *const tests[], size_t count)
{
    Suite *suite = suite_create(name);
    TCase *all = case_with(suite, begin, end);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(all, tests[i]);
    return run_suite(suite);
}
