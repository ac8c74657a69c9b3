/* Archives of arrays: what they give, and those that lie. */
#include "array_support.h"

static void write_blob(const blob *content)
{
    write_file(inputs_path, content->bytes, content->length);
}

/* Whether members can be unpacked. */
#ifdef TL_HAVE_ZLIB
static const bool unpacks = true;
#else
static const bool unpacks = false;
#endif

/* x, 6 × 4 numbers, and y, 6 labels. */
static archive pair_of(bool deflated)
{
    archive made = {.count = 0};
    blob x = floats(6, 4), y = bytes_of(6, 1);
    add_member(&made, &(member){.name = "x.npy", .deflated = deflated && unpacks, .extra = 20}, &x);
    add_member(&made, &(member){.name = "y.npy", .deflated = deflated && unpacks}, &y);
    return made;
}

START_TEST(data_sets_from_archives)
{
    for (int packs = 0; packs < 2; packs++)
        for (int commented = 0; commented < 2; commented++) {
            archive made = pair_of(packs);
            blob all = end_archive(&made, commented ? "a comment with PK\5\6 in it, which is long" : "");
            talus_dataset *dataset;
            talus_matrix x, y;
            write_blob(&all);
            expect_ok(context, talus_dataset_read_npz(context, inputs_path, NULL, "y", &dataset));
            expect_ok(context, talus_dataset_matrices(dataset, &x, &y));
            ck_assert(x.rows == 6 && x.cols == 4 && y.dtype == TALUS_DTYPE_I32 && y.rows == 6);
            ck_assert_double_eq(element(&x, 5, 3), 23);
            ck_assert_double_eq(element(&y, 5, 0), 5);
            talus_dataset_destroy(dataset);
            expect_ok(context, talus_dataset_read_npz(context, inputs_path, "y", NULL, &dataset));
            expect_ok(context, talus_dataset_matrices(dataset, &x, &y));
            ck_assert(x.dtype == TALUS_DTYPE_U8 && x.rows == 6 && y.data == NULL);
            talus_dataset_destroy(dataset);
        }
}
END_TEST

START_TEST(arrays_by_their_names)
{
    archive made = pair_of(true);
    blob all = end_archive(&made, "");
    talus_matrix matrix;
    write_blob(&all);
    talus_array *array = reads_array("y");
    expect_ok(context, talus_array_matrix(array, &matrix));
    ck_assert(matrix.dtype == TALUS_DTYPE_U8 && matrix.rows == 6);
    talus_array_destroy(array);
    refuses_array("z", TALUS_ERROR_FORMAT, "has no member \"z.npy\"; it has: x.npy, y.npy");
    refuses_array("", TALUS_ERROR_FORMAT, "has no member \".npy\"");
    refuses_array("x.npy", TALUS_ERROR_FORMAT, "has no member \"x.npy.npy\"");
    all = end_archive(&(archive){.count = 0}, "");
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_FORMAT, "it has: none");
    talus_dataset *dataset = NULL;
    write_blob(&(blob){0});
    expect_status(context, TALUS_ERROR_FORMAT,
                  talus_dataset_read_npz(context, inputs_path, NULL, NULL, &dataset));
    expect_message(context, "is not a zip archive, or broken: it has no end of a directory");
}
END_TEST

/* Ways to make one member, and what is said of them. */
static const struct {
    member how;
    talus_status status;
    const char *text;
} lies[] = {
    {{.name = "x.npy", .spoils = 1}, TALUS_ERROR_FORMAT, "its bytes do not have their checksum"},
    {{.name = "x.npy", .spoils = 1, .deflated = true}, TALUS_ERROR_FORMAT, "its gzip data is broken"},
    {{.name = "x.npy", .length = 24, .deflated = true}, TALUS_ERROR_FORMAT, "its gzip data is broken"},
    {{.name = "x.npy", .length = 24}, TALUS_ERROR_FORMAT, "a stored member has two lengths"},
    {{.name = "x.npy", .length = 400000000, .deflated = true},
     TALUS_ERROR_FORMAT,
     "a member promises more than its bytes can unpack to"},
    {{.name = "x.npy", .length = 0xFFFFFFFF}, TALUS_ERROR_FORMAT, "a ZIP64 number of a member is missing"},
    {{.name = "x.npy", .offset = 0xFFFFFFFF}, TALUS_ERROR_FORMAT, "a ZIP64 number of a member is missing"},
    {{.name = "x.npy", .offset = 0xFFFFFFFE}, TALUS_ERROR_FORMAT, "does not end before the directory"},
    {{.name = "x.npy", .offset = 4}, TALUS_ERROR_FORMAT, "does not end before the directory"},
    {{.name = "x.npy", .flags = 1}, TALUS_ERROR_UNSUPPORTED, "members that are encrypted are not read"},
    {{.name = "x.npy", .method = 12},
     TALUS_ERROR_UNSUPPORTED,
     "must be stored (0) or deflated (8), got method 12"},
};

START_TEST(members_must_be_right)
{
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        archive made = {.count = 0};
        blob x = floats(6, 4);
        if (lies[i].how.deflated && !unpacks)
            continue;
        add_member(&made, &lies[i].how, &x);
        blob all = end_archive(&made, "");
        write_blob(&all);
        refuses_array("x", lies[i].status, lies[i].text);
        ck_assert_uint_lt(book.largest, 100000);
    }
}
END_TEST

