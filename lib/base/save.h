/* Files that are written whole or not at all: into a temporary file beside the target, which is synced, takes the target's
 * name, and has its directory synced. Whoever reads the path finds the old content or the new. A symbolic link stays, and
 * the file it leads to is replaced; the mode of a file that is replaced is kept. */
#ifndef TL_BASE_SAVE_H
#define TL_BASE_SAVE_H

#include "base/context.h"
#include "base/path.h"

#define TL_SAVE_BYTES 65536              /* that are gathered before a system call */
#define TL_SAVE_AHEAD (INT64_C(1) << 23) /* so many bytes, and the disk begins to write them */

typedef struct tl_save {
    talus_context *context;
    int descriptor;
    int64_t length;      /* bytes that were written so far */
    size_t waiting;      /* of them, in the buffer */
    int64_t started;     /* of them, on their way to the disk */
    char *target, *file; /* paths: of the content in the end, and until then */
    char *buffer;
    char name[TL_FILE_NAME_BYTES]; /* the path, as messages show it */
} tl_save;

/* On an error there is nothing to end. TALUS_ERROR_FILE, TALUS_ERROR_MEMORY. */
talus_status tl_save_begin(talus_context *context, const char *path, tl_save *save);

/* Appends. TALUS_ERROR_FILE; the save must still be ended. */
talus_status tl_save_write(tl_save *save, const void *bytes, int64_t count);

/* Ends a save: if `status` is TALUS_OK, the content takes its place; else, or if that fails, the temporary file is
 * removed and the target is what it was. Returns the status, or that of what failed. */
talus_status tl_save_end(tl_save *save, talus_status status);

#endif
