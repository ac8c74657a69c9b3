/* Archives in the zip format: members one after the other, each with a header of its own, then the directory of all members,
 * then the end, which says where the directory is.   APPNOTE.TXT, PKWARE, section 4.3
 *
 * What an archive may be here: on one disk, nothing before its first member or between directory and end (of ZIP64, if
 * it has one), at most TL_ZIP_MEMBERS members that do not overlap, and a directory of at most TL_ZIP_DIRECTORY bytes. */
#ifndef TL_DATA_ZIP_H
#define TL_DATA_ZIP_H

#include "base/file.h"

#define TL_ZIP_MEMBERS   1024
#define TL_ZIP_DIRECTORY (INT64_C(1) << 19)

/* How a member is packed. */
enum { TL_ZIP_STORED = 0, TL_ZIP_DEFLATED = 8 };

typedef struct tl_zip_member {
    int method;
    uint32_t crc;
    int64_t start;          /* the byte of the file where its packed bytes begin */
    int64_t packed, length; /* bytes */
} tl_zip_member;

/* Finds the member of a name in an open file, and checks the whole directory. Moves the place where the file is read.
 * TALUS_ERROR_FILE, TALUS_ERROR_FORMAT (no archive, broken, has no such member), TALUS_ERROR_UNSUPPORTED (several disks,
 * encrypted, packed in another way, too large), TALUS_ERROR_MEMORY. */
talus_status tl_zip_find(tl_file *file, const char *name, tl_zip_member *member);

#endif
