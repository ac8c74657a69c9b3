/* The area under the ROC curve: the share of pairs of a positive and a negative sample that stand in the right order, found by
 * sorting. */
#include <math.h>

#include "train/metric_table.h"

typedef struct scored {
    double score;
    double positive, negative; /* its weight, as what it is; the other is 0 */
} scored;

/* Takes what is left of two sorted runs, from[first … middle−1] and from[middle … end−1], in order. */
static void merge(const scored *from, int64_t first, int64_t middle, int64_t end, scored *to)
{
    int64_t left = first, right = middle;
    for (int64_t i = first; i < end; i++) {
        bool take_left = left < middle && (right == end || from[left].score <= from[right].score);
        to[i] = from[take_left ? left++ : right++];
    }
}

/* Merge sort by score, n log n in any case; returns the one of both arrays that holds the result. */
static scored *sort(int64_t count, scored *items, scored *other)
{
    for (int64_t width = 1; width < count; width *= 2) {
        for (int64_t first = 0; first < count; first += 2 * width) {
            int64_t middle = first + width < count ? first + width : count;
            int64_t end = middle + width < count ? middle + width : count;
            merge(items, first, middle, end, other);
        }
        scored *sorted = other;
        other = items;
        items = sorted;
    }
    return items;
}

/* Σ over pairs of their weights: those in the right order, and half of those with equal scores. */
static double pairs_in_order(int64_t count, const scored *items)
{
    double pairs = 0, below = 0;
    for (int64_t i = 0; i < count;) {
        double positive = 0, negative = 0, score = items[i].score;
        for (; i < count && items[i].score == score; i++) {
            positive += items[i].positive;
            negative += items[i].negative;
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

/* Memory for the samples of a class against the rest, to be sorted, and for the class of each. */
typedef struct room {
    scored *items, *other;
    int64_t *classes;
} room;

/* Class k against the rest, or output k; NaN without a pair. */
static talus_estimate area_of(const tl_predictions *p, int64_t k, const room *memory)
{
    double positive = 0, negative = 0, positives = 0, negatives = 0;
    bool classes = p->options.task == TALUS_TASK_CLASSES;
    int64_t count = 0;
    for (int64_t i = 0; i < p->samples; i++) {
        double w = tl_weight_of(p, i);
        bool is = classes ? memory->classes[i] == k : tl_target_is_yes(p, i, k);
        if (w == 0)
            continue;
        memory->items[count++] = (scored){tl_output(p, i, k), is ? w : 0, is ? 0 : w};
        positive += is ? w : 0;
        negative += is ? 0 : w;
        positives += is;
        negatives += !is;
    }
    if (positives == 0 || negatives == 0)
        return (talus_estimate){NAN, NAN};
    double pairs = pairs_in_order(count, sort(count, memory->items, memory->other));
    double area = pairs / (positive * negative);
    return (talus_estimate){area, error_of(area, positives, negatives)};
}

static void measure_all(const tl_predictions *p, const room *memory, talus_report *report)
{
    double sum = 0, defined = 0;
    for (int64_t i = 0; i < p->samples; i++)
        memory->classes[i] = p->options.task == TALUS_TASK_CLASSES ? tl_target_class(p, i) : 0;
    for (int64_t k = 0; k < p->columns; k++) {
        talus_estimate area = area_of(p, k, memory);
        sum += isnan(area.value) ? 0 : area.value;
        defined += !isnan(area.value);
        report->auc.error = p->columns == 1 ? area.error : NAN;
        if (p->options.classes != NULL)
            *tl_wanted_at(p->options.classes, k, 3) = area.value;
    }
    report->auc.value = sum / defined; /* NaN without any */
}

talus_status tl_measure_auc(const tl_predictions *p, talus_report *report)
{
    size_t n = (size_t)p->samples;
    room memory = {tl_allocate(p->context, n * sizeof(scored)), tl_allocate(p->context, n * sizeof(scored)),
                   tl_allocate(p->context, n * sizeof(int64_t))};
    talus_status status = TALUS_OK;
    if (memory.items == NULL || memory.other == NULL || memory.classes == NULL)
        status = tl_fail(p->context, TALUS_ERROR_MEMORY,
                         "report: the allocator returned no memory to rank %lld samples",
                         (long long)p->samples);
    else
        measure_all(p, &memory, report);
    tl_release(p->context, memory.classes);
    tl_release(p->context, memory.other);
    tl_release(p->context, memory.items);
    return status;
}
