#include "base/call.h"

#include "base/fork.h"

/* Of this thread: the call that it is in, and the context that refused it last, unless it has entered that since. So a
 * refused thread need not read the message that the holder may be writing. */
static _Thread_local tl_call *innermost;
static _Thread_local struct refusal {
    const talus_context *context;
    const char *sentence;
} refused;

static tl_call *find(const talus_context *context)
{
    tl_call *call = innermost;
    while (call != NULL && call->context != context)
        call = call->outer;
    return call;
}

/* false if another thread of this process holds the context. One of the parent that this process does not have is no
 * obstacle. */
static bool take(talus_context *context)
{
    unsigned holder = 0, process = tl_fork_generation();
    while (!atomic_compare_exchange_strong_explicit(&context->holder, &holder, process, memory_order_acquire,
                                                    memory_order_relaxed))
        if (holder == process)
            return false;
    return true;
}

static talus_status refuse(const talus_context *context, const char *sentence)
{
    refused = (struct refusal){context, sentence};
    return TALUS_ERROR_STATE;
}

static void forget_refusal(const talus_context *context)
{
    if (refused.context == context)
        refused.context = NULL;
}

talus_status tl_call_begin(tl_call *call, talus_context *context)
{
    *call = (tl_call){.context = NULL};
    if (context == NULL)
        return TALUS_ERROR_ARGUMENT;
    const tl_call *outer = find(context);
    if (outer != NULL && outer->callback == TL_CALLBACK_NONE)
        return TALUS_OK;
    if (outer != NULL && outer->callback == TL_CALLBACK_CLOSED)
        return refuse(context, "the context is in use: its log and its allocator must make no calls with it");
    if (outer == NULL && !take(context))
        return refuse(context, "the context is in use by a call in another thread: one context serves one "
                               "caller at a time");
    forget_refusal(context);
    call->context = context;
    call->outer = innermost;
    call->callers = tl_float_enter_gradual();
    innermost = call;
    return TALUS_OK;
}

talus_status tl_call_end(tl_call *call, talus_status status)
{
    if (call->context == NULL)
        return status;
    innermost = call->outer;
    tl_float_leave(call->callers);
    if (find(call->context) == NULL)
        atomic_store_explicit(&call->context->holder, 0, memory_order_release);
    return status;
}

tl_call *tl_callback_begin(const talus_context *context, tl_callback callback)
{
    tl_call *call = find(context);
    if (call == NULL || call->callback != TL_CALLBACK_NONE)
        return NULL;
    call->callback = callback;
    call->own = tl_float_enter_gradual();
    tl_float_leave(call->callers);
    return call;
}

void tl_callback_end(tl_call *call)
{
    if (call == NULL)
        return;
    call->callers = tl_float_enter_gradual();
    tl_float_leave(call->own);
    call->callback = TL_CALLBACK_NONE;
    forget_refusal(call->context);
}

void tl_call_forked(void)
{
    for (tl_call *call = innermost; call != NULL; call = call->outer)
        atomic_store_explicit(&call->context->holder, tl_fork_generation(), memory_order_relaxed);
}

const char *talus_error_message(const talus_context *context)
{
    if (context == NULL)
        return "there is no context";
    return context == refused.context ? refused.sentence : context->message;
}
