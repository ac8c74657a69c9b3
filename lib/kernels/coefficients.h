/* What an update kernel and its rule agree on: how many states there are, and what the coefficients mean, which are
 * computed in double once a step and rounded to the precision. */
#ifndef TL_KERNELS_COEFFICIENTS_H
#define TL_KERNELS_COEFFICIENTS_H

/* θ ← θ − η·g */
enum { TL_DESCENT_RATE };
#define TL_DESCENT_STATES 0

/* v ← μ·v + g, then θ ← θ − (at·v + ahead·g): η and 0, or with Nesterov's look ahead η·μ and η */
enum { TL_MOMENTUM_DECAY, TL_MOMENTUM_AT, TL_MOMENTUM_AHEAD };
#define TL_MOMENTUM_STATES 1

/* m ← decay_1·m + take_1·g, v ← decay_2·v + take_2·g², then θ ← θ − rate·m/(√v + epsilon), with the bias corrections
 * moved out of the loop: rate = η·√(1−β₂ᵗ)/(1−β₁ᵗ), epsilon = ε·√(1−β₂ᵗ) */
enum { TL_ADAM_DECAY_1, TL_ADAM_TAKE_1, TL_ADAM_DECAY_2, TL_ADAM_TAKE_2, TL_ADAM_RATE, TL_ADAM_EPSILON };
#define TL_ADAM_STATES 2

#define TL_COEFFICIENTS 8 /* the most that a rule has */
#define TL_MOST_STATES  4

#endif
