/* The library beside a peer, in the same rounds. */
#ifndef BENCH_COMPARISON_H
#define BENCH_COMPARISON_H

#include "measure/rounds.h"
#include "peers/peer.h"
#include "report/report.h"

/* The fields of a line: timings and samples are of the library and of the peer. */
void bench_report_comparison(bench_report *report, const bench_setup *setup, const bench_peer *peer,
                             const bench_timing timings[2], const double *const samples[2], double error);

#endif
