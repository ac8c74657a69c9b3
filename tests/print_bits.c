/* Prints the bits of training runs, to be compared between builds of the BLAS, and checks that the thread settings of
 * the BLAS and of OpenMP are after a call what they were. */
#include <stdio.h>

#include "training_bits.h"

__attribute__((weak)) extern int openblas_get_parallel(void);
__attribute__((weak)) extern int openblas_get_num_threads(void);
__attribute__((weak)) extern int omp_get_max_threads(void);

static int blas_threads(void)
{
    return openblas_get_num_threads == NULL ? 0 : openblas_get_num_threads();
}

static int omp_threads(void)
{
    return omp_get_max_threads == NULL ? 0 : omp_get_max_threads();
}

static const char *plan; /* entries, such as "avx512 f32 products=blas" */

START_TEST(print_bits)
{
    int blas = blas_threads(), omp = omp_threads();
    for (int precision = TALUS_F32; precision <= TALUS_F64; precision++)
        for (int method = 0; method < TALUS_METHOD_COUNT; method++)
            for (int threads = 1; threads <= 3; threads += 2) {
                training_run run = {
                    .threads = threads, .precision = precision, .method = method, .steps = 40, .plan = plan};
                printf("bits %016llx\n", (unsigned long long)training_bits(&run));
            }
    ck_assert_int_eq(blas_threads(), blas);
    ck_assert_int_eq(omp_threads(), omp);
    int kind = openblas_get_parallel == NULL ? -1 : openblas_get_parallel();
    fprintf(stderr, "OpenBLAS of kind %d, %d threads, OpenMP %d threads\n", kind, blas, omp);
}
END_TEST

int main(int argc, char **argv)
{
    plan = argc > 1 ? argv[1] : NULL;
    Suite *suite = suite_create("print bits");
    add_case(suite, "bits", print_bits);
    return run_suite(suite);
}
