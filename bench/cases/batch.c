#include "cases/batch.h"

#include <stdio.h>
#include <stdlib.h>

#include "measure/numbers.h"
#include "measure/stats.h"

enum { INPUTS, INPUTS_DOUBLE, TARGETS, TARGETS_DOUBLE };

bool bench_batch_create(const bench_setup *setup, bench_batch *batch)
{
    size_t n = (size_t)setup->n, bytes = bench_number_bytes(setup->precision);
    int64_t d0 = setup->shape.d[0], dL = setup->squared ? setup->shape.d[setup->shape.L] : 1;
    *batch = (bench_batch){0};
    batch->memory[INPUTS] = calloc(n * (size_t)d0, bytes);
    batch->memory[INPUTS_DOUBLE] = calloc(n * (size_t)d0, sizeof(double));
    batch->memory[TARGETS] = calloc(n * (size_t)dL, sizeof(double));
    batch->memory[TARGETS_DOUBLE] = calloc(n * (size_t)dL, sizeof(double));
    for (int i = 0; i < 4; i++)
        if (!batch->memory[i]) {
            fprintf(stderr, "talus-bench: no memory for a batch of %lld samples\n", (long long)setup->n);
            bench_batch_destroy(batch);
            return false;
        }
    batch->view.inputs = talus_matrix_view(batch->memory[INPUTS], setup->precision, setup->n, d0);
    batch->view.targets = talus_matrix_view(
        batch->memory[TARGETS], setup->squared ? setup->precision : TALUS_DTYPE_I32, setup->n, dL);
    batch->X = batch->memory[INPUTS_DOUBLE];
    batch->Y.values = setup->squared ? batch->memory[TARGETS_DOUBLE] : NULL;
    batch->Y.labels = batch->memory[TARGETS];
    return true;
}

void bench_batch_destroy(bench_batch *batch)
{
    for (int i = 0; i < 4; i++)
        free(batch->memory[i]);
    *batch = (bench_batch){0};
}

/* Draws row i of a matrix, and of its copy in double. */
static void draw_row(const talus_matrix *matrix, double *copy, int64_t i, uint64_t *state)
{
    for (int64_t e = i * matrix->cols; e < (i + 1) * matrix->cols; e++) {
        copy[e] = bench_uniform(state);
        bench_number_set(matrix->data, matrix->dtype, e, copy[e]);
    }
}

void bench_batch_draw(const bench_setup *setup, bench_batch *batch, int64_t i, uint64_t *state)
{
    int64_t classes = setup->shape.d[setup->shape.L];
    draw_row(&batch->view.inputs, batch->X, i, state);
    if (setup->squared)
        draw_row(&batch->view.targets, batch->memory[TARGETS_DOUBLE], i, state);
    else
        ((int32_t *)batch->view.targets.data)[i] = (int32_t)(bench_random(state) %
                                                             (uint64_t)(classes == 1 ? 2 : classes));
}
