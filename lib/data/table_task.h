/* What is to be learnt from a table. */
#ifndef TL_DATA_TABLE_TASK_H
#define TL_DATA_TABLE_TASK_H

#include "data/table.h"

/* Chooses the task of a table all of whose rows are there, and says why. Where its only target holds numbers that are classes,
 * given by `targets`, they become the categories of its column, and *labels a new array of them; else it stays as it is. */
talus_status tl_table_choose_task(tl_table *table, const double *targets, int32_t **labels);

#endif
