/* Prints the bits of training runs, to be compared between builds of the BLAS, with a word where a method calls it in any case.
 * Checks that they do not depend on the threads, nor on being called from a parallel region of the caller's, and that the thread
 * settings of the BLAS and of OpenMP are after a call what they were. */
#include <stdio.h>

#include "optimize/rule.h"
#include "training_bits.h"
#ifdef TEST_OPENMP
#include <omp.h>
#endif

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

static uint64_t run_bits(int threads, int precision, int method)
{
    training_run run = {
        .threads = threads, .precision = precision, .method = method, .steps = 8, .plan = plan};
    return training_bits(&run);
}

START_TEST(print_bits)
{
    int blas = blas_threads(), omp = omp_threads();
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
            uint64_t bits = run_bits(1, precision, method);
            printf("bits%s %016llx\n", tl_rule_of(method)->matrices == NULL ? "" : " of the BLAS",
                   (unsigned long long)bits);
            ck_assert(run_bits(3, precision, method) == bits);
        }
    ck_assert_int_eq(blas_threads(), blas);
    ck_assert_int_eq(omp_threads(), omp);
    int kind = openblas_get_parallel == NULL ? -1 : openblas_get_parallel();
    fprintf(stderr, "OpenBLAS of kind %d, %d threads, OpenMP %d threads\n", kind, blas, omp);
}
END_TEST

#ifdef TEST_OPENMP
/* Each thread of the caller's own region trains in a context of its own. */
START_TEST(print_bits_from_a_region)
{
    enum { TEAM = 3 };
    uint64_t alone = run_bits(1, TALUS_DTYPE_F32, TALUS_ADAM), found[TEAM] = {0};
    int blas = blas_threads(), omp = omp_threads(), before[TEAM] = {0}, after[TEAM] = {0};
#pragma omp parallel num_threads(TEAM)
    {
        int me = omp_get_thread_num();
        omp_set_num_threads(5 + me);
        before[me] = omp_threads();
        found[me] = run_bits(1 + me, TALUS_DTYPE_F32, TALUS_ADAM);
        after[me] = omp_threads();
    }
    for (int i = 0; i < TEAM; i++) {
        ck_assert(found[i] == alone);
        ck_assert_int_eq(before[i], 5 + i);
        ck_assert_int_eq(after[i], before[i]);
    }
    omp_set_num_threads(omp);
    ck_assert_int_eq(blas_threads(), blas);
    printf("bits %016llx\n", (unsigned long long)found[TEAM - 1]);
}
END_TEST
#endif

int main(int argc, char **argv)
{
    plan = argc > 1 ? argv[1] : NULL;
    Suite *suite = suite_create("print bits");
    add_case(suite, "bits", print_bits);
#ifdef TEST_OPENMP
    add_case(suite, "OpenMP", print_bits_from_a_region);
#endif
    return run_suite(suite);
}
