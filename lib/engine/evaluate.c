/* The public calls that evaluate a batch. */
#include "engine/arguments.h"

static talus_status run_forward(const talus_network *network, talus_workspace *workspace,
                                const talus_matrix *inputs, const talus_matrix *outputs, unsigned work)
{
    tl_pass pass;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status != TALUS_OK)
        return status;
    status = tl_pass_inputs(&pass, inputs);
    if (status == TALUS_OK && outputs != NULL)
        status = tl_pass_matrix(&pass, "outputs", outputs, tl_network_outputs(network), &pass.outputs);
    if (status != TALUS_OK)
        return status;
    pass.work = work;
    workspace->kept = 0;
    status = tl_pass_run(&pass, NULL);
    if (status == TALUS_OK && (work & TL_KEEP))
        workspace->kept = pass.samples;
    return status;
}

talus_status talus_predict(const talus_network *network, talus_workspace *workspace,
                           const talus_matrix *inputs, const talus_matrix *outputs)
{
    if (workspace != NULL && outputs == NULL)
        return tl_fail(workspace->context, TALUS_ERROR_ARGUMENT, "outputs is NULL; a matrix is wanted");
    return run_forward(network, workspace, inputs, outputs, TL_FORWARD);
}

talus_status talus_forward(const talus_network *network, talus_workspace *workspace,
                           const talus_matrix *inputs, const talus_matrix *outputs)
{
    return run_forward(network, workspace, inputs, outputs, TL_FORWARD | TL_KEEP);
}

/* Where the flat gradient goes, and phase B if it goes anywhere. */
static talus_status want_gradient(tl_pass *pass, const talus_matrix *gradient)
{
    talus_matrix checked;
    if (gradient == NULL)
        return TALUS_OK;
    talus_status status = tl_check_flat(pass->workspace->context, pass->network, "gradient", gradient,
                                        &checked);
    if (status != TALUS_OK)
        return status;
    pass->gradient = checked.data;
    pass->work |= TL_BACKWARD | TL_WEIGHTS;
    return TALUS_OK;
}

static talus_status want_input_gradient(tl_pass *pass, const talus_matrix *input_gradient)
{
    if (input_gradient == NULL)
        return TALUS_OK;
    pass->work |= TL_BACKWARD | TL_INPUT_GRADIENT;
    return tl_pass_matrix(pass, "input_gradient", input_gradient, tl_network_inputs(pass->network),
                          &pass->input_gradient);
}

talus_status talus_backward(const talus_network *network, talus_workspace *workspace,
                            const talus_matrix *output_gradient, const talus_matrix *gradient,
                            const talus_matrix *input_gradient)
{
    tl_pass pass;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status != TALUS_OK)
        return status;
    if (workspace->kept == 0)
        return tl_fail(workspace->context, TALUS_ERROR_STATE,
                       "talus_backward needs a talus_forward on this workspace before it");
    pass.samples = workspace->kept;
    pass.work = TL_OUTPUT_GRADIENT;
    status = tl_pass_matrix(&pass, "output_gradient", output_gradient, tl_network_outputs(network),
                            &pass.targets.matrix);
    if (status == TALUS_OK)
        status = want_gradient(&pass, gradient);
    if (status == TALUS_OK)
        status = want_input_gradient(&pass, input_gradient);
    return status == TALUS_OK ? tl_pass_run(&pass, NULL) : status;
}

talus_status talus_gradient(const talus_network *network, talus_workspace *workspace,
                            const talus_matrix *inputs, const talus_matrix *targets, double *cost,
                            const talus_matrix *gradient)
{
    tl_pass pass;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status != TALUS_OK)
        return status;
    pass.work = TL_FORWARD | TL_KEEP | TL_LOSS;
    status = tl_pass_inputs(&pass, inputs);
    if (status == TALUS_OK)
        status = tl_pass_targets(&pass, targets);
    if (status == TALUS_OK)
        status = want_gradient(&pass, gradient);
    if (status != TALUS_OK)
        return status;
    tl_totals totals;
    workspace->kept = 0;
    status = tl_pass_run(&pass, &totals);
    if (status == TALUS_OK && cost != NULL)
        *cost = tl_cost(&totals);
    return status;
}
