#include "fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

counting_allocator book;
talus_context *context;
static int64_t live_at_start;
static int descriptor_at_start;

static int lowest_free_descriptor(void)
{
    int descriptor = open("/dev/null", O_RDONLY);
    close(descriptor);
    return descriptor;
}

void begin_counted(void)
{
    descriptor_at_start = lowest_free_descriptor();
    book = (counting_allocator){0};
    context = context_with(2, &book);
    live_at_start = book.alive;
    book.largest = 0;
}

void no_memory_is_left(void)
{
    ck_assert_int_eq(book.alive, live_at_start);
}

void no_descriptor_is_left(void)
{
    ck_assert_int_eq(lowest_free_descriptor(), descriptor_at_start);
}

void end_counted(void)
{
    no_memory_is_left();
    talus_context_destroy(context);
    ck_assert_int_eq(book.alive, 0);
}

void begin_with_folder(char *folder)
{
    begin_counted();
    strcpy(folder, "/tmp/talus-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

void end_with_folder(const char *folder, const char *file)
{
    unlink(file);
    ck_assert_int_eq(rmdir(folder), 0);
    end_counted();
}

talus_dataset *dataset_of(const talus_matrix *inputs, const talus_matrix *targets)
{
    talus_dataset *dataset = NULL;
    expect_ok(context, talus_dataset_from_matrices(context, inputs, targets, &dataset));
    return dataset;
}

talus_dataset *rows_of(const talus_dataset *whole, const int64_t *rows, int64_t count)
{
    talus_dataset *part = NULL;
    expect_ok(context, talus_dataset_rows(whole, rows, count, &part));
    return part;
}

talus_dataset *slice_of(const talus_dataset *whole, int64_t first, int64_t count)
{
    talus_dataset *part = NULL;
    expect_ok(context, talus_dataset_slice(whole, first, count, &part));
    return part;
}

talus_dataset *numbered(int64_t n, const talus_matrix *targets)
{
    static float numbers[1000];
    ck_assert_int_le(n, 1000);
    for (int i = 0; i < 1000; i++)
        numbers[i] = (float)i;
    talus_matrix inputs = talus_matrix_view(numbers, TALUS_DTYPE_F32, n, 1);
    return dataset_of(&inputs, targets);
}

int64_t number_at(const talus_dataset *part, int64_t sample)
{
    talus_matrix x;
    expect_ok(context, talus_dataset_matrices(part, &x, NULL));
    int64_t row = talus_dataset_row(part, sample);
    ck_assert(row >= 0 && row < x.rows);
    return (int64_t)((const float *)x.data)[row * x.stride];
}

talus_network *two_layers(int precision, int64_t inputs, int64_t hidden, int64_t outputs, int last)
{
    talus_layer layers[] = {{.width = hidden, .activation = TALUS_TANH},
                            {.width = outputs, .activation = last}};
    talus_network_spec spec = {.inputs = inputs,
                               .layers = layers,
                               .layer_count = 2,
                               .loss = last == TALUS_SOFTMAX ? TALUS_CROSS_ENTROPY : TALUS_SQUARED_ERROR,
                               .precision = precision,
                               .seed = 4};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

talus_workspace *workspace_of(const talus_network *network, int64_t max_batch)
{
    talus_workspace *workspace = NULL;
    expect_ok(context, talus_workspace_create(context, network, max_batch, &workspace));
    return workspace;
}

void same_bytes(const void *a, const void *b, size_t bytes)
{
    ck_assert(bytes == 0 || memcmp(a, b, bytes) == 0); /* both may be NULL then */
}

void same_parameters(talus_network *a, talus_network *b)
{
    talus_matrix of_a, of_b;
    expect_ok(context, talus_network_parameters(a, &of_a));
    expect_ok(context, talus_network_parameters(b, &of_b));
    same_bytes(of_a.data, of_b.data,
               (size_t)of_a.cols * (of_a.dtype == TALUS_DTYPE_F32 ? sizeof(float) : sizeof(double)));
}
