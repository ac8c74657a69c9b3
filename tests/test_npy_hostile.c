/* NumPy's files that lie, are cut off, or wrong in any bit; and a system that refuses memory. */
#include "array_support.h"

static void write_blob(const blob *content)
{
    write_file(inputs_path, content->bytes, content->length);
}

/* Literals that are refused, in front of 8 bytes of elements. */
static const struct {
    const char *literal;
    talus_status status;
    const char *text;
} wrong[] = {
    {"", TALUS_ERROR_FORMAT, "it must be a dict"},
    {"(2,)", TALUS_ERROR_FORMAT, "it must be a dict"},
    {"{}", TALUS_ERROR_FORMAT, "its keys must be descr, fortran_order and shape, each once"},
    {"{'descr': '<f4', 'fortran_order': False}", TALUS_ERROR_FORMAT, "each once"},
    {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_FORMAT,
     "each once"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}", TALUS_ERROR_FORMAT, "each once"},
    {"{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_FORMAT, "a comma is missing"},
    {"{descr: '<f4', 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_FORMAT, "strings for keys"},
    {"{'descr' '<f4', 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_FORMAT, "strings for keys"},
    {"{'des\\x63r': '<f4', 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_FORMAT, "strings for keys"},
    {"{'descr", TALUS_ERROR_FORMAT, "strings for keys"},
    {"{'descr': <f4, 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_FORMAT, "descr must be a string"},
    {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", TALUS_ERROR_FORMAT,
     "fortran_order must be True or False"},
    {"{'descr': '<f4', 'fortran_order': Fals, 'shape': (2,)}", TALUS_ERROR_FORMAT, "must be True or False"},
    {"{'descr': '<f4', 'shape': (2,), 'fortran_order': Tru", TALUS_ERROR_FORMAT, "must be True or False"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': 2}", TALUS_ERROR_FORMAT, "a tuple of integers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", TALUS_ERROR_FORMAT, "a tuple, (n,)"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 1)}", TALUS_ERROR_FORMAT, "a tuple of integers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (,)}", TALUS_ERROR_FORMAT, "a tuple of integers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", TALUS_ERROR_FORMAT, "a tuple of integers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}", TALUS_ERROR_FORMAT, "a tuple of integers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", TALUS_ERROR_FORMAT,
     "a tuple of integers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,", TALUS_ERROR_FORMAT, "a tuple of integers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}", TALUS_ERROR_FORMAT,
     "must have at least 1 dimension, got 0"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0)}", TALUS_ERROR_FORMAT,
     "its dimension 1 (counted from 0) has size 0"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", TALUS_ERROR_FORMAT,
     "a newline must end it"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\n", TALUS_ERROR_FORMAT,
     "a newline must end it"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", TALUS_ERROR_FORMAT, "the header promises "},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", TALUS_ERROR_FORMAT, "the header promises "},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (576460752303423487,)}", TALUS_ERROR_FORMAT,
     "the header promises 230584300921369"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (576460752303423488,)}", TALUS_ERROR_FORMAT,
     "its sizes multiply to more than any memory"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296)}",
     TALUS_ERROR_FORMAT, "its sizes multiply to more than any memory"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 0)}", TALUS_ERROR_FORMAT,
     "dimension 2 (counted from 0) has size 0"},
    {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", TALUS_ERROR_UNSUPPORTED, "got \"|O\""},
    {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", TALUS_ERROR_UNSUPPORTED, "got \"<c8\""},
    {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", TALUS_ERROR_UNSUPPORTED, "got \"<f16\""},
    {"{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_UNSUPPORTED, "got \"f4\""},
    {"{'descr': '<f9', 'fortran_order': False, 'shape': (1,)}", TALUS_ERROR_UNSUPPORTED, "got \"<f9\""},
    {"{'descr': '!f4', 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_UNSUPPORTED, "got \"!f4\""},
    {"{'descr': '<i3', 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_UNSUPPORTED, "got \"<i3\""},
    {"{'descr': '<U2222222222222222222222222222222222222222222222222222', 'fortran_order': False}",
     TALUS_ERROR_UNSUPPORTED, "got \"<U22222222222222222222222222222222222222\""},
    {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", TALUS_ERROR_UNSUPPORTED,
     "got \"[\""},
};

START_TEST(literals_must_be_right)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        blob content = npy_with(1, wrong[i].literal, "01234567", 8);
        write_blob(&content);
        book.largest = 0;
        refuses_array(NULL, wrong[i].status, wrong[i].text);
        ck_assert_uint_lt(book.largest, 1000);
    }
}
END_TEST

START_TEST(dimensions_are_bounded)
{
    for (int dimensions = 64; dimensions <= 65; dimensions++) {
        char literal[400] = "{'descr': '<f4', 'fortran_order': True, 'shape': (2";
        for (int k = 1; k < dimensions; k++)
            strcat(literal, ",1");
        strcat(literal, ")}");
        blob content = npy_with(1, literal, "01234567", 8);
        write_blob(&content);
        if (dimensions == 64)
            talus_array_destroy(reads_array(NULL));
        else
            refuses_array(NULL, TALUS_ERROR_UNSUPPORTED, "must have at most 64 dimensions");
    }
}
END_TEST

