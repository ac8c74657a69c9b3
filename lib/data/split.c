/* The division of a data set into two random parts. */
#include <math.h>

#include "base/call.h"
#include "data/dataset.h"
#include "data/sort.h"

/* A split under way. */
typedef struct division {
    talus_dataset *order; /* all samples, shuffled */
    double fraction;
    int64_t first; /* samples of the first part */
    bool *taken;   /* whether a sample of the order goes to it */
} division;

/* The samples of the order, sorted by label; each class stays in the order. */
static tl_keyed *samples_by_label(const talus_dataset *order)
{
    const talus_matrix *targets = &order->targets;
    const int32_t *labels = targets->data;
    tl_keyed *samples = tl_allocate_keyed(order->context, order->samples);
    if (samples == NULL)
        return NULL;
    for (int64_t i = 0; i < order->samples; i++)
        samples[i] = (tl_keyed){(uint64_t)labels[order->rows[i] * targets->stride], i};
    tl_sort_by_key(samples, order->samples);
    return samples;
}

/* The end of the run of equal labels that begins at start. */
static int64_t class_end(const tl_keyed *samples, int64_t count, int64_t start)
{
    int64_t end = start + 1;
    while (end < count && samples[end].key == samples[start].key)
        end++;
    return end;
}

static int64_t count_classes(const tl_keyed *samples, int64_t count)
{
    int64_t classes = 0;
    for (int64_t start = 0; start < count; start = class_end(samples, count, start))
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
static uint64_t rank_of(const division *split, int64_t samples, double remainder)
{
    bool first_is_larger = split->first >= split->order->samples - split->first;
    if (samples == 1)
        return first_is_larger ? 0 : UINT64_MAX;
    return 1 + (uint64_t)((1 - remainder) * 0x1p52);
}

/* Hamilton's method of the largest remainders. Each class gives those of its samples that come first in the order. */
static void take_shares(const division *split, const tl_keyed *samples, tl_keyed *classes)
{
    int64_t all = split->order->samples, count = 0, missing = split->first;
    double remainder;
    for (int64_t start = 0, end; start < all; start = end) {
        end = class_end(samples, all, start);
        missing -= share(split->fraction, end - start, &remainder);
        classes[count++] = (tl_keyed){rank_of(split, end - start, remainder), start};
    }
    tl_sort_by_key(classes, count);
    for (int64_t c = 0; c < count; c++) {
        int64_t start = classes[c].item, size = class_end(samples, all, start) - start;
        int64_t given = share(split->fraction, size, &remainder) + (c < missing ? 1 : 0);
        for (int64_t i = start; i < start + given; i++)
            split->taken[samples[i].item] = true;
    }
}

static talus_status take_by_label(const division *split)
{
    talus_context *context = split->order->context;
    tl_keyed *samples = samples_by_label(split->order), *classes = NULL;
    if (samples != NULL)
        classes = tl_allocate_keyed(context, count_classes(samples, split->order->samples));
    talus_status status = classes == NULL ? TALUS_ERROR_MEMORY : TALUS_OK;
    if (status == TALUS_OK)
        take_shares(split, samples, classes);
    tl_release(context, classes);
    tl_release(context, samples);
    return status;
}

static talus_status take(const division *split, int stratified)
{
    if (stratified)
        return take_by_label(split);
    for (int64_t i = 0; i < split->first; i++)
        split->taken[i] = true;
    return TALUS_OK;
}

/* The part of the whole that is taken, or the other one. */
static talus_status make_part(const division *split, const talus_dataset *whole, bool taken,
                              talus_dataset **part)
{
    int64_t count = taken ? split->first : whole->samples - split->first, filled = 0;
    int64_t *rows = tl_allocate_rows(whole->context, count);
    if (rows == NULL)
        return TALUS_ERROR_MEMORY;
    for (int64_t i = 0; i < whole->samples; i++)
        if (split->taken[i] == taken)
            rows[filled++] = split->order->rows[i];
    return tl_dataset_of_rows(whole, rows, count, part);
}

static talus_status check_stratified(const talus_dataset *whole, int stratified)
{
    if (stratified != 0 && stratified != 1)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT, "split: stratified must be 0 or 1, got %d",
                       stratified);
    if (stratified && whole->targets.data == NULL)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT,
                       "split: stratified must be 0 for a data set without targets, got 1");
    if (stratified && whole->targets.dtype != TALUS_DTYPE_I32)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT,
                       "split: stratified must be 0 for targets of %s, which are not labels (i32), got 1",
                       tl_dtype_name(whole->targets.dtype));
    return TALUS_OK;
}

static talus_status check_split(const talus_dataset *whole, double fraction, int stratified,
                                talus_dataset *const *first, talus_dataset *const *second)
{
    talus_context *context = whole->context;
    if (first == NULL || second == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "split: %s must not be NULL",
                       first == NULL ? "first" : "second");
    if (first == second)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "split: first and second must be two places, got the same one twice");
    if (!(fraction > 0 && fraction < 1))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "split: fraction must be above 0 and below 1, got %g",
                       fraction);
    if (whole->samples < 2)
        return tl_fail(context, TALUS_ERROR_SHAPE, "split: the whole must have at least 2 samples, got %lld",
                       (long long)whole->samples);
    return check_stratified(whole, stratified);
}

/* fraction·n to the nearest integer, but no part is empty. */
static int64_t size_of_first(double fraction, int64_t samples)
{
    int64_t first = llround(fraction * (double)samples);
    if (first < 1)
        return 1;
    return first < samples ? first : samples - 1;
}

/* Draws the order, and makes room for the choice. */
static talus_status begin(const talus_dataset *whole, uint64_t seed, division *split)
{
    talus_status status = talus_dataset_shuffle(whole, seed, &split->order);
    if (status != TALUS_OK)
        return status;
    split->taken = tl_allocate(whole->context, (size_t)whole->samples * sizeof *split->taken);
    if (split->taken == NULL)
        return tl_fail(whole->context, TALUS_ERROR_MEMORY, "there is no memory to split %lld samples",
                       (long long)whole->samples);
    return TALUS_OK;
}

static talus_status divide(const talus_dataset *whole, double fraction, int stratified, uint64_t seed,
                           talus_dataset **first, talus_dataset **second)
{
    talus_dataset *parts[2] = {NULL, NULL};
    division split = {.fraction = fraction};
    talus_status status = check_split(whole, fraction, stratified, first, second);
    if (status != TALUS_OK)
        return status;
    split.first = size_of_first(fraction, whole->samples);
    status = begin(whole, seed, &split);
    if (status == TALUS_OK)
        status = take(&split, stratified);
    if (status == TALUS_OK)
        status = make_part(&split, whole, true, &parts[0]);
    if (status == TALUS_OK)
        status = make_part(&split, whole, false, &parts[1]);
    tl_release(whole->context, split.taken);
    talus_dataset_destroy(split.order);
    if (status != TALUS_OK) {
        talus_dataset_destroy(parts[0]);
        return status;
    }
    *first = parts[0];
    *second = parts[1];
    return TALUS_OK;
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
