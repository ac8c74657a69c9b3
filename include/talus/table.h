/* Data sets from tables in text: CSV, TSV, and others whose columns a character separates.
 *
 *     talus_dataset *data, *more;
 *     talus_columns *columns;
 *     talus_table_options options;
 *     talus_table_options_defaults(&options);
 *     options.targets = "species";
 *     talus_dataset_read_table(context, "iris.csv", &options, &data, &columns);
 *     …
 *     talus_dataset_read_table_as(context, "more.csv", columns, NULL, &more);
 *     …
 *     talus_dataset_destroy(more);
 *     talus_dataset_destroy(data);
 *     talus_columns_destroy(columns);
 *
 * Files are as RFC 4180 describes them, plain or compressed with gzip (recognised by content): a record is a line of fields; a
 * field in quotes may hold separators, ends of lines and, doubled, quotes. More than there is allowed: lines end with LF, CRLF
 * or CR; empty lines are skipped; spaces around a field are not part of it; and a byte-order mark may come first. A row has as
 * many fields as the first one, at most 65536, and less than 16 MiB.
 *
 * Numbers have a decimal point in every locale, and become the nearest double. A column in which every value is a number holds
 * numbers; any other holds categories, in UTF-8. Values that are empty, NA, N/A, NaN, nan, null, NULL or ? are missing.
 *
 * Each input column of numbers is one input of the data set, and one of categories is one for each category: 1 where the
 * row has it, and 0 elsewhere. The target is a label if the task is classification; else targets are values. Inputs and
 * targets keep the order of the file. While a table is read, its values take 8 bytes each beside the data set. */
#ifndef TALUS_TABLE_H
#define TALUS_TABLE_H

#include <stddef.h>
#include <talus/dataset.h>

TALUS_BEGIN_C

/* What separates the fields of a row. */
typedef enum talus_separator {
    /* the one that divides the first lines (up to 100, of the first MiB) all into the same number of fields, and into the
     * most; the first below of several that do, and the comma if none does */
    TALUS_SEPARATOR_AUTO = 0,
    TALUS_SEPARATOR_COMMA = 1,
    TALUS_SEPARATOR_SEMICOLON = 2,
    TALUS_SEPARATOR_TAB = 3,
    TALUS_SEPARATOR_BAR = 4,  /* | */
    TALUS_SEPARATOR_COUNT = 5 /* known to this header */
} talus_separator;

/* Whether the first line holds the names of the columns. */
typedef enum talus_header {
    /* yes if none of its fields is a number, some are not empty, and no two of those are the same */
    TALUS_HEADER_AUTO = 0,
    TALUS_HEADER_YES = 1,
    TALUS_HEADER_NO = 2,
    TALUS_HEADER_COUNT = 3 /* known to this header */
} talus_header;

/* What is to be learned from a table. */
typedef enum talus_table_task {
    /* regression for several targets; for one, classification if it holds text, or if it holds whole numbers of at least 0,
     * at most 20 different ones, and each at least twice; else regression */
    TALUS_TABLE_TASK_AUTO = 0,
    TALUS_TABLE_TASK_CLASSIFICATION = 1, /* one target, whose values are classes */
    TALUS_TABLE_TASK_REGRESSION = 2,     /* targets are numbers */
    TALUS_TABLE_TASK_COUNT = 3           /* known to this header */
} talus_table_task;

/* What is done about a row in which a value is missing. */
typedef enum talus_missing {
    TALUS_MISSING_ERROR = 0, /* the table is refused */
    /* a missing input gets the mean of its column, which for a category is its share of the rows; missing targets and weights
     * are refused */
    TALUS_MISSING_MEAN = 1,
    TALUS_MISSING_DROP = 2, /* it is left out */
    TALUS_MISSING_COUNT = 3 /* known to this header */
} talus_missing;

/* What a column is for. */
typedef enum talus_role {
    TALUS_ROLE_INPUT = 0,
    TALUS_ROLE_TARGET = 1,
    TALUS_ROLE_WEIGHT = 2, /* of samples, at least 0: talus_dataset_set_weights */
    TALUS_ROLE_IGNORED = 3,
    TALUS_ROLE_COUNT = 4 /* known to this header */
} talus_role;

/* What a column holds. */
typedef enum talus_column_kind {
    TALUS_COLUMN_NUMBER = 0,
    TALUS_COLUMN_CATEGORY = 1,
    TALUS_COLUMN_KIND_COUNT = 2 /* known to this header */
} talus_column_kind;

