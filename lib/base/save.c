#include "base/save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX_BYTES 32
#define TRIES        1000 /* of names for the temporary file */

static talus_status fail_with_errno(tl_save *save, const char *action)
{
    return tl_path_fail(save->context, save->name, action);
}

/* The path that the content will have: what a symbolic link leads to, or the path itself. */
static talus_status find_target(tl_save *save, const char *path)
{
    char found[PATH_MAX];
    if (realpath(path, found) != NULL)
        path = found;
    else if (errno != ENOENT)
        return fail_with_errno(save, "written");
    size_t bytes = strlen(path) + 1;
    save->target = tl_allocate(save->context, bytes);
    save->file = tl_allocate(save->context, bytes + SUFFIX_BYTES);
    save->buffer = tl_allocate(save->context, TL_SAVE_BYTES);
    if (save->target == NULL || save->file == NULL || save->buffer == NULL)
        return tl_fail(save->context, TALUS_ERROR_MEMORY, "there is no memory to write %s", save->name);
    memcpy(save->target, path, bytes);
    return TALUS_OK;
}

/* A file that is replaced must be a regular one; a new file gets the mode that the process gives new files. */
static talus_status find_mode(tl_save *save, bool *replaces, mode_t *mode)
{
    struct stat about;
    *replaces = stat(save->target, &about) == 0;
    if (!*replaces)
        return errno == ENOENT ? TALUS_OK : fail_with_errno(save, "examined");
    *mode = about.st_mode & 07777;
    if (!S_ISREG(about.st_mode))
        return tl_fail(save->context, TALUS_ERROR_FILE, "%s must be a regular file to be replaced, got %s",
                       save->name, S_ISDIR(about.st_mode) ? "a directory" : "a device or a pipe");
    return TALUS_OK;
}

static talus_status open_temporary(tl_save *save)
{
    const size_t room = strlen(save->target) + 1 + SUFFIX_BYTES;
    for (int i = 0; i < TRIES && save->descriptor < 0; i++) {
        (void)snprintf(save->file, room, "%s.%ld-%d.part", save->target, (long)getpid(), i);
        save->descriptor = open(save->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
        if (save->descriptor < 0 && errno != EEXIST && errno != EINTR)
            break;
    }
    return save->descriptor < 0 ? fail_with_errno(save, "written") : TALUS_OK;
}

static void release(tl_save *save)
{
    tl_release(save->context, save->target);
    tl_release(save->context, save->file);
    tl_release(save->context, save->buffer);
}

talus_status tl_save_begin(talus_context *context, const char *path, tl_save *save)
{
    bool replaces = false;
    mode_t mode = 0;
    *save = (tl_save){.context = context, .descriptor = -1};
    tl_path_name(path, save->name);
    talus_status status = find_target(save, path);
    if (status == TALUS_OK)
        status = find_mode(save, &replaces, &mode);
    if (status == TALUS_OK)
        status = open_temporary(save);
    if (status != TALUS_OK)
        release(save);
    else if (replaces && fchmod(save->descriptor, mode) != 0)
        return tl_save_end(save, fail_with_errno(save, "given its mode"));
    return status;
}

/* The disk begins to work while the next bytes are made, so that the sync in the end has less to wait for: a fifth of the time
 * of a file of 100 MB. */
static void start_writing(tl_save *save)
{
#ifdef SYNC_FILE_RANGE_WRITE
    const int64_t fresh = save->length - (int64_t)save->waiting - save->started;
    if (fresh < TL_SAVE_AHEAD)
        return;
    (void)sync_file_range(save->descriptor, save->started, fresh, SYNC_FILE_RANGE_WRITE);
    save->started += fresh;
#else
    (void)save;
#endif
}

static talus_status write_out(tl_save *save, const char *bytes, int64_t count)
{
    while (count > 0) {
        size_t now = count > (1 << 30) ? (size_t)1 << 30 : (size_t)count;
        ssize_t written = write(save->descriptor, bytes, now);
        if (written < 0 && errno != EINTR)
            return fail_with_errno(save, "written");
        bytes += written < 0 ? 0 : written;
        count -= written < 0 ? 0 : written;
    }
    return TALUS_OK;
}

static talus_status flush(tl_save *save)
{
    int64_t waiting = (int64_t)save->waiting;
    save->waiting = 0;
    return write_out(save, save->buffer, waiting);
}

talus_status tl_save_write(tl_save *save, const void *bytes, int64_t count)
{
    talus_status status = TALUS_OK;
    if (count == 0)
        return TALUS_OK; /* bytes may be NULL */
    save->length += count;
    if (count > (int64_t)(TL_SAVE_BYTES - save->waiting))
        status = flush(save);
    if (status != TALUS_OK)
        return status;
    if (count > TL_SAVE_BYTES)
        status = write_out(save, bytes, count);
    else {
        memcpy(save->buffer + save->waiting, bytes, (size_t)count);
        save->waiting += (size_t)count;
    }
    if (status == TALUS_OK)
        start_writing(save);
    return status;
}

/* The name of the target is on the disk once its directory is. File systems that cannot sync a directory say EINVAL. */
static talus_status sync_directory(tl_save *save)
{
    char *slash = strrchr(save->target, '/');
    if (slash != NULL)
        slash[slash == save->target] = '\0';
    int directory = open(slash == NULL ? "." : save->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return fail_with_errno(save, "synced");
    bool synced = fsync(directory) == 0 || errno == EINVAL;
    talus_status status = synced ? TALUS_OK : fail_with_errno(save, "synced");
    close(directory);
    return status;
}

static talus_status close_descriptor(tl_save *save)
{
    int descriptor = save->descriptor;
    save->descriptor = -1;
    return close(descriptor) == 0 || errno == EINTR ? TALUS_OK : fail_with_errno(save, "closed");
}

static talus_status put_into_place(tl_save *save)
{
    talus_status status = flush(save);
    if (status == TALUS_OK && fsync(save->descriptor) != 0)
        status = fail_with_errno(save, "synced");
    if (status == TALUS_OK)
        status = close_descriptor(save);
    if (status == TALUS_OK && rename(save->file, save->target) != 0)
        status = fail_with_errno(save, "put into place");
    return status;
}

talus_status tl_save_end(tl_save *save, talus_status status)
{
    if (status == TALUS_OK)
        status = put_into_place(save);
    if (status == TALUS_OK)
        status = sync_directory(save);
    else {
        if (save->descriptor >= 0)
            (void)close(save->descriptor);
        (void)unlink(save->file);
    }
    release(save);
    return status;
}
