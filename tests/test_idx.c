/* Files in the IDX format: what they give, and that no content of a file does harm. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef TL_HAVE_ZLIB
#include <zlib.h>
#endif

#include <talus/dataset.h>

#include "support.h"

static counting_allocator book;
static talus_context *context;
static int64_t live_at_start;
static int descriptor_at_start;
static char folder[64], inputs_path[96], labels_path[96];

static int lowest_free_descriptor(void)
{
    int descriptor = open("/dev/null", O_RDONLY);
    close(descriptor);
    return descriptor;
}

static void begin(void)
{
    book = (counting_allocator){0};
    context = context_with(1, &book);
    live_at_start = book.alive;
    book.largest = 0;
    descriptor_at_start = lowest_free_descriptor();
    strcpy(folder, "/tmp/talus-test-idx-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(inputs_path, sizeof inputs_path, "%s/inputs.idx", folder);
    snprintf(labels_path, sizeof labels_path, "%s/labels.idx", folder);
}

static void nothing_is_left(void)
{
    ck_assert_int_eq(book.alive, live_at_start);
    ck_assert_int_eq(lowest_free_descriptor(), descriptor_at_start);
}

static void end(void)
{
    unlink(inputs_path);
    unlink(labels_path);
    rmdir(folder);
    nothing_is_left();
    talus_context_destroy(context);
    ck_assert_int_eq(book.alive, 0);
}

/* The content of a file. */
typedef struct blob {
    size_t length;
    unsigned char bytes[16384];
} blob;

static void append(blob *to, const void *bytes, size_t count)
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

static void append_header(blob *to, int type, int dimensions, const uint32_t *sizes)
{
    append(to, (unsigned char[]){0, 0, (unsigned char)type, (unsigned char)dimensions}, 4);
    for (int k = 0; k < dimensions; k++)
        append_number(to, sizes[k], 4);
}

static void append_element(blob *to, int type, double value)
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

/* samples × features elements of a type: 0, 1, 2, … modulo 100. */
static blob simple(int type, uint32_t samples, uint32_t features)
{
    blob made = {0};
    append_header(&made, type, features == 1 ? 1 : 2, (uint32_t[]){samples, features});
    for (uint32_t i = 0; i < samples * features; i++)
        append_element(&made, type, i % 100);
    return made;
}

/* Appends a gzip member that holds these bytes; false without zlib. */
static bool append_packed(blob *to, const unsigned char *bytes, size_t count)
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

static bool pack(const blob *from, blob *to)
{
    to->length = 0;
    return append_packed(to, from->bytes, from->length);
}

static void write_file(const char *path, const blob *content)
{
    int descriptor = open(path, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, content->bytes, content->length), (ssize_t)content->length);
    ck_assert_int_eq(ftruncate(descriptor, (off_t)content->length), 0);
    close(descriptor);
}

/* Reads a data set from files of these contents; labels may be NULL. */
static talus_status read_blobs(const blob *inputs, const blob *labels, talus_dataset **dataset)
{
    write_file(inputs_path, inputs);
    if (labels != NULL)
        write_file(labels_path, labels);
    return talus_dataset_read_idx(context, inputs_path, labels == NULL ? NULL : labels_path, dataset);
}

static void says(const char *text)
{
    ck_assert_msg(strstr(talus_error_message(context), text) != NULL, "\"%s\" does not say \"%s\"",
                  talus_error_message(context), text);
}

static void refuses(const blob *inputs, const blob *labels, talus_status status, const char *text)
{
    talus_dataset *dataset = (talus_dataset *)&book;
    talus_status got = read_blobs(inputs, labels, &dataset);
    ck_assert_msg(got == status, "%s instead of %s: %s", talus_status_name((int)got),
                  talus_status_name((int)status), talus_error_message(context));
    ck_assert_ptr_eq(dataset, (talus_dataset *)&book);
    says(text);
    nothing_is_left();
}

static talus_dataset *reads(const blob *inputs, const blob *labels)
{
    talus_dataset *dataset = NULL;
    talus_status status = read_blobs(inputs, labels, &dataset);
    ck_assert_msg(status == TALUS_OK, "%s", talus_error_message(context));
    return dataset;
}

