#include "cases/file_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "limits/plain_file.h"

/* Without the library: into memory that is new each time, as the library's is. The compiler does not see what copies. */
static void *(*volatile copy)(void *to, const void *from, size_t bytes) = memcpy;

static bool plain_read(bench_file_work *work)
{
    char *bytes = malloc((size_t)work->size);
    bool good = bytes && bench_plain_read(work->path, bytes, work->size);
    free(bytes);
    return good;
}

static bool plain_copy(bench_file_work *work)
{
    char *bytes = malloc((size_t)work->size);
    if (bytes)
        copy(bytes, work->bytes, (size_t)work->size);
    bool good = bytes != NULL;
    free(bytes);
    return good;
}

static bool plain_write(bench_file_work *work)
{
    return bench_plain_write(work->plain, work->bytes, work->size);
}

static bool plain_zcat(bench_file_work *work)
{
    return bench_plain_zcat(work->options->idx, "/dev/null");
}

static const bench_file_kind kinds[] = {
    {"csv read", "%.6g", "read", bench_table_make, bench_table_read, NULL, plain_read},
    {"csv read", "%.2f", "read", bench_table_make, bench_table_read, NULL, plain_read},
    {"csv read", "%.17g", "read", bench_table_make, bench_table_read, NULL, plain_read},
    {"csv read", "0-255", "read", bench_table_make, bench_table_read, NULL, plain_read},
    {"csv format", "%.6g", "copy", bench_table_make_written, bench_table_format, NULL, plain_copy},
    {"csv format", "%.2f", "copy", bench_table_make_written, bench_table_format, NULL, plain_copy},
    {"csv format", "%.17g", "copy", bench_table_make_written, bench_table_format, NULL, plain_copy},
    {"csv format", "0-255", "copy", bench_table_make_written, bench_table_format, NULL, plain_copy},
    {"csv write", "%.6g", "write, sync", bench_table_make_written, bench_table_write, NULL, plain_write},
    {"npy array", "f32", "read", bench_npy_make, bench_npy_read, NULL, plain_read},
    {"npy array", "f32", "copy", bench_npy_make, bench_npy_read, NULL, plain_copy},
    {"npy data set", "f32", "copy", bench_npy_make, bench_npy_read_dataset, NULL, plain_copy},
    {"npy mapped set", "f32", "copy", bench_npy_make, bench_npy_map_dataset, NULL, plain_copy},
    {"idx.gz data set", "u8", "zcat", bench_idx_make, bench_idx_read, NULL, plain_zcat},
    {"model save", "f32", "write, sync", bench_model_make, bench_model_save, NULL, plain_write},
    {"model load", "f32", "read", bench_model_make, bench_model_load, NULL, plain_read},
    {"checkpoint", "adam, f32", "write, sync", bench_checkpoint_make, bench_checkpoint_fit,
     bench_checkpoint_fit_without, plain_write},
};

const bench_file_kind *bench_file_kind_at(int index)
{
    return index < (int)(sizeof kinds / sizeof *kinds) ? &kinds[index] : NULL;
}

bool bench_file_work_load(bench_file_work *work)
{
    work->size = bench_plain_size(work->path);
    free(work->bytes);
    work->bytes = work->size > 0 ? malloc((size_t)work->size) : NULL;
    return work->bytes && bench_plain_read(work->path, work->bytes, work->size);
}

bool bench_file_work_open(const bench_file_kind *kind, int index, const char *folder,
                          const bench_options *options, bench_file_work *work)
{
    *work = (bench_file_work){.kind = kind, .options = options};
    snprintf(work->path, sizeof work->path, "%.400s/%d", folder, index);
    snprintf(work->plain, sizeof work->plain, "%.400s/%d.plain", folder, index);
    if (talus_context_create(NULL, &work->context) || !kind->make(work))
        return false;
    work->checks = true;
    bool good = kind->use(work) && kind->plain(work);
    work->checks = false;
    return good;
}

void bench_file_work_close(bench_file_work *work)
{
    unlink(work->path);
    unlink(work->plain);
    free(work->bytes);
    free(work->matrix.data);
    talus_trainer_destroy(work->trainer);
    talus_network_destroy(work->network);
    talus_dataset_destroy(work->dataset);
    talus_context_destroy(work->context);
}
