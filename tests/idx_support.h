/* What the tests of IDX files share: contents of files made byte by byte, and a fixture that checks that no memory and
 * no descriptor is left. */
#ifndef TESTS_IDX_SUPPORT_H
#define TESTS_IDX_SUPPORT_H

#include <stdio.h>

#include "fixture.h"

/* The files of the test that runs. */
extern char folder[64], inputs_path[96], labels_path[96];

void nothing_is_left(void); /* since the test began, but its context */

/* The content of a file. */
typedef struct blob {
    size_t length;
    unsigned char bytes[16384];
} blob;

void append(blob *to, const void *bytes, size_t count);
void append_header(blob *to, int type, int dimensions, const uint32_t *sizes);
void append_element(blob *to, int type, double value);

/* samples × features elements of a type: 0, 1, 2, … modulo 100. */
blob simple(int type, uint32_t samples, uint32_t features);

/* Appends a gzip member that holds these bytes; packs a content as one member. False without zlib. */
bool append_packed(blob *to, const unsigned char *bytes, size_t count);
bool pack_gzip(const blob *from, blob *to);

/* The types of elements, with numbers that they hold. */
enum { IDX_TYPES = 6 };
typedef struct idx_type {
    int type, dtype; /* dtype: of inputs */
    bool integer;
    double values[6], read[6]; /* read: as inputs */
} idx_type;
extern const idx_type types[IDX_TYPES];

void write_file(const char *path, const void *bytes, size_t count);

/* Reads a data set from files of these contents; labels may be NULL. */
talus_status read_blobs(const blob *inputs, const blob *labels, talus_dataset **dataset);
talus_dataset *reads(const blob *inputs, const blob *labels);
void refuses(const blob *inputs, const blob *labels, talus_status status, const char *text);

double element(const talus_matrix *matrix, int64_t row, int64_t col);

/* The tests as a program. */
int run_idx_tests(const char *name, const TTest *const tests[], size_t count);

#endif