/* How a table is read. Filled by talus_table_options_defaults. A list of columns is a text that names them, separated by commas:
 * each by its name in the header, in quotes if there is a comma in it; or by its number, 1, 2, … from the left, −1, −2, … from
 * the right. NULL is an empty list. The texts are read during the call only. */
typedef struct talus_table_options {
    int separator;           /* a talus_separator; default TALUS_SEPARATOR_AUTO */
    int header;              /* a talus_header; default TALUS_HEADER_AUTO */
    int missing;             /* a talus_missing; default TALUS_MISSING_ERROR */
    int task;                /* a talus_table_task; default TALUS_TABLE_TASK_AUTO */
    const char *targets;     /* list of columns; default NULL: the data set has no targets */
    const char *ignore;      /* list of columns to leave out; default NULL */
    const char *categories;  /* list of columns of categories, also where they are numbers; default NULL */
    const char *weights;     /* the one column of weights; default NULL */
    int64_t most_categories; /* that a column may have, at least 2; one with more is refused; default 100 */
    int optional_targets; /* of talus_dataset_read_table_as, 0 or 1. 1: the columns of targets and weights need not be in
                                the file; without those of targets the data set has none; default 0 */
    int unknown_categories; /* of talus_dataset_read_table_as, 0 or 1. 1: an input category that the columns do not have
                                gives zeros, where 0 refuses it; default 0 */
} talus_table_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_table_options_defaults_sized(talus_table_options *options, size_t size);

static inline void talus_table_options_defaults(talus_table_options *options)
{
    talus_table_options_defaults_sized(options, sizeof(talus_table_options));
}

/* What the columns of a table are: enough to read another table in the same way, and to say what a network's inputs and
 * outputs mean. It never changes. */
typedef struct talus_columns talus_columns;

/* Reads a data set from a table, and finds out what its columns are. Inputs and targets that are values become f64, labels
 * are numbered in the order of the classes' names. The file is read once if what the columns hold is seen in its first rows,
 * and twice if text comes later in one that seemed to hold numbers. Memory grows with the rows read so far. The caller
 * destroys what is made, in any order.
 *   options  NULL for the defaults
 *   columns  receives the description of the columns; or NULL
 * TALUS_ERROR_ARGUMENT (a NULL, options that are out of their range, do not apply, or name no column),
 * TALUS_ERROR_FILE (cannot be opened or read), TALUS_ERROR_FORMAT (not a table: line and column are named), TALUS_ERROR_DATA (a
 * value that cannot be used: line and column are named), TALUS_ERROR_UNSUPPORTED (gzip, in a library built without zlib; options
 * that this library does not know), TALUS_ERROR_MEMORY. *dataset and *columns are set on success only. */
TALUS_API talus_status talus_dataset_read_table_sized(talus_context *context, const char *path,
                                                      const talus_table_options *options, size_t options_size,
                                                      talus_dataset **dataset, talus_columns **columns);

static inline talus_status talus_dataset_read_table(talus_context *context, const char *path,
                                                    const talus_table_options *options,
                                                    talus_dataset **dataset, talus_columns **columns)
{
    return talus_dataset_read_table_sized(context, path, options, sizeof(talus_table_options), dataset,
                                          columns);
}

/* Reads a data set with the same inputs and targets from another table. If both have a header, columns are found by their
 * names, in any order and among others; else by position, and both tables must have the same number of them. header = auto takes the first
 * line for a header as above.
 *   columns  those of the first table
 *   options  separator, header, missing, optional_targets and unknown_categories; the others must be left at their
 *            defaults. NULL for the defaults
 * Status as above; TALUS_ERROR_FORMAT also if a column is not in the file; TALUS_ERROR_DATA if a category is unknown. */
TALUS_API talus_status talus_dataset_read_table_as_sized(talus_context *context, const char *path,
                                                         const talus_columns *columns,
                                                         const talus_table_options *options,
                                                         size_t options_size, talus_dataset **dataset);

static inline talus_status talus_dataset_read_table_as(talus_context *context, const char *path,
                                                       const talus_columns *columns,
                                                       const talus_table_options *options,
                                                       talus_dataset **dataset)
{
    return talus_dataset_read_table_as_sized(context, path, columns, options, sizeof(talus_table_options),
                                             dataset);
}

