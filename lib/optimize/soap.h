/* SOAP: what its rule and its numbers share. */
#ifndef TL_OPTIMIZE_SOAP_H
#define TL_OPTIMIZE_SOAP_H

#include "optimize/blocks.h"
#include "optimize/matrices.h"

/* The blocks of both sides, those of the rows first; the room for all factorisations of a side. */
int64_t tl_soap_blocks(const tl_matrix_job *job, const tl_matrix *matrix);
int64_t tl_soap_room_f32(tl_blocks blocks);
int64_t tl_soap_room_f64(tl_blocks blocks);

void tl_soap_begin_f32(const talus_optimizer *optimizer);
void tl_soap_begin_f64(const talus_optimizer *optimizer);
void tl_soap_direct_f32(const talus_optimizer *optimizer, const void *gradient);
void tl_soap_direct_f64(const talus_optimizer *optimizer, const void *gradient);
void tl_soap_learn_f32(const talus_optimizer *optimizer);
void tl_soap_learn_f64(const talus_optimizer *optimizer);

#endif
