/* talus-bench tune: sizes of the plan for this machine, by coordinate descent. */
#include <stdio.h>
#include <string.h>

#include "cases/names.h"
#include "commands/command.h"
#include "report/machine.h"
#include "trial/plan_race.h"
#include "verify/against_naive.h"

#define PASSES      2
#define WORTH       0.995 /* a change must bring the time below this part of what it was */
#define ENTRY_BYTES 256

enum {
    PRODUCTS,
    SAMPLES,
    FEATURES,
    INNER,
    INNER_ACROSS,
    PACK,
    WEIGHT_ROWS,
    WEIGHT_COLS,
    CACHE,
    SIZES,
    VALUES = 6
};

/* Values to try. With --quick, the first two. */
static const struct {
    const char *name;
    const char *values[VALUES];
} sizes[SIZES] = {
    [PRODUCTS] = {"products", {"own", "blas"}},
    [SAMPLES] = {"samples", {"64", "32", "16", "48", "96", "128"}},
    [FEATURES] = {"features", {"96", "48", "24", "192", "384", "1024"}},
    [INNER] = {"inner", {"512", "128", "256", "64", "192", "1024"}},
    [INNER_ACROSS] = {"inner_across", {"128", "256", "64", "192", "384", "512"}},
    [PACK] = {"pack", {"4", "0", "1", "2", "8", "16"}},
    [WEIGHT_ROWS] = {"weight_rows", {"96", "120", "48", "192", "256", "64"}},
    [WEIGHT_COLS] = {"weight_cols", {"64", "128", "32", "96", "256", "512"}},
    [CACHE] = {"cache", {"1048576", "262144", "524288", "2097152", "4194304", "0"}},
};

/* An entry: for each size the value that it has, or NULL if it leaves the size out. */
typedef struct entry {
    const char *values[SIZES];
    char text[ENTRY_BYTES];
} entry;

/* A search for one precision. */
typedef struct search {
    const bench_options *options; /* of this precision only */
    const char *set;              /* the instruction set */
    entry best;
    bench_quartiles gain; /* the time with the entry found, divided by that without */
} search;

static const char *instruction_set(void)
{
    static const char *const names[TALUS_INSTRUCTION_SET_COUNT] = {"", "baseline", "avx2", "avx512"};
    talus_context *context = NULL;
    const char *name = talus_context_create(NULL, &context) == TALUS_OK
                           ? names[talus_context_instruction_set(context)]
                           : names[TALUS_INSTRUCTION_SET_BASELINE];
    talus_context_destroy(context);
    return name;
}

static void write_text(const search *s, entry *e)
{
    int used = snprintf(e->text, sizeof e->text, "%s %s", s->set,
                        talus_dtype_name(s->options->precisions[0]));
    for (int i = 0; i < SIZES; i++)
        if (e->values[i])
            used += snprintf(e->text + used, sizeof e->text - (size_t)used, " %s=%s", sizes[i].name,
                             e->values[i]);
}

/* Better by more than a trifle, and in three of four rounds. */
static bool is_better(bench_quartiles part)
{
    return part.median < WORTH && part.q3 < 1;
}

/* Searching ---------------------------------------------------------------------------------------------- */

/* The entry as it is, and with every other value of one size. */
static int candidates(const search *s, int size, entry list[VALUES + 1])
{
    int count = 1, most = s->options->quick ? 2 : VALUES;
    list[0] = s->best;
    for (int i = 0; i < most && sizes[size].values[i]; i++) {
        const char *value = sizes[size].values[i];
        if (s->best.values[size] && !strcmp(value, s->best.values[size]))
            continue;
        list[count] = s->best;
        list[count].values[size] = value;
        write_text(s, &list[count++]);
    }
    return count;
}

static bool improve(search *s, int size, bool *changed)
{
    entry list[VALUES + 1];
    const char *texts[VALUES + 1];
    bench_plan_race race;
    int count = candidates(s, size, list), best = 0;
    double least = 1;
    for (int i = 0; i < count; i++)
        texts[i] = list[i].text;
    bool good = bench_plan_race_run(s->options, texts, count, &race);
    for (int i = 1; i < count && good; i++) {
        bench_quartiles part = bench_plan_race_ratio(&race, i, 0, race.setups);
        fprintf(stderr, "%s: %.3f (%.3f to %.3f)\n", list[i].text, part.median, part.q1, part.q3);
        if (is_better(part) && part.median < least) {
            least = part.median;
            best = i;
        }
    }
    s->best = list[best];
    *changed = *changed || best > 0;
    bench_plan_race_close(&race);
    return good;
}

