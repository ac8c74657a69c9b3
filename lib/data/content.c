#include "data/content.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32.h"

#define PIECE 16384

/* What stands before and after deflated bytes in gzip; the tail is the CRC and the length of what they unpack to.
 * RFC 1952, section 2.3 */
enum { HEAD = 10, TAIL = 8 };
static const unsigned char head[HEAD] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};

static void make_tail(const tl_zip_member *member, unsigned char tail[TAIL])
{
    for (int i = 0; i < 4; i++) {
        tail[i] = (unsigned char)(member->crc >> 8 * i);
        tail[4 + i] = (unsigned char)(member->length >> 8 * i);
    }
}

static talus_status changed(const tl_content *content)
{
    return tl_fail(content->context, TALUS_ERROR_FORMAT, "%s changed while it was read", content->name);
}

/* Some bytes of a deflated member as gzip has them: of its head, of the member, or of its tail. */
static talus_status read_piece(tl_content *content, unsigned char *bytes, int64_t count, int64_t *got)
{
    unsigned char tail[TAIL];
    int64_t into = content->at - HEAD, left = content->member.packed - into;
    make_tail(&content->member, tail);
    if (into < 0) {
        *got = -into < count ? -into : count;
        memcpy(bytes, head + content->at, (size_t)*got);
    } else if (left > 0)
        return tl_file_read(&content->file, bytes, left < count ? left : count, got);
    else {
        *got = TAIL + left < count ? TAIL + left : count;
        memcpy(bytes, tail - left, (size_t)*got);
    }
    return TALUS_OK;
}

/* A deflated member is a gzip file without head and tail: it gets them, and so its CRC and length are checked. */
static talus_status read_wrapped(void *user, void *bytes, int64_t count, int64_t *got)
{
    tl_content *content = user;
    *got = 0;
    while (*got < count && content->at < HEAD + content->member.packed + TAIL) {
        int64_t now = 0;
        talus_status status = read_piece(content, (unsigned char *)bytes + *got, count - *got, &now);
        if (status != TALUS_OK)
            return status;
        if (now == 0)
            return changed(content);
        *got += now, content->at += now;
    }
    return TALUS_OK;
}

/* Of a stored member the file's bytes are its own, and their CRC is compared at its end. */
static talus_status read_stored(tl_content *content, void *bytes, int64_t count, int64_t *got)
{
    int64_t left = content->member.packed - content->at;
    talus_status status = tl_file_read(&content->file, bytes, left < count ? left : count, got);
    if (status != TALUS_OK)
        return status;
    content->at += *got;
    content->crc = tl_crc32(content->crc, bytes, *got);
    if (content->at == content->member.packed && content->crc != content->member.crc)
        return tl_fail(content->context, TALUS_ERROR_FORMAT, "%s: its bytes do not have their checksum",
                       content->name);
    return TALUS_OK;
}

static talus_status read_some(tl_content *content, void *bytes, int64_t count, int64_t *got)
{
    if (!content->is_member)
        return tl_file_read(&content->file, bytes, count, got);
    if (content->gzip != NULL)
        return tl_gzip_read(content->gzip, bytes, count, got);
    return read_stored(content, bytes, count, got);
}

/* Goes to the first byte of a member. */
static talus_status begin_member(tl_content *content)
{
    tl_gzip_source source = {read_wrapped, content, content->name};
    content->at = 0, content->crc = 0;
    tl_gzip_destroy(content->gzip);
    content->gzip = NULL;
    talus_status status = tl_file_seek(&content->file, content->member.start);
    if (status != TALUS_OK || content->member.method == TL_ZIP_STORED)
        return status;
    return tl_gzip_create(content->context, &source, &content->gzip);
}

/* Goes to the first byte of a file that is packed as a whole. */
static talus_status begin_again(tl_content *content)
{
    tl_file_close(&content->file);
    return tl_file_open(content->context, content->path, &content->file);
}

/* Counts the bytes by reading them all. */
static talus_status count_bytes(tl_content *content, int64_t *count)
{
    unsigned char piece[PIECE];
    int64_t got = PIECE;
    talus_status status = TALUS_OK;
    for (*count = 0; status == TALUS_OK && got == PIECE; *count += got)
        status = read_some(content, piece, PIECE, &got);
    return status;
}

static talus_status open_member(tl_content *content, const char *member)
{
    int64_t count = 0;
    content->is_member = true;
    talus_status status = tl_zip_find(&content->file, member, &content->member);
    (void)snprintf(content->name, sizeof content->name, "%s, member \"%.60s\"", content->file.name, member);
    content->length = content->member.length;
    if (status == TALUS_OK)
        status = begin_member(content);
    if (status != TALUS_OK || content->gzip == NULL)
        return status;
    status = count_bytes(content, &count);
    if (status == TALUS_OK && count != content->length)
        return tl_fail(content->context, TALUS_ERROR_FORMAT,
                       "%s: the archive promises %lld bytes, it has %lld", content->name,
                       (long long)content->length, (long long)count);
    return status == TALUS_OK ? begin_member(content) : status;
}

static talus_status open_whole(tl_content *content)
{
    (void)snprintf(content->name, sizeof content->name, "%s", content->file.name);
    content->length = content->file.length;
    if (content->file.gzip == NULL)
        return TALUS_OK;
    talus_status status = count_bytes(content, &content->length);
    return status == TALUS_OK ? begin_again(content) : status;
}

talus_status tl_content_open(talus_context *context, const char *path, const char *member,
                             tl_content *content)
{
    *content = (tl_content){.context = context, .path = path};
    talus_status status = tl_file_open(context, path, &content->file);
    if (status != TALUS_OK)
        return status;
    status = member == NULL ? open_whole(content) : open_member(content, member);
    if (status != TALUS_OK)
        tl_content_close(content);
    return status;
}

void tl_content_close(tl_content *content)
{
    tl_gzip_destroy(content->gzip);
    tl_file_close(&content->file);
    content->gzip = NULL;
}

talus_status tl_content_read(tl_content *content, void *bytes, int64_t count)
{
    int64_t got = 0;
    talus_status status = read_some(content, bytes, count, &got);
    return status == TALUS_OK && got < count ? changed(content) : status;
}
