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
    const int threads = tl_plan_threads(&workspace->plan, d->pass->samples * d->directions,
                                        talus_context_threads(context));
    tl_float_mode mode = tl_float_enter();
    const int before = tl_blas_enter_for(context);
    if (threads == 1)
        for (int64_t i = 0; i < count; i++)
            task(job, i, 0);
    else
        tl_blas_run(context->pool, task, job, count);
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
static void cut(tl_derivatives *d, const tl_tiling *tiling)
{
    enum { COLUMNS = 256, SAMPLES = 16 };
    const int64_t width = tiling->width;
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

/* Bytes of what derivatives need: f′ and f″, the constants of the layers, and the room of all threads. */
typedef struct sizes {
    size_t row; /* of a unit in all tiles */
    int arrays; /* f′, and f″ if it is wanted */
    size_t levels, factors, numbers, carried, sums;
} sizes;

static sizes measure(tl_derivatives *d, const tl_tiling *tiling)
{
    const talus_network *network = d->pass->network;
    const size_t number = tl_dtype_size(network->precision),
                 threads = (size_t)talus_context_threads(d->pass->workspace->context);
    int64_t units = 0;
    cut(d, tiling);
    d->widest = tl_network_inputs(network);
    for (int l = 0; l <= network->layer_count; l++) {
        d->widest = tl_larger(d->widest, width_of(d, l));
        units += width_of(d, l);
    }
    sizes s = {.row = (size_t)(tiling->tiles * tiling->width) * number,
               .arrays = d->seconds == TL_SECONDS_NONE ? 1 : 2};
    s.levels = (size_t)(network->layer_count + 1) * sizeof *d->levels;
    s.factors = (size_t)units * sizeof *d->factors;
    s.numbers = (size_t)(s.arrays * units) * s.row;
    s.carried = threads * 2 * (size_t)(d->widest * d->columns) * number;
    s.sums = threads * (size_t)(3 * d->columns + tl_network_outputs(network) * d->samples) * sizeof *d->sums;
    return s;
}

/* Gives the levels their places. */
static void lay_out(tl_derivatives *d, const sizes *s)
{
    const talus_network *network = d->pass->network;
    char *numbers = d->numbers;
    double *factors = d->factors;
    for (int l = 0; l <= network->layer_count; l++) {
        const tl_layer *layer = &network->layers[l];
        const size_t bytes = (size_t)width_of(d, l) * s->row;
        d->levels[l] = (tl_derivative_level){numbers, s->arrays == 2 ? numbers + bytes : NULL,
                                             l > 0 && layer->norm->normalizes ? factors : NULL};
        numbers += (size_t)s->arrays * bytes;
        factors += width_of(d, l);
    }
}

int64_t tl_derivatives_bytes(talus_workspace *workspace, int64_t samples, int64_t directions, int seconds)
{
    tl_pass pass = {.network = workspace->network, .workspace = workspace};
    tl_derivatives d = {.pass = &pass, .seconds = seconds, .directions = directions};
    const tl_tiling tiling = tl_plan_tiling(&workspace->plan, samples);
    const sizes s = measure(&d, &tiling);
    return (int64_t)(s.levels + s.factors + s.numbers + s.carried + s.sums);
}

talus_status tl_derivatives_reserve(tl_derivatives *derivatives, tl_pass *pass, int64_t samples,
                                    int64_t directions, int seconds, const char *name)
{
    talus_context *context = pass->workspace->context;
    const tl_tiling tiling = tl_plan_tiling(&pass->workspace->plan, samples);
    tl_derivatives *d = derivatives;
    *d = (tl_derivatives){.pass = pass, .seconds = seconds, .directions = directions};
    const sizes s = measure(d, &tiling);
    d->levels = tl_allocate(context, s.levels);
    d->factors = tl_allocate(context, s.factors);
    d->numbers = tl_allocate_unfilled(context, s.numbers);
    d->carried = tl_allocate_unfilled(context, s.carried);
    d->sums = tl_allocate_unfilled(context, s.sums);
    if (d->levels != NULL && d->factors != NULL && d->numbers != NULL && d->carried != NULL &&
        d->sums != NULL) {
        lay_out(d, &s);
        return TALUS_OK;
    }
    tl_derivatives_end(d);
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "%s: the allocator returned no memory for derivatives of %lld samples", name,
                   (long long)samples);
}

talus_status tl_derivatives_move(tl_derivatives *derivatives)
{
    tl_pass *pass = derivatives->pass;
    pass->work = TL_FORWARD | TL_KEEP;
    pass->workspace->kept = 0;
    talus_status status = tl_pass_run(pass, NULL);
    if (status != TALUS_OK)
        return status;
    run(derivatives, tasks[pass->network->precision].prepare, derivatives, pass->schedule->tiling.tiles);
    return TALUS_OK;
}

talus_status tl_derivatives_begin(tl_derivatives *derivatives, tl_pass *pass, int64_t directions, int seconds,
                                  const char *name)
{
    talus_status status = tl_derivatives_reserve(derivatives, pass, pass->samples, directions, seconds, name);
    if (status != TALUS_OK)
        return status;
    status = tl_derivatives_move(derivatives);
    if (status != TALUS_OK)
        tl_derivatives_end(derivatives);
    return status;
}

void tl_derivatives_end(tl_derivatives *derivatives)
{
    if (derivatives->pass == NULL)
        return;
    talus_context *context = derivatives->pass->workspace->context;
    tl_release(context, derivatives->levels);
    tl_release(context, derivatives->factors);
    tl_release(context, derivatives->numbers);
    tl_release(context, derivatives->carried);
    tl_release(context, derivatives->sums);
    *derivatives = (tl_derivatives){0};
}
