/* Labels that a file gives as numbers. */
#ifndef TALUS_COMMAND_LABELS_H
#define TALUS_COMMAND_LABELS_H

#include <talus/talus.h>

/* Whether labels, n × 1 of f64, are classes, as talus/table.h says of a target, or all of them −1 and 1; a task (a
 * talus_table_task) other than auto decides itself. Says why in a sentence. */
int are_classes(const talus_matrix *labels, int task, char *reason, size_t room);

#endif
