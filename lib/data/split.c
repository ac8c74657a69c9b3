/* The division of a data set into random parts of given sizes. */
#include <math.h>
#include <string.h>

#include "base/call.h"
#include "data/division.h"

/* A division into parts by fractions. */
typedef struct shares {
    tl_division division;
    const double *fractions;
    int64_t sizes[TL_MOST_PARTS];
    int count;
} shares;

/* Sizes ------------------------------------------------------------------------------------------------- */

static int largest(const int64_t *values, int count)
{
    int found = 0;
    for (int i = 1; i < count; i++)
        if (values[i] > values[found])
            found = i;
    return found;
}

/* Hamilton's method of the largest remainders; then the largest part gives to those that are empty. The last share is what the
 * others leave, so that n is their sum. So that rounding makes no equal remainders differ, they are compared in steps that hit ½
 * and no other simple fraction: 1 is twice a prime number of them. Of more than two parts it is the nearest step, so that ½ with
 * a rounding error is ½; of two parts, shares are rounded as they are. */
static void set_sizes(shares *wanted, int64_t samples)
{
    const double steps = 2 * 536870909.0, nearest = wanted->count > 2 ? 0.5 : 0;
    double left = (double)samples, whole;
    int64_t remainders[TL_MOST_PARTS], missing = samples;
    for (int p = 0; p < wanted->count; p++) {
        double share = p < wanted->count - 1 ? wanted->fractions[p] * (double)samples : left;
        left -= share;
        remainders[p] = (int64_t)(modf(share, &whole) * steps + nearest);
        wanted->sizes[p] = (int64_t)whole;
        missing -= wanted->sizes[p];
    }
    for (; missing > 0; missing--) {
        int p = largest(remainders, wanted->count);
        wanted->sizes[p]++;
        remainders[p] = -1;
    }
    for (int p = 0; p < wanted->count; p++)
        for (; wanted->sizes[p] < 1; wanted->sizes[p]++)
            wanted->sizes[largest(wanted->sizes, wanted->count)]--;
}

/* Classes ----------------------------------------------------------------------------------------------- */

/* The samples of a class: a run of those that are sorted by label, of which the first `given` have their part. */
typedef struct class_run {
    int64_t start, size, given;
    int64_t before; /* how many of them went to earlier parts */
} class_run;

static int64_t find_classes(const tl_keyed *samples, int64_t count, class_run *classes)
{
    int64_t found = 0;
    for (int64_t start = 0, end; start < count; start = end) {
        end = tl_run_end(samples, count, start);
        if (classes != NULL)
            classes[found] = (class_run){.start = start, .size = end - start};
        found++;
    }
    return found;
}

/* In the order of their ranks, classes give one sample more: the largest remainder first. But the only sample of a class
 * is the first to go to the larger side, of a part and all that follow, and the last to leave it. */
static uint64_t rank_of(int64_t samples, bool part_is_larger, double remainder)
{
    if (samples == 1)
        return part_is_larger ? 0 : UINT64_MAX;
    return 1 + (uint64_t)((1 - remainder) * 0x1p52);
}

/* Each class gives ⌊its share⌋: what it owes to this part and those before, less what it gave. Of the first part the fraction is
 * exact, of more parts that of their sizes. Returns what is missing. */
static int64_t give_shares(const shares *wanted, int part, class_run *classes, int64_t count, tl_keyed *order)
{
    double fraction = wanted->fractions[0], whole;
    int64_t samples = wanted->division.whole->samples, later = samples, missing = wanted->sizes[part];
    for (int p = 0; p <= part; p++)
        later -= wanted->sizes[p];
    if (part > 0)
        fraction = (double)(samples - later) / (double)samples;
    for (int64_t c = 0; c < count; c++) {
        class_run *class = &classes[c];
        const double there = (double)(class->size - class->given);
        double share = fmin(there, fmax(0, fraction * (double)class->size - (double)class->given));
        order[c] = (tl_keyed){rank_of(class->size, wanted->sizes[part] >= later, modf(share, &whole)), c};
        class->before = class->given;
        class->given += (int64_t)whole;
        missing -= (int64_t)whole;
    }
    return missing;
}

/* Each class gives those of its samples that come first in the order. */
static void take_part(const shares *wanted, int part, const tl_keyed *samples, class_run *classes,
                      int64_t count, tl_keyed *order)
{
    int64_t missing = give_shares(wanted, part, classes, count, order);
    tl_sort_by_key(order, count);
    for (int64_t i = 0; missing > 0; i = (i + 1) % count) {
        class_run *class = &classes[order[i].item];
        int64_t one = class->given < class->size;
        class->given += one;
        missing -= one;
    }
    for (int64_t i = count - 1; missing < 0; i = (i + count - 1) % count) {
        class_run *class = &classes[order[i].item];
        int64_t one = class->given > class->before;
        class->given -= one;
        missing += one;
    }
    for (int64_t c = 0; c < count; c++)
        for (int64_t i = classes[c].before; i < classes[c].given; i++)
            wanted->division.part[samples[classes[c].start + i].item] = (uint8_t)part;
}

