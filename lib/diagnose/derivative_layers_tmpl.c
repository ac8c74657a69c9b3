/* Directions through the layers. */
#include "diagnose/derivative_block.h"
#include "linalg/blas_product.h"

/* To and from what the activation of a range of layer l is taken of: f′, or a softmax's. */
static void differentiate_range(const TL(tl_block) * b, int l, const tl_range *range)
{
    const tl_level *level = &b->d->pass->workspace->levels[l];
    const tl_derivative_level *known = &b->d->levels[l];
    TL(tl_directions) x = tl_block_directions(b, l);
    x.rows = range->outputs;
    x.x += range->first * TL(tl_directions_columns)(&x);
    if (tl_activation_kind_of(range->activation)->whole_layer) {
        TL(tl_directions_softmax)
        (&x, tl_block_points(b, level->features, level->width, range->first), b->sums);
        return;
    }
    const real *slope = tl_block_points(b, known->slope, level->width, range->first), *curve = NULL;
    if (known->curve != NULL)
        curve = tl_block_points(b, known->curve, level->width, range->first);
    TL(tl_directions_bend)(&x, slope, curve);
}

static void differentiate(const TL(tl_block) * b, int l)
{
    for (int r = 0; r < tl_layer_ranges(b->network, l); r++) {
        const tl_range range = tl_layer_range(b->network, l, r);
        differentiate_range(b, l, &range);
    }
}

/* The normalisation without its γ; r of running statistics is among the factors. */
static void normalize(const TL(tl_block) * b, int l)
{
    const tl_layer *layer = &b->network->layers[l];
    const tl_level *level = &b->d->pass->workspace->levels[l];
    TL(tl_directions) x = tl_block_directions(b, l);
    if (layer->norm->normalizes && !layer->norm->of_batch)
        TL(tl_directions_normalize)
    (&x, tl_block_points(b, level->normalized, layer->width, 0),
     (const real *)level->inverse + b->tile * b->width + b->column, b->sums);
}

static void scale(const TL(tl_block) * b, int l)
{
    TL(tl_directions) x = tl_block_directions(b, l);
    if (b->d->levels[l].factors != NULL)
        TL(tl_directions_scale)(&x, b->d->levels[l].factors);
}

/* ẋ_i += v_i ⊙ y_i, or v_i where y is NULL; nothing where the layer has no such part. There is one direction. */
static void add_part(const TL(tl_block) * b, int l, int kind, const real *y)
{
    TL(tl_directions) x = tl_block_directions(b, l);
    const real *v = tl_block_part(b, b->job->parameters, l, kind);
    for (int64_t i = 0; v != NULL && i < x.rows; i++)
        for (int64_t j = 0; j < x.samples; j++)
            x.x[i * x.samples + j] += v[i] * (y == NULL ? 1 : y[i * b->width + j]);
}

/* V_l·A_{l−1} + v_b, the first of which is all that layer 1 has. */
static void add_parameters(const TL(tl_block) * b, int l)
{
    const tl_layer *layer = &b->network->layers[l];
    const tl_level *below = &b->d->pass->workspace->levels[l - 1];
    TL(tl_directions) x = tl_block_directions(b, l);
    TL(tl_product)
    (x.rows, x.samples, layer->inputs, tl_block_part(b, b->job->parameters, l, TALUS_PART_WEIGHTS),
     layer->inputs, tl_block_points(b, below->features, below->width, 0), b->width, l > 1 ? 1 : 0, x.x,
     x.samples);
    add_part(b, l, TALUS_PART_BIASES, NULL);
}

/* A matrix that multiplies what is carried: W_l, or for l = 0 the projection. */
typedef struct factor {
    const real *w;
    int64_t rows, inner;
    real *above, *below;
} factor;

static factor factor_of(const TL(tl_block) * b, int l)
{
    const tl_projection *projection = &b->network->input_projection;
    const tl_layer *layer = &b->network->layers[l];
    real *above = b->carried[l % 2], *below = b->carried[(l + 1) % 2];
    if (l == 0)
        return (factor){projection->factors, projection->features, projection->columns, above, below};
    return (factor){tl_block_part(b, b->network->parameters, l, TALUS_PART_WEIGHTS), layer->width,
                    layer->inputs, above, below};
}

static void multiply(const TL(tl_block) * b, int l)
{
    const factor f = factor_of(b, l);
    const int64_t columns = TL(tl_directions_columns)(&b->x);
    TL(tl_product)(f.rows, columns, f.inner, f.w, f.inner, f.below, columns, 0, f.above, columns);
}

static void multiply_back(const TL(tl_block) * b, int l)
{
    const factor f = factor_of(b, l);
    const int64_t columns = TL(tl_directions_columns)(&b->x);
    TL(tl_product_transposed)
    (f.inner, columns, f.rows, f.w, f.inner, f.above, columns, 0, f.below, columns);
}

/* To and from raw inputs. */
static void read_inputs(const TL(tl_block) * b)
{
    const TL(tl_directions) x = tl_block_raw(b);
    TL(tl_directions_bend)(&x, tl_block_points(b, b->d->levels[0].slope, x.rows, 0), NULL);
}

/* Where directions of the inputs begin: the first level that has them. */
static int begin_inputs(const TL(tl_block) * b)
{
    const bool projects = tl_block_projects(b);
    if (b->job->carry == TL_CARRY_INPUTS) {
        TL(tl_block_begin_inputs)(b);
        return projects ? 0 : 1;
    }
    TL(tl_block_begin_vectors)(b);
    read_inputs(b);
    if (projects)
        multiply(b, 0);
    return 0;
}

void TL(tl_block_forward)(const TL(tl_block) * b)
{
    const bool moves = b->job->carry == TL_CARRY_PARAMETERS;
    const int first = moves ? 1 : begin_inputs(b);
    for (int l = 1; l <= b->network->layer_count; l++) {
        const tl_level *level = &b->d->pass->workspace->levels[l];
        if (l > first)
            multiply(b, l);
        if (moves)
            add_parameters(b, l);
        normalize(b, l);
        scale(b, l);
        if (moves && b->d->levels[l].factors != NULL)
            add_part(b, l, TALUS_PART_NORM_SCALES, tl_block_points(b, level->normalized, level->width, 0));
        if (moves)
            add_part(b, l, TALUS_PART_NORM_SHIFTS, NULL);
        differentiate(b, l);
        if (moves && level->negatives != NULL)
            add_part(b, l, TALUS_PART_SLOPES, tl_block_points(b, level->negatives, level->width, 0));
    }
}

void TL(tl_block_back)(const TL(tl_block) * b)
{
    TL(tl_block_begin_outputs)(b);
    for (int l = b->network->layer_count; l >= 1; l--) {
        differentiate(b, l);
        scale(b, l);
        normalize(b, l);
        multiply_back(b, l);
    }
    if (tl_block_projects(b))
        multiply_back(b, 0);
    read_inputs(b);
}
