#include "model/onnx_recipes.h"

#include <stddef.h>
#include <talus/network.h>

#include "base/context.h"

#define Z                                                                                                    \
    {                                                                                                        \
        TL_ONNX_Z, 0                                                                                         \
    }
#define STEP   TL_ONNX_STEP
#define NUMBER TL_ONNX_NUMBER
#define ALPHA                                                                                                \
    {                                                                                                        \
        TL_ONNX_ALPHA, 0                                                                                     \
    }

/* An operator without attributes, of these operands. */
#define OP(name, ...)                                                                                        \
    {                                                                                                        \
        .op = name, .operands = { __VA_ARGS__ }                                                              \
    }

static const tl_onnx_step relu[] = {OP("Relu", Z)};
static const tl_onnx_step sigmoid[] = {OP("Sigmoid", Z)};
static const tl_onnx_step tanh_steps[] = {OP("Tanh", Z)};
static const tl_onnx_step exponential[] = {OP("Exp", Z)};
static const tl_onnx_step leaky_relu[] = {
    {"LeakyRelu", {Z}, {{.name = "alpha", .what = TL_ONNX_ALPHA, .standard = 0.01}}}};
static const tl_onnx_step prelu[] = {OP("PRelu", Z, {TL_ONNX_SLOPES, 0})};
/* α·min(z, 0) + max(z, 0) */
static const tl_onnx_step leaky_relu_f64[] = {
    OP("Min", Z, {NUMBER, 0}),
    OP("Mul", {STEP, 0}, ALPHA),
    OP("Relu", Z),
    OP("Add", {STEP, 1}, {STEP, 2}),
};
static const tl_onnx_step prelu_f64[] = {
    OP("Min", Z, {NUMBER, 0}),
    OP("Mul", {STEP, 0}, {TL_ONNX_SLOPES, 0}),
    OP("Relu", Z),
    OP("Add", {STEP, 1}, {STEP, 2}),
};
static const tl_onnx_step softmax[] = {
    {"Softmax",
     {Z},
     {{.name = "axis", .what = TL_ONNX_NUMBER, .number = 1, .standard = 1, .integer = true, .axis = true}}}};

static const tl_onnx_step elu[] = {{"Elu", {Z}, {{.name = "alpha", .what = TL_ONNX_ALPHA, .standard = 1}}}};
/* exp m − 1 = tanh(m/2)·(exp m + 1) for m = min(z, 0) */
static const tl_onnx_step elu_f64[] = {
    OP("Min", Z, {NUMBER, 0}),
    OP("Mul", {STEP, 0}, {NUMBER, 0.5}),
    OP("Tanh", {STEP, 1}),
    OP("Exp", {STEP, 0}),
    OP("Add", {STEP, 3}, {NUMBER, 1}),
    OP("Mul", {STEP, 2}, {STEP, 4}),
    OP("Mul", {STEP, 5}, ALPHA),
    OP("Relu", Z),
    OP("Add", {STEP, 6}, {STEP, 7}),
};

#define SELU_SCALE 1.0507009873554805
#define SELU_ALPHA 1.6732632423543773
static const tl_onnx_step selu[] = {{"Selu",
                                     {Z},
                                     {{.name = "alpha",
                                       .what = TL_ONNX_NUMBER,
                                       .number = SELU_ALPHA,
                                       .standard = SELU_ALPHA,
                                       .implied = true},
                                      {.name = "gamma",
                                       .what = TL_ONNX_NUMBER,
                                       .number = SELU_SCALE,
                                       .standard = SELU_SCALE,
                                       .implied = true}}}};
static const tl_onnx_step selu_f64[] = {
    OP("Min", Z, {NUMBER, 0}),
    OP("Mul", {STEP, 0}, {NUMBER, 0.5}),
    OP("Tanh", {STEP, 1}),
    OP("Exp", {STEP, 0}),
    OP("Add", {STEP, 3}, {NUMBER, 1}),
    OP("Mul", {STEP, 2}, {STEP, 4}),
    OP("Mul", {STEP, 5}, {NUMBER, SELU_ALPHA}),
    OP("Relu", Z),
    OP("Add", {STEP, 6}, {STEP, 7}),
    OP("Mul", {STEP, 8}, {NUMBER, SELU_SCALE}),
};

