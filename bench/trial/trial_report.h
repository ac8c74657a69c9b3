/* What came out of a trial, as fields of a result. */
#ifndef BENCH_TRIAL_REPORT_H
#define BENCH_TRIAL_REPORT_H

#include "report/report.h"
#include "trial/trial.h"

/* GFLOP/s of the step, and of the peak that was measured beside it. */
double bench_trial_gflops(const bench_trial *trial, const bench_timing *timings);
double bench_trial_peak(const bench_trial *trial, const bench_timing *timings);

/* Fields that say what was measured, and what came out; a net is brief in the table only. */
void bench_report_net(bench_report *report, const bench_shape *shape);
void bench_report_setup(bench_report *report, const bench_setup *setup);
void bench_report_trial(bench_report *report, const bench_trial *trial, const bench_timing *timings);

#endif
