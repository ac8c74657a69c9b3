/* Tables and arrays in files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/file_work.h"
#include "limits/plain_file.h"
#include "measure/stats.h"

/* 8 MB of text or so, and 64 MB of floats, which no cache holds. */
enum { TABLE_ROWS = 20000, TABLE_COLS = 50, ARRAY_ROWS = 32000, ARRAY_COLS = 500, QUICK_ROWS = 100 };

static size_t number_bytes(const talus_matrix *matrix)
{
    return matrix->dtype == TALUS_DTYPE_F64 ? sizeof(double) : sizeof(float);
}

static bool make_matrix(bench_file_work *work, int dtype, int64_t rows, int64_t cols)
{
    work->matrix = talus_matrix_view(NULL, dtype, work->options->quick ? QUICK_ROWS : rows, cols);
    work->matrix.data = malloc((size_t)(work->matrix.rows * cols) * number_bytes(&work->matrix));
    return work->matrix.data != NULL;
}

/* Whether a matrix is the one that was written, bit for bit. */
static bool is_same(const bench_file_work *work, const talus_matrix *read)
{
    const talus_matrix *made = &work->matrix;
    return read->dtype == made->dtype && read->rows == made->rows && read->cols == made->cols &&
           read->stride == made->cols &&
           memcmp(read->data, made->data, (size_t)(made->rows * made->cols) * number_bytes(made)) == 0;
}

/* The same of the inputs of a data set, if the work checks; the data set is destroyed. */
static bool take(const bench_file_work *work, talus_dataset *dataset)
{
    talus_matrix read;
    bool good = !work->checks || (!talus_dataset_matrices(dataset, &read, NULL) && is_same(work, &read));
    talus_dataset_destroy(dataset);
    return good;
}

/* Tables -------------------------------------------------------------------------------------------------- */

/* A number between −100 and 100 as work->kind->of prints it; or a byte. */
static void print_number(const char *format, uint64_t *state, char text[40])
{
    const double number = 100 * bench_uniform(state) + 1e-8 * bench_uniform(state);
    if (format[0] == '%')
        snprintf(text, 40, format, number);
    else
        snprintf(text, 40, "%d", (int)(bench_random(state) >> 56));
}

bool bench_table_make(bench_file_work *work)
{
    FILE *file = fopen(work->path, "w");
    uint64_t state = work->options->seed;
    char text[40];
    bool good = file && make_matrix(work, TALUS_DTYPE_F64, TABLE_ROWS, TABLE_COLS);
    for (int64_t i = 0; good && i < work->matrix.rows * TABLE_COLS; i++) {
        print_number(work->kind->of, &state, text);
        ((double *)work->matrix.data)[i] = strtod(text, NULL);
        good = fprintf(file, "%s%c", text, i % TABLE_COLS == TABLE_COLS - 1 ? '\n' : ',') > 0;
    }
    return file && fclose(file) == 0 && good && bench_file_work_load(work);
}

bool bench_table_read(bench_file_work *work)
{
    talus_dataset *dataset;
    return !talus_dataset_read_table(work->context, work->path, NULL, &dataset, NULL) && take(work, dataset);
}

static int count_text(const char *text, size_t length, void *user)
{
    (void)text;
    *(int64_t *)user += (int64_t)length;
    return 0;
}

bool bench_table_format(bench_file_work *work)
{
    int64_t length = 0;
    return !talus_matrix_format_csv(work->context, &work->matrix, NULL, count_text, &length) &&
           length == work->size;
}

bool bench_table_write(bench_file_work *work)
{
    return !talus_matrix_write_csv(work->context, &work->matrix, NULL, work->path);
}

bool bench_table_make_written(bench_file_work *work)
{
    work->checks = true;
    return bench_table_make(work) && bench_table_write(work) && bench_table_read(work) &&
           bench_file_work_load(work);
}

/* Arrays -------------------------------------------------------------------------------------------------- */

bool bench_npy_make(bench_file_work *work)
{
    uint64_t state = work->options->seed;
    if (!make_matrix(work, TALUS_DTYPE_F32, ARRAY_ROWS, ARRAY_COLS))
        return false;
    for (int64_t i = 0; i < work->matrix.rows * ARRAY_COLS; i++)
        ((float *)work->matrix.data)[i] = (float)bench_uniform(&state);
    return !talus_array_write_npy(work->context, &work->matrix, work->path) && bench_file_work_load(work);
}

bool bench_npy_read(bench_file_work *work)
{
    talus_array *array;
    talus_matrix read;
    if (talus_array_read_npy(work->context, work->path, &array))
        return false;
    bool good = !work->checks || (!talus_array_matrix(array, &read) && is_same(work, &read));
    talus_array_destroy(array);
    return good;
}

bool bench_npy_read_dataset(bench_file_work *work)
{
    talus_dataset *dataset;
    return !talus_dataset_read_npy(work->context, work->path, NULL, &dataset) && take(work, dataset);
}

bool bench_npy_map_dataset(bench_file_work *work)
{
    talus_dataset *dataset;
    return !talus_dataset_map_npy(work->context, work->path, NULL, &dataset) && take(work, dataset);
}

/* IDX ----------------------------------------------------------------------------------------------------- */

/* The file is one that is there. */
bool bench_idx_make(bench_file_work *work)
{
    work->size = bench_plain_size(work->options->idx);
    return work->size > 0;
}

/* Bytes stand unpacked at the end of what zcat gives. */
static bool ends_unpacked(bench_file_work *work, const talus_matrix *read)
{
    const int64_t count = read->rows * read->cols;
    if (read->dtype != TALUS_DTYPE_U8 || !bench_plain_zcat(work->options->idx, work->path) ||
        !bench_file_work_load(work))
        return false;
    return work->size > count && memcmp(work->bytes + work->size - count, read->data, (size_t)count) == 0;
}

bool bench_idx_read(bench_file_work *work)
{
    talus_dataset *dataset;
    talus_matrix read;
    if (talus_dataset_read_idx(work->context, work->options->idx, NULL, &dataset))
        return false;
    bool good = !work->checks ||
                (!talus_dataset_matrices(dataset, &read, NULL) && ends_unpacked(work, &read));
    talus_dataset_destroy(dataset);
    return good;
}
