#include "cases/options.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_BYTES 512

/* How to read one item of an option's value into place `at` of its list. */
typedef bool (*reader)(bench_options *options, const char *item, int at);

typedef struct option {
    const char *name, *value, *help; /* value "": it takes none */
    unsigned bit;
    bool list;
    reader read;
    const char *wants; /* the end of the sentence that refuses an item */
} option;

/* Names -------------------------------------------------------------------------------------------------- */

static const char *const optimizer_names[TALUS_METHOD_COUNT] = {"sgd", "momentum", "adam"};

const char *bench_optimizer_name(int method)
{
    return optimizer_names[method];
}

const char *bench_precision_name(int precision)
{
    return precision == TALUS_F32 ? "f32" : "f64";
}

static const char *const what_names[BENCH_WHATS] = {"threads", "batch", "width", "depth"};
static const char *const peer_names[BENCH_PEERS] = {"torch", "dnnl", "fann", "sklearn"};

const char *bench_what_name(int what)
{
    return what_names[what];
}

const char *bench_peer_name(int kind)
{
    return peer_names[kind];
}

/* Where an item stands among names; −1 if nowhere. */
static int find_name(const char *item, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(item, names[i]))
            return i;
    return -1;
}

/* Readers ------------------------------------------------------------------------------------------------ */

static bool read_integer(const char *item, long long least, long long most, long long *value)
{
    char *end;
    errno = 0;
    *value = strtoll(item, &end, 10);
    return item[0] >= '0' && item[0] <= '9' && *end == '\0' && !errno && *value >= least && *value <= most;
}

static bool read_net(bench_options *o, const char *item, int at)
{
    o->net_count = at + 1;
    return bench_shape_parse(item, &o->nets[at]);
}

static bool read_batch(bench_options *o, const char *item, int at)
{
    long long value;
    if (!read_integer(item, 1, 1000000, &value))
        return false;
    o->batches[at] = value;
    o->batch_count = at + 1;
    return true;
}

static bool read_activation(bench_options *o, const char *item, int at)
{
    o->activation_count = at + 1;
    for (int f = 0; f < TALUS_SOFTMAX; f++)
        if (!strcmp(item, talus_activation_name(f))) {
            o->activations[at] = f;
            return true;
        }
    return false;
}

static bool read_optimizer(bench_options *o, const char *item, int at)
{
    o->optimizer_count = at + 1;
    o->optimizers[at] = find_name(item, optimizer_names, TALUS_METHOD_COUNT);
    return o->optimizers[at] >= 0;
}

static bool read_precision(bench_options *o, const char *item, int at)
{
    o->precision_count = at + 1;
    o->precisions[at] = !strcmp(item, "f64") ? TALUS_F64 : TALUS_F32;
    return !strcmp(item, "f32") || !strcmp(item, "f64");
}

static bool read_threads(bench_options *o, const char *item, int at)
{
    long long value;
    if (!read_integer(item, 1, 1024, &value))
        return false;
    o->threads[at] = (int)value;
    o->thread_count = at + 1;
    return true;
}

static bool read_loss(bench_options *o, const char *item, int at)
{
    (void)at;
    o->squared = !strcmp(item, "squared");
    return o->squared || !strcmp(item, "default");
}

static bool read_count(const char *item, long long least, int *count)
{
    long long value;
    bool good = read_integer(item, least, 10000, &value);
    if (good)
        *count = (int)value;
    return good;
}

static bool read_rounds(bench_options *o, const char *item, int at)
{
    (void)at;
    return read_count(item, 1, &o->rounds);
}

static bool read_naive_rounds(bench_options *o, const char *item, int at)
{
    (void)at;
    return read_count(item, 0, &o->naive_rounds);
}

static bool read_seed(bench_options *o, const char *item, int at)
{
    long long value;
    (void)at;
    if (!read_integer(item, 0, LLONG_MAX, &value))
        return false;
    o->seed = (uint64_t)value;
    return true;
}

static bool read_path(char *path, const char *item)
{
    snprintf(path, BENCH_PATH, "%s", item);
    return item[0] != '\0';
}

static bool read_svg(bench_options *o, const char *item, int at)
{
    (void)at;
    return read_path(o->svg, item);
}

static bool read_data(bench_options *o, const char *item, int at)
{
    (void)at;
    return read_path(o->data, item);
}

static bool read_plan(bench_options *o, const char *item, int at)
{
    (void)at;
    return read_path(o->plan, item);
}

/* Adds the bit of a name to a set, which the first item of a list empties. */
static bool read_bit(const char *item, const char *const *names, int count, int at, unsigned *set)
{
    int found = find_name(item, names, count);
    *set = at == 0 ? 0 : *set;
    *set |= found >= 0 ? 1u << found : 0;
    return found >= 0;
}

static bool read_what(bench_options *o, const char *item, int at)
{
    return read_bit(item, what_names, BENCH_WHATS, at, &o->what);
}

static bool read_peer(bench_options *o, const char *item, int at)
{
    return read_bit(item, peer_names, BENCH_PEERS, at, &o->peers);
}

static bool read_quick(bench_options *o, const char *item, int at)
{
    (void)item, (void)at;
    return o->quick = true;
}

static bool read_epoch(bench_options *o, const char *item, int at)
{
    (void)item, (void)at;
    return o->epoch = true;
}

