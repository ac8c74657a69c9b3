/* Memory, layouts and primitives of oneDNN. Every function ends the process if a call fails. */
#ifndef PEER_DNNL_MEMORY_H
#define PEER_DNNL_MEMORY_H

#include <dnnl.h>
#include <stdbool.h>
#include <stdint.h>

extern dnnl_engine_t engine; /* the processor; both are made by dnnl_begin */
extern dnnl_stream_t stream;
void dnnl_begin(void);

void must(dnnl_status_t status);

/* rows × cols floats by rows, or rows floats if cols is 0; any: in a layout that oneDNN chooses. */
dnnl_memory_desc_t describe(int64_t rows, int64_t cols, bool any);

dnnl_memory_t make_memory(const dnnl_memory_desc_t *md);
float *data_of(dnnl_memory_t memory);
const dnnl_memory_desc_t *md_of(dnnl_memory_t memory);
int64_t room_of(dnnl_memory_t memory); /* numbers, padding included */
void forget_memory(dnnl_memory_t memory);

/* A primitive that changes a layout, and its use. */
dnnl_primitive_t make_reorder(const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to);
void reorder(dnnl_primitive_t primitive, dnnl_memory_t from, dnnl_memory_t to);

/* Moves numbers from a dense array to a memory, or back. */
void exchange(float *dense, int64_t rows, int64_t cols, dnnl_memory_t memory, bool write);

/* From the description of an operation to its primitive, which takes the descriptor pd over. */
dnnl_primitive_desc_t make_pd(const void *desc, dnnl_primitive_attr_t attr, dnnl_primitive_desc_t hint);
dnnl_primitive_t make_primitive(dnnl_primitive_desc_t pd);
void forget_primitive(dnnl_primitive_t *primitive);

#endif
