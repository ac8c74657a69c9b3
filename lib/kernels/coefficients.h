/* The coefficients that the update kernels read: computed in double once a step, rounded to the precision. */
#ifndef TL_KERNELS_COEFFICIENTS_H
#define TL_KERNELS_COEFFICIENTS_H

enum { TL_DESCENT_RATE }; /* η */

/* θ ← θ − (at·v + ahead·g) after v ← μ·v + g: η and 0, or with Nesterov's look ahead η·μ and η */
enum { TL_MOMENTUM_DECAY, TL_MOMENTUM_AT, TL_MOMENTUM_AHEAD };

/* θ ← θ − rate·m/(√v + epsilon), with the bias corrections moved out of the loop:
 * rate = η·√(1−β₂ᵗ)/(1−β₁ᵗ), epsilon = ε·√(1−β₂ᵗ) */
enum { TL_ADAM_DECAY_1, TL_ADAM_TAKE_1, TL_ADAM_DECAY_2, TL_ADAM_TAKE_2, TL_ADAM_RATE, TL_ADAM_EPSILON };

#define TL_COEFFICIENTS 6

#endif
