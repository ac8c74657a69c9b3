/* The context: threads, memory, messages.
 *
 * Everything the library makes is made from a context, which must outlive it. There are no globals, so
 * several contexts live side by side. One context is used by one caller at a time; to predict from
 * several threads at once, give each thread a context and a workspace of its own and share the network. */
#ifndef TALUS_CONTEXT_H
#define TALUS_CONTEXT_H

#include <stddef.h>
#include <talus/status.h>

TALUS_BEGIN_C

typedef struct talus_context talus_context;

/* Where all memory of a context comes from. Both functions are given or neither is (malloc and free).
 * allocate returns memory aligned as malloc aligns it, or NULL; release never gets NULL. */
typedef struct talus_allocator {
    void *(*allocate)(size_t bytes, void *user);
    void (*release)(void *memory, void *user);
    void *user;
} talus_allocator;

/* Receives one line of text, without a newline. The library itself never writes to a stream. */
typedef void (*talus_log_callback)(const char *line, void *user);

/* The instruction sets that the kernels are compiled for. */
typedef enum talus_instruction_set {
    TALUS_BEST,     /* the best that the processor runs */
    TALUS_BASELINE, /* what every processor of the architecture runs; products are calls of the BLAS */
    TALUS_AVX2,     /* x86-64 with AVX2 and FMA */
    TALUS_AVX512,   /* x86-64 with AVX-512 F, DQ, VL and BW */
    TALUS_INSTRUCTION_SET_COUNT
} talus_instruction_set;

typedef struct talus_context_options {
    int threads;               /* threads that work on a call, 1…1024; default 0: one for each processor
                                  that the process may run on */
    talus_allocator allocator; /* default: malloc and free */
    talus_log_callback log;    /* default NULL: nothing is logged. Every error message is logged. */
    void *log_user;            /* handed to log */
    int instruction_set;       /* a talus_instruction_set; default TALUS_BEST */
    int keep_blas_threads; /* 1: the thread settings of the BLAS are never touched, and its products run in as many
                                  threads as it likes; default 0: they are 1 during a call that needs the BLAS, and
                                  afterwards what they were */
} talus_context_options;

/* Fills the options with the defaults above. */
TALUS_API void talus_context_options_defaults(talus_context_options *options);

/* Makes a context. options may be NULL for the defaults; they are copied.
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT if context is NULL, threads is out of range, only one of the
 * allocator's functions is given or the instruction set is unknown; TALUS_ERROR_UNSUPPORTED if the processor does not
 * run it; TALUS_ERROR_MEMORY. *context is set on success only. */
TALUS_API talus_status talus_context_create(const talus_context_options *options, talus_context **context);

/* Frees a context, after everything that was made from it. NULL is allowed. */
TALUS_API void talus_context_destroy(talus_context *context);

/* The sentence that says what went wrong in the last call that failed; "" if none has. It belongs to the
 * context and stands until its next failure. NULL gives a sentence saying that there is no context. */
TALUS_API const char *talus_error_message(const talus_context *context);

/* The number of threads that work on a call. */
TALUS_API int talus_context_threads(const talus_context *context);

/* The instruction set of its kernels: never TALUS_BEST. */
TALUS_API int talus_context_instruction_set(const talus_context *context);

/* The version of the library that is linked, such as "0.1.0". */
TALUS_API const char *talus_version(void);

TALUS_END_C

#endif
