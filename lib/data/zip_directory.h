/* Where the directory of a zip archive is: its end says so, the last part of the file, or before that, for numbers that do not fit into
 * the end, a ZIP64 end and a locator that says where this begins.   APPNOTE.TXT, PKWARE, sections 4.3.14 to 4.3.16 */
#ifndef TL_DATA_ZIP_DIRECTORY_H
#define TL_DATA_ZIP_DIRECTORY_H

#include "base/file.h"

typedef struct tl_zip_directory {
    tl_file *file;
    unsigned char *bytes;       /* all of it; the caller releases them */
    int64_t count, start, size; /* entries; first byte in the file; bytes */
} tl_zip_directory;

/* Finds and reads the directory of directory->file. Whatever is returned, directory->bytes is NULL or to be released. Status as of
 * tl_zip_find. */
talus_status tl_zip_read_directory(tl_zip_directory *directory);

/* A little-endian number of up to 8 bytes; INT64_MAX for those that are larger. */
int64_t tl_zip_number(const unsigned char *bytes, int size);

/* Whether a number of an archive that has `size` bytes there is all ones: then it stands in a part of ZIP64. */
bool tl_zip_is_elsewhere(int64_t number, int size);

bool tl_zip_is_marked(const unsigned char *bytes, const char *mark);
talus_status tl_zip_broken(const tl_file *file, const char *what);
talus_status tl_zip_unsupported(const tl_file *file, const char *what);

/* Reads bytes of the file, which must be there; read_new into new memory, which is the caller's also after an error. */
talus_status tl_zip_read_at(tl_file *file, int64_t position, void *bytes, int64_t count);
talus_status tl_zip_read_new(tl_file *file, int64_t position, int64_t count, unsigned char **bytes);

#endif
