/* Older contents of a file that is written again and again: PATH.1 is the one before PATH, PATH.2 the one before that, and so
 * on. Whenever the process ends, PATH is there if it was before. */
#ifndef TL_BASE_OLDER_H
#define TL_BASE_OLDER_H

#include "base/context.h"

#define TL_OLDER_MOST 1000 /* contents that are kept, the newest one included */

/* The name of the content that is `age` older, in memory of the context; age 0: the path itself. NULL if there is none. */
char *tl_older_name(talus_context *context, const char *path, int64_t age);

/* Makes PATH, if there is one, PATH.1 too, and each older content one older, so that with the new one that will be written to
 * PATH, `keep` are there. If PATH.1 is PATH already, the last one was not written, and nothing is changed.
 * TALUS_ERROR_FILE, TALUS_ERROR_MEMORY. */
talus_status tl_older_keep(talus_context *context, const char *path, int64_t keep);

#endif
