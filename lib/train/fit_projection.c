/* The projection of a network that fits a data set. */
#define TL_PRECISION 64 /* whatever the network's is */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/call.h"
#include "linalg/blas_threads.h"
#include "linalg/factor.h"
#include "network/network.h"
#include "train/fit_scaling.h"
#include "train/input_spectrum.h"

/* What a fit is asked for. */
typedef struct request {
    talus_context *context;
    const char *call;
    const talus_dataset *dataset;
    int scaling, kind;
    double share, epsilon;
} request;

/* What is known of the kinds: whether they divide by deviations, and turn back to the columns. */
static const struct {
    bool whitens, turns_back;
} kinds[TALUS_PROJECTION_COUNT] = {
    [TALUS_PROJECTION_PCA] = {false, false},
    [TALUS_PROJECTION_PCA_WHITENING] = {true, false},
    [TALUS_PROJECTION_ZCA_WHITENING] = {true, true},
};

static talus_status check_numbers(const request *r)
{
    if (!(r->share >= 0 && r->share <= 1))
        return tl_fail(r->context, TALUS_ERROR_ARGUMENT, "%s: share must be 0 … 1, got %g", r->call,
                       r->share);
    if (!(r->epsilon >= 0 && isfinite(r->epsilon)))
        return tl_fail(r->context, TALUS_ERROR_ARGUMENT,
                       "%s: epsilon must be a finite number of at least 0, got %g", r->call, r->epsilon);
    if (r->epsilon > 0 && !kinds[r->kind].whitens)
        return tl_fail(r->context, TALUS_ERROR_ARGUMENT,
                       "%s: epsilon must be 0 for %s, which does not whiten, got %g", r->call,
                       talus_projection_kind_name(r->kind), r->epsilon);
    return TALUS_OK;
}

static talus_status check(const request *r)
{
    if (r->dataset == NULL)
        return tl_fail(r->context, TALUS_ERROR_ARGUMENT, "%s: dataset must not be NULL", r->call);
    if (r->kind < 0 || r->kind >= TALUS_PROJECTION_COUNT)
        return tl_fail(r->context, TALUS_ERROR_ARGUMENT,
                       "%s: kind must be one of pca, pca_whitening, zca_whitening; got %d", r->call, r->kind);
    talus_status status = r->scaling == -1
                              ? TALUS_OK
                              : tl_check_scaling_kind(r->context, r->call, "scaling", r->scaling);
    return status == TALUS_OK ? check_numbers(r) : status;
}

/* The columns that a network with so many inputs can be fitted to. */
static talus_status check_columns(const request *r, const talus_network *network)
{
    const int64_t columns = r->dataset->inputs.cols, inputs = tl_network_inputs(network);
    if (kinds[r->kind].turns_back ? columns != inputs : columns < inputs)
        return tl_fail(
            r->context, TALUS_ERROR_SHAPE,
            "%s: dataset must have %s%lld columns of inputs, the features of the network, for %s, got %lld",
            r->call, kinds[r->kind].turns_back ? "" : "at least ", (long long)inputs,
            talus_projection_kind_name(r->kind), (long long)columns);
    const int64_t pairs = network->input_scaling.count;
    if (r->scaling == -1 && pairs > 1 && pairs != columns)
        return tl_fail(
            r->context, TALUS_ERROR_SHAPE,
            "%s: the scaling of the network, which is to stay, must be of 1 or %lld pairs, got %lld", r->call,
            (long long)columns, (long long)pairs);
    return TALUS_OK;
}

/* The columns of the data set are looked at, and the scaling that it has stays. */
static talus_status keep_scaling(const request *r, const tl_scaling *kept, tl_columns *columns,
                                 tl_scaling *scaling)
{
    talus_status status = tl_columns_compute(r->context, r->call, r->dataset, false, 0, columns);
    if (status != TALUS_OK)
        return status;
    tl_note_constants(r->context, r->call, columns, "add nothing to the covariance");
    return tl_scaling_copy(r->context, r->call, kept, scaling);
}

/* The scaling that is projected: fitted, or a copy of what there is. */
static talus_status find_scaling(const request *r, const tl_scaling *kept, tl_scaling *scaling)
{
    tl_columns columns;
    talus_status status;
    *scaling = (tl_scaling){0};
    if (r->scaling == -1) {
        status = keep_scaling(r, kept, &columns, scaling);
    } else {
        status = tl_scaling_fit(r->context, r->call, r->dataset, false, r->scaling, &columns);
        if (status == TALUS_OK)
            status = tl_scaling_make(r->context, r->call, columns.count, columns.least, columns.most,
                                     scaling);
    }
    tl_columns_destroy(r->context, &columns);
    return status;
}

/* So many components are kept. */
static talus_status count_components(const request *r, const tl_input_spectrum *spectrum, int64_t most,
                                     int64_t *kept)
{
    *kept = most;
    if (r->share > 0) {
        const int64_t needed = tl_input_spectrum_components(spectrum, r->share);
        *kept = needed < most ? needed : most;
    }
    if (*kept >= r->dataset->samples)
        return tl_fail(r->context, TALUS_ERROR_DATA,
                       "%s: dataset must have more samples than the %lld components that are kept, got %lld",
                       r->call, (long long)*kept, (long long)r->dataset->samples);
    const double least = spectrum->variances[*kept - 1];
    if (kinds[r->kind].whitens && r->epsilon == 0 &&
        least <= (double)spectrum->columns * DBL_EPSILON * spectrum->variances[0])
        return tl_fail(r->context, TALUS_ERROR_DATA,
                       "%s: component %lld of %lld has no variance to divide by (%g, the first has %g): "
                       "epsilon must be above 0, or share below 1",
                       r->call, (long long)*kept, (long long)*kept, least, spectrum->variances[0]);
    return TALUS_OK;
}

