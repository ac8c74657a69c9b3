/* Functions of the caller's that run in a call: what they may do, and in which floating-point mode. */
#include <fenv.h>

#include "base/call.h"
#include "call_support.h"

/* How numbers are rounded in fact: fegetround asks a unit that does not compute on x86. */
static int rounding(void)
{
    volatile double one = 1, tiny = 1e-300;
    volatile double above = one + tiny, below = one - tiny;
    return above > 1 ? FE_UPWARD : below < 1 ? FE_DOWNWARD : FE_TONEAREST;
}

START_TEST(calls_within_a_call_are_part_of_it)
{
    talus_context *context = context_with(1, NULL);
    talus_network *network = NULL;
    tl_call call, part;
    fesetround(FE_UPWARD);
    talus_status began = tl_call_begin(&call, context);
    int round_within = rounding();
    talus_status part_began = tl_call_begin(&part, context);
    talus_status made = make_network(context, &network);
    talus_status passed = tl_call_end(&part, TALUS_ERROR_DATA);
    int round_after_part = rounding();
    talus_status held = in_another_thread(context);
    tl_call_end(&call, TALUS_OK);
    int round_after = rounding();
    fesetround(FE_TONEAREST);
    ck_assert_int_eq((intptr_t)began, TALUS_OK);
    ck_assert_int_eq((intptr_t)part_began, TALUS_OK);
    ck_assert_int_eq((intptr_t)made, TALUS_OK);
    ck_assert_int_eq((intptr_t)passed, TALUS_ERROR_DATA);
    ck_assert_int_eq((intptr_t)held, TALUS_ERROR_STATE);
    ck_assert_int_eq(round_within, FE_TONEAREST);
    ck_assert_int_eq(round_after_part, FE_TONEAREST);
    ck_assert_int_eq(round_after, FE_UPWARD);
    ck_assert_int_eq((intptr_t)in_another_thread(context), TALUS_OK);
    talus_network_destroy(network);
    talus_context_destroy(context);
}
END_TEST

START_TEST(a_callback_makes_calls_in_the_mode_of_the_caller)
{
    talus_context *context = context_with(1, NULL);
    talus_network *network = NULL;
    tl_call call;
    fesetround(FE_UPWARD);
    tl_call_begin(&call, context);
    tl_call *callback = tl_callback_begin(context, TL_CALLBACK_OPEN);
    int round = rounding();
    talus_status made = make_network(context, &network);
    talus_network_destroy(network);
    int round_then = rounding();
    talus_status failed = talus_network_create(context, NULL, &network);
    talus_status held = in_another_thread(context);
    fesetround(FE_DOWNWARD);
    tl_callback_end(callback);
    int round_within = rounding();
    tl_call_end(&call, TALUS_OK);
    int round_after = rounding(); /* what the callback chose */
    fesetround(FE_TONEAREST);
    ck_assert_int_eq(round, FE_UPWARD);
    ck_assert_int_eq(round_then, FE_UPWARD);
    ck_assert_int_eq(round_within, FE_TONEAREST);
    ck_assert_int_eq(round_after, FE_DOWNWARD);
    ck_assert_int_eq((intptr_t)made, TALUS_OK);
    ck_assert_int_eq((intptr_t)failed, TALUS_ERROR_ARGUMENT);
    expect_message(context, "spec must not be NULL");
    ck_assert_int_eq((intptr_t)held, TALUS_ERROR_STATE);
    ck_assert_int_eq((intptr_t)in_another_thread(context), TALUS_OK);
    talus_context_destroy(context);
}
END_TEST

/* The mode in which a call computes is after a callback what it was; its checks see numbers that vanish in that mode. */
START_TEST(a_callback_leaves_the_mode_of_the_call)
{
    talus_context *context = context_with(1, NULL);
    volatile double smallest = 2.2250738585072014e-308, half[4];
    tl_call call;
    tl_call_begin(&call, context);
    half[0] = smallest / 2;
    tl_float_mode gradual = tl_float_enter();
    half[1] = smallest / 2;
    tl_call *callback = tl_callback_begin(context, TL_CALLBACK_CLOSED);
    half[2] = smallest / 2;
    tl_callback_end(callback);
    half[3] = smallest / 2;
    tl_float_leave(gradual);
    tl_call_end(&call, TALUS_OK);
    ck_assert(half[0] > 0);
    ck_assert_int_eq(half[1] == 0, tl_float_flushes());
    ck_assert(half[2] > 0);
    ck_assert_int_eq(half[3] == 0, tl_float_flushes());
    talus_context_destroy(context);
}
END_TEST

