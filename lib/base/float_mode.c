#include "base/float_mode.h"

#include <float.h>

#if defined(__SSE2__)

#include <xmmintrin.h>

/* MXCSR: exceptions masked, none raised, rounding to nearest; subnormal results and operands count as 0. */
enum { MASK_ALL = 0x1f80, FLUSH_RESULTS = 0x8000, ZERO_OPERANDS = 0x0040 };

/* The control word of the x87 unit: exceptions masked, rounding to nearest, all digits; and the exceptions in its status. */
enum { X87_DEFAULT = 0x037f, X87_RAISED = 0x3f };

/* Both of its words. */
static uint32_t read_x87(void)
{
    uint16_t control, status;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    __asm__ volatile("fnstsw %0" : "=m"(status));
    return control | (uint32_t)status << 16;
}

static void set_x87_control(uint16_t control)
{
    __asm__ volatile("fldcw %0" : : "m"(control));
}

/* Only the whole environment can be given other exceptions. */
static void set_x87(uint32_t words)
{
    struct {
        uint32_t control, status, rest[5];
    } environment;
    __asm__ volatile("fnstenv %0" : "=m"(environment));
    environment.control = (environment.control & 0xffff0000) | (words & 0xffff);
    environment.status = (environment.status & ~(uint32_t)X87_RAISED) | (words >> 16 & X87_RAISED);
    __asm__ volatile("fldenv %0" : : "m"(environment));
}

static tl_float_mode set(unsigned mode)
{
    const uint32_t x87 = read_x87();
    tl_float_mode before = _mm_getcsr() | (uint64_t)x87 << 32;
    _mm_setcsr(mode);
    if ((x87 & 0xffff) != X87_DEFAULT)
        set_x87_control(X87_DEFAULT);
    return before;
}

tl_float_mode tl_float_enter(void)
{
    return set(MASK_ALL | FLUSH_RESULTS | ZERO_OPERANDS);
}

tl_float_mode tl_float_enter_gradual(void)
{
    return set(MASK_ALL);
}

void tl_float_leave(tl_float_mode before)
{
    const uint32_t now = read_x87(), x87 = (uint32_t)(before >> 32);
    const uint32_t judged = 0xffff | (uint32_t)X87_RAISED << 16;
    _mm_setcsr((unsigned)before);
    if ((now & judged) != (x87 & judged))
        set_x87(x87);
}

#elif defined(__aarch64__)

/* FPCR.FZ alone: no traps, rounding to nearest. FPSR has what was raised. Both are registers of 32 bits. */
static const uint64_t FLUSH = (uint64_t)1 << 24;

static void set_registers(uint64_t control, uint64_t raised)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(control));
    __asm__ volatile("msr fpsr, %0" : : "r"(raised));
}

static tl_float_mode set(uint64_t mode)
{
    uint64_t control, raised;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("mrs %0, fpsr" : "=r"(raised));
    set_registers(mode, 0);
    return control << 32 | (uint32_t)raised;
}

tl_float_mode tl_float_enter(void)
{
    return set(FLUSH);
}

tl_float_mode tl_float_enter_gradual(void)
{
    return set(0);
}

void tl_float_leave(tl_float_mode before)
{
    set_registers(before >> 32, (uint32_t)before);
}

#else

/* What C offers: subnormal numbers stay what they are. */
tl_float_mode tl_float_enter(void)
{
    tl_float_mode before;
    feholdexcept(&before);
    fesetround(FE_TONEAREST);
    return before;
}

tl_float_mode tl_float_enter_gradual(void)
{
    return tl_float_enter();
}

void tl_float_leave(tl_float_mode before)
{
    fesetenv(&before);
}

#endif

bool tl_float_flushes(void)
{
    volatile float smallest = FLT_MIN;
    tl_float_mode before = tl_float_enter();
    volatile float half = smallest / 2;
    tl_float_leave(before);
    return half == 0;
}
