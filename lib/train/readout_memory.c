#define TL_PRECISION 64 /* all of it */
/* The memory of a readout: one arena. What only one of the two methods needs lies in the same place. */
#include "base/real.h"
#include "engine/plan_entry.h"
#include "kernels/block.h"
#include "kernels/choose.h"
#include "linalg/factor.h"
#include "train/readout.h"

/* Hands out doubles; without an arena it only counts. */
typedef struct carver {
    double *arena;
    int64_t used;
    bool overflow;
} carver;

static double *carve(carver *c, int64_t rows, int64_t cols)
{
    int64_t count, bytes;
    if (!tl_multiply(rows, cols, &count) || !tl_multiply(count, (int64_t)sizeof(double), &bytes) ||
        bytes > PTRDIFF_MAX / 4 - c->used * (int64_t)sizeof(double)) {
        c->overflow = true;
        return NULL;
    }
    double *piece = c->arena == NULL ? NULL : c->arena + c->used;
    c->used += (count + 7) / 8 * 8; /* lines of the cache */
    return piece;
}

static void lay_out_sums(tl_readout *r, carver *c)
{
    for (int i = 0; i < TL_READOUT_SLICES; i++) {
        r->sums[i].targets = carve(c, 1, r->k);
        r->sums[i].squares = carve(c, 1, r->k);
        r->sums[i].spread = carve(c, 1, r->k);
    }
}

static void lay_out_both(tl_readout *r, carver *c)
{
    const int64_t d = r->d, k = r->k;
    r->x = carve(c, r->workspace->plan.max_batch, r->ld);
    r->shift = carve(c, 1, d);
    r->target_shift = carve(c, 1, k);
    r->target_first = carve(c, 1, k);
    r->target_means = carve(c, 1, k);
    lay_out_sums(r, c);
    r->normal = carve(c, d, d);
    r->inputs = carve(c, 1, d);
    r->transposed = carve(c, d, r->ld_fit);
    double **const of_outputs[] = {&r->cross, &r->solution, &r->change, &r->product};
    for (size_t i = 0; i < sizeof of_outputs / sizeof *of_outputs; i++)
        *of_outputs[i] = carve(c, k, d);
    r->squares = carve(c, 1, k);
    r->before = carve(c, 1, k);
    r->spread = carve(c, 1, k);
    r->chain_crosses = carve(c, r->chains * k, r->ld_sums);
    r->counts = (int32_t *)carve(c, 4, d);
}

static void lay_out_normal(tl_readout *r, carver *c)
{
    r->chain_normals = carve(c, r->chains * (r->d + r->k + 1), r->ld_sums);
    r->raw = carve(c, 1, r->d);
    r->factor = carve(c, r->d, r->d);
    r->scale = carve(c, 1, r->d);
    r->estimate = carve(c, 3, r->d);
}

static void lay_out_orthogonal(tl_readout *r, carver *c)
{
    const int64_t d = r->d;
    for (int64_t i = 0; i < r->stacks; i++) {
        tl_readout_stack unused, *stack = r->stack == NULL ? &unused : &r->stack[i];
        stack->rows = carve(c, d + r->chunk, r->ld);
        stack->targets = carve(c, d + r->chunk, r->k);
        stack->tau = carve(c, 1, d);
        stack->work = carve(c, 1, r->stack_work);
    }
    r->left = carve(c, d, d);
    r->right = carve(c, d, d);
    r->values = carve(c, 1, d);
    r->lengths = carve(c, 1, d);
    r->tau = carve(c, 1, d);
    r->work = carve(c, 1, r->singular_work > r->orthogonal_work ? r->singular_work : r->orthogonal_work);
}

static carver lay_out(tl_readout *r, double *arena)
{
    carver both = {.arena = arena};
    lay_out_both(r, &both);
    carver normal = both, orthogonal = both;
    lay_out_normal(r, &normal);
    lay_out_orthogonal(r, &orthogonal);
    orthogonal.overflow |= normal.overflow;
    if (normal.used > orthogonal.used)
        orthogonal.used = normal.used;
    return orthogonal;
}

