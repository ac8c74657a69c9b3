/* The parts of a report that show what the network says of samples. */
#ifndef TALUS_COMMAND_SHOWN_H
#define TALUS_COMMAND_SHOWN_H

#include <stdio.h>

#include "page.h"
#include "sample.h"

/* Of classes: how often each was taken for which, and how often predictions of a confidence are right. */
void put_confusion(FILE *to, const run_page *of, const samples *s);
void put_reliability(FILE *to, const samples *s);

/* Of numbers: predicted against true ones, and residuals. */
void put_regression(FILE *to, const samples *s);

/* How much the loss rises without each column of a table. */
void put_importance(FILE *to, const run_page *of, const samples *s);

/* The worst of the samples, as pictures if they are such. */
void put_worst(FILE *to, const run_page *of, const samples *s);

#endif
