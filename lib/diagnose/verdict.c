/* What the healths of layers mean, in plain words: a table of rules. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "base/options.h"
#include "diagnose/health.h"
#include "diagnose/non_finite.h"

/* From where on a number stands out. */
#define FADES  1e-3 /* Δ of the first layer beside that of the last, for each unit */
#define GROWS  1e3
#define MOST   0.5  /* units, or outputs */
#define LEAPS  0.1  /* a step beside the parameters; a thousandth is usual */
#define CREEPS 1e-6 /* the same; f32 has hardly more digits */
#define BYTES  512  /* of a sentence */

/* The layers of a network, and what a rule has found: the layer that it is about, and the number that stands out. */
typedef struct patient {
    const talus_health *layers;
    int count;
    const talus_health *worst;
    double value;
} patient;

typedef struct rule {
    const char *name;
    bool (*holds)(patient *p); /* and sets worst and value */
    void (*say)(const patient *p, char text[BYTES]);
    const char *remedy,
        *if_bounded; /* the second for activations that are bounded on both sides; NULL: the first */
} rule;

static bool is_bounded(const talus_health *layer)
{
    const tl_activation_kind *kind = tl_activation_kind_of(layer->activation);
    return kind != NULL && kind->steepest > 0;
}

static const char *name_of(const talus_health *layer)
{
    return talus_activation_name(layer->activation);
}

/* The layer in which a number is largest; NaN counts nothing. */
static bool find_above(patient *p, double (*number)(const talus_health *layer), double limit)
{
    p->value = limit;
    p->worst = NULL;
    for (int i = 0; i < p->count; i++)
        if (number(&p->layers[i]) > p->value) {
            p->worst = &p->layers[i];
            p->value = number(p->worst);
        }
    return p->worst != NULL;
}

/* Rules ---------------------------------------------------------------------------------------------------- */

static bool is_not_finite(patient *p)
{
    for (p->worst = p->layers; p->worst < p->layers + p->count; p->worst++)
        if (p->worst->operand >= 0)
            return true;
    return false;
}

static void say_not_finite(const patient *p, char text[BYTES])
{
    const char *operand = talus_operand_name(p->worst->operand);
    int used = snprintf(text, BYTES, "layer %d: %s not finite", p->worst->layer, operand);
    if (p->worst->row >= 0)
        (void)snprintf(text + used, (size_t)(BYTES - used),
                       ", first in row %lld, column %lld (counted from 0)%s%s", (long long)p->worst->row,
                       (long long)p->worst->col, p->worst->part >= 0 ? " of its " : "",
                       p->worst->part >= 0 ? talus_part_name(p->worst->part) : "");
}

static double dead(const talus_health *layer)
{
    return layer->dead;
}

static bool is_dead(patient *p)
{
    return find_above(p, dead, MOST);
}

static void say_dead(const patient *p, char text[BYTES])
{
    (void)snprintf(text, BYTES, "layer %d: %.3g %% of its %s units pass no gradient for any sample",
                   p->worst->layer, 100 * p->value, name_of(p->worst));
}

static double saturated(const talus_health *layer)
{
    return layer->saturated;
}

static bool is_saturated(patient *p)
{
    return find_above(p, saturated, MOST);
}

static void say_saturated(const patient *p, char text[BYTES])
{
    (void)snprintf(text, BYTES, "layer %d: %.3g %% of its outputs lie where %s is flat", p->worst->layer,
                   100 * p->value, name_of(p->worst));
}

/* Δ_1 beside Δ_L; 0 where all of Δ_L is 0, since then all is. */
static double growth(const patient *p)
{
    double last = p->layers[p->count - 1].delta;
    return last > 0 ? p->layers[0].delta / last : NAN;
}

static bool is_vanishing(patient *p)
{
    p->worst = p->layers;
    p->value = growth(p);
    return p->value < FADES;
}

static bool is_exploding(patient *p)
{
    p->worst = p->layers;
    p->value = growth(p);
    return p->value > GROWS;
}

static void say_growth(const patient *p, char text[BYTES])
{
    (void)snprintf(text, BYTES, "layer 1: its deltas are %.2g of those of layer %d, after %d layers of %s",
                   p->value, p->count, p->count - 1, name_of(p->worst));
}

static double ratio(const talus_health *layer)
{
    return layer->ratio;
}

static bool is_leaping(patient *p)
{
    return find_above(p, ratio, LEAPS);
}

static double negative_ratio(const talus_health *layer)
{
    return layer->ratio > 0 ? -layer->ratio : NAN;
}

static bool is_creeping(patient *p)
{
    bool holds = find_above(p, negative_ratio, -CREEPS);
    for (int i = 0; holds && i < p->count; i++)
        holds = !(p->layers[i].ratio >= CREEPS);
    p->value = -p->value;
    return holds;
}

static void say_ratio(const patient *p, char text[BYTES])
{
    (void)snprintf(text, BYTES, "layer %d: the step changes its parameters by %.2g of their size",
                   p->worst->layer, p->value);
}

