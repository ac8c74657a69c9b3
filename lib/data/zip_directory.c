#include "data/zip_directory.h"

#include <string.h>

#include "data/zip.h"

/* Bytes of the parts; those of the ZIP64 end may be more, and its first twelve are not in the number that it gives. */
enum { END_BYTES = 22, MOST_COMMENT = 65535, LOCATOR_BYTES = 20, WIDE_BYTES = 56, WIDE_FIRST = 12 };

int64_t tl_zip_number(const unsigned char *bytes, int size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

bool tl_zip_is_elsewhere(int64_t number, int size)
{
    return number == (INT64_C(1) << 8 * size) - 1;
}

bool tl_zip_is_marked(const unsigned char *bytes, const char *mark)
{
    return memcmp(bytes, mark, 4) == 0;
}

talus_status tl_zip_broken(const tl_file *file, const char *what)
{
    return tl_fail(file->context, TALUS_ERROR_FORMAT, "%s is not a zip archive, or broken: %s", file->name,
                   what);
}

talus_status tl_zip_unsupported(const tl_file *file, const char *what)
{
    return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED, "%s: %s", file->name, what);
}

talus_status tl_zip_read_at(tl_file *file, int64_t position, void *bytes, int64_t count)
{
    int64_t got = 0;
    talus_status status = tl_file_seek(file, position);
    if (status == TALUS_OK)
        status = tl_file_read(file, bytes, count, &got);
    return status == TALUS_OK && got < count ? tl_zip_broken(file, "it became shorter while it was read")
                                             : status;
}

talus_status tl_zip_read_new(tl_file *file, int64_t position, int64_t count, unsigned char **bytes)
{
    *bytes = tl_allocate(file->context, (size_t)count);
    if (*bytes == NULL)
        return tl_fail(file->context, TALUS_ERROR_MEMORY, "there is no memory for the directory of %s",
                       file->name);
    return tl_zip_read_at(file, position, *bytes, count);
}

/* What an end says, of either kind, and the byte of the file where it begins. */
typedef struct zip_end {
    int64_t position, disk, disk_of_directory, on_disk, count, size, start;
} zip_end;

static talus_status check_end(const tl_file *file, const zip_end *end)
{
    if (end->disk != 0 || end->disk_of_directory != 0 || end->on_disk != end->count)
        return tl_zip_unsupported(file, "archives on several disks are not read");
    if (end->start > end->position || end->size != end->position - end->start)
        return tl_zip_broken(file, "its directory does not stand before its end");
    if (end->count > TL_ZIP_MEMBERS || end->size > TL_ZIP_DIRECTORY)
        return tl_zip_unsupported(file, "archives of more than 1024 members are not read");
    return TALUS_OK;
}

static zip_end plain_end(const unsigned char *bytes, int64_t position)
{
    return (zip_end){position,
                     tl_zip_number(bytes + 4, 2),
                     tl_zip_number(bytes + 6, 2),
                     tl_zip_number(bytes + 8, 2),
                     tl_zip_number(bytes + 10, 2),
                     tl_zip_number(bytes + 12, 4),
                     tl_zip_number(bytes + 16, 4)};
}

static zip_end wide_end(const unsigned char *bytes, int64_t position)
{
    return (zip_end){position,
                     tl_zip_number(bytes + 16, 4),
                     tl_zip_number(bytes + 20, 4),
                     tl_zip_number(bytes + 24, 8),
                     tl_zip_number(bytes + 32, 8),
                     tl_zip_number(bytes + 40, 8),
                     tl_zip_number(bytes + 48, 8)};
}

static bool agrees(int64_t number, int size, int64_t wide)
{
    return number == wide || tl_zip_is_elsewhere(number, size);
}

/* What the plain end says must be the same, or all ones. */
static bool both_agree(const zip_end *end, const zip_end *wide)
{
    return agrees(end->disk, 2, wide->disk) && agrees(end->disk_of_directory, 2, wide->disk_of_directory) &&
           agrees(end->on_disk, 2, wide->on_disk) && agrees(end->count, 2, wide->count) &&
           agrees(end->size, 4, wide->size) && agrees(end->start, 4, wide->start);
}

/* The ZIP64 end stands before its locator, and says how long it is. */
static talus_status take_wide(tl_file *file, const unsigned char *locator, int64_t locator_at, zip_end *end)
{
    unsigned char bytes[WIDE_BYTES];
    const int64_t position = tl_zip_number(locator + 8, 8);
    if (tl_zip_number(locator + 4, 4) != 0 || tl_zip_number(locator + 16, 4) > 1)
        return tl_zip_unsupported(file, "archives on several disks are not read");
    if (position > locator_at || locator_at - position < WIDE_BYTES)
        return tl_zip_broken(file, "its ZIP64 end does not stand before the locator");
    talus_status status = tl_zip_read_at(file, position, bytes, WIDE_BYTES);
    if (status != TALUS_OK)
        return status;
    if (!tl_zip_is_marked(bytes, "PK\6\6") ||
        tl_zip_number(bytes + 4, 8) != locator_at - position - WIDE_FIRST)
        return tl_zip_broken(file, "its ZIP64 end does not stand before the locator");
    const zip_end wide = wide_end(bytes, position);
    if (!both_agree(end, &wide))
        return tl_zip_broken(file, "its end does not agree with its ZIP64 end");
    *end = wide;
    return TALUS_OK;
}

/* There is a ZIP64 end if the directory does not reach the plain one, and a locator does. */
static talus_status take_end(tl_zip_directory *all, zip_end end)
{
    unsigned char locator[LOCATOR_BYTES];
    const int64_t locator_at = end.position - LOCATOR_BYTES;
    talus_status status = TALUS_OK;
    if (end.start + end.size != end.position && locator_at >= 0) {
        status = tl_zip_read_at(all->file, locator_at, locator, LOCATOR_BYTES);
        if (status == TALUS_OK && tl_zip_is_marked(locator, "PK\6\7"))
            status = take_wide(all->file, locator, locator_at, &end);
    }
    if (status == TALUS_OK)
        status = check_end(all->file, &end);
    all->count = end.count, all->start = end.start, all->size = end.size;
    return status;
}

/* The end is the last place that looks like one, with a comment that reaches the end of the file. */
static talus_status find_end(tl_zip_directory *all)
{
    tl_file *file = all->file;
    int64_t most = END_BYTES + MOST_COMMENT, size = file->length < most ? file->length : most;
    unsigned char *bytes = NULL;
    if (file->gzip != NULL || size < END_BYTES)
        return tl_zip_broken(file, "it has no end of a directory");
    talus_status status = tl_zip_read_new(file, file->length - size, size, &bytes);
    int64_t at = size - END_BYTES;
    while (status == TALUS_OK && at >= 0 &&
           !(tl_zip_is_marked(bytes + at, "PK\5\6") &&
             at + END_BYTES + tl_zip_number(bytes + at + 20, 2) == size))
        at--;
    if (status == TALUS_OK)
        status = at < 0 ? tl_zip_broken(file, "it has no end of a directory")
                        : take_end(all, plain_end(bytes + at, file->length - size + at));
    tl_release(file->context, bytes);
    return status;
}

talus_status tl_zip_read_directory(tl_zip_directory *directory)
{
    directory->bytes = NULL;
    talus_status status = find_end(directory);
    if (status != TALUS_OK)
        return status;
    return tl_zip_read_new(directory->file, directory->start, directory->size, &directory->bytes);
}
