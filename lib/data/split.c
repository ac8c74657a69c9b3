/* The division of a data set into two random parts. */
#include <math.h>

#include "base/call.h"
#include "data/division.h"

/* A split under way. */
typedef struct share_of_all {
    tl_division division;
    double fraction;
    int64_t first; /* samples of the first part */
} share_of_all;

static int64_t count_classes(const tl_keyed *samples, int64_t count)
{
    int64_t classes = 0;
    for (int64_t start = 0; start < count; start = tl_run_end(samples, count, start))
        classes++;
    return classes;
}

/* ⌊fraction·n_c⌋, and the remainder that is lost. */
static int64_t share(double fraction, int64_t samples, double *remainder)
{
    double whole;
    *remainder = modf(fraction * (double)samples, &whole);
    return (int64_t)whole;
}

/* In the order of their ranks, classes give one sample more: the largest remainder first. But the only sample of a class
 * is the first to go to the larger part, and the last to leave it. */
static uint64_t rank_of(const share_of_all *split, int64_t samples, double remainder)
{
    bool first_is_larger = split->first >= split->division.whole->samples - split->first;
    if (samples == 1)
        return first_is_larger ? 0 : UINT64_MAX;
    return 1 + (uint64_t)((1 - remainder) * 0x1p52);
}

/* Hamilton's method of the largest remainders. Each class gives those of its samples that come first in the order. */
static void take_shares(const share_of_all *split, const tl_keyed *samples, tl_keyed *classes)
{
    int64_t all = split->division.whole->samples, count = 0, missing = split->first;
    double remainder;
    for (int64_t start = 0, end; start < all; start = end) {
        end = tl_run_end(samples, all, start);
        missing -= share(split->fraction, end - start, &remainder);
        classes[count++] = (tl_keyed){rank_of(split, end - start, remainder), start};
    }
    tl_sort_by_key(classes, count);
    for (int64_t c = 0; c < count; c++) {
        int64_t start = classes[c].item, size = tl_run_end(samples, all, start) - start;
        int64_t given = share(split->fraction, size, &remainder) + (c < missing ? 1 : 0);
        for (int64_t i = start; i < start + given; i++)
            split->division.taken[samples[i].item] = true;
    }
}

static talus_status take_by_label(const share_of_all *split)
{
    talus_context *context = split->division.whole->context;
    tl_keyed *samples = tl_division_by_label(&split->division), *classes = NULL;
    if (samples != NULL)
        classes = tl_allocate_keyed(context, count_classes(samples, split->division.whole->samples));
    talus_status status = classes == NULL ? TALUS_ERROR_MEMORY : TALUS_OK;
    if (status == TALUS_OK)
        take_shares(split, samples, classes);
    tl_release(context, classes);
    tl_release(context, samples);
    return status;
}

static talus_status take(const share_of_all *split, int stratified)
{
    if (stratified)
        return take_by_label(split);
    for (int64_t i = 0; i < split->first; i++)
        split->division.taken[i] = true;
    return TALUS_OK;
}

static talus_status check_split(const talus_dataset *whole, double fraction, int stratified,
                                talus_dataset *const *first, talus_dataset *const *second)
{
    talus_context *context = whole->context;
    static const char *const names[] = {"first", "second"};
    talus_status status = tl_check_places(whole, "split", names, first, second);
    if (status != TALUS_OK)
        return status;
    if (!(fraction > 0 && fraction < 1))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "split: fraction must be above 0 and below 1, got %g",
                       fraction);
    if (whole->samples < 2)
        return tl_fail(context, TALUS_ERROR_SHAPE, "split: the whole must have at least 2 samples, got %lld",
                       (long long)whole->samples);
    return tl_check_stratified(whole, "split", stratified);
}

/* fraction·n to the nearest integer, but no part is empty. */
static int64_t size_of_first(double fraction, int64_t samples)
{
    int64_t first = llround(fraction * (double)samples);
    if (first < 1)
        return 1;
    return first < samples ? first : samples - 1;
}

static talus_status divide(const talus_dataset *whole, double fraction, int stratified, uint64_t seed,
                           talus_dataset **first, talus_dataset **second)
{
    share_of_all split = {.fraction = fraction};
    talus_status status = check_split(whole, fraction, stratified, first, second);
    if (status != TALUS_OK)
        return status;
    split.first = size_of_first(fraction, whole->samples);
    status = tl_division_begin(whole, seed, &split.division);
    if (status == TALUS_OK)
        status = take(&split, stratified);
    return tl_division_end(&split.division, status, first, second);
}

talus_status talus_dataset_split(const talus_dataset *whole, double fraction, int stratified, uint64_t seed,
                                 talus_dataset **first, talus_dataset **second)
{
    if (whole == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, whole->context);
    return status == TALUS_OK ? tl_call_end(&call, divide(whole, fraction, stratified, seed, first, second))
                              : status;
}
