#include "model/c_functions.h"

#include <talus/network.h>

static const tl_c_function functions[] = {
    [TALUS_IDENTITY] = {0},
    [TALUS_RELU] = {.of_unit = "z < 0 ? 0 : z"},
    [TALUS_LEAKY_RELU] = {.of_unit = "z > 0 ? z : alpha * z"},
    [TALUS_ELU] = {.of_unit = "z > 0 ? z : alpha * expm1@(z)"},
    [TALUS_SIGMOID] = {.of_unit = "1 / (1 + exp@(-z))"},
    [TALUS_TANH] = {.of_unit = "tanh@(z)"},
    [TALUS_SOFTPLUS] = {.of_unit = "(z > 0 ? z : 0) + log1p@(exp@(-fabs@(z)))"},
    [TALUS_SOFTMAX] = {.of_layer = "    real most = z[0], sum = 0;\n"
                                   "    for (int k = 1; k < count; k++)\n"
                                   "        most = z[k] > most ? z[k] : most;\n"
                                   "    for (int k = 0; k < count; k++)\n"
                                   "        sum += z[k] = exp@(z[k] - most);\n"
                                   "    for (int k = 0; k < count; k++)\n"
                                   "        z[k] /= sum;\n"},
    [TALUS_SELU] = {.of_unit = "1.0507009873554805@ * (z > 0 ? z : 1.6732632423543773@ * expm1@(z))"},
    [TALUS_SILU] = {.of_unit = "z < -1000 ? 0 : z / (1 + exp@(-z))"},
    [TALUS_GELU] = {.of_unit = "z < -40 ? 0 : z * (erfc@(z * -0.70710678118654752@) / 2)"},
    /* z·σ(z·(p + q·z²)), p = 2·√(2/π) and q = 0.044715·p */
    [TALUS_GELU_TANH] = {.of_unit = "z < -100 ? 0 : z / (1 + exp@(-z * (1.5957691216057307@ + "
                                    "0.0713548162726002@ * (z * z))))"},
    /* z·s/(s + 2), s = n·(n + 2) and n = exp z, which is z from 20 on */
    [TALUS_MISH] =
        {.of_unit =
             "z > 20 ? z : z < -1000 ? 0 : z * (exp@(z) * (exp@(z) + 2) / (exp@(z) * (exp@(z) + 2) + 2))"},
    [TALUS_SOFTSIGN] = {.of_unit = "fabs@(z) > 1e30@ ? (z > 0 ? 1 : -1) : z / (1 + fabs@(z))"},
    [TALUS_HARD_TANH] = {.of_unit = "z < -1 ? -1 : z > 1 ? 1 : z"},
    [TALUS_HARD_SIGMOID] = {.of_unit = "z < -3 ? 0 : z > 3 ? 1 : z / 6 + 0.5@"},
    [TALUS_SINE] = {.of_unit = "(real)sin((double)alpha * (double)z)"},
    [TALUS_GAUSSIAN] = {.of_unit = "exp@(-z * z)"},
    [TALUS_EXPONENTIAL] = {.of_unit = "exp@(z)"},
    [TALUS_STEP] = {.of_unit = "z > 0 ? 1 : z <= 0 ? 0 : z"},
    [TALUS_PRELU] = {.of_unit = "z > 0 ? z : alpha * z"},
};
_Static_assert(sizeof functions / sizeof *functions == TALUS_ACTIVATION_COUNT,
               "every activation has its text in C");

const tl_c_function *tl_c_function_of(int activation)
{
    return &functions[activation];
}
