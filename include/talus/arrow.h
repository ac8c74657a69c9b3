/* Tables in memory by the Arrow C data interface, which Arrow's libraries, pandas, Polars and DuckDB export.
 *
 * The structs below are those of the interface's specification, and are left out where another header has them already.
 * Source: https://arrow.apache.org/docs/format/CDataInterface.html */
#ifndef TALUS_ARROW_H
#define TALUS_ARROW_H

#include <talus/dataset.h>

TALUS_BEGIN_C

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE           2
#define ARROW_FLAG_MAP_KEYS_SORTED    4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

/* A data set from a table: an array of structs, whose fields are the columns ("+s", as a record batch is exported). Columns hold
 * f32 (format "f"), f64 ("g") or f16 ("e"), or integers of 8 to 64 bits ("c", "C", "s", "S", "i", "I", "l", "L"). The numbers are
 * copied, since the columns of a table do not stand as samples do. Inputs become f32 if f32 holds the numbers of all their columns
 * (f16, f32, integers of 8 and 16 bits), else f64; values the same. One target that is an integer is labels, which become i32.
 *   schema, array    are taken over, and released before the call returns, whatever its status is; but not if the context is NULL
 *                    or in use. Their producer is trusted: they do not say how long their buffers are
 *   targets          the names of target_count columns, in their order; all others are inputs, in the order of the table. NULL for
 *                    no targets
 *   missing_targets  1: a missing value (or NaN) in targets that are values is one that is missing, as in
 *                    talus_dataset_with_missing_targets. 0: it is refused, as one in inputs and in labels always is
 * TALUS_ERROR_ARGUMENT (a NULL, a struct that was released before, a name that no column has or two have, missing_targets not
 * 0 or 1), TALUS_ERROR_SHAPE (no rows, no columns that are inputs), TALUS_ERROR_FORMAT (what the interface does not allow),
 * TALUS_ERROR_UNSUPPORTED (not a table, a column of another type), TALUS_ERROR_DATA (a value that is missing, not finite, or not
 * a label: its column and row are named), TALUS_ERROR_MEMORY. *dataset is set on success only. */
TALUS_API talus_status talus_dataset_from_arrow(talus_context *context, struct ArrowSchema *schema,
                                                struct ArrowArray *array, const char *const *targets,
                                                int64_t target_count, int missing_targets,
                                                talus_dataset **dataset);

TALUS_END_C

#endif
