#include "data/zip.h"

#include <string.h>

#include "base/buffer.h"

/* Bytes of the fixed parts, and what they begin with. */
enum { LOCAL_BYTES = 30, ENTRY_BYTES = 46, END_BYTES = 22, MOST_COMMENT = 65535 };
static const unsigned char local_mark[] = "PK\3\4", entry_mark[] = "PK\1\2", end_mark[] = "PK\5\6";

/* The directory of an archive, and what stands in an entry of it. */
typedef struct directory {
    tl_file *file;
    unsigned char *bytes;
    int64_t count, start, size; /* entries; first byte in the file; bytes */
} directory;

typedef struct entry {
    int flags;
    tl_zip_member member;
    int64_t header; /* the byte of the file where its own header begins */
    const char *name;
    int64_t name_length;
    int64_t next; /* the byte of the directory where the next entry begins */
} entry;

static int64_t number(const unsigned char *bytes, int size)
{
    int64_t value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value;
}

static bool is_marked(const unsigned char *bytes, const unsigned char *mark)
{
    return memcmp(bytes, mark, 4) == 0;
}

static talus_status broken(const tl_file *file, const char *what)
{
    return tl_fail(file->context, TALUS_ERROR_FORMAT, "%s is not a zip archive, or broken: %s", file->name,
                   what);
}

static talus_status unsupported(const tl_file *file, const char *what)
{
    return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED, "%s: %s", file->name, what);
}

static talus_status read_at(tl_file *file, int64_t position, void *bytes, int64_t count)
{
    int64_t got = 0;
    talus_status status = tl_file_seek(file, position);
    if (status == TALUS_OK)
        status = tl_file_read(file, bytes, count, &got);
    return status == TALUS_OK && got < count ? broken(file, "it became shorter while it was read") : status;
}

static talus_status read_new(tl_file *file, int64_t position, int64_t count, unsigned char **bytes)
{
    *bytes = tl_allocate(file->context, (size_t)count);
    if (*bytes == NULL)
        return tl_fail(file->context, TALUS_ERROR_MEMORY, "there is no memory for the directory of %s",
                       file->name);
    return read_at(file, position, *bytes, count);
}

/* The end ------------------------------------------------------------------------------------------------ */

static talus_status take_end(directory *all, const unsigned char *end, int64_t position)
{
    int64_t disk = number(end + 4, 2), disk_of_directory = number(end + 6, 2), on_disk = number(end + 8, 2);
    all->count = number(end + 10, 2);
    all->size = number(end + 12, 4);
    all->start = number(end + 16, 4);
    if (all->count == 0xFFFF || all->size == 0xFFFFFFFF || all->start == 0xFFFFFFFF)
        return unsupported(all->file, "archives of 4 GiB and more (ZIP64) are not read");
    if (disk != 0 || disk_of_directory != 0 || on_disk != all->count)
        return unsupported(all->file, "archives on several disks are not read");
    if (all->start + all->size != position)
        return broken(all->file, "its directory does not stand before its end");
    if (all->count > TL_ZIP_MEMBERS || all->size > TL_ZIP_DIRECTORY)
        return unsupported(all->file, "archives of more than 1024 members are not read");
    return TALUS_OK;
}

/* The end is the last place that looks like one, with a comment that reaches the end of the file. */
static talus_status find_end(directory *all)
{
    tl_file *file = all->file;
    int64_t most = END_BYTES + MOST_COMMENT, size = file->length < most ? file->length : most;
    unsigned char *bytes = NULL;
    if (file->gzip != NULL || size < END_BYTES)
        return broken(file, "it has no end of a directory");
    talus_status status = read_new(file, file->length - size, size, &bytes);
    int64_t at = size - END_BYTES;
    while (status == TALUS_OK && at >= 0 &&
           !(is_marked(bytes + at, end_mark) && at + END_BYTES + number(bytes + at + 20, 2) == size))
        at--;
    if (status == TALUS_OK)
        status = at < 0 ? broken(file, "it has no end of a directory")
                        : take_end(all, bytes + at, file->length - size + at);
    tl_release(file->context, bytes);
    return status;
}

/* The directory ------------------------------------------------------------------------------------------- */

/* Reads the entry that begins at a byte of the directory. */
static talus_status read_entry(const directory *all, int64_t at, entry *read)
{
    const unsigned char *bytes = all->bytes + at;
    if (all->size - at < ENTRY_BYTES || !is_marked(bytes, entry_mark))
        return broken(all->file, "an entry of its directory is none");
    *read = (entry){
        .flags = (int)number(bytes + 8, 2),
        .member = {.method = (int)number(bytes + 10, 2),
                   .crc = (uint32_t)number(bytes + 16, 4),
                   .packed = number(bytes + 20, 4),
                   .length = number(bytes + 24, 4)},
        .name = (const char *)bytes + ENTRY_BYTES,
        .name_length = number(bytes + 28, 2),
        .header = number(bytes + 42, 4),
    };
    read->next = at + ENTRY_BYTES + read->name_length + number(bytes + 30, 2) + number(bytes + 32, 2);
    if (read->next > all->size)
        return broken(all->file, "an entry of its directory is cut off");
    if (read->member.packed == 0xFFFFFFFF || read->member.length == 0xFFFFFFFF || read->header == 0xFFFFFFFF)
        return unsupported(all->file, "members of 4 GiB and more (ZIP64) are not read");
    read->member.start = read->header + LOCAL_BYTES + read->name_length; /* or later */
    if (read->member.start + read->member.packed > all->start)
        return broken(all->file, "a member does not end before the directory");
    return TALUS_OK;
}

