/* Rows of numbers that grow by one at a time. */
#ifndef TL_DATA_CELLS_H
#define TL_DATA_CELLS_H

#include "base/context.h"

/* A piece of them: rows × width numbers. */
typedef struct tl_cell_piece {
    struct tl_cell_piece *next;
    int64_t rows, room;
    double numbers[];
} tl_cell_piece;

typedef struct tl_cells {
    talus_context *context;
    int64_t width;
    int64_t rows;
    tl_cell_piece *first, *last;
} tl_cells;

/* Room for one more row, which belongs to them once it is kept; NULL with a message if there is no memory. */
double *tl_cells_room(tl_cells *cells);
void tl_cells_keep(tl_cells *cells);

void tl_cells_release(tl_cells *cells);

#endif
