/* Before anything is timed: does the step of the library do what the equations say? */
#ifndef BENCH_AGAINST_NAIVE_H
#define BENCH_AGAINST_NAIVE_H

#include "cases/setup.h"

/* Takes two steps of the library and of the naive loops in double, from equal parameters, and sets
 *
 *     error = max( max|θ_library − θ_naive| / max|θ_naive − θ_0|,
 *                  |C_library − C_naive| / max(1, |C_naive|) )
 *
 * The step is the one that is timed, with coefficients that make the comparison sharp: η is such that the
 * first update moves θ by an eighth of its largest element, as rounding θ would otherwise hide errors of
 * the gradient; ε of Adam is the largest element of the first gradient, as its first step is η·g/(|g| + ε),
 * which for a small ε is ±η by the sign of g, and rounding decides that sign where g is 0 but for rounding.
 * For the same reason samples are drawn again that come so close to a kink of f that rounding could decide
 * on which side they are.
 *
 * Where the naive loops would take more than seconds, the batch is smaller than the setup's, in a trainer that is
 * made for the setup's.
 *
 * False, after a sentence on stderr, if error is above the tolerance 2·ε·(k + 64), or not a number, or
 * a call failed. ε is that of the precision, k the longest sum that is formed (the largest of n and all
 * d_l), and 64 stands for the roundings outside the sums. */
bool bench_verify(const bench_setup *setup, double *error);

#endif
