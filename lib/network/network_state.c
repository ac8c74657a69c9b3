/* The state of a network, as one block of memory. */
#include <string.h>

#include "network/network.h"

static size_t parameter_bytes(const talus_network *network)
{
    return (size_t)network->parameter_count * tl_dtype_size(network->precision);
}

static size_t statistic_bytes(const talus_network *network)
{
    return (size_t)network->statistic_count * sizeof(double);
}

size_t tl_network_state_bytes(const talus_network *network)
{
    return statistic_bytes(network) + parameter_bytes(network);
}

void tl_network_state_save(const talus_network *network, void *state)
{
    if (network->statistics != NULL)
        memcpy(state, network->statistics, statistic_bytes(network));
    memcpy((char *)state + statistic_bytes(network), network->parameters, parameter_bytes(network));
}

void tl_network_state_restore(talus_network *network, const void *state)
{
    if (network->statistics != NULL)
        memcpy(network->statistics, state, statistic_bytes(network));
    memcpy(network->parameters, (const char *)state + statistic_bytes(network), parameter_bytes(network));
}
