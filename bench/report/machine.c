#include "report/machine.h"

#include <stdio.h>
#include <string.h>
#include <talus/context.h>

#include "limits/blas.h"
#include "measure/team.h"

/* What /proc/cpuinfo calls the processor, where there is such a file. */
static void processor_name(char *text, int bytes)
{
    char line[BENCH_FIELD_BYTES];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(text, (size_t)bytes, "processor");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !colon)
            continue;
        snprintf(text, (size_t)bytes, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (file)
        fclose(file);
}

void bench_machine(char *text, int bytes)
{
    char processor[BENCH_FIELD_BYTES], blas[BENCH_FIELD_BYTES];
    processor_name(processor, sizeof processor);
    bench_blas_name(blas, sizeof blas);
    int written = snprintf(text, (size_t)bytes, "%s, %d processors; Talus %s; %s, core %s", processor,
                           bench_processors(), talus_version(), blas, bench_blas_core());
    if (written >= bytes)
        text[bytes - 1] = '\0';
}

void bench_report_machine(bench_report *report)
{
    char text[BENCH_FIELD_BYTES];
    processor_name(text, sizeof text);
    bench_report_text(report, "processor", NULL, 0, text);
    bench_report_number(report, "processors", NULL, 0, 0, bench_processors());
    bench_blas_name(text, sizeof text);
    bench_report_text(report, "blas", NULL, 0, text);
    bench_report_text(report, "core", NULL, 0, bench_blas_core());
    bench_report_text(report, "version", NULL, 0, talus_version());
}

void bench_print_machine(const bench_report *report)
{
    char text[3 * BENCH_FIELD_BYTES];
    bench_machine(text, sizeof text);
    if (!report->json)
        printf("%s\n", text);
}