START_TEST(members_must_not_overlap)
{
    blob x = floats(6, 4), y = bytes_of(6, 1);
    archive made = {.count = 0};
    add_member(&made, &(member){.name = "x.npy"}, &x);
    add_member(&made, &(member){.name = "y.npy", .offset = 20}, &y);
    blob all = end_archive(&made, "");
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_FORMAT, "two of its members overlap");

    made = (archive){.count = 0}; /* its own header claims more than there is room for */
    add_member(&made, &(member){.name = "x.npy"}, &x);
    made.members.bytes[28] = 1;
    add_member(&made, &(member){.name = "y.npy"}, &y);
    all = end_archive(&made, "");
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_FORMAT, "two of its members overlap");

    made = (archive){.count = 0};
    add_member(&made, &(member){.name = "x.npy"}, &x);
    add_member(&made, &(member){.name = "x.npy"}, &x);
    all = end_archive(&made, "");
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_FORMAT, "two of its members have one name");
}
END_TEST

/* Bytes of the end, from its first on, that are wrong. */
START_TEST(ends_must_be_right)
{
    static const struct {
        int at, value;
        talus_status status;
        const char *text;
    } cases[] = {
        {4, 1, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
        {6, 1, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
        {8, 1, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
        {12, 1, TALUS_ERROR_FORMAT, "its directory does not stand before its end"},
        {16, 1, TALUS_ERROR_FORMAT, "its directory does not stand before its end"},
        {20, 1, TALUS_ERROR_FORMAT, "it has no end of a directory"},
    };
    archive made = pair_of(true);
    blob good = end_archive(&made, ""), all;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        all = good;
        all.bytes[all.length - 22 + (size_t)cases[i].at] = (unsigned char)cases[i].value;
        write_blob(&all);
        refuses_array("x", cases[i].status, cases[i].text);
    }
    for (int count = 1; count <= 3; count += 2) { /* one entry too few, and too many */
        all = good;
        all.bytes[all.length - 14] = all.bytes[all.length - 12] = (unsigned char)count;
        write_blob(&all);
        refuses_array("x", TALUS_ERROR_FORMAT,
                      count == 1 ? "its directory holds more than entries"
                                 : "an entry of its directory is none");
    }
    memset(all.bytes + all.length - 14, 0xFF, 4);
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_UNSUPPORTED, "archives of more than 1024 members are not read");
    made.count = 1025;
    all = end_archive(&made, "");
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_UNSUPPORTED, "archives of more than 1024 members are not read");
    all = good;
    all.bytes[made.members.length + 28 + 1] = 0x70; /* a name that is longer than the directory */
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_FORMAT, "an entry of its directory is cut off");
    all = good;
    all.bytes[22] = 1; /* so many bytes, its own header says */
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_FORMAT, "does not agree with the directory");
    all = good;
    all.bytes[8] = 1; /* stored or deflated, its own header says something else */
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_FORMAT, "does not agree with the directory");
}
END_TEST

/* Within the bytes of a deflated member there may be the end of a gzip member and another one: then there is more than
 * the archive promises. */
START_TEST(members_within_a_member)
{
    blob x = floats(6, 4), bytes = deflated(&x), whole;
    if (!pack_gzip(&x, &whole))
        return;
    archive made = {.count = 0};
    append(&bytes, whole.bytes + whole.length - 8, 8);
    append(&bytes, whole.bytes, whole.length - 8);
    add_member(&made, &(member){.name = "x.npy", .deflated = true, .is_packed = true}, &bytes);
    uint32_t crc;
    memcpy(&crc, whole.bytes + whole.length - 8, 4);
    for (int i = 0; i < 4; i++) {
        made.directory.bytes[16 + i] = (unsigned char)(crc >> 8 * i);
        made.directory.bytes[24 + i] = made.members.bytes[22 + i] = (unsigned char)(x.length >> 8 * i);
    }
    blob all = end_archive(&made, "");
    write_blob(&all);
    refuses_array("x", TALUS_ERROR_FORMAT, "the archive promises ");
}
END_TEST

START_TEST(every_truncation_is_an_error)
{
    for (int packs = 0; packs < 2; packs++) {
        archive made = pair_of(packs);
        blob all = end_archive(&made, "");
        while (all.length-- > 0)
            ck_assert(!archive_survives(&all));
    }
}
END_TEST

/* Times, versions and the other member may be wrong; what is read has its checksum. */
START_TEST(every_wrong_bit_is_survived)
{
    for (int packs = 0; packs < 2; packs++) {
        archive made = pair_of(packs);
        blob all = end_archive(&made, "");
        for (size_t i = 0; i < 8 * all.length; i++) {
            all.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
            archive_survives(&all);
            all.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
        }
    }
}
END_TEST

/* 16 MB of zeros in 16 KB: memory comes for what the array promises, and only if that is there. */
START_TEST(bombs)
{
    static unsigned char zeros[12000000];
    blob header = npy_of("|u1", false, "(12000000,)", "", 0), packed = {0};
    memcpy(zeros, header.bytes, header.length);
    if (!append_packed(&packed, zeros, sizeof zeros))
        return;
    write_blob(&packed);
    refuses_array(NULL, TALUS_ERROR_FORMAT, "the header promises 12000");
    ck_assert_uint_lt(book.largest, 100000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        data_sets_from_archives,      arrays_by_their_names,       members_must_be_right,
        members_must_not_overlap,     ends_must_be_right,          members_within_a_member,
        every_truncation_is_an_error, every_wrong_bit_is_survived, bombs};
    return run_idx_tests("npz", tests, sizeof tests / sizeof *tests);
}
