/* Text of C programs, into a file that is being written. */
#ifndef TL_MODEL_C_TEXT_H
#define TL_MODEL_C_TEXT_H

#include "base/save.h"

/* After an error nothing more is written. */
typedef struct tl_c_text {
    tl_save save;
    talus_status status;
    int precision;
} tl_c_text;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void tl_c_print(tl_c_text *text, const char *format, ...);

/* Text with '@'; see c_functions.h. */
void tl_c_print_function(tl_c_text *text, const char *function);

/* A constant that is this number exactly, of type double, or of the precision. */
void tl_c_print_double(tl_c_text *text, double number);
void tl_c_print_real(tl_c_text *text, double number);

/* Constant arrays: "static const TYPE NAME[] = {…};" */
void tl_c_print_array(tl_c_text *text, const char *name, int number, const void *elements, int64_t count);
void tl_c_print_doubles(tl_c_text *text, const char *name, const double *numbers, int64_t count);

#endif
