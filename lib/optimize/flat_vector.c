#include "optimize/flat_vector.h"

#include <math.h>
#include <string.h>

/* A part is large enough to be worth a thread's while, and a multiple of every kernel's step. */
static const int64_t LEAST_PART = 16384, PART_STEP = 64;

static int64_t part_length(int64_t count)
{
    int64_t length = (count + TL_MOST_PARTS - 1) / TL_MOST_PARTS;
    length = (length + PART_STEP - 1) / PART_STEP * PART_STEP;
    return length < LEAST_PART ? LEAST_PART : length;
}

typedef struct vector_run {
    int64_t count, length;
    tl_vector_part part;
    void *job;
    double *results;
} vector_run;

static void run_part(void *job, int64_t index, int worker)
{
    const vector_run *run = job;
    int64_t first = index * run->length, left = run->count - first;
    (void)worker;
    run->results[index] = run->part(run->job, first, left < run->length ? left : run->length);
}

int tl_vector_run(const tl_vectors *space, tl_vector_part part, void *job, double results[TL_MOST_PARTS])
{
    int64_t length = part_length(space->count), parts = (space->count + length - 1) / length;
    vector_run run = {space->count, length, part, job, results};
    tl_pool_run(space->context->pool, run_part, &run, parts);
    return (int)parts;
}

/* The parts of the operations, by precision. */
static const struct {
    tl_vector_part dot, largest, axpy, combine;
} parts_of[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {tl_dot_part_f32, tl_largest_part_f32, tl_axpy_part_f32, tl_combine_part_f32},
    [TALUS_DTYPE_F64] = {tl_dot_part_f64, tl_largest_part_f64, tl_axpy_part_f64, tl_combine_part_f64},
};

/* Σ (s·x_i)·(s·y_i) */
static double scaled_dot(const tl_vectors *space, double s, const void *x, const void *y)
{
    double results[TL_MOST_PARTS], sum = 0;
    tl_vector_operands operands = {.kernels = space->kernels, .x = x, .y = y, .a = s};
    int parts = tl_vector_run(space, parts_of[space->precision].dot, &operands, results);
    for (int i = 0; i < parts; i++)
        sum += results[i];
    return sum;
}

double tl_vector_dot(const tl_vectors *space, const void *x, const void *y)
{
    return scaled_dot(space, 1, x, y);
}

/* Scaled by a power of 2 where squares overflow or vanish, as they cannot where their sum is of a usual size. */
double tl_vector_norm(const tl_vectors *space, const void *x)
{
    double squares = scaled_dot(space, 1, x, x);
    if (squares > 1e-200 && squares < 1e300)
        return sqrt(squares);
    double most = tl_vector_largest(space, x);
    if (!isfinite(most) || most == 0)
        return most;
    int exponent = ilogb(most);
    double s = scalbn(1, exponent < -1000 ? 1000 : -exponent);
    return sqrt(scaled_dot(space, s, x, x)) / s;
}

double tl_vector_largest(const tl_vectors *space, const void *x)
{
    double results[TL_MOST_PARTS], most = 0;
    tl_vector_operands operands = {.kernels = space->kernels, .x = x};
    int parts = tl_vector_run(space, parts_of[space->precision].largest, &operands, results);
    for (int i = 0; i < parts; i++)
        most = results[i] > most || isnan(results[i]) ? results[i] : most;
    return most;
}

void tl_vector_axpy(const tl_vectors *space, double a, const void *x, void *y)
{
    double unused[TL_MOST_PARTS];
    tl_vector_operands operands = {.kernels = space->kernels, .x = x, .z = y, .a = a};
    tl_vector_run(space, parts_of[space->precision].axpy, &operands, unused);
}

void tl_vector_combine(const tl_vectors *space, double a, const void *x, double b, const void *y, void *z)
{
    double unused[TL_MOST_PARTS];
    tl_vector_operands operands = {.kernels = space->kernels, .x = x, .y = y, .z = z, .a = a, .b = b};
    tl_vector_run(space, parts_of[space->precision].combine, &operands, unused);
}

typedef struct copy_job {
    const char *from;
    char *to;
    size_t size; /* of a number */
} copy_job;

static double copy_part(void *job, int64_t first, int64_t count)
{
    const copy_job *c = job;
    size_t at = (size_t)first * c->size;
    memcpy(c->to + at, c->from + at, (size_t)count * c->size);
    return 0;
}

void tl_vector_copy(const tl_vectors *space, const void *x, void *z)
{
    double unused[TL_MOST_PARTS];
    copy_job copy = {x, z, tl_dtype_size(space->precision)};
    tl_vector_run(space, copy_part, &copy, unused);
}
