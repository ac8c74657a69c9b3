/* What LAPACK answers to a question for work space is a real, which may be rounded down. Template header. */
#ifndef TL_LINALG_WORK_H
#define TL_LINALG_WORK_H

#include <stdint.h>

#include "base/real.h"

static inline int64_t TL(tl_work_of)(real answer)
{
    return (int64_t)((double)answer * (1 + (double)REAL_EPSILON)) + 1;
}

#endif
