/* What the tests of NumPy's files share: arrays and archives made byte by byte. */
#ifndef TESTS_ARRAY_SUPPORT_H
#define TESTS_ARRAY_SUPPORT_H

#include <talus/array.h>

#include "idx_support.h"

/* A file of a version, whose header is this literal and a newline, and whose elements are these bytes. */
blob npy_with(int version, const char *literal, const void *elements, size_t bytes);

/* The same of version 1, with the type and shape as they stand in the literal: "<f4", "(2, 3)". */
blob npy_of(const char *descr, bool fortran, const char *shape, const void *elements, size_t bytes);

/* An archive under way; its members so far, and their entries. */
typedef struct archive {
    blob members, directory;
    int count;
} archive;

/* Numbers of an entry that may stand in its ZIP64 field. */
enum { WIDE_LENGTH = 1, WIDE_PACKED = 2, WIDE_OFFSET = 4 };

/* How a member is made; a lie is written into the directory for the truth. */
typedef struct member {
    const char *name;
    bool deflated;   /* false without zlib */
    int extra;       /* bytes in its own header that the directory does not have */
    int64_t offset;  /* of its header; 0: the truth */
    int64_t length;  /* of what it holds; 0: the truth */
    uint32_t spoils; /* is added to its CRC */
    int flags, method;
    bool is_packed; /* the content is packed already */
    int wide;       /* what the directory has in a ZIP64 field */
    bool own_wide;  /* its own header has such a field too */
} member;

void add_member(archive *to, const member *how, const blob *content);
blob end_archive(const archive *of, const char *comment);

/* The same with a ZIP64 end of 56 bytes, and a locator of 20; the plain end says the same, or is all ones. */
blob end_wide_archive(const archive *of, bool all_ones);

/* Whether an archive is read whose x is floats(6, 4). What is read is what was written, or nothing is. */
bool archive_survives(const blob *content);

/* The content as raw deflate. Without zlib it stays as it is. */
blob deflated(const blob *content);

/* Bytes of several little-endian numbers. */
void append_little(blob *to, uint64_t number, int size);

/* An allowed array of floats 0, 1, 2, …, and one of bytes. */
blob floats(int64_t rows, int64_t cols);
blob bytes_of(int64_t rows, int64_t cols);

talus_array *reads_array(const char *name);                                  /* from inputs_path */
void refuses_array(const char *name, talus_status status, const char *text); /* the same */

#endif
