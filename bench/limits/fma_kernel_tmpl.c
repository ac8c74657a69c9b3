/* Multiply-adds in registers, compiled for each precision and instruction set. The compiler fuses product
 * and sum where the instruction set can; at -O3 it unrolls the loops over the chains and keeps them in
 * registers. */
#include "limits/fma_kernel.h"

#if BENCH_PRECISION == 32
typedef float real;
#else
typedef double real;
#endif

typedef real vector __attribute__((vector_size(BENCH_VECTOR_BYTES)));

#define LANES  ((int)(sizeof(vector) / sizeof(real)))
#define CHAINS 12 /* 2 units × 4 or 5 cycles of latency need 8 to 10; with x and y they fit in 16 registers */
#define PASSES 256

#define PASTE_(precision, variant) bench_fma_f##precision##_##variant
#define PASTE(precision, variant)  PASTE_(precision, variant)
#define TEXT_(variant)             #variant
#define TEXT(variant)              TEXT_(variant)

/* a_i ← a_i·x + y with x = ½, y = 1 stays near 2, in as many independent chains as hide the latency of the
 * unit. The numbers come from outside, so that nothing can be computed beforehand. */
static double chains(int64_t repetitions, const double *seed)
{
    const vector zero = {0};
    vector a[CHAINS], x = zero + (real)seed[0], y = zero + (real)seed[1];
    for (int i = 0; i < CHAINS; i++)
        a[i] = zero + (real)seed[2 + i];
    for (int64_t r = 0; r < repetitions * PASSES; r++)
        for (int i = 0; i < CHAINS; i++)
            a[i] = a[i] * x + y;
    for (int i = 1; i < CHAINS; i++)
        a[0] += a[i];
    return (double)a[0][LANES - 1];
}

const bench_fma_kernel PASTE(BENCH_PRECISION, BENCH_VARIANT) = {TEXT(BENCH_VARIANT),
                                                                2.0 * CHAINS *LANES *PASSES, chains};