static bool has_name(const entry *one, const char *name)
{
    return strlen(name) == (size_t)one->name_length && memcmp(one->name, name, strlen(name)) == 0;
}

static bool overlap(const entry *a, const entry *b)
{
    return a->header < b->member.start + b->member.packed && b->header < a->member.start + a->member.packed;
}

/* Checks entry number i, which stands in `entries`, beside those before it. */
static talus_status check_entry(const directory *all, const entry *entries, int64_t i)
{
    for (int64_t j = 0; j < i; j++) {
        if (overlap(&entries[i], &entries[j]))
            return broken(all->file, "two of its members overlap");
        if (entries[i].name_length == entries[j].name_length &&
            memcmp(entries[i].name, entries[j].name, (size_t)entries[i].name_length) == 0)
            return broken(all->file, "two of its members have one name");
    }
    return TALUS_OK;
}

static talus_status read_entries(const directory *all, entry *entries)
{
    int64_t at = 0;
    talus_status status = TALUS_OK;
    for (int64_t i = 0; status == TALUS_OK && i < all->count; i++) {
        status = read_entry(all, at, &entries[i]);
        if (status == TALUS_OK)
            status = check_entry(all, entries, i);
        at = entries[i].next;
    }
    return status == TALUS_OK && at != all->size ? broken(all->file, "its directory holds more than entries")
                                                 : status;
}

/* The member ---------------------------------------------------------------------------------------------- */

static talus_status refuse_name(const directory *all, const entry *entries, const char *name)
{
    tl_buffer names = {.context = all->file->context};
    for (int64_t i = 0; i < all->count && names.length < 100; i++)
        tl_buffer_print(&names, "%s%.*s", i == 0 ? "" : ", ", (int)entries[i].name_length, entries[i].name);
    tl_buffer_add(&names, "", 1);
    talus_status status = tl_buffer_check(&names, "the names of members");
    if (status == TALUS_OK)
        status = tl_fail(all->file->context, TALUS_ERROR_FORMAT, "%s has no member \"%s\"; it has: %s",
                         all->file->name, name, all->count == 0 ? "none" : names.bytes);
    tl_buffer_release(&names);
    return status;
}

/* The header of a member says how long it is itself. It must agree with the entry, and end before what comes next. */
static talus_status check_header(const directory *all, const entry *entries, const entry *found,
                                 tl_zip_member *member)
{
    unsigned char header[LOCAL_BYTES];
    int64_t next = all->start;
    talus_status status = read_at(all->file, found->header, header, LOCAL_BYTES);
    if (status != TALUS_OK)
        return status;
    if (!is_marked(header, local_mark) || number(header + 8, 2) != found->member.method ||
        number(header + 26, 2) != found->name_length)
        return broken(all->file, "the header of a member does not agree with the directory");
    *member = found->member;
    member->start += number(header + 28, 2);
    for (int64_t i = 0; i < all->count; i++)
        if (entries[i].header > found->header && entries[i].header < next)
            next = entries[i].header;
    if (member->start + member->packed > next)
        return broken(all->file, "two of its members overlap");
    return TALUS_OK;
}

static talus_status check_method(const directory *all, const entry *found)
{
    const tl_zip_member *member = &found->member;
    int64_t most = 0;
    if (found->flags & 1)
        return unsupported(all->file, "members that are encrypted are not read");
    if (member->method != TL_ZIP_STORED && member->method != TL_ZIP_DEFLATED)
        return tl_fail(all->file->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: members must be stored (0) or deflated (8), got method %d", all->file->name,
                       member->method);
    if (member->method == TL_ZIP_STORED && member->length != member->packed)
        return broken(all->file, "a stored member has two lengths");
    if (!tl_multiply(member->packed, TL_GZIP_MOST_RATIO, &most) || member->length > most)
        return broken(all->file, "a member promises more than its bytes can unpack to");
    return TALUS_OK;
}

static talus_status find(const directory *all, entry *entries, const char *name, tl_zip_member *member)
{
    const entry *found = NULL;
    talus_status status = read_entries(all, entries);
    if (status != TALUS_OK)
        return status;
    for (int64_t i = 0; i < all->count; i++)
        if (has_name(&entries[i], name))
            found = &entries[i];
    if (found == NULL)
        return refuse_name(all, entries, name);
    status = check_method(all, found);
    return status == TALUS_OK ? check_header(all, entries, found, member) : status;
}

talus_status tl_zip_find(tl_file *file, const char *name, tl_zip_member *member)
{
    directory all = {.file = file};
    entry *entries = NULL;
    talus_status status = find_end(&all);
    if (status == TALUS_OK)
        status = read_new(file, all.start, all.size, &all.bytes);
    if (status == TALUS_OK) {
        entries = tl_allocate(file->context, (size_t)all.count * sizeof *entries);
        status = entries == NULL ? tl_fail(file->context, TALUS_ERROR_MEMORY,
                                           "there is no memory for the directory of %s", file->name)
                                 : find(&all, entries, name, member);
    }
    tl_release(file->context, entries);
    tl_release(file->context, all.bytes);
    return status;
}