/* The options -------------------------------------------------------------------------------------------- */

static const option options_known[] = {
    {"--net", "NET,...",
     "widths from inputs to outputs (784-256-128-10); 1024x4, four layers\n"
     "                            of one width, is short for 1024-1024-1024-1024-1024",
     BENCH_NET, true, read_net,
     "widths from 1 to 1000000 joined by '-', such as 784-256-128-10 or 1024x4, with 64 layers at most"},
    {"--batch", "N,...", "samples a step (128)", BENCH_BATCH, true, read_batch, "a number from 1 to 1000000"},
    {"--activation", "NAME,...",
     "of hidden layers: identity, relu, leaky_relu, elu, sigmoid, tanh, softplus (relu)", BENCH_ACTIVATION,
     true, read_activation, "identity, relu, leaky_relu, elu, sigmoid, tanh or softplus"},
    {"--optimizer", "NAME,...", "sgd, momentum, adam (adam)", BENCH_OPTIMIZER, true, read_optimizer,
     "sgd, momentum or adam"},
    {"--precision", "NAME,...", "f32, f64 (f32; of peak: both)", BENCH_PRECISION_LIST, true, read_precision,
     "f32 or f64"},
    {"--threads", "N,...", "threads at work (1; of peak: 1, and one for each processor)", BENCH_THREADS, true,
     read_threads, "a number from 1 to 1024"},
    {"--loss", "NAME",
     "default: cross-entropy of a softmax, of a sigmoid if there is one output;\n"
     "                            squared: squared error of a linear last layer",
     BENCH_LOSS, false, read_loss, "default or squared"},
    {"--rounds", "N", "measurements of each case, after one that is dropped (15)", BENCH_ROUNDS, false,
     read_rounds, "a number from 1 to 10000"},
    {"--naive-rounds", "N", "measurements of the naive loops, which are slow; 0: none (3)",
     BENCH_NAIVE_ROUNDS, false, read_naive_rounds, "a number from 0 to 10000"},
    {"--seed", "N", "of data, weights and the order of rounds (1)", BENCH_SEED, false, read_seed,
     "a number from 0 to 9223372036854775807"},
    {"--plan", "FILE", "entries of the plan to use, as `talus-bench tune` prints them", BENCH_PLAN, false,
     read_plan, "a path"},
    {"--data", "DIR",
     "with files named as those of MNIST, plain or .gz; or `digits`, those in\n"
     "                            examples/data (/usr/share/datasets/fashion-mnist)",
     BENCH_DATA, false, read_data, "a path"},
    {"--what", "NAME,...", "threads, batch, width, depth (all)", BENCH_WHAT, true, read_what,
     "threads, batch, width or depth"},
    {"--peers", "NAME,...", "torch, dnnl, fann, sklearn (all)", BENCH_PEER, true, read_peer,
     "torch, dnnl, fann or sklearn"},
    {"--epoch", "", "compares epochs over a data set, validation included, not steps", BENCH_EPOCH, false,
     read_epoch, ""},
    {"--quick", "", "small networks and few rounds, to see that all works", BENCH_QUICK, false, read_quick,
     ""},
    {"--svg", "FILE", "draws what was measured", BENCH_SVG, false, read_svg, "a path"},
};

#define OPTION_COUNT ((int)(sizeof options_known / sizeof *options_known))

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
                               .precisions = {TALUS_F32},
                               .precision_count = 1,
                               .threads = {1},
                               .thread_count = 1,
                               .rounds = 15,
                               .naive_rounds = 3,
                               .what = (1u << BENCH_WHATS) - 1,
                               .peers = (1u << BENCH_PEERS) - 1,
                               .data = "/usr/share/datasets/fashion-mnist",
                               .seed = 1};
}

void bench_options_help(unsigned takes)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (takes & options_known[i].bit)
            printf("  %-14s %-9s  %s\n", options_known[i].name, options_known[i].value,
                   options_known[i].help);
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

static bool take(bench_options *options, const char *command, const option *o, const char *value)
{
    const char *item = value;
    for (int at = 0; item; at++) {
        const char *comma = o->list ? strchr(item, ',') : NULL;
        size_t length = comma ? (size_t)(comma - item) : strlen(item);
        char text[ITEM_BYTES];
        if (at == BENCH_LIST)
            return refuse(command, "%s takes %d items at most", o->name, BENCH_LIST);
        snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text - 1), item);
        if (length >= sizeof text || !o->read(options, text, at))
            return refuse(command, "%s got '%s', wants %s", o->name, text, o->wants);
        item = comma ? comma + 1 : NULL;
    }
    return true;
}

static const option *find(const char *name, unsigned takes)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if ((takes & options_known[i].bit) && !strcmp(name, options_known[i].name))
            return &options_known[i];
    return NULL;
}

bool bench_options_parse(bench_options *options, const char *command, unsigned takes, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--json")) {
            options->json = true;
            continue;
        }
        const option *o = find(argv[i], takes);
        if (!o)
            return refuse(command, "unknown option '%s'; see talus-bench %s --help", argv[i], command);
        if (o->value[0] && i + 1 == argc)
            return refuse(command, "%s wants a value: %s", o->name, o->wants);
        if (!take(options, command, o, o->value[0] ? argv[++i] : ""))
            return false;
    }
    return true;
}