static const tl_onnx_step softplus[] = {OP("Softplus", Z)};
/* max(z, 0) + log(1 + exp(−|z|)) */
static const tl_onnx_step softplus_f64[] = {
    OP("Abs", Z),
    OP("Neg", {STEP, 0}),
    OP("Exp", {STEP, 1}),
    OP("Add", {STEP, 2}, {NUMBER, 1}),
    OP("Log", {STEP, 3}),
    OP("Relu", Z),
    OP("Add", {STEP, 4}, {STEP, 5}),
};

static const tl_onnx_step silu[] = {
    OP("Sigmoid", Z),
    OP("Mul", Z, {STEP, 0}),
};
/* z/(1 + exp(−z)): a Mul with Sigmoid is what a runtime may take for an operator that it has for f32 only */
static const tl_onnx_step silu_f64[] = {
    OP("Neg", Z),
    OP("Exp", {STEP, 0}),
    OP("Add", {STEP, 1}, {NUMBER, 1}),
    OP("Div", Z, {STEP, 2}),
};
static const tl_onnx_step swish_operator[] = {
    {"Swish", {Z}, {{.name = "alpha", .what = TL_ONNX_NUMBER, .number = 1, .standard = 1}}}};

/* ½·z·(1 + erf(z/√2)), in the order in which PyTorch and runtimes that look for it have it */
static const tl_onnx_step gelu[] = {
    OP("Div", Z, {NUMBER, 1.4142135623730951}), OP("Erf", {STEP, 0}),
    OP("Add", {STEP, 1}, {NUMBER, 1}),          OP("Mul", Z, {STEP, 2}),
    OP("Mul", {STEP, 3}, {NUMBER, 0.5}),
};
/* max(z, 0) − |z|·Φ(−|z|), since runtimes have Erf for f32 only. By the midpoint rule with step h = ½ for the integral of
 * erfc, whose error is below e^(−π²/h²) with the residue that is the last term,
 *
 *     Φ(−x) = √2·h/π·x·exp(−x²/2)·Σ_k exp(−t_k²)/(x² + 2·t_k²) + σ(−√2·π/h·x),   t_k = (k + ½)·h,   k = 0 … 11
 *
 * Chiarella and Reichel, On the evaluation of integrals related to the error function, Mathematics of Computation 22, 1968 */
