/* Clocks: wall time that cannot step, processor time of the process, and how often it was interrupted. */
#ifndef BENCH_TIMER_H
#define BENCH_TIMER_H

/* Seconds of CLOCK_MONOTONIC. */
double bench_now(void);

/* What the process has used so far. */
typedef struct bench_usage {
    double cpu;    /* seconds of processor time, of all its threads */
    long switches; /* involuntary context switches: someone else wanted the processor */
} bench_usage;
bench_usage bench_usage_now(void);

/* Lets `seconds` pass. */
void bench_pause(double seconds);

#endif
