#include "limits/plain_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int64_t bench_plain_size(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (int64_t)about.st_size : -1;
}

bool bench_plain_read(const char *path, void *bytes, int64_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t now = 1;
    int64_t got = 0;
    while (file >= 0 && got < size && now > 0) {
        now = read(file, (char *)bytes + got, (size_t)(size - got));
        got += now;
    }
    return file >= 0 && close(file) == 0 && got == size;
}

bool bench_plain_write(const char *path, const void *bytes, int64_t size)
{
    char part[1024];
    snprintf(part, sizeof part, "%s.part", path);
    int file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t now = 1;
    int64_t put = 0;
    while (file >= 0 && put < size && now > 0) {
        now = write(file, (const char *)bytes + put, (size_t)(size - put));
        put += now;
    }
    bool good = file >= 0 && put == size && fsync(file) == 0;
    good = file >= 0 && close(file) == 0 && good && rename(part, path) == 0;
    if (file >= 0 && !good)
        unlink(part);
    return good;
}

static void become_zcat(const char *from, const char *to)
{
    int output = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output >= 0 && dup2(output, STDOUT_FILENO) >= 0)
        execlp("zcat", "zcat", "--", from, (char *)NULL);
    _exit(127);
}

bool bench_plain_zcat(const char *from, const char *to)
{
    int outcome = -1;
    pid_t child = fork();
    if (child == 0)
        become_zcat(from, to);
    return child > 0 && waitpid(child, &outcome, 0) == child && outcome == 0;
}
