/* What VDPBF16PS does in plain C: to each number of c it adds the product of the odd numbers of its pairs, then that of the
 * even ones.   Intel, Software Developer's Manual, volume 2 */
#include "emulated.h"

void add_pair(int lanes, float *c, uint32_t left, const uint32_t *right);

void add_pair(int lanes, float *c, uint32_t left, const uint32_t *right)
{
    for (int i = 0; i < lanes; i++) {
        float odd = multiply_add(bf16_flushed((uint16_t)(left >> 16)),
                                 bf16_flushed((uint16_t)(right[i] >> 16)), flushed(c[i]));
        c[i] = multiply_add(bf16_flushed((uint16_t)left), bf16_flushed((uint16_t)right[i]), odd);
    }
}
