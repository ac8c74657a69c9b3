/* Student's distribution. */
#include <math.h>
#include <talus/levenberg_marquardt.h>

/* The continued fraction of I_x(a, b), which converges fast for x < (a + 1)/(a + b + 2), by the method of Lentz.
 * DLMF 8.17.22; Thompson and Barnett, Journal of Computational Physics 64, 1986 */
static double beta_fraction(double a, double b, double x)
{
    enum { TERMS = 100000 };
    double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), f = d, change = 0;
    for (int m = 1; m < TERMS && fabs(change - 1) > 1e-16; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                     odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / (1 + even * d), c = 1 + even / c, f *= c * d;
        d = 1 / (1 + odd * d), c = 1 + odd / c;
        change = c * d;
        f *= change;
    }
    return f;
}

/* log(Γ(a + ½)/Γ(a)); of large a by its asymptotic series, since the difference would lose digits.   DLMF 5.11.13 */
static double log_gamma_ratio(double a)
{
    if (a < 100)
        return lgamma(a + 0.5) - lgamma(a);
    const double q = 1 / (a * a);
    return log(a) / 2 - (1.0 / 8 - q * (1.0 / 192 - q * (1.0 / 640))) / a;
}

/* I_x(a, b) without its symmetry for x = 1/(1 + q), where one of a and b is ½ and the other one is `half` */
static double beta_share(double a, double b, double half, double q)
{
    const double root_of_pi = 1.7724538509055160273;
    return exp(log_gamma_ratio(half) - a * log1p(q) - b * log1p(1 / q)) / root_of_pi *
           beta_fraction(a, b, 1 / (1 + q)) / a;
}

/* P(|T| > t) = I_x(ν/2, ½) with x = ν/(ν + t²) */
static double tails(double t, double degrees)
{
    if (isinf(degrees))
        return erfc(t / sqrt(2));
    const double a = degrees / 2, q = t * t / degrees;
    if (q == 0 || isinf(q))
        return q == 0;
    return 1 / (1 + q) < (a + 1) / (a + 2.5) ? beta_share(a, 0.5, a, q) : 1 - beta_share(0.5, a, a, 1 / q);
}

/* For many degrees of freedom, from the normal quantile z; the next term is of the order of 1/ν².   Abramowitz and Stegun 26.7.5 */
#define NEARLY_NORMAL 1e8
static double expand(double z, double degrees)
{
    return z + (z * z * z + z) / (4 * degrees);
}

/* The tails shrink as t grows: between powers of 2 that hold it, halves until nothing lies between. */
double talus_student_quantile(double probability, double degrees_of_freedom)
{
    if (!(probability >= 0 && probability < 1 && degrees_of_freedom > 0))
        return NAN;
    if (degrees_of_freedom > NEARLY_NORMAL && !isinf(degrees_of_freedom))
        return expand(talus_student_quantile(probability, INFINITY), degrees_of_freedom);
    double low = 0, high = 1;
    while (tails(high, degrees_of_freedom) > 1 - probability)
        low = high, high *= 2;
    for (double middle = low + (high - low) / 2; middle > low && middle < high;
         middle = low + (high - low) / 2)
        *(tails(middle, degrees_of_freedom) > 1 - probability ? &low : &high) = middle;
    return probability == 0 ? 0 : high;
}
