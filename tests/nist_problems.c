#include "nist_problems.h"

#include <stdio.h>

#include "support.h"

static const double pi = 3.14159265358979323846;

static double bennett5(const double *b, const double *x, double *d)
{
    const double base = b[1] + x[0], y = b[0] * pow(base, -1 / b[2]);
    d[0] = y / b[0];
    d[1] = -y / (b[2] * base);
    d[2] = y * log(base) / (b[2] * b[2]);
    return y;
}

/* b₁·(1 − e^(−b₂x)): BoxBOD, Misra1a */
static double saturation(const double *b, const double *x, double *d)
{
    const double rest = exp(-b[1] * x[0]);
    d[0] = 1 - rest;
    d[1] = b[0] * x[0] * rest;
    return b[0] * (1 - rest);
}

static double misra1b(const double *b, const double *x, double *d)
{
    const double base = 1 + b[1] * x[0] / 2;
    d[0] = 1 - 1 / (base * base);
    d[1] = b[0] * x[0] / (base * base * base);
    return b[0] * d[0];
}

static double misra1c(const double *b, const double *x, double *d)
{
    const double base = 1 + 2 * b[1] * x[0];
    d[0] = 1 - 1 / sqrt(base);
    d[1] = b[0] * x[0] / (base * sqrt(base));
    return b[0] * d[0];
}

static double misra1d(const double *b, const double *x, double *d)
{
    const double base = 1 + b[1] * x[0];
    d[0] = b[1] * x[0] / base;
    d[1] = b[0] * x[0] / (base * base);
    return b[0] * d[0];
}

static double chwirut(const double *b, const double *x, double *d)
{
    const double below = b[1] + b[2] * x[0], y = exp(-b[0] * x[0]) / below;
    d[0] = -x[0] * y;
    d[1] = -y / below;
    d[2] = -x[0] * y / below;
    return y;
}

static double danwood(const double *b, const double *x, double *d)
{
    d[0] = pow(x[0], b[1]);
    d[1] = b[0] * d[0] * log(x[0]);
    return b[0] * d[0];
}

/* a·cos t + b·sin t with t = 2πx/c, and its derivatives by a, b and c. */
static double wave(double a, double b, double c, double x, double *by_a, double *by_b, double *by_c)
{
    const double t = 2 * pi * x / c;
    *by_a = cos(t);
    *by_b = sin(t);
    *by_c = (a * sin(t) - b * cos(t)) * t / c;
    return a * cos(t) + b * sin(t);
}

static double enso(const double *b, const double *x, double *d)
{
    double fixed;
    d[0] = 1;
    return b[0] + wave(b[1], b[2], 12, x[0], &d[1], &d[2], &fixed) +
           wave(b[4], b[5], b[3], x[0], &d[4], &d[5], &d[3]) +
           wave(b[7], b[8], b[6], x[0], &d[7], &d[8], &d[6]);
}

static double eckerle4(const double *b, const double *x, double *d)
{
    const double t = (x[0] - b[2]) / b[1], bell = exp(-t * t / 2) / b[1];
    d[0] = bell;
    d[1] = b[0] * bell * (t * t - 1) / b[1];
    d[2] = b[0] * bell * t / b[1];
    return b[0] * bell;
}

/* a·e^(−r·x), and its derivatives by a and r. */
static double decay(double a, double r, double x, double *by_a, double *by_r)
{
    *by_a = exp(-r * x);
    *by_r = -a * x * *by_a;
    return a * *by_a;
}

/* a·e^(−(x − c)²/w²), and its derivatives by a, c and w: b is where a stands. */
static double peak(const double *b, double x, double *d)
{
    const double t = (x - b[1]) / b[2];
    d[0] = exp(-t * t);
    d[1] = 2 * b[0] * d[0] * t / b[2];
    d[2] = d[1] * t;
    return b[0] * d[0];
}

static double gauss(const double *b, const double *x, double *d)
{
    return decay(b[0], b[1], x[0], &d[0], &d[1]) + peak(b + 2, x[0], d + 2) + peak(b + 5, x[0], d + 5);
}

static double lanczos(const double *b, const double *x, double *d)
{
    return decay(b[0], b[1], x[0], &d[0], &d[1]) + decay(b[2], b[3], x[0], &d[2], &d[3]) +
           decay(b[4], b[5], x[0], &d[4], &d[5]);
}

static double mgh17(const double *b, const double *x, double *d)
{
    d[0] = 1;
    return b[0] + decay(b[1], b[3], x[0], &d[1], &d[3]) + decay(b[2], b[4], x[0], &d[2], &d[4]);
}

/* (b₁ + b₂x + …)/(1 + …) with polynomials of the degrees up and down. */
static double rational(const double *b, double x, int up, int down, double *d)
{
    double above = 0, below = 1, power = 1;
    for (int k = 0; k <= up; k++, power *= x)
        above += b[k] * power;
    power = x;
    for (int k = 1; k <= down; k++, power *= x)
        below += b[up + k] * power;
    power = 1;
    for (int k = 0; k <= up; k++, power *= x)
        d[k] = power / below;
    power = x;
    for (int k = 1; k <= down; k++, power *= x)
        d[up + k] = -above / below * power / below;
    return above / below;
}

/* Hahn1, Thurber */
static double cubics(const double *b, const double *x, double *d)
{
    return rational(b, x[0], 3, 3, d);
}

static double kirby2(const double *b, const double *x, double *d)
{
    return rational(b, x[0], 2, 2, d);
}

