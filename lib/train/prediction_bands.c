#define TL_PRECISION 64 /* of covariances */
#include <math.h>

#include "base/call.h"
#include "engine/arguments.h"
#include "engine/parameter_rows.h"
#include "linalg/blas_product.h"
#include "linalg/blas_threads.h"
#include "train/levenberg_marquardt.h"

/* A call under way, block by block of samples. */
typedef struct bands {
    tl_pass pass;
    talus_context *context;
    talus_matrix covariance, outputs, errors; /* outputs: data NULL if they are not wanted */
    double deviation, factor;
    int64_t samples, rows;      /* of a block: at most so many samples; rows of J that it has now */
    double *jacobian, *product; /* J and J·Σ of a block */
} bands;

/* What the caller gives ---------------------------------------------------------------------------------- */

static talus_status check_number(const bands *b, const char *name, double value, bool may_be_zero)
{
    if (isfinite(value) && (value > 0 || (may_be_zero && value == 0)))
        return TALUS_OK;
    return tl_fail(b->context, TALUS_ERROR_ARGUMENT, "prediction_bands: %s must be finite and %s 0, got %g",
                   name, may_be_zero ? "at least" : "above", value);
}

static talus_status check_covariance(bands *b, const talus_matrix *covariance)
{
    const int64_t n = b->pass.network->parameter_count;
    talus_status status = tl_check_matrix(b->context, "covariance", covariance, TL_DTYPE(TALUS_DTYPE_F64),
                                          &b->covariance);
    if (status == TALUS_OK && (b->covariance.rows != n || b->covariance.cols != n))
        status = tl_fail(b->context, TALUS_ERROR_SHAPE,
                         "covariance must be %lld × %lld, as the network has parameters, got %lld × %lld",
                         (long long)n, (long long)n, (long long)b->covariance.rows,
                         (long long)b->covariance.cols);
    for (int64_t i = 0; status == TALUS_OK && i < n; i++)
        for (int64_t j = 0; status == TALUS_OK && j < n; j++) {
            const double value = ((const double *)b->covariance.data)[i * b->covariance.stride + j];
            if (!isfinite(value))
                status = tl_fail(
                    b->context, TALUS_ERROR_DATA,
                    "covariance, row %lld, column %lld (counted from 0): the value must be finite, "
                    "got %g",
                    (long long)i, (long long)j, value);
        }
    return status;
}

static talus_status check_network(const bands *b)
{
    const talus_network *network = b->pass.network;
    talus_status status = tl_check_slopes(b->context, network, "prediction_bands");
    for (int l = 1; status == TALUS_OK && l <= network->layer_count; l++)
        if (network->layers[l].norm->of_batch)
            status = tl_fail(b->context, TALUS_ERROR_ARGUMENT,
                             "prediction_bands: layer %d must not be normalised over the batch, since its "
                             "statistics have errors of their own",
                             l);
    for (int r = 0; status == TALUS_OK && b->deviation > 0 && r < network->range_count; r++)
        if (!network->ranges[r].loss_kind->squares)
            status = tl_fail(
                b->context, TALUS_ERROR_ARGUMENT,
                "prediction_bands: deviation must be 0 with a loss other than squared_error, got %g",
                b->deviation);
    return status;
}

static talus_status begin(bands *b, const talus_network *network, talus_workspace *workspace,
                          const talus_matrix *inputs, const talus_matrix *covariance,
                          const talus_matrix *outputs, const talus_matrix *errors)
{
    talus_status status = tl_pass_begin(network, workspace, &b->pass);
    if (status == TALUS_OK)
        status = tl_pass_inputs(&b->pass, inputs);
    if (status == TALUS_OK)
        status = check_covariance(b, covariance);
    if (status == TALUS_OK)
        status = check_number(b, "deviation", b->deviation, true);
    if (status == TALUS_OK)
        status = check_number(b, "factor", b->factor, false);
    if (status == TALUS_OK && outputs != NULL)
        status = tl_pass_matrix(&b->pass, "outputs", outputs, tl_network_outputs(network), &b->outputs);
    if (status == TALUS_OK)
        status = tl_pass_matrix(&b->pass, "errors", errors, tl_network_outputs(network), &b->errors);
    return status == TALUS_OK ? check_network(b) : status;
}

static talus_status reserve(bands *b)
{
    enum { ROWS = 256 };
    const talus_network *network = b->pass.network;
    const int64_t outputs = tl_network_outputs(network), most = tl_larger(ROWS / outputs, 1);
    b->samples = tl_smaller(tl_smaller(most, b->pass.samples), b->pass.workspace->plan.max_batch);
    const size_t bytes = (size_t)(b->samples * outputs * network->parameter_count) * sizeof(double);
    b->jacobian = tl_allocate(b->context, bytes);
    b->product = tl_allocate(b->context, bytes);
    if (b->jacobian != NULL && b->product != NULL)
        return TALUS_OK;
    return tl_fail(b->context, TALUS_ERROR_MEMORY,
                   "prediction_bands: the allocator returned no memory for %lld rows of a Jacobian",
                   (long long)(b->samples * outputs));
}

