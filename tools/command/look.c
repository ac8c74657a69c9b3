#include "look.h"

#include <math.h>

void take_look(health_look *of, const talus_progress *p)
{
    const double rate = isfinite(p->rate) ? p->rate : 0;
    of->largest = fmax(of->largest, rate);
    if (p->health_step == of->step || rate < of->largest / 2)
        return;
    of->step = p->health_step, of->rate = p->rate, of->layers = 0;
    while (of->layers < MOST_LAYERS &&
           talus_trainer_health(p->trainer, of->layers + 1, &of->healths[of->layers]) == TALUS_OK)
        of->layers++;
}
