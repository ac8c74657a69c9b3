#include "data/division.h"

talus_status tl_check_places(const talus_dataset *whole, const char *call, const char *const names[2],
                             talus_dataset *const *first, talus_dataset *const *second)
{
    if (first == NULL || second == NULL)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT, "%s: %s must not be NULL", call,
                       first == NULL ? names[0] : names[1]);
    if (first == second)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT,
                       "%s: %s and %s must be two places, got the same one twice", call, names[0], names[1]);
    return TALUS_OK;
}

talus_status tl_check_stratified(const talus_dataset *whole, const char *call, int stratified)
{
    if (stratified != 0 && stratified != 1)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT, "%s: stratified must be 0 or 1, got %d", call,
                       stratified);
    if (stratified && whole->targets.cols == 0)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT,
                       "%s: stratified must be 0 for a data set without targets, got 1", call);
    if (stratified && whole->targets.dtype != TALUS_DTYPE_I32)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT,
                       "%s: stratified must be 0 for targets of %s, which are not labels (i32), got 1", call,
                       tl_dtype_name(whole->targets.dtype));
    return stratified ? tl_dataset_check_resident(whole->context, call, whole) : TALUS_OK;
}

talus_status tl_division_begin(const talus_dataset *whole, uint64_t seed, tl_division *division)
{
    *division = (tl_division){.whole = whole};
    talus_status status = talus_dataset_shuffle(whole, seed, &division->order);
    if (status != TALUS_OK)
        return status;
    division->part = tl_allocate(whole->context, (size_t)whole->samples * sizeof *division->part);
    if (division->part == NULL)
        return tl_fail(whole->context, TALUS_ERROR_MEMORY, "there is no memory to divide %lld samples",
                       (long long)whole->samples);
    return TALUS_OK;
}

tl_keyed *tl_division_by_label(const tl_division *division)
{
    const talus_dataset *order = division->order;
    const int32_t *labels = order->targets.data;
    tl_keyed *samples = tl_allocate_keyed(order->context, order->samples);
    if (samples == NULL)
        return NULL;
    for (int64_t i = 0; i < order->samples; i++)
        samples[i] = (tl_keyed){(uint64_t)labels[order->rows[i] * order->targets.stride], i};
    tl_sort_by_key(samples, order->samples);
    return samples;
}

static talus_status make_part(const tl_division *division, int number, talus_dataset **part)
{
    const talus_dataset *whole = division->whole;
    int64_t count = 0, filled = 0;
    for (int64_t i = 0; i < whole->samples; i++)
        count += division->part[i] == number;
    int64_t *rows = tl_allocate_rows(whole->context, count);
    if (rows == NULL)
        return TALUS_ERROR_MEMORY;
    for (int64_t i = 0; i < whole->samples; i++)
        if (division->part[i] == number)
            rows[filled++] = division->order->rows[i];
    return tl_dataset_of_rows(whole, rows, count, part);
}

talus_status tl_division_end(tl_division *division, talus_status status, talus_dataset **parts, int count)
{
    talus_dataset *made[TL_MOST_PARTS] = {NULL};
    for (int p = 0; p < count && status == TALUS_OK; p++)
        status = make_part(division, p, &made[p]);
    tl_release(division->whole->context, division->part);
    talus_dataset_destroy(division->order);
    for (int p = 0; p < count; p++)
        if (status == TALUS_OK)
            parts[p] = made[p];
        else
            talus_dataset_destroy(made[p]);
    return status;
}
