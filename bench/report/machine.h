/* What results are of: the processor and the versions. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include "report/report.h"

/* Such as "AMD EPYC 9B14, 2 processors; Talus 0.1.0; OpenBLAS 0.3.21 pthread, core Zen". */
void bench_machine(char *text, int bytes);

/* The same as fields of a result; and as the line above a table, unless the report is JSON. */
void bench_report_machine(bench_report *report);
void bench_print_machine(const bench_report *report);

#endif
