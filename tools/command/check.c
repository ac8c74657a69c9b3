/* What options ask for that could not be done is refused before anything else is. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job.h"

/* Options that do not go together, and why. If one of them alone comes from a configuration, the other is asked for, and counts. */
static const struct {
    const char *one, *other, *because;
} conflicts[] = {
    {"folds", "validation", "each fold is held out in turn"},
    {"folds", "metric", "nothing is watched while a fold is trained"},
    {"folds", "test", "each fold is a test set in turn"},
    {"folds", "test-share", "each fold is a test set in turn"},
    {"folds", "out", "each fold has a network of its own, and none is kept"},
    {"folds", "report", "each fold has a network of its own, and none is kept"},
    {"folds", "checkpoint", "each fold has a run of its own"},
    {"test", "test-share", "there is one test set"},
    {"no-scaling", "input-scaling", "one asks for a scaling, the other for none"},
};

static const char *const needs[][2] = {{"test-labels", "test"},
                                       {"kept-variance", "projection"},
                                       {"projection-epsilon", "projection"},
                                       {"checkpoint-epochs", "checkpoint"},
                                       {"checkpoint-seconds", "checkpoint"},
                                       {"checkpoint-keep", "checkpoint"}};

static int refuse_conflicts(command_line *line)
{
    for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
        const char *one = conflicts[i].one, *other = conflicts[i].other;
        const int rows[] = {find_option(~0u, one, strlen(one)), find_option(~0u, other, strlen(other))};
        if (!is_given(line, one) || !is_given(line, other))
            continue;
        if (line->from_file[rows[0]] != line->from_file[rows[1]]) {
            line->values[rows[line->from_file[rows[0]] ? 0 : 1]] = NULL;
            continue;
        }
        fprintf(stderr, "talus: --%s and --%s do not go together: %s\n", one, other, conflicts[i].because);
        return 0;
    }
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (is_given(line, needs[i][0]) && !is_given(line, needs[i][1]))
            return fprintf(stderr, "talus: --%s is for runs with --%s\n", needs[i][0], needs[i][1]), 0;
    return 1;
}

/* The directory of a file that is to be written. */
static int refuse_place(const char *option, const char *path)
{
    char directory[4096] = ".";
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    if (path == NULL || strlen(path) >= sizeof directory)
        return 1;
    if (slash != NULL)
        memcpy(directory, path, (size_t)(slash - path) + 1), directory[slash - path + 1] = '\0';
    struct stat about;
    const int is_directory = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    if (path[0] != '\0' && !is_directory && access(directory, W_OK) == 0)
        return 1;
    fprintf(stderr, "talus: --%s: \"%s\" cannot be written: %s\n", option, path,
            path[0] == '\0' ? "it has no name"
            : is_directory  ? "it is a directory"
                            : strerror(errno));
    return 0;
}

/* What is written to one place would be lost where the other is written. */
static int refuse_same_places(const char *const *options, size_t count, const command_line *line)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            const char *one = text_of(line, options[j]), *other = text_of(line, options[i]);
            if (one == NULL || other == NULL || strcmp(one, other) != 0)
                continue;
            fprintf(stderr, "talus: --%s and --%s must be two files, got \"%s\" for both\n", options[j],
                    options[i], one);
            return 0;
        }
    return 1;
}

int check_options(command_line *line)
{
    static const char *const places[] = {"out", "report", "checkpoint"};
    if (!refuse_conflicts(line) || !refuse_same_places(places, sizeof places / sizeof *places, line)) {
        line->wrong = 1;
        return 0;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!refuse_place(places[i], text_of(line, places[i])))
            return 0;
    return 1;
}