START_TEST(beginnings_must_be_right)
{
    blob good = floats(2, 3), content = good;
    content.bytes[0] = 0x92;
    write_blob(&content);
    refuses_array(NULL, TALUS_ERROR_FORMAT, "does not begin with 93 \"NUMPY\"");
    for (int version = 0; version < 256; version++)
        for (int minor = 0; minor < 2; minor++) {
            content = good;
            content.bytes[6] = (unsigned char)version, content.bytes[7] = (unsigned char)minor;
            write_blob(&content);
            if (version < 1 || version > 3 || minor != 0)
                refuses_array(NULL, TALUS_ERROR_UNSUPPORTED, "the version of its format must be ");
        }
    content = npy_with(2, "{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}", "01234567", 8);
    content.bytes[11] = 0xFF; /* 4 GB of header */
    write_blob(&content);
    refuses_array(NULL, TALUS_ERROR_FORMAT, "ends within its header of 4278190");
    ck_assert_uint_lt(book.largest, 1000);
}
END_TEST

/* A file of 70000 bytes, all of them header. */
START_TEST(headers_are_bounded)
{
    static unsigned char bytes[70000];
    memset(bytes, ' ', sizeof bytes);
    memcpy(bytes, "\x93NUMPY\2\0\0\0\1\0{", 13);
    write_file(inputs_path, bytes, sizeof bytes);
    refuses_array(NULL, TALUS_ERROR_UNSUPPORTED, "its header must have at most 65535 bytes, got 65536");
}
END_TEST

/* Whatever the content is: an error with a message, or an array of that size; nothing is lost. */
static bool survives(const blob *content)
{
    talus_array *array = NULL;
    talus_matrix matrix;
    book.largest = 0;
    write_blob(content);
    talus_status status = talus_array_read_npy(context, inputs_path, &array);
    ck_assert((status == TALUS_OK) == (array != NULL));
    if (status == TALUS_OK) {
        expect_ok(context, talus_array_matrix(array, &matrix));
        double sum = 0;
        for (int64_t i = 0; i < matrix.rows; i++)
            for (int64_t j = 0; j < matrix.cols; j++)
                sum += element(&matrix, i, j) > 0;
        ck_assert(sum >= 0);
        talus_array_destroy(array);
    } else
        expect_message(context, "inputs.idx\"");
    nothing_is_left();
    return status == TALUS_OK;
}

START_TEST(every_truncation_is_an_error)
{
    blob content = floats(5, 3), packed;
    bool both = pack_gzip(&content, &packed);
    while (content.length-- > 0) {
        ck_assert(!survives(&content));
        ck_assert_uint_lt(book.largest, 1000);
    }
    while (both && packed.length-- > 0)
        ck_assert(!survives(&packed));
}
END_TEST

/* In the elements every bit may be another; in the rest no flip gives more than the file has. */
START_TEST(every_wrong_bit_is_survived)
{
    blob content = floats(5, 3), packed;
    for (size_t i = 0; i < 8 * content.length; i++) {
        content.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
        bool good = survives(&content);
        ck_assert(good || i / 8 < content.length - 60);
        ck_assert_uint_lt(book.largest, 1000);
        content.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
    }
    for (size_t i = 0; pack_gzip(&content, &packed) && i < 8 * packed.length; i++) {
        packed.bytes[i / 8] ^= (unsigned char)(1u << i % 8);
        survives(&packed);
    }
}
END_TEST

/* Bytes after the elements are refused, packed or not. */
START_TEST(trailing_bytes_are_refused)
{
    blob content = floats(2, 2), packed;
    append(&content, "", 1);
    ck_assert(!survives(&content));
    if (pack_gzip(&content, &packed))
        ck_assert(!survives(&packed));
    expect_message(context, "the header promises ");
}
END_TEST

static talus_status read_pair(bool from_archive, talus_dataset **dataset)
{
    return from_archive ? talus_dataset_read_npz(context, inputs_path, NULL, "y", dataset)
                        : talus_dataset_read_npy(context, inputs_path, labels_path, dataset);
}

/* Refuses one allocation after the other until a data set is read. */
static void walk_allocations(bool from_archive)
{
    for (int n = 1;; n++) {
        talus_dataset *dataset = NULL;
        refuse_from_now(&book, n);
        talus_status status = read_pair(from_archive, &dataset);
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 5);
            book.fail_at = 0;
            talus_dataset_destroy(dataset);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_ptr_null(dataset);
        expect_message(context, "there is no memory");
        nothing_is_left();
    }
}

START_TEST(every_failing_allocation_is_survived)
{
    blob x = floats(20, 4), y = bytes_of(20, 1), packed;
    archive made = {.count = 0};
    add_member(&made, &(member){.name = "x.npy"}, &x);
#ifdef TL_HAVE_ZLIB
    add_member(&made, &(member){.name = "y.npy", .deflated = true}, &y);
#else
    add_member(&made, &(member){.name = "y.npy"}, &y);
#endif
    blob all = end_archive(&made, "");
    write_blob(&all);
    walk_allocations(true);
    write_blob(pack_gzip(&x, &packed) ? &packed : &x);
    write_file(labels_path, y.bytes, y.length);
    walk_allocations(false);
    talus_status status = TALUS_ERROR_MEMORY;
    for (int n = 1; status != TALUS_OK; n++) {
        talus_array *array = NULL;
        refuse_from_now(&book, n);
        status = talus_array_read_npy(context, inputs_path, &array);
        book.fail_at = 0;
        talus_array_destroy(array);
        ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {literals_must_be_right,       dimensions_are_bounded,
                                  beginnings_must_be_right,     headers_are_bounded,
                                  every_truncation_is_an_error, every_wrong_bit_is_survived,
                                  trailing_bytes_are_refused,   every_failing_allocation_is_survived};
    return run_idx_tests("npy_hostile", tests, sizeof tests / sizeof *tests);
}
