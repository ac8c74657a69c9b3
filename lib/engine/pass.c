#include "engine/pass.h"

#include <math.h>

#include "base/float_mode.h"
#include "linalg/blas_threads.h"

static tl_totals sum_up(const tl_pass *pass)
{
    tl_totals totals = {0};
    for (int64_t tile = 0; tile < pass->cut.tiles; tile++) {
        totals.cost += pass->workspace->reports[tile].loss;
        totals.right += pass->workspace->reports[tile].right;
    }
    totals.cost /= (double)pass->cut.samples;
    return totals;
}

/* The report of a tile with a value that cannot be used; NULL if there is none. */
static const tl_tile_report *find_bad(const tl_pass *pass)
{
    for (int64_t tile = 0; tile < pass->cut.tiles; tile++) {
        const tl_tile_report *report = &pass->workspace->reports[tile];
        if (report->bad_inputs || report->bad_targets)
            return report;
    }
    return NULL;
}

static bool calls_blas(const tl_pass *pass)
{
    return !pass->workspace->plan.sizes.own_products || pass->cut.width == 1;
}

static int threads_of(const tl_pass *pass)
{
    const talus_workspace *workspace = pass->workspace;
    if (calls_blas(pass) && tl_blas_is_for_one_thread())
        return 1;
    return tl_plan_threads(&workspace->plan, pass->cut.samples, talus_context_threads(workspace->context));
}

static void run_phase(tl_pass *pass, tl_task f32, tl_task f64, int64_t tasks)
{
    tl_task task = pass->network->precision == TALUS_F64 ? f64 : f32;
    if (pass->threads == 1)
        for (int64_t i = 0; i < tasks; i++)
            task(pass, i, 0);
    else
        tl_pool_run(pass->workspace->context->pool, task, pass, tasks);
}

static void run_phase_a(tl_pass *pass)
{
    if (tl_plan_tiles_go_alone(&pass->workspace->plan, &pass->cut, pass->threads)) {
        run_phase(pass, tl_pass_tile_f32, tl_pass_tile_f64, pass->cut.tiles);
        return;
    }
    pass->stage = tl_stage_first(pass);
    for (; pass->stage.kind != TL_STAGE_END; pass->stage = tl_stage_next(pass, pass->stage))
        run_phase(pass, tl_pass_block_f32, tl_pass_block_f64, tl_stage_blocks(pass));
}

static talus_status run_phases(tl_pass *pass, tl_totals *totals)
{
    run_phase_a(pass);
    if (find_bad(pass) != NULL)
        return TALUS_ERROR_DATA;
    *totals = sum_up(pass);
    bool update = pass->update == NULL || isfinite(totals->cost);
    if ((pass->work & TL_WEIGHTS) && update)
        run_phase(pass, tl_pass_weights_f32, tl_pass_weights_f64, pass->workspace->weight_tile_count);
    return TALUS_OK;
}

/* With the BLAS in one thread, where it is called at all and may be told. */
static talus_status run_with_blas(tl_pass *pass, tl_totals *totals)
{
    bool keep = pass->workspace->context->options.keep_blas_threads && !tl_blas_is_for_one_thread();
    if (!calls_blas(pass) || keep)
        return run_phases(pass, totals);
    int before = tl_blas_enter();
    talus_status status = run_phases(pass, totals);
    tl_blas_leave(before);
    return status;
}

talus_status tl_pass_run(tl_pass *pass, tl_totals *totals)
{
    tl_totals unused;
    tl_float_mode mode = tl_float_enter();
    pass->threads = threads_of(pass);
    talus_status status = run_with_blas(pass, totals == NULL ? &unused : totals);
    if (status == TALUS_ERROR_DATA)
        status = tl_pass_blame(pass, find_bad(pass)->bad_inputs);
    tl_float_leave(mode);
    return status;
}
