#define TL_PRECISION 64 /* whatever the network's is */
#include "train/input_spectrum.h"

#include <math.h>

#include "data/feed.h"
#include "linalg/blas_threads.h"
#include "linalg/factor.h"
#include "linalg/gram_tiles.h"

enum { TASK = 16384, TILE = 128 }; /* numbers that a task reads; the most columns of a task beside them */
enum { BLOCK = 256, MOST_COLUMNS = 32766 /* so that LAPACK can count its work space, 1 + 6·p + 2·p² */ };

/* What the covariance is summed in. */
typedef struct sums {
    talus_context *context;
    const talus_dataset *dataset;
    tl_source as;  /* how inputs are scaled and clipped, and centred in the second pass */
    double *block; /* samples of a block, by rows */
    double *sum;   /* of each column */
} sums;

/* A block of samples under way, and where they come from. */
typedef struct block_job {
    const sums *s;
    tl_source source;
    int64_t count, rows; /* samples, and those of a task that reads */
} block_job;

static void read_rows(void *job, int64_t task, int worker)
{
    const block_job *b = job;
    const int64_t p = b->s->dataset->inputs.cols, first = task * b->rows,
                  end = first + b->rows < b->count ? first + b->rows : b->count;
    (void)worker;
    for (int64_t i = first; i < end; i++)
        for (int64_t j = 0; j < p; j++)
            b->s->block[i * p + j] = tl_source_scaled(&b->source, tl_source_row(&b->source, i), j);
}

/* sum = Σ of the block, added to that of the blocks before it */
static void add_columns(void *job, int64_t task, int worker)
{
    const block_job *b = job;
    const int64_t p = b->s->dataset->inputs.cols, first = task * TILE,
                  end = first + TILE < p ? first + TILE : p;
    double of_block[TILE] = {0};
    (void)worker;
    for (int64_t i = 0; i < b->count; i++)
        for (int64_t j = first; j < end; j++)
            of_block[j - first] += b->s->block[i * p + j];
    for (int64_t j = first; j < end; j++)
        b->s->sum[j] += of_block[j - first];
}

/* Reads a block of samples first … first + count − 1 and adds it to the sums. */
static talus_status add_block(const sums *s, const tl_feed *feed, int64_t first, int64_t count)
{
    tl_samples batch;
    talus_status status = tl_feed_read(feed, NULL, first, count, &batch);
    if (status != TALUS_OK)
        return status;
    const int64_t p = s->dataset->inputs.cols;
    block_job job = {.s = s, .source = batch.inputs, .count = count, .rows = TASK / p > 0 ? TASK / p : 1};
    job.source.shift = s->as.shift, job.source.scale = s->as.scale;
    job.source.scale_step = s->as.scale_step;
    job.source.clip = s->as.clip, job.source.center = s->as.center;
    tl_pool_run(s->context->pool, read_rows, &job, (count + job.rows - 1) / job.rows);
    tl_pool_run(s->context->pool, add_columns, &job, (p + TILE - 1) / TILE);
    return TALUS_OK;
}

/* C (lower) = Bᵀ·B + C of a block */
static void add_products(const sums *s, int64_t count, double *covariance)
{
    const int64_t p = s->dataset->inputs.cols;
    const int before = tl_blas_enter_for(s->context);
    tl_gram_add(s->context, &(tl_gram_block){.rows = count,
                                             .parameters = p,
                                             .jacobian = s->block,
                                             .ld = p,
                                             .normal = covariance,
                                             .edge = TILE});
    tl_blas_leave(before);
}

/* Goes through all samples: their sum, and that of their products if they are wanted. */
static talus_status sweep(const sums *s, double *covariance)
{
    tl_feed feed;
    talus_status status = tl_feed_open(&feed, s->context, s->dataset, TL_FEED_INPUTS, BLOCK);
    if (status != TALUS_OK)
        return status;
    for (int64_t first = 0, count; status == TALUS_OK && first < s->dataset->samples; first += count) {
        count = s->dataset->samples - first < BLOCK ? s->dataset->samples - first : BLOCK;
        status = add_block(s, &feed, first, count);
        if (status == TALUS_OK && covariance != NULL)
            add_products(s, count, covariance);
    }
    tl_feed_close(&feed);
    return status;
}

/* With m near the mean and r = Σ (x − m): the mean is m + r/n, and the covariance (Σ (x − m)·(x − m)ᵀ − r·rᵀ/n)/n. */
static bool correct(const sums *s, tl_input_spectrum *spectrum)
{
    const int64_t p = spectrum->columns;
    const double n = (double)s->dataset->samples;
    bool finite = true;
    for (int64_t i = 0; i < p; i++) {
        for (int64_t j = 0; j <= i; j++) {
            double *c = &spectrum->vectors[i * p + j];
            *c = (*c - s->sum[i] * (s->sum[j] / n)) / n;
            finite &= isfinite(*c) != 0;
        }
        spectrum->mean[i] += s->sum[i] / n;
    }
    return finite;
}

static talus_status accumulate(sums *s, const char *call, tl_input_spectrum *spectrum)
{
    talus_status status = sweep(s, NULL);
    for (int64_t j = 0; j < spectrum->columns; j++) {
        spectrum->mean[j] = s->sum[j] / (double)s->dataset->samples;
        s->sum[j] = 0;
    }
    s->as.center = spectrum->mean;
    if (status == TALUS_OK)
        status = sweep(s, spectrum->vectors);
    if (status == TALUS_OK && !correct(s, spectrum))
        status = tl_fail(s->context, TALUS_ERROR_DATA,
                         "%s: the covariance of the inputs must be finite numbers: scale them", call);
    return status;
}

