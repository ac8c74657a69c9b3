/* How far to go along a direction: a search on a function of one number.
 *
 *     φ(α) = f(x + α·p),   φ′(α) = ∇f(x + α·p)ᵀ·p,   φ′(0) < 0
 *
 * ends at an α > 0 that satisfies the strong Wolfe conditions
 *
 *     φ(α) ≤ φ(0) + c₁·α·φ′(0)      it goes down enough
 *     |φ′(α)| ≤ c₂·|φ′(0)|          and goes on until the slope is small
 *
 * Moré and Thuente 1994, Line search algorithms with guaranteed sufficient decrease, doi:10.1145/192115.192132. Where φ or
 * φ′ is not finite, the search stays below that step. */
#ifndef TL_OPTIMIZE_LINE_SEARCH_H
#define TL_OPTIMIZE_LINE_SEARCH_H

#include <stdbool.h>

typedef struct tl_line_point {
    double step, value, slope; /* α, φ(α), φ′(α) */
} tl_line_point;

/* Fills in value and slope of a step; false: the search is to end. */
typedef bool (*tl_line_probe)(void *job, tl_line_point *point);

typedef struct tl_line_rules {
    double decrease, curvature; /* 0 < c₁ < c₂ < 1 */
    int trials;                 /* steps that are tried at most */
    double
        slack; /* at least 0: by so much φ may be above what the first condition asks, for rounding errors */
} tl_line_rules;

typedef enum tl_line_end {
    TL_LINE_FOUND,  /* the step that was tried last satisfies both conditions */
    TL_LINE_FAILED, /* none was found: the trials are used up, or neighbouring steps cannot be told apart */
    TL_LINE_LEFT    /* the probe has ended it */
} tl_line_end;

/* Searches from φ(0) and φ′(0); `first` is the step to try first. */
tl_line_end tl_line_search(const tl_line_rules *rules, double value, double slope, double first,
                           tl_line_probe probe, void *job);

#endif
