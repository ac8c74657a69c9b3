#include "array_support.h"

#include "base/crc32.h"

#ifdef TL_HAVE_ZLIB
#include <zlib.h>
#endif

void append_little(blob *to, uint64_t number, int size)
{
    for (int i = 0; i < size; i++, number >>= 8)
        append(to, &(unsigned char){(unsigned char)number}, 1);
}

blob npy_with(int version, const char *literal, const void *elements, size_t bytes)
{
    blob made = {0};
    append(&made, "\x93NUMPY", 6);
    append(&made, &(unsigned char){(unsigned char)version}, 1);
    append(&made, "", 1);
    append_little(&made, strlen(literal) + 1, version == 1 ? 2 : 4);
    append(&made, literal, strlen(literal));
    append(&made, "\n", 1);
    append(&made, elements, bytes);
    return made;
}

blob npy_of(const char *descr, bool fortran, const char *shape, const void *elements, size_t bytes)
{
    char literal[300];
    snprintf(literal, sizeof literal, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr,
             fortran ? "True" : "False", shape);
    return npy_with(1, literal, elements, bytes);
}

blob floats(int64_t rows, int64_t cols)
{
    char shape[60];
    float numbers[1000];
    for (int i = 0; i < 1000; i++)
        numbers[i] = (float)i;
    snprintf(shape, sizeof shape, "(%lld, %lld)", (long long)rows, (long long)cols);
    return npy_of("<f4", false, shape, numbers, (size_t)(rows * cols) * sizeof *numbers);
}

blob bytes_of(int64_t rows, int64_t cols)
{
    char shape[60];
    unsigned char numbers[1000];
    for (int i = 0; i < 1000; i++)
        numbers[i] = (unsigned char)(i % 7);
    snprintf(shape, sizeof shape, cols == 1 ? "(%lld,)" : "(%lld, %lld)", (long long)rows, (long long)cols);
    return npy_of("|u1", false, shape, numbers, (size_t)(rows * cols));
}

blob deflated(const blob *content)
{
    blob packed = *content;
#ifdef TL_HAVE_ZLIB
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)content->bytes;
    stream.avail_in = (uInt)content->length;
    stream.next_out = packed.bytes;
    stream.avail_out = sizeof packed.bytes;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.length = stream.total_out;
    deflateEnd(&stream);
#endif
    return packed;
}

/* What a member's own header and its entry have in common: from the version that it needs to the length of its name. */
static void append_facts(blob *to, const member *how, uint64_t length, uint64_t packed, uint32_t crc)
{
    append_little(to, 20, 2);
    append_little(to, (uint64_t)how->flags, 2);
    append_little(to, how->method != 0 ? (uint64_t)how->method : how->deflated ? 8 : 0, 2);
    append_little(to, 0, 4);
    append_little(to, crc, 4);
    append_little(to, packed, 4);
    append_little(to, length, 4);
    append_little(to, strlen(how->name), 2);
}

/* The ZIP64 field of those numbers that stand in it, after another field. */
static blob wide_field(int wide, const uint64_t numbers[3])
{
    blob field = {0}, values = {0};
    for (int i = 0; i < 3; i++)
        if (wide & 1 << i)
            append_little(&values, numbers[i], 8);
    if (wide == 0)
        return field;
    append(&field, "UT\1\0\7\1\0", 7);
    append_little(&field, values.length, 2);
    append(&field, values.bytes, values.length);
    return field;
}

