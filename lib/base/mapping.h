/* Files as memory: the system reads a page of a file when it is looked at, and may forget it again. */
#ifndef TL_BASE_MAPPING_H
#define TL_BASE_MAPPING_H

#include "base/file.h"

typedef struct tl_mapping {
    void *bytes; /* of the file, from its first on, to be read only; NULL: nothing is mapped */
    size_t length;
} tl_mapping;

/* Maps a plain file that is open, which may be closed afterwards. TALUS_ERROR_FILE. */
talus_status tl_map(const tl_file *file, tl_mapping *mapping);
void tl_unmap(tl_mapping *mapping);

#endif
