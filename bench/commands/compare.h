/* The two kinds of comparison. */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "peers/peer.h"
#include "report/report.h"

/* Steps with all peers that run, epochs over a data set with one. The directory is for what they exchange. */
bool bench_compare_steps(bench_peer *peers, const char *directory, const bench_options *options,
                         bench_report *report);
bool bench_compare_epochs(bench_peer *peer, const char *directory, const bench_options *options,
                          bench_report *report);

#endif
