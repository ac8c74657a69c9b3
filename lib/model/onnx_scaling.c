/* The scaling that stands in an ONNX graph: operations with constants at its ends. */
#include "model/onnx_walk.h"

/* Room for so many columns, or for those that there are; one number for all becomes one each. */
static talus_status widen(const tl_onnx_chain *c, tl_onnx_scaling *scaling, int64_t count)
{
    const int64_t before = scaling->count;
    if (count <= before)
        return TALUS_OK;
    double *numbers = tl_allocate(c->file->context, 2 * (size_t)count * sizeof *numbers);
    if (numbers == NULL)
        return tl_fail(c->file->context, TALUS_ERROR_MEMORY, "there is no memory for the scaling of %s",
                       c->file->name);
    for (int64_t j = 0; j < count; j++) {
        numbers[j] = before == 0 ? 0 : scaling->shift[0];
        numbers[count + j] = before == 0 ? 1 : scaling->scale[0];
    }
    tl_release(c->file->context, scaling->shift);
    *scaling = (tl_onnx_scaling){count, numbers, numbers + count};
    return TALUS_OK;
}

/* Puts an operation with a number k behind (x − shift)·scale: more of the shift, or of the scale. */
static bool scale_input(tl_onnx_text op, double k, double *shift, double *scale)
{
    if (tl_onnx_is(op, "Sub"))
        *shift += k / *scale;
    else if (tl_onnx_is(op, "Add"))
        *shift -= k / *scale;
    else if (tl_onnx_is(op, "Mul"))
        *scale *= k;
    else if (tl_onnx_is(op, "Div"))
        *scale /= k;
    else
        return false;
    return true;
}

/* The same behind a/scale + shift. */
static bool scale_output(tl_onnx_text op, double k, double *shift, double *scale)
{
    if (tl_onnx_is(op, "Sub"))
        *shift -= k;
    else if (tl_onnx_is(op, "Add"))
        *shift += k;
    else if (tl_onnx_is(op, "Mul"))
        *scale /= k, *shift *= k;
    else if (tl_onnx_is(op, "Div"))
        *scale *= k, *shift /= k;
    else
        return false;
    return true;
}

/* Puts an operation behind a scaling; false if it is none. */
typedef bool put_operation(tl_onnx_text op, double k, double *shift, double *scale);

/* The constant of the next node, if that goes on with a scaling; NULL. */
static const tl_onnx_constant *scaling_constant(const tl_onnx_chain *c, const tl_onnx_scaling *scaling,
                                                put_operation *put)
{
    const tl_onnx_node_of_file *node = tl_onnx_next(c);
    double shift = 0, scale = 1;
    bool first;
    const tl_onnx_constant *by = tl_onnx_other_operand(c, &first);
    if (by == NULL || (by->type != TL_ONNX_F32 && by->type != TL_ONNX_F64) ||
        !tl_onnx_is_row(by, c->type != 0 ? c->type : by->type, scaling->count > 1 ? scaling->count : 0))
        return NULL;
    const bool commutes = tl_onnx_is(node->op, "Add") || tl_onnx_is(node->op, "Mul");
    return put(node->op, 1, &shift, &scale) && (first || commutes) ? by : NULL;
}

/* Takes the next node as a part of a scaling, if it is one. */
static talus_status take(tl_onnx_chain *c, tl_onnx_scaling *scaling, put_operation *put)
{
    const tl_onnx_constant *by = scaling_constant(c, scaling, put);
    if (by == NULL)
        return TALUS_OK;
    c->type = by->type;
    talus_status status = tl_onnx_take_attributes(c, NULL, 0);
    if (status == TALUS_OK)
        status = widen(c, scaling, by->count);
    for (int64_t j = 0; j < scaling->count && status == TALUS_OK; j++)
        (void)put(tl_onnx_next(c)->op, tl_onnx_element(by, by->count == 1 ? 0 : j), &scaling->shift[j],
                  &scaling->scale[j]);
    if (status == TALUS_OK)
        tl_onnx_advance(c, 1);
    return status;
}

/* Takes the next nodes as the clipping of inputs, if they are it. */
static talus_status take_clipping(tl_onnx_chain *c)
{
    static const int types[] = {TL_ONNX_F32, TL_ONNX_F64};
    for (int i = 0; i < 2; i++) {
        double clip;
        if ((c->type != 0 && c->type != types[i]) ||
            !tl_onnx_match_clipping(c->file, c->node, c->now, types[i], &clip))
            continue;
        if (!(clip > 0))
            return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "must have a parameter above 0");
        c->type = types[i], c->input_clip = clip;
        tl_onnx_advance(c, tl_onnx_clipping.step_count);
        return TALUS_OK;
    }
    return TALUS_OK;
}

talus_status tl_onnx_take_scaling(tl_onnx_chain *c)
{
    const int before = c->node;
    if (c->layer_count > 0)
        return take(c, &c->outputs, scale_output);
    if (c->input_clip > 0) /* what follows it is a layer */
        return TALUS_OK;
    talus_status status = take_clipping(c);
    return status == TALUS_OK && c->node == before ? take(c, &c->inputs, scale_input) : status;
}
