#include "optimize/line_search.h"

#include <float.h>
#include <math.h>

/* A search under way. Steps that satisfy both conditions lie between low and high once there is a high; `low` has the least
 * value so far of those that go down enough. */
typedef struct search {
    const tl_line_rules *rules;
    tl_line_point start, low, high;
    bool bracketed;       /* there is a high */
    bool settled;         /* a trial has gone down enough, and up again: from now on φ itself is compared */
    double least, most;   /* of the next trial */
    double wall;          /* the shortest step at which nothing finite was found */
    double width, before; /* of the bracket, and of the one before the last */
} search;

static const double REACH_LEAST = 1.1,
                    REACH_MOST = 4; /* how far past the last step a trial goes, in steps from low */
static const double SHRINK =
    0.66; /* a bracket that has not become so much narrower in two trials is halved */
static const double RETREAT =
    0.25; /* the part of the way to a step without a finite value that is tried next */

/* Steps from known points ------------------------------------------------------------------------------- */

/* The minimum of the cubic with the values and slopes of a and b; NaN if it has none. */
static double cubic_minimum(const tl_line_point *a, const tl_line_point *b)
{
    double d = a->slope + b->slope - 3 * (a->value - b->value) / (a->step - b->step);
    double size = fmax(fabs(d), fmax(fabs(a->slope), fabs(b->slope)));
    double root = size * sqrt((d / size) * (d / size) - (a->slope / size) * (b->slope / size));
    if (b->step < a->step)
        root = -root;
    return b->step - (b->step - a->step) * ((b->slope + root - d) / (b->slope - a->slope + 2 * root));
}

/* The minimum of the parabola with the value and slope of a and the value of b. */
static double parabola_minimum(const tl_line_point *a, const tl_line_point *b)
{
    double length = b->step - a->step;
    return a->step + length * (a->slope / ((a->value - b->value) / length + a->slope)) / 2;
}

/* Where the slope of a and b, continued as a straight line, is 0. */
static double secant_zero(const tl_line_point *a, const tl_line_point *b)
{
    return b->step - b->slope * ((b->step - a->step) / (b->slope - a->slope));
}

static double nearer(double to, double a, double b)
{
    return fabs(a - to) < fabs(b - to) ? a : b;
}

/* Goes on downhill: φ falls at t as at low, and less steeply. */
static double continued(const search *s, const tl_line_point *t)
{
    bool up = t->step > s->low.step;
    double cubic = cubic_minimum(&s->low, t), secant = secant_zero(&s->low, t);
    if (!isfinite(cubic) || (cubic - t->step) * (t->step - s->low.step) <= 0)
        cubic = up ? s->most : s->least;
    if (!s->bracketed)
        return fabs(cubic - t->step) > fabs(secant - t->step) ? cubic : secant;
    double next = nearer(t->step, cubic, secant), bound = t->step + SHRINK * (s->high.step - t->step);
    return up ? fmin(bound, next) : fmax(bound, next);
}

/* The next step to try, from what was found at t: the four cases of section 4 of the paper. */
static double next_step(const search *s, const tl_line_point *t)
{
    double cubic = cubic_minimum(&s->low, t);
    if (t->value > s->low.value) {
        double parabola = parabola_minimum(&s->low, t);
        bool rounded = !isfinite(cubic); /* there is one, but for rounding errors */
        return rounded || fabs(cubic - s->low.step) >= fabs(parabola - s->low.step)
                   ? parabola + (rounded ? 0 : (cubic - parabola) / 2)
                   : cubic;
    }
    if (t->slope * s->low.slope < 0) {
        double secant = secant_zero(&s->low, t);
        return fabs(cubic - t->step) >= fabs(secant - t->step) ? cubic : secant;
    }
    if (fabs(t->slope) <= fabs(s->low.slope))
        return continued(s, t);
    if (s->bracketed)
        return cubic_minimum(t, &s->high);
    return t->step > s->low.step ? s->most : s->least;
}

/* The bracket -------------------------------------------------------------------------------------------- */

static void narrow(search *s, const tl_line_point *t)
{
    if (t->value > s->low.value) {
        s->high = *t;
        s->bracketed = true;
        return;
    }
    if (t->slope * s->low.slope < 0) {
        s->high = s->low;
        s->bracketed = true;
    }
    s->low = *t;
}

