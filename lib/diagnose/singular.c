#define TL_PRECISION 64 /* of the factorisation */
#include "diagnose/singular.h"

#include <math.h>

#include "base/real.h"
#include "kernels/source.h"
#include "linalg/blas_threads.h"
#include "linalg/factor.h"

static talus_status copy(const talus_network *network, const char *call, int l, const double *rows,
                         const double *cols, double *to)
{
    tl_source from = {0};
    (void)talus_network_weights(network, NULL, l, &from.matrix);
    for (int64_t i = 0; i < from.matrix.rows; i++)
        for (int64_t j = 0; j < from.matrix.cols; j++) {
            double w = tl_source_value(&from, i, j), scaled = w;
            scaled *= rows == NULL ? 1 : rows[i];
            scaled *= cols == NULL ? 1 : cols[j];
            if (!isfinite(scaled))
                return tl_fail(network->context, TALUS_ERROR_DATA,
                               "%s: layer %d: its parameters and scalings must be finite, got %g at row "
                               "%lld, column %lld (counted from 0) of the weights",
                               call, l, scaled, (long long)i, (long long)j);
            to[i * from.matrix.cols + j] = scaled;
        }
    return TALUS_OK;
}

static talus_status factorize(talus_context *context, const char *call, int64_t m, int64_t n, double *a,
                              double *values, double *work, int64_t count, int32_t *counts)
{
    int before = tl_blas_enter_for(context);
    bool converged = tl_singular_f64(m, n, a, n, values, NULL, m, NULL, n, work, count, counts);
    tl_blas_leave(before);
    return converged ? TALUS_OK
                     : tl_fail(context, TALUS_ERROR_DATA,
                               "%s: the singular values of %lld × %lld weights did not converge", call,
                               (long long)m, (long long)n);
}

talus_status tl_singular_values(const talus_network *network, const char *call, int l, const double *rows,
                                const double *cols, double *values)
{
    talus_context *context = network->context;
    const int64_t m = network->layers[l].width, n = network->layers[l].inputs, k = m < n ? m : n,
                  count = tl_singular_work_f64(m, n, false);
    int64_t numbers = 0;
    double *a = NULL;
    if (tl_multiply(m, n, &numbers) && tl_multiply(numbers + count + 4 * k, sizeof *a, &numbers))
        a = tl_allocate_unfilled(context, (size_t)numbers);
    if (a == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for a copy of %lld × %lld weights", call,
                       (long long)m, (long long)n);
    double *work = a + m * n;
    talus_status status = copy(network, call, l, rows, cols, a);
    if (status == TALUS_OK)
        status = factorize(context, call, m, n, a, values, work, count, (int32_t *)(work + count));
    tl_release(context, a);
    return status;
}
