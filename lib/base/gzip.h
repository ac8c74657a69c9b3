/* Unpacking a file that is packed with gzip, of one member or several. */
#ifndef TL_BASE_GZIP_H
#define TL_BASE_GZIP_H

#include "base/file.h"

/* Deflate's densest code gives 258 bytes for 2 bits. */
#define TL_GZIP_MOST_RATIO 1032

/* file must stand at its beginning, and stay where it is. */
talus_status tl_gzip_create(tl_file *file, tl_gzip **gzip);
void tl_gzip_destroy(tl_gzip *gzip);

/* As tl_file_read. */
talus_status tl_gzip_read(tl_gzip *gzip, unsigned char *bytes, int64_t count, int64_t *got);

#endif
