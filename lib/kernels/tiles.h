/* The eight tile registers, each of 16 rows × 64 bytes. Tests define TL_EMULATED_TILES and link functions that do in plain C
 * what the instructions do. A register is a literal number, 0 … 7. */
#ifndef TL_KERNELS_TILES_H
#define TL_KERNELS_TILES_H

#include <stdint.h>

enum { TL_TILE_ROWS = 16, TL_TILE_BYTES = 64 };

#ifdef TL_EMULATED_TILES
void tile_configure(void); /* all registers as above; before all else */
void tile_release(void);   /* after all else */
void tile_zero(int tile);
void tile_load(int tile, const void *from);       /* rows one after the other */
void tile_store(int tile, float *to);             /* the same */
void tile_multiply(int sum, int left, int right); /* sum += left·right, bf16 in pairs: TDPBF16PS */
#else
#include <immintrin.h>

static inline void tile_configure(void)
{
    enum { TILES = 8 };
    static const struct {
        uint8_t palette, first_row, reserved[14];
        uint16_t bytes[16]; /* in a row */
        uint8_t rows[16];
    } configuration = {
        .palette = 1,
        .bytes = {[0 ... TILES - 1] = TL_TILE_BYTES},
        .rows = {[0 ... TILES - 1] = TL_TILE_ROWS},
    };
    _tile_loadconfig(&configuration);
}

#define tile_release()                  _tile_release()
#define tile_zero(tile)                 _tile_zero(tile)
#define tile_load(tile, from)           _tile_loadd(tile, from, TL_TILE_BYTES)
#define tile_store(tile, to)            _tile_stored(tile, to, TL_TILE_BYTES)
#define tile_multiply(sum, left, right) _tile_dpbf16ps(sum, left, right)
#endif

#endif
