#include "kernels/choose.h"

#include <talus/matrix.h>

/* choose_tmpl.c, once a precision */
const void *tl_variant_f32(int instruction_set);
const void *tl_variant_f64(int instruction_set);
int tl_variant_lanes_f32(const void *table);
int tl_variant_lanes_f64(const void *table);

const void *tl_kernels_of(int instruction_set, int precision)
{
    return precision == TALUS_DTYPE_F64 ? tl_variant_f64(instruction_set) : tl_variant_f32(instruction_set);
}

int tl_kernels_lanes(const void *table, int precision)
{
    return precision == TALUS_DTYPE_F64 ? tl_variant_lanes_f64(table) : tl_variant_lanes_f32(table);
}
