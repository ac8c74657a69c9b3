/* network: the shape of a network, the layout of its parameters, their first values. It knows no optimiser. */
#ifndef TL_NETWORK_NETWORK_H
#define TL_NETWORK_NETWORK_H

#include <talus/network.h>

#include "base/context.h"
#include "base/options.h"
#include "network/kinds.h"
#include "network/projection.h"
#include "network/scaling.h"

/* A matrix of parameters in the flat vector. */
typedef struct tl_part {
    int kind; /* a talus_part */
    int64_t offset, rows, cols;
} tl_part;

/* Layer 0 is the inputs: it has a width and nothing else. */
typedef struct tl_layer {
    int64_t inputs, width; /* d_{l−1} and d_l */
    int activation;
    const tl_activation_kind *kind; /* of the activation */
    int initializer;                /* never TALUS_INIT_AUTO */
    double gain;                    /* of the weights that are drawn; never 0 */
    double alpha;                   /* never 0 where the activation has one */
    double dropout;                 /* of A_l; at layer 0 of the inputs */
    double l1, l2;                  /* of the penalty on W_l */
    double max_norm;                /* of a row of W_l; 0: none */
    double spectral_norm;           /* that ‖W_l‖ is brought down to; 0: no limit */
    double spectral_penalty;        /* on ‖W_l‖²/2 */
    double *
        direction; /* d_{l−1} numbers, what power iterations on W_l have come to, 0 before the first; NULL without both */
    int normalization;
    const tl_normalization_kind *norm; /* its row, also of none */
    double epsilon;                    /* never 0 where the layer is normalised */
    double momentum;                   /* never 0 where the layer has running statistics */
    double *means, *variances;         /* the running statistics of its units; or NULL */
    bool without_biases;
    int part_count;
    tl_part parts[TALUS_PART_COUNT]; /* in the order of the flat vector */
} tl_layer;

/* Outputs next to each other with one activation and one loss. */
typedef struct tl_range {
    int64_t first, outputs;        /* rows of A_L */
    int64_t first_target, targets; /* columns of Y, where they are values */
    int activation;
    double alpha;
    int loss;
    const tl_loss_kind *loss_kind;
    double loss_parameter; /* never 0 where the loss has one */
} tl_range;

struct talus_network {
    talus_context *context;
    int layer_count; /* L */
    int range_count; /* of the outputs; 1 but for a network with several losses */
    tl_range *ranges;
    tl_range whole;                   /* the range of a network with one loss */
    talus_output_range *given_ranges; /* as the spec of several losses had them */
    double *output_weights;           /* of each target; NULL: all are 1 */
    void *output_factors;             /* the same in the network's precision */
    double label_smoothing;           /* ε */
    bool missing_targets;             /* a target may be NaN */
    int precision;
    int products;                /* a talus_products */
    int64_t seed;                /* of the weights that were drawn last */
    int64_t parameter_count;     /* P */
    void *parameters;            /* P of the precision */
    bool penalised, constrained; /* a layer has a penalty; max_norm or spectral_norm */
    double input_noise;          /* σ */
    double *
        statistics; /* the running means, variances and directions of all layers that have them, one after the other */
    int64_t statistic_count;
    tl_scaling input_scaling, target_scaling;
    tl_scaling output_scaling; /* where it is not that of the targets; else empty */
    double input_clip;         /* of scaled inputs; 0: none */
    tl_projection input_projection;
    tl_layer layers[]; /* 0 … L */
};

/* How the outputs are scaled. */
const tl_scaling *tl_scaling_of_outputs(const talus_network *network);

/* The number of inputs d_0, of outputs d_L, and of targets that are values: as many, or fewer where a loss takes several
 * outputs for each; layer L. */
int64_t tl_network_inputs(const talus_network *network);
int64_t tl_network_outputs(const talus_network *network);
int64_t tl_network_targets(const talus_network *network);
const tl_layer *tl_network_last(const talus_network *network);

/* The columns of X: as many as inputs, or as the projection takes. */
int64_t tl_network_columns(const talus_network *network);

/* Whether training draws random numbers for each step. */
bool tl_network_draws(const talus_network *network);

