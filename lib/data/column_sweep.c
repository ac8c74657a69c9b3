#include "data/column_sweep.h"

static void read_f32(int64_t count, const float *from, double *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] = (double)from[j];
}

static void read_f64(int64_t count, const double *from, double *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] = from[j];
}

static void read_u8(int64_t count, const uint8_t *from, double *to)
{
    for (int64_t j = 0; j < count; j++)
        to[j] = from[j];
}

static void read_piece(const tl_source *source, int64_t sample, int64_t first, int64_t count, double *to)
{
    const talus_matrix *matrix = &source->matrix;
    int64_t at = tl_source_row(source, sample) * matrix->stride + first;
    if (matrix->dtype == TALUS_DTYPE_F32)
        read_f32(count, (const float *)matrix->data + at, to);
    else if (matrix->dtype == TALUS_DTYPE_F64)
        read_f64(count, (const double *)matrix->data + at, to);
    else
        read_u8(count, (const uint8_t *)matrix->data + at, to);
}

/* A batch under way: what its tasks, pieces of columns, do with all samples. */
typedef struct batch_job {
    const tl_sweep *sweep;
    const tl_source *source;
    int64_t samples;
    tl_visitor *visit;
    void *state;
} batch_job;

static void visit_piece(void *job, int64_t task, int worker)
{
    const batch_job *batch = job;
    double x[TL_SWEEP_PIECE];
    const int64_t first = task * TL_SWEEP_PIECE, left = batch->sweep->columns - first,
                  count = left < TL_SWEEP_PIECE ? left : TL_SWEEP_PIECE;
    (void)worker;
    for (int64_t i = 0; i < batch->samples; i++) {
        read_piece(batch->source, i, first, count, x);
        batch->visit(batch->state, first, count, x);
    }
}

talus_status tl_sweep_run(const tl_sweep *sweep, tl_visitor *visit, void *state)
{
    const int64_t samples = sweep->feed->dataset->samples,
                  pieces = (sweep->columns + TL_SWEEP_PIECE - 1) / TL_SWEEP_PIECE;
    for (int64_t start = 0; start < samples; start += TL_SWEEP_BATCH) {
        tl_samples batch;
        int64_t count = samples - start < TL_SWEEP_BATCH ? samples - start : TL_SWEEP_BATCH;
        talus_status status = tl_feed_read(sweep->feed, NULL, start, count, &batch);
        if (status != TALUS_OK)
            return status;
        batch_job job = {sweep, sweep->of_targets ? &batch.targets : &batch.inputs, count, visit, state};
        tl_pool_run(sweep->feed->context->pool, visit_piece, &job, pieces);
    }
    return TALUS_OK;
}
