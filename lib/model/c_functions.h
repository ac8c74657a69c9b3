/* Activations as text in C99, for programs that have a network compiled in. */
#ifndef TL_MODEL_C_FUNCTIONS_H
#define TL_MODEL_C_FUNCTIONS_H

/* An activation: nothing, where it changes nothing; of a unit, an expression of z and, if it has one, alpha; or of a layer, statements that change z[0] …
 * z[count - 1]. The type of all numbers is real. '@' stands for the end of a name of the mathematical library and of a
 * constant: f for float, nothing for double. Limits are those of talus_activation: f(±∞) is the limit, f(NaN) is NaN. */
typedef struct tl_c_function {
    const char *of_unit, *of_layer;
} tl_c_function;

const tl_c_function *tl_c_function_of(int activation);

#endif