static const tl_onnx_step gelu_f64[] = {
    OP("Mul", Z, Z),
    OP("Add", {STEP, 0}, {NUMBER, 0.125}),
    OP("Div", {NUMBER, 0.21144222701552318}, {STEP, 1}),
    OP("Add", {STEP, 0}, {NUMBER, 1.125}),
    OP("Div", {NUMBER, 0.12824619344283367}, {STEP, 3}),
    OP("Add", {STEP, 2}, {STEP, 4}),
    OP("Add", {STEP, 0}, {NUMBER, 3.125}),
    OP("Div", {NUMBER, 0.04717913797611434}, {STEP, 6}),
    OP("Add", {STEP, 5}, {STEP, 7}),
    OP("Add", {STEP, 0}, {NUMBER, 6.125}),
    OP("Div", {NUMBER, 0.01052708861227526}, {STEP, 9}),
    OP("Add", {STEP, 8}, {STEP, 10}),
    OP("Add", {STEP, 0}, {NUMBER, 10.125}),
    OP("Div", {NUMBER, 0.0014246865189991925}, {STEP, 12}),
    OP("Add", {STEP, 11}, {STEP, 13}),
    OP("Add", {STEP, 0}, {NUMBER, 15.125}),
    OP("Div", {NUMBER, 0.00011694539095153587}, {STEP, 15}),
    OP("Add", {STEP, 14}, {STEP, 16}),
    OP("Add", {STEP, 0}, {NUMBER, 21.125}),
    OP("Div", {NUMBER, 5.822368174610694e-06}, {STEP, 18}),
    OP("Add", {STEP, 17}, {STEP, 19}),
    OP("Add", {STEP, 0}, {NUMBER, 28.125}),
    OP("Div", {NUMBER, 1.758202841946238e-07}, {STEP, 21}),
    OP("Add", {STEP, 20}, {STEP, 22}),
    OP("Add", {STEP, 0}, {NUMBER, 36.125}),
    OP("Div", {NUMBER, 3.2202608346233473e-09}, {STEP, 24}),
    OP("Add", {STEP, 23}, {STEP, 25}),
    OP("Add", {STEP, 0}, {NUMBER, 45.125}),
    OP("Div", {NUMBER, 3.5773866464068045e-11}, {STEP, 27}),
    OP("Add", {STEP, 26}, {STEP, 28}),
    OP("Add", {STEP, 0}, {NUMBER, 55.125}),
    OP("Div", {NUMBER, 2.410424161872515e-13}, {STEP, 30}),
    OP("Add", {STEP, 29}, {STEP, 31}),
    OP("Add", {STEP, 0}, {NUMBER, 66.125}),
    OP("Div", {NUMBER, 9.850852619324282e-16}, {STEP, 33}),
    OP("Add", {STEP, 32}, {STEP, 34}),
    OP("Abs", Z),
    OP("Mul", {STEP, 0}, {NUMBER, -0.5}),
    OP("Exp", {STEP, 37}),
    OP("Mul", {STEP, 36}, {STEP, 38}),
    OP("Mul", {STEP, 39}, {STEP, 35}),
    OP("Mul", {STEP, 36}, {NUMBER, -8.885765876316732}),
    OP("Sigmoid", {STEP, 41}),
    OP("Add", {STEP, 40}, {STEP, 42}),
    OP("Mul", {STEP, 36}, {STEP, 43}),
    OP("Relu", Z),
    OP("Sub", {STEP, 45}, {STEP, 44}),
};
static const tl_onnx_step gelu_operator[] = {
    {"Gelu", {Z}, {{.name = "approximate", .what = TL_ONNX_TEXT, .text = "none", .implied = true}}}};

/* z·σ(z·(p + q·z²)), p = 2·√(2/π) and q = 0.044715·p */
static const tl_onnx_step gelu_tanh[] = {
    OP("Mul", Z, Z),
    OP("Mul", {STEP, 0}, {NUMBER, 0.071354816272600248776}),
    OP("Add", {STEP, 1}, {NUMBER, 1.5957691216057307118}),
    OP("Mul", Z, {STEP, 2}),
    OP("Sigmoid", {STEP, 3}),
    OP("Mul", Z, {STEP, 4}),
};
static const tl_onnx_step gelu_tanh_operator[] = {
    {"Gelu", {Z}, {{.name = "approximate", .what = TL_ONNX_TEXT, .text = "tanh"}}}};

static const tl_onnx_step mish[] = {
    OP("Softplus", Z),
    OP("Tanh", {STEP, 0}),
    OP("Mul", Z, {STEP, 1}),
};
/* z·s/(s + 2), s = n·(n + 2) and n = exp z; from z = 20 on the quotient is rounded to 1 */
static const tl_onnx_step mish_f64[] = {
    OP("Min", Z, {NUMBER, 20}),        OP("Exp", {STEP, 0}),
    OP("Add", {STEP, 1}, {NUMBER, 2}), OP("Mul", {STEP, 1}, {STEP, 2}),
    OP("Add", {STEP, 3}, {NUMBER, 2}), OP("Div", {STEP, 3}, {STEP, 4}),
    OP("Mul", Z, {STEP, 5}),
};
static const tl_onnx_step mish_operator[] = {OP("Mish", Z)};

static const tl_onnx_step softsign[] = {OP("Softsign", Z)};
static const tl_onnx_step softsign_f64[] = {
    OP("Abs", Z),
    OP("Add", {STEP, 0}, {NUMBER, 1}),
    OP("Div", Z, {STEP, 1}),
};
static const tl_onnx_step hard_tanh[] = {OP("Clip", Z, {NUMBER, -1}, {NUMBER, 1})};
static const tl_onnx_step hard_sigmoid[] = {
    {"HardSigmoid",
     {Z},
     {{.name = "alpha", .what = TL_ONNX_NUMBER, .number = 1 / 6.0, .standard = 0.2},
      {.name = "beta", .what = TL_ONNX_NUMBER, .number = 0.5, .standard = 0.5}}}};
