/* What the tests of option structs share: any of them, and a context, a network and data to use them with. */
#ifndef TESTS_OPTION_SUPPORT_H
#define TESTS_OPTION_SUPPORT_H

#include "support.h"

/* Any of the structs with options. */
typedef union any_struct {
    talus_context_options context;
    talus_network_spec network;
    talus_layer layer;
    talus_optimizer_spec optimizer;
    talus_fit_options fit;
    talus_schedule schedule;
    talus_minimize_options minimize;
    talus_report_options report;
    talus_output_range range;
    talus_table_options table;
    talus_least_squares_options least_squares;
    talus_solve_options solve;
    talus_levenberg_marquardt_options levenberg_marquardt;
    char bytes[1024];
} any_struct;

enum { STRUCTURES = TALUS_STRUCTURE_LEVENBERG_MARQUARDT + 1, MOST_MEMORY = 1 << 26 };

/* Of the test that runs. */
extern char last_line[1024]; /* of the log */
extern talus_context *context;
extern talus_network *network;
extern talus_dataset *data;
extern const talus_layer small_layer;

void setup(void);
void teardown(void);

/* A context that logs to last_line and refuses more than MOST_MEMORY at once, so that no test takes much. */
talus_context_options small_context(void);

void defaults(int structure, any_struct *options);
talus_option info_of(int structure, int index);

/* Options are stored and read through the pointers that their offsets give. */
double stored(const any_struct *options, const talus_option *info);
void store(any_struct *options, const talus_option *info, double value);

#endif
