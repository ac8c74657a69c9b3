#include "optimize/factors.h"

#include "base/context.h"

/* The setting with the factors of a range, a new one if there is none. */
static int64_t setting_for(tl_factors *factors, const tl_factor_range *range)
{
    for (int64_t i = 0; i < factors->setting_count; i++)
        if (factors->settings[i].rate == range->rate && factors->settings[i].decay == range->decay)
            return i;
    factors->settings[factors->setting_count] = (tl_setting){.rate = range->rate, .decay = range->decay};
    return factors->setting_count++;
}

bool tl_factors_make(talus_context *context, const tl_factor_range *ranges, int64_t count,
                     tl_factors *factors)
{
    int64_t bytes;
    *factors = (tl_factors){0};
    if (!tl_multiply(count, sizeof(tl_setting) + sizeof(tl_place), &bytes))
        return false;
    factors->settings = tl_allocate(context, (size_t)bytes);
    if (factors->settings == NULL)
        return false;
    factors->places = (tl_place *)(factors->settings + count);
    for (int64_t i = 0; i < count; i++) {
        int64_t setting = setting_for(factors, &ranges[i]), last = factors->place_count - 1;
        if (last < 0 || factors->places[last].setting != setting)
            factors->places[factors->place_count++] = (tl_place){ranges[i].first, setting};
    }
    return true;
}

void tl_factors_release(talus_context *context, tl_factors *factors)
{
    tl_release(context, factors->settings);
    *factors = (tl_factors){0};
}

int64_t tl_place_of(const tl_factors *factors, int64_t number)
{
    int64_t low = 0, high = factors->place_count;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (factors->places[middle].first <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int64_t tl_place_end(const tl_factors *factors, int64_t place, int64_t size)
{
    return place + 1 < factors->place_count ? factors->places[place + 1].first : size;
}

/* Appends the ranges that the factors have within [first, end). */
static int64_t add_ranges(const tl_factors *factors, int64_t size, int64_t first, int64_t end,
                          tl_factor_range *ranges, int64_t count)
{
    for (int64_t at = first; at < end;) {
        int64_t place = tl_place_of(factors, at);
        const tl_setting *setting = tl_setting_of(factors, place);
        ranges[count++] = (tl_factor_range){at, setting->rate, setting->decay};
        at = tl_place_end(factors, place, size);
    }
    return count;
}

bool tl_factors_change(talus_context *context, const tl_factors *factors, int64_t size, int64_t first,
                       int64_t count, double rate, double decay, tl_factors *changed)
{
    int64_t bytes;
    tl_factor_range *ranges = NULL;
    if (tl_multiply(factors->place_count + 2, sizeof *ranges, &bytes))
        ranges = tl_allocate(context, (size_t)bytes);
    if (ranges == NULL)
        return false;
    int64_t made = add_ranges(factors, size, 0, first, ranges, 0);
    ranges[made++] = (tl_factor_range){first, rate, decay};
    made = add_ranges(factors, size, first + count, size, ranges, made);
    bool done = tl_factors_make(context, ranges, made, changed);
    tl_release(context, ranges);
    return done;
}
