#include "more_problems.h"

#include <math.h>

#define PI 3.14159265358979323846

static complex_number square(complex_number x)
{
    return x * x;
}

/* Residuals, in the order of the paper ------------------------------------------------------------------- */

/* (1), (21) */
static int rosenbrock(int n, const complex_number *x, complex_number *r)
{
    for (int j = 0; j < n; j += 2) {
        r[j] = 10 * (x[j + 1] - square(x[j]));
        r[j + 1] = 1 - x[j];
    }
    return n;
}

/* (2) */
static int freudenstein(int n, const complex_number *x, complex_number *r)
{
    r[0] = -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1];
    r[1] = -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1];
    return n;
}

/* (3) */
static int powell_scaled(int n, const complex_number *x, complex_number *r)
{
    r[0] = 1e4 * x[0] * x[1] - 1;
    r[1] = cexp(-x[0]) + cexp(-x[1]) - 1.0001;
    return n;
}

/* (4) */
static int brown_scaled(int n, const complex_number *x, complex_number *r)
{
    r[0] = x[0] - 1e6;
    r[1] = x[1] - 2e-6;
    r[2] = x[0] * x[1] - 2;
    return n + 1;
}

/* (5) */
static int beale(int n, const complex_number *x, complex_number *r)
{
    const double y[] = {1.5, 2.25, 2.625};
    complex_number power = 1;
    for (int i = 0; i < 3; i++) {
        power *= x[1];
        r[i] = y[i] - x[0] * (1 - power);
    }
    return n + 1;
}

/* (6) */
static int jennrich(int n, const complex_number *x, complex_number *r)
{
    (void)n;
    for (int i = 1; i <= 10; i++)
        r[i - 1] = 2 + 2 * i - (cexp(i * x[0]) + cexp(i * x[1]));
    return 10;
}

/* (7) */
static int helix(int n, const complex_number *x, complex_number *r)
{
    complex_number turn = catan(x[1] / x[0]) / (2 * PI) + (creal(x[0]) < 0 ? 0.5 : 0);
    r[0] = 10 * (x[2] - 10 * turn);
    r[1] = 10 * (csqrt(square(x[0]) + square(x[1])) - 1);
    r[2] = x[2];
    return n;
}

/* (8) */
static int bard(int n, const complex_number *x, complex_number *r)
{
    const double y[] = {0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39,
                        0.37, 0.58, 0.73, 0.96, 1.34, 2.1,  4.39};
    (void)n;
    for (int i = 1; i <= 15; i++)
        r[i - 1] = y[i - 1] - (x[0] + i / ((16 - i) * x[1] + fmin(i, 16 - i) * x[2]));
    return 15;
}

/* (9) */
static int gaussian(int n, const complex_number *x, complex_number *r)
{
    const double y[] = {0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989};
    (void)n;
    for (int i = 1; i <= 15; i++)
        r[i - 1] = x[0] * cexp(-x[1] * square((8 - i) / 2.0 - x[2]) / 2) - y[i <= 8 ? i - 1 : 15 - i];
    return 15;
}

/* (12) */
static int box(int n, const complex_number *x, complex_number *r)
{
    (void)n;
    for (int i = 1; i <= 10; i++) {
        double t = 0.1 * i;
        r[i - 1] = cexp(-t * x[0]) - cexp(-t * x[1]) - x[2] * (exp(-t) - exp(-10 * t));
    }
    return 10;
}

/* (13), (22) */
static int singular(int n, const complex_number *x, complex_number *r)
{
    for (int j = 0; j < n; j += 4) {
        r[j] = x[j] + 10 * x[j + 1];
        r[j + 1] = sqrt(5) * (x[j + 2] - x[j + 3]);
        r[j + 2] = square(x[j + 1] - 2 * x[j + 2]);
        r[j + 3] = sqrt(10) * square(x[j] - x[j + 3]);
    }
    return n;
}

/* (14) */
static int wood(int n, const complex_number *x, complex_number *r)
{
    r[0] = 10 * (x[1] - square(x[0]));
    r[1] = 1 - x[0];
    r[2] = sqrt(90) * (x[3] - square(x[2]));
    r[3] = 1 - x[2];
    r[4] = sqrt(10) * (x[1] + x[3] - 2);
    r[5] = (x[1] - x[3]) / sqrt(10);
    return n + 2;
}

/* (15) */
static int kowalik(int n, const complex_number *x, complex_number *r)
{
    const double y[] = {0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246};
    const double u[] = {4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625};
    (void)n;
    for (int i = 0; i < 11; i++)
        r[i] = y[i] - x[0] * (u[i] * u[i] + u[i] * x[1]) / (u[i] * u[i] + u[i] * x[2] + x[3]);
    return 11;
}

