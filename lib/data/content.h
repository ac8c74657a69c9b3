/* What a file holds, or a member of a zip archive: bytes whose number is known, and has been paid for, before memory is
 * taken for them. What is packed is unpacked once to be counted and checked, and then again to be read. */
#ifndef TL_DATA_CONTENT_H
#define TL_DATA_CONTENT_H

#include "data/zip.h"

typedef struct tl_content {
    talus_context *context;
    const char *path;
    tl_file file;
    int64_t length; /* bytes */
    bool is_member;
    tl_zip_member member;
    int64_t at;    /* so many bytes of the member were read, as it is packed or wrapped */
    uint32_t crc;  /* of those of a stored member */
    tl_gzip *gzip; /* unpacks a deflated member; else NULL */
    char name[TL_FILE_NAME_BYTES + 100]; /* for messages */
} tl_content;

/* Opens a file (member NULL), plain or packed with gzip, or a member of an archive. *content and path must stay where they are.
 * On an error there is nothing to close. Status as of tl_file_open, tl_file_read and tl_zip_find. */
talus_status tl_content_open(talus_context *context, const char *path, const char *member,
                             tl_content *content);
void tl_content_close(tl_content *content);

/* Reads the next `count` bytes, of which there must be so many. TALUS_ERROR_FILE, TALUS_ERROR_FORMAT, TALUS_ERROR_MEMORY. */
talus_status tl_content_read(tl_content *content, void *bytes, int64_t count);

#endif
