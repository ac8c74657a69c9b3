/* The state of an optimiser, as one block of memory: the struct, then its vectors, then what its minimiser has learnt. */
#include <string.h>

#include "optimize/minimizer.h"

static size_t vector_bytes(const talus_optimizer *optimizer)
{
    return (size_t)optimizer->count * tl_dtype_size(optimizer->precision);
}

static size_t learnt_bytes(const talus_optimizer *optimizer)
{
    return optimizer->minimizer == NULL ? 0 : optimizer->minimizer->learnt_bytes;
}

/* How much a minimiser has learnt, before that itself. */
typedef struct learning {
    int64_t learnt, newest;
} learning;

static void save_learnt(const tl_minimizer *minimizer, char *to)
{
    learning head = {minimizer->learnt, minimizer->newest};
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, minimizer->learnt_vectors, minimizer->learnt_bytes);
}

static void restore_learnt(tl_minimizer *minimizer, const char *from)
{
    learning head;
    memcpy(&head, from, sizeof head);
    minimizer->learnt = head.learnt;
    minimizer->newest = head.newest;
    memcpy(minimizer->learnt_vectors, from + sizeof head, minimizer->learnt_bytes);
}

size_t tl_optimizer_state_bytes(const talus_optimizer *optimizer)
{
    size_t bytes = sizeof *optimizer;
    for (int i = 0; i < TL_MOST_STATES; i++)
        bytes += optimizer->states[i] == NULL ? 0 : vector_bytes(optimizer);
    return bytes + (learnt_bytes(optimizer) > 0 ? sizeof(learning) + learnt_bytes(optimizer) : 0);
}

void tl_optimizer_state_save(const talus_optimizer *optimizer, void *state)
{
    char *to = state;
    memcpy(to, optimizer, sizeof *optimizer);
    to += sizeof *optimizer;
    for (int i = 0; i < TL_MOST_STATES && optimizer->states[i] != NULL; i++, to += vector_bytes(optimizer))
        memcpy(to, optimizer->states[i], vector_bytes(optimizer));
    if (learnt_bytes(optimizer) > 0)
        save_learnt(optimizer->minimizer, to);
}

void tl_optimizer_state_restore(talus_optimizer *optimizer, const void *state)
{
    const talus_optimizer_spec spec = optimizer->spec;
    const char *from = state;
    memcpy(optimizer, from, sizeof *optimizer);
    optimizer->spec = spec;
    from += sizeof *optimizer;
    for (int i = 0; i < TL_MOST_STATES && optimizer->states[i] != NULL; i++, from += vector_bytes(optimizer))
        memcpy(optimizer->states[i], from, vector_bytes(optimizer));
    if (learnt_bytes(optimizer) > 0)
        restore_learnt(optimizer->minimizer, from);
}
