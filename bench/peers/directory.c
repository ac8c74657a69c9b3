#include "peers/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Keeping ------------------------------------------------------------------------------------------------ */

static void remove_all(const char *directory)
{
    char path[2 * BENCH_PATH];
    DIR *entries = opendir(directory);
    const struct dirent *entry;
    while (entries && (entry = readdir(entries)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (entries)
        closedir(entries);
    rmdir(directory);
}

/* In the child, out of reach of the terminal's signals: waits for the end of the parent. */
static void keep(const char *directory, int parent)
{
    char none;
    setsid();
    while (read(parent, &none, 1) < 0 && errno == EINTR)
        ;
    remove_all(directory);
    _exit(0);
}

static bool start_keeper(bench_directory *directory)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    directory->keeper = fork();
    if (directory->keeper == 0) {
        close(ends[1]);
        keep(directory->path, ends[0]);
    }
    close(ends[0]);
    directory->alive = ends[1];
    if (directory->keeper < 0)
        close(ends[1]);
    return directory->keeper > 0;
}

bool bench_directory_create(bench_directory *directory)
{
    const char *parent = getenv("TMPDIR");
    *directory = (bench_directory){.keeper = 0};
    snprintf(directory->path, BENCH_PATH, "%s/talus-bench-XXXXXX", parent && *parent ? parent : "/tmp");
    bool made = mkdtemp(directory->path) != NULL;
    if (made && start_keeper(directory))
        return true;
    perror("talus-bench: no temporary directory");
    if (made)
        rmdir(directory->path);
    *directory = (bench_directory){.keeper = 0};
    return false;
}

void bench_directory_remove(bench_directory *directory)
{
    if (directory->keeper <= 0)
        return;
    close(directory->alive);
    waitpid(directory->keeper, NULL, 0);
    *directory = (bench_directory){.keeper = 0};
}

/* Files -------------------------------------------------------------------------------------------------- */

static FILE *open_file(const char *directory, const char *name, const char *mode)
{
    char path[2 * BENCH_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, mode);
    if (!file)
        perror(path);
    return file;
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
