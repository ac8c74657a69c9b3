#include "report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bench_field *add(bench_report *report, const char *key, const char *heading, int width)
{
    if (report->count == BENCH_FIELDS)
        return NULL;
    bench_field *field = &report->fields[report->count++];
    *field = (bench_field){.key = key, .heading = heading, .width = width};
    return field;
}

/* A JSON string: quotes and backslashes are escaped, control characters become spaces. */
static void quote(const char *text, char *out, size_t bytes)
{
    size_t used = 0;
    out[used++] = '"';
    for (; *text && used + 3 < bytes; text++) {
        if (*text == '"' || *text == '\\')
            out[used++] = '\\';
        out[used++] = (unsigned char)*text < ' ' ? ' ' : *text;
    }
    out[used++] = '"';
    out[used] = '\0';
}

void bench_report_text(bench_report *report, const char *key, const char *heading, int width,
                       const char *text)
{
    bench_field *field = add(report, key, heading, width);
    if (!field)
        return;
    snprintf(field->text, sizeof field->text, "%s", text);
    quote(text, field->json, sizeof field->json);
}

static void add_number(bench_report *report, const char *key, const char *heading, int width,
                       const char *format, int decimals, double number)
{
    bench_field *field = add(report, key, heading, width);
    if (!field)
        return;
    snprintf(field->json, sizeof field->json, isfinite(number) ? "%.7g" : "null", number);
    if (isfinite(number))
        snprintf(field->text, sizeof field->text, format, decimals, number);
    else
        snprintf(field->text, sizeof field->text, "-");
}

void bench_report_number(bench_report *report, const char *key, const char *heading, int width, int decimals,
                         double number)
{
    add_number(report, key, heading, width, "%.*f", decimals, number);
}

void bench_report_small(bench_report *report, const char *key, const char *heading, int width, double number)
{
    add_number(report, key, heading, width, "%.*e", 1, number);
}

static void print_json(const bench_report *report)
{
    const char *before = "{";
    for (int i = 0; i < report->count; i++) {
        if (!report->fields[i].key)
            continue;
        printf("%s\"%s\": %s", before, report->fields[i].key, report->fields[i].json);
        before = ", ";
    }
    printf("}\n");
}

static void print_row(const bench_report *report, bool headings)
{
    for (int i = 0; i < report->count; i++) {
        const bench_field *field = &report->fields[i];
        if (field->heading)
            printf("%*s  ", field->width, headings ? field->heading : field->text);
    }
    printf("\n");
}

void bench_report_end(bench_report *report)
{
    if (report->json) {
        print_json(report);
    } else {
        if (!report->headed)
            print_row(report, true);
        report->headed = true;
        print_row(report, false);
    }
    fflush(stdout);
    report->count = 0;
}