void add_member(archive *to, const member *how, const blob *content)
{
    const blob packed = how->deflated && !how->is_packed ? deflated(content) : *content;
    const uint64_t all_ones = UINT32_MAX;
    const uint64_t numbers[] = {how->length != 0 ? (uint64_t)how->length : content->length, packed.length,
                                how->offset != 0 ? (uint64_t)how->offset : to->members.length};
    const uint32_t crc = tl_crc32(0, content->bytes, (int64_t)content->length) + how->spoils;
    const blob own = wide_field(how->own_wide ? WIDE_LENGTH | WIDE_PACKED : 0, numbers),
               field = wide_field(how->wide, numbers);
    append(&to->members, "PK\3\4", 4);
    append_facts(&to->members, how, how->own_wide ? all_ones : numbers[0],
                 how->own_wide ? all_ones : numbers[1], crc);
    append_little(&to->members, (uint64_t)how->extra + own.length, 2);
    append(&to->members, how->name, strlen(how->name));
    append(&to->members, own.bytes, own.length);
    for (int i = 0; i < how->extra; i++)
        append(&to->members, "", 1);
    append(&to->members, packed.bytes, packed.length);
    append(&to->directory, "PK\1\2\24\0", 6);
    append_facts(&to->directory, how, how->wide & WIDE_LENGTH ? all_ones : numbers[0],
                 how->wide & WIDE_PACKED ? all_ones : numbers[1], crc);
    append_little(&to->directory, field.length, 2);
    append_little(&to->directory, 0, 10);
    append_little(&to->directory, how->wide & WIDE_OFFSET ? all_ones : numbers[2], 4);
    append(&to->directory, how->name, strlen(how->name));
    append(&to->directory, field.bytes, field.length);
    to->count++;
}

blob end_archive(const archive *of, const char *comment)
{
    blob all = of->members;
    append(&all, of->directory.bytes, of->directory.length);
    append(&all, "PK\5\6\0\0\0\0", 8);
    append_little(&all, (uint64_t)of->count, 2);
    append_little(&all, (uint64_t)of->count, 2);
    append_little(&all, of->directory.length, 4);
    append_little(&all, of->members.length, 4);
    append_little(&all, strlen(comment), 2);
    append(&all, comment, strlen(comment));
    return all;
}

blob end_wide_archive(const archive *of, bool all_ones)
{
    const size_t end = of->members.length + of->directory.length;
    blob all = of->members, last = end_archive(of, "");
    append(&all, of->directory.bytes, of->directory.length);
    append(&all, "PK\6\6", 4);
    append_little(&all, 56 - 12, 8);
    append(&all, "-\0-\0\0\0\0\0\0\0\0\0", 12);
    append_little(&all, (uint64_t)of->count, 8);
    append_little(&all, (uint64_t)of->count, 8);
    append_little(&all, of->directory.length, 8);
    append_little(&all, of->members.length, 8);
    append(&all, "PK\6\7\0\0\0\0", 8);
    append_little(&all, end, 8);
    append_little(&all, 1, 4);
    if (all_ones)
        memset(last.bytes + end + 4, 0xFF, 16);
    append(&all, last.bytes + end, 22);
    return all;
}

bool archive_survives(const blob *content)
{
    talus_array *array = NULL;
    book.largest = 0;
    write_file(inputs_path, content->bytes, content->length);
    talus_status status = talus_array_read_npz(context, inputs_path, "x", &array);
    ck_assert((status == TALUS_OK) == (array != NULL));
    if (status == TALUS_OK) {
        talus_matrix matrix;
        expect_ok(context, talus_array_matrix(array, &matrix));
        for (int64_t i = 0; i < 24; i++)
            ck_assert_double_eq(element(&matrix, i / 4, i % 4), (double)i);
        ck_assert(matrix.rows == 6 && matrix.cols == 4);
        talus_array_destroy(array);
    } else
        expect_message(context, "inputs.idx\"");
    ck_assert_uint_lt(book.largest, 100000);
    nothing_is_left();
    return status == TALUS_OK;
}

static talus_status read_array(const char *name, talus_array **array)
{
    return name == NULL ? talus_array_read_npy(context, inputs_path, array)
                        : talus_array_read_npz(context, inputs_path, name, array);
}

talus_array *reads_array(const char *name)
{
    talus_array *array = NULL;
    expect_ok(context, read_array(name, &array));
    return array;
}

void refuses_array(const char *name, talus_status status, const char *text)
{
    talus_array *array = (talus_array *)&book;
    expect_status(context, status, read_array(name, &array));
    ck_assert_ptr_eq(array, (talus_array *)&book);
    expect_message(context, text);
    nothing_is_left();
}
