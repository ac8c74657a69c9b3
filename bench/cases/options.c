#include "cases/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cases/names.h"
#include "cases/option_table.h"
#include "measure/team.h"

#define ITEM_BYTES 512

void bench_options_defaults(bench_options *options)
{
    *options = (bench_options){.nets = {{.L = 3, .d = {784, 256, 128, 10}}},
                               .net_count = 1,
                               .batches = {128},
                               .batch_count = 1,
                               .activations = {TALUS_RELU},
                               .activation_count = 1,
                               .optimizers = {TALUS_ADAM},
                               .optimizer_count = 1,
                               .precisions = {TALUS_DTYPE_F32},
                               .precision_count = 1,
                               .threads = {1},
                               .thread_count = 1,
                               .rounds = 15,
                               .naive_rounds = 3,
                               .what = (1u << BENCH_WHATS) - 1,
                               .peers = (1u << BENCH_PEERS) - 1,
                               .data = "/usr/share/datasets/fashion-mnist",
                               .idx = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz",
                               .rates = {0.001},
                               .rate_count = 1,
                               .target = 1e-5,
                               .limit = 60,
                               .seed = 1};
}

void bench_options_whole_machine(bench_options *options)
{
    options->precisions[0] = TALUS_DTYPE_F32;
    options->precisions[1] = TALUS_DTYPE_F64;
    options->precision_count = 2;
    options->threads[1] = bench_processors();
    options->thread_count = options->threads[1] > 1 ? 2 : 1;
}

void bench_options_help(unsigned takes)
{
    for (int i = 0; i < bench_option_count; i++)
        if (takes & bench_option_table[i].bit)
            printf("  %-14s %-9s  %s\n", bench_option_table[i].name, bench_option_table[i].value,
                   bench_option_table[i].help);
    printf("  %-14s %-9s  %s\n", "--json", "", "one JSON object a line instead of a table");
    printf("  %-14s %-9s  %s\n", "--help", "", "this text");
}

/* Says what is wrong, and returns false. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
refuse(const char *command, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "talus-bench %s: ", command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    return false;
}

static bool take(bench_options *options, const char *command, const bench_option *o, const char *value)
{
    const char *item = value;
    for (int at = 0; item; at++) {
        const char *comma = o->list ? strchr(item, ',') : NULL;
        size_t length = comma ? (size_t)(comma - item) : strlen(item);
        char text[ITEM_BYTES];
        if (at == BENCH_LIST)
            return refuse(command, "%s must have at most %d items, got more", o->name, BENCH_LIST);
        snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text - 1), item);
        if (length >= sizeof text || !o->read(options, text, at))
            return refuse(command, "%s must be %s, got '%s'", o->name, o->wants, text);
        item = comma ? comma + 1 : NULL;
    }
    return true;
}

static const bench_option *find(const char *name, unsigned takes)
{
    for (int i = 0; i < bench_option_count; i++)
        if ((takes & bench_option_table[i].bit) && !strcmp(name, bench_option_table[i].name))
            return &bench_option_table[i];
    return NULL;
}

bool bench_options_parse(bench_options *options, const char *command, unsigned takes, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--json")) {
            options->json = true;
            continue;
        }
        const bench_option *o = find(argv[i], takes);
        if (!o)
            return refuse(command, "unknown option '%s'; see talus-bench %s --help", argv[i], command);
        if (o->value[0] && i + 1 == argc)
            return refuse(command, "%s must have a value, %s, got none", o->name, o->wants);
        if (!take(options, command, o, o->value[0] ? argv[++i] : ""))
            return false;
    }
    return true;
}
