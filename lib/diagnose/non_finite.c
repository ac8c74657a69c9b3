#include "diagnose/non_finite.h"

#include <math.h>
#include <stdatomic.h>

/* What depends on the precision. */
static const struct {
    bool (*find_in_layer)(const tl_look *look, bool deltas, int64_t *row, int64_t *col);
    double (*recompute_z)(const tl_look *look, int64_t row, int64_t col);
    int64_t (*find_in_vector)(int64_t count, const void *x);
} of[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {tl_find_in_layer_f32, tl_recompute_z_f32, tl_find_in_vector_f32},
    [TALUS_DTYPE_F64] = {tl_find_in_layer_f64, tl_recompute_z_f64, tl_find_in_vector_f64},
};

static tl_look look_at(const tl_pass *pass, int l)
{
    return (tl_look){pass, l};
}

/* A number of the flat vector. */
static void name_parameter(const talus_network *network, int operand, int64_t index, talus_non_finite *found)
{
    const tl_part *part = tl_network_part_at(network, index, &found->layer);
    found->found = 1;
    found->operand = operand;
    found->part = part->kind;
    found->row = (index - part->offset) / part->cols;
    found->col = (index - part->offset) % part->cols;
}

static bool find_in_parameters(const tl_pass *pass, talus_non_finite *found)
{
    const talus_network *network = pass->network;
    int64_t index = of[network->precision].find_in_vector(network->parameter_count, network->parameters);
    if (index >= 0)
        name_parameter(network, TALUS_OPERAND_PARAMETERS, index, found);
    return index >= 0;
}

/* Z_l is not kept: where A_l is not finite it is computed anew. */
static bool find_forward(const tl_pass *pass, talus_non_finite *found)
{
    int precision = pass->network->precision;
    for (int l = 0; l <= pass->network->layer_count; l++) {
        tl_look look = look_at(pass, l);
        if (!of[precision].find_in_layer(&look, false, &found->row, &found->col))
            continue;
        found->found = 1;
        found->layer = l;
        if (l == 0)
            found->operand = TALUS_OPERAND_INPUTS;
        else
            found->operand = isfinite(of[precision].recompute_z(&look, found->row, found->col))
                                 ? TALUS_OPERAND_ACTIVATIONS
                                 : TALUS_OPERAND_Z;
        return true;
    }
    return false;
}

/* What phase A has found, and the penalty: the engine also calls the loss of an update infinite that it did not make. */
static bool loss_is_finite(const tl_pass *pass)
{
    double loss = pass->penalty;
    for (int64_t t = 0; t < pass->schedule->tiling.tiles; t++)
        loss += pass->workspace->reports[t].loss;
    return isfinite(loss);
}

static bool find_backward(const tl_pass *pass, talus_non_finite *found)
{
    for (int l = pass->network->layer_count; l >= pass->lowest; l--) {
        tl_look look = look_at(pass, l);
        if (of[pass->network->precision].find_in_layer(&look, true, &found->row, &found->col)) {
            found->found = 1;
            found->operand = TALUS_OPERAND_DELTAS;
            found->layer = l;
            return true;
        }
    }
    if (loss_is_finite(pass))
        return false;
    found->found = 1;
    found->operand = TALUS_OPERAND_LOSS;
    found->layer = pass->network->layer_count;
    return true;
}

/* In the place of an update phase B is given one that only looks; its tiles come from several threads in any order. */
typedef struct spy {
    const talus_network *network;
    const tl_update *update;
    _Atomic int64_t gradient, changed; /* the first numbers of each that are not finite */
} spy;

static void keep_least(_Atomic int64_t *least, int64_t index)
{
    int64_t now = atomic_load(least);
    while (index < now && !atomic_compare_exchange_weak(least, &now, index))
        continue;
}

static bool is_never_safe(void *rule, double bound)
{
    (void)rule, (void)bound;
    return false;
}

