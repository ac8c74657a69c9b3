#include "limits/copy.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/team.h"

#define ALIGNMENT    4096
#define MEMORY_LEAST ((size_t)64 << 20)
#define MEMORY_MOST  ((size_t)2048 << 20)
#define MEMORY_PART  8 /* and an eighth of the machine's memory at most */

/* Caches ------------------------------------------------------------------------------------------------- */

static size_t cache_bytes(bench_level level)
{
    long bytes = 0;
#ifdef _SC_LEVEL2_CACHE_SIZE
    bytes = sysconf(level == BENCH_L2 ? _SC_LEVEL2_CACHE_SIZE : _SC_LEVEL3_CACHE_SIZE);
#endif
    return bytes > 0 ? (size_t)bytes : 0;
}

const char *bench_level_name(bench_level level)
{
    static const char *const names[BENCH_LEVELS] = {"L2", "L3", "memory"};
    return names[level];
}

static size_t most_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    size_t part = pages > 0 && bytes > 0 ? (size_t)pages / MEMORY_PART * (size_t)bytes : MEMORY_LEAST;
    return part < MEMORY_MOST ? part : MEMORY_MOST;
}

/* Source and destination together: half of L2; four times L2, if L3 has room for that on all threads; four
 * times L3 over all threads. */
size_t bench_level_bytes(bench_level level, int threads)
{
    size_t l2 = cache_bytes(BENCH_L2), l3 = cache_bytes(BENCH_L3), all = 4 * l3;
    if (level == BENCH_L2)
        return l2 / 4;
    if (level == BENCH_L3)
        return 4 * l2 * (size_t)threads <= l3 ? 2 * l2 : 0;
    all = all < MEMORY_LEAST ? MEMORY_LEAST : all > most_bytes() ? most_bytes() : all;
    return all / 2 / (size_t)threads;
}

/* Copying ------------------------------------------------------------------------------------------------ */

/* A member's two buffers, one behind the other and a page apart. */
static size_t room(const bench_copy *copy)
{
    return 2 * ((copy->bytes + ALIGNMENT - 1) / ALIGNMENT + 1) * ALIGNMENT;
}

bool bench_copy_create(size_t bytes, int threads, bench_copy *copy)
{
    *copy = (bench_copy){.bytes = bytes, .threads = threads};
    copy->memory = aligned_alloc(ALIGNMENT, room(copy) * (size_t)threads);
    if (copy->memory)
        memset(copy->memory, 1, room(copy) * (size_t)threads);
    return copy->memory != NULL;
}

void bench_copy_destroy(bench_copy *copy)
{
    free(copy->memory);
    copy->memory = NULL;
}

static void run(void *context, int member, int64_t repetitions)
{
    const bench_copy *copy = context;
    char *from = copy->memory + (size_t)member * room(copy), *to = from + room(copy) / 2;
    for (int64_t r = 0; r < repetitions; r++) {
        memcpy(to, from, copy->bytes);
        /* What was written may be read: the compiler must not leave a copy out. */
        __asm__ volatile("" : : "r"(to) : "memory");
    }
}

double bench_copy_measure(void *context, int64_t repetitions)
{
    bench_copy *copy = context;
    return bench_team_run(copy->threads, run, copy, repetitions);
}

double bench_copy_traffic(const bench_copy *copy)
{
    return 2.0 * (double)copy->bytes * copy->threads;
}
