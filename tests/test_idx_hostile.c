/* Files in the IDX format that lie, and random ones: no content of a file does harm. */
#include "idx_support.h"

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
    refuses(&content, NULL, TALUS_ERROR_FORMAT, "must have at least 1 dimension, got 0");
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
        for (int t = 0; t < IDX_TYPES; t++) {
            blob content = {0}, packed;
            append_header(&content, types[t].type, 4, lies[i].sizes);
            append(&content, "01234567", 8);
            refuses(&content, NULL, TALUS_ERROR_FORMAT, lies[i].text);
            ck_assert_uint_eq(book.largest, 0);
            if (pack_gzip(&content, &packed))
                refuses(&packed, NULL, TALUS_ERROR_FORMAT, lies[i].text);
            ck_assert_uint_lt(book.largest, UNPACKING_BYTES);
            book.largest = 0;
        }
}
END_TEST

START_TEST(labels_must_fit_inputs)
{
    blob inputs = simple(0x08, 4, 3), labels = simple(0x08, 5, 1);
    refuses(&inputs, &labels, TALUS_ERROR_FORMAT, "inputs.idx\" has 4 samples, \"");
    expect_message(context, "labels.idx\" has 5");
    labels = simple(0x08, 4, 2);
    refuses(&inputs, &labels, TALUS_ERROR_FORMAT, "labels.idx\" must hold 1 label a sample, got 2 numbers");
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

START_TEST(every_truncation_is_an_error)
{
    for (int t = 0; t < IDX_TYPES; t++) {
        blob content = simple(types[t].type, 5, 3), packed;
        bool both = pack_gzip(&content, &packed);
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
        expect_message(context, ".idx\"");
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
    if (pack_gzip(&plain, &packed))
        survives_every_byte(&packed);
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
        blob inputs = simple(types[round % IDX_TYPES].type, 6, 4), labels = simple(0x0C, 6, 1), packed;
        if (round % 4 == 0) /* the content is wrong, the gzip around it is right */
            mutate(&inputs, &state);
        if (round % 2 == 0 && pack_gzip(&inputs, &packed))
            inputs = packed;
        if (round % 3 == 0 && pack_gzip(&labels, &packed))
            labels = packed;
        for (uint32_t times = round % 4 == 0 ? 0 : 1 + draw(&state, 4); times > 0; times--)
            mutate(draw(&state, 4) == 0 ? &labels : &inputs, &state);
        survives(&inputs, &labels);
    }
    ck_assert_uint_lt(book.largest, 16384 * 1032 + UNPACKING_BYTES);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {headers_must_be_right,        lying_sizes_allocate_nothing,
                                  labels_must_fit_inputs,       values_must_be_finite,
                                  every_truncation_is_an_error, every_wrong_byte_is_survived,
                                  random_mutations_are_survived};
    return run_idx_tests("idx_hostile", tests, sizeof tests / sizeof *tests);
}
