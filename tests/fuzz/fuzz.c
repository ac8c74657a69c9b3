#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef TL_HAVE_ZLIB
#include <zlib.h>
#endif

void require_that(bool holds, const char *condition, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, condition);
    abort();
}

int64_t draw(fuzz_bytes *bytes, int64_t least, int64_t most)
{
    uint64_t range = (uint64_t)(most - least) + 1, number = 0;
    for (uint64_t left = range - 1; left > 0 && bytes->next < bytes->end; left >>= 8)
        number = number << 8 | *bytes->next++;
    return least + (int64_t)(number % range);
}

bool one_in(fuzz_bytes *bytes, int n)
{
    return draw(bytes, 0, n - 1) == n - 1;
}

enum { HEAD = 16 }; /* where an allocation keeps its size; as malloc aligns */

static void *allocate(size_t bytes, void *user)
{
    fuzz_memory *memory = user;
    if (bytes > memory->largest)
        memory->largest = bytes;
    bool fails = memory->fails_in > 0 && --memory->fails_in == 0;
    if (fails || bytes > memory->most - memory->bytes)
        return NULL;
    char *block = malloc(bytes + HEAD);
    require(block != NULL);
    memcpy(block, &bytes, sizeof bytes);
    memory->bytes += bytes;
    memory->alive++;
    return block + HEAD;
}

static void release(void *block, void *user)
{
    fuzz_memory *memory = user;
    size_t bytes;
    memcpy(&bytes, (char *)block - HEAD, sizeof bytes);
    memory->bytes -= bytes;
    memory->alive--;
    free((char *)block - HEAD);
}

talus_context_options fuzz_options(fuzz_memory *memory, int threads)
{
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.threads = threads;
    options.allocate = allocate;
    options.release = release;
    options.allocator_user = memory;
    return options;
}

void fuzz_file_write(fuzz_file *file, const void *bytes, size_t count)
{
    if (file->descriptor < 0)
        file->descriptor = memfd_create("talus-fuzz", MFD_CLOEXEC);
    require(file->descriptor >= 0);
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->descriptor);
    require(ftruncate(file->descriptor, 0) == 0);
    require(pwrite(file->descriptor, bytes, count, 0) == (ssize_t)count);
}

size_t fuzz_file_write_packed(fuzz_file *file, const uint8_t *bytes, size_t count, bool pack)
{
#ifdef TL_HAVE_ZLIB
    enum { MOST_PACKED = 1 << 16 };
    static uint8_t packed[2 * MOST_PACKED];
    z_stream stream = {0};
    if (pack && count <= MOST_PACKED) {
        require(deflateInit2(&stream, 1, Z_DEFLATED, 16 + 15, 9, Z_DEFAULT_STRATEGY) == Z_OK);
        stream.next_in = (uint8_t *)(uintptr_t)bytes;
        stream.avail_in = (uInt)count;
        stream.next_out = packed;
        stream.avail_out = sizeof packed;
        require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
        bytes = packed, count = stream.total_out;
        deflateEnd(&stream);
    }
#else
    (void)pack;
#endif
    fuzz_file_write(file, bytes, count);
    return count;
}

talus_status checked(const talus_context *context, talus_status status)
{
    require(status >= 0 && status < TALUS_STATUS_COUNT);
    if (status != TALUS_OK) {
        const char *message = talus_error_message(context);
        require(message[0] != '\0');
        require(strpbrk(message, "\r\n") == NULL);
    }
    return status;
}
