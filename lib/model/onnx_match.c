#include "model/onnx_match.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/kinds.h"

/* A recipe at a place. */
typedef struct attempt {
    const tl_onnx_file *file;
    const tl_onnx_node_of_file *nodes; /* of its steps */
    tl_onnx_text z;
    int type;
    tl_onnx_match found;
} attempt;

/* The number of fewest digits that f32 rounds to this one: what whoever wrote it meant. For f32 it is the same, and a
 * network that is exported and imported gets its options back. */
static double shortest(float number)
{
    const double size = fabs((double)number);
    if (!(size >= 1e-20 && size <= 1e20)) /* or no number */
        return (double)number;
    const int exponent = (int)floor(log10(size));
    for (int digits = 1; digits <= 9; digits++) {
        const int places = digits - 1 - exponent;
        const double power = pow(10, abs(places)), decimal = places < 0
                                                                 ? round((double)number / power) * power
                                                                 : round((double)number * power) / power;
        if ((float)decimal == number)
            return decimal;
    }
    return (double)number;
}

static double number_of_type(int type, double number)
{
    return type == TL_ONNX_F32 ? shortest((float)number) : number;
}

/* A number is one of the recipe's if it differs by no more than roundings. */
static bool is_number(int type, double got, double wanted)
{
    const double epsilon = type == TL_ONNX_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    return fabs(got - wanted) <= 2 * epsilon * fabs(wanted);
}

/* Takes a number of the layer, or compares one of the recipe. */
static bool take_number(attempt *a, tl_onnx_what what, double wanted, double got, int type)
{
    double *place = what == TL_ONNX_ALPHA ? &a->found.alpha : &a->found.epsilon;
    if (what == TL_ONNX_NUMBER)
        return is_number(type, got, wanted);
    const double number = number_of_type(a->type, got);
    const bool same = isnan(*place) || *place == number;
    *place = number;
    return isfinite(got) && same;
}

static bool takes_operand(attempt *a, const tl_onnx_operand *operand, tl_onnx_text got)
{
    if (operand->what == TL_ONNX_Z)
        return tl_onnx_same(got, a->z);
    if (operand->what == TL_ONNX_STEP)
        return tl_onnx_same(got, a->nodes[(int)operand->number].output);
    const tl_onnx_constant *constant = tl_onnx_find(a->file, got);
    if (constant == NULL || constant->type != a->type)
        return false;
    if (operand->what < TL_ONNX_SLOPES)
        return constant->count == 1 && constant->dimensions == 0 &&
               take_number(a, operand->what, operand->number, tl_onnx_element(constant, 0), a->type);
    a->found.vectors[operand->what] = constant;
    return constant->dimensions > 0;
}

static bool commutes(const char *op)
{
    static const char *const names[] = {"Add", "Mul", "Min", "Max"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(op, names[i]) == 0)
            return true;
    return false;
}

static int operand_count(const tl_onnx_step *step)
{
    int count = 0;
    while (count < TL_ONNX_OPERANDS && step->operands[count].what != TL_ONNX_NOTHING)
        count++;
    return count;
}

static bool takes_operands(attempt *a, const tl_onnx_step *step, const tl_onnx_node_of_file *node)
{
    const int count = operand_count(step);
    const int orders = count == 2 && commutes(step->op) ? 2 : 1;
    bool fits = false;
    for (int order = 0; order < orders && node->inputs == count && !fits; order++) {
        fits = true;
        for (int k = 0; k < count && fits; k++)
            fits = takes_operand(a, &step->operands[k], tl_onnx_node_input(node, order == 1 ? 1 - k : k));
    }
    return fits;
}

