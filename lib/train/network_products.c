/* A·v for the iterative way, A = Jᵀ·J, without rows of J: a pass forward with the tangents that v makes of the outputs,
 * J·v, and one back with what the residuals' weights make of these. With a_ik the outputs as the network has them,
 *
 *     u_ik = (w_i·v_k/W)·Σ_j (∂a_ik/∂θ_j)·v_j,   A·v = Σ_ik (∂a_ik/∂θ)·u_ik + l2·v
 *
 * where a target that is missing has u_ik = 0. The passes are of the network's precision, with v and u brought to numbers of about 1
 * by powers of two; the sum over blocks of samples is of doubles.
 * Source: Schraudolph, Fast curvature matrix-vector products for second-order gradient descent, Neural Computation 14(7), 2002. */
#include <math.h>
#include <string.h>

#include "train/batches.h"
#include "train/network_squares.h"

/* Memory ----------------------------------------------------------------------------------------------------- */

static size_t flat_bytes(const talus_network *network)
{
    return (size_t)network->parameter_count * tl_dtype_size(network->precision);
}

int64_t tl_network_products_bytes(const tl_network_squares *squares)
{
    const int64_t moved = squares->reach * tl_network_outputs(squares->network) * (int64_t)sizeof(double);
    return tl_derivatives_bytes(squares->workspace, squares->reach, 1, TL_SECONDS_NONE) + moved +
           2 * (int64_t)flat_bytes(squares->network);
}

talus_status tl_network_products_reserve(tl_network_squares *squares)
{
    const talus_network *network = squares->network;
    talus_context *context = network->context;
    squares->pass = (tl_pass){.network = network, .workspace = squares->workspace};
    squares->moved = tl_allocate(context, (size_t)(squares->reach * tl_network_outputs(network)) *
                                              sizeof *squares->moved);
    squares->v = tl_allocate(context, flat_bytes(network));
    squares->product = tl_allocate(context, flat_bytes(network));
    if (squares->moved == NULL || squares->v == NULL || squares->product == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "levenberg_marquardt: the allocator returned no memory for products of %lld samples",
                       (long long)squares->reach);
    return tl_derivatives_reserve(&squares->derivatives, &squares->pass, squares->reach, 1, TL_SECONDS_NONE,
                                  "levenberg_marquardt");
}

void tl_network_products_release(tl_network_squares *squares)
{
    talus_context *context = squares->network->context;
    tl_derivatives_end(&squares->derivatives);
    tl_release(context, squares->moved);
    tl_release(context, squares->v);
    tl_release(context, squares->product);
}

/* Numbers of about 1 -------------------------------------------------------------------------------------------- */

/* The e for which the largest |x_i|·2^−e is in ½ … 1, 0 for zeros; false if numbers are not finite. */
static bool find_exponent(int64_t count, const double *x, int *exponent)
{
    double most = 0, unfinite = 0;
    for (int64_t i = 0; i < count; i++) {
        most = fmax(most, fabs(x[i]));
        unfinite += 0 * x[i];
    }
    (void)frexp(most, exponent);
    return unfinite == 0;
}

static void load_direction(const tl_network_squares *squares, const double *v, int exponent)
{
    const bool narrow = squares->network->precision == TALUS_DTYPE_F32;
    for (int64_t i = 0; i < squares->network->parameter_count; i++)
        if (narrow)
            ((float *)squares->v)[i] = (float)ldexp(v[i], -exponent);
        else
            ((double *)squares->v)[i] = ldexp(v[i], -exponent);
}

static void add_product(const tl_network_squares *squares, int exponent, double *product)
{
    const bool narrow = squares->network->precision == TALUS_DTYPE_F32;
    for (int64_t i = 0; i < squares->network->parameter_count; i++)
        product[i] += ldexp(narrow ? (double)((const float *)squares->product)[i]
                                   : ((const double *)squares->product)[i],
                            exponent);
}