/* Makes calls from the functions of a fit. */
typedef struct visitor {
    things *things;
    talus_status made, failed;
    int round;
} visitor;

static int visit(const talus_epoch *epoch, void *user)
{
    visitor *v = user;
    talus_network *network = NULL;
    (void)epoch;
    v->round = rounding();
    v->made = make_network(v->things->context, &network);
    talus_network_destroy(network);
    v->failed = talus_network_create(v->things->context, NULL, &network);
    return 0;
}

START_TEST(functions_of_a_fit_make_calls)
{
    things t;
    make_things(&t, NULL);
    visitor v = {.things = &t};
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.on_epoch = visit;
    options.user = &v;
    fesetround(FE_UPWARD);
    talus_status fitted = talus_fit(t.network, t.dataset, NULL, &options, NULL);
    fesetround(FE_TONEAREST);
    expect_ok(t.context, fitted);
    ck_assert_int_eq((intptr_t)v.made, TALUS_OK);
    ck_assert_int_eq((intptr_t)v.failed, TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(v.round, FE_UPWARD);
    free_things(&t);
}
END_TEST

/* A log and an allocator that make calls, with the context that they serve and with another one. */
typedef struct prober {
    talus_context *served, *other;
    int lines, round;
    talus_status made, made_with_other;
    bool has_message;
} prober;

static void probe(prober *p)
{
    talus_network *network = NULL;
    p->round = rounding();
    p->made = make_network(p->served, &network);
    p->has_message = strstr(talus_error_message(p->served), "must make no calls") != NULL;
    p->made_with_other = make_network(p->other, &network);
    talus_network_destroy(network);
}

static void log_and_probe(const char *line, void *user)
{
    prober *p = user;
    (void)line;
    p->lines++;
    probe(p);
}

static void *allocate_and_probe(size_t bytes, void *user)
{
    prober *p = user;
    if (p->served != NULL)
        probe(p);
    return malloc(bytes);
}

static void release_and_probe(void *memory, void *user)
{
    (void)user;
    free(memory);
}

static void expect_refused(const prober *p)
{
    ck_assert_int_eq((intptr_t)p->made, TALUS_ERROR_STATE);
    ck_assert_int_eq((intptr_t)p->made_with_other, TALUS_OK);
    ck_assert(p->has_message);
    ck_assert_int_eq(p->round, FE_UPWARD);
}

START_TEST(the_log_makes_no_calls)
{
    prober p = {.other = context_with(1, NULL)};
    talus_context_options options = counting_options(1, NULL);
    talus_network *network = NULL;
    options.log = log_and_probe;
    options.log_user = &p;
    ck_assert_int_eq(talus_context_create(&options, &p.served), TALUS_OK);
    fesetround(FE_UPWARD);
    talus_status status = talus_network_create(p.served, NULL, &network);
    int round = rounding();
    fesetround(FE_TONEAREST);
    expect_refused(&p);
    ck_assert_int_eq(p.lines, 1);
    ck_assert_int_eq(round, FE_UPWARD);
    ck_assert_int_eq((intptr_t)status, TALUS_ERROR_ARGUMENT);
    expect_message(p.served, "spec must not be NULL");
    expect_ok(p.served, make_network(p.served, &network));
    talus_network_destroy(network);
    talus_context_destroy(p.served);
    talus_context_destroy(p.other);
}
END_TEST

START_TEST(the_allocator_makes_no_calls)
{
    prober p = {.other = context_with(1, NULL)};
    talus_context_options options = counting_options(1, NULL);
    talus_context *context = NULL;
    talus_network *network = NULL;
    options.allocate = allocate_and_probe;
    options.release = release_and_probe;
    options.allocator_user = &p;
    ck_assert_int_eq(talus_context_create(&options, &context), TALUS_OK);
    p.served = context;
    fesetround(FE_UPWARD);
    talus_status status = make_network(context, &network);
    fesetround(FE_TONEAREST);
    p.served = NULL;
    expect_refused(&p);
    expect_ok(context, status);
    ck_assert_str_eq(talus_error_message(context), "");
    talus_network_destroy(network);
    talus_context_destroy(context);
    talus_context_destroy(p.other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("callbacks");
    add_case(suite, "callbacks", calls_within_a_call_are_part_of_it,
             a_callback_makes_calls_in_the_mode_of_the_caller, functions_of_a_fit_make_calls,
             a_callback_leaves_the_mode_of_the_call, the_log_makes_no_calls, the_allocator_makes_no_calls);
    return run_suite(suite);
}
