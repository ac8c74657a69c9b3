#include "diagnose/hessian.h"
#include "kernels/curvature.h"
#include "kernels/kernels.h"
#include "linalg/blas_product.h"

/* A tile, and where things lie in the flat vectors. */
typedef struct tile {
    const tl_hessian *hessian;
    const talus_network *network;
    const real *theta, *v;
    real *product;
    int64_t index, samples, width;
} tile;

/* The numbers of a part in a flat vector; NULL if the layer has none. */
static const real *part_in(const tile *t, const real *flat, int l, int kind)
{
    const tl_part *part = tl_layer_part(&t->network->layers[l], kind);
    return part == NULL ? NULL : flat + part->offset;
}

static const real *activations(const tile *t, int l)
{
    const tl_level *level = &t->hessian->pass->workspace->levels[l];
    return (const real *)level->features + t->index * level->width * t->width;
}

/* C (+)= W·B for a weight-shaped W, d_l × d_{l−1} */
static void multiply(const tile *t, int l, const real *w, const real *b, real beta, real *c)
{
    const tl_layer *layer = &t->network->layers[l];
    TL(tl_product)(layer->width, t->samples, layer->inputs, w, layer->inputs, b, t->width, beta, c, t->width);
}

/* C (+)= Wᵀ·B */
static void multiply_back(const tile *t, int l, const real *w, const real *b, real beta, real *c)
{
    const tl_layer *layer = &t->network->layers[l];
    TL(tl_product_transposed)
    (layer->inputs, t->samples, layer->width, w, layer->inputs, b, t->width, beta, c, t->width);
}

static void add_biases(const tile *t, int l, const real *biases, real *to)
{
    for (int64_t i = 0; biases != NULL && i < t->network->layers[l].width; i++)
        for (int64_t j = 0; j < t->samples; j++)
            to[i * t->width + j] += biases[i];
}

static TL(tl_tangent) tangent_of(const tile *t, int l)
{
    const tl_layer *layer = &t->network->layers[l];
    const tl_tangent_level *level = &t->hessian->levels[l];
    return (TL(tl_tangent)){.rows = layer->width,
                            .cols = t->samples,
                            .ld = t->width,
                            .parameter = layer->alpha,
                            .z = level->z,
                            .z_dot = level->z_dot,
                            .a = activations(t, l),
                            .a_dot = level->a_dot};
}

/* Z_l, Ż_l and Ȧ_l */
static void go_forward(const tile *t, int l)
{
    const tl_tangent_level *level = &t->hessian->levels[l];
    multiply(t, l, part_in(t, t->theta, l, TALUS_PART_WEIGHTS), activations(t, l - 1), 0, level->z);
    add_biases(t, l, part_in(t, t->theta, l, TALUS_PART_BIASES), level->z);
    multiply(t, l, part_in(t, t->v, l, TALUS_PART_WEIGHTS), activations(t, l - 1), 0, level->z_dot);
    add_biases(t, l, part_in(t, t->v, l, TALUS_PART_BIASES), level->z_dot);
    if (l > 1)
        multiply(t, l, part_in(t, t->theta, l, TALUS_PART_WEIGHTS), level[-1].a_dot, 1, level->z_dot);
    TL(tl_tangent) x = tangent_of(t, l);
    TL(tl_activation_forward_tangent)(t->network->layers[l].activation, &x);
}

/* Δ_L and Δ̇_L */
static void judge(const tile *t, real *delta, real *delta_dot)
{
    const int last = t->network->layer_count;
    const bool fused = tl_network_is_fused(t->network);
    const int64_t outputs = t->network->layers[last].width;
    TL(tl_tangent) x = tangent_of(t, last), loss = x;
    x.delta = loss.delta = delta;
    x.delta_dot = loss.delta_dot = delta_dot;
    loss.parameter = t->network->ranges->loss_parameter;
    loss.y = (const real *)t->hessian->pass->workspace->targets + t->index * outputs * t->width;
    loss.scales = t->hessian->scales;
    if (!fused) {
        loss.z = x.a;
        loss.z_dot = x.a_dot;
    }
    TL(tl_loss_tangent)(t->network->ranges->loss, &loss);
    if (!fused)
        TL(tl_activation_backward_tangent)(t->network->layers[last].activation, &x);
}

/* (H·v)_W += Δ·(A_{l−1})ᵀ, where both are of features × samples */
static void add_outer(const tile *t, int l, const real *delta, const real *below)
{
    const TL(tl_kernels) *kernels = t->hessian->pass->workspace->kernels;
    const tl_layer *layer = &t->network->layers[l];
    real *to = t->product + tl_layer_part(layer, TALUS_PART_WEIGHTS)->offset, *rows = t->hessian->rows;
    kernels->transpose(layer->inputs, t->samples, below, t->width, rows, layer->inputs);
    TL(tl_product)
    (layer->width, layer->inputs, t->samples, delta, t->width, rows, layer->inputs, 1, to, layer->inputs);
}

static void add_share(const tile *t, int l, const real *delta, const real *delta_dot)
{
    const tl_part *biases = tl_layer_part(&t->network->layers[l], TALUS_PART_BIASES);
    add_outer(t, l, delta_dot, activations(t, l - 1));
    if (l > 1)
        add_outer(t, l, delta, t->hessian->levels[l - 1].a_dot);
    for (int64_t i = 0; biases != NULL && i < biases->cols; i++) {
        double sum = 0;
        for (int64_t j = 0; j < t->samples; j++)
            sum += (double)delta_dot[i * t->width + j];
        t->product[biases->offset + i] += (real)sum;
    }
}

/* Δ_{l−1} and Δ̇_{l−1} from those of layer l */
static void go_back(const tile *t, int l, const real *delta, const real *delta_dot, real *below,
                    real *below_dot)
{
    const real *w = part_in(t, t->theta, l, TALUS_PART_WEIGHTS), *v = part_in(t, t->v, l, TALUS_PART_WEIGHTS);
    multiply_back(t, l, w, delta, 0, below);
    multiply_back(t, l, w, delta_dot, 0, below_dot);
    multiply_back(t, l, v, delta, 1, below_dot);
    TL(tl_tangent) x = tangent_of(t, l - 1);
    x.delta = below;
    x.delta_dot = below_dot;
    TL(tl_activation_backward_tangent)(t->network->layers[l - 1].activation, &x);
}

void TL(tl_hessian_tile)(const tl_hessian *hessian, int64_t index, const void *v, void *product)
{
    const tl_pass *pass = hessian->pass;
    const int last = pass->network->layer_count;
    const tile t = {.hessian = hessian,
                    .network = pass->network,
                    .theta = pass->network->parameters,
                    .v = v,
                    .product = product,
                    .index = index,
                    .samples = tl_tile_samples(&pass->schedule->tiling, index),
                    .width = pass->schedule->tiling.width};
    for (int l = 1; l <= last; l++)
        go_forward(&t, l);
    judge(&t, hessian->delta[last % 2], hessian->delta_dot[last % 2]);
    for (int l = last; l >= 1; l--) {
        add_share(&t, l, hessian->delta[l % 2], hessian->delta_dot[l % 2]);
        if (l > 1)
            go_back(&t, l, hessian->delta[l % 2], hessian->delta_dot[l % 2], hessian->delta[(l - 1) % 2],
                    hessian->delta_dot[(l - 1) % 2]);
    }
}
