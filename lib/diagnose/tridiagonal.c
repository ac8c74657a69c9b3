#include "diagnose/tridiagonal.h"

#include <float.h>
#include <math.h>

/* The end of the block that begins at i: e there is nothing beside its neighbours. */
static int end_of_block(int n, int i, const double *d, const double *e)
{
    while (i < n - 1 && fabs(e[i]) > DBL_EPSILON * (fabs(d[i]) + fabs(d[i + 1])))
        i++;
    return i;
}

/* Wilkinson's shift: the eigenvalue of the leading 2 × 2 block that is nearer to d_0 */
static double shift_of(const double *d, const double *e)
{
    double half = (d[1] - d[0]) / (2 * e[0]);
    return d[0] - e[0] / (half + copysign(hypot(half, 1), half));
}

/* One step on the block first … end: a rotation in the last two rows that starts the shifted QL, and others that chase the
 * element that it makes outside of the three diagonals up and out. */
static void chase(int first, int end, double *d, double *e, double *last)
{
    double g = d[end] - shift_of(d + first, e + first), s = 1, c = 1, moved = 0;
    for (int i = end - 1; i >= first; i--) {
        const double outside = s * e[i], beside = c * e[i], r = hypot(outside, g), above = last[i];
        e[i + 1] = r;
        if (r == 0) { /* the block falls apart here */
            d[i + 1] -= moved;
            e[end] = 0;
            return;
        }
        s = outside / r;
        c = g / r;
        const double lower = d[i + 1] - moved, turned = (d[i] - lower) * s + 2 * c * beside;
        moved = s * turned;
        d[i + 1] = lower + moved;
        g = c * turned - beside;
        last[i] = c * above - s * last[i + 1];
        last[i + 1] = s * above + c * last[i + 1];
    }
    d[first] -= moved;
    e[first] = g;
    e[end] = 0;
}

void tl_tridiagonal_eigenvalues(int n, double *d, double *e, double *last)
{
    enum { MOST_STEPS = 60 }; /* for an eigenvalue; two or three are usual */
    for (int i = 0; i < n; i++)
        last[i] = i == n - 1 ? 1 : 0;
    e[n - 1] = 0;
    for (int i = 0; i < n; i++)
        for (int step = 0, end; step < MOST_STEPS && (end = end_of_block(n, i, d, e)) > i; step++)
            chase(i, end, d, e, last);
}
