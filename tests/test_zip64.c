/* Archives whose numbers stand in parts of ZIP64: APPNOTE.TXT, PKWARE, sections 4.3.14, 4.3.15 and 4.5.3. */
#include "array_support.h"

#ifdef TL_HAVE_ZLIB
static const bool unpacks = true;
#else
static const bool unpacks = false;
#endif

/* x, 6 × 4 numbers, and y; wide is what the directory has in ZIP64 fields. */
static archive pair_of(bool packs, int wide, bool own_wide)
{
    archive made = {.count = 0};
    blob x = floats(6, 4), y = bytes_of(6, 1);
    const member how = {.name = "x.npy", .deflated = packs && unpacks, .wide = wide, .own_wide = own_wide};
    member other = how;
    other.name = "y.npy";
    add_member(&made, &how, &x);
    add_member(&made, &other, &y);
    return made;
}

START_TEST(numbers_stand_in_either_place)
{
    for (int i = 0; i < 2 * 2 * 8 * 3; i++) {
        archive made = pair_of(i % 2, i / 4 % 8, i / 2 % 2);
        blob all = i / 32 == 0 ? end_archive(&made, "") : end_wide_archive(&made, i / 32 == 1);
        ck_assert_msg(archive_survives(&all), "%d: %s", i, talus_error_message(context));
    }
}
END_TEST

/* More may stand in the end, after what is known of it. */
START_TEST(longer_ends_are_read)
{
    archive made = pair_of(false, 7, true);
    blob all = end_wide_archive(&made, true), longer = all;
    longer.length = all.length - 42;
    append(&longer, "\1\0\4\0\0\0more", 10);
    append(&longer, all.bytes + all.length - 42, 42);
    longer.bytes[all.length - 98 + 4] += 10;
    ck_assert(archive_survives(&longer));
    longer.bytes[all.length - 98 + 4]--;
    ck_assert(!archive_survives(&longer));
    expect_message(context, "its ZIP64 end does not stand before the locator");
}
END_TEST

/* Where the sizes follow a member, its header has none. */
START_TEST(headers_may_have_no_sizes)
{
    archive made = {.count = 0};
    blob x = floats(6, 4);
    add_member(&made, &(member){.name = "x.npy", .flags = 1 << 3}, &x);
    memset(made.members.bytes + 18, 0xFF, 8);
    blob all = end_archive(&made, "");
    ck_assert(archive_survives(&all));
}
END_TEST

/* The archive of x alone, stored, with every number in a part of ZIP64: bytes to be counted from the beginning of a part. The fields
 * of 5 bytes before those of ZIP64, and their own beginnings of 4, are jumped over. */
enum part { OWN, OWN_FIELD, ENTRY, FIELD, WIDE_END, LOCATOR, END };
static size_t part_at(const archive *made, enum part part)
{
    const size_t entry = made->members.length, end = entry + made->directory.length;
    const size_t begins[] = {0, 30 + 5 + 5, entry, entry + 46 + 5 + 5, end, end + 56, end + 76};
    return begins[part];
}

static const uint64_t huge[] = {INT64_MAX - 20, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX - 200, UINT64_MAX};

