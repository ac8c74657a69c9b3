/* How good a network is, as text and as JSON. */
#ifndef TALUS_COMMAND_JUDGE_H
#define TALUS_COMMAND_JUDGE_H

#include <stdio.h>
#include <talus/talus.h>

#include "text.h"

/* Judges a network on data; false after a message. */
int judge(talus_context *context, const talus_network *network, const talus_dataset *data,
          talus_report *report);

/* {"accuracy": 0.98, …} of what the report has; and a line each, with standard errors. */
void put_metrics(text_buffer *to, const talus_report *report);
void print_metrics(FILE *to, const talus_report *report);

#endif
