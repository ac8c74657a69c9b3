#include "data/zip.h"

#include <string.h>

#include "base/buffer.h"
#include "data/zip_directory.h"

/* Bytes of the fixed parts, and of a number of ZIP64. */
enum { LOCAL_BYTES = 30, ENTRY_BYTES = 46, WIDE = 8 };

/* What stands in an entry of the directory. */
typedef struct entry {
    int flags;
    tl_zip_member member;
    int64_t header; /* the byte of the file where its own header begins */
    const char *name;
    int64_t name_length;
    int64_t next; /* the byte of the directory where the next entry begins */
} entry;

/* The ZIP64 field ----------------------------------------------------------------------------------------- */

/* What follows a name are fields of a kind, a length and so many bytes. The first of the kind 1 holds the numbers that do not fit.
 * APPNOTE.TXT, section 4.5.3. *size is 0 if there is none. */
static talus_status find_wide(const tl_file *file, const unsigned char *fields, int64_t left,
                              const unsigned char **numbers, int64_t *size)
{
    for (*size = 0; left >= 4; fields += 4 + *size, left -= 4 + *size) {
        *size = tl_zip_number(fields + 2, 2);
        if (*size > left - 4)
            return tl_zip_broken(file, "a field beside the name of a member is cut off");
        if (tl_zip_number(fields, 2) == 1) {
            *numbers = fields + 4;
            return TALUS_OK;
        }
    }
    *size = 0;
    return TALUS_OK;
}

/* It holds those numbers that are all ones, in their order. */
static talus_status widen(const tl_file *file, const unsigned char *fields, int64_t bytes,
                          int64_t *const values[], int count)
{
    const unsigned char *numbers = NULL;
    int64_t size = 0;
    talus_status status = find_wide(file, fields, bytes, &numbers, &size);
    for (int i = 0; i < count && status == TALUS_OK; i++) {
        if (!tl_zip_is_elsewhere(*values[i], 4))
            continue;
        if (size < WIDE)
            return tl_zip_broken(file, "a ZIP64 number of a member is missing");
        *values[i] = tl_zip_number(numbers, WIDE);
        numbers += WIDE, size -= WIDE;
    }
    return status;
}

static bool is_wide(int64_t *const values[], int count)
{
    while (count > 0 && !tl_zip_is_elsewhere(*values[count - 1], 4))
        count--;
    return count > 0;
}

/* The directory ------------------------------------------------------------------------------------------- */

/* A member with its name and header must end before the directory begins. */
static bool has_room(const tl_zip_directory *all, const entry *one)
{
    const int64_t least = LOCAL_BYTES + one->name_length;
    return one->header <= all->start && least <= all->start - one->header &&
           one->member.packed <= all->start - one->header - least;
}

