#include "engine/parameter_rows.h"

#include "base/float_mode.h"
#include "linalg/blas_threads.h"

static void run_tiles(const tl_jacobian *jacobian)
{
    const tl_pass *pass = jacobian->pass;
    const int64_t tiles = pass->schedule->tiling.tiles;
    const tl_task task = pass->network->precision == TALUS_DTYPE_F32 ? tl_jacobian_tile_f32
                                                                     : tl_jacobian_tile_f64;
    if (pass->schedule->threads == 1)
        for (int64_t i = 0; i < tiles; i++)
            task((void *)jacobian, i, 0);
    else
        tl_pool_run(pass->workspace->context->pool, task, (void *)jacobian, tiles);
}

void tl_jacobian_run(const tl_jacobian *jacobian)
{
    const talus_workspace *workspace = jacobian->pass->workspace;
    const bool own_products = workspace->plan.sizes.own_products != 0;
    const tl_float_mode mode = tl_float_enter();
    const int before = own_products ? TL_BLAS_KEPT : tl_blas_enter_for(workspace->context);
    run_tiles(jacobian);
    tl_blas_leave(before);
    tl_float_leave(mode);
}