static const tl_onnx_step hard_sigmoid_f64[] = {
    OP("Div", Z, {NUMBER, 6}),
    OP("Add", {STEP, 0}, {NUMBER, 0.5}),
    OP("Clip", {STEP, 1}, {NUMBER, 0}, {NUMBER, 1}),
};

static const tl_onnx_step sine[] = {
    OP("Mul", Z, ALPHA),
    OP("Sin", {STEP, 0}),
};
static const tl_onnx_step sine_of_1[] = {OP("Sin", Z)};
static const tl_onnx_step gaussian[] = {
    OP("Mul", Z, Z),
    OP("Neg", {STEP, 0}),
    OP("Exp", {STEP, 1}),
};
static const tl_onnx_step step[] = {
    OP("Greater", Z, {NUMBER, 0}),
    {"Cast", {{STEP, 0}}, {{.name = "to", .what = TL_ONNX_TYPE}}},
};

#define NORM_OPERANDS                                                                                        \
    Z, {TL_ONNX_SCALES, 0},                                                                                  \
    {                                                                                                        \
        TL_ONNX_SHIFTS, 0                                                                                    \
    }
#define NORM_EPSILON                                                                                         \
    {                                                                                                        \
        .name = "epsilon", .what = TL_ONNX_EPSILON, .standard = 1e-5                                         \
    }
static const tl_onnx_step layer_normalization[] = {
    {"LayerNormalization",
     {NORM_OPERANDS},
     {{.name = "axis", .what = TL_ONNX_NUMBER, .number = -1, .standard = -1, .integer = true, .axis = true},
      NORM_EPSILON}}};
#define MEAN_ATTRIBUTES                                                                                      \
    {                                                                                                        \
        {.name = "axes", .what = TL_ONNX_NUMBER, .number = 1, .integer = true, .axis = true, .list = true},  \
        {                                                                                                    \
            .name = "keepdims", .what = TL_ONNX_NUMBER, .number = 1, .standard = 1, .integer = true          \
        }                                                                                                    \
    }
static const tl_onnx_step layer_normalization_f64[] = {
    {"ReduceMean", {Z}, MEAN_ATTRIBUTES},
    OP("Sub", Z, {STEP, 0}),
    OP("Mul", {STEP, 1}, {STEP, 1}),
    {"ReduceMean", {{STEP, 2}}, MEAN_ATTRIBUTES},
    OP("Add", {STEP, 3}, {TL_ONNX_EPSILON, 0}),
    OP("Sqrt", {STEP, 4}),
    OP("Div", {STEP, 1}, {STEP, 5}),
    OP("Mul", {STEP, 6}, {TL_ONNX_SCALES, 0}),
    OP("Add", {STEP, 7}, {TL_ONNX_SHIFTS, 0}),
};
static const tl_onnx_step batch_normalization[] = {
    {"BatchNormalization",
     {NORM_OPERANDS, {TL_ONNX_MEANS, 0}, {TL_ONNX_VARIANCES, 0}},
     {NORM_EPSILON,
      {.name = "momentum", .what = TL_ONNX_NOTHING},
      {.name = "training_mode", .what = TL_ONNX_NUMBER, .implied = true, .integer = true}}}};

#define F32       TL_DTYPE(TALUS_DTYPE_F32)
#define F64       TL_DTYPE(TALUS_DTYPE_F64)
#define STEPS(of) (int)(sizeof(of) / sizeof *(of)), of
#define ROW(activation, precisions, steps)                                                                   \
    {                                                                                                        \
        TALUS_NORMALIZATION_NONE, activation, precisions, 0, STEPS(steps)                                    \
    }

