#include "measure/numbers.h"

#include <float.h>
#include <math.h>
#include <talus/matrix.h>

size_t bench_number_bytes(int precision)
{
    return precision == TALUS_DTYPE_F32 ? sizeof(float) : sizeof(double);
}

double bench_epsilon(int precision)
{
    return precision == TALUS_DTYPE_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
}

double bench_number_at(const void *data, int precision, int64_t i)
{
    return precision == TALUS_DTYPE_F32 ? (double)((const float *)data)[i] : ((const double *)data)[i];
}

void bench_number_set(void *data, int precision, int64_t i, double number)
{
    if (precision == TALUS_DTYPE_F32)
        ((float *)data)[i] = (float)number;
    else
        ((double *)data)[i] = number;
}

double bench_worse(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

void bench_numbers_to_double(const void *data, int precision, int64_t count, double *copy)
{
    for (int64_t i = 0; i < count; i++)
        copy[i] = bench_number_at(data, precision, i);
}

double bench_largest(const double *x, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}