/* The rows of V, times (λ + ε)^power. */
static void put_rows(const tl_input_spectrum *spectrum, int64_t kept, double epsilon, double power,
                     double *rows)
{
    const int64_t p = spectrum->columns;
    for (int64_t k = 0; k < kept; k++) {
        const double factor = power == 0 ? 1 : pow(spectrum->variances[k] + epsilon, power);
        for (int64_t j = 0; j < p; j++)
            rows[k * p + j] = factor * spectrum->vectors[k * p + j];
    }
}

/* T = Bᵀ·B for B = diag((λ + ε)^(−1/4))·V, in the place of V */
static void put_symmetric(const request *r, tl_input_spectrum *spectrum, int64_t kept, double *matrix)
{
    const int64_t p = spectrum->columns;
    put_rows(spectrum, kept, r->epsilon, -0.25, spectrum->vectors);
    const int before = tl_blas_enter_for(r->context);
    TL(tl_gram)(kept, p, spectrum->vectors, p, 0, matrix, p);
    tl_blas_leave(before);
    for (int64_t i = 0; i < p; i++)
        for (int64_t j = 0; j < i; j++)
            matrix[j * p + i] = matrix[i * p + j];
}

static talus_status make(const request *r, const talus_network *network, tl_input_spectrum *spectrum,
                         tl_projection *made)
{
    int64_t kept;
    *made = (tl_projection){0};
    talus_status status = count_components(r, spectrum, tl_network_inputs(network), &kept);
    if (status == TALUS_OK)
        status = tl_projection_make(network, r->call, spectrum->columns, true, made);
    if (status != TALUS_OK)
        return status;
    memcpy(made->mean, spectrum->mean, (size_t)spectrum->columns * sizeof(double));
    memcpy(made->variances, spectrum->variances, (size_t)spectrum->columns * sizeof(double));
    if (kinds[r->kind].turns_back)
        put_symmetric(r, spectrum, kept, made->matrix);
    else
        put_rows(spectrum, kept, r->epsilon, kinds[r->kind].whitens ? -0.5 : 0, made->matrix);
    return tl_projection_finish(network, r->call, made);
}

static talus_status fit(const request *r, talus_network *network)
{
    tl_scaling scaling = {0};
    tl_input_spectrum spectrum = {0};
    tl_projection made = {0};
    talus_status status = check(r);
    if (status == TALUS_OK)
        status = check_columns(r, network);
    if (status == TALUS_OK)
        status = find_scaling(r, &network->input_scaling, &scaling);
    if (status == TALUS_OK)
        status = tl_input_spectrum_compute(r->context, r->call, r->dataset, &scaling, network->input_clip,
                                           &spectrum);
    if (status == TALUS_OK)
        status = make(r, network, &spectrum, &made);
    tl_input_spectrum_destroy(r->context, &spectrum);
    if (status != TALUS_OK) {
        tl_scaling_remove(r->context, &scaling);
        tl_projection_remove(r->context, &made);
        return status;
    }
    tl_projection_install(network, made);
    tl_scaling_remove(r->context, &network->input_scaling);
    network->input_scaling = scaling;
    return TALUS_OK;
}

talus_status talus_network_fit_projection(talus_network *network, const talus_dataset *dataset, int scaling,
                                          int kind, double share, double epsilon)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, network == NULL ? NULL : network->context);
    const request r = {.context = network == NULL ? NULL : network->context,
                       .call = "fit_projection",
                       .dataset = dataset,
                       .scaling = scaling,
                       .kind = kind,
                       .share = share,
                       .epsilon = epsilon};
    return status == TALUS_OK ? tl_call_end(&call, fit(&r, network)) : status;
}

static talus_status find_components(const request *r, double clip, int64_t *count)
{
    tl_scaling scaling = {0};
    tl_input_spectrum spectrum = {0};
    talus_status status = check(r);
    if (status != TALUS_OK)
        return status;
    if (r->share == 0)
        return tl_fail(r->context, TALUS_ERROR_ARGUMENT, "%s: share must be above 0, got 0", r->call);
    if (count == NULL)
        return tl_fail(r->context, TALUS_ERROR_ARGUMENT, "%s: count must not be NULL", r->call);
    status = tl_check_clip(r->context, r->call, clip);
    if (status == TALUS_OK)
        status = find_scaling(r, &(const tl_scaling){0}, &scaling);
    if (status == TALUS_OK)
        status = tl_input_spectrum_compute(r->context, r->call, r->dataset, &scaling, clip, &spectrum);
    if (status == TALUS_OK)
        *count = tl_input_spectrum_components(&spectrum, r->share);
    tl_input_spectrum_destroy(r->context, &spectrum);
    tl_scaling_remove(r->context, &scaling);
    return status;
}

talus_status talus_projection_components(talus_context *context, const talus_dataset *dataset, int scaling,
                                         double clip, double share, int64_t *count)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    const request r = {.context = context,
                       .call = "projection_components",
                       .dataset = dataset,
                       .scaling = scaling,
                       .share = share};
    return status == TALUS_OK ? tl_call_end(&call, find_components(&r, clip, count)) : status;
}