/* A column. The library makes these, and later versions append fields. */
typedef struct talus_column {
    const char *name;   /* "" without a header; lent until the columns are destroyed */
    int role;           /* a talus_role */
    int kind;           /* a talus_column_kind */
    int64_t categories; /* their number; 0 for a column of numbers */
    int64_t
        first; /* the first column of the data set's inputs or targets that it fills; −1 for other roles */
    int64_t width; /* how many it fills: 1, or for input categories one each; 0 for other roles */
    double mean;   /* of the numbers of an input, which fills in missing ones; else 0 */
} talus_column;

/* The number of columns of the table, ignored ones included; 0 for NULL. */
TALUS_API int64_t talus_columns_count(const talus_columns *columns);

/* Describes column number index = 0, 1, …; size is the caller's sizeof. TALUS_ERROR_ARGUMENT: a NULL, no such column. */
TALUS_API talus_status talus_columns_get_sized(const talus_columns *columns, int64_t index,
                                               talus_column *column, size_t size);

static inline talus_status talus_columns_get(const talus_columns *columns, int64_t index,
                                             talus_column *column)
{
    return talus_columns_get_sized(columns, index, column, sizeof(talus_column));
}

/* Category number k = 0, 1, … of a column, in the order of their bytes (of classes that are numbers, in that of the numbers),
 * lent until the columns are destroyed; and its share of the rows, for inputs. NULL and 0 if there is none. */
TALUS_API const char *talus_columns_category(const talus_columns *columns, int64_t index, int64_t k);
TALUS_API double talus_columns_share(const talus_columns *columns, int64_t index, int64_t k);

/* The number of inputs that the columns give; of targets, 1 for labels and 0 without targets; and of classes, 0 if targets are
 * not labels. 0 for NULL. */
TALUS_API int64_t talus_columns_inputs(const talus_columns *columns);
TALUS_API int64_t talus_columns_targets(const talus_columns *columns);
TALUS_API int64_t talus_columns_classes(const talus_columns *columns);

/* The name of class number k = 0, 1, …; NULL if there is none. */
TALUS_API const char *talus_columns_class(const talus_columns *columns, int64_t k);

/* The task (a talus_table_task), TALUS_TABLE_TASK_AUTO where there are no targets; and why it is that one, in a sentence
 * that is lent until the columns are destroyed. −1 and "" for NULL. */
TALUS_API int talus_columns_task(const talus_columns *columns);
TALUS_API const char *talus_columns_reason(const talus_columns *columns);

/* Columns as JSON, for the notes of a model. As much as fits into capacity bytes is written, with a 0 at the end; *length is
 * the length of the whole. text may be NULL if capacity is 0, and length may be NULL.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_columns_to_json(const talus_columns *columns, char *text, size_t capacity,
                                             size_t *length);

/* Makes columns from such a JSON text of `length` bytes, which may come from anywhere.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_FORMAT, TALUS_ERROR_MEMORY. *columns is set on success only. */
TALUS_API talus_status talus_columns_from_json(talus_context *context, const char *text, size_t length,
                                               talus_columns **columns);

/* Frees columns. NULL is allowed. */
TALUS_API void talus_columns_destroy(talus_columns *columns);

/* Writes a matrix to a file as CSV, whole or not at all: into a temporary file beside it, which is synced and takes its place.
 * Lines end with LF; numbers have as few digits as read back to the same bits, as f32 for f32.
 *   matrix  of any dtype
 *   names   a text for each column, which make the header; or NULL for none
 * TALUS_ERROR_ARGUMENT, TALUS_ERROR_SHAPE (as of any matrix; a name is NULL), TALUS_ERROR_FILE, TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_matrix_write_csv(talus_context *context, const talus_matrix *matrix,
                                              const char *const *names, const char *path);

/* Receives text piece by piece: length bytes, with no 0 at the end. A result other than 0 ends the call with an error. */
typedef int (*talus_text_sink)(const char *text, size_t length, void *user);

/* The same text, handed to a function of the caller's, which runs in the thread of the call.
 * TALUS_ERROR_ARGUMENT, TALUS_ERROR_SHAPE, TALUS_ERROR_FILE (the sink did not return 0), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_matrix_format_csv(talus_context *context, const talus_matrix *matrix,
                                               const char *const *names, talus_text_sink sink, void *user);

TALUS_END_C

#endif
