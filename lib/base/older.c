#include "base/older.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

char *tl_older_name(talus_context *context, const char *path, int64_t age)
{
    enum { SUFFIX = 24 };
    const size_t bytes = strlen(path) + SUFFIX;
    char *name = tl_allocate(context, bytes);
    if (name == NULL)
        (void)tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for the name of an older file");
    else if (age == 0)
        (void)snprintf(name, bytes, "%s", path);
    else
        (void)snprintf(name, bytes, "%s.%lld", path, (long long)age);
    return name;
}

static talus_status fail(talus_context *context, const char *path, const char *action)
{
    char name[TL_FILE_NAME_BYTES];
    tl_path_name(path, name);
    return tl_path_fail(context, name, action);
}

/* A second name where the file system has such, so that the first one is never missing; else the only one. */
static talus_status add_name(talus_context *context, const char *path, const char *name)
{
    if (unlink(name) != 0 && errno != ENOENT)
        return fail(context, name, "removed");
    if (linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0)
        return TALUS_OK;
    bool has_none = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK;
    return has_none && rename(path, name) == 0 ? TALUS_OK : fail(context, path, "kept");
}

/* PATH.age becomes one older, if it is there. */
static talus_status grow_older(talus_context *context, const char *path, int64_t age)
{
    char *from = tl_older_name(context, path, age), *to = tl_older_name(context, path, age + 1);
    talus_status status = from == NULL || to == NULL ? TALUS_ERROR_MEMORY : TALUS_OK;
    if (status == TALUS_OK && rename(from, to) != 0 && errno != ENOENT)
        status = fail(context, from, "renamed");
    tl_release(context, from);
    tl_release(context, to);
    return status;
}

talus_status tl_older_keep(talus_context *context, const char *path, int64_t keep)
{
    struct stat newest, older;
    if (keep < 2 || stat(path, &newest) != 0)
        return TALUS_OK; /* what else is wrong, the write will say */
    char *name = tl_older_name(context, path, 1);
    if (name == NULL)
        return TALUS_ERROR_MEMORY;
    talus_status status = TALUS_OK;
    bool is_kept = stat(name, &older) == 0 && older.st_dev == newest.st_dev && older.st_ino == newest.st_ino;
    for (int64_t age = keep - 2; age >= 1 && !is_kept && status == TALUS_OK; age--)
        status = grow_older(context, path, age);
    if (!is_kept && status == TALUS_OK)
        status = add_name(context, path, name);
    tl_release(context, name);
    return status;
}