static double element(const talus_matrix *matrix, int64_t row, int64_t col)
{
    int64_t i = row * matrix->stride + col;
    switch (matrix->dtype) {
    case TALUS_F32:
        return (double)((float *)matrix->data)[i];
    case TALUS_F64:
        return ((double *)matrix->data)[i];
    case TALUS_U8:
        return ((uint8_t *)matrix->data)[i];
    default:
        return ((int32_t *)matrix->data)[i];
    }
}

/* ---- what valid files give ---- */

static const struct {
    int type, dtype; /* dtype: of inputs */
    bool integer;
    double values[6], read[6]; /* read: as inputs */
} types[] = {
    {0x08, TALUS_U8, true, {0, 1, 127, 128, 254, 255}, {0, 1, 127, 128, 254, 255}},
    {0x09, TALUS_F32, true, {-128, -127, -1, 0, 1, 127}, {-128, -127, -1, 0, 1, 127}},
    {0x0B, TALUS_F32, true, {-32768, -258, -1, 255, 256, 32767}, {-32768, -258, -1, 255, 256, 32767}},
    {0x0C,
     TALUS_F32,
     true,
     {-2147483648.0, -66051, -1, 65536, 16777217, 2147483647},
     {-2147483648.0, -66051, -1, 65536, 16777216, 2147483648.0}},
    {0x0D, TALUS_F32, false, {-0.5, 1.25, 1e30, 0, 3, -7}, {-0.5, 1.25, (double)1e30f, 0, 3, -7}},
    {0x0E, TALUS_F64, false, {0.1, -1e300, 5e-324, 0, 3, -7}, {0.1, -1e300, 5e-324, 0, 3, -7}},
};
#define TYPES ((int)(sizeof types / sizeof *types))

static void inputs_are(talus_dataset *dataset, int t)
{
    talus_matrix x, y;
    ck_assert_int_eq(talus_dataset_matrices(dataset, &x, &y), TALUS_OK);
    ck_assert(x.dtype == types[t].dtype && x.rows == 2 && x.cols == 3 && x.stride == 3);
    ck_assert_ptr_null(y.data);
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq(element(&x, i / 3, i % 3), types[t].read[i]);
    talus_dataset_destroy(dataset);
}

START_TEST(inputs_of_every_type)
{
    for (int t = 0; t < TYPES; t++) {
        blob plain = {0}, packed;
        append_header(&plain, types[t].type, 2, (uint32_t[]){2, 3});
        for (int i = 0; i < 6; i++)
            append_element(&plain, types[t].type, types[t].values[i]);
        inputs_are(reads(&plain, NULL), t);
        if (pack(&plain, &packed))
            inputs_are(reads(&packed, NULL), t);
    }
}
END_TEST

START_TEST(labels_of_every_integer_type)
{
    blob inputs = simple(0x08, 3, 1);
    for (int t = 0; t < TYPES; t++) {
        blob labels = {0}, packed;
        talus_matrix y;
        append_header(&labels, types[t].type, 1, (uint32_t[]){3});
        for (int i = 3; i < 6; i++)
            append_element(&labels, types[t].type, types[t].values[i]);
        if (!types[t].integer) {
            refuses(&inputs, &labels, TALUS_ERROR_FORMAT, "labels must be integers");
            continue;
        }
        for (int twice = 0; twice < 2; twice++) {
            bool use_packed = twice == 1 && pack(&labels, &packed);
            talus_dataset *dataset = reads(&inputs, use_packed ? &packed : &labels);
            ck_assert_int_eq(talus_dataset_matrices(dataset, NULL, &y), TALUS_OK);
            ck_assert(y.dtype == TALUS_I32 && y.rows == 3 && y.cols == 1 && y.stride == 1);
            for (int i = 0; i < 3; i++)
                ck_assert_double_eq(element(&y, i, 0), types[t].values[i + 3]);
            talus_dataset_destroy(dataset);
        }
    }
}
END_TEST

/* Long enough for the vectors of a decoder that widens in place. */
START_TEST(long_arrays_of_every_type)
{
    for (int t = 0; t < TYPES; t++)
        for (uint32_t count = 1; count < 1500; count += 97) {
            blob inputs = simple(types[t].type, count, 1), labels = simple(0x0B, count, 1);
            talus_dataset *dataset = reads(&inputs, types[t].integer ? &inputs : &labels);
            talus_matrix x, y;
            ck_assert_int_eq(talus_dataset_matrices(dataset, &x, &y), TALUS_OK);
            for (int64_t i = 0; i < count; i++) {
                ck_assert_double_eq(element(&x, i, 0), (double)(i % 100));
                ck_assert_double_eq(element(&y, i, 0), (double)(i % 100));
            }
            talus_dataset_destroy(dataset);
        }
}
END_TEST

