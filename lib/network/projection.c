#include "network/projection.h"

#include <math.h>
#include <string.h>

#include "base/call.h"
#include "network/network.h"

static const char *projection_name(int kind)
{
    static const char *const names[TALUS_PROJECTION_COUNT] = {
        [TALUS_PROJECTION_PCA] = "pca",
        [TALUS_PROJECTION_PCA_WHITENING] = "pca_whitening",
        [TALUS_PROJECTION_ZCA_WHITENING] = "zca_whitening",
    };
    return names[kind];
}

const tl_names tl_projection_names = {TALUS_ENUMERATION_PROJECTION, TALUS_PROJECTION_COUNT, projection_name};

talus_status tl_projection_make(const talus_network *network, const char *call, int64_t columns, bool fitted,
                                tl_projection *made)
{
    const int64_t features = tl_network_inputs(network), size = (int64_t)sizeof(double);
    int64_t elements, bytes;
    double *numbers = NULL;
    *made = (tl_projection){0};
    if (tl_multiply(features, columns, &elements) && columns <= INT64_MAX / 4 &&
        elements <= INT64_MAX / 4 - 2 * columns && tl_multiply(2 * elements + 3 * columns, size, &bytes))
        numbers = tl_allocate(network->context, (size_t)bytes);
    if (numbers == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "%s: there is no memory for a projection of %lld columns to %lld", call,
                       (long long)columns, (long long)features);
    *made = (tl_projection){.columns = columns,
                            .features = features,
                            .variance_count = fitted ? columns : 0,
                            .matrix = numbers,
                            .factors = numbers + elements,
                            .mean = numbers + 2 * elements,
                            .variances = numbers + 2 * elements + columns,
                            .shares = numbers + 2 * elements + 2 * columns};
    return TALUS_OK;
}

void tl_projection_remove(talus_context *context, tl_projection *projection)
{
    tl_release(context, projection->matrix);
    *projection = (tl_projection){0};
}

talus_status tl_projection_copy(const talus_network *network, const char *call, const tl_projection *from,
                                tl_projection *to)
{
    *to = (tl_projection){0};
    if (from->columns == 0)
        return TALUS_OK;
    talus_status status = tl_projection_make(network, call, from->columns, from->variance_count > 0, to);
    if (status == TALUS_OK)
        memcpy(to->matrix, from->matrix,
               (size_t)(2 * from->features * from->columns + 3 * from->columns) * sizeof(double));
    return status;
}

static talus_status check_mean(const talus_network *network, const char *call, const tl_projection *made)
{
    for (int64_t j = 0; j < made->columns; j++)
        if (!isfinite(made->mean[j]))
            return tl_fail(network->context, TALUS_ERROR_DATA,
                           "%s: mean[%lld] must be a finite number, got %g", call, (long long)j,
                           made->mean[j]);
    return TALUS_OK;
}

/* λ descend and are at least 0; shares of their sum, which may be infinite where that of λ_k/λ_1 is not. */
static talus_status take_variances(const talus_network *network, const char *call, tl_projection *made)
{
    const double *variances = made->variances;
    double sum = 0;
    for (int64_t k = 0; k < made->variance_count; k++) {
        const double most = k == 0 ? INFINITY : variances[k - 1], variance = variances[k];
        if (!(isfinite(variance) && variance >= 0 && variance <= most))
            return tl_fail(
                network->context, TALUS_ERROR_DATA,
                "%s: the variances must be finite, at least 0 and in descending order, got %g at %lld", call,
                variance, (long long)k);
        sum += variance > 0 ? variance / variances[0] : 0;
    }
    for (int64_t k = 0; k < made->variance_count; k++)
        made->shares[k] = sum > 0 ? variances[k] / variances[0] / sum : 0;
    return TALUS_OK;
}

talus_status tl_projection_finish(const talus_network *network, const char *call, tl_projection *made)
{
    const bool narrow = network->precision == TALUS_DTYPE_F32;
    for (int64_t i = 0; i < made->features * made->columns; i++) {
        const double number = made->matrix[i];
        if (narrow)
            ((float *)made->factors)[i] = (float)number;
        else
            ((double *)made->factors)[i] = number;
        if (!(narrow ? isfinite((float)number) : isfinite(number)))
            return tl_fail(network->context, TALUS_ERROR_DATA,
                           "%s: matrix[%lld] must be a finite number of %s, got %g", call, (long long)i,
                           tl_dtype_name(network->precision), number);
    }
    talus_status status = check_mean(network, call, made);
    return status == TALUS_OK ? take_variances(network, call, made) : status;
}

void tl_projection_install(talus_network *network, tl_projection made)
{
    tl_projection_remove(network->context, &network->input_projection);
    network->input_projection = made;
    if (network->input_scaling.count > 1 && network->input_scaling.count != tl_network_columns(network))
        tl_scaling_remove(network->context, &network->input_scaling);
}

static talus_status project_inputs(talus_network *network, const double *matrix, const double *mean,
                                   int64_t columns)
{
    static const char call[] = "project_inputs";
    tl_projection made = {0};
    if (matrix == NULL) {
        tl_projection_install(network, made);
        return TALUS_OK;
    }
    if (columns < 1 || columns > INT32_MAX)
        return tl_fail(network->context, TALUS_ERROR_SHAPE, "%s: columns must be 1 … %d, got %lld", call,
                       INT32_MAX, (long long)columns);
    talus_status status = tl_projection_make(network, call, columns, false, &made);
    if (status != TALUS_OK)
        return status;
    memcpy(made.matrix, matrix, (size_t)(made.features * columns) * sizeof *matrix);
    if (mean != NULL)
        memcpy(made.mean, mean, (size_t)columns * sizeof *mean);
    status = tl_projection_finish(network, call, &made);
    if (status == TALUS_OK)
        tl_projection_install(network, made);
    else
        tl_projection_remove(network->context, &made);
    return status;
}

talus_status talus_network_project_inputs(talus_network *network, const double *matrix, const double *mean,
                                          int64_t columns)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, project_inputs(network, matrix, mean, columns)) : status;
}

talus_status talus_network_projection(const talus_network *network, int64_t *columns, const double **matrix,
                                      const double **mean)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (columns != NULL)
        *columns = network->input_projection.columns;
    if (matrix != NULL)
        *matrix = network->input_projection.matrix;
    if (mean != NULL)
        *mean = network->input_projection.mean;
    return TALUS_OK;
}

talus_status talus_network_projection_variances(const talus_network *network, int64_t *count,
                                                const double **variances, const double **shares)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    const tl_projection *projection = &network->input_projection;
    const bool fitted = projection->variance_count > 0;
    if (count != NULL)
        *count = projection->variance_count;
    if (variances != NULL)
        *variances = fitted ? projection->variances : NULL;
    if (shares != NULL)
        *shares = fitted ? projection->shares : NULL;
    return TALUS_OK;
}

int64_t talus_network_columns(const talus_network *network)
{
    return network == NULL ? 0 : tl_network_columns(network);
}
