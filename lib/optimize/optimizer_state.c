/* The state of an optimiser, as one block of memory: its numbers, then its vectors, then what is kept of matrices or
 * what its minimiser has learnt. */
#include <string.h>

#include "optimize/minimizer.h"

typedef struct numbers {
    int64_t steps;
    tl_progress done;
} numbers;

static size_t vector_bytes(const talus_optimizer *optimizer)
{
    return (size_t)optimizer->count * tl_dtype_size(optimizer->precision);
}

static size_t learnt_bytes(const talus_optimizer *optimizer)
{
    return optimizer->minimizer == NULL ? 0 : optimizer->minimizer->learnt_bytes;
}

static size_t kept_bytes(const talus_optimizer *optimizer)
{
    return (size_t)optimizer->matrices.kept_count * tl_dtype_size(optimizer->precision);
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

tl_optimizer_parts tl_optimizer_parts_of(talus_optimizer *optimizer, void *block)
{
    numbers *saved = block;
    tl_optimizer_parts parts = {.steps = block == NULL ? &optimizer->steps : &saved->steps,
                                .done = block == NULL ? &optimizer->done : &saved->done,
                                .vector_count = optimizer->form->states,
                                .minimizer = learnt_bytes(optimizer) > 0 ? optimizer->minimizer : NULL};
    for (int i = 0; i < parts.vector_count; i++)
        parts.vectors[i] = block == NULL ? optimizer->states[i]
                                         : (char *)(saved + 1) + (size_t)i * vector_bytes(optimizer);
    parts.kept_count = optimizer->matrices.kept_count;
    parts.kept = block == NULL ? optimizer->matrices.kept
                               : (char *)(saved + 1) + (size_t)parts.vector_count * vector_bytes(optimizer);
    return parts;
}

size_t tl_optimizer_state_bytes(const talus_optimizer *optimizer)
{
    return sizeof(numbers) + (size_t)optimizer->form->states * vector_bytes(optimizer) +
           kept_bytes(optimizer) +
           (learnt_bytes(optimizer) > 0 ? sizeof(learning) + learnt_bytes(optimizer) : 0);
}

void tl_optimizer_state_save(const talus_optimizer *optimizer, void *state)
{
    const numbers saved = {optimizer->steps, optimizer->done};
    char *to = state;
    memcpy(to, &saved, sizeof saved);
    to += sizeof saved;
    for (int i = 0; i < optimizer->form->states; i++, to += vector_bytes(optimizer))
        memcpy(to, optimizer->states[i], vector_bytes(optimizer));
    if (kept_bytes(optimizer) > 0)
        memcpy(to, optimizer->matrices.kept, kept_bytes(optimizer));
    if (learnt_bytes(optimizer) > 0)
        save_learnt(optimizer->minimizer, to);
}

void tl_optimizer_state_restore(talus_optimizer *optimizer, const void *state)
{
    numbers saved;
    const char *from = state;
    memcpy(&saved, from, sizeof saved);
    optimizer->steps = saved.steps;
    optimizer->done = saved.done;
    from += sizeof saved;
    for (int i = 0; i < optimizer->form->states; i++, from += vector_bytes(optimizer))
        memcpy(optimizer->states[i], from, vector_bytes(optimizer));
    if (kept_bytes(optimizer) > 0)
        memcpy(optimizer->matrices.kept, from, kept_bytes(optimizer));
    if (learnt_bytes(optimizer) > 0)
        restore_learnt(optimizer->minimizer, from);
}
