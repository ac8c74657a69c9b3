/* What a public call stands between: it holds its context, so that another thread that enters the context is refused in a
 * sentence instead of racing with it, and it rounds to nearest without traps (base/float_mode.h). A public function is
 *
 *     tl_call call;
 *     talus_status status = tl_call_begin(&call, context);
 *     return status == TALUS_OK ? tl_call_end(&call, work(context, …)) : status;
 *
 * It may call others: within a call of this thread they are parts of it. */
#ifndef TL_BASE_CALL_H
#define TL_BASE_CALL_H

#include "base/context.h"
#include "base/float_mode.h"

/* Whether a function of the caller's runs in a call, and whether it may make calls with the context. */
typedef enum tl_callback { TL_CALLBACK_NONE = 0, TL_CALLBACK_OPEN, TL_CALLBACK_CLOSED } tl_callback;

/* Stands on the stack of the thread that makes the call. */
typedef struct tl_call {
    talus_context *context; /* NULL: part of a call */
    struct tl_call *outer;  /* that this thread is in */
    tl_float_mode callers;  /* mode */
    tl_float_mode own;      /* mode before the callback */
    tl_callback callback;   /* under way */
} tl_call;

/* TALUS_OK; or TALUS_ERROR_ARGUMENT if context is NULL, and TALUS_ERROR_STATE if it is in use: then nothing was begun, and
 * there is nothing to end. */
talus_status tl_call_begin(tl_call *call, talus_context *context);

/* Ends a call and returns `status`. */
talus_status tl_call_end(tl_call *call, talus_status status);

/* Around every call of a function of the caller's, which runs in the caller's mode; `callback` is OPEN or CLOSED. The first
 * returns what the second takes: NULL if there is nothing to do, since this thread is in no call with the context or is in a
 * callback already. Never between tl_blas_enter and tl_blas_leave. */
tl_call *tl_callback_begin(const talus_context *context, tl_callback callback);
void tl_callback_end(tl_call *call);

/* In the child of a fork: the calls of this thread go on, and those of other threads hold nothing. */
void tl_call_forked(void);

#endif
