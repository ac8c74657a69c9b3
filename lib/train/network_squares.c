#include "train/network_squares.h"

#include <math.h>
#include <string.h>

#include "engine/parameter_rows.h"
#include "linalg/blas_threads.h"
#include "linalg/gram_tiles.h"
#include "train/batches.h"

enum {
    ALLOCATIONS = 16,
    FOR_PRODUCTS = 8
}; /* that a fit makes at most, and those of the iterative way beside them */
enum {
    BLOCK = 1024
}; /* rows of J: long enough products, and still a small part of what JᵀJ takes; or samples */

/* Memory ----------------------------------------------------------------------------------------------------- */

static bool fits(const tl_network_squares *squares, int64_t memory)
{
    return squares->needed >= 0 && squares->needed <= memory;
}

/* The numbers of a block: J and r; or of each tile the sums that make gradients. False if they are too many. */
static bool count_numbers(const tl_network_squares *squares, bool iterative, int64_t *numbers)
{
    const talus_network *network = squares->network;
    const tl_plan plan = tl_plan_make(network->context, network, squares->reach);
    const int64_t rows = iterative ? 2 * tl_plan_tiling(&plan, squares->samples).tiles
                                   : squares->samples * tl_network_outputs(network);
    return tl_multiply(rows, network->parameter_count + (iterative ? 0 : 1), numbers);
}

/* Makes the workspace for passes, if all that is needed beside so many bytes is not too much; `needed` tells. */
static talus_status make_workspace(tl_network_squares *squares, int64_t memory, int64_t bytes, bool iterative)
{
    const talus_network *network = squares->network;
    const int allocations = iterative ? ALLOCATIONS + FOR_PRODUCTS : ALLOCATIONS;
    int64_t workspace = -1;
    squares->needed = tl_allocated_at_most(bytes, allocations);
    if (squares->needed > memory)
        return TALUS_OK;
    talus_status status = tl_workspace_create_within(network->context, network, squares->reach,
                                                     "levenberg_marquardt", memory - bytes, &workspace,
                                                     &squares->workspace);
    if (squares->workspace != NULL && iterative)
        bytes += tl_network_products_bytes(squares);
    squares->needed = workspace < 0 ? -1 : tl_allocated_at_most(bytes + workspace, allocations);
    return status;
}

/* The same for passes of `reach` samples and blocks of so many. */
static talus_status make_blocks(tl_network_squares *squares, int64_t memory, int64_t samples, int64_t reach,
                                bool iterative)
{
    int64_t bytes = 0;
    talus_workspace_destroy(squares->workspace);
    squares->workspace = NULL;
    squares->samples = samples, squares->reach = reach;
    squares->needed = -1;
    if (!count_numbers(squares, iterative, &squares->numbers) ||
        !tl_multiply(squares->numbers, (int64_t)sizeof(double), &bytes) ||
        bytes > INT64_MAX - squares->beside)
        return TALUS_OK;
    return make_workspace(squares, memory, bytes + squares->beside, iterative);
}

static talus_status reserve_block(tl_network_squares *squares, bool iterative)
{
    double *numbers = tl_allocate(squares->network->context, (size_t)squares->numbers * sizeof *numbers);
    if (numbers == NULL)
        return tl_fail(squares->network->context, TALUS_ERROR_MEMORY,
                       "levenberg_marquardt: the allocator returned no memory for what the Jacobian of %lld "
                       "samples gives",
                       (long long)squares->samples);
    if (iterative) {
        squares->sums = numbers;
        return TALUS_OK;
    }
    squares->residuals = numbers;
    squares->rows = numbers + squares->samples * tl_network_outputs(squares->network);
    return TALUS_OK;
}

/* m and W -------------------------------------------------------------------------------------------------- */

