#include "train/row_products.h"

enum { COLUMNS = 512 }; /* of a task */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void add_columns(void *job, int64_t task, int worker)
{
    const tl_row_product *p = job;
    const int64_t first = task * COLUMNS, end = smaller(first + COLUMNS, p->n);
    (void)worker;
    for (int64_t i = 0; i < p->rows; i++) {
        const double *row = p->block + i * p->n, x = p->x[i];
        for (int64_t c = first; c < end; c++)
            p->y[c] += x * row[c];
        for (int64_t c = first; p->squares != NULL && c < end; c++)
            p->squares[c] += row[c] * row[c];
    }
}

void tl_columns_add(talus_context *context, const tl_row_product *product)
{
    tl_pool_run(context->pool, add_columns, (void *)product, (product->n + COLUMNS - 1) / COLUMNS);
}
