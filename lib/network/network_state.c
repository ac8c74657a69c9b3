/* The state of a network, as one block of memory. */
#include <string.h>

#include "network/network.h"

static size_t parameter_bytes(const talus_network *network)
{
    return (size_t)network->parameter_count * tl_dtype_size(network->precision);
}

size_t tl_network_state_bytes(const talus_network *network)
{
    return parameter_bytes(network);
}

void tl_network_state_save(const talus_network *network, void *state)
{
    memcpy(state, network->parameters, parameter_bytes(network));
}

void tl_network_state_restore(talus_network *network, const void *state)
{
    memcpy(network->parameters, state, parameter_bytes(network));
}
