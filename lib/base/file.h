/* The bytes of a regular file, plain or packed with gzip (recognised by content). */
#ifndef TL_BASE_FILE_H
#define TL_BASE_FILE_H

#include "base/context.h"
#include "base/gzip.h"
#include "base/path.h"

typedef struct tl_file {
    talus_context *context;
    int descriptor;
    int64_t length;                /* bytes in the file as it is stored */
    tl_gzip *gzip;                 /* NULL for a plain file */
    char name[TL_FILE_NAME_BYTES]; /* its path, as messages show it */
} tl_file;

/* Opens a file; *file must stay where it is until it is closed. On an error there is nothing to close.
 * TALUS_ERROR_FILE (cannot be opened, not a regular file), TALUS_ERROR_MEMORY, TALUS_ERROR_UNSUPPORTED (gzip,
 * without zlib). */
talus_status tl_file_open(talus_context *context, const char *path, tl_file *file);

/* The same, but the content is the bytes as they are stored, packed or not. */
talus_status tl_file_open_stored(talus_context *context, const char *path, tl_file *file);
void tl_file_close(tl_file *file);

/* The most bytes of content that the file can hold: its length, or what so much gzip can unpack to. */
int64_t tl_file_most(const tl_file *file);

/* Reads the next `count` bytes of the content. *got is less only where the content ends, and gzip's checksum
 * is right there. TALUS_ERROR_FILE, TALUS_ERROR_FORMAT (broken gzip), TALUS_ERROR_MEMORY. */
talus_status tl_file_read(tl_file *file, void *bytes, int64_t count, int64_t *got);

/* Goes to a byte of a plain file: it is the next to be read. TALUS_ERROR_FILE. */
talus_status tl_file_seek(tl_file *file, int64_t position);

#endif
