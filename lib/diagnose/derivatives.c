#include "diagnose/derivatives.h"

#include <math.h>

#include "base/float_mode.h"
#include "linalg/blas_threads.h"

static const struct {
    tl_task prepare, carry;
} tasks[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {tl_derivatives_prepare_f32, tl_derivatives_carry_f32},
    [TALUS_DTYPE_F64] = {tl_derivatives_prepare_f64, tl_derivatives_carry_f64},
};

/* Tasks ------------------------------------------------------------------------------------------------------ */

/* With the BLAS in one thread, as the engine's passes. */
static void run(const tl_derivatives *d, tl_task task, void *job, int64_t count)
{
    const talus_workspace *workspace = d->pass->workspace;
    const talus_context *context = workspace->context;
    const bool keep = context->options.keep_blas_threads && !tl_blas_is_for_one_thread();
    const int threads = tl_blas_is_for_one_thread()
                            ? 1
                            : tl_plan_threads(&workspace->plan, d->pass->samples * d->directions,
                                              talus_context_threads(context));
    tl_float_mode mode = tl_float_enter();
    const int before = keep ? 0 : tl_blas_enter();
    if (threads == 1)
        for (int64_t i = 0; i < count; i++)
            task(job, i, 0);
    else
        tl_pool_run(context->pool, task, job, count);
    if (!keep)
        tl_blas_leave(before);
    tl_float_leave(mode);
}

void tl_derivatives_run(const tl_derivative_job *job)
{
    const tl_derivatives *d = job->derivatives;
    tl_derivative_job own = *job;
    run(d, tasks[d->pass->network->precision].carry, &own,
        d->pass->schedule->tiling.tiles * d->blocks * (d->seconds == TL_SECONDS_SUM ? 1 : d->chunks));
}

void tl_parameter_product(const tl_derivatives *derivatives, const void *v, const talus_matrix *product)
{
    tl_derivatives_run(&(tl_derivative_job){.derivatives = derivatives,
                                            .carry = TL_CARRY_PARAMETERS,
                                            .parameters = v,
                                            .to = product,
                                            .unit_step = 1});
}

talus_status tl_parameter_product_transposed(tl_pass *pass, const talus_matrix *u, bool add, void *product)
{
    pass->work = TL_OUTPUT_GRADIENT | TL_BACKWARD | TL_WEIGHTS;
    pass->targets.matrix = *u;
    pass->gradient = product;
    pass->add = add;
    return tl_pass_run(pass, NULL);
}

/* Memory ----------------------------------------------------------------------------------------------------- */

/* Directions and samples that go together: by shape alone, about as many columns as make a product fast, and enough samples
 * of a direction for the loops over them. */
static void cut(tl_derivatives *d)
{
    enum { COLUMNS = 256, SAMPLES = 16 };
    const int64_t width = d->pass->schedule->tiling.width;
    d->chunks = tl_divide_up(d->directions, COLUMNS / tl_smaller(width, SAMPLES));
    d->count = tl_divide_up(d->directions, d->chunks);
    const int64_t seconds = d->seconds == TL_SECONDS_EACH ? d->count : d->seconds == TL_SECONDS_SUM ? 1 : 0;
    d->samples = tl_smaller(width, tl_divide_up(COLUMNS, d->count + seconds));
    d->blocks = tl_divide_up(width, d->samples);
    d->columns = (d->count + seconds) * d->samples;
}

/* The numbers of a sample that a level knows something of: raw inputs, units. */
static int64_t width_of(const tl_derivatives *d, int l)
{
    return l == 0 ? tl_network_columns(d->pass->network) : d->pass->network->layers[l].width;
}

/* Room for f′, f″ and the constants of the layers. */
static bool take_levels(tl_derivatives *d)
{
    const talus_network *network = d->pass->network;
    const tl_tiling *tiling = &d->pass->schedule->tiling;
    const size_t row = (size_t)(tiling->tiles * tiling->width) * tl_dtype_size(network->precision);
    const int arrays = d->seconds == TL_SECONDS_NONE ? 1 : 2;
    d->widest = tl_network_inputs(network);
    int64_t units = 0;
    for (int l = 0; l <= network->layer_count; l++) {
        d->widest = tl_larger(d->widest, width_of(d, l));
        units += width_of(d, l);
    }
    talus_context *context = d->pass->workspace->context;
    d->levels = tl_allocate(context, (size_t)(network->layer_count + 1) * sizeof *d->levels);
    d->factors = tl_allocate(context, (size_t)units * sizeof *d->factors);
    d->numbers = tl_allocate_unfilled(context, (size_t)(arrays * units) * row);
    if (d->levels == NULL || d->factors == NULL || d->numbers == NULL)
        return false;
    char *numbers = d->numbers;
    double *factors = d->factors;
    for (int l = 0; l <= network->layer_count; l++) {
        const tl_layer *layer = &network->layers[l];
        const size_t bytes = (size_t)width_of(d, l) * row;
        d->levels[l] = (tl_derivative_level){numbers, arrays == 2 ? numbers + bytes : NULL,
                                             l > 0 && layer->norm->normalizes ? factors : NULL};
        numbers += (size_t)arrays * bytes;
        factors += width_of(d, l);
    }
    return true;
}

static bool take_scratch(tl_derivatives *d)
{
    const talus_network *network = d->pass->network;
    talus_context *context = d->pass->workspace->context;
    const size_t threads = (size_t)talus_context_threads(context);
    const int64_t sums = 3 * d->columns + tl_network_outputs(network) * d->samples;
    d->carried = tl_allocate_unfilled(context, threads * 2 * (size_t)(d->widest * d->columns) *
                                                   tl_dtype_size(network->precision));
    d->sums = tl_allocate_unfilled(context, threads * (size_t)sums * sizeof *d->sums);
    return d->carried != NULL && d->sums != NULL;
}

talus_status tl_derivatives_begin(tl_derivatives *derivatives, tl_pass *pass, int64_t directions, int seconds,
                                  const char *name)
{
    talus_context *context = pass->workspace->context;
    *derivatives = (tl_derivatives){.pass = pass, .seconds = seconds, .directions = directions};
    pass->work = TL_FORWARD | TL_KEEP;
    pass->workspace->kept = 0;
    talus_status status = tl_pass_run(pass, NULL);
    if (status != TALUS_OK)
        return status;
    cut(derivatives);
    if (!take_levels(derivatives) || !take_scratch(derivatives)) {
        tl_derivatives_end(derivatives);
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for derivatives of %lld samples", name,
                       (long long)pass->samples);
    }
    run(derivatives, tasks[pass->network->precision].prepare, derivatives, pass->schedule->tiling.tiles);
    return TALUS_OK;
}

void tl_derivatives_end(tl_derivatives *derivatives)
{
    talus_context *context = derivatives->pass->workspace->context;
    tl_release(context, derivatives->levels);
    tl_release(context, derivatives->factors);
    tl_release(context, derivatives->numbers);
    tl_release(context, derivatives->carried);
    tl_release(context, derivatives->sums);
}
