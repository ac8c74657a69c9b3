#include "model/onnx_walk.h"

const tl_onnx_node_of_file *tl_onnx_next(const tl_onnx_chain *c)
{
    return c->node < c->file->node_count ? &c->file->nodes[c->node] : NULL;
}

talus_status tl_onnx_refuse(const tl_onnx_chain *c, talus_status status, const char *what)
{
    const tl_onnx_node_of_file *node = tl_onnx_next(c);
    return tl_fail(c->file->context, status, "%s: node %d, %.*s \"%.*s\", %s", c->file->name, c->node + 1,
                   TL_ONNX_TEXT(node->op), TL_ONNX_TEXT(node->output), what);
}

talus_status tl_onnx_take_attributes(const tl_onnx_chain *c, const tl_onnx_known *known, int count)
{
    tl_protobuf at = tl_onnx_next(c)->message;
    tl_onnx_attribute_of_file said;
    while (tl_onnx_next_attribute(&at, &said)) {
        int i = 0;
        while (i < count && !tl_onnx_is(said.name, known[i].name))
            i++;
        if (i == count || said.type != known[i].type)
            return tl_fail(c->file->context, TALUS_ERROR_UNSUPPORTED,
                           "%s: node %d, %.*s, has the attribute \"%.*s\", which is not supported",
                           c->file->name, c->node + 1, TL_ONNX_TEXT(tl_onnx_next(c)->op),
                           TL_ONNX_TEXT(said.name));
        if (known[i].number != NULL)
            *known[i].number = said.number;
    }
    return TALUS_OK;
}

bool tl_onnx_is_row(const tl_onnx_constant *constant, int type, int64_t count)
{
    if (constant == NULL || constant->type != type || constant->dimensions > 2 || constant->count < 1 ||
        (constant->dimensions == 2 && constant->shape[0] != 1))
        return false;
    return count == 0 || constant->count == 1 || constant->count == count;
}

const tl_onnx_constant *tl_onnx_other_operand(const tl_onnx_chain *c, bool *first)
{
    const tl_onnx_node_of_file *node = tl_onnx_next(c);
    if (node->inputs != 2 || node->outputs != 1)
        return NULL;
    *first = tl_onnx_same(tl_onnx_node_input(node, 0), c->now);
    if (!*first && !tl_onnx_same(tl_onnx_node_input(node, 1), c->now))
        return NULL;
    return tl_onnx_find(c->file, tl_onnx_node_input(node, *first ? 1 : 0));
}

void tl_onnx_advance(tl_onnx_chain *c, int nodes)
{
    c->node += nodes;
    c->now = c->file->nodes[c->node - 1].output;
}

talus_status tl_onnx_skip_harmless(tl_onnx_chain *c)
{
    const tl_onnx_node_of_file *node = tl_onnx_next(c);
    double axis = 1, type = c->type;
    const tl_onnx_known cast[] = {{"to", TL_ONNX_IS_INT, &type}};
    const tl_onnx_known flatten[] = {{"axis", TL_ONNX_IS_INT, &axis}};
    const tl_onnx_known dropout[] = {{"ratio", TL_ONNX_IS_FLOAT, NULL}, {"seed", TL_ONNX_IS_INT, NULL}};
    talus_status status;
    if (!tl_onnx_same(tl_onnx_node_input(node, 0), c->now))
        return TALUS_OK;
    if (tl_onnx_is(node->op, "Identity"))
        status = tl_onnx_take_attributes(c, NULL, 0);
    else if (tl_onnx_is(node->op, "Cast"))
        status = tl_onnx_take_attributes(c, cast, 1);
    else if (tl_onnx_is(node->op, "Flatten"))
        status = tl_onnx_take_attributes(c, flatten, 1);
    else if (tl_onnx_is(node->op, "Dropout"))
        status = tl_onnx_take_attributes(c, dropout, 2);
    else
        return TALUS_OK;
    if (c->type == 0 && (type == TL_ONNX_F32 || type == TL_ONNX_F64))
        c->type = (int)type;
    if (status == TALUS_OK && (axis != 1 || node->inputs > 2 || type != c->type))
        status = tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED,
                                "must change nothing: no axis but 1, no other type, no training");
    if (status == TALUS_OK)
        tl_onnx_advance(c, 1);
    return status;
}
