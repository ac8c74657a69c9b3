#include "base/float_mode.h"

#if defined(__SSE2__)

#include <xmmintrin.h>

enum { FLUSH_RESULTS = 0x8000, ZERO_OPERANDS = 0x0040 };

/* Exceptions that were raised meanwhile stay raised: only the two bits are set back. */
uint64_t tl_float_enter(void)
{
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | FLUSH_RESULTS | ZERO_OPERANDS);
    return before & (FLUSH_RESULTS | ZERO_OPERANDS);
}

void tl_float_leave(uint64_t before)
{
    _mm_setcsr((_mm_getcsr() & ~(unsigned)(FLUSH_RESULTS | ZERO_OPERANDS)) | (unsigned)before);
}

bool tl_float_flushes(void)
{
    return true;
}

#elif defined(__aarch64__)

static const uint64_t FLUSH = (uint64_t)1 << 24; /* FPCR.FZ */

uint64_t tl_float_enter(void)
{
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | FLUSH));
    return before;
}

void tl_float_leave(uint64_t before)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
}

bool tl_float_flushes(void)
{
    return true;
}

#else

uint64_t tl_float_enter(void)
{
    return 0;
}

void tl_float_leave(uint64_t before)
{
    (void)before;
}

bool tl_float_flushes(void)
{
    return false;
}

#endif
