/* A directory for files that this process and its peers exchange: raw arrays. */
#ifndef BENCH_DIRECTORY_H
#define BENCH_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cases/options.h"

/* A directory under $TMPDIR or /tmp, and the process that removes it with all files in it once this one has closed it
 * or has died, however it did. To be created before peers start, as it would hold their pipes open. */
typedef struct bench_directory {
    char path[BENCH_PATH];
    int alive; /* the end of a pipe that closes with this process */
    pid_t keeper;
} bench_directory;

/* False after a sentence on stderr. */
bool bench_directory_create(bench_directory *directory);
void bench_directory_remove(bench_directory *directory);

/* Write and read a file of so many bytes. False after a sentence on stderr. */
bool bench_file_write(const char *directory, const char *name, const void *data, size_t bytes);
bool bench_file_read(const char *directory, const char *name, void *data, size_t bytes);

#endif
