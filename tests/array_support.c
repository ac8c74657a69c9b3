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
static void append_facts(blob *to, const member *how, const blob *content, const blob *packed)
{
    append_little(to, 20, 2);
    append_little(to, (uint64_t)how->flags, 2);
    append_little(to, how->method != 0 ? (uint64_t)how->method : how->deflated ? 8 : 0, 2);
    append_little(to, 0, 4);
    append_little(to, tl_crc32(0, content->bytes, (int64_t)content->length) + how->spoils, 4);
    append_little(to, packed->length, 4);
    append_little(to, how->length != 0 ? (uint64_t)how->length : content->length, 4);
    append_little(to, strlen(how->name), 2);
}

void add_member(archive *to, const member *how, const blob *content)
{
    blob packed = how->deflated && !how->is_packed ? deflated(content) : *content;
    int64_t offset = how->offset != 0 ? how->offset : (int64_t)to->members.length;
    append(&to->members, "PK\3\4", 4);
    append_facts(&to->members, how, content, &packed);
    append_little(&to->members, (uint64_t)how->extra, 2);
    append(&to->members, how->name, strlen(how->name));
    for (int i = 0; i < how->extra; i++)
        append(&to->members, "", 1);
    append(&to->members, packed.bytes, packed.length);
    append(&to->directory, "PK\1\2\24\0", 6);
    append_facts(&to->directory, how, content, &packed);
    append_little(&to->directory, 0, 12);
    append_little(&to->directory, (uint64_t)offset, 4);
    append(&to->directory, how->name, strlen(how->name));
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