/* A block --------------------------------------------------------------------------------------------------- */

enum { COLUMNS = 256 }; /* of a task */

static void multiply_columns(void *job, int64_t task, int worker)
{
    const bands *b = job;
    const int64_t n = b->pass.network->parameter_count, first = task * COLUMNS;
    (void)worker;
    tl_product_f64(b->rows, tl_smaller(COLUMNS, n - first), n, b->jacobian, n,
                   (const double *)b->covariance.data + first, b->covariance.stride, 0, b->product + first,
                   n);
}

/* J·Σ */
static void multiply(bands *b)
{
    const int64_t tasks = tl_divide_up(b->pass.network->parameter_count, COLUMNS);
    const int before = tl_blas_enter_for(b->context);
    tl_blas_run(b->context->pool, multiply_columns, b, tasks);
    tl_blas_leave(before);
}

/* The error of a row as the caller has it. */
static talus_status find_error(const bands *b, int64_t row, int64_t k, double *error)
{
    const talus_network *network = b->pass.network;
    const int64_t n = network->parameter_count;
    const tl_scaling *scaling = tl_scaling_of_outputs(network);
    const double *j = b->jacobian + row * n, *product = b->product + row * n,
                 weight = network->output_weights == NULL || b->deviation == 0 ? 1
                                                                               : network->output_weights[k];
    double variance = 0, size = 0;
    for (int64_t c = 0; c < n; c++) {
        variance += j[c] * product[c];
        size += fabs(j[c] * product[c]);
    }
    if (variance < -1e-6 * size)
        return tl_fail(
            b->context, TALUS_ERROR_DATA,
            "prediction_bands: the covariance must have no negative eigenvalues, got the variance %g "
            "of an output",
            variance);
    *error = b->factor * sqrt(fmax(variance, 0) + b->deviation * b->deviation / weight);
    if (scaling->count > 0)
        *error *= fabs(scaling->inverse[scaling->count > 1 ? k : 0]);
    return TALUS_OK;
}

static void put(const talus_matrix *to, int64_t row, int64_t col, double value)
{
    if (to->dtype == TALUS_DTYPE_F64)
        ((double *)to->data)[row * to->stride + col] = value;
    else
        ((float *)to->data)[row * to->stride + col] = (float)value;
}

/* Samples first … first + count − 1. */
static talus_status run_block(bands *b, const talus_matrix *inputs, int64_t first, int64_t count)
{
    const int64_t outputs = tl_network_outputs(b->pass.network);
    b->pass.work = TL_FORWARD | TL_KEEP;
    b->pass.inputs.matrix = tl_matrix_from_row(*inputs, first);
    if (b->outputs.data != NULL)
        b->pass.outputs = tl_matrix_from_row(b->outputs, first);
    b->pass.samples = count;
    b->pass.first_row = first;
    talus_status status = tl_pass_run(&b->pass, NULL);
    if (status != TALUS_OK)
        return status;
    b->rows = count * outputs;
    tl_jacobian_run(
        &(tl_jacobian){.pass = &b->pass, .rows = b->jacobian, .ld = b->pass.network->parameter_count});
    multiply(b);
    for (int64_t row = 0; status == TALUS_OK && row < b->rows; row++) {
        double error = 0;
        status = find_error(b, row, row % outputs, &error);
        put(&b->errors, first + row / outputs, row % outputs, error);
    }
    return status;
}

static talus_status run(bands *b)
{
    const int64_t samples = b->pass.samples;
    const talus_matrix inputs = b->pass.inputs.matrix;
    b->pass.workspace->kept = 0;
    talus_status status = reserve(b);
    for (int64_t first = 0; status == TALUS_OK && first < samples; first += b->samples)
        status = run_block(b, &inputs, first, tl_smaller(b->samples, samples - first));
    tl_release(b->context, b->jacobian);
    tl_release(b->context, b->product);
    return status;
}

talus_status talus_prediction_bands(const talus_network *network, talus_workspace *workspace,
                                    const talus_matrix *inputs, const talus_matrix *covariance,
                                    double deviation, double factor, const talus_matrix *outputs,
                                    const talus_matrix *errors)
{
    tl_call call;
    bands b = {
        .context = workspace == NULL ? NULL : workspace->context, .deviation = deviation, .factor = factor};
    talus_status status = tl_call_begin(&call, b.context);
    if (status != TALUS_OK)
        return status;
    status = begin(&b, network, workspace, inputs, covariance, outputs, errors);
    return tl_call_end(&call, status == TALUS_OK ? run(&b) : status);
}