/* (16) */
static int dennis(int n, const complex_number *x, complex_number *r)
{
    (void)n;
    for (int i = 1; i <= 20; i++) {
        double t = i / 5.0;
        r[i - 1] = square(x[0] + t * x[1] - exp(t)) + square(x[2] + x[3] * sin(t) - cos(t));
    }
    return 20;
}

/* (18) */
static int biggs(int n, const complex_number *x, complex_number *r)
{
    (void)n;
    for (int i = 1; i <= 13; i++) {
        double t = 0.1 * i, y = exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t);
        r[i - 1] = x[2] * cexp(-t * x[0]) - x[3] * cexp(-t * x[1]) + x[5] * cexp(-t * x[4]) - y;
    }
    return 13;
}

/* (20) */
static int watson(int n, const complex_number *x, complex_number *r)
{
    for (int i = 1; i <= 29; i++) {
        double t = i / 29.0, power = 1;
        complex_number rise = 0, sum = x[0];
        for (int j = 1; j < n; j++) {
            rise += j * power * x[j];
            power *= t;
            sum += power * x[j];
        }
        r[i - 1] = rise - square(sum) - 1;
    }
    r[29] = x[0];
    r[30] = x[1] - square(x[0]) - 1;
    return 31;
}

/* (23) */
static int penalty_1(int n, const complex_number *x, complex_number *r)
{
    r[n] = -0.25;
    for (int j = 0; j < n; j++) {
        r[j] = sqrt(1e-5) * (x[j] - 1);
        r[n] += square(x[j]);
    }
    return n + 1;
}

/* (24) */
static int penalty_2(int n, const complex_number *x, complex_number *r)
{
    const double a = sqrt(1e-5);
    r[0] = x[0] - 0.2;
    r[2 * n - 1] = -1;
    for (int i = 1; i < n; i++) {
        r[i] = a * (cexp(x[i] / 10) + cexp(x[i - 1] / 10) - exp((i + 1) / 10.0) - exp(i / 10.0));
        r[n + i - 1] = a * (cexp(x[i] / 10) - exp(-0.1));
    }
    for (int j = 0; j < n; j++)
        r[2 * n - 1] += (n - j) * square(x[j]);
    return 2 * n;
}

/* (25) */
static int variably_dimensioned(int n, const complex_number *x, complex_number *r)
{
    r[n] = 0;
    for (int j = 0; j < n; j++) {
        r[j] = x[j] - 1;
        r[n] += (j + 1) * (x[j] - 1);
    }
    r[n + 1] = square(r[n]);
    return n + 2;
}

/* (26) */
static int trigonometric(int n, const complex_number *x, complex_number *r)
{
    complex_number sum = n;
    for (int j = 0; j < n; j++)
        sum -= ccos(x[j]);
    for (int i = 0; i < n; i++)
        r[i] = sum + (i + 1) * (1 - ccos(x[i])) - csin(x[i]);
    return n;
}

/* (27) */
static int brown_almost_linear(int n, const complex_number *x, complex_number *r)
{
    complex_number sum = -(n + 1), product = 1;
    for (int j = 0; j < n; j++) {
        sum += x[j];
        product *= x[j];
    }
    for (int i = 0; i < n - 1; i++)
        r[i] = x[i] + sum;
    r[n - 1] = product - 1;
    return n;
}

/* (30) */
static int broyden_tridiagonal(int n, const complex_number *x, complex_number *r)
{
    for (int i = 0; i < n; i++)
        r[i] = (3 - 2 * x[i]) * x[i] - (i > 0 ? x[i - 1] : 0) - 2 * (i < n - 1 ? x[i + 1] : 0) + 1;
    return n;
}

/* (32), m = 20 */
static int linear(int n, const complex_number *x, complex_number *r)
{
    complex_number sum = 0;
    for (int j = 0; j < n; j++)
        sum += x[j];
    for (int i = 0; i < 20; i++)
        r[i] = (i < n ? x[i] : 0) - sum / 10 - 1;
    return 20;
}

/* (35): how far the means of the shifted Chebyshev polynomials T_i over the points are from their integrals */
static int chebyquad(int n, const complex_number *x, complex_number *r)
{
    for (int i = 1; i <= n; i++) {
        r[i - 1] = i % 2 == 0 ? 1.0 / (i * i - 1) : 0;
        for (int j = 0; j < n; j++) {
            complex_number before = 1, now = 2 * x[j] - 1;
            for (int k = 2; k <= i; k++) {
                complex_number next = 2 * (2 * x[j] - 1) * now - before;
                before = now;
                now = next;
            }
            r[i - 1] += now / n;
        }
    }
    return n;
}

