/* A directory for files that this process and its peers exchange: raw arrays. */
#ifndef BENCH_DIRECTORY_H
#define BENCH_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/options.h"

/* Makes a directory with a name of its own under $TMPDIR or /tmp; and removes it with all files in it. */
bool bench_directory_create(char directory[BENCH_PATH]);
void bench_directory_remove(const char *directory);

/* Write and read a file of so many bytes. False after a sentence on stderr. */
bool bench_file_write(const char *directory, const char *name, const void *data, size_t bytes);
bool bench_file_read(const char *directory, const char *name, void *data, size_t bytes);

#endif
