#include "data/npy_element.h"

#include <string.h>

#include "base/half.h"

/* Integers become the narrowest floating-point numbers that hold them; of 64 bits, the nearest. */
static const tl_npy_element elements_known[] = {
    {'b', 1, TALUS_DTYPE_U8, TALUS_DTYPE_U8, false},   {'u', 1, TALUS_DTYPE_U8, TALUS_DTYPE_U8, true},
    {'i', 1, TALUS_DTYPE_F32, TALUS_DTYPE_I32, false}, {'i', 2, TALUS_DTYPE_F32, TALUS_DTYPE_I32, false},
    {'u', 2, TALUS_DTYPE_F32, TALUS_DTYPE_I32, false}, {'i', 4, TALUS_DTYPE_F64, TALUS_DTYPE_I32, false},
    {'u', 4, TALUS_DTYPE_F64, TALUS_DTYPE_I32, false}, {'i', 8, TALUS_DTYPE_F64, TALUS_DTYPE_I32, false},
    {'u', 8, TALUS_DTYPE_F64, TALUS_DTYPE_I32, false}, {'f', 2, TALUS_DTYPE_F32, TALUS_DTYPE_F32, false},
    {'f', 4, TALUS_DTYPE_F32, TALUS_DTYPE_F32, true},  {'f', 8, TALUS_DTYPE_F64, TALUS_DTYPE_F64, true},
};

const tl_npy_element *tl_npy_element_find(char kind, int size)
{
    for (size_t i = 0; i < sizeof elements_known / sizeof *elements_known; i++)
        if (elements_known[i].kind == kind && elements_known[i].size == size)
            return &elements_known[i];
    return NULL;
}

bool tl_npy_element_counts(const tl_npy_element *element)
{
    return element->kind != 'f';
}

static uint64_t bits_at(const unsigned char *at, int size, bool big_endian)
{
    uint64_t bits = 0;
    for (int i = 0; i < size; i++)
        bits = bits << 8 | at[big_endian ? i : size - 1 - i];
    return bits;
}

static int64_t with_sign(uint64_t bits, int size)
{
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    return (int64_t)((bits ^ sign) - sign);
}

static double float_of(uint64_t bits, int size)
{
    uint32_t low = (uint32_t)bits;
    float single;
    double number;
    if (size == 2)
        return tl_half_number((uint16_t)bits);
    memcpy(&single, &low, sizeof single);
    memcpy(&number, &bits, sizeof number);
    return size == 4 ? (double)single : number;
}

double tl_npy_number(const tl_npy_element *element, bool big_endian, const unsigned char *at)
{
    uint64_t bits = bits_at(at, element->size, big_endian);
    if (element->kind == 'f')
        return float_of(bits, element->size);
    return element->kind == 'i' ? (double)with_sign(bits, element->size) : (double)bits;
}

static void order(const unsigned char *elements, int size, bool big_endian, int64_t count, char *numbers)
{
    for (int64_t i = 0; i < count; i++) {
        uint64_t bits = bits_at(elements + i * size, size, big_endian);
        uint32_t low = (uint32_t)bits;
        if (size == 8)
            memcpy(numbers + 8 * i, &bits, 8);
        else if (size == 4)
            memcpy(numbers + 4 * i, &low, 4);
        else
            numbers[i] = (char)low;
    }
}

static int64_t to_i32(const tl_npy_element *element, bool big_endian, const unsigned char *elements,
                      int64_t count, char *numbers)
{
    for (int64_t i = 0; i < count; i++) {
        uint64_t bits = bits_at(elements + i * element->size, element->size, big_endian);
        int64_t number = element->kind == 'i' ? with_sign(bits, element->size) : (int64_t)bits;
        if (number < INT32_MIN || number > INT32_MAX || (element->kind == 'u' && number < 0))
            return i;
        int32_t narrow = element->kind == 'b' ? number != 0 : (int32_t)number;
        memcpy(numbers + 4 * i, &narrow, sizeof narrow);
    }
    return count;
}

static void to_real(const tl_npy_element *element, bool big_endian, const unsigned char *elements,
                    int64_t count, int dtype, char *numbers)
{
    for (int64_t i = 0; i < count; i++) {
        double number = tl_npy_number(element, big_endian, elements + i * element->size);
        float single = (float)number;
        if (dtype == TALUS_DTYPE_F32)
            memcpy(numbers + 4 * i, &single, sizeof single);
        else
            memcpy(numbers + 8 * i, &number, sizeof number);
    }
}

int64_t tl_npy_decode(const tl_npy_element *element, bool big_endian, const unsigned char *elements,
                      int64_t count, int dtype, void *numbers)
{
    if (dtype == TALUS_DTYPE_I32)
        return to_i32(element, big_endian, elements, count, numbers);
    if (element->is_plain)
        order(elements, element->size, big_endian, count, numbers);
    else if (dtype == TALUS_DTYPE_U8)
        for (int64_t i = 0; i < count; i++)
            ((uint8_t *)numbers)[i] = elements[i] != 0;
    else
        to_real(element, big_endian, elements, count, dtype, numbers);
    return count;
}
