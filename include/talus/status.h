/* What every call returns.
 *
 * A status says whether the call worked. How the mathematics ended (finished, stopped, diverged) is
 * never a status: it stands in the result struct of the call. The sentence that belongs to the last
 * status other than TALUS_OK is talus_error_message() of the context. */
#ifndef TALUS_STATUS_H
#define TALUS_STATUS_H

#include <talus/export.h>

TALUS_BEGIN_C

/* One list makes the enumeration and its texts. */
#define TALUS_STATUS_LIST(X)                                                                                 \
    X(TALUS_OK, 0, "success")                                                                                \
    X(TALUS_ERROR_ARGUMENT, 1, "an argument is missing, unknown or out of its range")                        \
    X(TALUS_ERROR_SHAPE, 2, "sizes do not fit together or are too large")                                    \
    X(TALUS_ERROR_DATA, 3, "data holds a value that cannot be used")                                         \
    X(TALUS_ERROR_MEMORY, 4, "the allocator returned no memory")                                             \
    X(TALUS_ERROR_STATE, 5, "the call cannot be made now: another must come first, or uses the context")     \
    X(TALUS_ERROR_FILE, 6, "a file cannot be opened or read")                                                \
    X(TALUS_ERROR_FORMAT, 7, "a file's content is not of the format it should have")                         \
    X(TALUS_ERROR_UNSUPPORTED, 8,                                                                            \
      "this version or build of the library, the caller's structs, or the processor cannot do this")

#define TALUS_STATUS_ENUMERATOR(name, value, text) name = value,
typedef enum talus_status {
    TALUS_STATUS_NONE = -1, /* no call returns it; it makes the type a signed one everywhere */
    TALUS_STATUS_LIST(TALUS_STATUS_ENUMERATOR) TALUS_STATUS_COUNT
} talus_status;
#undef TALUS_STATUS_ENUMERATOR

/* The name of a status as it is written in C ("TALUS_ERROR_SHAPE"), and its meaning in a few words.
 * A number that is no status gives "unknown status". The strings are static. */
TALUS_API const char *talus_status_name(int status);
TALUS_API const char *talus_status_text(int status);

TALUS_END_C

#endif
