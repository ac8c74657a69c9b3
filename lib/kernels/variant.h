/* Names of what a kernel template defines: K(relu) is tl_relu_f32_avx2 in the compilation with TL_PRECISION 32
 * and TL_VARIANT avx2. Only templates of this folder include this header. */
#ifndef TL_KERNELS_VARIANT_H
#define TL_KERNELS_VARIANT_H

#include "base/real.h"

#define TL_PASTE_(name, precision, variant) tl_##name##_f##precision##_##variant
#define TL_PASTE(name, precision, variant)  TL_PASTE_(name, precision, variant)
#define K(name)                             TL_PASTE(name, TL_PRECISION, TL_VARIANT)

/* The vector registers of this variant: their size and number, and the reals in one. */
#ifndef TL_VECTOR_BYTES
#define TL_VECTOR_BYTES 16
#endif
#ifndef TL_REGISTERS
#define TL_REGISTERS 16
#endif
#define TL_LANES ((int)(TL_VECTOR_BYTES / sizeof(real)))

/* Before a loop of at most 16 rounds whose number is known: without the loop, what it indexes lives in registers. */
#ifdef __clang__
#define TL_UNROLL _Pragma("clang loop unroll(full)")
#else
#define TL_UNROLL _Pragma("GCC unroll 16")
#endif

#endif
