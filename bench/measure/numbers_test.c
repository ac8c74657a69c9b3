/* A number that is none stays so, whatever is compared with it. */
#include <math.h>

#include "measure/numbers.h"

int main(void)
{
    int good = bench_worse(1, 2) == 2 && bench_worse(2, 1) == 2 && isnan(bench_worse(0, NAN)) &&
               isnan(bench_worse(NAN, 0));
    return good ? 0 : 1;
}
