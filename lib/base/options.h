/* Option structs: one table a struct describes its fields, and from it come the defaults, the checks with their messages,
 * and the door by name. Structs that programs hand in or get filled may be shorter or longer than the library's: all of
 * them pass through here.
 *
 * A struct only grows at its end, and never has padding there: a field put into it would not change the size. */
#ifndef TL_BASE_OPTIONS_H
#define TL_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talus/option.h>

#include "base/names.h"

/* A field of an option struct. */
typedef struct tl_option {
    const char *name;
    size_t offset, size;
    int type;              /* a talus_option_type */
    const tl_names *names; /* of the enumerators that a name may be; NULL for other types */
    double standard;       /* the default; pointers are NULL */
    double least,
        most; /* infinite: no bound, but an int has two; flags need none. Numbers of an enumeration's names. */
    bool least_open, most_open;  /* the bound itself is not allowed */
    talus_status out_of_range;   /* the status of a value out of its range; TALUS_OK: TALUS_ERROR_ARGUMENT */
    const char *unit, *sentence; /* NULL for no unit */
} tl_option;

/* The name, offset and size of a row. */
#define TL_FIELD(structure, field)                                                                           \
    .name = #field, .offset = offsetof(structure, field), .size = sizeof(((structure *)0)->field)

typedef struct tl_options {
    const char *name; /* the subject of messages: "fit" */
    size_t size;      /* of the struct */
    size_t began;     /* the size of the fields that the struct began with; a shorter one is refused */
    int count;
    const tl_option *rows; /* a row a field, in the order of the struct */
} tl_options;

/* The bytes of a struct up to and with a field. */
#define TL_END_OF(structure, field) (offsetof(structure, field) + sizeof(((structure *)0)->field))

/* Fills a struct of `size` bytes, the library's or a caller's, with the defaults of the fields that it has; all else in it
 * becomes 0. NULL is allowed. */
void tl_options_defaults(const tl_options *table, void *to, size_t size);

/* Copies the caller's struct of from_size bytes into one of the library's size: defaults for what it lacks. subject is
 * what messages call it; NULL: the table's name. A NULL `from` gives the defaults.
 * TALUS_ERROR_ARGUMENT if it is too short, TALUS_ERROR_UNSUPPORTED if bytes that the library does not know are not 0. */
talus_status tl_options_take(talus_context *context, const tl_options *table, const char *subject, void *to,
                             const void *from, size_t from_size);

/* The same of any struct that has no table: fields that the caller's lacks stay as they are in `to`. */
talus_status tl_struct_take(talus_context *context, const char *subject, size_t began, void *to, size_t size,
                            const void *from, size_t from_size);

/* Checks the range of every field of a struct of the library's size, or of one. */
talus_status tl_options_check(talus_context *context, const tl_options *table, const char *subject,
                              const void *options);
talus_status tl_option_check(talus_context *context, const tl_option *option, const char *subject,
                             const void *options);

/* What does not apply is refused, never ignored: every option that stands in neither list must be at its default. A list
 * ends with NULL. kind is what messages call the kind that has these options: "adam has no momentum". */
talus_status tl_options_check_unused(talus_context *context, const tl_options *table, const char *subject,
                                     const char *kind, const char *const *of_all, const char *const *of_kind,
                                     const void *options);

/* Fills the caller's struct of `size` bytes from one of the library's: what does not fit is left out, and bytes that the
 * library does not know become 0. */
void tl_result_give(const void *known, size_t known_size, void *to, size_t size);

/* Refuses a size below `began`, of a result struct that messages call `name`. */
talus_status tl_result_check(talus_context *context, const char *name, size_t size, size_t began);

/* Whether a list, which ends with NULL, has a name; no list has none. */
bool tl_is_listed(const char *const *list, const char *name);

/* The option of a name; NULL. */
const tl_option *tl_option_of(const tl_options *table, const char *name);

/* The number that a field holds; it is not a pointer. Integers are exact. */
int64_t tl_option_integer(const tl_option *option, const void *options);
double tl_option_number(const tl_option *option, const void *options);

/* Sets or gets a field of a caller's struct of `size` bytes by its name and as text. */
talus_status tl_option_set(talus_context *context, const tl_options *table, void *options, size_t size,
                           const char *name, const char *text);
talus_status tl_option_get(talus_context *context, const tl_options *table, const void *options, size_t size,
                           const char *name, char *text, size_t capacity, size_t *length);

/* Stores a number in a field of an integer or double type. */
void tl_option_store_integer(const tl_option *option, void *options, int64_t value);
void tl_option_store_number(const tl_option *option, void *options, double value);

/* Whether a number is in the range of a field; and that range in words: "at least 0 and below 1". */
#define TL_RANGE_BYTES 256
bool tl_option_allows(const tl_option *option, double value);
void tl_option_range(const tl_option *option, char text[TL_RANGE_BYTES]);

/* talus_context_options. The tables of other structs stand with what they belong to. */
extern const tl_options tl_context_table;

#endif
