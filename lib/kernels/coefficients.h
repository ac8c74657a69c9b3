/* What an update kernel and its rule agree on: how many states there are, and what the coefficients mean, which are
 * computed in double once a step and rounded to the precision. */
#ifndef TL_KERNELS_COEFFICIENTS_H
#define TL_KERNELS_COEFFICIENTS_H

/* The kernels. Methods that differ in their coefficients alone share one; a method may have several. */
enum {
    TL_UPDATE_DESCENT,
    TL_UPDATE_MOMENTUM,
    TL_UPDATE_ADAM,
    TL_UPDATE_ADAGRAD,
    TL_UPDATE_ADADELTA,
    TL_UPDATE_RMSPROP,
    TL_UPDATE_RMSPROP_CENTERED,
    TL_UPDATE_RMSPROP_MOMENTUM,
    TL_UPDATE_RMSPROP_BOTH,
    TL_UPDATE_AMSGRAD,
    TL_UPDATE_ADAMAX,
    TL_UPDATE_NADAM,
    TL_UPDATE_RADAM,
    TL_UPDATE_LION,
    TL_UPDATE_ADOPT,
    TL_UPDATE_SCHEDULE_FREE,
    TL_UPDATE_IRPROP,
    TL_UPDATE_MUON,
    TL_UPDATE_SOAP,
    TL_UPDATE_KFAC,
    TL_UPDATES
};

/* Of every kernel: what is left of θ before its rule changes it, 1 − η·λ */
enum { TL_REMAINS };

/* θ ← θ − η·g */
enum { TL_DESCENT_RATE = TL_REMAINS + 1 };
#define TL_DESCENT_STATES 0

/* v ← μ·v + g, then θ ← θ − (at·v + ahead·g): η·(1−τ) and 0, or with Nesterov's look ahead η·μ and η */
enum { TL_MOMENTUM_DECAY = TL_REMAINS + 1, TL_MOMENTUM_AT, TL_MOMENTUM_AHEAD };
#define TL_MOMENTUM_STATES 1

/* m ← decay_1·m + take_1·g, v ← decay_2·v + take_2·g², then θ ← θ − rate·m/(√v + epsilon), with the bias corrections
 * moved out of the loop: rate = η·√(1−β₂ᵗ)/(1−β₁ᵗ), epsilon = ε·√(1−β₂ᵗ).
 * AMSGrad takes the largest v so far; RAdam's denominator is root·√v + epsilon; NAdam's numerator rate·m + ahead·g;
 * Adamax has u ← max(decay_2·u, |g| + epsilon) and θ ← θ − rate·m/u. RMSprop has no m. */
enum {
    TL_ADAM_DECAY_1 = TL_REMAINS + 1,
    TL_ADAM_TAKE_1,
    TL_ADAM_DECAY_2,
    TL_ADAM_TAKE_2,
    TL_ADAM_RATE,
    TL_ADAM_EPSILON,
    TL_NADAM_AHEAD,
    TL_RADAM_ROOT = TL_NADAM_AHEAD
};
#define TL_ADAM_STATES    2
#define TL_AMSGRAD_STATES 3
#define TL_RMSPROP_STATES 1 /* v; one more, the mean of g, if centered; one more, b, with momentum */

/* RMSprop's b ← momentum·b + g/(√v + epsilon), then θ ← θ − rate·b */
enum { TL_RMSPROP_MOMENTUM = TL_ADAM_DECAY_1 };

/* s ← s + g², then θ ← θ − rate·g/(√s + epsilon) */
#define TL_ADAGRAD_STATES 1

/* v ← decay_2·v + take_2·g², Δ = g·√((u + epsilon)/(v + epsilon)), θ ← θ − rate·Δ, u ← decay_2·u + take_2·Δ². No u is taken
 * for more than TL_ADADELTA_MOST, so that Δ has a bound. */
#define TL_ADADELTA_STATES 2
#define TL_ADADELTA_MOST   1e16

/* θ ← θ − rate·sign(decay·m + take·g), then m ← decay_2·m + take_2·g */
enum { TL_LION_DECAY = TL_REMAINS + 1, TL_LION_TAKE, TL_LION_DECAY_2, TL_LION_TAKE_2, TL_LION_RATE };
#define TL_LION_STATES 1

/* m ← decay_1·m + take_1·clip(g/max(√v, epsilon)), θ ← θ − rate·m, then v ← decay_2·v + take_2·g²: as Adam's, and what clip
 * cuts at; at first the clip and the rate are 0, and v becomes g² */
enum { TL_ADOPT_CLIP = TL_ADAM_EPSILON + 1 };

/* Schedule-free: θ is y, and the states are d = z − y and v ← decay_2·v + take_2·g². With n = rate·g/(√v + epsilon) + decay·y,
 * y ← y + weight·d − take·n and d ← rest·(d − beta·n), where rest = 1 − weight and take = 1 − beta·rest. No y counts for
 * more than TL_SCHEDULE_FREE_MOST in what decays, so that d has a bound. */
enum {
    TL_SCHEDULE_FREE_WEIGHT = TL_REMAINS + 1,
    TL_SCHEDULE_FREE_TAKE,
    TL_SCHEDULE_FREE_DECAY_2,
    TL_SCHEDULE_FREE_TAKE_2,
    TL_SCHEDULE_FREE_RATE,
    TL_SCHEDULE_FREE_EPSILON,
    TL_SCHEDULE_FREE_DECAY,
    TL_SCHEDULE_FREE_BETA,
    TL_SCHEDULE_FREE_REST
};
#define TL_SCHEDULE_FREE_STATES 2
#define TL_SCHEDULE_FREE_MOST   1e15

/* The states are s, the sign of the gradient before or 0, and Δ, the length of a step, 0 at first. undo is 1 if the cost
 * has grown and the steps that made it grow are taken back. */
enum {
    TL_IRPROP_FIRST = TL_REMAINS + 1,
    TL_IRPROP_INCREASE,
    TL_IRPROP_DECREASE,
    TL_IRPROP_LEAST,
    TL_IRPROP_MOST,
    TL_IRPROP_UNDO
};
#define TL_IRPROP_STATES 2

/* Rules that see matrices: all other parameters take Adam's formula, with Adam's coefficients. What has been made of the
 * matrices of gradients before comes in the place of a state, which stays as it is.
 * Muon: m ← decay·m + g, then θ ← θ − rate·d, with the direction d in the place of state 2 */
enum { TL_MATRIX_DECAY = TL_ADAM_EPSILON + 1, TL_MATRIX_RATE };
#define TL_MATRIX_DIRECTION 2
#define TL_MUON_STATES      3

/* SOAP: m ← decay_1·m + take_1·g, v ← decay_2·v + take_2·p², then θ ← θ − rate·d as Adam's, with the gradient p in another basis in the
 * place of state 3 */
#define TL_SOAP_PROJECTED 3
#define TL_SOAP_STATES    4

/* K-FAC: m ← decay·m + d, then θ ← θ − rate·m, as Muon's coefficients */
#define TL_KFAC_STATES 3

#define TL_COEFFICIENTS 10 /* the most that a rule has */
#define TL_MOST_STATES  4

#endif