/* Number `at` of the gradient, and what the update would make of its parameter. */
static void spy_at(spy *s, const char *parameter, int64_t index, const char *gradient)
{
    if (of[s->network->precision].find_in_vector(1, gradient) == 0)
        keep_least(&s->gradient, index);
    else if (!s->update->rehearse(s->update->rule, parameter, index, 1, 1, 1, gradient, 1))
        keep_least(&s->changed, index);
}

static bool spy_on(void *rule, const void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                   const void *gradient, int64_t ld_gradient)
{
    spy *s = rule;
    const int64_t size = (int64_t)tl_dtype_size(s->network->precision);
    if (s->update->rehearse(s->update->rule, parameters, offset, rows, cols, ld, gradient, ld_gradient))
        return false;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            spy_at(s, (const char *)parameters + (i * ld + j) * size, offset + i * ld + j,
                   (const char *)gradient + (i * ld_gradient + j) * size);
    return false; /* so that nothing is applied */
}

static bool is_frozen(void *rule, int64_t offset)
{
    const spy *s = rule;
    return s->update->is_frozen(s->update->rule, offset);
}

/* Shows the spy the gradient of each part that is not frozen. */
static void spy_on_parts(spy *s, const char *gradient)
{
    const talus_network *network = s->network;
    const int64_t size = (int64_t)tl_dtype_size(network->precision);
    for (int l = 1; l <= network->layer_count; l++)
        for (int i = 0; i < network->layers[l].part_count; i++) {
            const tl_part *part = &network->layers[l].parts[i];
            const int64_t at = part->offset * size;
            if (!is_frozen(s, part->offset))
                (void)spy_on(s, (const char *)network->parameters + at, part->offset, part->rows, part->cols,
                             part->cols, gradient + at, part->cols);
        }
}

static void spy_on_pass(spy *s, const tl_pass *pass)
{
    tl_update looks = {.is_safe = is_never_safe,
                       .is_frozen = is_frozen,
                       .rehearse = spy_on,
                       .rule = s,
                       .parameters = pass->network->parameters};
    tl_pass again = *pass;
    again.work = TL_WEIGHTS;
    again.update = &looks;
    again.keeps = false;
    again.range_losses = NULL;
    (void)tl_pass_run(&again, NULL);
}

static void find_in_update(const tl_pass *pass, const tl_update *update, const void *gradient,
                           talus_non_finite *found)
{
    spy s = {.network = pass->network, .update = update, .gradient = INT64_MAX, .changed = INT64_MAX};
    if (gradient != NULL)
        spy_on_parts(&s, gradient);
    else
        spy_on_pass(&s, pass);
    if (s.gradient < INT64_MAX)
        name_parameter(pass->network, TALUS_OPERAND_GRADIENT, s.gradient, found);
    else if (s.changed < INT64_MAX)
        name_parameter(pass->network, TALUS_OPERAND_UPDATE, s.changed, found);
}

void tl_find_non_finite(const tl_pass *pass, const tl_update *update, const void *gradient,
                        talus_non_finite *found)
{
    *found = (talus_non_finite){.part = -1, .row = -1, .col = -1};
    if (find_in_parameters(pass, found))
        return;
    if (find_forward(pass, found) || find_backward(pass, found)) {
        found->row += found->row >= 0 ? pass->step_sample : 0;
        return;
    }
    if (update != NULL)
        find_in_update(pass, update, gradient, found);
}

static const char *operand_name(int operand)
{
    static const char *const names[TALUS_OPERAND_COUNT] = {
        [TALUS_OPERAND_INPUTS] = "inputs",
        [TALUS_OPERAND_PARAMETERS] = "parameters",
        [TALUS_OPERAND_Z] = "z",
        [TALUS_OPERAND_ACTIVATIONS] = "activations",
        [TALUS_OPERAND_LOSS] = "loss",
        [TALUS_OPERAND_DELTAS] = "deltas",
        [TALUS_OPERAND_GRADIENT] = "gradient",
        [TALUS_OPERAND_UPDATE] = "update",
    };
    return names[operand];
}

const tl_names tl_operand_names = {TALUS_ENUMERATION_OPERAND, TALUS_OPERAND_COUNT, operand_name};
