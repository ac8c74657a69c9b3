#include "diagnose/tangent_tile.h"
#include "kernels/curvature.h"
#include "kernels/kernels.h"
#include "linalg/blas_product.h"

/* Products --------------------------------------------------------------------------------------------------- */

/* C (+)= W·B for a weight-shaped W, d_l × d_{l−1} */
static void multiply(const TL(tl_tangent_tile) * t, int l, const real *w, const real *b, real beta, real *c)
{
    const tl_layer *layer = &t->network->layers[l];
    TL(tl_product)(layer->width, t->samples, layer->inputs, w, layer->inputs, b, t->width, beta, c, t->width);
}

/* C (+)= Wᵀ·B */
static void multiply_back(const TL(tl_tangent_tile) * t, int l, const real *w, const real *b, real beta,
                          real *c)
{
    const tl_layer *layer = &t->network->layers[l];
    TL(tl_product_transposed)
    (layer->inputs, t->samples, layer->width, w, layer->inputs, b, t->width, beta, c, t->width);
}

static void add_biases(const TL(tl_tangent_tile) * t, int l, const real *biases, real *to)
{
    for (int64_t i = 0; biases != NULL && i < t->network->layers[l].width; i++)
        for (int64_t j = 0; j < t->samples; j++)
            to[i * t->width + j] += biases[i];
}

/* (H·v)_W += Δ·(A_{l−1})ᵀ, where both are of features × samples */
static void add_outer(const TL(tl_tangent_tile) * t, int l, const real *deltas, const real *below)
{
    const TL(tl_kernels) *kernels = t->hessian->pass->workspace->kernels;
    const tl_layer *layer = &t->network->layers[l];
    real *to = t->product + tl_layer_part(layer, TALUS_PART_WEIGHTS)->offset, *rows = t->hessian->rows;
    kernels->transpose(layer->inputs, t->samples, below, t->width, rows, layer->inputs);
    TL(tl_product)
    (layer->width, layer->inputs, t->samples, deltas, t->width, rows, layer->inputs, 1, to, layer->inputs);
}

void TL(tl_tangent_add_sums)(const TL(tl_tangent_tile) * t, int l, int kind, const real *x, const real *y)
{
    const tl_part *part = tl_layer_part(&t->network->layers[l], kind);
    for (int64_t i = 0; part != NULL && i < part->cols; i++) {
        double sum = 0;
        for (int64_t j = i * t->width; j < i * t->width + t->samples; j++)
            sum += (double)x[j] * (y == NULL ? 1 : (double)y[j]);
        t->product[part->offset + i] += (real)sum;
    }
}

/* Steps ------------------------------------------------------------------------------------------------------ */

/* Z_l where nothing is normalised, and Ż_l */
static void multiply_forward(const TL(tl_tangent_tile) * t, int l)
{
    const tl_layer *layer = &t->network->layers[l];
    const tl_tangent_level *level = &t->hessian->levels[l];
    const real *w = tl_part_in(t, t->theta, l, TALUS_PART_WEIGHTS);
    real *z = tl_placed(t, level->z, layer->width),
         *z_dot = tl_placed(t, layer->norm->normalizes ? level->normalized_dot : level->z_dot, layer->width);
    if (!layer->norm->normalizes) {
        multiply(t, l, w, tl_activations(t, l - 1), 0, z);
        add_biases(t, l, tl_part_in(t, t->theta, l, TALUS_PART_BIASES), z);
    }
    multiply(t, l, tl_part_in(t, t->v, l, TALUS_PART_WEIGHTS), tl_activations(t, l - 1), 0, z_dot);
    add_biases(t, l, tl_part_in(t, t->v, l, TALUS_PART_BIASES), z_dot);
    if (l > 1)
        multiply(t, l, w, tl_activations_dot(t, l - 1), 1, z_dot);
    if (layer->norm->normalizes)
        TL(tl_tangent_sum_forward)(t, l);
}

static TL(tl_tangent) tangent_of(const TL(tl_tangent_tile) * t, int l, const tl_range *range)
{
    const tl_layer *layer = &t->network->layers[l];
    const tl_tangent_level *level = &t->hessian->levels[l];
    const tl_part *slopes = tl_layer_part(layer, TALUS_PART_SLOPES);
    const int64_t at = range->first * t->width;
    return (TL(tl_tangent)){.rows = range->outputs,
                            .cols = t->samples,
                            .ld = t->width,
                            .parameter = range->alpha,
                            .alphas = tl_part_in(t, t->theta, l, TALUS_PART_SLOPES),
                            .alphas_dot = tl_part_in(t, t->v, l, TALUS_PART_SLOPES),
                            .alphas_product = slopes == NULL ? NULL : t->product + slopes->offset,
                            .z = tl_placed(t, level->z, layer->width) + at,
                            .z_dot = tl_placed(t, level->z_dot, layer->width) + at,
                            .a = tl_activations(t, l) + at,
                            .a_dot = tl_placed(t, level->a_dot, layer->width) + at,
                            .delta = tl_delta(t, l) + at,
                            .delta_dot = tl_delta_dot(t, l) + at};
}

