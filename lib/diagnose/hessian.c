#include "diagnose/hessian.h"

#include <string.h>

#include "base/call.h"
#include "base/float_mode.h"
#include "engine/arguments.h"
#include "linalg/blas_threads.h"
#include "optimize/flat_vector.h"

static void (*const take_step[TL_PRECISIONS])(const tl_hessian *hessian, int64_t tile, tl_tangent_step step,
                                              const void *v, void *product) = {
    [TALUS_DTYPE_F32] = tl_hessian_step_f32,
    [TALUS_DTYPE_F64] = tl_hessian_step_f64,
};

/* Memory ----------------------------------------------------------------------------------------------------- */

/* Whether tiles wait for each other: where one has statistics of all. */
static bool waits(const talus_network *network)
{
    bool found = false;
    for (int l = 1; l <= network->layer_count; l++)
        found |= network->layers[l].norm->of_batch;
    return found;
}

/* What has been taken so far of the numbers and the groups; a NULL only counts. */
typedef struct taken {
    char *numbers;
    size_t bytes, row_bytes;
    tl_normalize_sums *groups;
    int64_t group_count;
} taken;

static void *take_rows(taken *t, int64_t rows)
{
    void *at = t->numbers == NULL ? NULL : t->numbers + t->bytes;
    t->bytes += (size_t)rows * t->row_bytes;
    return at;
}

static tl_normalize_sums *take_groups(taken *t, int64_t count)
{
    tl_normalize_sums *at = t->groups == NULL ? NULL : t->groups + t->group_count;
    t->group_count += count;
    return at;
}

/* Gives everything its place; and the memory that it takes. */
static taken lay_out(tl_hessian *hessian)
{
    const talus_network *network = hessian->pass->network;
    const int64_t width = hessian->pass->schedule->tiling.width;
    const size_t number = tl_dtype_size(network->precision);
    taken t = {.numbers = hessian->numbers,
               .row_bytes = (size_t)(hessian->places * width) * number,
               .groups = hessian->groups};
    for (int i = 0; i < 2; i++) {
        hessian->delta[i] = take_rows(&t, hessian->widest);
        hessian->delta_dot[i] = take_rows(&t, hessian->widest);
    }
    hessian->rows = take_rows(&t, hessian->widest);
    for (int l = 1; l <= network->layer_count; l++) {
        const tl_layer *layer = &network->layers[l];
        tl_tangent_level *level = &hessian->levels[l];
        level->z = take_rows(&t, layer->width);
        level->z_dot = take_rows(&t, layer->width);
        level->a_dot = take_rows(&t, layer->width);
        level->normalized_dot = layer->norm->normalizes ? take_rows(&t, layer->width) : NULL;
        level->groups = NULL;
        if (layer->norm->normalizes)
            level->groups = take_groups(&t, layer->norm->of_batch ? layer->width : hessian->places * width);
    }
    return t;
}

static talus_status allocate(tl_hessian *hessian, const char *name)
{
    const talus_network *network = hessian->pass->network;
    const tl_tiling *tiling = &hessian->pass->schedule->tiling;
    talus_context *context = hessian->pass->workspace->context;
    taken needed = {0};
    hessian->places = waits(network) ? tiling->tiles : 1;
    for (int l = 0; l <= network->layer_count; l++)
        hessian->widest = tl_larger(hessian->widest, network->layers[l].width);
    hessian->levels = tl_allocate(context, (size_t)(network->layer_count + 1) * sizeof *hessian->levels);
    hessian->scales = tl_allocate(context, (size_t)tiling->width * sizeof *hessian->scales);
    if (hessian->levels != NULL && hessian->scales != NULL) {
        needed = lay_out(hessian);
        hessian->groups = tl_allocate(context, (size_t)(needed.group_count + 1) * sizeof *hessian->groups);
        hessian->numbers = tl_allocate(context, needed.bytes);
    }
    if (hessian->groups == NULL || hessian->numbers == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for tangents of %lld samples", name,
                       (long long)tl_smaller(hessian->places * tiling->width, tiling->samples));
    (void)lay_out(hessian);
    return TALUS_OK;
}

/* The second derivatives of ‖W‖² take all singular vectors of W. */
static talus_status check_penalties(talus_context *context, const talus_network *network, const char *name)
{
    for (int l = 1; l <= network->layer_count; l++)
        if (network->layers[l].spectral_penalty > 0)
            return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                           "%s: layer %d must have no spectral_penalty, got %g", name, l,
                           network->layers[l].spectral_penalty);
    return TALUS_OK;
}

talus_status tl_hessian_begin(tl_hessian *hessian, tl_pass *pass, const char *name)
{
    *hessian = (tl_hessian){.pass = pass};
    talus_status status = tl_check_slopes(pass->workspace->context, pass->network, name);
    if (status == TALUS_OK)
        status = check_penalties(pass->workspace->context, pass->network, name);
    if (status != TALUS_OK)
        return status;
    pass->work = TL_FORWARD | TL_KEEP | TL_LOSS;
    pass->workspace->kept = 0;
    status = tl_pass_run(pass, NULL);
    if (status == TALUS_OK)
        status = allocate(hessian, name);
    if (status != TALUS_OK)
        tl_hessian_end(hessian);
    return status;
}

