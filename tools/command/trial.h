/* Trials of a search: networks with options that are drawn, each trained by one thread. */
#ifndef TALUS_COMMAND_TRIAL_H
#define TALUS_COMMAND_TRIAL_H

#include "run.h"

/* What is drawn for a trial, as options and their texts. */
enum { LAYERS, RATE, DECAY, DROPOUT, DRAWN, VALUE_BYTES = 32 };
extern const char *const drawn[DRAWN];

typedef struct trial {
    int number;
    command_line line; /* the search's, with what was drawn */
    char values[DRAWN][VALUE_BYTES];
    talus_context *context;
    talus_dataset *whole, *training, *validation;
    talus_network *network;
    talus_trainer *trainer;
    double value; /* of the metric; NaN before it was trained, or if it diverged */
    int64_t epochs, steps;
    double seconds;
    talus_fit_result result; /* of its last round */
} trial;

/* What all trials share. */
typedef struct search_setting {
    command_line *line;
    talus_context *context;
    input_data data;
    run_options run;
    double deadline; /* a reading of the clock; infinite for none */
} search_setting;

/* Seconds since some moment. */
double read_clock(void);

/* Whether an option of those is drawn: nothing else says it, and it is not the dropout of hidden layers that there are not. */
int is_drawn(const search_setting *set, int k);

/* Draws the options of a trial; false after a message. End it in any case. */
int draw_trial(trial *of, const command_line *line, int number, uint64_t *state);
void end_trial(trial *of);

/* What no option fixes is what was drawn. A trial that has moved must be told again where its texts are. */
void take_drawn(const search_setting *set, trial *of);

/* The options of a run, but that trials have one rate all the time, since none knows how long it will be trained. */
int make_trial_run(command_line *line, talus_context *context, const talus_dataset *data, run_options *run);

/* Makes what a trial works with; false after a message. */
int begin_trial(const search_setting *set, trial *of);

/* Trains a trial that was begun for so many more epochs; false, with a message in its context, if a call fails. */
int train_trial(const search_setting *set, trial *of, int64_t epochs);

#endif