/* The targets of sample i of a pass that are there and have a weight. */
static int64_t targets_of(const tl_pass *pass, int64_t i)
{
    const talus_network *network = pass->network;
    const int64_t row = tl_source_row(&pass->targets, i), outputs = tl_network_outputs(network);
    double weight = 1;
    int64_t count = 0;
    if (pass->weights.matrix.data != NULL)
        tl_source_numbers(&pass->weights, i, 1, &weight);
    for (int64_t k = 0; weight > 0 && k < outputs; k++)
        count += !isnan(tl_source_value(&pass->targets, row, k)) &&
                 (network->output_weights == NULL || network->output_weights[k] > 0);
    return count;
}

/* Counts what the sum of squares is of, and takes the weights of all samples together. */
static talus_status count_residuals(tl_network_squares *squares)
{
    const talus_network *network = squares->network;
    const talus_dataset *dataset = squares->dataset;
    tl_pass pass = {.network = network, .workspace = squares->workspace};
    talus_status status = TALUS_OK;
    squares->weight = (double)dataset->samples * (dataset->weights.data == NULL ? 1 : dataset->mean_weight);
    for (int64_t first = 0; status == TALUS_OK && first < dataset->samples; first += squares->samples) {
        status = tl_pass_read(&squares->feed, NULL, first,
                              tl_smaller(squares->samples, dataset->samples - first), &pass);
        for (int64_t i = 0; status == TALUS_OK && i < pass.samples; i++)
            squares->residual_count += targets_of(&pass, i);
    }
    for (int l = 1; l <= network->layer_count; l++)
        if (network->layers[l].l2 > 0)
            squares->residual_count += network->layers[l].width * network->layers[l].inputs;
    return status;
}

/* Begin and end -------------------------------------------------------------------------------------------- */

/* Makes blocks that fit, the largest first: passes over all samples are only worth their memory for products. */
static talus_status choose_blocks(tl_network_squares *squares, int64_t memory, int64_t least, bool iterative)
{
    const int64_t all = squares->dataset->samples,
                  most = iterative ? BLOCK : tl_larger(BLOCK / tl_network_outputs(squares->network), 1);
    int64_t samples = tl_divide_up(all, tl_divide_up(all, most)); /* blocks of about the same size */
    const bool whole = iterative && squares->dataset->stream.read == NULL && all <= INT32_MAX;
    talus_status status = make_blocks(squares, memory, samples, whole ? all : samples, iterative);
    if (status == TALUS_OK && whole && !fits(squares, memory))
        status = make_blocks(squares, memory, samples, samples, iterative);
    while (status == TALUS_OK && samples > least && !fits(squares, memory)) {
        samples = tl_larger(samples / 2, least);
        status = make_blocks(squares, memory, samples, samples, iterative);
    }
    return status;
}

talus_status tl_network_squares_begin(tl_network_squares *squares, int64_t memory, int64_t least,
                                      bool iterative)
{
    talus_status status = choose_blocks(squares, memory, least, iterative);
    if (status != TALUS_OK || !fits(squares, memory))
        return status;
    status = reserve_block(squares, iterative);
    if (status == TALUS_OK && iterative)
        status = tl_network_products_reserve(squares);
    if (status == TALUS_OK)
        status = tl_feed_open(&squares->feed, squares->network->context, squares->dataset, TL_FEED_ALL,
                              squares->reach);
    return status == TALUS_OK ? count_residuals(squares) : status;
}

void tl_network_squares_end(tl_network_squares *squares)
{
    talus_context *context = squares->network->context;
    if (squares->feed.context != NULL)
        tl_feed_close(&squares->feed);
    tl_network_products_release(squares);
    talus_workspace_destroy(squares->workspace);
    tl_release(context, squares->sums);
    tl_release(context, squares->residuals); /* and the rows behind them */
}

/* Blocks ---------------------------------------------------------------------------------------------------- */

/* What is done with a block, after a pass over it. */
typedef void (*block_task)(tl_network_squares *squares, const tl_pass *pass, void *job);

