#include "data/idx_element.h"

#include <stddef.h>
#include <string.h>

/* Widening runs upwards: number i is written below all elements after i, which stand at the end. */

static void u8_to_i32(unsigned char *array, int64_t count)
{
    const unsigned char *elements = array + 3 * count;
    for (int64_t i = 0; i < count; i++) {
        int32_t number = elements[i];
        memcpy(array + 4 * i, &number, sizeof number);
    }
}

static void i8_to_i32(unsigned char *array, int64_t count)
{
    const unsigned char *elements = array + 3 * count;
    for (int64_t i = 0; i < count; i++) {
        int32_t number = (elements[i] ^ 0x80) - 0x80;
        memcpy(array + 4 * i, &number, sizeof number);
    }
}

static void i16_to_i32(unsigned char *array, int64_t count)
{
    const unsigned char *elements = array + 2 * count;
    for (int64_t i = 0; i < count; i++) {
        int32_t number = ((elements[2 * i] << 8 | elements[2 * i + 1]) ^ 0x8000) - 0x8000;
        memcpy(array + 4 * i, &number, sizeof number);
    }
}

static void i32_to_f32(unsigned char *array, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        int32_t number;
        memcpy(&number, array + 4 * i, sizeof number);
        float rounded = (float)number;
        memcpy(array + 4 * i, &rounded, sizeof rounded);
    }
}

static uint32_t big_endian_32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void order_4(unsigned char *array, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits = big_endian_32(array + 4 * i);
        memcpy(array + 4 * i, &bits, sizeof bits);
    }
}

static void order_8(unsigned char *array, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        uint64_t high = big_endian_32(array + 8 * i), low = big_endian_32(array + 8 * i + 4);
        uint64_t bits = high << 32 | low;
        memcpy(array + 8 * i, &bits, sizeof bits);
    }
}

static void keep(unsigned char *array, int64_t count)
{
    (void)array, (void)count;
}

static void i8_to_f32(unsigned char *array, int64_t count)
{
    i8_to_i32(array, count);
    i32_to_f32(array, count);
}

static void i16_to_f32(unsigned char *array, int64_t count)
{
    i16_to_i32(array, count);
    i32_to_f32(array, count);
}

static void order_i32_to_f32(unsigned char *array, int64_t count)
{
    order_4(array, count);
    i32_to_f32(array, count);
}

static const tl_idx_element elements_known[] = {
    {0x08, 1, TALUS_DTYPE_U8, keep, u8_to_i32, "8-bit unsigned integers"},
    {0x09, 1, TALUS_DTYPE_F32, i8_to_f32, i8_to_i32, "8-bit integers"},
    {0x0B, 2, TALUS_DTYPE_F32, i16_to_f32, i16_to_i32, "16-bit integers"},
    {0x0C, 4, TALUS_DTYPE_F32, order_i32_to_f32, order_4, "32-bit integers"},
    {0x0D, 4, TALUS_DTYPE_F32, order_4, NULL, "floats"},
    {0x0E, 8, TALUS_DTYPE_F64, order_8, NULL, "doubles"},
};

const tl_idx_element *tl_idx_element_find(int code)
{
    for (size_t i = 0; i < sizeof elements_known / sizeof *elements_known; i++)
        if (elements_known[i].code == code)
            return &elements_known[i];
    return NULL;
}
