#include "cases/option_table.h"

#include <errno.h>
#include <float.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/names.h"

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

/* A name's value goes to place `at` of a list; false if it has none. */
static bool read_name(int value, int at, int *list, int *count)
{
    list[at] = value;
    *count = at + 1;
    return value >= 0;
}

static bool read_activation(bench_options *o, const char *item, int at)
{
    return read_name(talus_activation_value(item), at, o->activations, &o->activation_count);
}

static bool read_optimizer(bench_options *o, const char *item, int at)
{
    return read_name(bench_find_optimizer(item), at, o->optimizers, &o->optimizer_count);
}

static bool read_precision(bench_options *o, const char *item, int at)
{
    return read_name(bench_find_precision(item), at, o->precisions, &o->precision_count);
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

/* A finite number above 0. */
static bool read_number(const char *item, double *number)
{
    char *end;
    double value = strtod(item, &end);
    bool good = ((item[0] >= '0' && item[0] <= '9') || item[0] == '.') && *end == '\0' && value > 0 &&
                value <= DBL_MAX;
    if (good)
        *number = value;
    return good;
}

static bool read_rate(bench_options *o, const char *item, int at)
{
    o->rate_count = at + 1;
    return read_number(item, &o->rates[at]);
}

static bool read_target(bench_options *o, const char *item, int at)
{
    (void)at;
    return read_number(item, &o->target);
}

static bool read_limit(bench_options *o, const char *item, int at)
{
    (void)at;
    return read_number(item, &o->limit);
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

static bool read_idx(bench_options *o, const char *item, int at)
{
    (void)at;
    return read_path(o->idx, item);
}

/* Adds the bit of what was found to a set, which the first item of a list empties. */
static bool read_bit(int found, int at, unsigned *set)
{
    *set = at == 0 ? 0 : *set;
    *set |= found >= 0 ? 1u << found : 0;
    return found >= 0;
}

static bool read_what(bench_options *o, const char *item, int at)
{
    return read_bit(bench_find_what(item), at, &o->what);
}

static bool read_peer(bench_options *o, const char *item, int at)
{
    return read_bit(bench_find_peer(item), at, &o->peers);
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

const bench_option bench_option_table[] = {
    {"--net", "NET,...",
     "widths from inputs to outputs (784-256-128-10); 1024x4, four layers\n"
     "                            of one width, is short for 1024-1024-1024-1024-1024",
     BENCH_NET, true, read_net,
     "widths from 1 to 1000000 joined by '-', such as 784-256-128-10 or 1024x4, with 64 layers at most"},
    {"--batch", "N,...", "samples a step (128)", BENCH_BATCH, true, read_batch, "a number from 1 to 1000000"},
    {"--activation", "NAME,...", "of hidden layers, by its name in the library: relu, tanh, ... (relu)",
     BENCH_ACTIVATION, true, read_activation, "the name of an activation, such as relu or leaky_relu"},
    {"--optimizer", "NAME,...", "sgd, or by its name in the library: momentum, adam, ... (adam)",
     BENCH_OPTIMIZER, true, read_optimizer, "sgd, or the name of a method, such as momentum or adam"},
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
    {"--rate", "R,...", "rates to try, of the methods that have one (0.003,0.01,0.03,0.1,0.3)", BENCH_RATES,
     true, read_rate, "a number above 0"},
    {"--target", "COST", "the cost of training to reach (1e-5)", BENCH_TARGET, false, read_target,
     "a number above 0"},
    {"--limit", "SECONDS", "after which a method has not reached it (60)", BENCH_LIMIT, false, read_limit,
     "a number above 0"},
    {"--idx", "FILE",
     "of bytes in the IDX format, packed with gzip\n"
     "                            (/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz)",
     BENCH_IDX, false, read_idx, "a path"},
    {"--quick", "", "small networks or files and few rounds, to see that all works", BENCH_QUICK, false,
     read_quick, ""},
    {"--svg", "FILE", "draws what was measured", BENCH_SVG, false, read_svg, "a path"},
};

const int bench_option_count = sizeof bench_option_table / sizeof *bench_option_table;