/* J and r block by block, or sums of them, in the order of the samples. */
static talus_status for_each_block(tl_network_squares *squares, const double *theta, block_task task,
                                   void *job)
{
    const int64_t all = squares->dataset->samples;
    tl_parameters_set(squares->network, theta);
    for (int64_t first = 0; first < all; first += squares->samples) {
        tl_pass pass = {.network = squares->network,
                        .workspace = squares->workspace,
                        .work = TL_FORWARD | TL_KEEP | TL_LOSS,
                        .mean_over = squares->weight,
                        .first_row = first};
        talus_status status = tl_pass_read(&squares->feed, NULL, first,
                                           tl_smaller(squares->samples, all - first), &pass);
        if (status == TALUS_OK)
            status = tl_pass_run(&pass, NULL);
        if (status != TALUS_OK)
            return status;
        tl_jacobian_run(&(tl_jacobian){.pass = &pass,
                                       .rows = squares->rows,
                                       .ld = squares->network->parameter_count,
                                       .residuals = squares->residuals,
                                       .weight = squares->weight,
                                       .sums = squares->sums});
        task(squares, &pass, job);
    }
    return TALUS_OK;
}

static void clear(int64_t count, double *numbers)
{
    memset(numbers, 0, (size_t)count * sizeof *numbers);
}

/* The functions --------------------------------------------------------------------------------------------- */

talus_status tl_network_squares_evaluate(void *user, const double *theta, double *cost)
{
    tl_network_squares *squares = user;
    tl_pass pass = {.network = squares->network,
                    .workspace = squares->workspace,
                    .work = TL_FORWARD | TL_LOSS,
                    .mean_over = squares->weight};
    tl_totals totals;
    tl_parameters_set(squares->network, theta);
    talus_status status = tl_run_over(&pass, &squares->feed, &totals);
    if (status == TALUS_OK)
        *cost = totals.loss / squares->weight + tl_network_penalties(squares->network, theta, NULL, 0, NULL);
    return status;
}

/* A and g. */
typedef struct normal_job {
    double *a, *g;
} normal_job;

static void add_normal(tl_network_squares *squares, const tl_pass *pass, void *job)
{
    talus_context *context = squares->network->context;
    const normal_job *to = job;
    const int64_t n = squares->network->parameter_count;
    const int before = tl_blas_enter_for(context);
    tl_gram_add(context, &(tl_gram_block){.rows = pass->samples * tl_network_outputs(squares->network),
                                          .parameters = n,
                                          .jacobian = squares->rows,
                                          .ld = n,
                                          .residuals = squares->residuals,
                                          .normal = to->a,
                                          .gradient = to->g});
    tl_blas_leave(before);
}

talus_status tl_network_squares_normal(void *user, const double *theta, double *a, double *g)
{
    tl_network_squares *squares = user;
    const int64_t n = squares->network->parameter_count;
    clear(n * n, a);
    clear(n, g);
    talus_status status = for_each_block(squares, theta, add_normal, &(normal_job){a, g});
    if (status == TALUS_OK)
        (void)tl_network_penalties(squares->network, theta, a, n + 1, g);
    return status;
}

/* Tile after tile. */
static void add_gradient(tl_network_squares *squares, const tl_pass *pass, void *job)
{
    const normal_job *to = job;
    const int64_t n = squares->network->parameter_count;
    for (int64_t tile = 0; tile < pass->schedule->tiling.tiles; tile++) {
        const double *g = squares->sums + 2 * tile * n, *squared = g + n;
        for (int64_t i = 0; i < n; i++) {
            to->g[i] += g[i];
            to->a[i] += squared[i];
        }
    }
}

talus_status tl_network_squares_gradient(void *user, const double *theta, double *diagonal, double *g)
{
    tl_network_squares *squares = user;
    const int64_t n = squares->network->parameter_count;
    clear(n, diagonal);
    clear(n, g);
    talus_status status = for_each_block(squares, theta, add_gradient, &(normal_job){diagonal, g});
    if (status == TALUS_OK)
        (void)tl_network_penalties(squares->network, theta, diagonal, 1, g);
    return status;
}
