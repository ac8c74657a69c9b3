#include "engine/moments.h"

#include "base/float_mode.h"
#include "linalg/blas_threads.h"

typedef struct job {
    const tl_pass *pass;
    const tl_moment *moments;
} job;

static void sum_one(void *any, int64_t index, int worker)
{
    static void (*const sum[TL_PRECISIONS])(const tl_pass *, const tl_moment *) = {
        [TALUS_DTYPE_F32] = tl_sum_moment_f32,
        [TALUS_DTYPE_F64] = tl_sum_moment_f64,
    };
    const job *j = any;
    (void)worker;
    sum[j->pass->network->precision](j->pass, &j->moments[index]);
}

void tl_pass_sum_moments(const tl_pass *pass, const tl_moment *moments, int64_t count)
{
    const talus_context *context = pass->workspace->context;
    job j = {pass, moments};
    const tl_float_mode mode = tl_float_enter();
    const int before = tl_blas_enter_for(context);
    tl_blas_run(context->pool, sum_one, &j, count);
    tl_blas_leave(before);
    tl_float_leave(mode);
}
