#define TL_PRECISION 64 /* all of it */
/* What is done to solve a last layer, what is told of it, and what is written. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "linalg/blas_product.h"
#include "linalg/blas_threads.h"
#include "train/readout.h"

/* The solution --------------------------------------------------------------------------------------------- */

static bool all_finite(const double *numbers, int64_t count)
{
    bool all = true;
    for (int64_t i = 0; i < count; i++)
        all &= isfinite(numbers[i]) != 0;
    return all;
}

/* Infinite or NaN elements of H or Y make such ones here: products of others are bounded by the diagonal. */
static talus_status check_sums(const tl_readout *r)
{
    if (all_finite(r->normal, r->d * r->d) && all_finite(r->cross, r->k * r->d) &&
        all_finite(r->target_means, r->k) && all_finite(r->shift, r->d))
        return TALUS_OK;
    return tl_fail(r->network->context, TALUS_ERROR_DATA,
                   "%s: the inputs of the last layer and the targets must have finite sums of squares",
                   r->call);
}

static double dot(const double *a, const double *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Σ s·r² of W + Δ from those of W, exactly: ‖r − H·Δᵀ‖² = ‖r‖² − 2·Δ·(Hᵀr) + Δ·(HᵀH)·Δᵀ, for the Δ in `change`. */
static double squares_after_change(const tl_readout *r, int64_t o)
{
    const double *change = r->change + o * r->d;
    double squares = r->squares[o] - 2 * dot(change, r->cross + o * r->d, r->d) +
                     dot(change, r->product + o * r->d, r->d);
    return fmax(squares, 0);
}

static void multiply_change(tl_readout *r)
{
    int before = tl_blas_enter();
    tl_product_f64(r->k, r->d, r->d, r->change, r->d, r->normal, r->d, 0, r->product, r->d);
    tl_blas_leave(before);
}

/* W ← W + N⁻¹·(rᵀH − λ·Σs·W), for the residuals r of W. */
static void refine(tl_readout *r)
{
    const int64_t count = r->k * r->d;
    for (int64_t i = 0; i < count; i++)
        r->change[i] = r->cross[i] - r->ridge * r->weight * r->solution[i];
    int before = tl_blas_enter();
    tl_readout_solve_normal(r, r->change);
    tl_blas_leave(before);
    multiply_change(r);
    for (int64_t o = 0; o < r->k; o++)
        r->squares[o] = squares_after_change(r, o);
    for (int64_t i = 0; i < count; i++) {
        r->cross[i] -= r->product[i];
        r->solution[i] += r->change[i];
    }
}

/* The squares and rᵀH of a solution that is not refined, from those of Y: only where the residuals are not so much smaller than Y
 * that the difference would lack digits, else false. */
static bool take_residuals(tl_readout *r)
{
    const int64_t count = r->k * r->d;
    bool good = true;
    memcpy(r->change, r->solution, (size_t)count * sizeof(double));
    multiply_change(r);
    for (int64_t o = 0; o < r->k; o++)
        good &= squares_after_change(r, o) >= TL_READOUT_DIGITS * r->before[o];
    for (int64_t o = 0; o < r->k && good; o++)
        r->squares[o] = squares_after_change(r, o);
    for (int64_t i = 0; i < count && good; i++)
        r->cross[i] -= r->product[i];
    return good;
}

static talus_status solve_normal(tl_readout *r)
{
    talus_status status = TALUS_OK;
    int before = tl_blas_enter();
    memcpy(r->solution, r->cross, (size_t)(r->k * r->d) * sizeof(double));
    tl_readout_solve_normal(r, r->solution);
    tl_blas_leave(before);
    if (r->result.refinements == 0 && !take_residuals(r))
        r->result.refinements = 1;
    for (int i = 0; i < r->result.refinements && status == TALUS_OK; i++) {
        status = tl_readout_compare(r);
        if (status == TALUS_OK)
            refine(r);
    }
    return status;
}

static double parameter(const talus_network *network, int64_t at)
{
    return network->precision == TALUS_DTYPE_F32 ? (double)((const float *)network->parameters)[at]
                                                 : ((const double *)network->parameters)[at];
}

/* The squares of the layer as it is, from the data: of those of W, whose condition is bad here, the difference would have no digits. */
static talus_status compare_before(tl_readout *r)
{
    const int64_t first = tl_layer_part(tl_network_last(r->network), TALUS_PART_WEIGHTS)->offset,
                  count = r->k * r->d;
    memcpy(r->change, r->solution, (size_t)count * sizeof(double));
    for (int64_t i = 0; i < count; i++)
        r->solution[i] = parameter(r->network, first + i);
    talus_status status = tl_readout_compare(r);
    memcpy(r->before, r->squares, (size_t)r->k * sizeof(double));
    memcpy(r->solution, r->change, (size_t)count * sizeof(double));
    return status;
}

static talus_status solve_orthogonal(tl_readout *r)
{
    talus_status status = tl_readout_factor(r);
    if (status != TALUS_OK)
        return status;
    int before = tl_blas_enter();
    const bool converged = tl_readout_solve_orthogonal(r);
    tl_blas_leave(before);
    if (!converged)
        return tl_fail(r->network->context, TALUS_ERROR_DATA, "%s: the singular values did not converge",
                       r->call);
    status = compare_before(r);
    return status == TALUS_OK ? tl_readout_compare(r) : status;
}

static bool decompose(tl_readout *r)
{
    int before = tl_blas_enter();
    const bool good = !r->options.orthogonal && tl_readout_decompose(r);
    tl_blas_leave(before);
    return good;
}

/* The network ---------------------------------------------------------------------------------------------- */

static void set_parameter(talus_network *network, int64_t at, double value)
{
    if (network->precision == TALUS_DTYPE_F32)
        ((float *)network->parameters)[at] = (float)value;
    else
        ((double *)network->parameters)[at] = value;
}

/* Half the mean of squares, of which outputs have their weights. */
static double cost_of(const tl_readout *r, const double *squares)
{
    double sum = 0;
    for (int64_t o = 0; o < r->k; o++)
        sum += (r->network->output_weights == NULL ? 1 : r->network->output_weights[o]) * squares[o];
    return sum / (2 * r->weight);
}

/* ȳ − W·h̄ */
static double bias_for(const tl_readout *r, const double *weights, int64_t o)
{
    return r->target_means[o] - dot(weights, r->shift, r->d);
}

/* The squares of the layer as it is, which become `spread`. */
static void measure_before(tl_readout *r)
{
    const talus_network *network = r->network;
    const tl_part *weights = tl_layer_part(tl_network_last(network), TALUS_PART_WEIGHTS),
                  *biases = tl_layer_part(tl_network_last(network), TALUS_PART_BIASES);
    for (int64_t i = 0; i < r->k * r->d; i++)
        r->change[i] = parameter(network, weights->offset + i) - r->solution[i];
    multiply_change(r);
    for (int64_t o = 0; o < r->k; o++) {
        double *row = r->transposed, off = 0;
        for (int64_t j = 0; j < r->d; j++)
            row[j] = parameter(network, weights->offset + o * r->d + j);
        if (r->biases)
            off = bias_for(r, row, o) - parameter(network, biases->offset + o);
        r->spread[o] = (r->result.orthogonal ? r->before[o] : squares_after_change(r, o)) +
                       r->weight * off * off;
    }
}

/* The mean over the outputs whose targets differ. */
static double r2(const tl_readout *r)
{
    double sum = 0, count = 0;
    for (int64_t o = 0; o < r->k; o++)
        if (r->spread[o] > 0) {
            sum += 1 - r->squares[o] / r->spread[o];
            count++;
        }
    return count > 0 ? sum / count : NAN;
}

static void measure(tl_readout *r)
{
    r->result.columns = r->d;
    r->result.squares = 0;
    for (int64_t o = 0; o < r->k; o++)
        r->result.squares += r->squares[o];
    r->result.r2 = r2(r);
    r->result.cost = cost_of(r, r->squares);
    measure_before(r);
    r->result.cost_before = cost_of(r, r->spread);
}

/* Rounds W, makes b for it, and checks both: change and transposed are what will be written. */
static talus_status round_solution(const tl_readout *r)
{
    const bool is_f32 = r->network->precision == TALUS_DTYPE_F32;
    for (int64_t i = 0; i < r->k * r->d; i++)
        r->change[i] = is_f32 ? (double)(float)r->solution[i] : r->solution[i];
    for (int64_t o = 0; o < r->k && r->biases; o++) {
        const double bias = bias_for(r, r->change + o * r->d, o);
        r->target_shift[o] = is_f32 ? (double)(float)bias : bias;
    }
    if (all_finite(r->change, r->k * r->d) && all_finite(r->target_shift, r->k))
        return TALUS_OK;
    return tl_fail(r->network->context, TALUS_ERROR_DATA, "%s: the solution exceeds the range of %s", r->call,
                   tl_dtype_name(r->network->precision));
}

static void write_solution(const tl_readout *r)
{
    const tl_layer *last = tl_network_last(r->network);
    for (int64_t i = 0; i < r->k * r->d; i++)
        set_parameter(r->network, tl_layer_part(last, TALUS_PART_WEIGHTS)->offset + i, r->change[i]);
    for (int64_t o = 0; o < r->k && r->biases; o++)
        set_parameter(r->network, tl_layer_part(last, TALUS_PART_BIASES)->offset + o, r->target_shift[o]);
}

talus_status tl_readout_solve(tl_readout *r)
{
    const double start = tl_now();
    talus_status status = tl_readout_gather(r);
    if (status == TALUS_OK)
        status = check_sums(r);
    if (status != TALUS_OK)
        return status;
    status = decompose(r) ? solve_normal(r) : solve_orthogonal(r);
    if (status == TALUS_OK && r->options.full_rank && r->result.rank < r->d)
        status = tl_fail(r->network->context, TALUS_ERROR_DATA,
                         "%s: the inputs of the last layer must have the rank %lld, got %lld", r->call,
                         (long long)r->d, (long long)r->result.rank);
    if (status == TALUS_OK) {
        measure(r);
        status = round_solution(r);
    }
    if (status != TALUS_OK)
        return status;
    write_solution(r);
    r->result.seconds = tl_now() - start;
    return TALUS_OK;
}
