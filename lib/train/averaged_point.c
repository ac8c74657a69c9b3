/* The average of the iterates of a method that has one: the network is evaluated there, and steps start elsewhere. */
#include <string.h>

#include "train/trainer.h"

void tl_trainer_exchange_average(talus_trainer *trainer)
{
    const talus_network *network = trainer->network;
    size_t bytes = (size_t)network->parameter_count * tl_dtype_size(network->precision);
    char piece[4096], *of_network = network->parameters, *of_average = trainer->average;
    for (size_t at = 0, length; at < bytes; at += length) {
        length = bytes - at < sizeof piece ? bytes - at : sizeof piece;
        memcpy(piece, of_network + at, length);
        memcpy(of_network + at, of_average + at, length);
        memcpy(of_average + at, piece, length);
    }
}

void tl_trainer_show_average(talus_trainer *trainer)
{
    if (trainer->shows_average || !tl_optimizer_has_average(trainer->optimizer))
        return;
    tl_optimizer_average(trainer->optimizer, trainer->network->parameters, trainer->average);
    tl_trainer_exchange_average(trainer);
    trainer->shows_average = true;
}

bool tl_trainer_hide_average(talus_trainer *trainer)
{
    bool shown = trainer->shows_average;
    if (shown)
        tl_trainer_exchange_average(trainer);
    trainer->shows_average = false;
    return shown;
}
