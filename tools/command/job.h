/* A run of talus train or talus resume: its data and their parts, its network, and how it went. */
#ifndef TALUS_COMMAND_JOB_H
#define TALUS_COMMAND_JOB_H

#include "look.h"
#include "run.h"

typedef struct job {
    command_line *line;
    talus_context *context;
    input_data data;
    input_data test_file;                               /* of --test */
    talus_dataset *rest, *test, *training, *validation; /* parts of the data; NULL where there is none */
    run_options run;
    char *notes; /* of its checkpoints; or NULL */
    talus_network *network;
    talus_trainer *trainer;
    talus_fit_result result;
    health_look look;      /* for the report */
    talus_report report;   /* of the network on what it is judged on */
    const char *judged_on; /* "test" or "validation"; NULL if it was not */
} job;

/* Divides the data, as far as that is asked for, into what is trained on, a validation and a test set. */
int divide(job *of);

/* What is trained on; and what the network is judged on, NULL for nothing. */
talus_dataset *trained_on(const job *of);
const talus_dataset *held_out(const job *of);

/* Makes network and trainer for what is trained on; they are destroyed by end_run. */
int begin_run(job *of, talus_dataset *training);
void end_run(job *of);

/* Trains; false after a message. */
int train_on(job *of, const talus_dataset *training, const talus_dataset *validation);

/* Cross-validation: returns the exit status. */
int train_folds(job *of, int64_t folds);

/* Refuses options of talus train or talus search that do not go together, and files that could not be written. */
int check_options(command_line *line);

#endif
