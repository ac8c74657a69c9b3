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
 *   NORMAL_HIGHEST  x·(1 − Φ(x)) is rounded to 0 from here up; NORMAL_HIGHEST/√2 is below SQUARE_HIGHEST
 *   CUBE_HIGHEST    x·exp(−1.5957·x − 0.0713·x³) is rounded to 0 from here up
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
#define NORMAL_HIGHEST 14.8f
#define CUBE_HIGHEST   10.95f
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

/* (sin r − r)/r³ in t = r² ≤ (π/4)²; relative error in sin r below 2^-27.4 */
static inline real sine_polynomial(real t)
{
    real p = -0x1.994ebp-13f;
    p = p * t + 0x1.11076p-7f;
    return p * t - 0x1.555546p-3f;
}

/* (cos r − 1 + ½r²)/r⁴ in t = r² ≤ (π/4)²; error in cos r below 2^-30.9 */
static inline real cosine_polynomial(real t)
{
    real p = 0x1.9a028p-16f;
    p = p * t - 0x1.6c0c8cp-10f;
    return p * t + 0x1.55554ap-5f;
}

/* Mills' ratio (1 − Φ(t))·exp(½t²) of the normal distribution as a quotient, on 0 ≤ t ≤ 15; its relative error is below
 * 2^-24.7, nearly all from the rounding of the coefficients, which are positive as for all of its best quotients */
static inline real mills_numerator(real t)
{
    real p = 0x1.102fa8p-8f;
    p = p * t + 0x1.4ee5f6p-5f;
    p = p * t + 0x1.78c4d4p-3f;
    p = p * t + 0x1.c1d386p-2f;
    return p * t + 0x1p-1f;
}

/* The same */
static inline real mills_denominator(real t)
{
    real p = 0x1.55219p-7f;
    p = p * t + 0x1.a3c1fep-4f;
    p = p * t + 0x1.e2b8fap-2f;
    p = p * t + 0x1.349ed2p+0f;
    p = p * t + 0x1.ad2bf4p+0f;
    return p * t + 0x1p+0f;
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
#define NORMAL_HIGHEST 38.8
#define CUBE_HIGHEST   21.6
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

/* (sin r − r)/r³ in t = r² ≤ (π/4)²; relative error in sin r below 2^-57.3 */
static inline real sine_polynomial(real t)
{
    real p = 0x1.5d932fdda401p-33;
    p = p * t - 0x1.ae5e66d7c3bb3p-26;
    p = p * t + 0x1.71de357879439p-19;
    p = p * t - 0x1.a01a019c12721p-13;
    p = p * t + 0x1.111111110f881p-7;
    return p * t - 0x1.5555555555549p-3;
}

/* (cos r − 1 + ½r²)/r⁴ in t = r² ≤ (π/4)²; error in cos r below 2^-60.0 */
static inline real cosine_polynomial(real t)
{
    real p = -0x1.8faece5f309e4p-37;
    p = p * t + 0x1.1ee9ec4887be7p-29;
    p = p * t - 0x1.27e4f80a7c6aap-22;
    p = p * t + 0x1.a01a019cb280ep-16;
    p = p * t - 0x1.6c16c16c15186p-10;
    return p * t + 0x1.555555555554cp-5;
}

/* Mills' ratio (1 − Φ(t))·exp(½t²) of the normal distribution as a quotient, on 0 ≤ t ≤ 40; its relative error is below
 * 2^-54.2, nearly all from the rounding of the coefficients, which are positive as for all of its best quotients */
static inline real mills_numerator(real t)
{
    real p = 0x1.e5eb68f2a5bdfp-23;
    p = p * t + 0x1.d7db7c7413b61p-18;
    p = p * t + 0x1.c2027f8f0807p-14;
    p = p * t + 0x1.121b9a8582365p-10;
    p = p * t + 0x1.d506b1c4bbba6p-8;
    p = p * t + 0x1.25544dd5e17fbp-5;
    p = p * t + 0x1.0f4457bc6db02p-3;
    p = p * t + 0x1.6ec5fba1eb7b7p-2;
    p = p * t + 0x1.5c82f67f751fdp-1;
    p = p * t + 0x1.a8402fded0b9p-1;
    return p * t + 0x1p-1;
}

/* The same */
static inline real mills_denominator(real t)
{
    real p = 0x1.3081435109e03p-21;
    p = p * t + 0x1.27b15862ab6e2p-16;
    p = p * t + 0x1.1a98b65bc46d2p-12;
    p = p * t + 0x1.59da72c6ca666p-9;
    p = p * t + 0x1.2a4e660de6cbdp-6;
    p = p * t + 0x1.7a39a173de09fp-4;
    p = p * t + 0x1.65cec1e7f3b26p-2;
    p = p * t + 0x1.f70af82ae1645p-1;
    p = p * t + 0x1.00a4258a3a866p+1;
    p = p * t + 0x1.68fea2cc6a33ap+1;
    p = p * t + 0x1.3a412cbeb935cp+1;
    return p * t + 0x1p+0;
}

#endif

#endif
