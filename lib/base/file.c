#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The most bytes to ask of one system call. */
static const int64_t CHUNK = INT64_C(1) << 30;

static talus_status fail_with_errno(tl_file *file, const char *action)
{
    return tl_path_fail(file->context, file->name, action);
}

static talus_status open_descriptor(tl_file *file, const char *path)
{
    do /* O_NONBLOCK: a FIFO must not keep us waiting for a writer */
        file->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (file->descriptor < 0 && errno == EINTR);
    return file->descriptor < 0 ? fail_with_errno(file, "opened") : TALUS_OK;
}

static talus_status check_kind(tl_file *file)
{
    struct stat about;
    if (fstat(file->descriptor, &about) != 0)
        return fail_with_errno(file, "examined");
    if (S_ISDIR(about.st_mode))
        return tl_fail(file->context, TALUS_ERROR_FILE, "%s must be a file, got a directory", file->name);
    if (!S_ISREG(about.st_mode))
        return tl_fail(file->context, TALUS_ERROR_FILE, "%s must be a regular file, got a device or a pipe",
                       file->name);
    file->length = (int64_t)about.st_size;
    return TALUS_OK;
}

/* Reads the next bytes as they are stored. */
static talus_status read_stored(void *user, void *bytes, int64_t count, int64_t *got)
{
    tl_file *file = user;
    *got = 0;
    while (*got < count) {
        int64_t wanted = count - *got < CHUNK ? count - *got : CHUNK;
        ssize_t read_now = read(file->descriptor, (char *)bytes + *got, (size_t)wanted);
        if (read_now == 0)
            break;
        if (read_now > 0)
            *got += read_now;
        else if (errno != EINTR)
            return fail_with_errno(file, "read");
    }
    return TALUS_OK;
}

/* Every gzip file begins with 1f 8b. */
static talus_status unpack_if_packed(tl_file *file)
{
    unsigned char magic[2];
    int64_t got;
    talus_status status = read_stored(file, magic, 2, &got);
    if (status != TALUS_OK)
        return status;
    status = tl_file_seek(file, 0);
    if (status != TALUS_OK)
        return status;
    if (got < 2 || magic[0] != 0x1f || magic[1] != 0x8b)
        return TALUS_OK;
    tl_gzip_source source = {read_stored, file, file->name};
    return tl_gzip_create(file->context, &source, &file->gzip);
}

talus_status tl_file_open_stored(talus_context *context, const char *path, tl_file *file)
{
    *file = (tl_file){.context = context, .descriptor = -1};
    tl_path_name(path, file->name);
    talus_status status = open_descriptor(file, path);
    if (status == TALUS_OK)
        status = check_kind(file);
    if (status != TALUS_OK)
        tl_file_close(file);
    return status;
}

talus_status tl_file_open(talus_context *context, const char *path, tl_file *file)
{
    talus_status status = tl_file_open_stored(context, path, file);
    if (status != TALUS_OK)
        return status;
    status = unpack_if_packed(file);
    if (status != TALUS_OK)
        tl_file_close(file);
    return status;
}

void tl_file_close(tl_file *file)
{
    tl_gzip_destroy(file->gzip);
    if (file->descriptor >= 0)
        close(file->descriptor);
    file->gzip = NULL;
    file->descriptor = -1;
}

int64_t tl_file_most(const tl_file *file)
{
    int64_t most;
    if (file->gzip == NULL)
        return file->length;
    return tl_multiply(file->length, TL_GZIP_MOST_RATIO, &most) ? most : INT64_MAX;
}

talus_status tl_file_read(tl_file *file, void *bytes, int64_t count, int64_t *got)
{
    if (file->gzip != NULL)
        return tl_gzip_read(file->gzip, bytes, count, got);
    return read_stored(file, bytes, count, got);
}

talus_status tl_file_seek(tl_file *file, int64_t position)
{
    return lseek(file->descriptor, position, SEEK_SET) == position ? TALUS_OK
                                                                   : fail_with_errno(file, "rewound");
}