static const rule rules[TALUS_VERDICT_COUNT] = {
    [TALUS_VERDICT_HEALTHY] = {.name = "healthy"},
    [TALUS_VERDICT_NOT_FINITE] =
        {"not_finite", is_not_finite, say_not_finite,
         "a smaller learning rate, clipping of the gradient, or scaled inputs and targets", NULL},
    [TALUS_VERDICT_DEAD] =
        {"dead", is_dead, say_dead,
         "leaky_relu or elu, biases that start at 0, batch normalisation, or a smaller learning rate",
         "smaller weights, such as Glorot's, normalisation, or scaled inputs"},
    [TALUS_VERDICT_SATURATED] = {"saturated", is_saturated, say_saturated,
                                 "smaller weights, such as Glorot's, normalisation, or scaled inputs", NULL},
    [TALUS_VERDICT_VANISHING] =
        {"vanishing", is_vanishing, say_growth,
         "larger weights, such as He's for relu and Glorot's for tanh, or normalisation",
         "relu, leaky_relu or elu with He's weights, or batch normalisation"},
    [TALUS_VERDICT_EXPLODING] =
        {"exploding", is_exploding, say_growth,
         "smaller weights, such as He's for relu and Glorot's for tanh, normalisation, or clipping of the "
         "gradient",
         NULL},
    [TALUS_VERDICT_LEAPING] = {"leaping", is_leaping, say_ratio,
                               "a smaller learning rate, or clipping of the gradient", NULL},
    [TALUS_VERDICT_CREEPING] = {"creeping", is_creeping, say_ratio, "a larger learning rate", NULL},
};

/* The text ------------------------------------------------------------------------------------------------- */

/* Text of the caller's, of which only the length is kept where it does not fit. */
typedef struct page {
    char *text;
    size_t capacity, length;
} page;

static void write_piece(page *to, const char *piece)
{
    size_t length = strlen(piece);
    if (to->capacity > to->length) {
        size_t room = to->capacity - to->length - 1, taken = length < room ? length : room;
        memcpy(to->text + to->length, piece, taken);
        to->text[to->length + taken] = '\0';
    }
    to->length += length;
}

/* A line for each rule that holds: the sentence and the remedy. The first is the verdict. */
static int write_verdict(patient *p, page *to)
{
    int verdict = TALUS_VERDICT_HEALTHY;
    for (int i = TALUS_VERDICT_HEALTHY + 1; i < TALUS_VERDICT_COUNT; i++) {
        char sentence[BYTES];
        if (!rules[i].holds(p))
            continue;
        verdict = verdict == TALUS_VERDICT_HEALTHY ? i : verdict;
        rules[i].say(p, sentence);
        write_piece(to, sentence);
        write_piece(to, "; try ");
        write_piece(to, rules[i].if_bounded != NULL && is_bounded(p->worst) ? rules[i].if_bounded
                                                                            : rules[i].remedy);
        write_piece(to, "\n");
    }
    if (verdict == TALUS_VERDICT_HEALTHY)
        write_piece(to, "nothing stands out\n");
    return verdict;
}

/* The caller's healths, of its own size, as ours. */
static talus_status take(talus_context *context, const talus_health *healths, size_t size, int count,
                         talus_health *taken)
{
    talus_status status = TALUS_OK;
    for (int i = 0; status == TALUS_OK && i < count; i++)
        status = tl_struct_take(context, "health", TL_END_OF(talus_health, col), &taken[i], sizeof taken[i],
                                (const char *)healths + (size_t)i * size, size);
    return status;
}

static talus_status judge(talus_context *context, const talus_health *healths, size_t size, int count,
                          int *verdict, page *to, size_t *length)
{
    if (healths == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "verdict: healths must not be NULL");
    if (count < 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "verdict: count must be at least 1, got %d", count);
    if (to->text == NULL && to->capacity > 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "verdict: text must not be NULL for a capacity of %zu bytes", to->capacity);
    talus_health *taken = tl_allocate(context, (size_t)count * sizeof *taken);
    if (taken == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "verdict: the allocator returned no memory for %d layers",
                       count);
    talus_status status = take(context, healths, size, count, taken);
    if (status == TALUS_OK) {
        int found = write_verdict(&(patient){.layers = taken, .count = count}, to);
        if (verdict != NULL)
            *verdict = found;
        if (length != NULL)
            *length = to->length;
    }
    tl_release(context, taken);
    return status;
}

talus_status talus_health_verdict_sized(talus_context *context, const talus_health *healths,
                                        size_t health_size, int count, int *verdict, char *text,
                                        size_t capacity, size_t *length)
{
    tl_call call;
    page to = {text, capacity, 0};
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK
               ? tl_call_end(&call, judge(context, healths, health_size, count, verdict, &to, length))
               : status;
}

static const char *verdict_name(int verdict)
{
    return rules[verdict].name;
}

const tl_names tl_verdict_names = {TALUS_ENUMERATION_VERDICT, TALUS_VERDICT_COUNT, verdict_name};
