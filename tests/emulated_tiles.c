/* Tile registers in plain C, for processors that have none, bit for bit as the instructions are described: TDPBF16PS sums even
 * and odd products of a row of pairs apart, each by fused multiply-adds, and adds both sums to what stands there.
 * Intel, Software Developer's Manual, volume 2 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emulated.h"
#include "kernels/tiles.h"

enum { TILES = 8, PAIRS = TL_TILE_BYTES / 4 };

static _Thread_local struct {
    bool configured;
    union {
        float number[TL_TILE_ROWS][PAIRS];
        uint16_t half[TL_TILE_ROWS][2 * PAIRS];
    } tile[TILES];
} registers;

/* The processor raises a signal where registers are used that are not configured. */
static void use(void)
{
    if (!registers.configured)
        abort();
}

void tile_configure(void)
{
    memset(&registers, 0, sizeof registers);
    registers.configured = true;
}

void tile_release(void)
{
    use();
    registers.configured = false;
}

void tile_zero(int tile)
{
    use();
    memset(&registers.tile[tile], 0, sizeof registers.tile[tile]);
}

void tile_load(int tile, const void *from)
{
    use();
    memcpy(&registers.tile[tile], from, sizeof registers.tile[tile]);
}

void tile_store(int tile, float *to)
{
    use();
    memcpy(to, &registers.tile[tile], sizeof registers.tile[tile]);
}

/* The numbers of a right tile at one parity, which are needed once a row. */
static void widen(int tile, int odd, float to[TL_TILE_ROWS][PAIRS])
{
    for (int k = 0; k < TL_TILE_ROWS; k++)
        for (int n = 0; n < PAIRS; n++)
            to[k][n] = bf16_flushed(registers.tile[tile].half[k][2 * n + odd]);
}

/* The sums of a row at one parity. */
static void sum_row(const uint16_t *left, int odd, float right[TL_TILE_ROWS][PAIRS], float sums[PAIRS])
{
    for (int n = 0; n < PAIRS; n++)
        sums[n] = 0;
    for (int k = 0; k < TL_TILE_ROWS; k++) {
        const float factor = bf16_flushed(left[2 * k + odd]);
        for (int n = 0; n < PAIRS; n++)
            sums[n] = multiply_add(factor, right[k][n], sums[n]);
    }
}

void tile_multiply(int sum, int left, int right)
{
    use();
    float even[TL_TILE_ROWS][PAIRS], odd[TL_TILE_ROWS][PAIRS], even_sums[PAIRS], odd_sums[PAIRS];
    widen(right, 0, even);
    widen(right, 1, odd);
    for (int m = 0; m < TL_TILE_ROWS; m++) {
        float *c = registers.tile[sum].number[m];
        sum_row(registers.tile[left].half[m], 0, even, even_sums);
        sum_row(registers.tile[left].half[m], 1, odd, odd_sums);
        for (int n = 0; n < PAIRS; n++)
            c[n] = flushed(flushed(c[n]) + flushed(even_sums[n] + odd_sums[n]));
    }
}
