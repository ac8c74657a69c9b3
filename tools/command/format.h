/* What a file of data is. */
#ifndef TALUS_COMMAND_FORMAT_H
#define TALUS_COMMAND_FORMAT_H

enum { FORMAT_TABLE, FORMAT_IDX, FORMAT_NPY, FORMAT_NPZ, FORMAT_LIBSVM, FORMAT_COUNT };

/* "table", "idx", "npy", "npz", "libsvm"; and the value of a name, −1. */
const char *format_name(int format);
int format_value(const char *name);

/* Of a file that is called `name`, "-" being standard input, whose bytes stand at `path`: by the name, or else by how it begins. What
 * tells nothing is a table. */
int format_of(const char *name, const char *path);

#endif
