#include "base/matrix_units.h"

#include <errno.h>
#include <stddef.h>

/* Intel, Software Developer's Manual, volume 1, chapter 18; Linux, Documentation/x86/xstate.rst */
enum { AMX_BF16 = 22, AMX_TILE = 24 };     /* bits of features */
enum { TILE_CONFIG = 17, TILE_DATA = 18 }; /* of the state */

static int has(uint64_t bits, int first, int second)
{
    const uint64_t both = UINT64_C(1) << first | UINT64_C(1) << second;
    return (bits & both) == both;
}

const char *tl_matrix_units_reason(const tl_matrix_units *units)
{
    if (!has(units->features, AMX_BF16, AMX_TILE))
        return "the processor has no matrix units for bf16 (AMX-BF16)";
    if (!has(units->saved, TILE_CONFIG, TILE_DATA))
        return "the system does not keep the registers of the processor's matrix units";
    switch (units->permit()) {
    case 0:
        return NULL;
    case ENOSPC:
        return "a thread's stack for signals (sigaltstack) is too small for the registers of the matrix "
               "units";
    default:
        return "the system does not permit the use of the processor's matrix units";
    }
}

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { REQUEST_PERMISSION = 0x1023, LEAF_FEATURES = 1, LEAF_MORE = 7, OSXSAVE = 27 };

static int permit(void)
{
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0 ? 0 : errno;
}

static uint64_t state_register(void)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

const char *tl_matrix_units_missing(void)
{
    uint32_t a, b, c = 0, d = 0;
    tl_matrix_units units = {.permit = permit};
    if (__get_cpuid(LEAF_FEATURES, &a, &b, &c, &d) && (c >> OSXSAVE & 1) != 0)
        units.saved = state_register();
    if (__get_cpuid_count(LEAF_MORE, 0, &a, &b, &c, &d))
        units.features = d;
    return tl_matrix_units_reason(&units);
}
#else
const char *tl_matrix_units_missing(void)
{
    return "only x86 under Linux has matrix units that Talus knows";
}
#endif
