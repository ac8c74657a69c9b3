#include "diagnose/hessian.h"

#include <string.h>

#include "base/call.h"
#include "base/float_mode.h"
#include "engine/arguments.h"
#include "linalg/blas_threads.h"
#include "optimize/flat_vector.h"

static void (*const of[TL_PRECISIONS])(const tl_hessian *hessian, int64_t t, const void *v, void *product) = {
    [TALUS_DTYPE_F32] = tl_hessian_tile_f32,
    [TALUS_DTYPE_F64] = tl_hessian_tile_f64,
};

/* One loss, of all outputs alike. */
static talus_status check_loss(const tl_pass *pass, const char *name)
{
    const talus_network *network = pass->network;
    talus_context *context = pass->workspace->context;
    if (network->range_count > 1 || network->output_factors != NULL || network->missing_targets)
        return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the network must have one loss without output_weights and missing_targets", name);
    if (!tl_loss_has_curvature_f64(network->ranges->loss))
        return tl_fail(context, TALUS_ERROR_UNSUPPORTED, "%s: there are no second derivatives of %s", name,
                       network->ranges->loss_kind->name);
    return TALUS_OK;
}

/* Layers of weights and biases alone, whose kinds have second derivatives. */
static talus_status check_network(const tl_pass *pass, const char *name)
{
    const talus_network *network = pass->network;
    talus_context *context = pass->workspace->context;
    for (int l = 1; l <= network->layer_count; l++) {
        const tl_layer *layer = &network->layers[l];
        if (!tl_activation_has_curvature_f64(layer->activation))
            return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                           "%s: layer %d: there are no second derivatives of %s", name, l, layer->kind->name);
        for (int i = 0; i < layer->part_count; i++)
            if (layer->parts[i].kind != TALUS_PART_WEIGHTS && layer->parts[i].kind != TALUS_PART_BIASES)
                return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                               "%s: layer %d must have weights and biases only, got %s, too", name, l,
                               talus_part_name(layer->parts[i].kind));
    }
    return check_loss(pass, name);
}

/* The next `rows` rows of tiles among the numbers. */
static void *take_rows(tl_hessian *hessian, int64_t rows)
{
    const tl_pass *pass = hessian->pass;
    void *taken = hessian->next;
    hessian->next += (size_t)(rows * pass->schedule->tiling.width) * tl_dtype_size(pass->network->precision);
    return taken;
}

static void lay_out(tl_hessian *hessian, int64_t widest)
{
    const talus_network *network = hessian->pass->network;
    hessian->next = hessian->numbers;
    hessian->rows = take_rows(hessian, widest);
    for (int i = 0; i < 2; i++) {
        hessian->delta[i] = take_rows(hessian, widest);
        hessian->delta_dot[i] = take_rows(hessian, widest);
    }
    for (int l = 1; l <= network->layer_count; l++) {
        hessian->levels[l].z = take_rows(hessian, network->layers[l].width);
        hessian->levels[l].z_dot = take_rows(hessian, network->layers[l].width);
        hessian->levels[l].a_dot = take_rows(hessian, network->layers[l].width);
    }
}

static talus_status allocate(tl_hessian *hessian, const char *name)
{
    const talus_network *network = hessian->pass->network;
    talus_context *context = hessian->pass->workspace->context;
    const int64_t width = hessian->pass->schedule->tiling.width;
    int64_t widest = 0, rows = 0;
    for (int l = 0; l <= network->layer_count; l++) {
        widest = tl_larger(widest, network->layers[l].width);
        rows += 3 * network->layers[l].width;
    }
    rows += 5 * widest;
    hessian->levels = tl_allocate(context, (size_t)(network->layer_count + 1) * sizeof *hessian->levels);
    hessian->scales = tl_allocate(context, (size_t)width * sizeof *hessian->scales);
    hessian->numbers = tl_allocate(context, (size_t)(rows * width) * tl_dtype_size(network->precision));
    if (hessian->levels == NULL || hessian->scales == NULL || hessian->numbers == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for %lld rows of a tile", name, (long long)rows);
    lay_out(hessian, widest);
    return TALUS_OK;
}

talus_status tl_hessian_begin(tl_hessian *hessian, tl_pass *pass, const char *name)
{
    *hessian = (tl_hessian){.pass = pass};
    talus_status status = check_network(pass, name);
    if (status != TALUS_OK)
        return status;
    pass->work = TL_FORWARD | TL_LOSS;
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
    tl_release(context, hessian->numbers);
}

/* The weights of the samples of tile t over the sum of all. */
static void load_scales(const tl_hessian *hessian, int64_t t)
{
    const tl_pass *pass = hessian->pass;
    const tl_source *source = &pass->weights;
    const tl_tiling *tiling = &pass->schedule->tiling;
    for (int64_t j = 0; j < tl_tile_samples(tiling, t); j++) {
        int64_t sample = t * tiling->width + j;
        double weight = source->matrix.data == NULL
                            ? 1
                            : tl_source_value(source, tl_source_row(source, sample), 0);
        hessian->scales[j] = weight / pass->weight;
    }
}

static void run_tiles(const tl_hessian *hessian, const void *v, void *product)
{
    const talus_context *context = hessian->pass->workspace->context;
    bool keep = context->options.keep_blas_threads && !tl_blas_is_for_one_thread();
    int before = keep ? 0 : tl_blas_enter();
    for (int64_t t = 0; t < hessian->pass->schedule->tiling.tiles; t++) {
        load_scales(hessian, t);
        of[hessian->pass->network->precision](hessian, t, v, product);
    }
    if (!keep)
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
    run_tiles(hessian, v, product);
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