static talus_status take_by_label(const shares *wanted)
{
    const talus_dataset *whole = wanted->division.whole;
    talus_context *context = whole->context;
    tl_keyed *samples = tl_division_by_label(&wanted->division), *order = NULL;
    class_run *classes = NULL;
    int64_t count = samples == NULL ? 0 : find_classes(samples, whole->samples, NULL);
    if (count > 0 && (order = tl_allocate_keyed(context, count)) != NULL)
        classes = tl_allocate(context, (size_t)count * sizeof *classes);
    talus_status status = TALUS_OK;
    if (classes != NULL) {
        (void)find_classes(samples, whole->samples, classes);
        for (int p = 0; p < wanted->count - 1; p++)
            take_part(wanted, p, samples, classes, count, order);
    } else {
        status = tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory to divide %lld samples by class",
                         (long long)whole->samples);
    }
    tl_release(context, classes);
    tl_release(context, order);
    tl_release(context, samples);
    return status;
}

static void take_in_order(const shares *wanted)
{
    uint8_t *next = wanted->division.part;
    for (int p = 0; p < wanted->count; next += wanted->sizes[p++])
        memset(next, p, (size_t)wanted->sizes[p]);
}

/* Division by fractions that are checked. What no other part takes goes to the last. */
static talus_status divide(const talus_dataset *whole, const double *fractions, int count, int stratified,
                           uint64_t seed, talus_dataset **parts)
{
    shares wanted = {.fractions = fractions, .count = count};
    set_sizes(&wanted, whole->samples);
    talus_status status = tl_division_begin(whole, seed, &wanted.division);
    if (status == TALUS_OK && stratified) {
        memset(wanted.division.part, count - 1, (size_t)whole->samples);
        status = take_by_label(&wanted);
    } else if (status == TALUS_OK) {
        take_in_order(&wanted);
    }
    return tl_division_end(&wanted.division, status, parts, count);
}

/* Calls ------------------------------------------------------------------------------------------------- */

static talus_status split(const talus_dataset *whole, double fraction, int stratified, uint64_t seed,
                          talus_dataset **first, talus_dataset **second)
{
    static const char *const names[] = {"first", "second"};
    talus_context *context = whole->context;
    talus_dataset *parts[2];
    talus_status status = tl_check_places(whole, "split", names, first, second);
    if (status == TALUS_OK && !(fraction > 0 && fraction < 1))
        status = tl_fail(context, TALUS_ERROR_ARGUMENT, "split: fraction must be above 0 and below 1, got %g",
                         fraction);
    if (status == TALUS_OK && whole->samples < 2)
        status = tl_fail(context, TALUS_ERROR_SHAPE,
                         "split: the whole must have at least 2 samples, got %lld",
                         (long long)whole->samples);
    if (status == TALUS_OK)
        status = tl_check_stratified(whole, "split", stratified);
    if (status == TALUS_OK)
        status = divide(whole, (const double[]){fraction, 1 - fraction}, 2, stratified, seed, parts);
    if (status == TALUS_OK)
        *first = parts[0], *second = parts[1];
    return status;
}

talus_status talus_dataset_split(const talus_dataset *whole, double fraction, int stratified, uint64_t seed,
                                 talus_dataset **first, talus_dataset **second)
{
    if (whole == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, whole->context);
    return status == TALUS_OK ? tl_call_end(&call, split(whole, fraction, stratified, seed, first, second))
                              : status;
}

static talus_status check_fractions(const talus_dataset *whole, const double *fractions, int count)
{
    double sum = 0;
    for (int p = 0; p < count; sum += fractions[p++])
        if (!(fractions[p] > 0))
            return tl_fail(whole->context, TALUS_ERROR_ARGUMENT,
                           "divide: fractions[%d] must be above 0, got %g", p, fractions[p]);
    if (!(fabs(sum - 1) <= 1e-9))
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT,
                       "divide: the sum of fractions must be 1, got %.12g", sum);
    return TALUS_OK;
}

static talus_status check_divide(const talus_dataset *whole, const double *fractions, int count,
                                 int stratified, talus_dataset *const *parts)
{
    talus_context *context = whole->context;
    if (fractions == NULL || parts == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "divide: %s must not be NULL",
                       fractions == NULL ? "fractions" : "parts");
    if (count < 2 || count > TL_MOST_PARTS)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "divide: count must be 2 … %d, got %d", TL_MOST_PARTS,
                       count);
    talus_status status = check_fractions(whole, fractions, count);
    if (status != TALUS_OK)
        return status;
    if (whole->samples < count)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "divide: the whole must have at least %d samples, one a part, got %lld", count,
                       (long long)whole->samples);
    return tl_check_stratified(whole, "divide", stratified);
}

talus_status talus_dataset_divide(const talus_dataset *whole, const double *fractions, int count,
                                  int stratified, uint64_t seed, talus_dataset **parts)
{
    if (whole == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, whole->context);
    if (status != TALUS_OK)
        return status;
    status = check_divide(whole, fractions, count, stratified, parts);
    return tl_call_end(&call, status == TALUS_OK ? divide(whole, fractions, count, stratified, seed, parts)
                                                 : status);
}
