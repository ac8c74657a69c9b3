#include "data/cells.h"

#define LEAST_BYTES                                                                                          \
    ((int64_t)1 << 12) /* of a piece; each has room for twice the rows of the one before, up to… */
#define MOST_BYTES ((int64_t)1 << 20)

static tl_cell_piece *add_piece(tl_cells *cells)
{
    const int64_t row = cells->width * (int64_t)sizeof(double);
    int64_t bytes = cells->last == NULL ? LEAST_BYTES : 2 * cells->last->room * row;
    int64_t room = (bytes < MOST_BYTES ? bytes : MOST_BYTES) / row;
    room += room == 0;
    tl_cell_piece *piece = tl_allocate_unfilled(cells->context, sizeof *piece + (size_t)(room * row));
    if (piece == NULL) {
        (void)tl_fail(cells->context, TALUS_ERROR_MEMORY, "there is no memory for row %lld of a table",
                      (long long)cells->rows + 1);
        return NULL;
    }
    *piece = (tl_cell_piece){.room = room};
    *(cells->last == NULL ? &cells->first : &cells->last->next) = piece;
    cells->last = piece;
    return piece;
}

double *tl_cells_room(tl_cells *cells)
{
    tl_cell_piece *piece = cells->last;
    if (piece == NULL || piece->rows == piece->room)
        piece = add_piece(cells);
    return piece == NULL ? NULL : piece->numbers + piece->rows * cells->width;
}

void tl_cells_keep(tl_cells *cells)
{
    cells->last->rows++;
    cells->rows++;
}

void tl_cells_release(tl_cells *cells)
{
    while (cells->first != NULL) {
        tl_cell_piece *next = cells->first->next;
        tl_release(cells->context, cells->first);
        cells->first = next;
    }
    cells->last = NULL;
    cells->rows = 0;
}
