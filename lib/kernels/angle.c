#include "kernels/angle.h"

#include <math.h>

/* 64 zeros, then the binary digits of 2/π after its point. */
static const uint32_t digits[] = {
    0,          0,          0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599,
    0x3C439041, 0xFE5163AB, 0xDEBBC561, 0xB7246E3A, 0x424DD2E0, 0x06492EEA, 0x09D1921C,
    0xFE1DEB1C, 0xB129A73E, 0xE88235F5, 0x2EBB4484, 0xE99C7026, 0xB45F7E41, 0x3991D639,
    0x835339F4, 0x9C845F8B, 0xBDF9283B, 0x1FF897FF, 0xDE05980F, 0xEF2F118B, 0x5A0A6D1F,
    0x6D367ECF, 0x27CB09B7, 0x4F463F66, 0x9E5FEA2D, 0x7527BAC7, 0xEBE5F17B, 0x3D0739F7,
    0x8A5292EA, 0x6BFB5FB1, 0x1F8D5D08, 0x56033046, 0xFC7B6BAB, 0xF0CFBC20, 0x9AF4361D,
};

enum { WORDS = 6 };

/* Six words of these digits from bit `first` on, the highest first. */
static void take_digits(int first, uint32_t words[WORDS])
{
    const uint32_t *from = &digits[first / 32];
    const int shift = first % 32;
    for (int i = 0; i < WORDS; i++) {
        uint64_t two = (uint64_t)from[i] << 32 | from[i + 1];
        words[i] = (uint32_t)(two >> (32 - shift));
    }
}

/* words ← words·m modulo 2^192 */
static void multiply_by(uint64_t m, uint32_t words[WORDS])
{
    const uint64_t low = m & UINT32_MAX, high = m >> 32;
    uint64_t carry = 0;
    uint32_t right = 0; /* the word to the right as it was */
    for (int i = WORDS - 1; i >= 0; i--) {
        uint64_t a = words[i] * low, b = right * high;
        uint64_t sum = (a & UINT32_MAX) + (b & UINT32_MAX) + (carry & UINT32_MAX);
        right = words[i];
        words[i] = (uint32_t)sum;
        carry = (a >> 32) + (b >> 32) + (carry >> 32) + (sum >> 32);
    }
}

/* The fraction of π/2 in the words, whose first two bits are taken off, as −½ … ½ in two doubles. */
static double fraction_of(const uint32_t words[WORDS], double *low)
{
    double sum = 0, lost, weight = 0x1p-30;
    const int turned = (words[0] >> 29 & 1) != 0;
    *low = 0;
    for (int i = 0; i < WORDS; i++, weight *= 0x1p-32) {
        uint32_t word = i == 0 ? words[0] << 2 >> 2 : words[i];
        double digit = (double)(turned ? ~word & (i == 0 ? UINT32_MAX >> 2 : UINT32_MAX) : word);
        sum = tl_two_sum(sum, digit * weight, &lost);
        *low += lost;
    }
    return turned ? (*low = -*low, -sum) : sum;
}

/* |x| = m·2^e with an integer m, so x·2/π modulo 4 needs the digits of 2/π from place e − 1 on: those before it give multiples
 * of 4. 192 of them leave more than 120 right after the worst cancellation, which takes 62 from a double. */
tl_angle tl_angle_far(double x)
{
    const double half_pi = 0x1.921fb54442d18p+0, half_pi_tail = 0x1.1a62633145c07p-54;
    int exponent;
    double mantissa = frexp(fabs(x), &exponent), low;
    uint32_t words[WORDS];
    take_digits(64 + exponent - 53 - 2, words);
    multiply_by((uint64_t)ldexp(mantissa, 53), words);
    uint64_t quadrant = words[0] >> 30, above = words[0] >> 29 & 1;
    double share = fraction_of(words, &low);
    double head = share * half_pi;
    double tail = fma(share, half_pi, -head) + (share * half_pi_tail + low * half_pi);
    double sum = head + tail;
    tl_angle angle = {sum, (head - sum) + tail, quadrant + above};
    return x < 0 ? (tl_angle){-angle.head, -angle.tail, -angle.quadrant} : angle;
}
