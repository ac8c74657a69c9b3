/* The bytes of a file, without the library: what reading and writing them costs at least. False on an error. */
#ifndef BENCH_PLAIN_FILE_H
#define BENCH_PLAIN_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a file; −1 on an error. */
int64_t bench_plain_size(const char *path);

/* read(2) of the first `size` bytes. */
bool bench_plain_read(const char *path, void *bytes, int64_t size);

/* write(2) to a new file, fsync, and rename to `path`. */
bool bench_plain_write(const char *path, const void *bytes, int64_t size);

/* zcat FROM >TO, a process of its own. */
bool bench_plain_zcat(const char *from, const char *to);

#endif
