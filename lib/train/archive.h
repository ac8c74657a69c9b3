/* What a fit consists of, as a text and tensors. One walk over all of it writes it or reads it: each call below puts a thing
 * into the text, or takes the next one from it, which must be the one that is asked for. After an error, calls do nothing.
 *
 * Objects nest, and their keys with points between them begin the names of the tensors in them. */
#ifndef TL_TRAIN_ARCHIVE_H
#define TL_TRAIN_ARCHIVE_H

#include "base/json_text.h"
#include "base/options.h"
#include "model/safetensors.h"

typedef struct tl_archive {
    talus_context *context;
    talus_status status;
    char path[64];   /* of the object that is open */
    tl_buffer *text; /* that is written; NULL: of one that is read */
    tl_json json;    /* before the next member */
    tl_safetensors *file;
    tl_tensor_source *tensors; /* written: with room for TL_SAFETENSORS_TENSORS */
    int tensor;                /* how many there were so far */
    double *table;             /* the history as a tensor; its memory is the archive's */
} tl_archive;

static inline bool tl_archive_reads(const tl_archive *archive)
{
    return archive->text == NULL;
}

void tl_archive_open(tl_archive *archive, const char *key);
void tl_archive_close(tl_archive *archive);

/* least … most: what may be read. */
void tl_archive_integer(tl_archive *archive, const char *key, int64_t *value, int64_t least, int64_t most);
void tl_archive_int(tl_archive *archive, const char *key, int *value, int least, int most);
void tl_archive_flag(tl_archive *archive, const char *key, bool *value);

/* Any double, also NaN; and several. */
void tl_archive_number(tl_archive *archive, const char *key, double *value);
void tl_archive_numbers(tl_archive *archive, const char *key, double *values, int64_t count);

/* Options that are no pointers. Those that are read must be in their ranges. */
void tl_archive_options(tl_archive *archive, const char *key, const tl_options *table, void *options,
                        const char *const *except);

/* A tensor of rows × cols numbers of a precision, which must be finite unless it is read by tl_archive_any; of none if there are
 * no rows. What is written must stay until the walk has ended. */
void tl_archive_vector(tl_archive *archive, const char *name, int precision, int64_t count, void *elements);
void tl_archive_any(tl_archive *archive, const char *name, int64_t rows, int64_t cols, double *elements);

/* Refuses what was read: it is not as this sentence says. */
void tl_archive_refuse(tl_archive *archive, const char *sentence);

#endif
