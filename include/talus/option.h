/* Options by name: every field of every option struct, its meaning, default and range, to be read and set as text.
 *
 *     talus_optimizer_spec spec;
 *     talus_optimizer_defaults(&spec, TALUS_ADAM);
 *     talus_option_set(context, TALUS_STRUCTURE_OPTIMIZER, &spec, "beta1", "0.95");
 *
 * The calls that take a struct check it by the same tables and use the same names in their messages. */
#ifndef TALUS_OPTION_H
#define TALUS_OPTION_H

#include <stddef.h>
#include <stdint.h>
#include <talus/least_squares.h>
#include <talus/levenberg_marquardt.h>
#include <talus/metrics.h>
#include <talus/minimize.h>
#include <talus/schedule.h>
#include <talus/solve.h>
#include <talus/table.h>
#include <talus/train.h>

TALUS_BEGIN_C

/* The structs that have options. */
typedef enum talus_structure {
    TALUS_STRUCTURE_CONTEXT = 0,        /* talus_context_options */
    TALUS_STRUCTURE_NETWORK = 1,        /* talus_network_spec */
    TALUS_STRUCTURE_LAYER = 2,          /* talus_layer */
    TALUS_STRUCTURE_OPTIMIZER = 3,      /* talus_optimizer_spec */
    TALUS_STRUCTURE_FIT = 4,            /* talus_fit_options */
    TALUS_STRUCTURE_SCHEDULE = 5,       /* talus_schedule */
    TALUS_STRUCTURE_MINIMIZE = 6,       /* talus_minimize_options */
    TALUS_STRUCTURE_REPORT = 7,         /* talus_report_options */
    TALUS_STRUCTURE_RANGE = 8,          /* talus_output_range */
    TALUS_STRUCTURE_TABLE = 9,          /* talus_table_options */
    TALUS_STRUCTURE_LEAST_SQUARES = 10, /* talus_least_squares_options */
    TALUS_STRUCTURE_SOLVE = 11,         /* talus_solve_options */
    TALUS_STRUCTURE_LEVENBERG_MARQUARDT = 12 /* talus_levenberg_marquardt_options */
} talus_structure;

/* What a field holds, and its text. */
typedef enum talus_option_type {
    TALUS_OPTION_TYPE_INT = 0,    /* int: "-12" */
    TALUS_OPTION_TYPE_INT64 = 1,  /* int64_t: the same */
    TALUS_OPTION_TYPE_DOUBLE = 2, /* double: "0.001" or "1e-3", with a point in every locale */
    TALUS_OPTION_TYPE_FLAG = 3,   /* int, 0 or 1: "true", "false", "1" or "0" */
    TALUS_OPTION_TYPE_NAME = 4,   /* int, or int64_t of size 8, an enumerator: its name, such as "relu" */
    TALUS_OPTION_TYPE_POINTER = 5 /* a pointer: has no text */
} talus_option_type;

/* What is known of an option. The strings are static. */
typedef struct talus_option {
    const char *name;     /* of the field, such as "beta1" */
    const char *sentence; /* what it means */
    const char *unit;     /* such as "samples"; "" for a pure number */
    int type;             /* a talus_option_type */
    int enumeration;      /* the talus_enumeration of a name; −1 for other types */
    int64_t offset;       /* bytes from the start of the struct */
    int64_t size;         /* bytes */
    double standard;      /* the default; 0 for a pointer, which is NULL */
    double least;         /* the range; infinite: no bound but that of the type, and doubles must be finite */
    double most;
    int least_open; /* 1: the value must be above least; 0: least itself is allowed */
    int most_open;  /* the same of most */
} talus_option;

/* The number of options of a structure (a talus_structure); 0 for an unknown one. */
TALUS_API int talus_option_count(int structure);

/* Describes option number index = 0, 1, … of a structure, in the order of its fields.
 * TALUS_ERROR_ARGUMENT: info is NULL, size is too small, or there is no such structure or option. */
TALUS_API talus_status talus_option_info_sized(int structure, int index, talus_option *info, size_t size);

