/* Results: for each one either a line of JSON or a row of a table. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>

#define BENCH_FIELDS      40
#define BENCH_FIELD_BYTES 320

typedef struct bench_field {
    const char *key;     /* in JSON; NULL: not there */
    const char *heading; /* of the column; NULL: not in the table */
    int width;           /* of the column, at least that of the heading; negative: aligned to the left */
    char json[BENCH_FIELD_BYTES], text[BENCH_FIELD_BYTES];
} bench_field;

typedef struct bench_report {
    bool json;
    bool headed; /* the table has its headings */
    int count;
    bench_field fields[BENCH_FIELDS];
} bench_report;

/* Adds a field to the result. A number is printed in the table with `decimals`; NaN means that there is
 * none. */
void bench_report_text(bench_report *report, const char *key, const char *heading, int width,
                       const char *text);
void bench_report_number(bench_report *report, const char *key, const char *heading, int width, int decimals,
                         double number);
/* The same in the table as in "1.2e-06". */
void bench_report_small(bench_report *report, const char *key, const char *heading, int width, double number);

/* Prints the result and begins the next one. */
void bench_report_end(bench_report *report);

#endif
