/* Work with files: each kind makes a file, uses it through the library, and does what there is to do with the same bytes without it. */
#ifndef BENCH_FILE_WORK_H
#define BENCH_FILE_WORK_H

#include <stdbool.h>
#include <talus/talus.h>

#include "cases/options.h"

typedef struct bench_file_kind bench_file_kind;

/* One kind under way. */
typedef struct bench_file_work {
    const bench_file_kind *kind;
    const bench_options *options;
    talus_context *context;
    char path[BENCH_PATH], plain[BENCH_PATH]; /* the file, and one that is written without the library */
    talus_matrix matrix;                      /* what the file holds; its data is from malloc */
    talus_network *network;
    talus_trainer *trainer;
    talus_dataset *dataset; /* that the trainer learns */
    char *bytes;            /* of the file, from malloc */
    int64_t size;
    bool checks; /* whether a use compares what it reads */
} bench_file_work;

/* All are false on an error, of which the context, or else errno, knows the reason. */
struct bench_file_kind {
    const char *name, *of, *against;
    bool (*make)(bench_file_work *work); /* the file */
    bool (*use)(
        bench_file_work *work); /* and, if work->checks, says whether what is read is what was written */
    bool (*without)(bench_file_work *work); /* its time is taken away from that of `use`; NULL: none is */
    bool (*plain)(bench_file_work *work);
};

/* For number `index` of the kinds; NULL if there is none. */
const bench_file_kind *bench_file_kind_at(int index);

/* Makes the file of a kind in a folder, and uses it once with work->checks. close also takes the files away. */
bool bench_file_work_open(const bench_file_kind *kind, int index, const char *folder,
                          const bench_options *options, bench_file_work *work);
void bench_file_work_close(bench_file_work *work);

/* What the kinds are made of: file_arrays.c, file_models.c. */
bool bench_table_make(bench_file_work *work);
bool bench_table_read(bench_file_work *work);
bool bench_table_make_written(bench_file_work *work);
bool bench_table_format(bench_file_work *work);
bool bench_table_write(bench_file_work *work);
bool bench_npy_make(bench_file_work *work);
bool bench_npy_read(bench_file_work *work);
bool bench_npy_read_dataset(bench_file_work *work);
bool bench_npy_map_dataset(bench_file_work *work);
bool bench_idx_make(bench_file_work *work);
bool bench_idx_read(bench_file_work *work);
bool bench_model_make(bench_file_work *work);
bool bench_model_save(bench_file_work *work);
bool bench_model_load(bench_file_work *work);
bool bench_checkpoint_make(bench_file_work *work);
bool bench_checkpoint_fit(bench_file_work *work);
bool bench_checkpoint_fit_without(bench_file_work *work);

/* Takes the bytes of work->path. */
bool bench_file_work_load(bench_file_work *work);

#endif
