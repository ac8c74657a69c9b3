/* What the targets share: bytes to draw from, memory that is counted and limited, files in memory, and conditions that
 * end the process when they do not hold. A target is a function from bytes to nothing: libFuzzer looks for bytes that
 * break it, and replay.c, with any compiler, gives it those of the corpus. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talus/talus.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(condition) require_that(condition, #condition, __FILE__, __LINE__)
void require_that(bool holds, const char *condition, const char *file, int line);

/* The bytes of an input that are still to be drawn. */
typedef struct fuzz_bytes {
    const uint8_t *next, *end;
} fuzz_bytes;

/* A number of least … most; least when no bytes are left. */
int64_t draw(fuzz_bytes *bytes, int64_t least, int64_t most);
bool one_in(fuzz_bytes *bytes, int n); /* false when no bytes are left */

/* Memory for a context: what is alive, the largest request, the most that may be alive, and the allocation (1: the next
 * one) that fails; 0: none does. */
typedef struct fuzz_memory {
    size_t bytes, largest, most;
    int64_t alive, fails_in;
} fuzz_memory;

/* Options of a context with this memory. */
talus_context_options fuzz_options(fuzz_memory *memory, int threads);

/* The path of a file of these bytes, for as long as the process keeps its descriptor: −1 first, then used again. */
typedef struct fuzz_file {
    int descriptor;
    char path[32];
} fuzz_file;
void fuzz_file_write(fuzz_file *file, const void *bytes, size_t count);

/* The same, as one gzip member if they are to be packed and can be. Returns the file's size. */
size_t fuzz_file_write_packed(fuzz_file *file, const uint8_t *bytes, size_t count, bool pack);

/* What holds after each call: the status is one, and an error has a message of one line. Returns the status. */
talus_status checked(const talus_context *context, talus_status status);

#endif
