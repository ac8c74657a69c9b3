/* One row a kind of activation, of loss, of normalisation and of a part of the parameters. The rest of the library reads the traits that stand here and asks for no
 * kind by its name, so a new kind is a row, its kernel, and its naive reference. */
#ifndef TL_NETWORK_KINDS_H
#define TL_NETWORK_KINDS_H

#include <stdbool.h>
#include <talus/network.h>

#include "base/names.h"

/* A number that a kind depends on, above `least` and below `most`. */
typedef struct tl_parameter {
    const char *name; /* NULL: the kind has none */
    double standard;  /* what 0, the default of a spec, stands for */
    double least, most;
} tl_parameter;

/* He's variance is 2/fan_in, or with α as the slope below 0 over 1 + α², or with α as a factor of z over α². */
enum { TL_HE_PLAIN, TL_HE_LEAKY, TL_HE_FACTOR };

typedef struct tl_activation_kind {
    const char *name;
    tl_parameter parameter;
    int initializer;   /* that TALUS_INIT_AUTO stands for */
    int he_gain;       /* TL_HE_…: what He's variance makes of α */
    bool slope_from_z; /* f′ needs Z: the forward pass keeps f′(Z). Else f′ is computed from A. */
    bool whole_layer;  /* a unit's output depends on the Z of all units of its layer */
    double
        steepest; /* the largest |f′| of kinds that are bounded, and flat, on both sides; 0: another kind */
    double
        largest_slope; /* the largest |f′|, where it is more than α times slope_alpha; infinite: there is none */
    double slope_alpha;
    bool learns_slopes; /* α is learnt, one a unit: TALUS_PART_SLOPES, whose gradient needs min(Z, 0) */
    bool flat;   /* f′ is 0 wherever f has one: there are no gradients through it, and no backward kernel */
    bool linear; /* f(z) = z */
} tl_activation_kind;

/* The variance of weights: He's (above), 2/(fan_in + fan_out), or 1/fan_in. */
enum { TL_VARIANCE_HE, TL_VARIANCE_GLOROT, TL_VARIANCE_LECUN };

typedef struct tl_initializer_kind {
    const char *name;
    int variance; /* TL_VARIANCE_… */
    bool normal;  /* else uniform */
    bool
        orthogonal; /* what is drawn, standard normal numbers, becomes its orthogonal factor: variance is not used */
} tl_initializer_kind;

/* What class labels (i32) mean to a loss. */
enum {
    TL_LABELS_NONE,    /* no labels */
    TL_LABELS_CLASSES, /* k of 0 … d_L−1: the target of output k is 1, of the others 0 */
    TL_LABELS_SIDES    /* with one output: its target itself, 0 or 1 */
};

typedef struct tl_loss_kind {
    const char *name;
    tl_parameter parameter;
    int fused; /* the activation of the last layer with which the loss is computed from Z; −1: from any A */
    double least, most;  /* of a target */
    const char *targets; /* the same in words, for messages */
    int labels;
    int outputs;     /* that there are for each target */
    bool logarithms; /* outputs are logarithms of what targets are */
    bool squares;    /* it is ½·Σ (a − y)² */
} tl_loss_kind;

typedef struct tl_part_kind {
    const char *name;
    double first; /* the first value of its numbers, unless they are drawn or α of the layer */
    bool starts_at_alpha;
} tl_part_kind;

typedef struct tl_normalization_kind {
    const char *name;
    tl_parameter epsilon, momentum;
    bool normalizes; /* all but none */
    bool of_batch;   /* over the samples of a batch; else over the units of a layer */
} tl_normalization_kind;

typedef struct tl_products_kind {
    const char *name;
    int pieces; /* of bf16 that a number is cut into; 0: none */
} tl_products_kind;

/* The row of a code; NULL if it is unknown. */
const tl_activation_kind *tl_activation_kind_of(int activation);
/* The largest |f′| for this α. */
double tl_largest_slope(const tl_activation_kind *kind, double alpha);

const tl_loss_kind *tl_loss_kind_of(int loss);
const tl_initializer_kind *tl_initializer_kind_of(int initializer);
const tl_part_kind *tl_part_kind_of(int part);
const tl_normalization_kind *tl_normalization_kind_of(int normalization);
const tl_products_kind *tl_products_kind_of(int products);

extern const tl_names tl_activation_names, tl_loss_names, tl_initializer_names, tl_part_names,
    tl_normalization_names, tl_products_names;

/* The labels that a loss takes with so many outputs are 0 … count−1; 0: it takes none. */
int64_t tl_label_count(const tl_loss_kind *loss, int64_t outputs);

#endif