static const struct {
    enum part part;
    int at, size;
    uint64_t value; /* 0: each of the huge ones */
    talus_status status;
    const char *text;
} lies[] = {
    {OWN_FIELD, 0, 2, 2, TALUS_ERROR_FORMAT, "a ZIP64 number of a member is missing"},
    {OWN_FIELD, 2, 2, 15, TALUS_ERROR_FORMAT, "a ZIP64 number of a member is missing"},
    {OWN_FIELD, 2, 2, 7, TALUS_ERROR_FORMAT, "a ZIP64 number of a member is missing"},
    {OWN_FIELD, 2, 2, 17, TALUS_ERROR_FORMAT, "a field beside the name of a member is cut off"},
    {OWN_FIELD, -3, 2, 60000, TALUS_ERROR_FORMAT, "a field beside the name of a member is cut off"},
    {OWN_FIELD, 4, 8, 177, TALUS_ERROR_FORMAT, "does not agree with the directory"},
    {OWN_FIELD, 4, 8, 0, TALUS_ERROR_FORMAT, "does not agree with the directory"},
    {OWN_FIELD, 12, 8, 0, TALUS_ERROR_FORMAT, "does not agree with the directory"},
    {OWN, 28, 2, 2, TALUS_ERROR_FORMAT, "a ZIP64 number of a member is missing"},
    {OWN, 28, 2, 65535, TALUS_ERROR_FORMAT, "two of its members overlap"},
    {FIELD, 0, 2, 2, TALUS_ERROR_FORMAT, "a ZIP64 number of a member is missing"},
    {FIELD, 2, 2, 23, TALUS_ERROR_FORMAT, "a ZIP64 number of a member is missing"},
    {FIELD, 2, 2, 0xFFFF, TALUS_ERROR_FORMAT, "a field beside the name of a member is cut off"},
    {FIELD, 4, 8, 0, TALUS_ERROR_FORMAT, "a stored member has two lengths"},
    {FIELD, 12, 8, 0, TALUS_ERROR_FORMAT, "a member does not end before the directory"},
    {FIELD, 12, 8, 4000000000, TALUS_ERROR_FORMAT, "a member does not end before the directory"},
    {FIELD, 20, 8, 0, TALUS_ERROR_FORMAT, "a member does not end before the directory"},
    {FIELD, 20, 8, 1, TALUS_ERROR_FORMAT, "does not agree with the directory"},
    {ENTRY, 30, 2, 30, TALUS_ERROR_FORMAT, "a field beside the name of a member is cut off"},
    {WIDE_END, 0, 4, 1, TALUS_ERROR_FORMAT, "its ZIP64 end does not stand before the locator"},
    {WIDE_END, 4, 8, 43, TALUS_ERROR_FORMAT, "its ZIP64 end does not stand before the locator"},
    {WIDE_END, 4, 8, 0, TALUS_ERROR_FORMAT, "its ZIP64 end does not stand before the locator"},
    {WIDE_END, 16, 4, 1, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
    {WIDE_END, 20, 4, 1, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
    {WIDE_END, 24, 8, 0, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
    {WIDE_END, 32, 8, 2, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
    {WIDE_END, 40, 8, 0, TALUS_ERROR_FORMAT, "its directory does not stand before its end"},
    {WIDE_END, 40, 8, 1, TALUS_ERROR_FORMAT, "its directory does not stand before its end"},
    {WIDE_END, 48, 8, 0, TALUS_ERROR_FORMAT, "its directory does not stand before its end"},
    {WIDE_END, 48, 8, 1, TALUS_ERROR_FORMAT, "its directory does not stand before its end"},
    {LOCATOR, 0, 4, 1, TALUS_ERROR_UNSUPPORTED,
     "archives on several disks are not read"}, /* a plain end of all ones */
    {LOCATOR, 4, 4, 1, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
    {LOCATOR, 16, 4, 2, TALUS_ERROR_UNSUPPORTED, "archives on several disks are not read"},
    {LOCATOR, 8, 8, 0, TALUS_ERROR_FORMAT, "its ZIP64 end does not stand before the locator"},
    {LOCATOR, 8, 8, 1, TALUS_ERROR_FORMAT, "its ZIP64 end does not stand before the locator"},
    {END, 4, 2, 2, TALUS_ERROR_FORMAT, "its end does not agree with its ZIP64 end"},
    {END, 6, 2, 2, TALUS_ERROR_FORMAT, "its end does not agree with its ZIP64 end"},
    {END, 8, 2, 2, TALUS_ERROR_FORMAT, "its end does not agree with its ZIP64 end"},
    {END, 10, 2, 2, TALUS_ERROR_FORMAT, "its end does not agree with its ZIP64 end"},
    {END, 12, 4, 2, TALUS_ERROR_FORMAT, "its end does not agree with its ZIP64 end"},
    {END, 16, 4, 2, TALUS_ERROR_FORMAT, "its end does not agree with its ZIP64 end"},
};

static void lie(const archive *made, size_t i, uint64_t value)
{
    blob all = end_wide_archive(made, true);
    unsigned char *bytes = all.bytes + part_at(made, lies[i].part) + lies[i].at;
    for (int k = 0; k < lies[i].size; k++)
        bytes[k] = (unsigned char)(value >> 8 * k);
    ck_assert_msg(!archive_survives(&all), "%zu", i);
    refuses_array("x", lies[i].status, lies[i].text);
}

START_TEST(every_part_must_be_right)
{
    archive made = {.count = 0};
    blob x = floats(6, 4);
    add_member(&made, &(member){.name = "x.npy", .wide = 7, .own_wide = true}, &x);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        if (lies[i].value != 0)
            lie(&made, i, lies[i].value);
        else
            for (size_t k = 0; k < sizeof huge / sizeof *huge; k++)
                lie(&made, i, huge[k]);
}
END_TEST

/* A packed member that promises as much as any number can say. */
START_TEST(what_is_packed_pays_for_what_it_promises)
{
    archive made = pair_of(true, 7, false);
    for (size_t k = 0; unpacks && k < sizeof huge / sizeof *huge; k++) {
        blob all = end_wide_archive(&made, true);
        for (int i = 0; i < 8; i++)
            all.bytes[made.members.length + 46 + 5 + 5 + 4 + (size_t)i] = (unsigned char)(huge[k] >> 8 * i);
        ck_assert(!archive_survives(&all));
        expect_message(context, "a member promises more than its bytes can unpack to");
    }
}
END_TEST

/* An end alone, of all ones, and with a locator in front of it that is the whole file. */
START_TEST(ends_without_a_directory)
{
    archive none = {.count = 0};
    blob all = end_wide_archive(&none, true), end = {0};
    append(&end, all.bytes + all.length - 22, 22);
    ck_assert(!archive_survives(&end));
    end.length = 0;
    append(&end, all.bytes + all.length - 42, 42);
    ck_assert(!archive_survives(&end));
    ck_assert(!archive_survives(&all));
    expect_message(context, "it has: none");
}
END_TEST

START_TEST(every_truncation_is_an_error)
{
    for (int packs = 0; packs < 2; packs++) {
        archive made = pair_of(packs, 7, true);
        blob all = end_wide_archive(&made, true);
        while (all.length-- > 0)
            ck_assert(!archive_survives(&all));
    }
}
END_TEST

START_TEST(every_wrong_bit_is_survived)
{
    for (int packs = 0; packs < 2; packs++) {
        archive made = pair_of(packs, 7, true);
        blob all = end_wide_archive(&made, packs);
        for (size_t i = 0; i < 8 * all.length; i++) {
            all.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
            archive_survives(&all);
            all.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
        }
    }
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    archive made = pair_of(true, 7, true);
    blob all = end_wide_archive(&made, true);
    talus_status status = TALUS_ERROR_MEMORY;
    write_file(inputs_path, all.bytes, all.length);
    for (int n = 1; status != TALUS_OK; n++) {
        talus_array *array = NULL;
        refuse_from_now(&book, n);
        status = talus_array_read_npz(context, inputs_path, "x", &array);
        book.fail_at = 0;
        ck_assert(status == TALUS_ERROR_MEMORY || (status == TALUS_OK && n > 4));
        talus_array_destroy(array);
        nothing_is_left();
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {numbers_stand_in_either_place,
                                  longer_ends_are_read,
                                  headers_may_have_no_sizes,
                                  every_part_must_be_right,
                                  what_is_packed_pays_for_what_it_promises,
                                  ends_without_a_directory,
                                  every_truncation_is_an_error,
                                  every_wrong_bit_is_survived,
                                  every_failing_allocation_is_survived};
    return run_idx_tests("zip64", tests, sizeof tests / sizeof *tests);
}
