/* The area under the ROC curve: the share of pairs of a positive and a negative sample that stand in the right order, found by
 * sorting. */
#include <math.h>
#include <string.h>

#include "data/sort.h"
#include "train/metric_table.h"

/* A class against the rest, or an output's yes against its no. */
typedef struct contest {
    const tl_predictions *p;
    int64_t k;
    const int64_t *classes; /* of the samples; NULL for sides */
    tl_keyed *order;        /* room for sorting them */
} contest;

static bool is_positive(const contest *c, int64_t i)
{
    return c->classes == NULL ? tl_target_is_yes(c->p, i, c->k) : c->classes[i] == c->k;
}

/* Keys in the order of the numbers; −0 is 0. */
static uint64_t key_of(double x)
{
    uint64_t bits, sign = UINT64_C(1) << 63;
    x += 0;
    memcpy(&bits, &x, sizeof bits);
    return bits & sign ? ~bits : bits | sign;
}

/* Σ over pairs of their weights: those in the right order, and half of those with equal outputs. */
static double pairs_in_order(const contest *c, int64_t count)
{
    double pairs = 0, below = 0;
    tl_sort_by_key(c->order, count);
    for (int64_t i = 0; i < count;) {
        double positive = 0, negative = 0;
        for (uint64_t key = c->order[i].key; i < count && c->order[i].key == key; i++) {
            double w = tl_weight_of(c->p, c->order[i].item);
            bool is = is_positive(c, c->order[i].item);
            positive += is ? w : 0;
            negative += is ? 0 : w;
        }
        pairs += positive * (below + negative / 2);
        below += negative;
    }
    return pairs;
}

/* Hanley and McNeil 1982 */
static double error_of(double area, double positives, double negatives)
{
    double q1 = area / (2 - area), q0 = 2 * area * area / (1 + area);
    double variance = area * (1 - area) + (positives - 1) * (q1 - area * area) +
                      (negatives - 1) * (q0 - area * area);
    return sqrt(fmax(variance, 0) / (positives * negatives)); /* rounding may take 0 below */
}

/* NaN without a pair. */
static talus_estimate area_of(const contest *c)
{
    double positive = 0, negative = 0, positives = 0, negatives = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < c->p->samples; i++) {
        double w = tl_weight_of(c->p, i);
        bool is = is_positive(c, i);
        if (w == 0)
            continue;
        c->order[count++] = (tl_keyed){key_of(tl_output(c->p, i, c->k)), i};
        positive += is ? w : 0;
        negative += is ? 0 : w;
        positives += is;
        negatives += !is;
    }
    if (positives == 0 || negatives == 0)
        return (talus_estimate){NAN, NAN};
    double area = pairs_in_order(c, count) / (positive * negative);
    return (talus_estimate){area, error_of(area, positives, negatives)};
}

static void measure_all(contest *c, talus_report *report)
{
    const tl_predictions *p = c->p;
    double sum = 0, defined = 0;
    for (c->k = 0; c->k < p->columns; c->k++) {
        talus_estimate area = area_of(c);
        sum += isnan(area.value) ? 0 : area.value;
        defined += !isnan(area.value);
        report->auc.error = p->columns == 1 ? area.error : NAN;
        if (p->options.classes != NULL)
            *tl_wanted_at(p->options.classes, c->k, 3) = area.value;
    }
    report->auc.value = sum / defined; /* NaN without any */
}

talus_status tl_measure_auc(const tl_predictions *p, talus_report *report)
{
    tl_keyed *order = tl_allocate_keyed(p->context, p->samples);
    if (order == NULL)
        return TALUS_ERROR_MEMORY;
    int64_t *classes = tl_allocate(p->context, (size_t)p->samples * sizeof *classes);
    if (classes == NULL) {
        tl_release(p->context, order);
        return tl_fail(p->context, TALUS_ERROR_MEMORY,
                       "report: the allocator returned no memory for the classes of %lld samples",
                       (long long)p->samples);
    }
    bool sides = p->options.task == TALUS_TASK_SIDES;
    for (int64_t i = 0; i < p->samples; i++)
        classes[i] = sides ? 0 : tl_target_class(p, i);
    measure_all(&(contest){.p = p, .classes = sides ? NULL : classes, .order = order}, report);
    tl_release(p->context, classes);
    tl_release(p->context, order);
    return TALUS_OK;
}