/* Whether an attribute says what the step's does; `said` is NULL where the node does not have it. */
static bool takes_attribute(attempt *a, const tl_onnx_attribute *wanted,
                            const tl_onnx_attribute_of_file *said)
{
    const int type = wanted->what == TL_ONNX_TEXT                      ? TL_ONNX_IS_TEXT
                     : wanted->list                                    ? TL_ONNX_IS_INTS
                     : wanted->integer || wanted->what == TL_ONNX_TYPE ? TL_ONNX_IS_INT
                                                                       : TL_ONNX_IS_FLOAT;
    if (wanted->what == TL_ONNX_NOTHING)
        return true;
    if (said == NULL && (wanted->list || wanted->what == TL_ONNX_TYPE))
        return false;
    if (said != NULL && (said->type != type || (wanted->list && !said->is_single)))
        return false;
    if (wanted->what == TL_ONNX_TEXT)
        return said == NULL ? wanted->implied : tl_onnx_is(said->text, wanted->text);
    const double number = said == NULL ? wanted->standard : said->number;
    if (wanted->what == TL_ONNX_TYPE)
        return number == a->type;
    if (wanted->integer)
        return number == wanted->number ||
               (fabs(wanted->number) == 1 && wanted->axis && number == -wanted->number);
    return take_number(a, wanted->what, wanted->number, number, said == NULL ? a->type : TL_ONNX_F32);
}

static const tl_onnx_attribute *find_attribute(const tl_onnx_step *step, tl_onnx_text name)
{
    for (int k = 0; k < TL_ONNX_ATTRIBUTES && step->attributes[k].name != NULL; k++)
        if (tl_onnx_is(name, step->attributes[k].name))
            return &step->attributes[k];
    return NULL;
}

/* All that the node says must be known to the step, and what it does not say is the standard. */
static bool takes_attributes(attempt *a, const tl_onnx_step *step, const tl_onnx_node_of_file *node)
{
    tl_protobuf at = node->message;
    tl_onnx_attribute_of_file said;
    unsigned seen = 0;
    while (tl_onnx_next_attribute(&at, &said)) {
        const tl_onnx_attribute *wanted = find_attribute(step, said.name);
        if (wanted == NULL || !takes_attribute(a, wanted, &said))
            return false;
        seen |= 1u << (wanted - step->attributes);
    }
    for (int k = 0; k < TL_ONNX_ATTRIBUTES && step->attributes[k].name != NULL; k++)
        if ((seen & 1u << k) == 0 && !takes_attribute(a, &step->attributes[k], NULL))
            return false;
    return true;
}

static bool takes_recipe(attempt *a)
{
    for (int i = 0; i < a->found.recipe->step_count; i++) {
        const tl_onnx_step *step = &a->found.recipe->steps[i];
        const tl_onnx_node_of_file *node = &a->nodes[i];
        if (!tl_onnx_is(node->op, step->op) || node->outputs != 1 || !takes_operands(a, step, node) ||
            !takes_attributes(a, step, node))
            return false;
    }
    return true;
}

bool tl_onnx_match_clipping(const tl_onnx_file *file, int node, tl_onnx_text z, int type, double *clip)
{
    attempt a = {file, &file->nodes[node], z, type, {&tl_onnx_clipping, .alpha = NAN, .epsilon = NAN}};
    if (tl_onnx_clipping.step_count > file->node_count - node || !takes_recipe(&a))
        return false;
    *clip = a.found.alpha;
    return true;
}

bool tl_onnx_match_at(const tl_onnx_file *file, int node, tl_onnx_text z, int type, bool normalizations,
                      tl_onnx_match *match)
{
    int longest = 0;
    for (int i = 0; i < tl_onnx_recipe_count; i++) {
        const tl_onnx_recipe *recipe = &tl_onnx_recipes[i];
        attempt a = {file, &file->nodes[node], z, type, {.recipe = recipe, .alpha = NAN, .epsilon = NAN}};
        if (recipe->step_count <= longest || recipe->step_count > file->node_count - node ||
            tl_normalization_kind_of(recipe->normalization)->normalizes != normalizations ||
            !takes_recipe(&a))
            continue;
        *match = a.found;
        longest = recipe->step_count;
    }
    return longest > 0;
}

bool tl_onnx_is_known(tl_onnx_text op)
{
    for (int i = 0; i < tl_onnx_recipe_count; i++)
        for (int k = 0; k < tl_onnx_recipes[i].step_count; k++)
            if (tl_onnx_is(op, tl_onnx_recipes[i].steps[k].op))
                return true;
    return false;
}
