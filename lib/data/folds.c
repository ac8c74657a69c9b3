/* Folds for cross-validation: each sample is in the test set of one of them. */
#include "base/call.h"
#include "base/philox.h"
#include "data/division.h"

/* Fold `index` of `count`, by a division of which part 0 is the training set and part 1 the test set. */
typedef struct fold {
    int64_t count, index;
    tl_division division;
} fold;

static talus_status check_fold(const talus_dataset *whole, int64_t folds, int64_t fold_index,
                               talus_dataset *const *train, talus_dataset *const *test)
{
    static const char *const names[] = {"train", "test"};
    talus_status status = tl_check_places(whole, "fold", names, train, test);
    if (status == TALUS_OK && (folds < 2 || folds > whole->samples))
        status = tl_fail(whole->context, TALUS_ERROR_SHAPE,
                         "fold: folds must be 2 … %lld, the number of samples, got %lld",
                         (long long)whole->samples, (long long)folds);
    if (status == TALUS_OK && (fold_index < 0 || fold_index >= folds))
        status = tl_fail(whole->context, TALUS_ERROR_SHAPE, "fold: fold must be 0 … %lld, got %lld",
                         (long long)folds - 1, (long long)fold_index);
    return status;
}

/* Makes the two sets, if `status` is TALUS_OK. */
static talus_status end_fold(fold *wanted, talus_status status, talus_dataset **train, talus_dataset **test)
{
    talus_dataset *parts[2];
    status = tl_division_end(&wanted->division, status, parts, 2);
    if (status == TALUS_OK)
        *train = parts[0], *test = parts[1];
    return status;
}

/* Of samples --------------------------------------------------------------------------------------------- */

static talus_status deal_samples(const fold *wanted, int stratified)
{
    const tl_division *division = &wanted->division;
    tl_keyed *samples = NULL;
    if (stratified && (samples = tl_division_by_label(division)) == NULL)
        return TALUS_ERROR_MEMORY;
    for (int64_t p = wanted->index; p < division->whole->samples; p += wanted->count)
        division->part[samples == NULL ? p : samples[p].item] = 1;
    tl_release(division->whole->context, samples);
    return TALUS_OK;
}

static talus_status divide(const talus_dataset *whole, int64_t folds, int64_t index, int stratified,
                           uint64_t seed, talus_dataset **train, talus_dataset **test)
{
    fold wanted = {.count = folds, .index = index};
    talus_status status = check_fold(whole, folds, index, train, test);
    if (status == TALUS_OK)
        status = tl_check_stratified(whole, "fold", stratified);
    if (status != TALUS_OK)
        return status;
    status = tl_division_begin(whole, seed, &wanted.division);
    if (status == TALUS_OK)
        status = deal_samples(&wanted, stratified);
    return end_fold(&wanted, status, train, test);
}

talus_status talus_dataset_fold(const talus_dataset *whole, int64_t folds, int64_t fold_index, int stratified,
                                uint64_t seed, talus_dataset **train, talus_dataset **test)
{
    if (whole == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, whole->context);
    return status == TALUS_OK
               ? tl_call_end(&call, divide(whole, folds, fold_index, stratified, seed, train, test))
               : status;
}

/* Of groups ---------------------------------------------------------------------------------------------- */

/* The places of the order, sorted by group; each group stays in the order. numbers: room for one a sample. */
static void sort_by_group(const fold *wanted, const int64_t *groups, uint64_t seed, int64_t *numbers,
                          tl_keyed *places)
{
    int64_t samples = wanted->division.whole->samples;
    for (int64_t i = 0; i < samples; i++)
        numbers[i] = i;
    tl_shuffle(seed, TL_PURPOSE_PARTS, 0, samples, numbers); /* as the order was */
    for (int64_t p = 0; p < samples; p++)
        places[p] = (tl_keyed){(uint64_t)groups[numbers[p]], p};
    tl_sort_by_key(places, samples);
}

/* The groups by size, the largest first, of equals the one that comes first in the order: where its run begins. */
static int64_t sort_groups(const tl_keyed *places, int64_t samples, tl_keyed *groups)
{
    int64_t count = 0;
    for (int64_t start = 0; start < samples; start = tl_run_end(places, samples, start))
        groups[count++] = (tl_keyed){(uint64_t)places[start].item, start};
    tl_sort_by_key(groups, count);
    for (int64_t g = 0; g < count; g++)
        groups[g].key = (uint64_t)(samples - (tl_run_end(places, samples, groups[g].item) - groups[g].item));
    tl_sort_by_key(groups, count);
    return count;
}

static talus_status deal_groups(const fold *wanted, const int64_t *given, uint64_t seed, int64_t *numbers,
                                tl_keyed *places, tl_keyed *groups)
{
    const talus_dataset *whole = wanted->division.whole;
    sort_by_group(wanted, given, seed, numbers, places);
    int64_t count = sort_groups(places, whole->samples, groups);
    if (wanted->count > count)
        return tl_fail(whole->context, TALUS_ERROR_SHAPE,
                       "fold: folds must be 2 … %lld, the number of groups, got %lld", (long long)count,
                       (long long)wanted->count);
    for (int64_t g = wanted->index; g < count; g += wanted->count)
        for (int64_t i = groups[g].item, end = tl_run_end(places, whole->samples, i); i < end; i++)
            wanted->division.part[places[i].item] = 1;
    return TALUS_OK;
}

static talus_status divide_groups(const talus_dataset *whole, const int64_t *groups, int64_t folds,
                                  int64_t index, uint64_t seed, talus_dataset **train, talus_dataset **test)
{
    fold wanted = {.count = folds, .index = index};
    talus_status status = check_fold(whole, folds, index, train, test);
    if (status == TALUS_OK && groups == NULL)
        status = tl_fail(whole->context, TALUS_ERROR_ARGUMENT, "fold: groups must not be NULL");
    if (status != TALUS_OK)
        return status;
    int64_t *numbers = tl_allocate_rows(whole->context, whole->samples);
    tl_keyed *places = tl_allocate_keyed(whole->context, whole->samples);
    tl_keyed *of_groups = tl_allocate_keyed(whole->context, whole->samples);
    status = tl_division_begin(whole, seed, &wanted.division);
    if (numbers == NULL || places == NULL || of_groups == NULL)
        status = TALUS_ERROR_MEMORY;
    if (status == TALUS_OK)
        status = deal_groups(&wanted, groups, seed, numbers, places, of_groups);
    tl_release(whole->context, of_groups);
    tl_release(whole->context, places);
    tl_release(whole->context, numbers);
    return end_fold(&wanted, status, train, test);
}

talus_status talus_dataset_group_fold(const talus_dataset *whole, const int64_t *groups, int64_t folds,
                                      int64_t fold_index, uint64_t seed, talus_dataset **train,
                                      talus_dataset **test)
{
    if (whole == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, whole->context);
    return status == TALUS_OK
               ? tl_call_end(&call, divide_groups(whole, groups, folds, fold_index, seed, train, test))
               : status;
}
