/* Files in the IDX format that are packed with gzip. */
#include "idx_support.h"

#ifdef TL_HAVE_ZLIB
#include <zlib.h>
#endif

/* What is promised must be what so much gzip can unpack to, and then it must be there. */
START_TEST(gzip_bombs_pay_for_their_size)
{
    blob content = {0}, packed;
    append_header(&content, 0x08, 1, (uint32_t[]){0x00FFFFFF});
    if (!pack_gzip(&content, &packed))
        return;
    uint32_t most = (uint32_t)packed.length * 1032 - 8;
    for (uint32_t size = most - 40000; size < most + 40000; size += 20000) {
        content.length = 0;
        append_header(&content, 0x08, 1, &size);
        pack_gzip(&content, &packed);
        bool payable = size + 8 <= packed.length * 1032;
        refuses(&packed, NULL, TALUS_ERROR_FORMAT,
                payable ? "the content ends after 8" : "of gzip give at most");
    }
    content.length = 0;
    append_header(&content, 0x08, 1, (uint32_t[]){sizeof content.bytes - 8});
    content.length = sizeof content.bytes;
    memset(content.bytes + 8, 0, sizeof content.bytes - 8);
    pack_gzip(&content, &packed);
    ck_assert_uint_lt(packed.length, 60);
    talus_dataset_destroy(reads(&packed, NULL));
}
END_TEST

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
    if (!pack_gzip(&content, &packed))
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
    pack_gzip(&content, &packed);
    refuses(&packed, NULL, TALUS_ERROR_FORMAT, "the header promises 152 bytes, the content ends after 151");
    content.length += 2;
    pack_gzip(&content, &packed);
    refuses(&packed, NULL, TALUS_ERROR_FORMAT, "the header promises 152 bytes, the content has more");
}
END_TEST

START_TEST(gzip_checksums_are_checked)
{
    blob content = simple(0x08, 20, 7), packed;
    if (!pack_gzip(&content, &packed))
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
    if (pack_gzip(&content, &packed))
        refuses(&content, NULL, TALUS_ERROR_FORMAT, "its gzip data ends too early");
    else
        refuses(&content, NULL, TALUS_ERROR_UNSUPPORTED, "was built without zlib");
}
END_TEST

#ifdef TL_HAVE_ZLIB
/* Writes a file of gzip whose content is a header and `count` bytes that do not pack: about as long as its content. */
static void write_packed(const char *path, int type, uint32_t promised, size_t count)
{
    blob header = {0};
    append_header(&header, type, 1, &promised);
    unsigned char *bytes = malloc(count);
    number_stream numbers = numbers_from(7);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)(128 + 128 * next_number(&numbers));
    gzFile file = gzopen(path, "wb1");
    ck_assert_int_eq(gzwrite(file, header.bytes, (unsigned)header.length), (int)header.length);
    ck_assert_int_eq(gzwrite(file, bytes, (unsigned)count), (int)count);
    free(bytes);
    ck_assert_int_eq(gzclose(file), Z_OK);
}

/* A megabyte of content behind a header that promises some hundred megabytes takes memory as a megabyte does. */
START_TEST(memory_grows_with_the_content)
{
    enum { MEGABYTE = 1000000 };
    talus_dataset *dataset = NULL;
    blob inputs = simple(0x08, 3, 1);
    write_file(labels_path, inputs.bytes, inputs.length);
    for (int t = 0; t < IDX_TYPES; t++)
        for (int as_labels = 0; as_labels <= types[t].integer; as_labels++) {
            book.largest = 0;
            write_packed(inputs_path, types[t].type, 100 * MEGABYTE, MEGABYTE);
            ck_assert_int_eq(talus_dataset_read_idx(context, as_labels ? labels_path : inputs_path,
                                                    as_labels ? inputs_path : NULL, &dataset),
                             TALUS_ERROR_FORMAT);
            expect_message(context, "the content ends after 1000008");
            ck_assert_uint_lt(book.largest, 3 * MEGABYTE);
            nothing_is_left();
        }
}
END_TEST

/* Content that is longer than the first pieces of memory arrives whole. */
START_TEST(long_content_arrives_whole)
{
    enum { COUNT = 300000 };
    for (int sign = 0; sign < 2; sign++) {
        talus_dataset *dataset = NULL;
        talus_matrix x, y;
        write_packed(inputs_path, 0x08 + sign, COUNT, COUNT);
        write_packed(labels_path, 0x08, COUNT, COUNT);
        ck_assert_int_eq(talus_dataset_read_idx(context, inputs_path, labels_path, &dataset), TALUS_OK);
        ck_assert_int_eq(talus_dataset_matrices(dataset, &x, &y), TALUS_OK);
        number_stream numbers = numbers_from(7);
        for (int64_t i = 0; i < COUNT; i++) {
            int byte = (int)(128 + 128 * next_number(&numbers));
            ck_assert_double_eq(element(&y, i, 0), byte);
            ck_assert_double_eq(element(&x, i, 0), sign ? (int8_t)byte : byte);
        }
        talus_dataset_destroy(dataset);
    }
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        gzip_bombs_pay_for_their_size, gzip_of_several_members,          gzip_must_end_where_its_content_ends,
        gzip_checksums_are_checked,    gzip_without_zlib_is_unsupported,
#ifdef TL_HAVE_ZLIB
        memory_grows_with_the_content, long_content_arrives_whole,
#endif
    };
    return run_idx_tests("idx_gzip", tests, sizeof tests / sizeof *tests);
}