/* Whether the loss of a range is computed from Z_L, together with its activation; and whether the network has one loss,
 * and it is so. */
bool tl_range_is_fused(const tl_range *range);
bool tl_network_is_fused(const talus_network *network);

/* The parts of a layer that have an activation of their own: of the last those of the network, of others all of it. */
int tl_layer_ranges(const talus_network *network, int l);
tl_range tl_layer_range(const talus_network *network, int l, int r);

/* α of row `row` of a layer. */
double tl_network_alpha(const talus_network *network, int l, int64_t row);

/* The labels that a network takes are 0 … count−1; 0: it takes none. */
int64_t tl_network_label_count(const talus_network *network);

/* Whether a layer has running statistics of its units; power iterations; or anything that stands with statistics. */
bool tl_network_has_batch_statistics(const talus_network *network);
bool tl_layer_has_direction(const tl_layer *layer);
bool tl_layer_has_statistics(const tl_layer *layer);

/* Makes the running statistics of the layers that have them; gives them their first values; moves those of a layer to the
 * statistics of a batch of n > 1 samples, of which `squares` are Σ (z − μ)². */
talus_status tl_statistics_make(talus_network *network);
void tl_statistics_reset(talus_network *network);
void tl_statistics_move(const tl_layer *layer, const double *means, const double *squares, int64_t n);

/* Gives each layer its place in the flat vector, and makes that. */
talus_status tl_network_lay_out(talus_network *network);

/* talus_network_create_sized, but parameters and running statistics are not set: for whoever sets all of them. */
talus_status tl_network_make(talus_context *context, const talus_network_spec *from, size_t spec_size,
                             size_t layer_size, talus_network **network);

/* That there are gradients: no layer has a flat activation. Messages begin with `subject`. */
talus_status tl_check_slopes(talus_context *context, const talus_network *network, const char *subject);

/* The part of a kind that a layer has; NULL if it has none. */
const tl_part *tl_layer_part(const tl_layer *layer, int kind);

/* The part in which a number of the flat vector stands, and its layer. */
const tl_part *tl_network_part_at(const talus_network *network, int64_t index, int *layer);

/* All that training changes of a network: its parameters and running statistics. The state is a block of so many bytes; what is restored has the
 * bits of what was saved. */
size_t tl_network_state_bytes(const talus_network *network);
void tl_network_state_save(const talus_network *network, void *state);
void tl_network_state_restore(talus_network *network, const void *state);

/* talus_network_spec, talus_layer, talus_output_range */
extern const tl_options tl_network_table, tl_layer_table, tl_range_table;

/* A spec as the caller handed it in: its layers are layer_size bytes apart and may be shorter or longer than ours. */
typedef struct tl_spec {
    talus_network_spec fields;
    size_t layer_size;
} tl_spec;

/* Takes a spec and checks it, its layers, and that its loss fits its last activation; messages name the layer. */
talus_status tl_take_spec(talus_context *context, const talus_network_spec *from, size_t size,
                          size_t layer_size, tl_spec *spec);

/* Checks the number that an activation or loss depends on, the field `field` of its struct; 0 is its default. What does not
 * apply is refused, never ignored. */
talus_status tl_check_parameter(talus_context *context, const char *subject, const char *kind,
                                const tl_parameter *parameter, const char *field, double value);

/* Checks what a spec says of the loss, and that it fits the last layer. */
talus_status tl_check_loss(talus_context *context, const talus_network_spec *spec, const talus_layer *last);

/* Takes the loss of a spec that has been checked, or that of another network, to one whose layers are known; and releases
 * it. */
talus_status tl_take_loss(talus_network *network, const talus_network_spec *spec);
talus_status tl_copy_loss(const talus_network *from, talus_network *to);
void tl_release_loss(talus_network *network);

/* Layer `number` = 1 … L of a spec. */
talus_status tl_take_layer(talus_context *context, const tl_spec *spec, int number, talus_layer *layer);

/* Checks a flat vector of the network's layout: 1 × P of its precision. */
talus_status tl_check_flat(talus_context *context, const talus_network *network, const char *name,
                           const talus_matrix *flat, talus_matrix *checked);

#endif