static void activate(const TL(tl_tangent_tile) * t, int l)
{
    if (t->network->layers[l].norm->normalizes)
        TL(tl_tangent_normalize)(t, l);
    for (int r = 0; r < tl_layer_ranges(t->network, l); r++) {
        const tl_range range = tl_layer_range(t->network, l, r);
        TL(tl_tangent) x = tangent_of(t, l, &range);
        TL(tl_activation_forward_tangent)(range.activation, &x);
    }
}

/* The weights of the samples over the sum of all. */
static void load_scales(const TL(tl_tangent_tile) * t)
{
    const tl_pass *pass = t->hessian->pass;
    const tl_source *source = &pass->weights;
    for (int64_t j = 0; j < t->samples; j++) {
        const int64_t row = tl_source_row(source, t->index * t->width + j);
        t->hessian->scales[j] = (source->matrix.data == NULL ? 1 : tl_source_value(source, row, 0)) /
                                pass->weight;
    }
}

/* ∂C/∂A_L and its tangent in a range of outputs, or Δ_L where the loss is computed from Z_L. */
static void judge(const TL(tl_tangent_tile) * t, const tl_range *range, TL(tl_tangent) x)
{
    const talus_network *network = t->network;
    const real *targets = tl_kept(t, t->hessian->pass->workspace->targets,
                                  network->layers[network->layer_count].width);
    x.parameter = range->loss_parameter;
    x.y = targets + range->first_target * t->width;
    x.scales = t->hessian->scales;
    if (network->output_factors != NULL)
        x.output_weights = (const real *)network->output_factors + range->first_target;
    if (!tl_range_is_fused(range)) {
        x.z = x.a;
        x.z_dot = x.a_dot;
    }
    TL(tl_loss_tangent)(range->loss, &x);
}

static void differentiate(const TL(tl_tangent_tile) * t, int l)
{
    const bool last = l == t->network->layer_count;
    if (last)
        load_scales(t);
    for (int r = 0; r < tl_layer_ranges(t->network, l); r++) {
        const tl_range range = tl_layer_range(t->network, l, r);
        TL(tl_tangent) x = tangent_of(t, l, &range);
        if (last)
            judge(t, &range, x);
        if (!(last && tl_range_is_fused(&range)))
            TL(tl_activation_backward_tangent)(range.activation, &x);
    }
    if (t->network->layers[l].norm->normalizes)
        TL(tl_tangent_sum_backward)(t, l);
}

/* The shares of W_l and b_l, then ∂C/∂A_{l−1} and its tangent. */
static void descend(const TL(tl_tangent_tile) * t, int l)
{
    const real *w = tl_part_in(t, t->theta, l, TALUS_PART_WEIGHTS),
               *v = tl_part_in(t, t->v, l, TALUS_PART_WEIGHTS);
    if (t->network->layers[l].norm->normalizes)
        TL(tl_tangent_normalize_backward)(t, l);
    add_outer(t, l, tl_delta_dot(t, l), tl_activations(t, l - 1));
    TL(tl_tangent_add_sums)(t, l, TALUS_PART_BIASES, tl_delta_dot(t, l), NULL);
    if (l == 1)
        return;
    add_outer(t, l, tl_delta(t, l), tl_activations_dot(t, l - 1));
    multiply_back(t, l, w, tl_delta(t, l), 0, tl_delta(t, l - 1));
    multiply_back(t, l, w, tl_delta_dot(t, l), 0, tl_delta_dot(t, l - 1));
    multiply_back(t, l, v, tl_delta(t, l), 1, tl_delta_dot(t, l - 1));
}

void TL(tl_hessian_step)(const tl_hessian *hessian, int64_t index, tl_tangent_step step, const void *v,
                         void *product)
{
    static void (*const steps[])(const TL(tl_tangent_tile) * t, int l) = {
        [TL_TANGENT_PRODUCT] = multiply_forward,
        [TL_TANGENT_ACTIVATE] = activate,
        [TL_TANGENT_DIFFERENTIATE] = differentiate,
        [TL_TANGENT_DESCEND] = descend,
    };
    const tl_pass *pass = hessian->pass;
    const TL(tl_tangent_tile) t = {.hessian = hessian,
                                   .network = pass->network,
                                   .theta = pass->network->parameters,
                                   .v = v,
                                   .product = product,
                                   .index = index,
                                   .place = hessian->places > 1 ? index : 0,
                                   .samples = tl_tile_samples(&pass->schedule->tiling, index),
                                   .width = pass->schedule->tiling.width};
    steps[step.kind](&t, step.layer);
}
