/* What the two kinds of comparison share. */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "measure/rounds.h"
#include "peers/peer.h"
#include "report/report.h"

/* The cases to compare. */
int bench_compare_count(const bench_options *options);
bench_setup bench_compare_setup(const bench_options *options, int index);

/* The fields of a line: timings and samples are of the library and of the peer. */
void bench_compare_report(bench_report *report, const bench_setup *setup, const bench_peer *peer,
                          const bench_timing timings[2], const double *const samples[2], double error);

/* Epochs over a data set with PyTorch. */
bool bench_compare_epochs(bench_peer *peer, const char *directory, const bench_options *options,
                          bench_report *report);

#endif
