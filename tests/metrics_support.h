/* Reports of predictions, for tests of metrics. */
#ifndef TESTS_METRICS_SUPPORT_H
#define TESTS_METRICS_SUPPORT_H

#include "support.h"

/* Of the test that runs, with one thread. */
extern talus_context *context;
void begin_metrics(void);
void end_metrics(void);

talus_matrix f64(const double *data, int64_t rows, int64_t cols);
talus_matrix labels_of(const int32_t *data, int64_t rows);

/* The report of predictions; weights and options may be NULL. */
talus_report report_of(talus_matrix outputs, talus_matrix targets, const double *weights,
                       const talus_report_options *options);
talus_report_options options_of(int task);

/* Equal, but for a few roundings. */
void close_to(double got, double expected);

/* Outputs of n samples of which each is surely of a class. */
void decide(const int32_t *classes, int64_t n, int64_t count, double *outputs);

#endif
