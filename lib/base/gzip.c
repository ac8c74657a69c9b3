#include "base/gzip.h"

#ifdef TL_HAVE_ZLIB

#define ZLIB_CONST
#include <zlib.h>

#define INPUT_BYTES 32768

/* The most bytes to unpack in one call of zlib, whose counts are unsigned. */
static const int64_t CHUNK = INT64_C(1) << 30;

struct tl_gzip {
    talus_context *context;
    tl_gzip_source source;
    z_stream stream;
    bool member_ended; /* with its checksum right: only here may the file end */
    unsigned char input[INPUT_BYTES];
};

static voidpf allocate(voidpf context, uInt items, uInt size)
{
    int64_t bytes;
    return tl_multiply(items, size, &bytes) ? tl_allocate(context, (size_t)bytes) : Z_NULL;
}

static void release(voidpf context, voidpf memory)
{
    tl_release(context, memory);
}

static talus_status fail_without_memory(talus_context *context, const tl_gzip_source *source)
{
    return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for unpacking %s", source->name);
}

static talus_status fail_with_code(tl_gzip *gzip, int code)
{
    if (code == Z_MEM_ERROR)
        return fail_without_memory(gzip->context, &gzip->source);
    const char *reason = gzip->stream.msg != NULL ? gzip->stream.msg : "of no known kind";
    return tl_fail(gzip->context, TALUS_ERROR_FORMAT, "%s: its gzip data is broken (%s)", gzip->source.name,
                   reason);
}

talus_status tl_gzip_create(talus_context *context, const tl_gzip_source *source, tl_gzip **gzip)
{
    tl_gzip *made = tl_allocate(context, sizeof *made);
    if (made == NULL)
        return fail_without_memory(context, source);
    made->context = context;
    made->source = *source;
    made->stream.zalloc = allocate;
    made->stream.zfree = release;
    made->stream.opaque = context;
    int code = inflateInit2(&made->stream, 16 + MAX_WBITS); /* 16: a gzip header is wanted */
    if (code != Z_OK) {
        talus_status status = fail_with_code(made, code);
        tl_release(context, made);
        return status;
    }
    *gzip = made;
    return TALUS_OK;
}

void tl_gzip_destroy(tl_gzip *gzip)
{
    if (gzip == NULL)
        return;
    inflateEnd(&gzip->stream);
    tl_release(gzip->context, gzip);
}

static talus_status refill(tl_gzip *gzip)
{
    int64_t got;
    talus_status status = gzip->source.read(gzip->source.user, gzip->input, INPUT_BYTES, &got);
    if (status != TALUS_OK)
        return status;
    gzip->stream.next_in = gzip->input;
    gzip->stream.avail_in = (uInt)got;
    return TALUS_OK;
}

/* Unpacks some bytes, up to `room`; *made of them. What follows a member must be another. */
static talus_status unpack(tl_gzip *gzip, unsigned char *bytes, int64_t room, int64_t *made)
{
    uInt given = (uInt)(room < CHUNK ? room : CHUNK);
    if (gzip->member_ended)
        inflateReset(&gzip->stream);
    gzip->stream.next_out = bytes;
    gzip->stream.avail_out = given;
    int code = inflate(&gzip->stream, Z_NO_FLUSH);
    gzip->member_ended = code == Z_STREAM_END;
    *made = given - gzip->stream.avail_out;
    return code == Z_OK || code == Z_STREAM_END ? TALUS_OK : fail_with_code(gzip, code);
}

talus_status tl_gzip_read(tl_gzip *gzip, unsigned char *bytes, int64_t count, int64_t *got)
{
    *got = 0;
    while (*got < count) {
        talus_status status = gzip->stream.avail_in == 0 ? refill(gzip) : TALUS_OK;
        if (status != TALUS_OK)
            return status;
        if (gzip->stream.avail_in == 0 && gzip->member_ended)
            return TALUS_OK;
        if (gzip->stream.avail_in == 0)
            return tl_fail(gzip->context, TALUS_ERROR_FORMAT, "%s: its gzip data ends too early",
                           gzip->source.name);
        int64_t made;
        status = unpack(gzip, bytes + *got, count - *got, &made);
        if (status != TALUS_OK)
            return status;
        *got += made;
    }
    return TALUS_OK;
}

#else

talus_status tl_gzip_create(talus_context *context, const tl_gzip_source *source, tl_gzip **gzip)
{
    *gzip = NULL;
    return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                   "%s is packed with gzip, and this library was built without zlib", source->name);
}

void tl_gzip_destroy(tl_gzip *gzip)
{
    (void)gzip;
}

talus_status tl_gzip_read(tl_gzip *gzip, unsigned char *bytes, int64_t count, int64_t *got)
{
    (void)gzip, (void)bytes, (void)count;
    *got = 0;
    return TALUS_OK;
}

#endif
