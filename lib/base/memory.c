#include <string.h>
#include <sys/mman.h>

#include "base/cache.h"
#include "base/call.h"

#define HUGE_PAGE ((size_t)2 << 20)

/* What stands directly before the memory that tl_allocate returns. */
typedef struct header {
    void *allocated; /* what the allocator returned */
} header;

/* Blocks of 2 MB and more start on a huge page, and the system is asked for huge pages. */
static size_t alignment_of(size_t bytes)
{
    return bytes >= HUGE_PAGE ? HUGE_PAGE : TL_LINE_BYTES;
}

static void advise_huge_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    if (bytes >= HUGE_PAGE)
        (void)madvise(memory, bytes & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}

static void *ask(const talus_context *context, size_t bytes)
{
    tl_call *call = tl_callback_begin(context, TL_CALLBACK_CLOSED);
    void *allocated = context->options.allocate(bytes, context->options.allocator_user);
    tl_callback_end(call);
    return allocated;
}

static void give_back(const talus_context *context, void *allocated)
{
    tl_call *call = tl_callback_begin(context, TL_CALLBACK_CLOSED);
    context->options.release(allocated, context->options.allocator_user);
    tl_callback_end(call);
}

void *tl_allocate_unfilled(talus_context *context, size_t bytes)
{
    size_t alignment = alignment_of(bytes);
    if (bytes > PTRDIFF_MAX - alignment - sizeof(header))
        return NULL;
    char *allocated = ask(context, bytes + alignment + sizeof(header));
    if (allocated == NULL)
        return NULL;
    uintptr_t first = (uintptr_t)allocated + sizeof(header);
    char *memory = allocated + sizeof(header) + (alignment - first % alignment) % alignment;
    memcpy(memory - sizeof(header), &(header){allocated}, sizeof(header));
    advise_huge_pages(memory, bytes);
    return memory;
}

void *tl_allocate(talus_context *context, size_t bytes)
{
    void *memory = tl_allocate_unfilled(context, bytes);
    return memory == NULL ? NULL : memset(memory, 0, bytes);
}

/* Of 2 MB and more there are at most bytes/2 MB. */
int64_t tl_allocated_at_most(int64_t bytes, int count)
{
    const int64_t huge = bytes / (int64_t)HUGE_PAGE < count ? bytes / (int64_t)HUGE_PAGE : count,
                  beside = huge * (int64_t)HUGE_PAGE + count * (int64_t)(TL_LINE_BYTES + sizeof(header));
    return bytes > INT64_MAX - beside ? INT64_MAX : bytes + beside;
}

void tl_release(talus_context *context, void *memory)
{
    if (memory == NULL)
        return;
    header before;
    memcpy(&before, (char *)memory - sizeof(header), sizeof(header));
    give_back(context, before.allocated);
}
