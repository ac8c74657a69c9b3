/* Whether a peer computes what the library computes, before it is timed. */
#ifndef BENCH_AGAINST_PEER_H
#define BENCH_AGAINST_PEER_H

#include "peers/peer.h"

#define BENCH_AGREE_STEPS 3

/* What the library computes for a setup, and the directory where the arrays lie that it starts from:
 * parameters.bin, inputs.bin, targets.bin. */
typedef struct bench_expected {
    const bench_setup *setup;
    const char *directory;
    talus_optimizer_spec optimizer; /* sharp.h */
    int64_t count, outputs_count;
    double *start, *outputs;       /* θ_0; A_L for the batch at θ_0 */
    double *after_one, *after_all; /* θ after one step, and after all */
    double cost[BENCH_AGREE_STEPS];
} bench_expected;

/* False after a sentence on stderr. */
bool bench_expect(const bench_setup *setup, const char *directory, bench_expected *expected);
void bench_expected_destroy(bench_expected *expected);

/* Gives the case to the peer and sets
 *
 *     error = max( max|A_L − A_L of the library|/max(1, max|A_L|),  the same of the cost,
 *                  ‖θ − θ of the library‖/‖θ of the library − θ_0‖ after one step )
 *
 * with Euclidean norms, and steps_error to the same of costs and θ after BENCH_AGREE_STEPS steps. BENCH_BROKEN, after
 * a sentence on stderr, if one is above 10⁻³ in f32 or 10⁻⁶ in f64; steps_error may be ten times as much if f has a
 * kink, as rounding may decide on which side of it a unit is. */
bench_taken bench_agree(bench_peer *peer, const bench_expected *expected, double *error, double *steps_error);

#endif
