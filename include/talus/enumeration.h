/* Enumerations by name: for configuration files, commands, other languages, and loops over all values.
 *
 * A value of an enumeration never changes its meaning, and later versions only append values. Where a call returns an
 * enumerator as an int, −1 stands for none or unknown. */
#ifndef TALUS_ENUMERATION_H
#define TALUS_ENUMERATION_H

#include <talus/export.h>

TALUS_BEGIN_C

typedef enum talus_enumeration {
    TALUS_ENUMERATION_ACTIVATION = 0,      /* talus_activation: "identity", "relu", … */
    TALUS_ENUMERATION_LOSS = 1,            /* talus_loss: "squared_error", … */
    TALUS_ENUMERATION_INITIALIZER = 2,     /* talus_initializer: "auto", "he_uniform", … */
    TALUS_ENUMERATION_METHOD = 3,          /* talus_method: "gradient_descent", "momentum", … */
    TALUS_ENUMERATION_DTYPE = 4,           /* talus_dtype: "f32", "f64", "u8", "i32" */
    TALUS_ENUMERATION_INSTRUCTION_SET = 5, /* talus_instruction_set: "best", "baseline", … */
    TALUS_ENUMERATION_OUTCOME = 6,         /* talus_outcome: "completed", "stopped", … */
    TALUS_ENUMERATION_PART = 7,            /* talus_part: "weights", "biases", … */
    TALUS_ENUMERATION_STATUS = 8,          /* talus_status: as it is written in C, "TALUS_OK", … */
    TALUS_ENUMERATION_STRUCTURE = 9,       /* talus_structure: "context", "network", … */
    TALUS_ENUMERATION_OPTION_TYPE = 10,    /* talus_option_type: "int", "double", … */
    TALUS_ENUMERATION_SCALING = 11,        /* talus_scaling: "standard", "range", "robust" */
    TALUS_ENUMERATION_OPERAND = 12,        /* talus_operand: "inputs", "z", … */
    TALUS_ENUMERATION_VERDICT = 13,        /* talus_verdict: "healthy", "vanishing", … */
    TALUS_ENUMERATION_SCHEDULE_KIND = 14,  /* talus_schedule_kind: "constant", "step", … */
    TALUS_ENUMERATION_UNIT = 15,           /* talus_unit: "epochs", "steps" */
    TALUS_ENUMERATION_METRIC = 16,         /* talus_metric: "cost", "accuracy", … */
    TALUS_ENUMERATION_TASK = 17,           /* talus_task: "auto", "values", … */
    TALUS_ENUMERATION_NORMALIZATION = 18,  /* talus_normalization: "none", "layer", "batch" */
    TALUS_ENUMERATION_NATURE = 19,         /* talus_nature: "minimum", "valley", … */
    TALUS_ENUMERATION_SEPARATOR = 20,      /* talus_separator: "auto", "comma", … */
    TALUS_ENUMERATION_HEADER = 21,         /* talus_header: "auto", "yes", "no" */
    TALUS_ENUMERATION_TABLE_TASK = 22,     /* talus_table_task: "auto", "classification", "regression" */
    TALUS_ENUMERATION_MISSING = 23,        /* talus_missing: "error", "mean", "drop" */
    TALUS_ENUMERATION_ROLE = 24,           /* talus_role: "input", "target", … */
    TALUS_ENUMERATION_COLUMN_KIND = 25,    /* talus_column_kind: "number", "category" */
    TALUS_ENUMERATION_DAMPING = 26,        /* talus_damping: "diagonal", "identity" */
    TALUS_ENUMERATION_DIFFERENCES = 27,    /* talus_differences: "central", "forward" */
    TALUS_ENUMERATION_STEP_METHOD = 28,    /* talus_step_method: "auto", "factored", "conjugate_gradients" */
    TALUS_ENUMERATION_PROJECTION = 29, /* talus_projection_kind: "pca", "pca_whitening", "zca_whitening" */
    TALUS_ENUMERATION_PRODUCTS = 30    /* talus_products: "exact", "bf16_x6", "bf16_x3", "bf16" */
} talus_enumeration;

/* The name of a value of an enumeration (a talus_enumeration); "unknown" if there is no such value or enumeration.
 * The strings are static. */
TALUS_API const char *talus_enumeration_name(int enumeration, int value);

/* The value that has a name; −1 if there is none, or name is NULL. Names are compared exactly. */
TALUS_API int talus_enumeration_value(int enumeration, const char *name);

/* The number of values that the linked library knows, or 0 if there is no such enumeration; and value number index =
 * 0, 1, … of them, or −1 if there is none. (Enumerators that end in _COUNT are the numbers known to the header that a
 * program was compiled with.) */
TALUS_API int talus_enumeration_count(int enumeration);
TALUS_API int talus_enumeration_value_at(int enumeration, int index);

TALUS_END_C

#endif