void tl_hessian_end(tl_hessian *hessian)
{
    talus_context *context = hessian->pass->workspace->context;
    tl_release(context, hessian->levels);
    tl_release(context, hessian->scales);
    tl_release(context, hessian->groups);
    tl_release(context, hessian->numbers);
}

/* Products --------------------------------------------------------------------------------------------------- */

/* Step 0 … 4L − 1: two a layer up to layer L, then two a layer down. */
static tl_tangent_step step_of(const talus_network *network, int number)
{
    const int up = 2 * network->layer_count;
    if (number < up)
        return (tl_tangent_step){number % 2 == 0 ? TL_TANGENT_PRODUCT : TL_TANGENT_ACTIVATE, 1 + number / 2};
    return (tl_tangent_step){number % 2 == 0 ? TL_TANGENT_DIFFERENTIATE : TL_TANGENT_DESCEND,
                             network->layer_count - (number - up) / 2};
}

/* Whether all tiles must have come before a step until one goes on. */
static bool is_barrier(const talus_network *network, int number)
{
    return number % 2 != 0 && network->layers[step_of(network, number).layer].norm->of_batch;
}

/* Tile after tile, from barrier to barrier. */
static void run_steps(const tl_hessian *hessian, const void *v, void *product)
{
    const talus_network *network = hessian->pass->network;
    for (int first = 0, end; first < 4 * network->layer_count; first = end) {
        for (end = first + 1; end < 4 * network->layer_count && !is_barrier(network, end);)
            end++;
        for (int64_t t = 0; t < hessian->pass->schedule->tiling.tiles; t++)
            for (int number = first; number < end; number++)
                take_step[network->precision](hessian, t, step_of(network, number), v, product);
    }
}

static void run_with_blas(const tl_hessian *hessian, const void *v, void *product)
{
    const talus_context *context = hessian->pass->workspace->context;
    int before = tl_blas_enter_for(context);
    run_steps(hessian, v, product);
    tl_blas_leave(before);
}

/* That of l2/2·‖W_l‖² is l2·I. The slope of l1 is constant where it is one. */
static void add_penalties(const tl_hessian *hessian, const char *v, char *product)
{
    const talus_network *network = hessian->pass->network;
    for (int l = 1; l <= network->layer_count; l++) {
        const tl_layer *layer = &network->layers[l];
        const tl_part *weights = tl_layer_part(layer, TALUS_PART_WEIGHTS);
        const int64_t at = weights->offset * (int64_t)tl_dtype_size(network->precision);
        const tl_vectors space = {hessian->pass->workspace->context, network->precision,
                                  weights->rows * weights->cols, hessian->pass->workspace->kernels};
        if (layer->l2 > 0)
            tl_vector_axpy(&space, layer->l2, v + at, product + at);
    }
}

void tl_hessian_apply(const tl_hessian *hessian, const void *v, void *product)
{
    const talus_network *network = hessian->pass->network;
    tl_float_mode mode = tl_float_enter();
    memset(product, 0, (size_t)network->parameter_count * tl_dtype_size(network->precision));
    run_with_blas(hessian, v, product);
    add_penalties(hessian, v, product);
    tl_float_leave(mode);
}

/* The call -------------------------------------------------------------------------------------------------- */

static talus_status check_vectors(const talus_network *network, talus_context *context, const talus_matrix *v,
                                  const talus_matrix *product)
{
    talus_matrix from, to;
    talus_status status = tl_check_flat(context, network, "v", v, &from);
    if (status == TALUS_OK)
        status = tl_check_flat(context, network, "product", product, &to);
    if (status != TALUS_OK)
        return status;
    uintptr_t bytes = (uintptr_t)network->parameter_count * tl_dtype_size(network->precision),
              first = (uintptr_t)from.data, second = (uintptr_t)to.data;
    if (first < second + bytes && second < first + bytes)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "v and product must be two vectors, got one or an overlap");
    return TALUS_OK;
}

static talus_status multiply(const talus_network *network, talus_workspace *workspace,
                             const talus_batch *batch, size_t batch_size, const talus_matrix *v,
                             const talus_matrix *product)
{
    tl_pass pass;
    tl_hessian hessian;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK)
        status = check_vectors(network, workspace->context, v, product);
    if (status == TALUS_OK)
        status = tl_pass_batch(&pass, batch, batch_size);
    if (status == TALUS_OK)
        status = tl_hessian_begin(&hessian, &pass, "hessian_product");
    if (status != TALUS_OK)
        return status;
    tl_hessian_apply(&hessian, v->data, product->data);
    tl_hessian_end(&hessian);
    return TALUS_OK;
}

talus_status talus_hessian_product_sized(const talus_network *network, talus_workspace *workspace,
                                         const talus_batch *batch, size_t batch_size, const talus_matrix *v,
                                         const talus_matrix *product)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK
               ? tl_call_end(&call, multiply(network, workspace, batch, batch_size, v, product))
               : status;
}
