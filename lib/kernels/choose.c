#include "kernels/choose.h"

#include <stddef.h>
#include <talus/matrix.h>

/* choose_tmpl.c, once a precision */
int tl_variant_count_f32(void);
const void *tl_variant_f32(int index);
const void *tl_variant_f64(int index);

int tl_kernels_count(void)
{
    return tl_variant_count_f32();
}

const void *tl_kernels_table(int index, int precision)
{
    return precision == TALUS_F64 ? tl_variant_f64(index) : tl_variant_f32(index);
}

const void *tl_kernels_choose(int precision)
{
    const void *best = NULL;
    for (int i = 0; i < tl_kernels_count(); i++) {
        const void *table = tl_kernels_table(i, precision);
        if (table != NULL)
            best = table;
    }
    return best;
}
