#include "peers/directory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool bench_directory_create(char directory[BENCH_PATH])
{
    const char *parent = getenv("TMPDIR");
    snprintf(directory, BENCH_PATH, "%s/talus-bench-XXXXXX", parent && *parent ? parent : "/tmp");
    if (mkdtemp(directory))
        return true;
    perror("talus-bench: no temporary directory");
    directory[0] = '\0';
    return false;
}

static FILE *open_file(const char *directory, const char *name, const char *mode)
{
    char path[2 * BENCH_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, mode);
    if (!file)
        perror(path);
    return file;
}

void bench_directory_remove(const char *directory)
{
    char path[2 * BENCH_PATH];
    DIR *entries = *directory ? opendir(directory) : NULL;
    const struct dirent *entry;
    if (!entries)
        return;
    while ((entry = readdir(entries)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    closedir(entries);
    rmdir(directory);
}

bool bench_file_write(const char *directory, const char *name, const void *data, size_t bytes)
{
    FILE *file = open_file(directory, name, "wb");
    bool good = file && fwrite(data, 1, bytes, file) == bytes;
    if (file && fclose(file) != 0)
        good = false;
    if (file && !good)
        fprintf(stderr, "talus-bench: cannot write %zu bytes to %s/%s\n", bytes, directory, name);
    return good;
}

bool bench_file_read(const char *directory, const char *name, void *data, size_t bytes)
{
    FILE *file = open_file(directory, name, "rb");
    bool good = file && fread(data, 1, bytes, file) == bytes && fgetc(file) == EOF;
    if (file)
        fclose(file);
    if (file && !good)
        fprintf(stderr, "talus-bench: %s/%s has not %zu bytes\n", directory, name, bytes);
    return good;
}
