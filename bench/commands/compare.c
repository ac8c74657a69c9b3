/* talus-bench compare: the same step, or epoch, in other libraries. */
#include "commands/compare.h"

#include "cases/names.h"
#include "commands/command.h"
#include "peers/directory.h"
#include "report/machine.h"

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bench_peer peers[BENCH_PEERS] = {0};
    bench_directory directory;
    int found = 0;
    bool good = bench_directory_create(&directory);
    for (int i = 0; i < BENCH_PEERS && good; i++)
        if ((options->peers >> i & 1) && (!options->epoch || i == BENCH_PEER_TORCH))
            found += bench_peer_start(i, &peers[i]);
    if (good && found)
        bench_print_machine(&report);
    if (good && found)
        good = options->epoch
                   ? bench_compare_epochs(&peers[BENCH_PEER_TORCH], directory.path, options, &report)
                   : bench_compare_steps(peers, directory.path, options, &report);
    for (int i = 0; i < BENCH_PEERS; i++)
        bench_peer_stop(&peers[i]);
    bench_directory_remove(&directory);
    return good ? BENCH_DONE : BENCH_FAILED;
}

static void prepare(bench_options *options)
{
    options->net_count = 0;
}

const bench_command bench_command_compare = {
    "compare",
    "the same step in PyTorch, oneDNN, FANN and scikit-learn, where they are installed",
    "Runs each peer in a process of its own, checks that outputs, costs and three steps agree with the "
    "library's,\n"
    "lets it find its best setting, and times steps of all in interleaved rounds; ratios are of the same "
    "round.\n"
    "Without --net: 784-256-128-10 with 128 samples on 1 and 2 threads, 1024x4 with 1024, 8-32-32-1 with 32; "
    "and two\n"
    "networks of tanh with gradient descent, which FANN has. --batch, --threads, … go with --net or "
    "--epoch.\n"
    "--epoch times epochs of 784-256-128-10 over a data set with PyTorch: shuffling, training and "
    "validation.\n",
    BENCH_SETUP | BENCH_ROUNDS | BENCH_SEED | BENCH_PLAN | BENCH_PEER | BENCH_EPOCH | BENCH_DATA,
    prepare,
    run};