/* Reads the entry that begins at a byte of the directory. */
static talus_status read_entry(const tl_zip_directory *all, int64_t at, entry *read)
{
    const unsigned char *bytes = all->bytes + at;
    if (all->size - at < ENTRY_BYTES || !tl_zip_is_marked(bytes, "PK\1\2"))
        return tl_zip_broken(all->file, "an entry of its directory is none");
    *read = (entry){
        .flags = (int)tl_zip_number(bytes + 8, 2),
        .member = {.method = (int)tl_zip_number(bytes + 10, 2),
                   .crc = (uint32_t)tl_zip_number(bytes + 16, 4),
                   .packed = tl_zip_number(bytes + 20, 4),
                   .length = tl_zip_number(bytes + 24, 4)},
        .name = (const char *)bytes + ENTRY_BYTES,
        .name_length = tl_zip_number(bytes + 28, 2),
        .header = tl_zip_number(bytes + 42, 4),
    };
    const int64_t fields = tl_zip_number(bytes + 30, 2);
    read->next = at + ENTRY_BYTES + read->name_length + fields + tl_zip_number(bytes + 32, 2);
    if (read->next > all->size)
        return tl_zip_broken(all->file, "an entry of its directory is cut off");
    int64_t *const values[] = {&read->member.length, &read->member.packed, &read->header};
    talus_status status = TALUS_OK;
    if (is_wide(values, 3))
        status = widen(all->file, bytes + ENTRY_BYTES + read->name_length, fields, values, 3);
    if (status == TALUS_OK && !has_room(all, read))
        return tl_zip_broken(all->file, "a member does not end before the directory");
    if (status == TALUS_OK)
        read->member.start = read->header + LOCAL_BYTES + read->name_length; /* or later */
    return status;
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
static talus_status check_entry(const tl_zip_directory *all, const entry *entries, int64_t i)
{
    for (int64_t j = 0; j < i; j++) {
        if (overlap(&entries[i], &entries[j]))
            return tl_zip_broken(all->file, "two of its members overlap");
        if (entries[i].name_length == entries[j].name_length &&
            memcmp(entries[i].name, entries[j].name, (size_t)entries[i].name_length) == 0)
            return tl_zip_broken(all->file, "two of its members have one name");
    }
    return TALUS_OK;
}

static talus_status read_entries(const tl_zip_directory *all, entry *entries)
{
    int64_t at = 0;
    talus_status status = TALUS_OK;
    for (int64_t i = 0; status == TALUS_OK && i < all->count; i++) {
        status = read_entry(all, at, &entries[i]);
        if (status == TALUS_OK)
            status = check_entry(all, entries, i);
        at = entries[i].next;
    }
    return status == TALUS_OK && at != all->size
               ? tl_zip_broken(all->file, "its directory holds more than entries")
               : status;
}

/* The member ---------------------------------------------------------------------------------------------- */

static talus_status refuse_name(const tl_zip_directory *all, const entry *entries, const char *name)
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

/* A header gives the sizes of the directory, unless they follow the member (flag 3); in a ZIP64 field, which stands at a byte of the
 * file, if one of them does not fit, and then both. */
static talus_status check_sizes(tl_file *file, const entry *found, const unsigned char *header, int64_t at)
{
    int64_t length = tl_zip_number(header + 22, 4), packed = tl_zip_number(header + 18, 4);
    const int64_t bytes = tl_zip_number(header + 28, 2);
    int64_t *const values[] = {&length, &packed};
    unsigned char *fields = NULL;
    talus_status status = TALUS_OK;
    if (found->flags & 1 << 3)
        return TALUS_OK;
    if (is_wide(values, 2)) {
        length = packed = UINT32_MAX;
        status = tl_zip_read_new(file, at, bytes, &fields);
        if (status == TALUS_OK)
            status = widen(file, fields, bytes, values, 2);
        tl_release(file->context, fields);
    }
    if (status == TALUS_OK && (length != found->member.length || packed != found->member.packed))
        return tl_zip_broken(file, "the header of a member does not agree with the directory");
    return status;
}

/* The header of a member says how long it is itself. It must agree with the entry, and end before what comes next. */
static talus_status check_header(const tl_zip_directory *all, const entry *entries, const entry *found,
                                 tl_zip_member *member)
{
    unsigned char header[LOCAL_BYTES];
    int64_t next = all->start;
    talus_status status = tl_zip_read_at(all->file, found->header, header, LOCAL_BYTES);
    if (status != TALUS_OK)
        return status;
    if (!tl_zip_is_marked(header, "PK\3\4") || tl_zip_number(header + 8, 2) != found->member.method ||
        tl_zip_number(header + 26, 2) != found->name_length)
        return tl_zip_broken(all->file, "the header of a member does not agree with the directory");
    *member = found->member;
    member->start += tl_zip_number(header + 28, 2);
    for (int64_t i = 0; i < all->count; i++)
        if (entries[i].header > found->header && entries[i].header < next)
            next = entries[i].header;
    if (member->start > next || member->packed > next - member->start)
        return tl_zip_broken(all->file, "two of its members overlap");
    return check_sizes(all->file, found, header, found->member.start);
}

static talus_status check_method(const tl_zip_directory *all, const entry *found)
{
    const tl_zip_member *member = &found->member;
    int64_t most = 0;
    if (found->flags & 1)
        return tl_zip_unsupported(all->file, "members that are encrypted are not read");
    if (member->method != TL_ZIP_STORED && member->method != TL_ZIP_DEFLATED)
        return tl_fail(all->file->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: members must be stored (0) or deflated (8), got method %d", all->file->name,
                       member->method);
    if (member->method == TL_ZIP_STORED && member->length != member->packed)
        return tl_zip_broken(all->file, "a stored member has two lengths");
    if (!tl_multiply(member->packed, TL_GZIP_MOST_RATIO, &most) || member->length > most)
        return tl_zip_broken(all->file, "a member promises more than its bytes can unpack to");
    return TALUS_OK;
}

static talus_status find(const tl_zip_directory *all, entry *entries, const char *name, tl_zip_member *member)
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
    tl_zip_directory all = {.file = file};
    entry *entries = NULL;
    talus_status status = tl_zip_read_directory(&all);
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
