/* Paths in messages. */
#ifndef TL_BASE_PATH_H
#define TL_BASE_PATH_H

#include "base/context.h"

#define TL_FILE_NAME_BYTES 200

/* The path in quotes; only the end of a long one. */
void tl_path_name(const char *path, char name[TL_FILE_NAME_BYTES]);

/* TALUS_ERROR_FILE: the file of this name cannot be opened, read, …: errno says why. */
talus_status tl_path_fail(talus_context *context, const char *name, const char *action);

#endif