static double mgh09(const double *b, const double *x, double *d)
{
    const double above = x[0] * x[0] + x[0] * b[1], below = x[0] * x[0] + x[0] * b[2] + b[3];
    d[0] = above / below;
    d[1] = b[0] * x[0] / below;
    d[2] = -b[0] * d[0] * x[0] / below;
    d[3] = -b[0] * d[0] / below;
    return b[0] * d[0];
}

static double mgh10(const double *b, const double *x, double *d)
{
    const double place = x[0] + b[2];
    d[0] = exp(b[1] / place);
    d[1] = b[0] * d[0] / place;
    d[2] = -d[1] * b[1] / place;
    return b[0] * d[0];
}

static double nelson(const double *b, const double *x, double *d)
{
    const double power = exp(-b[2] * x[1]);
    d[0] = 1;
    d[1] = -x[0] * power;
    d[2] = b[1] * x[0] * x[1] * power;
    return b[0] - b[1] * x[0] * power;
}

static double rat42(const double *b, const double *x, double *d)
{
    const double power = exp(b[1] - b[2] * x[0]), below = 1 + power;
    d[0] = 1 / below;
    d[1] = -b[0] * power / below / below;
    d[2] = -d[1] * x[0];
    return b[0] / below;
}

static double rat43(const double *b, const double *x, double *d)
{
    const double power = exp(b[1] - b[2] * x[0]), below = 1 + power, y = b[0] * pow(below, -1 / b[3]);
    d[0] = y / b[0];
    d[1] = -y / b[3] * power / below;
    d[2] = -d[1] * x[0];
    d[3] = y * log(below) / (b[3] * b[3]);
    return y;
}

static double roszman1(const double *b, const double *x, double *d)
{
    const double apart = x[0] - b[3], size = apart * apart + b[2] * b[2];
    d[0] = 1;
    d[1] = -x[0];
    d[2] = -apart / (pi * size);
    d[3] = -b[2] / (pi * size);
    return b[0] - b[1] * x[0] - atan(b[2] / apart) / pi;
}

const nist_row nist_rows[NIST_PROBLEMS] = {
    {.name = "Misra1a", .model = saturation, .level = 1},
    {.name = "Chwirut2", .model = chwirut, .level = 1},
    {.name = "Chwirut1", .model = chwirut, .level = 1},
    {.name = "Lanczos3", .model = lanczos, .level = 1},
    {.name = "Gauss1", .model = gauss, .level = 1},
    {.name = "Gauss2", .model = gauss, .level = 1},
    {.name = "DanWood", .model = danwood, .level = 1},
    {.name = "Misra1b", .model = misra1b, .level = 1},
    {.name = "Kirby2", .model = kirby2, .level = 2},
    {.name = "Hahn1", .model = cubics, .level = 2},
    {.name = "Nelson", .model = nelson, .level = 2, .log_response = 1},
    {.name = "MGH17", .model = mgh17, .level = 2},
    {.name = "Lanczos1", .model = lanczos, .level = 2, .residuals_are_rounding = 1},
    {.name = "Lanczos2", .model = lanczos, .level = 2},
    {.name = "Gauss3", .model = gauss, .level = 2},
    {.name = "Misra1c", .model = misra1c, .level = 2},
    {.name = "Misra1d", .model = misra1d, .level = 2},
    {.name = "Roszman1", .model = roszman1, .level = 2},
    {.name = "ENSO", .model = enso, .level = 2},
    {.name = "MGH09", .model = mgh09, .level = 3},
    {.name = "Thurber", .model = cubics, .level = 3},
    {.name = "BoxBOD", .model = saturation, .level = 3, .scaling = TALUS_DAMPING_IDENTITY},
    {.name = "Rat42", .model = rat42, .level = 3},
    {.name = "MGH10", .model = mgh10, .level = 3, .scaling = TALUS_DAMPING_CURRENT, .iterations = 10000},
    {.name = "Eckerle4", .model = eckerle4, .level = 3},
    {.name = "Rat43", .model = rat43, .level = 3},
    {.name = "Bennett5", .model = bennett5, .level = 3},
};

/* The next number of a file, behind lines that begin with #. */
static double number_in(FILE *file)
{
    double number;
    while (fscanf(file, " %lf", &number) != 1) {
        ck_assert_int_eq(fgetc(file), '#');
        while (fgetc(file) != '\n')
            ck_assert_int_eq(feof(file), 0);
    }
    return number;
}

void nist_read(int number, nist_problem *problem)
{
    char path[512];
    *problem = (nist_problem){.row = &nist_rows[number]};
    (void)snprintf(path, sizeof path, "%s/%s.txt", NIST_DATA, problem->row->name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "there is no %s", path);
    problem->n = (int64_t)number_in(file);
    problem->m = (int64_t)number_in(file);
    problem->predictors = (int64_t)number_in(file);
    ck_assert_int_le(problem->n, MOST_PARAMETERS);
    ck_assert_int_le(problem->m, MOST_OBSERVATIONS);
    ck_assert_int_le(problem->predictors, MOST_PREDICTORS);
    problem->sum_of_squares = number_in(file);
    problem->deviation = number_in(file);
    for (int64_t k = 0; k < problem->n; k++) {
        problem->starts[0][k] = number_in(file);
        problem->starts[1][k] = number_in(file);
        problem->certified[k] = number_in(file);
        problem->errors[k] = number_in(file);
    }
    for (int64_t i = 0; i < problem->m; i++) {
        const double y = number_in(file);
        problem->y[i] = problem->row->log_response ? log(y) : y;
        for (int64_t k = 0; k < problem->predictors; k++)
            problem->x[i][k] = number_in(file);
    }
    ck_assert_int_eq(fclose(file), 0);
}
