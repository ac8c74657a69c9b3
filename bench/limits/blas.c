#include "limits/blas.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talus/matrix.h>

#include "measure/numbers.h"
#include "measure/stats.h"

#define ALIGNMENT 64

/* Other CBLAS libraries do not have these. */
extern char *openblas_get_config(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));
extern int openblas_get_parallel(void) __attribute__((weak));
extern int openblas_get_num_threads(void) __attribute__((weak));
extern void openblas_set_num_threads(int threads) __attribute__((weak));

/* The first two words of a configuration such as "OpenBLAS 0.3.21 NO_LAPACKE …". */
static int name_and_version(const char *config)
{
    const char *space = strchr(config, ' ');
    const char *end = space ? strchr(space + 1, ' ') : NULL;
    return end ? (int)(end - config) : (int)strlen(config);
}

void bench_blas_name(char *text, int bytes)
{
    static const char *const threading[] = {"serial", "pthread", "openmp"};
    if (!openblas_get_config || !openblas_get_parallel) {
        snprintf(text, (size_t)bytes, "unknown");
        return;
    }
    const char *config = openblas_get_config();
    int parallel = openblas_get_parallel();
    snprintf(text, (size_t)bytes, "%.*s %s", name_and_version(config), config,
             parallel >= 0 && parallel < 3 ? threading[parallel] : "");
}

const char *bench_blas_core(void)
{
    return openblas_get_corename ? openblas_get_corename() : "unknown";
}

int bench_blas_threads(int threads)
{
    if (!openblas_get_num_threads || !openblas_set_num_threads)
        return 0;
    int before = openblas_get_num_threads();
    if (threads > 0)
        openblas_set_num_threads(threads);
    return before;
}

void bench_blas_product(int precision, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k,
                        const void *A, int64_t lda, const void *B, int64_t ldb, bool add, void *C,
                        int64_t ldc)
{
    CBLAS_TRANSPOSE ta = trans_a ? CblasTrans : CblasNoTrans, tb = trans_b ? CblasTrans : CblasNoTrans;
    int M = (int)m, N = (int)n, K = (int)k, a = (int)lda, b = (int)ldb, c = (int)ldc;
    if (precision == TALUS_DTYPE_F32)
        cblas_sgemm(CblasRowMajor, ta, tb, M, N, K, 1, A, a, B, b, add ? 1 : 0, C, c);
    else
        cblas_dgemm(CblasRowMajor, ta, tb, M, N, K, 1, A, a, B, b, add ? 1 : 0, C, c);
}

void *bench_random_matrix(int precision, int64_t count, double scale, uint64_t *state)
{
    size_t bytes = (size_t)count * bench_number_bytes(precision);
    void *data = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    for (int64_t i = 0; i < count && data; i++)
        bench_number_set(data, precision, i, scale * bench_uniform(state));
    return data;
}