/* What the entry gained over the standard one on each network, as comments. */
static bool conclude(search *s, bench_report *report)
{
    entry standard = {{NULL}, ""};
    const char *const texts[] = {standard.text, s->best.text};
    bench_plan_race race;
    write_text(s, &standard);
    bool good = bench_plan_race_run(s->options, texts, 2, &race);
    if (good)
        s->gain = bench_plan_race_ratio(&race, 1, 0, race.setups);
    for (int i = 0; i < race.setups && good && !report->json; i++) {
        bench_setup setup = bench_setup_at(s->options, i);
        bench_quartiles part = bench_plan_race_ratio(&race, 1, i, 1);
        char net[BENCH_FIELD_BYTES];
        bench_shape_print(&setup.shape, true, net, sizeof net);
        printf(
            "# %s, batch %lld, %s, %s, threads %d: %.3f of the time with the standard entry (%.3f to %.3f)\n",
            net, (long long)setup.n, bench_optimizer_name(setup.method), talus_dtype_name(setup.precision),
            setup.threads, part.median, part.q1, part.q3);
    }
    bench_plan_race_close(&race);
    return good;
}

/* The entry, behind a # if it gained nothing. */
static void report_search(const search *s, bench_report *report)
{
    bool better = is_better(s->gain);
    if (!report->json) {
        printf("# over all %.3f (%.3f to %.3f)%s\n", s->gain.median, s->gain.q1, s->gain.q3,
               better ? "" : ": the standard entry is as good");
        printf("%s%s\n", better ? "" : "# ", s->best.text);
        fflush(stdout);
        return;
    }
    bench_report_text(report, "entry", NULL, 0, s->best.text);
    bench_report_text(report, "verdict", NULL, 0, better ? "better" : "as good");
    bench_report_number(report, "time_ratio", NULL, 0, 3, s->gain.median);
    bench_report_number(report, "time_ratio_q1", NULL, 0, 3, s->gain.q1);
    bench_report_number(report, "time_ratio_q3", NULL, 0, 3, s->gain.q3);
    bench_report_number(report, "setups", NULL, 0, 0, bench_setup_count(s->options));
    bench_report_number(report, "rounds", NULL, 0, 0, s->options->rounds);
    bench_report_machine(report);
    bench_report_end(report);
}

/* The standard entry takes the right step on every network, before anything is timed. */
static bool verify_networks(const search *s)
{
    bool good = true;
    double error;
    for (int i = 0; i < bench_setup_count(s->options) && good; i++) {
        bench_setup setup = bench_setup_at(s->options, i);
        good = bench_verify(&setup, &error);
    }
    return good;
}

static bool run_search(search *s, bench_report *report)
{
    bool good = verify_networks(s), changed = true;
    write_text(s, &s->best);
    for (int pass = 0; pass < PASSES && changed && good; pass++) {
        changed = false;
        for (int size = 0; size < SIZES && good; size++)
            good = improve(s, size, &changed);
    }
    good = good && conclude(s, report);
    if (good)
        report_search(s, report);
    return good;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    char machine[3 * BENCH_FIELD_BYTES];
    bench_machine(machine, sizeof machine);
    if (!options->json)
        printf("# Entries of the plan that talus-bench tune found on\n# %s\n", machine);
    for (int i = 0; i < options->precision_count; i++) {
        bench_options one = *options;
        one.precisions[0] = options->precisions[i];
        one.precision_count = 1;
        search s = {.options = &one, .set = instruction_set()};
        if (!run_search(&s, &report))
            return BENCH_FAILED;
    }
    return BENCH_DONE;
}

static void prepare(bench_options *options)
{
    static const char *const nets[] = {"784-256-128-10", "64x3", "512x4", "1024x3"};
    options->precisions[1] = TALUS_DTYPE_F64;
    options->precision_count = 2;
    options->net_count = 4;
    for (int i = 0; i < options->net_count; i++)
        bench_shape_parse(nets[i], &options->nets[i]);
    options->rounds = 9;
}

const bench_command bench_command_tune = {
    "tune",
    "better sizes of the plan for this machine",
    "Tries values of one size after the other, all in common interleaved rounds on all networks, and keeps "
    "one "
    "that is\n"
    "faster by its geometric mean in three of four rounds. Prints the entries that it ends with, and what "
    "they "
    "gained,\n"
    "as a text that talus_context_load_plan reads: talus-bench tune > plan. How it goes is told on stderr.\n"
    "Without --net: 784-256-128-10, 64x3, 512x4, 1024x3; without --precision both; 9 rounds.\n",
    BENCH_SETUP | BENCH_ROUNDS | BENCH_SEED | BENCH_PLAN | BENCH_QUICK,
    prepare,
    run};
