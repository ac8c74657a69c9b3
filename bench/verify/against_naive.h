/* Before anything is timed: does the step of the library do what the equations say? */
#ifndef BENCH_AGAINST_NAIVE_H
#define BENCH_AGAINST_NAIVE_H

#include "cases/setup.h"

/* Takes two steps of the library and of the naive loops in double, from equal parameters, and sets
 *
 *     error = max( max|θ_library − θ_naive| / max|θ_naive − θ_0|,
 *                  |C_library − C_naive| / max(1, |C_naive|) )
 *
 * The step is the one that is timed, with samples and coefficients that keep the comparison sharp: sharp.h. Where a
 * method takes a sign that rounding decides, a parameter is left out, and stderr says how many are not.
 *
 * Where the naive loops would take more than seconds, the batch is smaller than the setup's, in a trainer that is
 * made for the setup's.
 *
 * False, after a sentence on stderr, if error is above the tolerance 2·ε·(k + 64), or not a number, if less than a
 * tenth of the parameters are compared, if the naive loops have no such method, or a call failed. ε is that of the precision, k the longest sum that is formed (the largest of n and all
 * d_l), and 64 stands for the roundings outside the sums. */
bool bench_verify(const bench_setup *setup, double *error);

#endif
