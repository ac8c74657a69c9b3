#include "blas.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>

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
