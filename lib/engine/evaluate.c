/* The public calls that evaluate a batch. */
#include "base/call.h"
#include "engine/arguments.h"

/* Checks inputs and outputs, which may be NULL. */
static talus_status begin(const talus_network *network, talus_workspace *workspace,
                          const talus_matrix *inputs, const talus_matrix *outputs, tl_pass *pass)
{
    talus_status status = tl_pass_begin(network, workspace, pass);
    if (status == TALUS_OK)
        status = tl_pass_inputs(pass, inputs);
    if (status == TALUS_OK && outputs != NULL)
        status = tl_pass_matrix(pass, "outputs", outputs, tl_network_outputs(network), &pass->outputs);
    return status;
}

static talus_status predict(const talus_network *network, talus_workspace *workspace,
                            const talus_matrix *inputs, const talus_matrix *outputs)
{
    tl_pass pass;
    if (outputs == NULL)
        return tl_fail(workspace->context, TALUS_ERROR_ARGUMENT, "outputs must not be NULL");
    talus_status status = begin(network, workspace, inputs, outputs, &pass);
    if (status != TALUS_OK)
        return status;
    const talus_matrix from = pass.inputs.matrix, to = pass.outputs;
    const int64_t samples = pass.samples, step = workspace->plan.max_batch;
    pass.work = TL_FORWARD;
    workspace->kept = 0;
    for (int64_t first = 0; status == TALUS_OK && first < samples; first += step) {
        pass.inputs.matrix = tl_matrix_from_row(from, first);
        pass.outputs = tl_matrix_from_row(to, first);
        pass.samples = samples - first < step ? samples - first : step;
        pass.first_row = first;
        status = tl_pass_run(&pass, NULL);
    }
    return status;
}

talus_status talus_predict(const talus_network *network, talus_workspace *workspace,
                           const talus_matrix *inputs, const talus_matrix *outputs)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, predict(network, workspace, inputs, outputs)) : status;
}

static talus_status forward(const talus_network *network, talus_workspace *workspace,
                            const talus_matrix *inputs, const talus_matrix *outputs)
{
    tl_pass pass;
    talus_status status = begin(network, workspace, inputs, outputs, &pass);
    if (status == TALUS_OK)
        status = tl_pass_check_batch(&pass);
    if (status != TALUS_OK)
        return status;
    pass.work = TL_FORWARD | TL_KEEP;
    workspace->kept = 0;
    status = tl_pass_run(&pass, NULL);
    if (status == TALUS_OK)
        workspace->kept = pass.samples;
    return status;
}

talus_status talus_forward(const talus_network *network, talus_workspace *workspace,
                           const talus_matrix *inputs, const talus_matrix *outputs)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, forward(network, workspace, inputs, outputs)) : status;
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
    return tl_pass_matrix(pass, "input_gradient", input_gradient, tl_network_columns(pass->network),
                          &pass->input_gradient);
}

static talus_status backward(const talus_network *network, talus_workspace *workspace,
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

talus_status talus_backward(const talus_network *network, talus_workspace *workspace,
                            const talus_matrix *output_gradient, const talus_matrix *gradient,
                            const talus_matrix *input_gradient)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK
               ? tl_call_end(&call, backward(network, workspace, output_gradient, gradient, input_gradient))
               : status;
}

static talus_status gradient_of(const talus_network *network, talus_workspace *workspace,
                                const talus_batch *batch, size_t size, double *cost,
                                const talus_matrix *gradient)
{
    tl_pass pass;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status != TALUS_OK)
        return status;
    pass.work = TL_FORWARD | TL_KEEP | TL_LOSS;
    pass.penalises = true;
    status = tl_pass_batch(&pass, batch, size);
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

talus_status talus_gradient_sized(const talus_network *network, talus_workspace *workspace,
                                  const talus_batch *batch, size_t size, double *cost,
                                  const talus_matrix *gradient)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK
               ? tl_call_end(&call, gradient_of(network, workspace, batch, size, cost, gradient))
               : status;
}
