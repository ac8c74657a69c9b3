/* The plan: how a pass over a batch is cut into products of tiles.
 *
 * It is made together with a workspace or trainer, and follows from the shapes of the network and from one entry, a list
 * of sizes. The library has an entry for each instruction set and precision; `talus-bench tune` tries others on a machine
 * and prints the best, in the form that the calls below read. */
#ifndef TALUS_PLAN_H
#define TALUS_PLAN_H

#include <talus/network.h>

TALUS_BEGIN_C

/* Gives a context entries that replace its own, for all that is made from it later. One entry a line:
 *
 *     avx512 f32 samples=64 features=96 inner=512 pack=4 weight_rows=120 weight_cols=128 products=own
 *
 *   the instruction set (baseline, avx2, avx512) and the precision (f32, f64) that it is for, then in any order:
 *   samples       columns of a tile of samples, 16 … 128 in steps of 16
 *   features      the most rows of a product over a tile of samples, 1 … 65536
 *   inner         the longest inner length of a product, 8 … 65536
 *   inner_across  the same for Wᵀ·Δ where W is read as it lies, across its rows
 *   pack          from so many tiles of samples on, rows of Wᵀ are copied before they multiply them: 1 … 65536,
 *                 or 0 for never
 *   weight_rows   the most rows of a tile of weights, 1 … 4096
 *   weight_cols   its columns, 16 … 4096 in steps of 16
 *   cache         bytes of weights that stay in a core's cache beside a tile, 0 … 2⁴⁰
 *   products      own: kernels of Talus; blas: calls of the BLAS on tiles. Only of networks whose products are exact
 *                 (talus_products): those of pieces are always Talus's own, and then features, weight_rows and weight_cols are
 *                 brought down to multiples of 32, at least 32
 * A size that an entry leaves out keeps its value. Empty lines and lines that start with # are skipped.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_FORMAT (the line and what is wrong with it are named, and nothing has
 * changed), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_context_set_plan(talus_context *context, const char *entries);

/* The same from a file of at most 1 MB. Also TALUS_ERROR_FILE. */
TALUS_API talus_status talus_context_load_plan(talus_context *context, const char *path);

/* Describes in words and numbers, a line each, what will run for batches of `samples` samples of this network in this
 * context. As much of the text as fits is written to `text`, with a 0 at its end; capacity may be 0.
 *   length  receives the length of the whole text, without the 0; or NULL
 * TALUS_ERROR_ARGUMENT (a NULL context or network, or a NULL text with a capacity), TALUS_ERROR_SHAPE (samples below 1
 * or too many), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_plan_describe(talus_context *context, const talus_network *network,
                                           int64_t samples, char *text, size_t capacity, size_t *length);

TALUS_END_C

#endif