/* z/√(1 + (z/α)²), as tl_clipped computes it */
static const tl_onnx_step clipping[] = {
    OP("Div", Z, ALPHA),
    OP("Min", {STEP, 0}, {NUMBER, 0x1p40}),
    OP("Max", {STEP, 1}, {NUMBER, -0x1p40}),
    OP("Mul", {STEP, 2}, {STEP, 2}),
    OP("Add", {STEP, 3}, {NUMBER, 1}),
    OP("Sqrt", {STEP, 4}),
    OP("Div", {STEP, 2}, {STEP, 5}),
    OP("Mul", {STEP, 6}, ALPHA),
};
const tl_onnx_recipe tl_onnx_clipping = {
    .step_count = (int)(sizeof clipping / sizeof *clipping),
    .steps = clipping,
};

const tl_onnx_recipe tl_onnx_recipes[] = {
    ROW(TALUS_RELU, F32 | F64, relu),
    ROW(TALUS_LEAKY_RELU, F32, leaky_relu),
    ROW(TALUS_LEAKY_RELU, F64, leaky_relu_f64),
    ROW(TALUS_ELU, F32, elu),
    ROW(TALUS_ELU, F64, elu_f64),
    ROW(TALUS_SIGMOID, F32 | F64, sigmoid),
    ROW(TALUS_TANH, F32 | F64, tanh_steps),
    ROW(TALUS_SOFTPLUS, F32, softplus),
    ROW(TALUS_SOFTPLUS, F64, softplus_f64),
    ROW(TALUS_SOFTMAX, F32 | F64, softmax),
    ROW(TALUS_SELU, F32, selu),
    ROW(TALUS_SELU, F64, selu_f64),
    ROW(TALUS_SILU, F32, silu),
    ROW(TALUS_SILU, F64, silu_f64),
    ROW(TALUS_SILU, 0, swish_operator),
    ROW(TALUS_GELU, F32, gelu),
    ROW(TALUS_GELU, F64, gelu_f64),
    ROW(TALUS_GELU, 0, gelu_operator),
    ROW(TALUS_GELU_TANH, F32 | F64, gelu_tanh),
    ROW(TALUS_GELU_TANH, 0, gelu_tanh_operator),
    ROW(TALUS_MISH, F32, mish),
    ROW(TALUS_MISH, F64, mish_f64),
    ROW(TALUS_MISH, 0, mish_operator),
    ROW(TALUS_SOFTSIGN, F32, softsign),
    ROW(TALUS_SOFTSIGN, F64, softsign_f64),
    ROW(TALUS_HARD_TANH, F32 | F64, hard_tanh),
    ROW(TALUS_HARD_SIGMOID, F32, hard_sigmoid),
    ROW(TALUS_HARD_SIGMOID, F64, hard_sigmoid_f64),
    ROW(TALUS_SINE, F32 | F64, sine),
    ROW(TALUS_SINE, 0, sine_of_1),
    ROW(TALUS_GAUSSIAN, F32 | F64, gaussian),
    ROW(TALUS_EXPONENTIAL, F32 | F64, exponential),
    ROW(TALUS_STEP, F32 | F64, step),
    ROW(TALUS_PRELU, F32, prelu),
    ROW(TALUS_PRELU, F64, prelu_f64),
    {TALUS_NORMALIZATION_LAYER, TALUS_IDENTITY, F32, 17, STEPS(layer_normalization)},
    {TALUS_NORMALIZATION_LAYER, TALUS_IDENTITY, F64, 0, STEPS(layer_normalization_f64)},
    {TALUS_NORMALIZATION_BATCH, TALUS_IDENTITY, 0, 0, STEPS(batch_normalization)},
};
const int tl_onnx_recipe_count = sizeof tl_onnx_recipes / sizeof *tl_onnx_recipes;

const tl_onnx_recipe *tl_onnx_recipe_of(int normalization, int activation, int precision)
{
    for (int i = 0; i < tl_onnx_recipe_count; i++)
        if (tl_onnx_recipes[i].normalization == normalization &&
            tl_onnx_recipes[i].activation == activation &&
            (tl_onnx_recipes[i].precisions & TL_DTYPE(precision)) != 0)
            return &tl_onnx_recipes[i];
    return NULL;
}
