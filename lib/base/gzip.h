/* Unpacking what is packed with gzip, of one member or several. */
#ifndef TL_BASE_GZIP_H
#define TL_BASE_GZIP_H

#include "base/context.h"

/* Deflate's densest code gives 258 bytes for 2 bits. */
#define TL_GZIP_MOST_RATIO 1032

typedef struct tl_gzip tl_gzip;

/* Where the packed bytes come from: gives the next `count` of them; *got is less only where they end. */
typedef struct tl_gzip_source {
    talus_status (*read)(void *user, void *bytes, int64_t count, int64_t *got);
    void *user;
    const char *name; /* for messages */
} tl_gzip_source;

/* The source must stand at its beginning. TALUS_ERROR_MEMORY, TALUS_ERROR_UNSUPPORTED (without zlib). */
talus_status tl_gzip_create(talus_context *context, const tl_gzip_source *source, tl_gzip **gzip);
void tl_gzip_destroy(tl_gzip *gzip);

/* Reads the next `count` bytes of the content. *got is less only where it ends, with its checksum right.
 * TALUS_ERROR_FORMAT, TALUS_ERROR_MEMORY, and what the source returns. */
talus_status tl_gzip_read(tl_gzip *gzip, unsigned char *bytes, int64_t count, int64_t *got);

#endif
