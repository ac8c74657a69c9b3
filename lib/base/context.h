/* base: what every floor stands on: status and messages, memory, threads, random numbers.
 * Nothing in here knows of matrices of a precision or of networks. */
#ifndef TL_BASE_CONTEXT_H
#define TL_BASE_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talus/context.h>
#include <talus/matrix.h>

#include "base/pool.h"

#define TL_MESSAGE_BYTES 512
#define TL_MAX_THREADS   1024

struct talus_context {
    talus_context_options options;
    tl_pool *pool;
    void *plan_entries;      /* that the engine was given; NULL for its own */
    _Atomic unsigned holder; /* the process (base/fork.h) of a thread that is in a call with it; 0: none is */
    char message[TL_MESSAGE_BYTES];
};

/* Records the sentence of a failed call, logs it, and returns its status. The text is a printf format; control characters
 * in what it gives are escaped, so that the sentence is one line. Outside of a call (base/call.h) it is one: TALUS_ERROR_STATE
 * if the context is in use. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
talus_status
tl_fail(talus_context *context, talus_status status, const char *format, ...);

/* Logs a sentence about what a call has noticed that is no error, after "note: ". Only in a call. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void
tl_note(const talus_context *context, const char *format, ...);

/* Memory of the context: aligned to a line of the cache and filled with zeros; NULL if there is none (no message). */
void *tl_allocate(talus_context *context, size_t bytes);

/* The same for memory that is about to be filled: it may hold anything. */
void *tl_allocate_unfilled(talus_context *context, size_t bytes);
void tl_release(talus_context *context, void *memory);

/* What the allocator is asked for at most, for so many of these allocations with so many bytes between them. */
int64_t tl_allocated_at_most(int64_t bytes, int count);

/* *product = a·b; false if a number is negative or the product exceeds what an object may have. */
bool tl_multiply(int64_t a, int64_t b, int64_t *product);

/* Tables with a row a precision are indexed by TALUS_DTYPE_F32 and TALUS_DTYPE_F64. */
#define TL_PRECISIONS 2
_Static_assert(TALUS_DTYPE_F32 == 0 && TALUS_DTYPE_F64 == 1, "dtypes that are precisions come first");

/* The bytes of an element of a dtype; 0 for an unknown one. "f32", "u8"; "unknown". */
size_t tl_dtype_size(int dtype);
const char *tl_dtype_name(int dtype);

/* Checks that a dtype is among the bits (1 << dtype) of dtypes. name is what messages call what has it. */
talus_status tl_check_dtype(talus_context *context, const char *name, unsigned dtypes, int dtype);

/* Checks a view by itself: not NULL, data, dtype among the bits (1 << dtype) of dtypes, sizes ≥ 1, stride ≥ cols
 * and no overflow. name is what messages call it. On success *checked is the view with its stride filled in. */
talus_status tl_check_matrix(talus_context *context, const char *name, const talus_matrix *matrix,
                             unsigned dtypes, talus_matrix *checked);

/* The view that begins at a row of a checked one. */
talus_matrix tl_matrix_from_row(talus_matrix matrix, int64_t row);

#define TL_DTYPE(dtype)  (1u << (dtype))
#define TL_DTYPES_REAL   (TL_DTYPE(TALUS_DTYPE_F32) | TL_DTYPE(TALUS_DTYPE_F64))
#define TL_DTYPES_VALUES (TL_DTYPES_REAL | TL_DTYPE(TALUS_DTYPE_U8))

#endif
