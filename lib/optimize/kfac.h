/* K-FAC: what its rule, its numbers and a trainer share. */
#ifndef TL_OPTIMIZE_KFAC_H
#define TL_OPTIMIZE_KFAC_H

#include "optimize/blocks.h"
#include "optimize/matrices.h"

/* Whether the next step learns: then the sums of its batch must be there when it is made. Of an optimiser of another rule, or without
 * matrices, never. */
bool tl_kfac_learns(const talus_optimizer *optimizer);

/* The blocks of a side of (W b): its columns, or its rows; and where the sums for them stand, of products of inputs and 1, or of
 * deltas, a block of squares behind the other. */
tl_blocks tl_kfac_side(const talus_optimizer *optimizer, const tl_matrix *matrix, bool of_rows);
void *tl_kfac_sums(const talus_optimizer *optimizer, const tl_matrix *matrix, bool of_rows);

/* The blocks of both sides, those of the columns first. */
int64_t tl_kfac_blocks(const tl_matrix_job *job, const tl_matrix *matrix);

/* In each precision. */
void *tl_kfac_sums_f32(const talus_optimizer *optimizer, const tl_matrix *matrix, bool of_rows);
void *tl_kfac_sums_f64(const talus_optimizer *optimizer, const tl_matrix *matrix, bool of_rows);
void tl_kfac_direct_f32(const talus_optimizer *optimizer, const void *gradient);
void tl_kfac_direct_f64(const talus_optimizer *optimizer, const void *gradient);
void tl_kfac_learn_f32(const talus_optimizer *optimizer);
void tl_kfac_learn_f64(const talus_optimizer *optimizer);

#endif