/* ψ(α) = φ(α) − φ(0) − c₁·φ′(0)·α is compared as long as no trial with ψ(α) ≤ 0 has had a slope of at least 0. */
static tl_line_point inclined(const search *s, tl_line_point point)
{
    double slope = s->rules->decrease * s->start.slope;
    point.value -= point.step * slope;
    point.slope -= slope;
    return point;
}

static tl_line_point upright(const search *s, tl_line_point point)
{
    double slope = s->rules->decrease * s->start.slope;
    point.value += point.step * slope;
    point.slope += slope;
    return point;
}

/* Takes what was found at t into the bracket; returns the next step. */
static double learn(search *s, const tl_line_point *t, bool inclines)
{
    if (!inclines) {
        double next = next_step(s, t);
        narrow(s, t);
        return next;
    }
    tl_line_point trial = inclined(s, *t);
    s->low = inclined(s, s->low);
    s->high = inclined(s, s->high);
    double next = next_step(s, &trial);
    narrow(s, &trial);
    s->low = upright(s, s->low);
    s->high = upright(s, s->high);
    return next;
}

/* A bracket that does not narrow is halved. */
static double halve(search *s, double next)
{
    double width = fabs(s->high.step - s->low.step);
    if (!s->bracketed)
        return next;
    if (width >= SHRINK * s->before)
        next = s->low.step + (s->high.step - s->low.step) / 2;
    s->before = s->width;
    s->width = width;
    return next;
}

/* Without a high, the next trial lies beyond t. */
static void reach_beyond(search *s, double t)
{
    s->least = t + REACH_LEAST * (t - s->low.step);
    s->most = t + REACH_MOST * (t - s->low.step);
}

static double confine(search *s, double next)
{
    if (s->bracketed) {
        s->least = fmin(s->low.step, s->high.step);
        s->most = fmax(s->low.step, s->high.step);
    }
    next = isnan(next) ? s->least + (s->most - s->least) / 2 : fmin(fmax(next, s->least), s->most);
    return next < s->wall ? next : s->low.step + RETREAT * (s->wall - s->low.step);
}

/* Whether the bracket holds no number that could be told from its ends. */
static bool is_spent(const search *s, double next)
{
    bool inside = next > s->least && next < s->most;
    return s->bracketed && (!inside || s->most - s->least <= DBL_EPSILON * s->most);
}

/* The search --------------------------------------------------------------------------------------------- */

static double after_nothing(search *s, double step)
{
    s->wall = step;
    return s->low.step + RETREAT * (step - s->low.step);
}

static bool goes_down(const search *s, const tl_line_point *t)
{
    return t->value <= s->start.value + s->rules->decrease * t->step * s->start.slope + s->rules->slack;
}

static double after_something(search *s, const tl_line_point *t)
{
    bool down = goes_down(s, t);
    if (!s->bracketed)
        reach_beyond(s, t->step);
    s->settled |= down && t->slope >= 0;
    double next = learn(s, t, !s->settled && t->value <= s->low.value && !down);
    return confine(s, halve(s, next));
}

static bool satisfies(const search *s, const tl_line_point *t)
{
    return goes_down(s, t) && fabs(t->slope) <= s->rules->curvature * fabs(s->start.slope);
}

tl_line_end tl_line_search(const tl_line_rules *rules, double value, double slope, double first,
                           tl_line_probe probe, void *job)
{
    const tl_line_point start = {0, value, slope};
    search s = {.rules = rules,
                .start = start,
                .low = start,
                .high = start,
                .wall = INFINITY,
                .width = INFINITY,
                .before = INFINITY};
    tl_line_point t = {.step = first};
    for (int trial = 0; trial < rules->trials && t.step > 0 && isfinite(t.step); trial++) {
        if (!probe(job, &t))
            return TL_LINE_LEFT;
        bool finite = isfinite(t.value) && isfinite(t.slope);
        if (finite && satisfies(&s, &t))
            return TL_LINE_FOUND;
        t.step = finite ? after_something(&s, &t) : after_nothing(&s, t.step);
        if (is_spent(&s, t.step))
            break;
    }
    return TL_LINE_FAILED;
}
