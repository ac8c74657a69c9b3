/* What Talus computes beside products, as operators of ONNX: each activation and normalisation is a row or several, of steps
 * that make one value after the other. Networks are exported by the first row that has their precision; all rows are
 * recognised in files. Operators that runtimes have for f32 only, and attributes, which are f32, are avoided in rows of f64. */
#ifndef TL_MODEL_ONNX_RECIPES_H
#define TL_MODEL_ONNX_RECIPES_H

#include <stdbool.h>

/* What an operator takes, or an attribute says. */
typedef enum tl_onnx_what {
    TL_ONNX_NOTHING = 0,
    TL_ONNX_Z,      /* what the recipe begins with */
    TL_ONNX_STEP,   /* the result of a step, the first of which is 0 */
    TL_ONNX_NUMBER, /* a number, as a tensor without dimensions */
    TL_ONNX_TYPE,   /* of attributes: that of the elements */
    TL_ONNX_TEXT,   /* the same, in rows that are not written */
    TL_ONNX_ALPHA,  /* from here on, what a layer has: numbers */
    TL_ONNX_EPSILON,
    TL_ONNX_SLOPES, /* and one number a unit */
    TL_ONNX_SCALES,
    TL_ONNX_SHIFTS,
    TL_ONNX_MEANS,
    TL_ONNX_VARIANCES,
    TL_ONNX_WHATS
} tl_onnx_what;

typedef struct tl_onnx_operand {
    tl_onnx_what what;
    double number; /* of NUMBER, and which STEP */
} tl_onnx_operand;

typedef struct tl_onnx_attribute {
    const char *name;
    tl_onnx_what what;
    double number, standard; /* standard: what it is where it is not said */
    const char *text;
    bool integer;
    bool axis;    /* of which there are two: −1 and 1 are the same */
    bool list;    /* of one integer */
    bool implied; /* not said in files that are written */
} tl_onnx_attribute;

#define TL_ONNX_OPERANDS   5
#define TL_ONNX_ATTRIBUTES 3

typedef struct tl_onnx_step {
    const char *op; /* the operator */
    tl_onnx_operand operands[TL_ONNX_OPERANDS];
    tl_onnx_attribute attributes[TL_ONNX_ATTRIBUTES];
} tl_onnx_step;

typedef struct tl_onnx_recipe {
    int normalization, activation; /* what it is; the other is none or the identity */
    unsigned precisions;           /* TL_DTYPE bits of those that are written so */
    int opset;                     /* the least that has its operators; 0: all that are read */
    int step_count;
    const tl_onnx_step *steps;
} tl_onnx_recipe;

extern const tl_onnx_recipe tl_onnx_recipes[];
extern const int tl_onnx_recipe_count;

/* How the smooth clipping of inputs is written: z/√(1 + (z/α)²). It is none of the list. */
extern const tl_onnx_recipe tl_onnx_clipping;

/* How an activation or a normalisation is written; NULL for the identity and none. */
const tl_onnx_recipe *tl_onnx_recipe_of(int normalization, int activation, int precision);

#endif
