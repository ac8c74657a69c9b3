/* The talus command: trains networks on files, and uses them. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "complete.h"
#include "config.h"

static const char *const train_examples[] = {
    "talus train data.csv --target y --out model.safetensors",
    "talus train data.csv --target y --layers 128,64 --epochs 200 --patience 20 --report report.html",
    "talus train train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz --layers 256,128",
    "talus train data.csv --target y --out model.safetensors --checkpoint run.checkpoint",
    "talus train data.csv --config model.safetensors --seed 2   # the run of a model once more",
    NULL};
static const char *const predict_examples[] = {"talus predict model.safetensors new.csv > predictions.csv",
                                               "cat new.csv | talus predict model.safetensors - | head",
                                               NULL};
static const char *const evaluate_examples[] = {"talus evaluate model.safetensors test.csv",
                                                "talus evaluate model.safetensors test.csv --json", NULL};
static const char *const info_examples[] = {"talus info model.safetensors", NULL};
static const char *const export_examples[] = {"talus export model.safetensors --onnx model.onnx",
                                              "talus export model.safetensors --c model", NULL};
static const char *const resume_examples[] = {"talus resume run.checkpoint", NULL};
static const char *const data_examples[] = {"talus data describe data.csv", NULL};
static const char *const search_examples[] = {
    "talus search data.csv --target y --trials 50 --time 10m --out best.safetensors", NULL};
static const char *const plan_examples[] = {"talus plan 784-256-128-10 128", NULL};

const subcommand commands[] = {
    {"train", "DATA", "Trains a network on a table, an array or pictures.", run_train, FOR_TRAIN,
     train_examples},
    {"predict", "MODEL DATA", "Gives the predictions of a model as CSV.", run_predict, FOR_PREDICT,
     predict_examples},
    {"evaluate", "MODEL DATA", "Judges a model on data with targets.", run_evaluate, FOR_EVALUATE,
     evaluate_examples},
    {"info", "MODEL", "Says what a model is.", run_info, FOR_INFO, info_examples},
    {"export", "MODEL", "Writes a model for other programs.", run_export, FOR_EXPORT, export_examples},
    {"resume", "CHECKPOINT", "Goes on with a run that was stopped.", run_resume, FOR_RESUME, resume_examples},
    {"data", "describe DATA", "Says what the columns of a table are.", run_data, FOR_DATA, data_examples},
    {"search", "DATA", "Tries widths, depths, rates and more, and keeps the best network.", run_search,
     FOR_SEARCH, search_examples},
    {"plan", "WIDTHS BATCH", "Says what will run on this machine for a network of these widths.", run_plan,
     FOR_PLAN, plan_examples},
};
const int command_count = sizeof commands / sizeof *commands;

static void print_help(FILE *to)
{
    fprintf(to, "Trains dense neural networks on CPUs, and uses them.\n\n");
    for (int i = 0; i < command_count; i++)
        fprintf(to, "    %s\n", commands[i].examples[0]);
    fprintf(to, "\nCommands:\n");
    for (int i = 0; i < command_count; i++)
        fprintf(to, "  %-10s%s\n", commands[i].name, commands[i].sentence);
    fprintf(to, "  %-10s%s\n  %-10s%s\n", "version", "Prints the version of the library.", "complete",
            "Prints the completion of a shell: bash, zsh or fish.");
    fprintf(
        to,
        "\n`talus COMMAND --help` tells more of one. Results go to standard output, messages to standard\n"
        "error. Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.\n");
}

static void print_command_help(FILE *to, const subcommand *of)
{
    fprintf(to, "%s\n\n", of->sentence);
    for (int i = 0; of->examples[i] != NULL; i++)
        fprintf(to, "    %s\n", of->examples[i]);
    fprintf(to, "\nusage: talus %s %s [option ...]\n\nOptions:\n", of->name, of->operands);
    print_options(to, of->bit);
    fprintf(to, "  --help\n        This text.\n");
}

static int refuse_command(const char *name)
{
    const char *nearest = "version";
    for (int i = 0; i < command_count; i++)
        if (word_distance(commands[i].name, name) < word_distance(nearest, name))
            nearest = commands[i].name;
    fprintf(stderr, "talus: there is no command \"%s\"; did you mean \"%s\"? `talus --help` lists them.\n",
            name, nearest);
    return WRONG_USAGE;
}

static int wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return 1;
    return 0;
}

static int run(const subcommand *found, int argc, char **argv)
{
    command_line line = {.command = found->bit};
    if (wants_help(argc, argv)) {
        print_command_help(stdout, found);
        return DONE;
    }
    int status = read_arguments(&line, argc, argv) ? found->run(&line) : WRONG_USAGE;
    if (status == FAILED && line.wrong)
        status = WRONG_USAGE;
    if (status == WRONG_USAGE)
        fprintf(stderr, "usage: talus %s %s [option ...]; `talus %s --help` tells more\n", found->name,
                found->operands, found->name);
    free_line(&line);
    return status;
}

static int run_main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return WRONG_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return DONE;
    }
    if (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0)
        return puts(talus_version()) < 0 ? FAILED : DONE;
    if (strcmp(argv[1], "complete") == 0)
        return print_completion(argc > 2 ? argv[2] : "") ? DONE : WRONG_USAGE;
    for (int i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, argv[1]) == 0)
            return run(&commands[i], argc - 2, argv + 2);
    return refuse_command(argv[1]);
}

int main(int argc, char **argv)
{
    int status = run_main(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == DONE) {
        fprintf(stderr, "talus: standard output cannot be written\n");
        status = FAILED;
    }
    return status;
}
