/* talus-bench: measures what the library does on this machine. */
#include <stdio.h>
#include <string.h>
#include <talus/context.h>

#include "commands/command.h"

static const bench_command *const commands[] = {
    &bench_command_step,  &bench_command_epoch,   &bench_command_gemm,  &bench_command_scale,
    &bench_command_suite, &bench_command_compare, &bench_command_tune,  &bench_command_peak,
    &bench_command_costs, &bench_command_reach,   &bench_command_files, &bench_command_solve,
    &bench_command_lm};

#define COMMAND_COUNT ((int)(sizeof commands / sizeof *commands))

static void print_commands(FILE *stream)
{
    fprintf(stream, "usage: talus-bench COMMAND [OPTIONS]\n\ncommands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(stream, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(stream,
            "\n'talus-bench COMMAND --help' tells more; 'talus-bench --version' prints the version.\n");
}

static void print_help(const bench_command *command)
{
    printf("usage: talus-bench %s [OPTIONS]\n\n%s\noptions:\n", command->name, command->details);
    bench_options_help(command->takes);
}

static const bench_command *find(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

static int run(const bench_command *command, int argc, char **argv)
{
    bench_options options;
    for (int i = 0; i < argc; i++)
        if (!strcmp(argv[i], "--help")) {
            print_help(command);
            return BENCH_DONE;
        }
    bench_options_defaults(&options);
    if (command->prepare)
        command->prepare(&options);
    if (!bench_options_parse(&options, command->name, command->takes, argc, argv))
        return BENCH_USAGE;
    return command->run(&options);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return BENCH_USAGE;
    }
    if (!strcmp(argv[1], "--help")) {
        print_commands(stdout);
        return BENCH_DONE;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("talus-bench %s\n", talus_version());
        return BENCH_DONE;
    }
    const bench_command *command = find(argv[1]);
    if (command)
        return run(command, argc - 2, argv + 2);
    fprintf(stderr, "talus-bench: unknown command '%s'; see talus-bench --help\n", argv[1]);
    return BENCH_USAGE;
}
