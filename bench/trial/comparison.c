#include "trial/comparison.h"

#include <math.h>
#include <stdlib.h>

#include "report/machine.h"
#include "trial/trial_report.h"

void bench_report_comparison(bench_report *r, const bench_setup *setup, const bench_peer *peer,
                             const bench_timing timings[2], const double *const samples[2], double error)
{
    int rounds = timings[0].rounds;
    double *ratios = calloc((size_t)rounds, sizeof *ratios);
    bench_quartiles ratio = {NAN, NAN, NAN};
    for (int i = 0; i < rounds && ratios; i++)
        ratios[i] = samples[1][i] / samples[0][i];
    if (ratios)
        ratio = bench_quartiles_of(ratios, rounds);
    free(ratios);
    bench_report_setup(r, setup);
    bench_report_text(r, "loss", NULL, 0, setup->squared ? "squared" : "cross-entropy");
    bench_report_text(r, "peer", "peer", -36, peer->title);
    bench_report_text(r, "setting", "its setting", -34, peer->setting);
    bench_report_number(r, "talus_ms", "talus ms", 9, 4, 1e3 * timings[0].seconds.median);
    bench_report_number(r, "peer_ms", "peer ms", 9, 4, 1e3 * timings[1].seconds.median);
    bench_report_number(r, "ratio", "peer/talus", 10, 2, ratio.median);
    bench_report_number(r, "ratio_q1", "q1", 6, 2, ratio.q1);
    bench_report_number(r, "ratio_q3", "q3", 6, 2, ratio.q3);
    bench_report_small(r, "agreement_error", "error", 7, error);
    bench_report_number(r, "talus_cpu_ms", NULL, 0, 4, 1e3 * timings[0].cpu_seconds);
    bench_report_number(r, "peer_cpu_ms", NULL, 0, 4, 1e3 * timings[1].cpu_seconds);
    bench_report_number(r, "rounds", NULL, 0, 0, rounds);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, timings[0].switched);
    bench_report_number(r, "peer_rounds_switched", NULL, 0, 0, timings[1].switched);
    bench_report_machine(r);
}
