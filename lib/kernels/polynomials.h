/* What the elementary functions of math.h need of a precision: its layout, its constants, its polynomials.
 *
 * The polynomials are minimax in the relative error of the function that they belong to. They were found with
 * the Remez exchange at 200 bits and their coefficients rounded to the precision; the bounds stated are those
 * of the rounded polynomials. */
#ifndef TL_KERNELS_POLYNOMIALS_H
#define TL_KERNELS_POLYNOMIALS_H

#include "base/real.h"

/* A real as a word: sign, exponent biased by REAL_BIAS, fraction of REAL_FRACTION_BITS.
 *   REAL_SHIFTER    1.5·2^REAL_FRACTION_BITS: added to a small number, it leaves the nearest integer in the
 *                   low bits of the word; these bits of its own word are 0
 *   LN2_HEAD, _TAIL ln 2 in two parts; k·LN2_HEAD is exact for every exponent k
 *   EXP_LOWEST      exp(x) is rounded to 0 from here down;  EXP_HIGHEST: it overflows from here up
 *   EXPM1_LOWEST    expm1(x) is rounded to −1 from here down
 *   TANH_HIGHEST    tanh x is rounded to 1 from here up
 *   LINEAR_BELOW    expm1(x) and log1p(x) are rounded to x or its neighbour where |x| is below this
 *   GATE_LOWEST     x·exp(x) is rounded to 0 from here down
 *   SQUARE_HIGHEST  x·exp(−x²) is rounded to 0 from here up
 *   REAL_LOW_HALF   the bits of a word without which the square of a real is exact */
#if TL_PRECISION == 32

typedef uint32_t real_word;

#define REAL_FRACTION_BITS 23
#define REAL_BIAS          127
#define REAL_SIGN          UINT32_C(0x80000000)
#define REAL_SHIFTER       0x1.8p23f

#define LOG2_E         0x1.715476p+0f
#define LN2_HEAD       0x1.62e4p-1f
#define LN2_TAIL       0x1.7f7d1cp-20f
#define SQRT_HALF      0x1.6a09e6p-1f
#define EXP_LOWEST     -104.0f
#define EXP_HIGHEST    89.0f
#define EXPM1_LOWEST   -18.0f
#define TANH_HIGHEST   10.0f
#define LINEAR_BELOW   0x1p-26f
#define GATE_LOWEST    -110.0f
#define SQUARE_HIGHEST 10.5f
#define REAL_LOW_HALF  UINT32_C(0xFFF)

/* (exp r − 1 − r)/r² on |r| ≤ ½ ln 2; relative error in expm1(r) below 2^-28.7 */
static inline real exp_polynomial(real r)
{
    real p = 0x1.a03310p-13f;
    p = p * r + 0x1.6d71f0p-10f;
    p = p * r + 0x1.11118ap-7f;
    p = p * r + 0x1.5554b2p-5f;
    p = p * r + 0x1.555554p-3f;
    return p * r + 0.5f;
}

/* (2·artanh(s) − 2s)/s³ in t = s² ≤ ((√2 − 1)/(√2 + 1))²; relative error in 2·artanh(s) below 2^-30.2 */
static inline real log_polynomial(real t)
{
    real p = 0x1.31e046p-2f;
    p = p * t + 0x1.995ed8p-2f;
    return p * t + 0x1.55557ap-1f;
}

/* (tanh x − x)/x³ in t = x² ≤ 0.55²; relative error in tanh x below 2^-27.7 */
static inline real tanh_polynomial(real t)
{
    real p = -0x1.9b3024p-8f;
    p = p * t + 0x1.593d02p-6f;
    p = p * t - 0x1.b9287ap-5f;
    p = p * t + 0x1.110d26p-3f;
    return p * t - 0x1.55554ap-2f;
}

#else

typedef uint64_t real_word;

#define REAL_FRACTION_BITS 52
#define REAL_BIAS          1023
#define REAL_SIGN          UINT64_C(0x8000000000000000)
#define REAL_SHIFTER       0x1.8p52

#define LOG2_E         0x1.71547652b82fep+0
#define LN2_HEAD       0x1.62e42fefa38p-1
#define LN2_TAIL       0x1.ef35793c7673p-45
#define SQRT_HALF      0x1.6a09e667f3bcdp-1
#define EXP_LOWEST     -746.0
#define EXP_HIGHEST    710.0
#define EXPM1_LOWEST   -38.0
#define TANH_HIGHEST   20.0
#define LINEAR_BELOW   0x1p-55
#define GATE_LOWEST    -760.0
#define SQUARE_HIGHEST 27.5
#define REAL_LOW_HALF  UINT64_C(0x7FFFFFF)

/* (exp r − 1 − r)/r² on |r| ≤ ½ ln 2; relative error in expm1(r) below 2^-59.9 */
static inline real exp_polynomial(real r)
{
    real p = 0x1.1ee8897908719p-29;
    p = p * r + 0x1.af5e68a301a09p-26;
    p = p * r + 0x1.27e5362455994p-22;
    p = p * r + 0x1.71ddf88539db3p-19;
    p = p * r + 0x1.a01a017bcdb2ep-16;
    p = p * r + 0x1.a01a01afd18f8p-13;
    p = p * r + 0x1.6c16c16c1f053p-10;
    p = p * r + 0x1.111111110f6dfp-7;
    p = p * r + 0x1.555555555553fp-5;
    p = p * r + 0x1.5555555555559p-3;
    return p * r + 0.5;
}

/* (2·artanh(s) − 2s)/s³ in t = s² ≤ ((√2 − 1)/(√2 + 1))²; relative error in 2·artanh(s) below 2^-59.2 */
static inline real log_polynomial(real t)
{
    real p = 0x1.2f02ec697f71bp-3;
    p = p * t + 0x1.39a1fb0fe37f5p-3;
    p = p * t + 0x1.74663c579c64fp-3;
    p = p * t + 0x1.c71c5216404fep-3;
    p = p * t + 0x1.24924941e0c4ap-2;
    p = p * t + 0x1.999999997feeap-2;
    return p * t + 0x1.5555555555592p-1;
}

/* (tanh x − x)/x³ in t = x² ≤ 0.55²; relative error in tanh x below 2^-59.7 */
static inline real tanh_polynomial(real t)
{
    real p = -0x1.4710ea0f0ce53p-16;
    p = p * t + 0x1.5d744cb80ec29p-14;
    p = p * t - 0x1.e96fc0fba8da4p-13;
    p = p * t + 0x1.3483ae0d179f6p-11;
    p = p * t - 0x1.7d8fd39c123f9p-10;
    p = p * t + 0x1.d6d29b95660c5p-9;
    p = p * t - 0x1.226e2f14702cap-7;
    p = p * t + 0x1.664f48597044ap-6;
    p = p * t - 0x1.ba1ba1b97d870p-5;
    p = p * t + 0x1.111111111079ep-3;
    return p * t - 0x1.555555555554fp-2;
}

#endif

#endif