/* Sets the option `name` of a struct to the value that text gives.
 *   context    receives the message of an error; or NULL
 *   structure  a talus_structure
 *   options    the struct, filled by its …_defaults; size is its sizeof
 * Only the one field changes: "method" leaves the rate as it was. What depends on several options is checked by the
 * call that takes the struct.
 * TALUS_ERROR_ARGUMENT: a NULL, an unknown structure or name (the nearest one is named), a text that is no value of
 * the option or out of its range, a pointer. TALUS_ERROR_UNSUPPORTED: the caller's struct ends before the option. */
TALUS_API talus_status talus_option_set_sized(talus_context *context, int structure, void *options,
                                              size_t size, const char *name, const char *text);

/* The value of the option `name` as text, which talus_option_set reads back to the same value: numbers have as
 * few digits as that allows. As much of it as fits is written to text, with a 0 at its end.
 *   capacity  bytes of text; may be 0
 *   length    receives the length of the whole text, without the 0; or NULL
 * Errors as for talus_option_set. */
TALUS_API talus_status talus_option_get_sized(talus_context *context, int structure, const void *options,
                                              size_t size, const char *name, char *text, size_t capacity,
                                              size_t *length);

/* Calls `member` for each member of a JSON object in turn, with its name and its value as text that talus_option_set takes: a
 * string is given without its quotes, anything else as it stands. The strings are lent during the call of `member`, which
 * ends the reading by returning a number other than 0. So a file of options can be read:
 *
 *     static int set(const char *name, const char *value, void *fit)
 *     {
 *         return talus_option_set(context, TALUS_STRUCTURE_FIT, fit, name, value);
 *     }
 *     talus_json_each(context, "{\"epochs\": 5, \"shuffle\": false}", set, &options);
 *
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_FORMAT (not one JSON object, RFC 8259, nested at most 64 deep: the byte is
 * named; members before it were given), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_json_each(talus_context *context, const char *text,
                                       int (*member)(const char *name, const char *value, void *user),
                                       void *user);

/* The size of a structure as the program that calls it was compiled; 0 for an unknown one. */
static inline size_t talus_structure_size(int structure)
{
    switch (structure) {
    case TALUS_STRUCTURE_CONTEXT:
        return sizeof(talus_context_options);
    case TALUS_STRUCTURE_NETWORK:
        return sizeof(talus_network_spec);
    case TALUS_STRUCTURE_LAYER:
        return sizeof(talus_layer);
    case TALUS_STRUCTURE_OPTIMIZER:
        return sizeof(talus_optimizer_spec);
    case TALUS_STRUCTURE_FIT:
        return sizeof(talus_fit_options);
    case TALUS_STRUCTURE_SCHEDULE:
        return sizeof(talus_schedule);
    case TALUS_STRUCTURE_MINIMIZE:
        return sizeof(talus_minimize_options);
    case TALUS_STRUCTURE_REPORT:
        return sizeof(talus_report_options);
    case TALUS_STRUCTURE_RANGE:
        return sizeof(talus_output_range);
    case TALUS_STRUCTURE_TABLE:
        return sizeof(talus_table_options);
    case TALUS_STRUCTURE_LEAST_SQUARES:
        return sizeof(talus_least_squares_options);
    case TALUS_STRUCTURE_SOLVE:
        return sizeof(talus_solve_options);
    case TALUS_STRUCTURE_LEVENBERG_MARQUARDT:
        return sizeof(talus_levenberg_marquardt_options);
    default:
        return 0;
    }
}

/* The calls above for the structs as this header knows them. */
static inline talus_status talus_option_info(int structure, int index, talus_option *info)
{
    return talus_option_info_sized(structure, index, info, sizeof(talus_option));
}

static inline talus_status talus_option_set(talus_context *context, int structure, void *options,
                                            const char *name, const char *text)
{
    return talus_option_set_sized(context, structure, options, talus_structure_size(structure), name, text);
}

static inline talus_status talus_option_get(talus_context *context, int structure, const void *options,
                                            const char *name, char *text, size_t capacity, size_t *length)
{
    return talus_option_get_sized(context, structure, options, talus_structure_size(structure), name, text,
                                  capacity, length);
}

TALUS_END_C

#endif