/* The samples that are taken at once: no more than matter beside d² numbers. */
static int64_t batch_of(const talus_network *network, int64_t samples)
{
    enum { MOST = 1024, LEAST = 256, NUMBERS = 1 << 22 };
    int64_t widest = 1;
    for (int l = 0; l <= network->layer_count; l++)
        widest = tl_larger(widest, network->layers[l].width);
    return tl_smaller(samples, tl_larger(LEAST, tl_smaller(MOST, NUMBERS / widest)));
}

/* A length of rows that vectors fill. An odd number of lines: columns lie in all sets of the cache, not in some. */
static int64_t padded(int64_t count)
{
    const int64_t line = 8, lines = tl_divide_up(tl_divide_up(count, TL_COLUMN_STEP) * TL_COLUMN_STEP, line);
    return (lines | 1) * line;
}

/* How the work is divided, by d alone. Sums of several chains are made at once while d is small; then panels of rows are. Own
 * products are faster as long as a block of rows and the sums stay in the cache of a core: measured, up to about one panel. */
static void divide(tl_readout *r)
{
    enum { PANEL = 512, STACKS = 8, LEAST = 128, OWN_BLOCK = 96, BLOCK = 512 };
    const int64_t d = r->d;
    const talus_context *context = r->network->context;
    r->kernels = tl_kernels_of(context->options.instruction_set, TALUS_DTYPE_F64);
    r->panels = tl_divide_up(d, PANEL);
    r->own_products = r->panels == 1 && tl_plan_entry_of(context, TALUS_DTYPE_F64).own_products;
    r->block = r->own_products ? OWN_BLOCK : BLOCK;
    r->chains = tl_larger(1, TL_READOUT_SLICES / r->panels);
    r->stacks = tl_larger(1, STACKS / r->panels);
    r->chunk = tl_larger(d, LEAST);
    r->ld_fit = tl_divide_up(r->k, TL_COLUMN_STEP) * TL_COLUMN_STEP;
    r->ld = padded(d + tl_larger(r->ld_fit, r->k + 1));
    r->ld_sums = padded(d);
}

static talus_status ask_for_work(tl_readout *r)
{
    enum { MOST_INPUTS = 20000 }; /* so that LAPACK can count its work space */
    const int64_t d = r->d, rows = d + r->chunk;
    if (d > MOST_INPUTS)
        return tl_fail(r->network->context, TALUS_ERROR_SHAPE,
                       "%s: the last layer must have at most %d inputs, got %lld", r->call, MOST_INPUTS,
                       (long long)d);
    int64_t factor = tl_columns_orthogonal_work_f64(rows, d),
            apply = tl_columns_apply_work_f64(rows, d, r->k);
    r->stack_work = tl_larger(factor, apply);
    r->singular_work = tl_singular_work_f64(d, d, true);
    r->orthogonal_work = tl_rows_orthogonal_work_f64(d, d);
    return TALUS_OK;
}

talus_status tl_readout_reserve(tl_readout *r)
{
    talus_context *context = r->network->context;
    divide(r);
    talus_status status = ask_for_work(r);
    if (status == TALUS_OK)
        status = tl_workspace_create(context, r->network, batch_of(r->network, r->feed.dataset->samples),
                                     r->call, &r->workspace);
    if (status != TALUS_OK)
        return status;
    const carver needed = lay_out(r, NULL);
    r->stack = tl_allocate(context, (size_t)r->stacks * sizeof *r->stack);
    if (r->stack != NULL && !needed.overflow)
        r->arena = tl_allocate(context, (size_t)needed.used * sizeof(double));
    if (r->arena == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for matrices of %lld × %lld", r->call,
                       (long long)r->d, (long long)(r->d + r->k));
    (void)lay_out(r, r->arena);
    return TALUS_OK;
}
