/* What a run leaves behind, as the notes of its model hold it: how it went, epoch by epoch, and how good its network is. */
#ifndef TALUS_COMMAND_RECORD_H
#define TALUS_COMMAND_RECORD_H

#include <talus/talus.h>

#include "text.h"

typedef struct run_record {
    const talus_trainer *trainer;
    const talus_fit_result *result;
    const talus_report *report; /* of the network, on … */
    const char *judged_on;      /* "test" or "validation"; NULL if it was not judged */
    int metric;                 /* that was watched */
} run_record;

/* Puts {"outcome": "completed", "epochs": 30, …, "judged_on": "validation", "metrics": {…}}. */
void put_result(text_buffer *to, const run_record *of);

/* Puts a list for each number of the epochs, {"epoch": [1, 2, …], "cost": […], …}: of at most MOST_KEPT_EPOCHS, evenly spaced. */
enum { MOST_KEPT_EPOCHS = 10000 };
void put_history(text_buffer *to, const run_record *of);

#endif
