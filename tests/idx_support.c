#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "idx_support.h"

#include <fcntl.h>
#include <unistd.h>

#ifdef TL_HAVE_ZLIB
#include <zlib.h>
#endif

char folder[64], inputs_path[96], labels_path[96];

static void begin(void)
{
    begin_counted();
    strcpy(folder, "/tmp/talus-test-idx-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(inputs_path, sizeof inputs_path, "%s/inputs.idx", folder);
    snprintf(labels_path, sizeof labels_path, "%s/labels.idx", folder);
}

void nothing_is_left(void)
{
    no_memory_is_left();
    no_descriptor_is_left();
}

static void end(void)
{
    unlink(inputs_path);
    unlink(labels_path);
    rmdir(folder);
    nothing_is_left();
    end_counted();
}

void append(blob *to, const void *bytes, size_t count)
{
    ck_assert_uint_le(to->length + count, sizeof to->bytes);
    memcpy(to->bytes + to->length, bytes, count);
    to->length += count;
}

/* The `size` low bytes of a number, big-endian. */
static void append_number(blob *to, uint64_t number, int size)
{
    while (size-- > 0)
        append(to, &(unsigned char){(unsigned char)(number >> 8 * size)}, 1);
}

void append_header(blob *to, int type, int dimensions, const uint32_t *sizes)
{
    append(to, (unsigned char[]){0, 0, (unsigned char)type, (unsigned char)dimensions}, 4);
    for (int k = 0; k < dimensions; k++)
        append_number(to, sizes[k], 4);
}

void append_element(blob *to, int type, double value)
{
    float single = (float)value;
    uint32_t bits_32;
    uint64_t bits_64;
    memcpy(&bits_32, &single, 4);
    memcpy(&bits_64, &value, 8);
    if (type == 0x0D)
        append_number(to, bits_32, 4);
    else if (type == 0x0E)
        append_number(to, bits_64, 8);
    else
        append_number(to, (uint64_t)(int64_t)value, type == 0x0C ? 4 : type == 0x0B ? 2 : 1);
}

blob simple(int type, uint32_t samples, uint32_t features)
{
    blob made = {0};
    append_header(&made, type, features == 1 ? 1 : 2, (uint32_t[]){samples, features});
    for (uint32_t i = 0; i < samples * features; i++)
        append_element(&made, type, i % 100);
    return made;
}

bool append_packed(blob *to, const unsigned char *bytes, size_t count)
{
#ifdef TL_HAVE_ZLIB
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 16 + 15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = to->bytes + to->length;
    stream.avail_out = (uInt)(sizeof to->bytes - to->length);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    to->length += stream.total_out;
    deflateEnd(&stream);
    return true;
#else
    (void)to, (void)bytes, (void)count;
    return false;
#endif
}

bool pack_gzip(const blob *from, blob *to)
{
    to->length = 0;
    return append_packed(to, from->bytes, from->length);
}

void write_file(const char *path, const void *bytes, size_t count)
{
    int descriptor = open(path, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, bytes, count), (ssize_t)count);
    ck_assert_int_eq(ftruncate(descriptor, (off_t)count), 0);
    close(descriptor);
}

talus_status read_blobs(const blob *inputs, const blob *labels, talus_dataset **dataset)
{
    write_file(inputs_path, inputs->bytes, inputs->length);
    if (labels != NULL)
        write_file(labels_path, labels->bytes, labels->length);
    return talus_dataset_read_idx(context, inputs_path, labels == NULL ? NULL : labels_path, dataset);
}

void refuses(const blob *inputs, const blob *labels, talus_status status, const char *text)
{
    talus_dataset *dataset = (talus_dataset *)&book;
    talus_status got = read_blobs(inputs, labels, &dataset);
    ck_assert_msg(got == status, "%s instead of %s: %s", talus_status_name((int)got),
                  talus_status_name((int)status), talus_error_message(context));
    ck_assert_ptr_eq(dataset, (talus_dataset *)&book);
    expect_message(context, text);
    nothing_is_left();
}

talus_dataset *reads(const blob *inputs, const blob *labels)
{
    talus_dataset *dataset = NULL;
    talus_status status = read_blobs(inputs, labels, &dataset);
    ck_assert_msg(status == TALUS_OK, "%s", talus_error_message(context));
    return dataset;
}

double element(const talus_matrix *matrix, int64_t row, int64_t col)
{
    int64_t i = row * matrix->stride + col;
    switch (matrix->dtype) {
    case TALUS_DTYPE_F32:
        return (double)((float *)matrix->data)[i];
    case TALUS_DTYPE_F64:
        return ((double *)matrix->data)[i];
    case TALUS_DTYPE_U8:
        return ((uint8_t *)matrix->data)[i];
    default:
        return ((int32_t *)matrix->data)[i];
    }
}

const idx_type types[IDX_TYPES] = {
    {0x08, TALUS_DTYPE_U8, true, {0, 1, 127, 128, 254, 255}, {0, 1, 127, 128, 254, 255}},
    {0x09, TALUS_DTYPE_F32, true, {-128, -127, -1, 0, 1, 127}, {-128, -127, -1, 0, 1, 127}},
    {0x0B, TALUS_DTYPE_F32, true, {-32768, -258, -1, 255, 256, 32767}, {-32768, -258, -1, 255, 256, 32767}},
    {0x0C,
     TALUS_DTYPE_F32,
     true,
     {-2147483648.0, -66051, -1, 65536, 16777217, 2147483647},
     {-2147483648.0, -66051, -1, 65536, 16777216, 2147483648.0}},
    {0x0D, TALUS_DTYPE_F32, false, {-0.5, 1.25, 1e30, 0, 3, -7}, {-0.5, 1.25, (double)1e30f, 0, 3, -7}},
    {0x0E, TALUS_DTYPE_F64, false, {0.1, -1e300, 5e-324, 0, 3, -7}, {0.1, -1e300, 5e-324, 0, 3, -7}},
};

int run_idx_tests(const char *name, const TTest *const tests[], size_t count)
{
    Suite *suite = suite_create(name);
    TCase *all = case_with(suite, begin, end);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(all, tests[i]);
    return run_suite(suite);
}