START_TEST(dimensions_after_the_first_are_features)
{
    static const uint32_t sizes[] = {3, 2, 4, 5};
    static const int64_t features[] = {0, 1, 2, 8, 40};
    for (int dimensions = 1; dimensions <= 4; dimensions++) {
        blob content = {0};
        append_header(&content, 0x0D, dimensions, sizes);
        for (int i = 0; i < 3 * features[dimensions]; i++)
            append_element(&content, 0x0D, i);
        talus_dataset *dataset = reads(&content, NULL);
        talus_matrix x;
        ck_assert_int_eq(talus_dataset_samples(dataset), 3);
        ck_assert_int_eq(talus_dataset_inputs(dataset), features[dimensions]);
        ck_assert_int_eq(talus_dataset_matrices(dataset, &x, NULL), TALUS_OK);
        ck_assert_double_eq(element(&x, 2, 0), (double)(2 * features[dimensions]));
        talus_dataset_destroy(dataset);
    }
}
END_TEST

START_TEST(most_dimensions)
{
    uint32_t sizes[255];
    for (int k = 0; k < 255; k++)
        sizes[k] = k == 0 || k == 254 ? 3 : 1;
    blob content = {0};
    append_header(&content, 0x08, 255, sizes);
    append(&content, "abcdefghi", 9);
    talus_dataset *dataset = reads(&content, NULL);
    ck_assert_int_eq(talus_dataset_inputs(dataset), 3);
    talus_dataset_destroy(dataset);
}
END_TEST

/* A data set that was read is sliced and scaled as any other. */
START_TEST(data_sets_own_what_was_read)
{
    blob inputs = simple(0x09, 6, 4), labels = simple(0x08, 6, 1);
    talus_dataset *dataset = reads(&inputs, &labels), *part;
    talus_matrix x, y;
    ck_assert_int_eq(talus_dataset_scale_inputs(dataset, NULL, (double[]){0.5}, 1), TALUS_OK);
    ck_assert_int_eq(talus_dataset_slice(dataset, 2, 3, &part), TALUS_OK);
    ck_assert_int_eq(talus_dataset_matrices(part, &x, &y), TALUS_OK);
    ck_assert_double_eq(element(&x, 1, 2), 14);
    ck_assert_double_eq(element(&y, 2, 0), 4);
    talus_dataset_destroy(part);
    talus_dataset_destroy(dataset);
}
END_TEST

START_TEST(the_digits_of_the_examples)
{
    static const char inputs[] = TEST_DATA "/digits-inputs.idx";
    static const char labels[] = TEST_DATA "/digits-labels.idx";
    static const int counts[10] = {178, 182, 177, 183, 181, 182, 181, 179, 174, 180};
    talus_dataset *dataset = NULL;
    talus_matrix x, y;
    ck_assert_int_eq(talus_dataset_read_idx(context, inputs, labels, &dataset), TALUS_OK);
    ck_assert_int_eq(talus_dataset_matrices(dataset, &x, &y), TALUS_OK);
    ck_assert(x.dtype == TALUS_U8 && x.rows == 1797 && x.cols == 64 && y.rows == 1797);
    int found[10] = {0}, sum = 0;
    for (int64_t i = 0; i < 1797; i++) {
        found[((int32_t *)y.data)[i]]++;
        for (int j = 0; j < 64; j++) {
            ck_assert_uint_le(((uint8_t *)x.data)[64 * i + j], 16);
            sum += ((uint8_t *)x.data)[64 * i + j];
        }
    }
    ck_assert_int_eq(sum, 561718);
    ck_assert_mem_eq(found, counts, sizeof counts);
    talus_dataset_destroy(dataset);
}
END_TEST

/* ---- files that are not there or not files ---- */

static void cannot_open(const char *path, const char *text)
{
    talus_dataset *dataset = NULL;
    ck_assert_int_eq(talus_dataset_read_idx(context, path, NULL, &dataset), TALUS_ERROR_FILE);
    ck_assert_ptr_null(dataset);
    says(text);
    nothing_is_left();
}