static void exchange(int64_t count, double *a, double *b)
{
    for (int64_t j = 0; j < count; j++) {
        const double x = a[j];
        a[j] = b[j];
        b[j] = x;
    }
}

static void fix_sign(int64_t count, double *vector)
{
    int64_t at = 0;
    for (int64_t j = 1; j < count; j++)
        if (fabs(vector[j]) > fabs(vector[at]))
            at = j;
    const double sign = vector[at] < 0 ? -1 : 1;
    for (int64_t j = 0; j < count; j++)
        vector[j] *= sign;
}

/* Descending values, which roundings may have made negative; rows with signs. */
static void order(tl_input_spectrum *spectrum)
{
    const int64_t p = spectrum->columns;
    for (int64_t k = 0; k < p / 2; k++) {
        exchange(1, &spectrum->variances[k], &spectrum->variances[p - 1 - k]);
        exchange(p, spectrum->vectors + k * p, spectrum->vectors + (p - 1 - k) * p);
    }
    for (int64_t k = 0; k < p; k++) {
        spectrum->variances[k] = fmax(spectrum->variances[k], 0);
        fix_sign(p, spectrum->vectors + k * p);
    }
}

static talus_status no_memory(talus_context *context, const char *call, int64_t columns)
{
    return tl_fail(context, TALUS_ERROR_MEMORY, "%s: there is no memory for the covariance of %lld columns",
                   call, (long long)columns);
}

static talus_status decompose(talus_context *context, const char *call, tl_input_spectrum *spectrum)
{
    const int64_t p = spectrum->columns, work = TL(tl_eigen_work)(p), counts = TL(tl_eigen_counts)(p);
    double *room = tl_allocate(context, (size_t)work * sizeof *room);
    int32_t *places = tl_allocate(context, (size_t)counts * sizeof *places);
    bool converged = true;
    if (room != NULL && places != NULL) {
        const int before = tl_blas_enter_for(context);
        converged = TL(tl_eigen)(p, spectrum->vectors, p, true, spectrum->variances, room, work, places,
                                 counts);
        tl_blas_leave(before);
        order(spectrum);
    }
    const bool memory = room != NULL && places != NULL;
    tl_release(context, room);
    tl_release(context, places);
    if (!memory)
        return no_memory(context, call, p);
    return converged ? TALUS_OK
                     : tl_fail(context, TALUS_ERROR_DATA,
                               "%s: the eigenvalues of the covariance did not converge", call);
}

static talus_status allocate(sums *s, const char *call, tl_input_spectrum *spectrum)
{
    const int64_t p = s->dataset->inputs.cols;
    double *numbers = tl_allocate(s->context, (size_t)(p * (p + 2)) * sizeof *numbers);
    s->block = tl_allocate(s->context, (size_t)(p * (BLOCK + 1)) * sizeof *numbers);
    *spectrum = (tl_input_spectrum){.columns = p, .mean = numbers};
    if (numbers == NULL || s->block == NULL)
        return no_memory(s->context, call, p);
    spectrum->variances = numbers + p;
    spectrum->vectors = numbers + 2 * p;
    s->sum = s->block + p * BLOCK;
    return TALUS_OK;
}

static talus_status check(talus_context *context, const char *call, const talus_dataset *dataset)
{
    if (dataset->inputs.cols <= MOST_COLUMNS)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_SHAPE, "%s: the inputs must have at most %d columns, got %lld", call,
                   MOST_COLUMNS, (long long)dataset->inputs.cols);
}

talus_status tl_input_spectrum_compute(talus_context *context, const char *call, const talus_dataset *dataset,
                                       const tl_scaling *scaling, double clip, tl_input_spectrum *spectrum)
{
    sums s = {.context = context, .dataset = dataset};
    s.as = (tl_source){.shift = scaling->shift,
                       .scale = scaling->scale,
                       .scale_step = scaling->count > 1 ? 1 : 0,
                       .clip = clip};
    *spectrum = (tl_input_spectrum){0};
    talus_status status = check(context, call, dataset);
    if (status == TALUS_OK)
        status = allocate(&s, call, spectrum);
    if (status == TALUS_OK)
        status = accumulate(&s, call, spectrum);
    tl_release(context, s.block);
    return status == TALUS_OK ? decompose(context, call, spectrum) : status;
}

void tl_input_spectrum_destroy(talus_context *context, tl_input_spectrum *spectrum)
{
    tl_release(context, spectrum->mean);
    *spectrum = (tl_input_spectrum){0};
}

int64_t tl_input_spectrum_components(const tl_input_spectrum *spectrum, double share)
{
    const double *variances = spectrum->variances, first = variances[0];
    double total = 0, sum = 0;
    int64_t count = 0;
    for (int64_t k = 0; first > 0 && k < spectrum->columns; k++)
        total += variances[k] / first; /* a sum of variances may be infinite */
    while (count < spectrum->columns && (count == 0 || sum < share * total)) {
        sum += first > 0 ? variances[count] / first : 0;
        count++;
    }
    return count;
}
