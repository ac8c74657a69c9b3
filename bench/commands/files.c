/* talus-bench files: what reading and writing files costs, beside doing so with the same bytes without the library. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/file_work.h"
#include "commands/command.h"
#include "measure/rounds.h"
#include "report/machine.h"
#include "report/report.h"

/* NAN, and a sentence, if it fails. */
static double seconds_of(bool (*part)(bench_file_work *work), bench_file_work *work)
{
    double start = bench_now();
    if (part(work))
        return bench_now() - start;
    fprintf(stderr, "talus-bench: %s, %s, failed: %s\n", work->kind->name, work->kind->of,
            talus_error_message(work->context));
    return NAN;
}

static double measure_use(void *context, int64_t repetitions)
{
    bench_file_work *work = context;
    double seconds = 0;
    for (int64_t i = 0; i < repetitions; i++)
        seconds += seconds_of(work->kind->use, work) -
                   (work->kind->without ? seconds_of(work->kind->without, work) : 0);
    return isnan(seconds) ? -1 : fmax(seconds, 0);
}

static double measure_plain(void *context, int64_t repetitions)
{
    bench_file_work *work = context;
    double seconds = 0;
    for (int64_t i = 0; i < repetitions; i++)
        seconds += seconds_of(work->kind->plain, work);
    return isnan(seconds) ? -1 : seconds;
}

static void report_kind(bench_report *r, const bench_file_work *work, const bench_timing timings[2])
{
    const bench_quartiles *used = &timings[0].seconds, *plain = &timings[1].seconds;
    const double megabytes = 1e-6 * (double)work->size;
    bench_report_text(r, "work", "work", -16, work->kind->name);
    bench_report_text(r, "of", "of", -10, work->kind->of);
    bench_report_number(r, "megabytes", "MB", 7, 1, megabytes);
    bench_report_number(r, "ms", "ms", 8, 2, 1e3 * used->median);
    bench_report_number(r, "ms_q1", "q1", 8, 2, 1e3 * used->q1);
    bench_report_number(r, "ms_q3", "q3", 8, 2, 1e3 * used->q3);
    bench_report_number(r, "megabytes_per_second", "MB/s", 8, 0, megabytes / used->median);
    bench_report_text(r, "against", "against", -11, work->kind->against);
    bench_report_number(r, "against_ms", "ms", 8, 2, 1e3 * plain->median);
    bench_report_number(r, "ratio", "ratio", 6, 2, used->median / plain->median);
    bench_report_number(r, "rounds", NULL, 0, 0, timings[0].rounds);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, timings[0].switched);
    bench_report_machine(r);
    bench_report_end(r);
}

enum { MOST = 32 };

typedef struct workplace {
    char folder[BENCH_PATH];
    bench_file_work works[MOST];
    int count;
} workplace;

/* Where there is no file in the IDX format there is no work with it. */
static bool is_possible(const bench_file_kind *kind, const bench_options *options)
{
    bool missing = kind->make == bench_idx_make && access(options->idx, R_OK) != 0;
    if (missing)
        fprintf(stderr, "talus-bench: there is no file %s, see --idx\n", options->idx);
    return !missing;
}

static bool open_works(const bench_options *options, workplace *place)
{
    const char *folder = getenv("TMPDIR");
    const bench_file_kind *kind;
    snprintf(place->folder, sizeof place->folder, "%s/talus-bench-XXXXXX", folder ? folder : "/tmp");
    if (!mkdtemp(place->folder)) {
        fprintf(stderr, "talus-bench: %s cannot be made: %s\n", place->folder, strerror(errno));
        return false;
    }
    for (int i = 0; (kind = bench_file_kind_at(i)) != NULL && place->count < MOST; i++) {
        if (!is_possible(kind, options))
            continue;
        bench_file_work *work = &place->works[place->count++];
        if (bench_file_work_open(kind, i, place->folder, options, work))
            continue;
        fprintf(stderr,
                "talus-bench: %s, %s: what is read is not what was written, or there is an error: %s\n",
                kind->name, kind->of, talus_error_message(work->context));
        return false;
    }
    return true;
}

static void close_works(workplace *place)
{
    for (int i = 0; i < place->count; i++)
        bench_file_work_close(&place->works[i]);
    rmdir(place->folder);
    free(place);
}

static bool measure_works(const bench_options *options, workplace *place)
{
    bench_case cases[2 * MOST];
    bench_timing timings[2 * MOST];
    bench_report report = {.json = options->json};
    for (int i = 0; i < place->count; i++) {
        cases[2 * i] = (bench_case){.name = "use", .measure = measure_use, .context = &place->works[i]};
        cases[2 * i + 1] = (bench_case){
            .name = "plain", .measure = measure_plain, .context = &place->works[i]};
    }
    if (!bench_rounds(cases, 2 * place->count, options->rounds, options->seed, timings))
        return false;
    bench_print_machine(&report);
    for (int i = 0; i < place->count; i++)
        report_kind(&report, &place->works[i], &timings[2 * i]);
    return true;
}

static int run(const bench_options *options)
{
    workplace *place = calloc(1, sizeof *place);
    if (!place)
        return BENCH_FAILED;
    bool good = open_works(options, place) && measure_works(options, place);
    close_works(place);
    return good ? BENCH_DONE : BENCH_FAILED;
}

static void prepare(bench_options *options)
{
    options->rounds = 7;
}

const bench_command bench_command_files = {
    "files",
    "reading and writing files, beside plain reading and writing of the same bytes",
    "Makes files in a folder of its own in $TMPDIR (/tmp), reads each of them and compares it with what was "
    "written; then\n"
    "times, in interleaved rounds: CSV of several kinds of numbers, a million of them; .npy of 64 MB; IDX "
    "packed with gzip;\n"
    "a model of 34 MB and a checkpoint of 101 MB, which is what an epoch takes longer that writes it. Beside "
    "them, with the\n"
    "same bytes: read(2) or memcpy into new memory; write(2), fsync and rename; zcat >/dev/null. Files that "
    "are read are\n"
    "in the system's cache. MB are those of the file, of IDX unpacked. 7 rounds.\n",
    BENCH_ROUNDS | BENCH_SEED | BENCH_QUICK | BENCH_IDX,
    prepare,
    run};
