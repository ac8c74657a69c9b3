/* The state of an optimiser, as one block of memory: the struct, then its vectors. */
#include <string.h>

#include "optimize/optimizer.h"

static size_t vector_bytes(const talus_optimizer *optimizer)
{
    return (size_t)optimizer->count * tl_dtype_size(optimizer->precision);
}

size_t tl_optimizer_state_bytes(const talus_optimizer *optimizer)
{
    size_t bytes = sizeof *optimizer;
    for (int i = 0; i < TL_MOST_STATES; i++)
        bytes += optimizer->states[i] == NULL ? 0 : vector_bytes(optimizer);
    return bytes;
}

void tl_optimizer_state_save(const talus_optimizer *optimizer, void *state)
{
    char *to = state;
    memcpy(to, optimizer, sizeof *optimizer);
    to += sizeof *optimizer;
    for (int i = 0; i < TL_MOST_STATES && optimizer->states[i] != NULL; i++, to += vector_bytes(optimizer))
        memcpy(to, optimizer->states[i], vector_bytes(optimizer));
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
}