const more_problem more_problems[] = {
    {"Rosenbrock", 2, rosenbrock, {{-1.2, 1}, 2, 0}, {0, NAN}},
    {"Freudenstein and Roth", 2, freudenstein, {{0.5, -2}, 2, 0}, {0, 48.9842, NAN}},
    {"Powell badly scaled", 2, powell_scaled, {{0, 1}, 2, 0}, {0, NAN}},
    {"Brown badly scaled", 2, brown_scaled, {{1, 1}, 2, 0}, {0, NAN}},
    {"Beale", 2, beale, {{1, 1}, 2, 0}, {0, NAN}},
    {"Jennrich and Sampson", 2, jennrich, {{0.3, 0.4}, 2, 0}, {124.362, NAN}},
    {"helical valley", 3, helix, {{-1, 0, 0}, 3, 0}, {0, NAN}},
    {"Bard", 3, bard, {{1, 1, 1}, 3, 0}, {8.21487e-3, 17.4286, NAN}},
    {"Gaussian", 3, gaussian, {{0.4, 1, 0}, 3, 0}, {1.12793e-8, NAN}},
    {"Box, of three numbers", 3, box, {{0, 10, 20}, 3, 0}, {0, NAN}},
    {"Powell singular", 4, singular, {{3, -1, 0, 1}, 4, 0}, {0, NAN}},
    {"Wood", 4, wood, {{-3, -1, -3, -1}, 4, 0}, {0, NAN}},
    {"Kowalik and Osborne", 4, kowalik, {{0.25, 0.39, 0.415, 0.39}, 4, 0}, {3.07505e-4, 1.02734e-3, NAN}},
    {"Brown and Dennis", 4, dennis, {{25, 5, -5, -1}, 4, 0}, {85822.2, NAN}},
    {"Biggs EXP6", 6, biggs, {{1, 2, 1, 1, 1, 1}, 6, 0}, {0, 5.65565e-3, NAN}},
    {"Watson", 6, watson, {{0}, 1, 0}, {2.28767e-3, NAN}},
    {"Watson", 9, watson, {{0}, 1, 0}, {1.39976e-6, NAN}},
    {"extended Rosenbrock", 20, rosenbrock, {{-1.2, 1}, 2, 0}, {0, NAN}},
    {"extended Powell singular", 20, singular, {{3, -1, 0, 1}, 4, 0}, {0, NAN}},
    {"penalty I", 4, penalty_1, {{1}, 1, 1}, {2.24997e-5, NAN}},
    {"penalty I", 10, penalty_1, {{1}, 1, 1}, {7.08765e-5, NAN}},
    {"penalty II", 4, penalty_2, {{0.5}, 1, 0}, {9.37629e-6, NAN}},
    {"penalty II", 10, penalty_2, {{0.5}, 1, 0}, {2.93660e-4, NAN}},
    {"variably dimensioned", 10, variably_dimensioned, {{0.9}, 1, -0.1}, {0, NAN}},
    {"trigonometric", 10, trigonometric, {{0.1}, 1, 0}, {0, 2.79506e-5, NAN}},
    {"Brown almost linear", 10, brown_almost_linear, {{0.5}, 1, 0}, {0, 1, NAN}},
    {"Broyden tridiagonal", 20, broyden_tridiagonal, {{-1}, 1, 0}, {0, NAN}},
    {"linear, of full rank", 10, linear, {{1}, 1, 0}, {10, NAN}},
    {"Chebyquad", 7, chebyquad, {{0.125}, 1, 0.125}, {0, NAN}},
    {"Chebyquad", 8, chebyquad, {{1 / 9.0}, 1, 1 / 9.0}, {3.51687e-3, NAN}},
};
const int more_problem_count = (int)(sizeof more_problems / sizeof *more_problems);

void more_start(const more_problem *problem, double *x)
{
    for (int j = 0; j < problem->variables; j++)
        x[j] = problem->start.first[j % problem->start.period] + j * problem->start.rise;
}

double more_value(const more_problem *problem, const double *x, double *gradient)
{
    const double h = 1e-30;
    const int n = problem->variables;
    complex_number at[MOST_VARIABLES], r[MOST_RESIDUALS];
    double value = 0;
    for (int j = 0; j < n; j++)
        at[j] = x[j];
    for (int j = 0; j < n; j++) {
        at[j] = x[j] + h * I;
        int m = problem->residuals(n, at, r);
        at[j] = x[j];
        gradient[j] = value = 0;
        for (int i = 0; i < m; i++) {
            gradient[j] += 2 * creal(r[i]) * (cimag(r[i]) / h);
            value += creal(r[i]) * creal(r[i]);
        }
    }
    return value;
}