START_TEST(null_is_an_argument_error)
{
    talus_dataset *dataset = NULL;
    ck_assert_int_eq(talus_dataset_read_idx(NULL, "x", NULL, &dataset), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_read_idx(context, NULL, NULL, &dataset), TALUS_ERROR_ARGUMENT);
    says("inputs_path is NULL");
    ck_assert_int_eq(talus_dataset_read_idx(context, "x", NULL, NULL), TALUS_ERROR_ARGUMENT);
    says("dataset is NULL");
    ck_assert_ptr_null(dataset);
}
END_TEST

START_TEST(what_is_no_file)
{
    talus_dataset *dataset = NULL;
    cannot_open(inputs_path, "inputs.idx\" cannot be opened: ");
    cannot_open("", "\"\" cannot be opened: ");
    cannot_open(folder, "is a directory");
    cannot_open("/dev/null", "is not a regular file");
    cannot_open("/dev/zero", "is not a regular file");
    ck_assert_int_eq(mkfifo(inputs_path, 0600), 0);
    cannot_open(inputs_path, "is not a regular file");
    unlink(inputs_path);
    blob inputs = simple(0x08, 2, 2);
    write_file(inputs_path, &inputs);
    ck_assert_int_eq(talus_dataset_read_idx(context, inputs_path, labels_path, &dataset), TALUS_ERROR_FILE);
    says("labels.idx\" cannot be opened: ");
}
END_TEST

/* Of a long name the end is shown, from a whole UTF-8 character on; the sentence stays whole. */
START_TEST(long_names_are_cut)
{
    for (int shift = 0; shift < 4; shift++) {
        char path[6000] = "";
        strcat(path, "/");
        for (int i = 0; i < 1500; i++)
            strcat(path, "\xE2\x80\xA6");
        strcat(path, &"xyz"[3 - shift]);
        strcat(path, "/end.idx");
        cannot_open(path, "/end.idx\" cannot be opened: ");
        const unsigned char *shown = (const unsigned char *)talus_error_message(context) + 4;
        ck_assert_uint_eq(shown[0], 0xE2);
        ck_assert_uint_lt(strlen(talus_error_message(context)), 300);
    }
}
END_TEST

/* ---- files that lie ---- */

START_TEST(headers_must_be_right)
{
    blob empty = {0}, content = simple(0x08, 2, 3);
    refuses(&empty, NULL, TALUS_ERROR_FORMAT, "ends after 0 bytes");
    content.bytes[1] = 1;
    refuses(&content, NULL, TALUS_ERROR_FORMAT, "begins with the bytes 00 01 instead of 00 00");
    content.bytes[1] = 0;
    for (int type = 0; type < 256; type++) {
        if (type >= 0x08 && type <= 0x0E && type != 0x0A)
            continue;
        content.bytes[2] = (unsigned char)type;
        refuses(&content, NULL, TALUS_ERROR_FORMAT, "its element type is ");
    }
    content = simple(0x08, 2, 3);
    content.bytes[3] = 0;
    refuses(&content, NULL, TALUS_ERROR_FORMAT, "0 dimensions");
    content = simple(0x08, 2, 3);
    content.bytes[11] = 0;
    refuses(&content, NULL, TALUS_ERROR_FORMAT, "dimension 1 (counted from 0) has size 0");
    content.length -= 1;
    content.bytes[11] = 3;
    refuses(&content, NULL, TALUS_ERROR_FORMAT, "the header promises 18 bytes, the file has 17");
    content.length += 2;
    refuses(&content, NULL, TALUS_ERROR_FORMAT, "the header promises 18 bytes, the file has 19");
}
END_TEST

/* Room for what unpacking itself needs. */
#define UNPACKING_BYTES 100000

