#include "model/c_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NUMBERS_IN_A_LINE 6

static void put(tl_c_text *text, const char *bytes, size_t count)
{
    if (text->status == TALUS_OK)
        text->status = tl_save_write(&text->save, bytes, (int64_t)count);
}

void tl_c_print(tl_c_text *text, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    put(text, line, strlen(line));
}

void tl_c_print_function(tl_c_text *text, const char *function)
{
    for (; *function != '\0'; function++)
        if (*function != '@')
            put(text, function, 1);
        else if (text->precision == TALUS_DTYPE_F32)
            put(text, "f", 1);
}

/* As "%a", but the same in every locale: the digits after the point are the low 52 bits of a double. */
void tl_c_print_double(tl_c_text *text, double number)
{
    uint64_t bits;
    char digits[16];
    memcpy(&bits, &number, sizeof bits);
    const int exponent = (int)(bits >> 52 & 0x7ff);
    const unsigned long long fraction = bits & ((UINT64_C(1) << 52) - 1);
    (void)snprintf(digits, sizeof digits, "%013llx", fraction);
    for (size_t length = strlen(digits); length > 1 && digits[length - 1] == '0';)
        digits[--length] = '\0';
    tl_c_print(text, "%s0x%d.%sp%d", signbit(number) ? "-" : "", exponent != 0, digits,
               exponent != 0   ? exponent - 1023
               : fraction != 0 ? -1022
                               : 0);
}

void tl_c_print_real(tl_c_text *text, double number)
{
    tl_c_print_double(text, number);
    tl_c_print_function(text, "@");
}

static void print_break(tl_c_text *text, int64_t i)
{
    tl_c_print(text, "%s", i == 0 ? "" : i % NUMBERS_IN_A_LINE == 0 ? ",\n    " : ", ");
}

void tl_c_print_array(tl_c_text *text, const char *name, int number, const void *elements, int64_t count)
{
    tl_c_print(text, "static const real %s_%d[] = {\n    ", name, number);
    for (int64_t i = 0; i < count; i++) {
        print_break(text, i);
        tl_c_print_real(text, text->precision == TALUS_DTYPE_F64 ? ((const double *)elements)[i]
                                                                 : (double)((const float *)elements)[i]);
    }
    tl_c_print(text, "};\n");
}

void tl_c_print_doubles(tl_c_text *text, const char *name, const double *numbers, int64_t count)
{
    tl_c_print(text, "static const double %s[] = {\n    ", name);
    for (int64_t i = 0; i < count; i++) {
        print_break(text, i);
        tl_c_print_double(text, numbers[i]);
    }
    tl_c_print(text, "};\n");
}
