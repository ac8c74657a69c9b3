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

static void visit_sample(const tl_sweep *sweep, const tl_source *source, int64_t sample, tl_visitor *visit,
                         void *state)
{
    double x[TL_SWEEP_PIECE];
    for (int64_t first = 0; first < sweep->columns; first += TL_SWEEP_PIECE) {
        int64_t left = sweep->columns - first, count = left < TL_SWEEP_PIECE ? left : TL_SWEEP_PIECE;
        read_piece(source, sample, first, count, x);
        visit(state, first, count, x);
    }
}

talus_status tl_sweep_run(const tl_sweep *sweep, tl_visitor *visit, void *state)
{
    const int64_t samples = sweep->feed->dataset->samples;
    for (int64_t start = 0; start < samples; start += TL_SWEEP_BATCH) {
        tl_samples batch;
        int64_t count = samples - start < TL_SWEEP_BATCH ? samples - start : TL_SWEEP_BATCH;
        talus_status status = tl_feed_read(sweep->feed, NULL, start, count, &batch);
        if (status != TALUS_OK)
            return status;
        for (int64_t i = 0; i < count; i++)
            visit_sample(sweep, sweep->of_targets ? &batch.targets : &batch.inputs, i, visit, state);
    }
    return TALUS_OK;
}