START_TEST(lying_sizes_allocate_nothing)
{
    static const char too_much[] = "its sizes multiply to more than any memory",
                      promised[] = "the header promises";
    static const struct {
        uint32_t sizes[4];
        const char *text;
    } lies[] = {
        {{0xFFFFFFFF, 1, 1, 1}, promised},
        {{1, 0xFFFFFFFF, 1, 1}, promised},
        {{0x10000000, 0x40000000, 1, 1}, promised},
        {{0x20000000, 0x80000000, 1, 1}, too_much},
        {{0xFFFFFFFF, 0xFFFFFFFF, 1, 1}, too_much},
        {{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, too_much},
        {{0x10000, 0x10000, 0x10000, 0x10000}, too_much}, /* 2⁶⁴ */
        {{1, 0x80000000, 0x80000000, 2}, too_much},       /* 2⁶³ */
        {{1, 0xFFFFFFFF, 0x00663D81, 641}, too_much},     /* 2⁶⁴ − 1 */
        {{0x80000000, 0x80000000, 8, 1}, too_much},
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        for (int t = 0; t < TYPES; t++) {
            blob content = {0}, packed;
            append_header(&content, types[t].type, 4, lies[i].sizes);
            append(&content, "01234567", 8);
            refuses(&content, NULL, TALUS_ERROR_FORMAT, lies[i].text);
            ck_assert_uint_eq(book.largest, 0);
            if (pack(&content, &packed))
                refuses(&packed, NULL, TALUS_ERROR_FORMAT, lies[i].text);
            ck_assert_uint_lt(book.largest, UNPACKING_BYTES);
            book.largest = 0;
        }
}
END_TEST

/* What is promised must be what so much gzip can unpack to, and then it must be there. */
START_TEST(gzip_bombs_pay_for_their_size)
{
    blob content = {0}, packed;
    append_header(&content, 0x08, 1, (uint32_t[]){0x00FFFFFF});
    if (!pack(&content, &packed))
        return;
    uint32_t most = (uint32_t)packed.length * 1032 - 8;
    for (uint32_t size = most - 40000; size < most + 40000; size += 20000) {
        content.length = 0;
        append_header(&content, 0x08, 1, &size);
        pack(&content, &packed);
        bool payable = size + 8 <= packed.length * 1032;
        refuses(&packed, NULL, TALUS_ERROR_FORMAT,
                payable ? "the content ends after 8" : "of gzip give at most");
    }
    content.length = 0;
    append_header(&content, 0x08, 1, (uint32_t[]){sizeof content.bytes - 8});
    content.length = sizeof content.bytes;
    memset(content.bytes + 8, 0, sizeof content.bytes - 8);
    pack(&content, &packed);
    ck_assert_uint_lt(packed.length, 60);
    talus_dataset_destroy(reads(&packed, NULL));
}
END_TEST

START_TEST(labels_must_fit_inputs)
{
    blob inputs = simple(0x08, 4, 3), labels = simple(0x08, 5, 1);
    refuses(&inputs, &labels, TALUS_ERROR_FORMAT, "inputs.idx\" has 4 samples, \"");
    says("labels.idx\" has 5");
    labels = simple(0x08, 4, 2);
    refuses(&inputs, &labels, TALUS_ERROR_FORMAT, "labels.idx\" holds 2 numbers a sample; 1 label is wanted");
    labels = simple(0x09, 4, 1);
    labels.bytes[labels.length - 2] = 0xFF;
    refuses(&inputs, &labels, TALUS_ERROR_DATA,
            "labels.idx\": row 2, column 0 (counted from 0) must be a label of at least 0, got -1");
    labels = simple(0x08, 4, 1);
    labels.length--;
    refuses(&inputs, &labels, TALUS_ERROR_FORMAT, "the header promises 12 bytes, the file has 11");
}
END_TEST

START_TEST(values_must_be_finite)
{
    for (int type = 0x0D; type <= 0x0E; type++) {
        blob inputs = simple(type, 4, 3);
        inputs.length -= type == 0x0D ? 8 : 16;
        append_element(&inputs, type, -(double)INFINITY);
        append_element(&inputs, type, 0);
        refuses(&inputs, NULL, TALUS_ERROR_DATA,
                "inputs.idx\": row 3, column 1 (counted from 0) must be a finite number, got -inf");
    }
}
END_TEST

/* ---- gzip ---- */

START_TEST(gzip_of_several_members)
{
    blob content = simple(0x0B, 10, 7), packed = {0};
    for (size_t from = 0; from < content.length; from += 50) {
        size_t rest = content.length - from;
        if (!append_packed(&packed, content.bytes + from, rest < 50 ? rest : 50))
            return;
        append_packed(&packed, NULL, 0);
    }
    talus_dataset *dataset = reads(&packed, NULL);
    talus_matrix x;
    ck_assert_int_eq(talus_dataset_matrices(dataset, &x, NULL), TALUS_OK);
    for (int i = 0; i < 70; i++)
        ck_assert_double_eq(element(&x, i / 7, i % 7), i);
    talus_dataset_destroy(dataset);
    append_packed(&packed, content.bytes, 1);
    refuses(&packed, NULL, TALUS_ERROR_FORMAT, "the header promises 152 bytes, the content has more");
}
END_TEST

START_TEST(gzip_must_end_where_its_content_ends)
{
    blob content = simple(0x08, 20, 7), packed, longer;
    if (!pack(&content, &packed))
        return;
    for (int next = 0; next < 256; next += 5) {
        longer = packed;
        append(&longer, &(unsigned char){(unsigned char)next}, 1);
        refuses(&longer, NULL, TALUS_ERROR_FORMAT, "its gzip data");
    }
    longer = packed;
    append(&longer, content.bytes, content.length);
    refuses(&longer, NULL, TALUS_ERROR_FORMAT, "its gzip data is broken");
    content.length--;
    pack(&content, &packed);
    refuses(&packed, NULL, TALUS_ERROR_FORMAT, "the header promises 152 bytes, the content ends after 151");
    content.length += 2;
    pack(&content, &packed);
    refuses(&packed, NULL, TALUS_ERROR_FORMAT, "the header promises 152 bytes, the content has more");
}
END_TEST

START_TEST(gzip_checksums_are_checked)
{
    blob content = simple(0x08, 20, 7), packed;
    if (!pack(&content, &packed))
        return;
    for (size_t i = packed.length - 8; i < packed.length; i++) {
        packed.bytes[i] ^= 0x10;
        refuses(&packed, NULL, TALUS_ERROR_FORMAT, "its gzip data is broken (incorrect ");
        packed.bytes[i] ^= 0x10;
    }
}
END_TEST

START_TEST(gzip_without_zlib_is_unsupported)
{
    blob content = {0}, packed;
    append(&content, "\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
    if (pack(&content, &packed))
        refuses(&content, NULL, TALUS_ERROR_FORMAT, "its gzip data ends too early");
    else
        refuses(&content, NULL, TALUS_ERROR_UNSUPPORTED, "was built without zlib");
}
END_TEST

/* ---- every fault ---- */

START_TEST(every_truncation_is_an_error)
{
    for (int t = 0; t < TYPES; t++) {
        blob content = simple(types[t].type, 5, 3), packed;
        bool both = pack(&content, &packed);
        while (content.length-- > 0)
            refuses(&content, NULL, TALUS_ERROR_FORMAT, "inputs.idx\"");
        while (both && packed.length-- > 0)
            refuses(&packed, NULL, TALUS_ERROR_FORMAT, "inputs.idx\"");
    }
}
END_TEST

/* Whatever the content is: an error with a message, or a data set that can be used; and nothing is lost. */
static bool survives(const blob *inputs, const blob *labels)
{
    talus_dataset *dataset = NULL, *again = NULL;
    talus_matrix x, y;
    talus_status status = read_blobs(inputs, labels, &dataset);
    ck_assert((status == TALUS_OK) == (dataset != NULL));
    if (status == TALUS_OK) {
        ck_assert_int_eq(talus_dataset_matrices(dataset, &x, &y), TALUS_OK);
        status = talus_dataset_from_matrices(context, &x, y.data == NULL ? NULL : &y, &again);
        ck_assert_int_eq(status, TALUS_OK);
        talus_dataset_destroy(again);
        talus_dataset_destroy(dataset);
    } else {
        ck_assert(status == TALUS_ERROR_FORMAT || status == TALUS_ERROR_DATA ||
                  (status == TALUS_ERROR_UNSUPPORTED && inputs->bytes[0] == 0x1F));
        says(".idx\"");
    }
    nothing_is_left();
    return status == TALUS_OK;
}

static int survives_every_byte(blob *content)
{
    int valid = 0;
    for (size_t i = 0; i < content->length; i++) {
        unsigned char kept = content->bytes[i];
        for (int value = 0; value < 256; value++) {
            content->bytes[i] = (unsigned char)value;
            valid += value != kept && survives(content, NULL);
        }
        content->bytes[i] = kept;
    }
    return valid;
}

START_TEST(every_wrong_byte_is_survived)
{
    blob plain = simple(0x08, 3, 2), packed;
    /* Right are other pixels, and 8-bit integers with a sign. */
    ck_assert_int_eq(survives_every_byte(&plain), 6 * 255 + 1);
    if (pack(&plain, &packed))
        survives_every_byte(&packed);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    blob inputs = simple(0x0B, 50, 9), labels = simple(0x08, 50, 1), packed;
    if (pack(&inputs, &packed))
        inputs = packed;
    if (pack(&labels, &packed))
        labels = packed;
    for (int n = 1;; n++) {
        talus_dataset *dataset = NULL;
        refuse_from_now(&book, n);
        talus_status status = read_blobs(&inputs, &labels, &dataset);
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 3); /* at least two arrays and the data set were refused */
            ck_assert_int_gt(book.fail_at, book.calls);
            book.fail_at = 0;
            talus_dataset_destroy(dataset);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_ptr_null(dataset);
        says("there is no memory");
        nothing_is_left();
    }
}
END_TEST

/* Marsaglia's xorshift. */
static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % below;
}

static void mutate(blob *content, uint32_t *state)
{
    static const unsigned char telling[] = {0, 1, 2, 0x7F, 0x80, 0xFF, 0x08, 0x0E};
    size_t at = draw(state, (uint32_t)content->length), rest = content->length - at;
    switch (draw(state, 6)) {
    case 0:
        content->bytes[at] = (unsigned char)draw(state, 256);
        break;
    case 1:
        content->bytes[at] ^= (unsigned char)(1u << draw(state, 8));
        break;
    case 2:
        content->bytes[at] = telling[draw(state, sizeof telling)];
        break;
    case 3: /* a byte is lost */
        memmove(content->bytes + at, content->bytes + at + 1, rest - 1);
        content->length -= content->length > 1;
        break;
    case 4: /* the end is lost */
        content->length = at > 0 ? at : 1;
        break;
    default: /* a part comes twice */
        if (content->length + rest <= sizeof content->bytes) {
            memmove(content->bytes + at + rest, content->bytes + at, rest);
            content->length += rest;
        }
    }
}

START_TEST(random_mutations_are_survived)
{
    uint32_t state = 20240229;
    for (int round = 0; round < 4000; round++) {
        blob inputs = simple(types[round % TYPES].type, 6, 4), labels = simple(0x0C, 6, 1), packed;
        if (round % 4 == 0) /* the content is wrong, the gzip around it is right */
            mutate(&inputs, &state);
        if (round % 2 == 0 && pack(&inputs, &packed))
            inputs = packed;
        if (round % 3 == 0 && pack(&labels, &packed))
            labels = packed;
        for (uint32_t times = round % 4 == 0 ? 0 : 1 + draw(&state, 4); times > 0; times--)
            mutate(draw(&state, 4) == 0 ? &labels : &inputs, &state);
        survives(&inputs, &labels);
    }
    ck_assert_uint_lt(book.largest, 16384 * 1032 + UNPACKING_BYTES);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, inputs_of_every_type);
    tcase_add_test(tests, labels_of_every_integer_type);
    tcase_add_test(tests, long_arrays_of_every_type);
    tcase_add_test(tests, dimensions_after_the_first_are_features);
    tcase_add_test(tests, most_dimensions);
    tcase_add_test(tests, data_sets_own_what_was_read);
    tcase_add_test(tests, the_digits_of_the_examples);
    tcase_add_test(tests, null_is_an_argument_error);
    tcase_add_test(tests, what_is_no_file);
    tcase_add_test(tests, long_names_are_cut);
    tcase_add_test(tests, headers_must_be_right);
    tcase_add_test(tests, lying_sizes_allocate_nothing);
    tcase_add_test(tests, gzip_bombs_pay_for_their_size);
    tcase_add_test(tests, labels_must_fit_inputs);
    tcase_add_test(tests, values_must_be_finite);
    tcase_add_test(tests, gzip_of_several_members);
    tcase_add_test(tests, gzip_must_end_where_its_content_ends);
    tcase_add_test(tests, gzip_checksums_are_checked);
    tcase_add_test(tests, gzip_without_zlib_is_unsupported);
    tcase_add_test(tests, every_truncation_is_an_error);
    tcase_add_test(tests, every_wrong_byte_is_survived);
    tcase_add_test(tests, every_failing_allocation_is_survived);
    tcase_add_test(tests, random_mutations_are_survived);
}

int main(void)
{
    Suite *suite = suite_create("idx");
    TCase *tests = tcase_create("idx");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_set_timeout(tests, 120);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
