/* Fits that have something of everything that a checkpoint keeps, whole and in pieces. */
#ifndef TESTS_CHECKPOINT_SUPPORT_H
#define TESTS_CHECKPOINT_SUPPORT_H

#include "fit_support.h"

/* Of the test that runs: a folder, and the path of a checkpoint in it. */
extern char folder[64], path[96];

void begin_checkpoints(void);
void end_checkpoints(void); /* removes the files */

/* A fit to be made: options, which may be for some methods only. */
typedef struct fit_case {
    const char *name;
    void (*set)(talus_fit_options *options);
    bool validates, normalizes, drops;
    bool needs_rate;  /* not for methods without one */
    bool accumulates; /* not for methods that search along lines */
    double rate;      /* 0: the default */
} fit_case;

enum { FIT_CASE_RETREATS = 6 };
extern const fit_case fit_cases[];
extern const int fit_case_count;

bool applies_to(const fit_case *of, int method);

/* A network and its trainer, and the options of the fit; schedules are static. */
pupil make_case(const fit_case *of, int precision, int method);
talus_fit_options options_of(const fit_case *of);

/* Fits the data of the case. */
talus_status fit_case_data(const fit_case *of, talus_trainer *trainer, const talus_fit_options *options,
                           talus_fit_result *result);

/* Stops a fit after so many of its steps, by the flag or by what a callback returns. */
typedef struct stopper {
    int64_t after, steps;
    volatile int flag;
    bool raises;
} stopper;
void stop_by(stopper *by, talus_fit_options *options);

/* Both have the same bits: parameters, running statistics, history, result, and what follows from the trainers' states. */
void same_fits(const fit_case *of, pupil *a, const talus_fit_result *of_a, pupil *b,
               const talus_fit_result *of_b);

/* Makes the fit of the checkpoint at the path. */
pupil resume_pupil(talus_fit_options *options);

#endif
