#include "stream_support.h"

static void *kept[64];
static int kept_count;

static size_t size_of(int dtype)
{
    static const size_t sizes[] = {
        [TALUS_DTYPE_F32] = 4, [TALUS_DTYPE_F64] = 8, [TALUS_DTYPE_U8] = 1, [TALUS_DTYPE_I32] = 4};
    return sizes[dtype];
}

static void put(const talus_matrix *matrix, int64_t at, double number)
{
    if (matrix->dtype == TALUS_DTYPE_F32)
        ((float *)matrix->data)[at] = (float)number;
    else if (matrix->dtype == TALUS_DTYPE_F64)
        ((double *)matrix->data)[at] = number;
    else if (matrix->dtype == TALUS_DTYPE_U8)
        ((uint8_t *)matrix->data)[at] = (uint8_t)(number * 255);
    else
        ((int32_t *)matrix->data)[at] = (int32_t)(number * OUTPUTS);
}

talus_matrix numbers_of(int dtype, uint64_t seed, int64_t rows, int64_t cols)
{
    number_stream numbers = numbers_from(seed);
    talus_matrix made = talus_matrix_view(malloc((size_t)(rows * cols) * size_of(dtype)), dtype, rows, cols);
    ck_assert(made.data != NULL && kept_count < 64);
    kept[kept_count++] = made.data;
    for (int64_t i = 0; i < rows * cols; i++)
        put(&made, i, (next_number(&numbers) + 1) / 2);
    return made;
}

void free_numbers(void)
{
    while (kept_count > 0)
        free(kept[--kept_count]);
}

static void copy_row(const talus_matrix *from, int64_t row, void *to, int64_t at)
{
    const size_t bytes = (size_t)from->cols * size_of(from->dtype);
    memcpy((char *)to + (size_t)at * bytes, (const char *)from->data + (size_t)row * bytes, bytes);
}

int read_source(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    source *from = user;
    ck_assert((targets != NULL) == (from->y.data != NULL));
    for (int64_t i = 0; i < count; i++) {
        ck_assert(rows[i] >= 0 && rows[i] < from->x.rows);
        copy_row(&from->x, rows[i], inputs, i);
        if (targets != NULL)
            copy_row(&from->y, rows[i], targets, i);
    }
    if (count <= 4 * N)
        memcpy(from->rows, rows, (size_t)count * sizeof *rows);
    from->samples += count;
    from->most = count > from->most ? count : from->most;
    return ++from->calls == from->fail_at ? 7 : 0;
}

source source_of(int inputs, int targets, uint64_t seed, int64_t samples)
{
    return (source){
        .x = numbers_of(inputs, seed, samples, INPUTS),
        .y = numbers_of(targets, seed + 1, samples, targets == TALUS_DTYPE_I32 ? 1 : OUTPUTS),
    };
}

talus_stream stream_from(source *from)
{
    return (talus_stream){.samples = from->x.rows,
                          .inputs = from->x.cols,
                          .input_dtype = from->x.dtype,
                          .target_dtype = from->y.data == NULL ? 0 : from->y.dtype,
                          .targets = from->y.data == NULL ? 0 : from->y.cols,
                          .read = read_source,
                          .user = from};
}

talus_dataset *matrices_of(const source *from)
{
    return dataset_of(&from->x, from->y.data == NULL ? NULL : &from->y);
}

talus_dataset *stream_of(source *from, bool resident)
{
    talus_dataset *dataset = NULL;
    talus_matrix y = from->y;
    if (resident)
        from->y.data = NULL;
    talus_stream stream = stream_from(from);
    stream.resident = resident ? &y : NULL;
    expect_ok(context, talus_dataset_from_stream(context, &stream, &dataset));
    return dataset;
}

talus_network *network_for(int precision, int targets)
{
    return two_layers(precision, INPUTS, 7, OUTPUTS,
                      targets == TALUS_DTYPE_I32 ? TALUS_SOFTMAX : TALUS_IDENTITY);
}
