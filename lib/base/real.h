/* One text, two precisions: files named *_tmpl.c are compiled with TL_PRECISION 32 and 64.
 *
 *   real          float or double
 *   R(1.5)        a literal of this type
 *   TL(name)      name_f32 or name_f64: the name of what a template defines
 *   TL_BLAS(gemm)          cblas_sgemm or cblas_dgemm
 *   TL_LAPACK(potrf_work)  LAPACKE_spotrf_work or LAPACKE_dpotrf_work */
#ifndef TL_BASE_REAL_H
#define TL_BASE_REAL_H

#include <float.h>
#include <stdint.h>

#if TL_PRECISION == 32
typedef float real;
typedef int32_t real_bits;
#define R(x)            x##f
#define TL(name)        name##_f32
#define TL_BLAS(name)   cblas_s##name
#define TL_LAPACK(name) LAPACKE_s##name
#define REAL_EPSILON    FLT_EPSILON
#define REAL_MAX        FLT_MAX
#define REAL_SMALLEST   FLT_MIN
#define REAL_DTYPE      TALUS_DTYPE_F32
#elif TL_PRECISION == 64
typedef double real;
typedef int64_t real_bits;
#define R(x)            x
#define TL(name)        name##_f64
#define TL_BLAS(name)   cblas_d##name
#define TL_LAPACK(name) LAPACKE_d##name
#define REAL_EPSILON    DBL_EPSILON
#define REAL_MAX        DBL_MAX
#define REAL_SMALLEST   DBL_MIN
#define REAL_DTYPE      TALUS_DTYPE_F64
#else
#error "compile templates with TL_PRECISION 32 and 64"
#endif

#endif
