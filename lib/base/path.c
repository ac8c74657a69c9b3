#undef _GNU_SOURCE /* strerror_r as POSIX has it */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "base/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void tl_path_name(const char *path, char name[TL_FILE_NAME_BYTES])
{
    size_t length = strlen(path), room = TL_FILE_NAME_BYTES - sizeof "\"…\"";
    bool cut = length > room;
    if (cut)
        path += length - room;
    while (cut && (*path & 0xC0) == 0x80) /* the end starts at a whole UTF-8 character */
        path++;
    (void)snprintf(name, TL_FILE_NAME_BYTES, "\"%s%s\"", cut ? "…" : "", path);
}

talus_status tl_path_fail(talus_context *context, const char *name, const char *action)
{
    int number = errno;
    char text[128];
    if (strerror_r(number, text, sizeof text) != 0)
        return tl_fail(context, TALUS_ERROR_FILE, "%s cannot be %s: error %d", name, action, number);
    return tl_fail(context, TALUS_ERROR_FILE, "%s cannot be %s: %s", name, action, text);
}