/* Blocks ---------------------------------------------------------------------------------------------------------- */

/* u of J·v, in its place. Both are in the caller's units, a scale σ_k from those of the network: u is divided by σ_k², since the
 * way back multiplies by it again. */
static void weigh(const tl_network_squares *squares)
{
    const talus_network *network = squares->network;
    const tl_pass *pass = &squares->pass;
    const tl_scaling *scaling = tl_scaling_of_outputs(network);
    const int64_t outputs = tl_network_outputs(network);
    for (int64_t i = 0; i < pass->samples; i++) {
        const int64_t row = tl_source_row(&pass->targets, i);
        double weight = 1;
        if (pass->weights.matrix.data != NULL)
            tl_source_numbers(&pass->weights, i, 1, &weight);
        for (int64_t k = 0; k < outputs; k++) {
            const double unit = scaling->count == 0 ? 1 : scaling->inverse[scaling->count > 1 ? k : 0],
                         of_output = network->output_weights == NULL ? 1 : network->output_weights[k];
            double *u = &squares->moved[i * outputs + k];
            *u = isnan(tl_source_value(&pass->targets, row, k))
                     ? 0
                     : *u / unit * (weight * of_output / squares->weight) / unit;
        }
    }
}

/* Adds A_b·v of the block that the pass has run on, for the direction that is loaded; what is not finite becomes NaN. */
static talus_status add_block(tl_network_squares *squares, int exponent, double *product)
{
    const int64_t outputs = tl_network_outputs(squares->network), count = squares->pass.samples * outputs;
    const talus_matrix moved = talus_matrix_view(squares->moved, TALUS_DTYPE_F64, squares->pass.samples,
                                                 outputs);
    int size;
    tl_parameter_product(&squares->derivatives, squares->v, &moved);
    weigh(squares);
    if (!find_exponent(count, squares->moved, &size)) {
        product[0] = NAN;
        return TALUS_OK;
    }
    for (int64_t i = 0; i < count; i++)
        squares->moved[i] = ldexp(squares->moved[i], -size);
    tl_pass back = squares->pass;
    back.targets = (tl_source){0};
    talus_status status = tl_parameter_product_transposed(&back, &moved, false, squares->product);
    if (status == TALUS_OK)
        add_product(squares, size + exponent, product);
    return status;
}

/* Runs samples from `first` on forward, unless the workspace still holds the pass over all of them. */
static talus_status arrive(tl_network_squares *squares, int64_t first)
{
    const int64_t all = squares->dataset->samples;
    if (squares->workspace->kept == all)
        return TALUS_OK;
    squares->pass.first_row = first;
    squares->pass.mean_over = squares->weight;
    talus_status status = tl_pass_read(&squares->feed, NULL, first, tl_smaller(squares->reach, all - first),
                                       &squares->pass);
    if (status == TALUS_OK)
        status = tl_derivatives_move(&squares->derivatives);
    if (status == TALUS_OK)
        squares->workspace->kept = squares->pass.samples;
    return status;
}

talus_status tl_network_squares_product(void *user, const double *theta, const double *v, double *product)
{
    tl_network_squares *squares = user;
    const int64_t all = squares->dataset->samples, n = squares->network->parameter_count;
    int exponent;
    memset(product, 0, (size_t)n * sizeof *product);
    if (!find_exponent(n, v, &exponent)) {
        product[0] = NAN;
        return TALUS_OK;
    }
    load_direction(squares, v, exponent);
    tl_parameters_set(squares->network, theta);
    for (int64_t first = 0; first < all; first += squares->reach) {
        talus_status status = arrive(squares, first);
        if (status == TALUS_OK)
            status = add_block(squares, exponent, product);
        if (status != TALUS_OK)
            return status;
    }
    (void)tl_network_penalties(squares->network, v, NULL, 0, product);
    return TALUS_OK;
}
