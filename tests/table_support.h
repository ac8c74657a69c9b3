/* What the tests of tables share: a file for each test, whose text is written and read, and that nothing is left behind. */
#ifndef TESTS_TABLE_SUPPORT_H
#define TESTS_TABLE_SUPPORT_H

#include <stdio.h>

#include "fixture.h"

/* Of the test that runs. Options begin as the defaults. */
extern char folder[64], path[96];
extern talus_table_options options;
extern talus_dataset *data;    /* destroyed at its end, or before the next one is read */
extern talus_columns *columns; /* the same */

void nothing_is_left(void);

void write_bytes(const void *bytes, size_t count);

/* Reads a table of this text. */
talus_status read_text(const char *text);
void reads(const char *text);
void refuses(const char *text, talus_status status, const char *message);

/* Reads a further table with `columns`. */
talus_status read_text_as(const char *text);

/* The data set has these inputs, rows × cols; values; labels; none if NULL. */
void has_inputs(int64_t rows, int64_t cols, const double *inputs);
void has_values(int64_t cols, const double *values);
void has_labels(const int32_t *labels);
#define INPUTS(rows, cols, ...) has_inputs(rows, cols, (const double[]){__VA_ARGS__})
#define VALUES(cols, ...)       has_values(cols, (const double[]){__VA_ARGS__})
#define LABELS(...)             has_labels((const int32_t[]){__VA_ARGS__})

/* The tests as a program. */
int run_table_tests(const char *name, const TTest *const tests[], size_t count);

#endif
