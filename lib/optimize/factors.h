/* Ranges of a vector that have factors of their own on the learning rate and on weight decay. */
#ifndef TL_OPTIMIZE_FACTORS_H
#define TL_OPTIMIZE_FACTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <talus/context.h>

#include "kernels/coefficients.h"

/* A range goes up to where the next begins. */
typedef struct tl_factor_range {
    int64_t first;
    double rate, decay; /* the factors; rate 0: frozen */
} tl_factor_range;

/* A pair of factors, and the coefficients of the step that is begun. */
typedef struct tl_setting {
    double rate, decay;
    double coefficients[TL_COEFFICIENTS];
} tl_setting;

/* Which setting a range has. */
typedef struct tl_place {
    int64_t first, setting;
} tl_place;

typedef struct tl_factors {
    int64_t place_count, setting_count;
    tl_place *places; /* in their order; the first begins at 0 */
    tl_setting *settings;
} tl_factors;

/* Makes factors of ranges in their order, of which the first begins at 0; those that lie together and have the same factors
 * become one. False if there is no memory. */
bool tl_factors_make(talus_context *context, const tl_factor_range *ranges, int64_t count,
                     tl_factors *factors);
void tl_factors_release(talus_context *context, tl_factors *factors);

/* The factors, but for `count` numbers from `first` on, of a vector of `size`, which get the rate and the decay. */
bool tl_factors_change(talus_context *context, const tl_factors *factors, int64_t size, int64_t first,
                       int64_t count, double rate, double decay, tl_factors *changed);

/* The place in which a number lies; where a place ends in a vector of `size`. */
int64_t tl_place_of(const tl_factors *factors, int64_t number);
int64_t tl_place_end(const tl_factors *factors, int64_t place, int64_t size);

static inline tl_setting *tl_setting_of(const tl_factors *factors, int64_t place)
{
    return &factors->settings[factors->places[place].setting];
}

#endif
