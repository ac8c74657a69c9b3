/* Files in the IDX format: what they give. */
#include <sys/stat.h>
#include <unistd.h>

#include "idx_support.h"

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
    for (int t = 0; t < IDX_TYPES; t++) {
        blob plain = {0}, packed;
        append_header(&plain, types[t].type, 2, (uint32_t[]){2, 3});
        for (int i = 0; i < 6; i++)
            append_element(&plain, types[t].type, types[t].values[i]);
        inputs_are(reads(&plain, NULL), t);
        if (pack_gzip(&plain, &packed))
            inputs_are(reads(&packed, NULL), t);
    }
}
END_TEST

START_TEST(labels_of_every_integer_type)
{
    blob inputs = simple(0x08, 3, 1);
    for (int t = 0; t < IDX_TYPES; t++) {
        blob labels = {0}, packed;
        talus_matrix y;
        append_header(&labels, types[t].type, 1, (uint32_t[]){3});
        for (int i = 3; i < 6; i++)
            append_element(&labels, types[t].type, types[t].values[i]);
        if (!types[t].integer) {
            refuses(&inputs, &labels, TALUS_ERROR_FORMAT, "must hold labels, which are integers, got ");
            continue;
        }
        for (int twice = 0; twice < 2; twice++) {
            bool use_packed = twice == 1 && pack_gzip(&labels, &packed);
            talus_dataset *dataset = reads(&inputs, use_packed ? &packed : &labels);
            ck_assert_int_eq(talus_dataset_matrices(dataset, NULL, &y), TALUS_OK);
            ck_assert(y.dtype == TALUS_DTYPE_I32 && y.rows == 3 && y.cols == 1 && y.stride == 1);
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
    for (int t = 0; t < IDX_TYPES; t++)
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

/* A data set that was read is sliced as any other. */
START_TEST(data_sets_own_what_was_read)
{
    blob inputs = simple(0x09, 6, 4), labels = simple(0x08, 6, 1);
    talus_dataset *dataset = reads(&inputs, &labels), *part;
    talus_matrix x, y;
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
    ck_assert(x.dtype == TALUS_DTYPE_U8 && x.rows == 1797 && x.cols == 64 && y.rows == 1797);
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

static void cannot_open(const char *path, const char *text)
{
    talus_dataset *dataset = NULL;
    ck_assert_int_eq(talus_dataset_read_idx(context, path, NULL, &dataset), TALUS_ERROR_FILE);
    ck_assert_ptr_null(dataset);
    expect_message(context, text);
    nothing_is_left();
}

START_TEST(null_is_an_argument_error)
{
    talus_dataset *dataset = NULL;
    ck_assert_int_eq(talus_dataset_read_idx(NULL, "x", NULL, &dataset), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_dataset_read_idx(context, NULL, NULL, &dataset), TALUS_ERROR_ARGUMENT);
    expect_message(context, "inputs_path must not be NULL");
    ck_assert_int_eq(talus_dataset_read_idx(context, "x", NULL, NULL), TALUS_ERROR_ARGUMENT);
    expect_message(context, "dataset must not be NULL");
    ck_assert_ptr_null(dataset);
}
END_TEST

START_TEST(what_is_no_file)
{
    talus_dataset *dataset = NULL;
    cannot_open(inputs_path, "inputs.idx\" cannot be opened: ");
    cannot_open("", "\"\" cannot be opened: ");
    cannot_open(folder, "must be a file, got a directory");
    cannot_open("/dev/null", "must be a regular file, got a device or a pipe");
    cannot_open("/dev/zero", "must be a regular file, got a device or a pipe");
    ck_assert_int_eq(mkfifo(inputs_path, 0600), 0);
    cannot_open(inputs_path, "must be a regular file, got a device or a pipe");
    unlink(inputs_path);
    blob inputs = simple(0x08, 2, 2);
    write_file(inputs_path, inputs.bytes, inputs.length);
    ck_assert_int_eq(talus_dataset_read_idx(context, inputs_path, labels_path, &dataset), TALUS_ERROR_FILE);
    expect_message(context, "labels.idx\" cannot be opened: ");
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

int main(void)
{
    const TTest *const tests[] = {inputs_of_every_type,
                                  labels_of_every_integer_type,
                                  long_arrays_of_every_type,
                                  dimensions_after_the_first_are_features,
                                  most_dimensions,
                                  data_sets_own_what_was_read,
                                  the_digits_of_the_examples,
                                  null_is_an_argument_error,
                                  what_is_no_file,
                                  long_names_are_cut};
    return run_idx_tests("idx", tests, sizeof tests / sizeof *tests);
}
