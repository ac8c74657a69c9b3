/* Compares what a program that a network was exported to computes with what the library predicts. */
#include <math.h>
#include <stdio.h>

enum { MOST_NUMBERS = 4096 };

/* Elements of a file, as doubles. */
static void read_numbers(const char *name, const char *end, size_t size, double *numbers, size_t count)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s.%s", name, end);
    FILE *file = fopen(path, "rb");
    for (size_t i = 0; file != NULL && i < count; i++) {
        float single = NAN;
        size_t got = size == sizeof single ? fread(&single, size, 1, file)
                                           : fread(&numbers[i], size, 1, file);
        if (got != 1)
            numbers[i] = NAN;
        else if (size == sizeof single)
            numbers[i] = (double)single;
    }
    if (file != NULL)
        fclose(file);
}

/* 1 if y is not what is in NAME.out, up to 64 roundings of the larger of |y| and 1. */
static int differs(const char *name, size_t size, const double *y, size_t count)
{
    static double wanted[MOST_NUMBERS];
    double worst = 0, most = 64 * (size == sizeof(float) ? 0x1p-24 : 0x1p-53);
    read_numbers(name, "out", size, wanted, count);
    for (size_t i = 0; i < count; i++) {
        double error = y[i] == wanted[i] ? 0 : fabs(y[i] - wanted[i]) / fmax(1, fabs(wanted[i]));
        worst = error <= worst ? worst : error; /* also if it is no number */
    }
    if (!(worst <= most))
        printf("%s: outputs differ by %.2g, more than %.2g\n", name, worst, most);
    return !(worst <= most);
}

static int compare_f32(const char *name, void (*predict)(size_t n, const float *x, float *y), size_t n,
                       size_t inputs, size_t outputs)
{
    static double x[MOST_NUMBERS], y[MOST_NUMBERS];
    static float single_x[MOST_NUMBERS], single_y[MOST_NUMBERS];
    read_numbers(name, "in", sizeof(float), x, n * inputs);
    for (size_t i = 0; i < n * inputs; i++)
        single_x[i] = (float)x[i];
    predict(n, single_x, single_y);
    for (size_t i = 0; i < n * outputs; i++)
        y[i] = (double)single_y[i];
    return differs(name, sizeof(float), y, n * outputs);
}

static int compare_f64(const char *name, void (*predict)(size_t n, const double *x, double *y), size_t n,
                       size_t inputs, size_t outputs)
{
    static double x[MOST_NUMBERS], y[MOST_NUMBERS];
    read_numbers(name, "in", sizeof(double), x, n * inputs);
    predict(n, x, y);
    return differs(name, sizeof(double), y, n * outputs);
}
