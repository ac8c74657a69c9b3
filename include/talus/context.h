/* The context: threads, memory, messages.
 *
 * Everything the library makes is made from a context, which must outlive it. There are no globals, so
 * several contexts live side by side. One context is used by one caller at a time; to predict from
 * several threads at once, give each thread a context and a workspace of its own and share the network.
 *
 * A context in use is guarded: a second thread that makes a call with it, or with what was made from it, gets
 * TALUS_ERROR_STATE, and nothing has changed. talus_error_message then has a sentence for that thread alone, until it enters
 * the context again. Calls that only look (sizes, kinds, views, options by name) are refused only where they have to say what
 * is wrong. What no call works with may be destroyed at any time, if the allocator serves several threads, as malloc does.
 * The functions of a fit and of a stream may make calls with its context in their thread; log, allocate and release may make none. All these
 * functions run in the caller's floating-point mode and must return: no longjmp, no exception. In the child of a fork no
 * thread of the parent keeps a context in use.
 *
 * Option and result structs grow: later versions append fields, and never move, change or remove one. Fill a struct
 * with its …_defaults and then set what you want. A call that takes or fills a struct is short for a form whose name ends
 * in _sized and that takes the caller's sizeof of the struct as well. The library takes the fields that it knows, gives
 * those that the caller does not know their defaults, and writes nothing beyond the caller's struct. Bytes of an option
 * struct that the library does not know must be 0, or the status is TALUS_ERROR_UNSUPPORTED; those of a result struct
 * become 0. A size smaller than that of the struct's first version is TALUS_ERROR_ARGUMENT. */
#ifndef TALUS_CONTEXT_H
#define TALUS_CONTEXT_H

#include <stddef.h>
#include <talus/enumeration.h>
#include <talus/status.h>

TALUS_BEGIN_C

typedef struct talus_context talus_context;

/* Receives one line of text, without a newline. The library itself never writes to a stream. */
typedef void (*talus_log_callback)(const char *line, void *user);

/* The instruction sets that the kernels are compiled for. */
typedef enum talus_instruction_set {
    TALUS_INSTRUCTION_SET_BEST = 0,     /* the best that the processor runs */
    TALUS_INSTRUCTION_SET_BASELINE = 1, /* all processors of an architecture; products by the BLAS */
    TALUS_INSTRUCTION_SET_AVX2 = 2,     /* x86-64 with AVX2 and FMA */
    TALUS_INSTRUCTION_SET_AVX512 = 3,   /* x86-64 with AVX-512 F, DQ, VL and BW */
    TALUS_INSTRUCTION_SET_COUNT = 4     /* known to this header */
} talus_instruction_set;

/* The name of an instruction set, such as "avx2", or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_instruction_set_name(int instruction_set)
{
    return talus_enumeration_name(TALUS_ENUMERATION_INSTRUCTION_SET, instruction_set);
}

static inline int talus_instruction_set_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_INSTRUCTION_SET, name);
}

/* What a context is made with. Filled by talus_context_options_defaults; zeros are the defaults too. */
typedef struct talus_context_options {
    int threads;           /* threads that work on a call, 1 … 1024; default 0: one for each processor that
                              the process may run on */
    int instruction_set;   /* a talus_instruction_set; default TALUS_INSTRUCTION_SET_BEST */
    int keep_blas_threads; /* 1: the thread settings of the BLAS are never touched, and its products run in as
                              many threads as it likes; default 0: they are set to 1 during a call that needs the
                              BLAS, and put back afterwards */
    /* Where all memory of the context comes from. Both functions are given or neither is; default NULL: malloc and
     * free. allocate returns memory aligned as malloc aligns it, or NULL; release never gets NULL. */
    void *(*allocate)(size_t bytes, void *user);
    void (*release)(void *memory, void *user);
    void *allocator_user; /* handed to both; default NULL */
    talus_log_callback
        log; /* gets every error message, and notes, which begin with "note: "; default NULL: nothing is logged */
    void *log_user; /* handed to log; default NULL */
} talus_context_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_context_options_defaults_sized(talus_context_options *options, size_t size);

static inline void talus_context_options_defaults(talus_context_options *options)
{
    talus_context_options_defaults_sized(options, sizeof(talus_context_options));
}

/* Makes a context. options may be NULL for the defaults; they are copied. size is the caller's sizeof.
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT if context is NULL, an option is out of its range, only one of allocate and
 * release is given, or size is too small; TALUS_ERROR_UNSUPPORTED if the processor does not run the instruction set, or
 * the options ask for what this version does not know; TALUS_ERROR_MEMORY. *context is set on success only. As there
 * is no context yet, the message of an error goes to the log alone. */
TALUS_API talus_status talus_context_create_sized(const talus_context_options *options, size_t size,
                                                  talus_context **context);

static inline talus_status talus_context_create(const talus_context_options *options, talus_context **context)
{
    return talus_context_create_sized(options, sizeof(talus_context_options), context);
}

/* Frees a context, after everything that was made from it. NULL is allowed. */
TALUS_API void talus_context_destroy(talus_context *context);

/* The sentence that says what went wrong in the last call that failed; "" if none has. It belongs to the
 * context and stands until its next failure. NULL gives a sentence saying that there is no context. */
TALUS_API const char *talus_error_message(const talus_context *context);

/* The number of threads that work on a call. NULL gives 0. */
TALUS_API int talus_context_threads(const talus_context *context);

/* The instruction set of its kernels: never TALUS_INSTRUCTION_SET_BEST. NULL gives −1. */
TALUS_API int talus_context_instruction_set(const talus_context *context);

/* The version of the library that is linked, such as "0.1.0". */
TALUS_API const char *talus_version(void);

TALUS_END_C

#endif
