#include "base/mapping.h"

#include <sys/mman.h>

talus_status tl_map(const tl_file *file, tl_mapping *mapping)
{
    const size_t length = (size_t)file->length;
    void *bytes = mmap(NULL, length, PROT_READ, MAP_SHARED, file->descriptor, 0);
    if (bytes == MAP_FAILED)
        return tl_path_fail(file->context, file->name, "mapped into memory");
    *mapping = (tl_mapping){bytes, length};
    return TALUS_OK;
}

void tl_unmap(tl_mapping *mapping)
{
    if (mapping->bytes != NULL)
        (void)munmap(mapping->bytes, mapping->length);
    *mapping = (tl_mapping){.bytes = NULL};
}
