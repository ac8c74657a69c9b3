#include "base/philox.h"

#include <math.h>

static tl_philox_block philox_round(tl_philox_block x, uint32_t key_0, uint32_t key_1)
{
    uint64_t product_0 = (uint64_t)TL_PHILOX_MULTIPLIER_0 * x.word[0];
    uint64_t product_1 = (uint64_t)TL_PHILOX_MULTIPLIER_1 * x.word[2];
    return (tl_philox_block){{
        (uint32_t)(product_1 >> 32) ^ x.word[1] ^ key_0,
        (uint32_t)product_1,
        (uint32_t)(product_0 >> 32) ^ x.word[3] ^ key_1,
        (uint32_t)product_0,
    }};
}

tl_philox_block tl_philox(const uint32_t counter[4], const uint32_t key[2])
{
    tl_philox_block x = {{counter[0], counter[1], counter[2], counter[3]}};
    uint32_t key_0 = key[0], key_1 = key[1];
    for (int round = 0; round < 10; round++) {
        x = philox_round(x, key_0, key_1);
        key_0 += TL_PHILOX_WEYL_0;
        key_1 += TL_PHILOX_WEYL_1;
    }
    return x;
}

tl_random_pair tl_random(uint64_t seed, tl_purpose purpose, uint32_t item, uint64_t index)
{
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), item, (uint32_t)purpose};
    tl_philox_block x = tl_philox(counter, key);
    return (tl_random_pair){
        (uint64_t)x.word[1] << 32 | x.word[0],
        (uint64_t)x.word[3] << 32 | x.word[2],
    };
}

double tl_unit(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

void tl_normal_pair(tl_random_pair bits, double pair[2])
{
    static const double two_pi = 6.283185307179586;
    double radius = sqrt(-2 * log(tl_unit(bits.first))), angle = two_pi * tl_unit(bits.second);
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

void tl_shuffle(uint64_t seed, tl_purpose purpose, uint32_t item, int64_t count, int64_t *items)
{
    for (int64_t i = count - 1; i > 0; i--) {
        tl_random_pair bits = tl_random(seed, purpose, item, (uint64_t)i);
        int64_t other = (int64_t)(tl_unit(bits.first) * (double)(i + 1));
        int64_t moved = items[i];
        items[i] = items[other];
        items[other] = moved;
    }
}
