/* What the processor can run. */
#ifndef TL_BASE_PROCESSOR_H
#define TL_BASE_PROCESSOR_H

#include <stdbool.h>
#include <talus/context.h>

/* Whether this processor and system run an instruction set (not TALUS_INSTRUCTION_SET_BEST), and the library was
 * compiled for it. */
bool tl_processor_runs(int instruction_set);

/* The best of those that run. */
int tl_processor_best(void);

/* Whether it multiplies pairs of bf16 in vectors (AVX512_BF16). */
bool tl_processor_multiplies_pairs(void);

/* "best", "baseline", "avx2", "avx512"; "unknown" for any other number. */
const char *tl_instruction_set_name(int instruction_set);

#endif
